/** What the doctor’s page says around the board, in French. The others have the same keys, or `tsc` fails. */

const s = (count: number) => (count > 1 ? "s" : "");

export const doctorFr = {
  links: "Donner un lien",
  device: "Cet appareil",
  back: "Retour",
  renew: (day: string) =>
    `Votre syndicat se porte garant de cet appareil jusqu’au ${day} seulement. Renouvelez dès maintenant.`,
  offTitle: "Vous n’êtes pas de garde",
  offText: "Aucun patient ne vous est adressé.",
  goOnDuty: "Prendre la garde",
  until: (day: string) => `Jusqu’au ${day}`,
  onTitle: "Vous êtes de garde",
  queue: "File d’attente",
  empty: "Personne n’attend.",
  waiting: (count: number) => `${count} patient${s(count)} en attente`,
  doctors: (count: number) => `${count} médecin${s(count)} de garde`,
  place: "Place",
  since: "Attend depuis",
  state: "État",
  awake: "présent",
  asleep: "en veille",
  minutes: (count: number) => (count < 1 ? "< 1 min" : `${count} min`),
  more: (count: number) => `et ${count} autre${s(count)}`,
  callNext: "Appeler le suivant",
  askingTitle: "Recherche du patient suivant…",
  callingTitle: "Appel en cours",
  preparing: "Nous prévenons le patient…",
  callingText: "Le patient lit votre carte et répond.",
  remaining: (time: string) => `Encore ${time}`,
  withdraw: "Annuler l’appel",
  reopenedTitle: "Le lien du patient a été ouvert ailleurs",
  reopenedText:
    "Votre image et votre son sont arrêtés. Cela peut être le patient lui-même, sur un autre appareil, ou quelqu’un d’autre. Voulez-vous continuer ?",
  unknownTitle: "Est-ce bien votre patient ?",
  unknownText:
    "Cette page a été rouverte pendant la consultation et ne peut pas vérifier que c’est le même patient. Votre image et votre son sont arrêtés. Voulez-vous continuer ?",
  resume: "Continuer avec cette personne",
  end: "Terminer la consultation",
  returning: "Nous retrouvons votre consultation…",
  knocking: "Nous redemandons la liaison au patient…",
  refusedTitle: "Vous ne pouvez pas prendre la garde",
  refused: {
    expired: "Aucun titre de votre syndicat ne vaut pour aujourd’hui sur cet appareil.",
    "not-admitted":
      "Ce service ne reconnaît pas le syndicat qui se porte garant de vous, ou la clé n’est pas la vôtre.",
    revoked:
      "Votre syndicat ne se porte pas garant de cet appareil pour l’instant : il l’a retiré, ou sa liste n’est pas à jour.",
  },
  help: "Contactez votre syndicat.",
  doubts: {
    form: "La demande du patient a été changée en chemin, ou ne venait pas de lui. Rien n’est passé.",
    sealed:
      "La demande du patient a été changée en chemin, ou ne venait pas de lui. Rien n’est passé.",
    signature:
      "La demande du patient a été changée en chemin, ou ne venait pas de lui. Rien n’est passé.",
    token: "Le lien que ce patient présente ne vaut pas pour vous, ou plus. Il reste dans la file.",
    identity:
      "Votre syndicat ne se porte plus garant de cet appareil : les patients ne peuvent pas vous vérifier. Contactez-le.",
    revoked:
      "La liste de votre syndicat n’est pas à jour, ou vous a retiré : les patients ne peuvent pas vous vérifier. Contactez-le.",
    handle:
      "La demande du patient a été changée en chemin, ou ne venait pas de lui. Rien n’est passé.",
    commitment:
      "La demande du patient a été changée en chemin, ou ne venait pas de lui. Rien n’est passé.",
    confirmation: "Le lien du patient n’a pas pu être vérifié. La consultation n’a pas commencé.",
    record:
      "La demande du patient a été changée en chemin, ou ne venait pas de lui. Rien n’est passé.",
    resume: "Le lien du patient a été ouvert par quelqu’un d’autre. La consultation a pris fin.",
    certificate:
      "La liaison ne menait pas à l’appareil du patient : elle a été coupée avant que rien ne passe.",
    twice: "Le patient a demandé trop de fois la liaison. Appelez-le à nouveau.",
    description:
      "La demande du patient a été changée en chemin, ou ne venait pas de lui. Rien n’est passé.",
    passkey:
      "Votre geste du jour n’a pas été fait sur cet appareil. Arrêtez la garde, puis reprenez-la.",
    card: "La carte de ce confrère n’est pas la sienne, ou plus : on ne peut pas lui passer la main.",
    roster:
      "Une personne n’a pas pu entrer : tous les présents ne voyaient pas les mêmes personnes. Ni image ni son ne lui sont parvenus.",
    network:
      "La liste de votre syndicat n’a pas pu être chargée. Vérifiez votre réseau, puis appelez à nouveau.",
  },
  outcomes: {
    declined: "Le patient préfère un autre médecin.",
    late: "L’appel est resté sans réponse. Le patient reste dans la file.",
    lost: "Le patient a perdu le réseau. Il garde sa place.",
    withdrawn: "",
    left: "Le patient a quitté la consultation.",
    excluded: "La consultation a pris fin.",
    requeued: "Le patient est revenu dans la file.",
    expired: "La consultation a pris fin : l’autre page ne répondait plus.",
    drained: "Dernier patient vu : votre garde est terminée.",
    "handed-over": "Votre confrère continue avec le patient.",
    "duty-expired": "Votre garde a pris fin : cette page ne donnait plus de nouvelles.",
    replaced: "",
    closing: "",
  },
};

export type DoctorWords = typeof doctorFr;
