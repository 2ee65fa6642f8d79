/** The French words for what a patient says of himself, to the doctor alone. `about.en.ts` has the same. */
export const aboutFr = {
  places: {
    home: "Domicile",
    pharmacy: "Pharmacie",
    "care-home": "EHPAD",
    work: "Lieu de travail",
    other: "Autre lieu",
  },
  persons: {
    self: "Moi-même",
    child: "Mon enfant",
    relative: "Un proche",
  },
  /** To the doctor. */
  title: "Ce que dit le patient",
  agreed: (time: string) => `Patient informé et d’accord (${time})`,
  notAgreed: "L’accord du patient n’est pas parvenu\u00a0: demandez-le-lui.",
  nothing: "Le patient n’a encore rien indiqué.",
  place: "Lieu",
  person: "Pour",
  personIs: { self: "Le patient lui-même", child: "Son enfant", relative: "Un proche" },
  phone: "Rappel",
  whereabouts: "Adresse",
  call: (phone: string) => `Rappeler le ${phone}`,
  copy: "Copier",
  copyPhone: "Copier le numéro",
  copyWhereabouts: "Copier l’adresse",
  copied: "Copié.",
  notCopied: "La copie n’a pas été possible\u00a0: sélectionnez le texte.",
};

export type AboutWords = typeof aboutFr;
