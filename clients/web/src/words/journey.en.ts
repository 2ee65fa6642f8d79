/** The English words of the patient's screens before and after the call. */
import { WAIT_PASS_S } from "../agreed.ts";
import type { JourneyWords } from "./journey.fr.ts";

const minutes = WAIT_PASS_S / 60;

export const journeyEn: JourneyWords = {
  about: {
    title: "A few words for the doctor",
    ownDoctor: "Your link leads to your own doctor.",
    queue: (title: string) => `Your link leads to this queue: ${title}.`,
    sealed:
      "All of it is optional. Only the doctor whom you accept will read these answers; the service does not see them.",
    place: "Where are you?",
    person: "Whom is it for?",
    reach: "To be called back or found (optional)",
    reachText:
      "If the connection is lost the doctor can call you back; in danger, the doctor can send help.",
    phone: "Telephone to call you back",
    phoneWrong: "This number cannot be called. Please correct it, or clear it.",
    whereabouts: "Address where you are",
    whereaboutsText: "Street, floor, door code: whatever helps to find you.",
    next: "Continue",
  },
  territory: {
    title: "Your commune or postcode",
    why: "Your place is asked for so that a doctor of your territory comes first. What you write does not leave this device: the service learns the queue and no more.",
    refusing:
      "If you do not say it, you wait in the queue of your link; the doctor may be far away, and may not be able to examine you afterwards.",
    coverage:
      "Reimbursement also depends on the territory and on your own doctor; the health insurance decides, this page does not.",
    ameli: "The conditions, on ameli.fr (in French)",
    newTab: "(in a new tab)",
    rather: "I would rather not say",
    kept: (title: string) => `You will wait in this queue: ${title}.`,
    choose: "Several queues match. Please choose yours:",
    notFound: "No queue matches. Check it, or go on in the queue of your link.",
  },
  room: {
    about: "About you, for the doctor",
    lost: "This page was loaded again: it has kept nothing of what you wrote. You may say it again; you need not.",
    agreeing: "By saving you agree once more to a consultation at a distance.",
    save: "Save",
    saved: "Saved in this page, until the call.",
    first: "You will be the first to be called when a doctor comes.",
    firstOwn: "You will be the first to be called when your doctor comes.",
    self: "Your picture. Nobody sees you yet.",
    selfNone: "Your microphone is ready, without a picture.",
    behind:
      "Your place ended while this page was away. You have taken another, at the end of the queue.",
    keeps:
      "You may go to another application: the place is kept, and this page calls you by sound, by vibration and in its title.",
  },
  there: {
    title: "Are you still there?",
    text: "Your place is kept. Without an answer nothing changes.",
    offline: `The server has not answered for several minutes. Your place is kept for ${minutes} minutes in all: go where there is a network, and this page comes back by itself.`,
    yes: "Yes, I am still waiting",
    no: "No, I leave the queue",
  },
  end: {
    adviceTitle: "What the doctor advises",
    advice: {
      "in-person":
        "Be examined in person: make an appointment at a practice, or go to the out-of-hours clinic.",
      "home-visit":
        "A home visit is useful. The doctor told you how it is arranged; if not, call your own doctor.",
      pharmacy: "Go to the pharmacy of your choice.",
    },
    next: [
      "A prescription or a sick note reaches you in the way you agreed with the doctor. You choose the pharmacy.",
      "If something has yet to be examined: your own doctor, at the surgery or on a home visit.",
      "For another doctor, open a consultation link again.",
      "If you feel worse, call 15 or 112.",
    ],
    without: [
      "See your own doctor, at the surgery or on a home visit, or an out-of-hours surgery.",
      "Your pharmacist can advise you too.",
      "For another doctor, open a consultation link again.",
      "If you feel worse, call 15 or 112.",
    ],
    coverageTitle: "Reimbursement",
    coverage:
      "Only a consultation by video can be reimbursed, under conditions; sound alone is not, as a rule. The health insurance decides.",
    kept: "Nothing is kept: no picture, no sound, no message, nothing of what you wrote.",
    history: "This browser’s history keeps the address of the link; a private window does not.",
    again: "Take a place in the queue again",
    againText: "Your link is still here. The new place is at the end of the queue.",
  },
  refused: {
    again: "Try again",
    helps: "You can also see your own doctor, an out-of-hours surgery or your pharmacist.",
  },
};
