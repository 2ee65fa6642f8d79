/** The French words of larger company: guests, colleagues, handing over. `company.en.ts` has the same. */
import { INVITE_S, MEMBERS_MAX } from "../agreed.ts";

const minutes = INVITE_S / 60;

export const companyFr = {
  copy: "Copier",
  copied: "Copié.",
  notCopied: "Ce navigateur ne copie pas : sélectionnez le texte vous-même.",
  share: "Partager",
  print: "Imprimer",
  qr: "Code à scanner",

  people: "Dans l’appel",
  you: "vous",
  patient: "le patient",
  doctor: "le médecin",
  guest: "un accompagnant",
  colleague: "un confrère",
  titled: (name: string) => (/^(dr|pr)\b/i.test(name) ? name : `Dr ${name}`),
  /** After whom it is about: « invité par vous ». */
  by: (who: string) => `invité par ${who}`,
  far: (who: string) => `Image : ${who}`,
  coming: "arrive…",
  interrupted: "liaison coupée",
  showOut: "Faire sortir",

  proofText: (digits: string) =>
    `Lisez ce code à voix haute : ${digits}. La personne qui vous a invité doit voir le même. Si elle en voit un autre, raccrochez : quelqu’un s’est mis entre vous.`,

  invite: "Inviter un proche ou un interprète",
  inviting: {
    title: "Un lien pour une personne",
    what: `Il sert une seule fois, pendant ${minutes} minutes. Restez ici : la personne vous rejoint dans cet appel.`,
    making: "Préparation du lien…",
    address: "Adresse à transmettre",
    remaining: (time: string) => `Encore ${time}`,
    close: "Fermer",
    closeText: "Fermer ne reprend pas le lien : qui l’a reçu peut encore entrer à temps.",
  },

  notices: {
    "no-seat": `Personne ne peut entrer de plus pour l’instant : ${MEMBERS_MAX} personnes au plus, liens en attente compris.`,
    "not-come": "Le lien a expiré, personne n’est venu. Vous pouvez en faire un autre.",
    "colleague-off": "Ce confrère n’est plus de garde. Choisissez-en un autre.",
    "colleague-gone": "Ce confrère ne peut pas prendre le relais.",
    "colleague-silent": "Ce confrère n’a pas répondu. Choisissez-en un autre.",
    "nobody-asks": "La personne qui vous a invité n’est plus dans l’appel.",
    "still-there":
      "Le serveur voit encore le médecin : la liaison peut revenir. Réessayez dans un instant, ou raccrochez.",
    roster:
      "Une personne n’a pas pu entrer : tous les présents ne voyaient pas les mêmes personnes. Ni image ni son ne lui sont parvenus.",
  },

  handOver: "Passer la main",
  handing: {
    title: "Passer la main à un confrère",
    looking: "Nous cherchons qui est de garde…",
    nobody: "Aucun confrère de vos files n’est de garde pour l’instant.",
    choose: "Choisissez un confrère. Il prend le relais si le patient est d’accord.",
    message: "Un mot pour lui (il le lit une fois que le patient l’a choisi)",
    ring: "Appeler ce confrère",
    alone: "Demander au patient : la file, ou partir",
    cancel: "Rester avec le patient",
    ringing: (who: string) => `Nous appelons ${who}…`,
    ringingText: "Le patient est toujours avec vous.",
    offered: (who: string) => `${who} est prêt. Le patient choisit.`,
    offeredAlone: "Le patient choisit : revenir dans la file à sa place, ou partir.",
    stay: "Restez jusqu’à son choix : vous sortirez de l’appel de vous-même.",
  },

  taking: {
    title: "Un confrère vous appelle",
    opening: "Nous vérifions qui vous appelle…",
    from: (who: string) => `${who} vous passe un patient`,
    text: "Si vous prenez le relais, la question est posée au patient : il continue avec vous s’il le veut.",
    take: "Prendre le relais",
    decline: "Décliner",
    waiting: "Le patient choisit. Ni image ni son ne passent avant.",
    message: (who: string) => `Mot de ${who}`,
  },

  choice: {
    title: (first: string) => `${first} doit vous laisser`,
    with: (who: string) => `${who} peut continuer la consultation.`,
    alone: "Aucun confrère ne peut prendre le relais pour l’instant.",
    colleague: (who: string) => `Continuer avec ${who}`,
    queue: "Revenir dans la file, à ma place",
    leave: "Quitter",
    leaveText:
      "Si vous quittez : votre médecin traitant, la maison médicale de garde ou votre pharmacien peuvent vous aider.",
    stays: (first: string) => `${first} reste avec vous jusque-là.`,
    chosen: (who: string) => `Nous prévenons ${who}…`,
    chosenQueue: "Nous vous rendons votre place…",
  },

  lost: {
    title: "Le médecin ne répond plus",
    text: "Nous cherchons à rétablir la liaison. Vous pouvez aussi reprendre votre place : vous serez en tête de la file.",
    queue: "Revenir dans la file, à ma place",
  },

  guestPage: {
    title: "Vous êtes invité à une consultation",
    what: "Une personne en consultation vous demande de la rejoindre, en vidéo. Cette page vérifie qui vous invite dès que vous entrez.",
    facts: [
      "Ce lien sert une seule fois. Ni compte, ni nom demandé.",
      "L’image et le son vont d’un appareil à l’autre. Rien n’est enregistré.",
      "Tout le monde voit qui est dans l’appel, et qui vous a invité.",
    ],
    consent: "En continuant, vous acceptez de participer à une consultation à distance.",
    start: "J’accepte et je continue",
    ready: "Rejoindre l’appel",
    waiting: "Nous vérifions qui vous invite…",
    endedTitle: "L’appel est terminé pour vous",
    left: "Vous avez quitté l’appel.",
    over: "La consultation est terminée.",
    excluded: "Le médecin vous a fait sortir de l’appel.",
    lost: "La liaison a été perdue. Pour revenir, demandez un nouveau lien.",
    refusedTitle: "Ce lien ne permet pas d’entrer",
    used: "Ce lien a déjà servi, ou l’appel est terminé. Demandez-en un nouveau à qui vous a invité.",
    expired: `Ce lien a expiré : il vaut ${minutes} minutes. Demandez-en un nouveau à qui vous a invité.`,
    other: "Ce lien n’est pas valable ici. Demandez-en un nouveau à qui vous a invité.",
  },
};

export type CompanyWords = typeof companyFr;
