/** The English words of enrolling a device and of making links. */
import type { EnrolmentWords } from "./enrolment.fr.ts";

const s = (count: number) => (count === 1 ? "" : "s");

export const enrolmentEn: EnrolmentWords = {
  opening: "One moment…",
  copy: "Copy",
  copied: "Copied.",
  notCopied: "This browser does not copy: select the text yourself.",
  share: "Share",
  print: "Print",
  qr: "Code to scan",

  notADoctor: {
    title: "This device is not enrolled for consultations",
    text: (name: string) =>
      `The enrolment “${name}” opens the status page of the service, and not the doctors’ page.`,
    next: "Nothing was changed. Open the status page; for consultations, enrol another device or another browser.",
    device: "See the enrolment of this device",
  },

  enrolment: {
    noneTitle: "Enrol this device",
    what: "Your union vouches for you to patients, device by device. This page prepares the keys of this one; they never leave it.",
    nothing: "No name is asked here: your union knows who you are.",
    gesture:
      "Where this device can, it first asks for your finger, your face or its code, and again on each day of duty: a stolen device is not enough.",
    make: "Prepare this device",
    making: "Making the keys…",

    askedTitle: "Have this device signed",
    stepsTitle: "What to do",
    steps: [
      "Pass this request to your union: let them scan the code, or send the text.",
      "Read them the device’s name aloud. They compare, and sign.",
      "Come back here: the page finds the answer by itself.",
    ],
    device: "Name of this device:",
    deviceText: "To be read aloud, with capital and small letters.",
    request: "Text of the request",
    requestText: "It holds neither a name nor a secret.",
    look: "Look for the answer",
    looks: {
      none: "",
      looking: "We are looking for your union’s answer…",
      "not-yet": "Your union has not answered yet. We look every minute while this page is shown.",
      offline: "The network does not let us look for now. Nothing is lost: we try again.",
      earlier: "Your union answered an earlier request of this device. Pass them this one.",
      refused:
        "An answer is there, but it does not hold for this device, or is from a union that this service does not know. Contact your union.",
    },

    enrolledTitle: "This device is enrolled",
    newTitle: "Done: this device is enrolled",
    vouched: (union: string) => `Verified by ${union}`,
    until: (day: string) => `Until ${day}.`,
    go: "Continue",
    others:
      "Another device is enrolled the same way, on this same page. Device lost or stolen? Tell your union at once: they revoke it.",

    renewTitle: "The month is ending: renew",
    renewText: (day: string) =>
      `The enrolment lasts until ${day}. Pass this new request to your union; until then all goes on as before.`,

    endedTitle: "The enrolment of this device has ended",
    endedText:
      "The keys of its days are past. Make a new request: the name of the device and your links stay the same.",
    endedMake: "Make a new request",

    failedTitle: "The enrolment cannot go on",
    failed: {
      browser:
        "This browser is too old to keep such keys. Update it, or take a recent Firefox, Chrome or Edge.",
      storage:
        "This browser keeps nothing here: a private window, or no room. Open this page in an ordinary window.",
      refused:
        "What your union had signed for this device does not hold here any more. Contact them; you may have to forget this device and enrol it again.",
      offline:
        "The network does not let us read the files of the service. Your keys are intact. Try again in a moment.",
    },
    again: "Try again",

    forget: "Forget this device",
    forgetTitle: "Wipe it all?",
    forgetText:
      "The keys of this device will be destroyed, and the links that you gave will no longer lead to you. To practise here again you will need a new enrolment.",
    forgetYes: "Yes, wipe it all",
    forgetNo: "No, keep them",
  },

  /** Why there is no gesture; the codes are those of `NoPasskey`. */
  passkey: {
    unavailable:
      "This device does not find the key that your finger, your face or its code must open. Try on the device that you enrolled.",
    dismissed:
      "Without your gesture (finger, face or code) patients cannot be sure that it is you. Try again.",
    unfit:
      "This device keeps a key that patients’ pages could not check. Forget this device and enrol it again.",
    gone: "The key that your union was shown is no longer on this device. Forget this device and enrol it again.",
  },

  /** Back at an address that a session left behind: the gesture comes first. */
  comeBack: {
    title: "A consultation may be under way",
    text: "Your gesture (finger, face or code) brings you back to it. The patient keeps the place, and nothing else is to be done again.",
    go: "Go on with the consultation",
  },

  links: {
    title: "Give a patient a link",
    what: "This link leads to you, and to you alone. It carries its own secret: this page keeps no copy. Give it to the patient, and to nobody else.",
    begins: "Open from",
    beginsNow: "now",
    beginsLater: "later",
    day: "Day and time",
    lasts: "For",
    hours: (count: number) => `${count} hour${s(count)}`,
    uses: "Good for",
    consultations: (count: number) =>
      count === 1 ? "one consultation only" : `${count} consultations`,
    make: "Make the link",
    again: "Make another link",
    madeTitle: "Your link is ready",
    address: "Address of the link",
    validity: (from: string, to: string, uses: string) =>
      `Open from ${from} to ${to}, for ${uses}.`,
    emergencySms: (validity, url) =>
      `Your video consultation: open this link on your telephone. ${validity} Link: ${url} Life at risk: call 15 or 112, or text 114.`,
    sms: "Message ready to send",
    smsText:
      "It holds the link, its time and the numbers to call. Nothing medical: a text message is not encrypted.",
    smsOpen: "Write a text message",
    life: (hours, uses) => `Good for ${hours}, for ${uses}. After that it leads nowhere.`,
    notShared: "Sharing did not work. The link is still here: copy it, or try again.",
    gone: "Leave this page, and the link is nowhere here any more.",
    noHandle:
      "Your union gave you no personal links. Ask them to add these to the enrolment of this device.",
    past: "That moment has passed. Choose another one.",
    tooLate: (day: string) =>
      `The enrolment of this device lasts until ${day}. Choose a moment before.`,
    impossible: "This link could not be made. Reload the page.",
    sheetTitle: "Your video consultation",
    sheetText: "Scan this code with your telephone, or type the address into a browser.",
    sheetEmergency: "Life at risk: call 15 or 112, or text 114.",
  },
};
