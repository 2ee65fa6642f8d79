/** The words of enrolling and of links, in the language of the page. */
import { enrolmentFr, type EnrolmentWords } from "./enrolment.fr.ts";
import type { Words } from "./fr.ts";

export type { EnrolmentWords } from "./enrolment.fr.ts";

export function enrolmentWords(words: Pick<Words, "topics">): EnrolmentWords {
  return words.topics.enrolment ?? enrolmentFr;
}
