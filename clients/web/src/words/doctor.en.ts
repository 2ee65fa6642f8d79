/** The English words of the doctor’s page around the board: the keys of `doctor.fr.ts`. */
import type { DoctorWords } from "./doctor.fr.ts";

const s = (count: number) => (count === 1 ? "" : "s");

export const doctorEn: DoctorWords = {
  links: "Give a link",
  device: "This device",
  back: "Back",
  renew: (day: string) => `Your union vouches for this device until ${day} only. Renew it now.`,
  offTitle: "You are off duty",
  offText: "No patient is sent to you.",
  goOnDuty: "Go on duty",
  until: (day: string) => `Until ${day}`,
  onTitle: "You are on duty",
  queue: "Queue",
  empty: "Nobody is waiting.",
  waiting: (count) => `${count} patient${s(count)} waiting`,
  doctors: (count) => `${count} doctor${s(count)} on duty`,
  place: "Place",
  since: "Waiting for",
  state: "State",
  awake: "awake",
  asleep: "asleep",
  minutes: (count) => (count < 1 ? "< 1 min" : `${count} min`),
  more: (count) => `and ${count} more`,
  callNext: "Call the next patient",
  askingTitle: "Finding the next patient…",
  callingTitle: "Calling",
  preparing: "Telling the patient…",
  callingText: "The patient reads your card and answers.",
  remaining: (time) => `${time} left`,
  withdraw: "Take the call back",
  reopenedTitle: "The patient's link was opened elsewhere",
  reopenedText:
    "Your picture and sound are stopped. It may be the patient on another device, or somebody else. Do you want to go on?",
  unknownTitle: "Is this your patient?",
  unknownText:
    "This page was opened again during the consultation and cannot check that this is the same patient. Your picture and sound are stopped. Do you want to go on?",
  resume: "Go on with this person",
  end: "End the consultation",
  returning: "Finding your consultation again…",
  knocking: "Asking the patient for a new connection…",
  refusedTitle: "You cannot go on duty",
  refused: {
    expired: "No credential of your union holds for today on this device.",
    "not-admitted":
      "This service does not know the union that vouches for you, or the key is not yours.",
    revoked:
      "Your union does not vouch for this device at the moment: it took it back, or its list is out of date.",
  },
  help: "Contact your union.",
  doubts: {
    form: "The patient’s request was changed on its way, or was not the patient’s. Nothing passed.",
    sealed:
      "The patient’s request was changed on its way, or was not the patient’s. Nothing passed.",
    signature:
      "The patient’s request was changed on its way, or was not the patient’s. Nothing passed.",
    token:
      "The link that this patient shows is not valid for you, or no longer. The patient stays in the queue.",
    identity:
      "Your union no longer vouches for this device: patients cannot verify you. Contact the union.",
    revoked:
      "Your union’s list is out of date, or names you: patients cannot verify you. Contact the union.",
    handle:
      "The patient’s request was changed on its way, or was not the patient’s. Nothing passed.",
    commitment:
      "The patient’s request was changed on its way, or was not the patient’s. Nothing passed.",
    confirmation: "The patient’s link could not be verified. The consultation has not begun.",
    record:
      "The patient’s request was changed on its way, or was not the patient’s. Nothing passed.",
    resume: "The patient’s link was opened by somebody else. The consultation is over.",
    certificate:
      "The connection did not lead to the patient’s device: it was cut before anything passed.",
    twice: "The patient asked for the connection too often. Call again.",
    description:
      "The patient’s request was changed on its way, or was not the patient’s. Nothing passed.",
    passkey:
      "Your gesture of the day was not made on this device. Stop being on duty, then go on again.",
    card: "This colleague’s card is somebody else’s, or out of date: you cannot hand over to them.",
    roster:
      "Somebody could not come in: not everybody here saw the same people. No picture and no sound reached that person.",
    network: "Your union’s list could not be loaded. Check your network, then call again.",
  },
  outcomes: {
    declined: "The patient prefers another doctor.",
    late: "The call was not answered. The patient is still in the queue.",
    lost: "The patient lost the network and keeps the place.",
    withdrawn: "",
    left: "The patient left the consultation.",
    excluded: "The consultation was ended.",
    requeued: "The patient went back to the queue.",
    expired: "The consultation ended: the other page no longer answered.",
    drained: "Last patient seen: your duty is over.",
    "handed-over": "Your colleague goes on with the patient.",
    "duty-expired": "Your duty ended: this page gave no sign of life.",
    replaced: "",
    closing: "",
  },
};
