/** The words of enrolling and of links, in the language of the page. */
import { enrolmentEn } from "./enrolment.en.ts";
import { enrolmentFr, type EnrolmentWords } from "./enrolment.fr.ts";
import type { Words } from "./fr.ts";

export type { EnrolmentWords } from "./enrolment.fr.ts";

export function enrolmentWords(words: Pick<Words, "lang">): EnrolmentWords {
  return words.lang === "en" ? enrolmentEn : enrolmentFr;
}
