import type { InformationWords } from "./information.fr.ts";

/** Words of the line at the foot of each screen, in English. */
export const informationEn: InformationWords = {
  label: "About this service",
  privacy: "Privacy",
  legal: "Legal notices",
  how: "How it works",
  accessibility: {
    none: "Accessibility: not compliant",
    partial: "Accessibility: partially compliant",
  },
  write: "Write to the team",
  newTab: "(new tab)",
  path: "/en/",
};
