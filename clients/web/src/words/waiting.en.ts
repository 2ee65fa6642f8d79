/** The English words of the waiting room, with the keys of `waiting.fr.ts`. */
import { CONSULTATION_MIN, FAULTS_TO_TAIL } from "../agreed.ts";
import type { WaitingWords } from "./waiting.fr.ts";

export const waitingEn: WaitingWords = {
  band: {
    title: "Expected wait",
    "under-10": "less than 10\u00a0minutes",
    "10-to-30": "10 to 30\u00a0minutes",
    "over-30": "more than 30\u00a0minutes",
    unknown: "not known",
    how: "How this wait is estimated",
    howText: `It is a rough idea and no promise. It comes from your place and the number of doctors on duty, counting ${CONSULTATION_MIN} minutes a consultation; a doctor who serves several queues counts half. No time is measured or kept.`,
  },
  order: `People are called in the order of their arrival, and by nothing else. Only who has a sleeping page, or has just declined or missed a call, is passed over, and keeps the place; after ${FAULTS_TO_TAIL} declined or missed calls it is the end of the queue.`,

  ownTitle: "Your doctor’s queue",
  ownNobody: "Your doctor is not on duty at the moment",
  ownNobodyText:
    "You can wait here: your doctor will call you as soon as possible. No other doctor will call you unless you say so.",
  nobodyText: "You can wait here: you will be called as soon as a doctor is there.",
  hours: "Hours",
  helps: "Meanwhile you can also",
  call: (number: string) => `Call ${number}`,
  open: "Open the site",
  newTab: "(in a new tab)",

  closed: "This queue is closing",
  closedText: "Nobody enters it any more. You keep your place, and a doctor may still call you.",

  wider: {
    title: "Widen to other doctors",
    changes:
      "What this changes: you move to the chosen queue, at your time of arrival, and leave this one. The doctor will be further from your home; if you need to be examined, another one near you will do it.",
    ownChanges:
      "What this changes: you leave your doctor’s queue for that of a territory, at your time of arrival. Another doctor on duty, whom you may accept or not, will call you. That does not use up your link.",
    to: (title: string) => `Widen: ${title}`,
    moving: "We are placing you there…",
    refused: "That was not possible. You keep your place here.",
    where: "Your postcode or town",
    whereText:
      "To find doctors near you. What you type does not leave this device: the service learns nothing but the queue that you choose.",
    notFound: "No queue fits. Check it, or choose from the list.",
    rather: "I would rather not say",
    ratherText:
      "Then choose yourself. Without knowing where you are we cannot show you the nearest doctors first.",
    choose: "Choose a queue",
  },
};
