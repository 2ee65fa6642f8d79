/** The English words for what a patient says of himself, to the doctor alone. */
import type { AboutWords } from "./about.fr.ts";

export const aboutEn: AboutWords = {
  places: {
    home: "Home",
    pharmacy: "Pharmacy",
    "care-home": "Care home",
    work: "Workplace",
    other: "Elsewhere",
  },
  persons: {
    self: "Myself",
    child: "My child",
    relative: "A relative",
  },
  title: "What the patient says",
  agreed: (time: string) => `Patient informed and agrees (${time})`,
  notAgreed: "The patient’s agreement has not come through: please ask.",
  nothing: "The patient has not said anything yet.",
  place: "Place",
  person: "For",
  personIs: { self: "The patient", child: "The patient’s child", relative: "A relative" },
  phone: "Call back",
  whereabouts: "Address",
  call: (phone: string) => `Call ${phone}`,
  copy: "Copy",
  copyPhone: "Copy the number",
  copyWhereabouts: "Copy the address",
  copied: "Copied.",
  notCopied: "Copying was not possible: please select the text.",
};
