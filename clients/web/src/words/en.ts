/** The English words of both pages, with the keys of `fr.ts`. */
import { FAULTS_TO_TAIL, WAIT_PASS_S } from "../agreed.ts";
import type { Foreign } from "../languages.ts";
import { aboutEn } from "./about.en.ts";
import { boardEn } from "./board.en.ts";
import { callEn } from "./call.en.ts";
import { companyEn } from "./company.en.ts";
import { devicesEn } from "./devices.en.ts";
import { doctorEn } from "./doctor.en.ts";
import { enrolmentEn } from "./enrolment.en.ts";
import { informationEn } from "./information.en.ts";
import { talkEn } from "./talk.en.ts";
import { journeyEn } from "./journey.en.ts";
import { waitingEn } from "./waiting.en.ts";
import { wardEn } from "./ward.en.ts";

const minutes = WAIT_PASS_S / 60;
const s = (count: number) => (count === 1 ? "" : "s");

export const en: Foreign = {
  lang: "en",
  topics: {
    board: boardEn,
    call: callEn,
    company: companyEn,
    devices: devicesEn,
    doctor: doctorEn,
    enrolment: enrolmentEn,
    information: informationEn,
    talk: talkEn,
    about: aboutEn,
    journey: journeyEn,
    waiting: waitingEn,
    ward: wardEn,
  },
  language: "Language",
  languageMissing: (name) =>
    `The language “${name}” could not be loaded: the network is missing. The page goes on in English, nothing is lost. Try again in a moment, or reload the page.`,
  name: "Teleconsultation",
  doctorName: "Teleconsultation – doctors",

  emergency: "Life in danger?",
  emergencyText: "Do not wait here.",
  europe: "Europe",
  call15: "15 SAMU: call",
  call112: "112 Europe: call",
  call114: "114 SMS: write (deaf or hard of hearing)",
  sms114: "114 SMS",
  orCall: "Emergency?",

  unable: {
    title: "This page cannot go on",
    browser:
      "This browser is too old for a protected consultation. Update it, or open the link in another one (a recent Firefox, Chrome, Edge or Safari).",
    insecure:
      "This page was not opened from a secure address (https). Camera and microphone are forbidden on it. Ask for a link that begins with https.",
    "no-webrtc":
      "This browser has no video calls. Open the link in Firefox, Chrome, Edge or Safari.",
    "no-link":
      "The consultation link is missing. Open the link that you received again, all of it.",
    "no-doctor-link":
      "This page opens with your doctor's link. It is missing or incomplete: open it again, all of it.",
  },

  welcome: {
    title: "See a doctor by video",
    what: "This page brings you together with a doctor on duty. You wait here, a doctor calls you, you talk.",
    facts: [
      "No account, no name asked, nothing to install.",
      "Picture and sound go from your device to the doctor's. Nothing is recorded.",
      "When the call is over, this page keeps nothing of it.",
    ],
    trust: "What the server sees",
    trustText:
      "While you are connected: your network address, the queue you chose and the time. The messages that set up the call are sealed from device to device: whoever runs the server can neither read them nor change them unseen. Picture and sound are encrypted likewise. What remains to be trusted: the program of this page, and whoever serves it. On your device, this browser's history keeps the address of the link; a private window does not.",
    consent: "By going on you agree to a consultation at a distance. You may stop at any time.",
    start: "I agree, go on",
  },

  devices: {
    title: "Check your picture and your voice",
    asking: "Your browser asks for the camera and the microphone. Answer “Allow”.",
    preview: "Your picture",
    level: "Microphone level",
    speak: "Say a few words: the bar should move.",
    doctorReady: "Go on",
  },

  entering: "Connecting…",

  waiting: {
    title: "You are in the waiting room",
    place: "Your place in the queue",
    next: "You are next.",
    before: (count) => `${count} ${count === 1 ? "person" : "people"} before you.`,
    doctors: (count) => `${count} doctor${s(count)} on duty`,
    nobody: "No doctor is available right now",
    nobodyText:
      "You may wait here: you will be called as soon as a doctor is there. Or see your own doctor, an out-of-hours surgery or your pharmacist. If your condition worries you, call 15.",
    keep: `If your phone goes to sleep, your place is kept for ${minutes} minutes. Come back to this page from time to time.`,
    unlit:
      "This browser does not keep the screen lit by itself: touch it from time to time, or have it sleep later.",
    giveUp: "Leave the queue",
  },

  proposed: {
    title: "A doctor is calling you",
    vouched: (union: string) => `Verified by ${union}`,
    accept: "Accept",
    decline: "Ask for another doctor",
    declineText: `This doctor will not call you again. You keep your place, and another may call you after a short pause. After ${FAULTS_TO_TAIL} declined or missed calls you go to the end of the queue.`,
    remaining: (time) => `You have ${time} left to answer.`,
    badge: "A doctor is calling you!",
    doctor: "Doctor",
  },

  proof: {
    code: "code",
    how: "Do you want to be sure?",
    locked: "Connection verified",
    open: "Verifying the connection…",
    openText: "No picture and no sound pass before the two devices have recognised each other.",
    patientText: (digits: string) =>
      `Read this code aloud: ${digits}. The doctor must see the same. If it is another one, hang up: somebody stands between you.`,
    doctorText: (digits: string) =>
      `Read this code aloud: ${digits}. The patient must see the same. If it is another one, hang up: somebody stands between you.`,
  },

  unloaded: "A part of this page could not be loaded: there is no network. We are trying again.",
  fastClock: "The clock of this device is fast: set it right, then reload the page.",

  doubts: {
    form: "The call did not come about: a message was changed on its way, or was not the doctor’s. You keep your place.",
    sealed:
      "The call did not come about: a message was changed on its way, or was not the doctor’s. You keep your place.",
    signature:
      "The call did not come about: a message was changed on its way, or was not the doctor’s. You keep your place.",
    token:
      "The call did not come about: a message was changed on its way, or was not the doctor’s. You keep your place.",
    identity:
      "The call did not come about: no union that this page trusts vouches for this doctor today. You keep your place.",
    revoked:
      "The call did not come about: the union no longer vouches for this doctor, or could not confirm it. You keep your place.",
    handle:
      "Another doctor than the one of your link tried to answer. That doctor saw nothing of you. You keep your place.",
    commitment:
      "The call did not come about: a message was changed on its way, or was not the doctor’s. You keep your place.",
    confirmation:
      "The call did not come about: a message was changed on its way, or was not the doctor’s. You keep your place.",
    record:
      "The call did not come about: a message was changed on its way, or was not the doctor’s. You keep your place.",
    resume:
      "The call did not come about: a message was changed on its way, or was not the doctor’s. You keep your place.",
    certificate:
      "The call did not come about: a message was changed on its way, or was not the doctor’s. You keep your place.",
    twice:
      "The call did not come about: a message was changed on its way, or was not the doctor’s. You keep your place.",
    description:
      "The call did not come about: a message was changed on its way, or was not the doctor’s. You keep your place.",
    passkey:
      "The call did not come about: this doctor has not confirmed being at the device today. You keep your place.",
    card: "The consultation was not handed over: the colleague’s card is somebody else’s, or out of date. Your doctor stays with you.",
    roster:
      "Somebody could not come in: not everybody here saw the same people. No picture and no sound reached that person.",
    network: "The call did not come about, for want of a network. You keep your place.",
  },

  session: {
    more: "More",
    askedTitle: "Go on with the consultation?",
    askedText:
      "This page no longer knows which doctor you were with, or the connection was made anew several times. No picture and no sound leave before you agree.",
    title: "Consultation",
    accepting: "Telling the doctor…",
    connecting: "Connecting you…",
    live: "In the call",
    interrupted: "The connection broke. Restoring it…",
    far: "Picture of the doctor",
    farPatient: "Picture of the patient",
    self: "Your picture",
    mute: "Mute the microphone",
    unmute: "Unmute the microphone",
    dark: "Turn the camera off",
    light: "Turn the camera on",
    hangUp: "Hang up",
    sound: "Touch here to hear",
  },

  banner: {
    retry: "Try again",
    of: (banner, far) => {
      switch (banner) {
        case "alone":
          return "The server does not find this consultation any more. The call goes on without it: should it break, it has to begin anew.";
        case "network":
          return "Your connection is lost. It is being restored; your place in the call is kept.";
        case "far":
          return `The ${far} has lost the connection. The place is kept: the call goes on by itself on return.`;
        case "path":
          return "The connection is interrupted. It is being restored…";
        case "spent":
          return "The connection could not be restored. Change your network if you can, then try again.";
        case "server":
          return "The server cannot be reached at the moment. The call goes on without it.";
        case "sound":
          return `The ${far}’s picture does not come any more. The sound goes on.`;
        case "back":
          return "The connection is restored.";
      }
    },
  },

  leaving: {
    title: "You are leaving",
    telling: "Telling the server…",
    offline: `The connection is lost: the server will be told when it is back. You may also close this page; your place then goes by itself after ${minutes} minutes.`,
  },

  ended: {
    title: "The consultation is over",
    left: "You hung up.",
    "far-left": "The doctor hung up.",
    lost: "The connection to the doctor was lost.",
    expired: "Your place expired: this page gave no sign of life.",
    excluded: "The doctor ended the consultation.",
    "gave-up": "You left the queue.",
    unsafeTitle: "The call was cut as a precaution",
    unsafe:
      "This page could not verify that the connection leads to the doctor. This is no network failure: a message or the connection was changed. Open your link again, best from another network, or reach your doctor another way.",
    gaveUpTitle: "You are out of the queue",
    nextTitle: "What now",
    nothing:
      "This page has kept no picture, no sound and no message. You may close it. This browser's history keeps the address of the link; a private window does not.",
    back: "Back to the waiting room",
  },

  refused: {
    title: "This link does not let you in",
    help: "Ask whoever sent it for a new link.",
    codes: {
      malformed: "The server did not understand this page. Reload it.",
      "out-of-turn": "This was not the moment. Try again.",
      unproven: "The server could not check this page. Trying again.",
      "not-admitted": "This link is not valid here.",
      ended: "This link was used already: the consultation is over.",
      expired: "This link has expired.",
      early: "This link does not open yet. Come back at the time you were given.",
      revoked: "Your union does not vouch for this device at the moment. Ask your union.",
      spent: "This link was used already. Ask for a new one.",
      full: "The waiting room is full. Trying again in a moment.",
      "off-duty": "You are not on duty.",
      "no-patient": "No patient can be called right now.",
      "no-call": "This call is no longer current.",
      "no-session": "This consultation is over.",
      away: "The other person lost the network for a moment.",
      rebuilding: "Patients are coming back after an outage, each to their place. One moment.",
      unavailable: "The waiting room does not answer. Trying again in a moment.",
      "too-fast": "Too many requests at once. Trying again in a moment.",
      internal: "The server has a problem. Trying again.",
    },
  },

  outcomes: {
    declined: "Another doctor may call you, after a short pause.",
    late: "The call was not answered. You are still in the queue.",
    lost: "The doctor lost the network. You keep your place.",
    withdrawn: "The doctor took the call back. You keep your place.",
    left: "The call ended. You are still in the queue.",
    excluded: "The call ended.",
    requeued: "You are back in the queue, at your place.",
    expired: "The call expired. You are still in the queue.",
    drained: "",
    replaced: "",
    closing: "",
  },

  replaced: {
    title: "Open elsewhere",
    text: "This consultation was opened in another window or on another device. It goes on there.",
    take: "Take it back here",
  },

  relay: {
    checking: "We check that picture and sound get through on this network…",
    works: "Network checked: picture and sound get through.",
    slow: "Restricted network: the picture may be less smooth.",
    title: "Picture and sound may not get through",
    text: "From this network we cannot reach the machine that passes them on, encrypted.",
    kept: "You keep your place.",
    keptDoctor: "Your duty is as it was, but a call may come to nothing.",
    todo: "The network of a hospital or a company may block them: leave its Wi-Fi, or use mobile data. We check again every minute.",
    again: "Check again",
    running: "Checking…",
  },

  offline: `Connection lost. Restoring it; your place is kept for ${minutes} minutes.`,
  offlineDoctor: "Connection lost. Restoring it.",
};
