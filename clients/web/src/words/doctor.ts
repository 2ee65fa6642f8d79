/** What the doctor's page says around the board, in the language of the page. */
import { doctorFr, type DoctorWords } from "./doctor.fr.ts";
import type { Words } from "./fr.ts";

export function doctorWords(words: Pick<Words, "topics">): DoctorWords {
  return words.topics.doctor ?? doctorFr;
}
