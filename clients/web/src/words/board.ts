/** The words of the doctor's board, in the language of the page. */
import { boardFr, type BoardWords } from "./board.fr.ts";
import type { Words } from "./fr.ts";

export function boardWords(words: Pick<Words, "topics">): BoardWords {
  return words.topics.board ?? boardFr;
}
