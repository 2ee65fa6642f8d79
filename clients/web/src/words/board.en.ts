/** The English words of the doctor's board: the keys of `board.fr.ts`. */
import type { BoardWords } from "./board.fr.ts";

const s = (count: number) => (count === 1 ? "" : "s");

export const boardEn: BoardWords = {
  opening: "Loading your keys…",
  openingText:
    "We are looking for your keys and for what your union has published. It takes a few seconds, more on a slow connection. There is nothing for you to do.",
  duty: "Your duty",
  after: "After this consultation",
  wishes: { on: "On duty", pause: "Pause", draining: "Last patient" },
  off: "End duty",
  now: {
    on: "You count among the doctors on duty.",
    pause: "You no longer count among the doctors on duty. Nobody is sent to you.",
    draining: "You take one more patient, then your duty ends.",
  },
  later: {
    on: "You will be back at the queue.",
    pause: "You will pause: nobody is sent to you until you are back.",
    draining: "Your duty will end. Those who wait are told.",
  },
  pausedTitle: "You are in a pause",
  resume: "Back on duty",
  queues: "Queues that you take",
  own: "Your links",
  from: "Queue",
  count: (count, isAll) => (isAll ? String(count) : `${count} or more`),
  pick: "Call",
  ownWaits: (count) =>
    count > 1
      ? `${count} patients who came by your links are waiting for you.`
      : "A patient who came by one of your links is waiting for you.",
  firstWaits: "A patient has come to the queue, which was empty.",
  badge: (count) => `${count} patient${s(count)} waiting`,
  arrived: "A patient is waiting",
  loud: "Sound when a patient comes",
  notes: "Tell me also while this page is hidden",
  notesOn: "This device tells you while this page is hidden.",
  replacedTitle: "Open in another window",
  replacedText:
    "Your doctor’s page was opened in another window or on another device. It goes on there, with your duty and your consultation; this one does nothing any more.",
  take: "Take it back here",
};
