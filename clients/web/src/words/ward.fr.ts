/** The French words of what a doctor has at hand. `ward.en.ts` has the same keys, or `tsc` fails. */
import type { SlipWords } from "../slip.ts";

const s = (count: number) => (count > 1 ? "s" : "");

const slip: SlipWords = {
  heading: "Téléconsultation – fiche d’appel",
  day: (day) => `Date : ${day}`,
  hours: (from, to) => `Début : ${from} – Fin : ${to}`,
  partial: (from, to) => `Début : avant ${from} (page rechargée pendant l’appel) – Fin : ${to}`,
  lasted: (time) => `Durée : ${time}`,
  picture: "Moyen : vidéo et son",
  sound: "Moyen : son seul",
  unmet: "Moyen : la liaison n’a pas été établie",
  untroubled: "Incident technique : aucun",
  interrupted: (count) => `Incident technique : ${count} interruption${s(count)}`,
  dark: (count) => `Image du patient perdue, son conservé : ${count} fois`,
  soundAlone: "Son seul, d’un commun accord :",
  span: (from, time) => `– ${from}, pendant ${time}`,
  agreed: (at) => `Patient informé et d’accord : ${at}`,
  notAgreed: "Patient informé et d’accord : non indiqué",
  agreedOnPage: (at) => `Accord donné sur la page du patient : ${at}`,
  places: {
    home: "Lieu du patient : domicile",
    pharmacy: "Lieu du patient : pharmacie",
    "care-home": "Lieu du patient : établissement (EHPAD…)",
    work: "Lieu du patient : lieu de travail",
    other: "Lieu du patient : autre",
  },
  endings: {
    doctor: "Fin de l’appel : par le médecin",
    patient: "Fin de l’appel : par le patient",
    lost: "Fin de l’appel : liaison perdue",
    excluded: "Fin de l’appel : patient exclu",
    "handed-over": "Fin de l’appel : main passée à un confrère, ou retour dans la file",
    seal: "Fin de l’appel : liaison coupée, car elle ne pouvait pas être vérifiée",
  },
  seconds: (count) => `${count} s`,
  minutes: (count) => `${count} min`,
};

export const wardFr = {
  line: {
    label: "État de cette page",
    offline: "Hors ligne",
    checking: "Réseau : vérification…",
    good: "Réseau bon",
    slow: "Réseau lent",
    unreachable: "Appels bloqués par le réseau",
    keys: (day: string) => `Clés : ${day}`,
    doctors: (count: number) => `De garde : ${count}`,
  },
  next: (time: string) => `le suivant : ${time}`,
  waiting: "en attente",
  sound: "Son",

  keys: {
    toggle: "Raccourcis d’une touche",
    open: "Liste des touches",
    title: "Raccourcis du clavier",
    of: {
      "call-next": "Appeler le suivant",
      mute: "Couper ou remettre le micro (en consultation)",
      camera: "Couper ou remettre la caméra (en consultation)",
      pause: "Pause, ou reprise de la garde",
      keys: "Cette liste",
    },
    both: "Ctrl + Entrée",
    bothText: "Appeler le suivant, même quand les raccourcis d’une touche sont coupés",
    typing:
      "Rien ne se déclenche pendant que vous écrivez dans un champ, ni quand une touche reste enfoncée.",
    off: "Les raccourcis d’une touche sont coupés.",
    close: "Fermer",
  },

  slip: {
    title: "Fiche d’appel",
    text: "Texte de la fiche",
    show: "Voir",
    hide: "Masquer",
    copy: "Copier",
    copied: "Copié. Collez la fiche dans votre logiciel.",
    notCopied: "Ce navigateur ne copie pas. Le texte est sélectionné : copiez-le avec Ctrl + C.",
    all: "Tout sélectionner",
    selected: "Tout le texte est sélectionné.",
    erase: "Effacer",
    kept: "Cette fiche est dans la mémoire de cette page, et nulle part ailleurs : elle disparaît à la consultation suivante, ou quand vous l’effacez.",
    report: "Pensez au compte rendu pour le médecin traitant (MSSanté).",
  },
  slipText: slip,

  shownOut:
    "Le patient a été exclu de la consultation. Sa page le lui dit. Vous pouvez appeler le suivant.",
  out: {
    ask: "Terminer et exclure…",
    title: "Exclure le patient ?",
    text: "L’appel s’arrête aussitôt. La page du patient dit que le médecin y a mis fin. Aucun motif n’est demandé ni gardé.",
    yes: "Oui, exclure",
    no: "Annuler",
  },

  advise: "À la fin, la page du patient dit d’abord :",
  advice: {
    nothing: "rien de plus",
    "in-person": "de se faire examiner sur place",
    "home-visit": "qu’une visite à domicile est utile",
    pharmacy: "de passer à la pharmacie",
  },
  hand: {
    label: "À portée de main",
    lasted: "Durée",
    agree: "Patient informé et d’accord",
    agreed: (at: string) => `Patient informé et d’accord (${at})`,
    fifteen: "15 en parallèle",
  },
  fifteen: {
    title: "Appeler le 15 en gardant le patient",
    steps: [
      "Restez en ligne avec le patient : ne raccrochez pas.",
      "Appelez le 15 depuis un autre téléphone.",
      "Dites où est le patient, son numéro, ce que vous voyez.",
      "Demandez au patient de déverrouiller sa porte, et de ne pas rester seul.",
    ],
    call: "Appeler le 15 depuis cet appareil",
    where: "Où est le patient :",
    phone: "Numéro du patient :",
    unknown: "Demandez-lui maintenant ce qui manque : son adresse exacte, son numéro.",
    close: "Fermer",
  },
};

export type WardWords = typeof wardFr;
