/** The French words of the waiting room: wait, nobody on duty, wider. `waiting.en.ts` has the same. */
import { CONSULTATION_MIN, FAULTS_TO_TAIL } from "../agreed.ts";

export const waitingFr = {
  band: {
    title: "Attente estimée",
    "under-10": "moins de 10\u00a0minutes",
    "10-to-30": "10 à 30\u00a0minutes",
    "over-30": "plus de 30\u00a0minutes",
    unknown: "on ne sait pas",
    how: "Comment cette attente est estimée",
    howText: `C’est un ordre de grandeur, pas une promesse. Il vient de votre place et du nombre de médecins de garde, en comptant ${CONSULTATION_MIN} minutes par consultation ; un médecin qui sert plusieurs files compte pour moitié. Aucune durée n’est mesurée ni gardée.`,
  },
  order: `L’ordre d’appel est celui des arrivées, et rien d’autre. On ne passe que les personnes dont la page est en veille, ou qui viennent de refuser ou de manquer un appel ; elles gardent leur place, sauf après ${FAULTS_TO_TAIL} appels refusés ou manqués, qui mènent à la fin de la file.`,

  ownTitle: "File de votre médecin",
  ownNobody: "Votre médecin n’est pas de garde pour l’instant",
  ownNobodyText:
    "Vous pouvez l’attendre ici : il vous appellera dès qu’il sera là. Aucun autre médecin ne vous appellera sans votre accord.",
  nobodyText: "Vous pouvez attendre ici : vous serez appelé dès qu’un médecin sera là.",
  hours: "Horaires",
  helps: "En attendant, vous pouvez aussi",
  call: (number: string) => `Appeler le ${number}`,
  open: "Ouvrir le site",
  newTab: "(dans un nouvel onglet)",

  closed: "Cette file ferme",
  closedText:
    "Plus personne n’y entre. Vous gardez votre place, et un médecin peut encore vous appeler.",

  wider: {
    title: "Élargir à d’autres médecins",
    changes:
      "Ce que cela change : vous passez dans la file choisie, à votre heure d’arrivée, et vous quittez celle-ci. Le médecin sera plus loin de chez vous ; s’il faut vous examiner, ce sera près de chez vous, par un autre.",
    ownChanges:
      "Ce que cela change : vous quittez la file de votre médecin pour celle d’un territoire, à votre heure d’arrivée. Un autre médecin de garde, que vous pourrez accepter ou non, vous appellera. Votre lien n’est pas utilisé pour autant.",
    to: (title: string) => `Élargir\u00a0: ${title}`,
    moving: "Nous vous y plaçons…",
    refused: "Cela n’a pas été possible. Vous gardez votre place ici.",
    where: "Votre code postal ou votre commune",
    whereText:
      "Pour trouver les médecins près de chez vous. Ce que vous écrivez ne quitte pas cet appareil : le service n’apprend que la file choisie.",
    notFound: "Aucune file ne correspond. Vérifiez, ou choisissez dans la liste.",
    rather: "Je préfère ne pas l’indiquer",
    ratherText:
      "Choisissez alors vous-même. Sans savoir où vous êtes, nous ne pouvons pas vous proposer d’abord les médecins les plus proches.",
    choose: "Choisir une file",
  },
};

export type WaitingWords = typeof waitingFr;
