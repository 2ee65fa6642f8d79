/** The words of the status page, in its two languages. */
import type { Words } from "./fr.ts";
import { enrolmentWords } from "./enrolment.ts";
import { statusFr, type StatusWords } from "./status.fr.ts";

export type { StatusWords } from "./status.fr.ts";

/** The page's words in one of its languages, English loaded when it is asked for. */
export async function statusWords(lang: "fr" | "en"): Promise<StatusWords> {
  return lang === "fr" ? statusFr : (await import("./status.en.ts")).statusEn;
}

/** The words of all pages, where enrolling speaks to staff and not to doctors. */
export function toStaff(words: Words, status: StatusWords): Words {
  const all = enrolmentWords(words);
  const enrolment = { ...all, enrolment: { ...all.enrolment, ...status.enrolment } };
  return { ...words, topics: { ...words.topics, enrolment } };
}
