/** Words of the line at the foot of each screen, in French. */
export const informationFr = {
  label: "Informations",
  privacy: "Confidentialité",
  legal: "Mentions légales",
  how: "Comment ça marche",
  accessibility: {
    none: "Accessibilité : non conforme",
    partial: "Accessibilité : partiellement conforme",
  },
  write: "Écrire à l’équipe",
  newTab: "(nouvel onglet)",
  /** Where the pages are, in this language. */
  path: "/",
};

export type InformationWords = typeof informationFr;
