/** The English words of larger company; `company.fr.ts` is the default and has the same keys. */
import { INVITE_S, MEMBERS_MAX } from "../agreed.ts";
import type { CompanyWords } from "./company.fr.ts";

const minutes = INVITE_S / 60;

export const companyEn: CompanyWords = {
  copy: "Copy",
  copied: "Copied.",
  notCopied: "This browser does not copy: select the text yourself.",
  share: "Share",
  print: "Print",
  qr: "Code to scan",

  people: "In the call",
  you: "you",
  patient: "the patient",
  doctor: "the doctor",
  guest: "a guest",
  colleague: "a colleague",
  titled: (name) => (/^(dr|pr)\b/i.test(name) ? name : `Dr ${name}`),
  by: (who) => `invited by ${who}`,
  far: (who) => `Picture: ${who}`,
  coming: "is coming…",
  interrupted: "connection lost",
  showOut: "Show out",

  proofText: (digits) =>
    `Read this code aloud: ${digits}. Whoever invited you must see the same. If not, hang up: somebody has come in between.`,

  invite: "Invite a relative or an interpreter",
  inviting: {
    title: "A link for one person",
    what: `It works once, within ${minutes} minutes. Stay here: that person joins you in this call.`,
    making: "Preparing the link…",
    address: "Address to pass on",
    remaining: (time) => `${time} left`,
    close: "Close",
    closeText: "Closing does not take the link back: whoever has it can still come in time.",
  },

  notices: {
    "no-seat": `Nobody else can come in now: ${MEMBERS_MAX} people at most, open links among them.`,
    "not-come": "The link has expired, and nobody came. You can make another.",
    "colleague-off": "This colleague is off duty by now. Choose another.",
    "colleague-gone": "This colleague cannot take over.",
    "colleague-silent": "This colleague did not answer. Choose another.",
    "nobody-asks": "Whoever invited you is not in the call any more.",
    "still-there":
      "The server still sees the doctor: the connection may come back. Try again in a moment, or hang up.",
    roster:
      "Somebody could not come in: not everybody here saw the same people. Neither picture nor sound reached that person.",
  },

  handOver: "Hand over",
  handing: {
    title: "Hand over to a colleague",
    looking: "Looking for who is on duty…",
    nobody: "No colleague of your queues is on duty at the moment.",
    choose: "Choose a colleague, who takes over if the patient agrees.",
    message: "A word for this colleague (to be read once the patient has chosen)",
    ring: "Call this colleague",
    alone: "Ask the patient: the queue, or leaving",
    cancel: "Stay with the patient",
    ringing: (who) => `Calling ${who}…`,
    ringingText: "The patient is still with you.",
    offered: (who) => `${who} is ready. The patient chooses.`,
    offeredAlone: "The patient chooses: back to the queue at the old place, or leaving.",
    stay: "Stay until then: you will leave the call without a click.",
  },

  taking: {
    title: "A colleague is calling you",
    opening: "Checking who is calling…",
    from: (who) => `${who} hands a patient over to you`,
    text: "If you take over, the patient is asked, and goes on with you if willing.",
    take: "Take over",
    decline: "Decline",
    waiting: "The patient chooses. Neither picture nor sound passes before.",
    message: (who) => `A word from ${who}`,
  },

  choice: {
    title: (first) => `${first} has to leave you`,
    with: (who) => `${who} can go on with the consultation.`,
    alone: "No colleague can take over at the moment.",
    colleague: (who) => `Go on with ${who}`,
    queue: "Back to the queue, at my place",
    leave: "Leave",
    leaveText:
      "If you leave: your own doctor, the out-of-hours surgery or your pharmacist can help.",
    stays: (first) => `${first} stays with you until then.`,
    chosen: (who) => `Telling ${who}…`,
    chosenQueue: "Giving you your place back…",
  },

  lost: {
    title: "The doctor does not answer any more",
    text: "We are trying to restore the connection. You can also take your place again: you will be first in the queue.",
    queue: "Back to the queue, at my place",
  },

  guestPage: {
    title: "You are invited to a consultation",
    what: "Somebody in a consultation asks you to join by video. This page checks who invites you as soon as you come in.",
    facts: [
      "This link works once. No account, no name asked.",
      "Picture and sound go from device to device. Nothing is recorded.",
      "Everybody sees who is in the call, and who invited you.",
    ],
    consent: "By going on you agree to take part in a remote consultation.",
    start: "I agree and go on",
    ready: "Join the call",
    waiting: "Checking who invites you…",
    endedTitle: "The call is over for you",
    left: "You have left the call.",
    over: "The consultation is over.",
    excluded: "The doctor has shown you out of the call.",
    lost: "The connection was lost. To come back, ask for a new link.",
    refusedTitle: "This link does not let you in",
    used: "This link was used before, or the call is over. Ask whoever invited you for a new one.",
    expired: `This link has expired: it is good for ${minutes} minutes. Ask whoever invited you for a new one.`,
    other: "This link is not good here. Ask whoever invited you for a new one.",
  },
};
