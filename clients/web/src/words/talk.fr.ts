/** The French words of text and documents. `talk.en.ts` has the same keys, or `tsc` fails. */

export const talkFr = {
  title: "Messages et documents",
  open: (unread: number) =>
    unread === 0
      ? "Messages et documents"
      : `Messages et documents, ${unread} ${unread > 1 ? "nouveaux" : "nouveau"}`,
  close: "Fermer les messages et documents",
  where:
    "Chiffré de bout en bout entre vous. Rien n’est gardé sur un serveur ; tout est oublié à la fin de l’appel.",
  none: "En face, la page ne permet ni messages écrits ni documents. Continuez de vive voix.",
  lines: "Messages",
  you: "Vous",
  gone: "Personne partie",
  writes: (who: string) => `${who} écrit :`,
  late: "Pas encore arrivé : la liaison est recherchée.",
  label: "Votre message",
  hint: "Chaque lettre est vue en face pendant que vous écrivez.",
  send: "Terminer la ligne",
  full: "La liaison est coupée depuis trop de lignes. Celles que vous avez écrites sont gardées et partiront à son retour ; attendez avant d’en écrire d’autres.",
  unread: "En face, les messages écrits ne sont pas possibles.",
  loud: "Son à chaque message",
  file: "Envoyer un document",
  camera: "Prendre une photo",
  to: "Document destiné à",
  limits: "PDF ou image, 20 Mo au plus",
  drop: "Vous pouvez aussi déposer ou coller un document ici. Ne rechargez pas la page pendant l’envoi : il faudrait choisir le document à nouveau. Une photo peut contenir le lieu où elle a été prise.",
  noPapers: "En face, la page ne permet pas de recevoir des documents.",
  papers: "Documents",
  kinds: {
    pdf: "PDF",
    jpeg: "photo JPEG",
    png: "image PNG",
    webp: "image WebP",
    heic: "photo HEIC",
  },
  size: (megabytes: string) => `${megabytes} Mo`,
  asks: (who: string) => `${who} vous propose un document.`,
  sha256: "Empreinte du document (SHA-256)",
  accept: "Accepter",
  refuse: "Refuser",
  cancel: "Annuler l’envoi",
  cancelComing: "Arrêter la réception",
  show: "Afficher",
  hide: "Fermer l’image",
  save: "Enregistrer",
  forget: "Effacer",
  unshown: {
    broken: "Cet appareil ne sait pas afficher cette image. Vous pouvez l’enregistrer.",
    size: "Cette image n’est pas affichée ici, par précaution : elle est trop grande, ou sa taille ne se lit pas d’avance (HEIC). Vous pouvez l’enregistrer.",
  },
  kept: "N’a pas quitté vos deux appareils.",
  percent: (percent: number, done: string, all: string) => `${percent} % – ${done} sur ${all} Mo`,
  states: {
    queued: "En attente de son tour",
    reading: "Lecture du fichier…",
    unlinked: "Liaison coupée : l’envoi reprendra là où il en était.",
    asked: "Proposé : réponse attendue",
    checking: "Vérification…",
    sent: "Arrivé et vérifié en face",
    done: "Reçu en entier et vérifié",
    refusedThere: "Refusé en face",
    refused: "Vous l’avez refusé. Rien n’en est gardé.",
    cancelled: "Arrêté. Rien n’en est gardé.",
    wrong:
      "Abîmé en chemin, ou autre que ce qui était annoncé. Rien n’en est gardé ; il peut être envoyé à nouveau.",
    lost: "Interrompu : la page en face a été rechargée ou fermée. Rien n’en est gardé ; il faut l’envoyer à nouveau.",
    forgotten: "Effacé",
  },
  notices: {
    line: () => "Un nouveau message est arrivé.",
    asked: (name: string) => `Un document vous est proposé : ${name}. Acceptez-le ou refusez-le.`,
    in: (name: string) => `Reçu et vérifié : ${name}.`,
    out: (name: string) => `Arrivé en face : ${name}.`,
    refused: (name: string) => `Refusé : ${name}.`,
    cancelled: (name: string) => `Arrêté : ${name}.`,
    wrong: (name: string) =>
      `${name} est arrivé abîmé ou autre qu’annoncé. Rien n’en est gardé ; il peut être envoyé à nouveau.`,
    lost: (name: string) =>
      `${name} n’est pas arrivé : l’envoi s’est interrompu. Envoyez-le à nouveau.`,
    tooLarge: (name: string) =>
      `${name} dépasse 20 Mo et n’est pas parti. Choisissez un fichier plus petit, ou une photo moins grande.`,
    empty: (name: string) => `${name} est vide et n’est pas parti.`,
    kind: (name: string) =>
      `${name} n’est pas parti : seuls les PDF et les images JPEG, PNG, WebP ou HEIC sont possibles.`,
    unreadable: (name: string) =>
      `${name} n’a pas pu être lu et n’est pas parti. Choisissez-le à nouveau.`,
    tooMany: (name: string) =>
      `${name} n’est pas parti : cinq documents attendent déjà. Envoyez-le quand un autre est arrivé.`,
    held: (name: string) =>
      `${name} n’a pas été reçu : cette page garde déjà 60 Mo. Enregistrez puis effacez un document reçu, et acceptez à nouveau.`,
    shut: () =>
      "En face, la page a envoyé ce qui n’était pas attendu. Messages et documents sont fermés pour cet appel, par précaution ; l’image et le son continuent.",
  },
};

export type TalkWords = typeof talkFr;
