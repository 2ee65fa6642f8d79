/** The French words of the doctor's board. `board.en.ts` has the same keys, or `tsc` fails. */

const s = (count: number) => (count > 1 ? "s" : "");

export const boardFr = {
  opening: "Chargement de vos clés…",
  openingText:
    "Nous cherchons vos clés et ce que votre syndicat a publié. Cela prend quelques secondes, davantage sur une connexion lente. Vous n’avez rien à faire.",
  duty: "Votre garde",
  after: "Après cette consultation",
  wishes: { on: "En garde", pause: "Pause", draining: "Dernier patient" },
  off: "Fin de garde",
  now: {
    on: "Vous comptez parmi les médecins de garde.",
    pause: "Vous ne comptez plus parmi les médecins de garde. Personne ne vous est adressé.",
    draining: "Vous prenez encore un patient, puis votre garde s’arrête.",
  },
  later: {
    on: "Vous retrouverez la file d’attente.",
    pause: "Vous serez en pause : personne ne vous sera adressé avant votre retour.",
    draining: "Votre garde s’arrêtera. Ceux qui attendent en sont prévenus.",
  },
  pausedTitle: "Vous êtes en pause",
  resume: "Reprendre la garde",
  queues: "Files que vous prenez",
  own: "Vos liens",
  from: "File",
  count: (count: number, isAll: boolean) => (isAll ? String(count) : `${count} ou plus`),
  pick: "Appeler",
  ownWaits: (count: number) =>
    count > 1
      ? `${count} patients venus par vos liens vous attendent.`
      : "Un patient venu par un de vos liens vous attend.",
  firstWaits: "Un patient vient d’arriver dans la file, qui était vide.",
  badge: (count: number) => `${count} patient${s(count)} en attente`,
  arrived: "Un patient attend",
  loud: "Son à l’arrivée d’un patient",
  notes: "Me prévenir aussi quand cette page est cachée",
  notesOn: "Cet appareil vous prévient quand cette page est cachée.",
  replacedTitle: "Ouvert dans une autre fenêtre",
  replacedText:
    "Votre page de médecin a été ouverte dans une autre fenêtre ou sur un autre appareil. Elle continue là-bas, avec votre garde et votre consultation ; celle-ci ne fait plus rien.",
  take: "Reprendre ici",
};

export type BoardWords = typeof boardFr;
