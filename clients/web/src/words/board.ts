/** The words of the doctor's board, in the language of the page. */
import { boardEn } from "./board.en.ts";
import { boardFr, type BoardWords } from "./board.fr.ts";
import type { Words } from "./fr.ts";

export function boardWords(words: Pick<Words, "lang">): BoardWords {
  return words.lang === "en" ? boardEn : boardFr;
}
