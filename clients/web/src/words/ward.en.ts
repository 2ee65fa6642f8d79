/** The English words of what a doctor has at hand: the keys of `ward.fr.ts`. */
import type { WardWords } from "./ward.fr.ts";

const s = (count: number) => (count === 1 ? "" : "s");

export const wardEn: WardWords = {
  line: {
    label: "State of this page",
    offline: "Offline",
    checking: "Network: checking…",
    good: "Network good",
    slow: "Network slow",
    unreachable: "Calls blocked by the network",
    keys: (day) => `Keys: ${day}`,
    doctors: (count) => `On duty: ${count}`,
  },
  next: (time) => `the next: ${time}`,
  waiting: "waiting",
  sound: "Sound",

  keys: {
    toggle: "One-key shortcuts",
    open: "List of keys",
    title: "Keyboard shortcuts",
    of: {
      "call-next": "Call the next",
      mute: "Microphone off or on (in a consultation)",
      camera: "Camera off or on (in a consultation)",
      pause: "Pause, or back on duty",
      keys: "This list",
    },
    both: "Ctrl + Enter",
    bothText: "Call the next, also while one-key shortcuts are off",
    typing: "Nothing happens while you type in a field, nor by a key that is held down.",
    off: "One-key shortcuts are off.",
    close: "Close",
  },

  slip: {
    title: "Call slip",
    text: "Text of the slip",
    show: "Show",
    hide: "Hide",
    copy: "Copy",
    copied: "Copied. Paste the slip into your own software.",
    notCopied: "This browser does not copy. The text is selected: copy it with Ctrl + C.",
    all: "Select all",
    selected: "All of the text is selected.",
    erase: "Erase",
    kept: "This slip is in the memory of this page and nowhere else: it goes with the next consultation, or when you erase it.",
    report: "Remember the report to the patient’s own doctor (MSSanté).",
  },
  slipText: {
    heading: "Téléconsultation – call slip",
    day: (day) => `Date: ${day}`,
    hours: (from, to) => `Begin: ${from} – End: ${to}`,
    partial: (from, to) => `Begin: before ${from} (page loaded anew in the call) – End: ${to}`,
    lasted: (time) => `Duration: ${time}`,
    picture: "By: video and sound",
    sound: "By: sound only",
    unmet: "By: no connection was made",
    untroubled: "Technical incidents: none",
    interrupted: (count) => `Technical incidents: ${count} interruption${s(count)}`,
    dark: (count) => `Patient’s picture lost, sound kept: ${count} time${s(count)}`,
    span: (from, time) => `– ${from}, for ${time}`,
    agreed: (at) => `Patient informed and in agreement: ${at}`,
    notAgreed: "Patient informed and in agreement: not marked",
    agreedOnPage: (at) => `Agreement given on the patient’s page: ${at}`,
    places: {
      home: "Patient’s place: at home",
      pharmacy: "Patient’s place: a pharmacy",
      "care-home": "Patient’s place: a care home",
      work: "Patient’s place: at work",
      other: "Patient’s place: other",
    },
    endings: {
      doctor: "End of the call: by the doctor",
      patient: "End of the call: by the patient",
      lost: "End of the call: connection lost",
      excluded: "End of the call: patient shown out",
      "handed-over": "End of the call: handed over to a colleague, or back to the queue",
      seal: "End of the call: cut, as the connection could not be verified",
    },
    seconds: (count) => `${count} s`,
    minutes: (count) => `${count} min`,
  },

  shownOut:
    "The patient was shown out of the consultation, and his page says so. You can call the next.",
  out: {
    ask: "End and show out…",
    title: "Show the patient out?",
    text: "The call stops at once. The patient’s page says that the doctor ended it. No reason is asked for or kept.",
    yes: "Yes, show out",
    no: "Cancel",
  },

  hand: {
    label: "At hand",
    lasted: "Duration",
    agree: "Patient informed and in agreement",
    agreed: (at) => `Patient informed and in agreement (${at})`,
    fifteen: "15 alongside",
  },
  fifteen: {
    title: "Call 15 and stay with the patient",
    steps: [
      "Stay on the line with the patient: do not hang up.",
      "Call 15 from another phone.",
      "Say where the patient is, the patient’s number, what you see.",
      "Ask the patient to unlock the door, and not to stay alone.",
    ],
    call: "Call 15 from this device",
    where: "Where the patient is:",
    phone: "The patient’s number:",
    unknown: "Ask now for what is missing: the exact address, the number.",
    close: "Close",
  },
};
