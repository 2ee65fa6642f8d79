/** The words of the waiting room, in the language of the page. */
import type { Words } from "./fr.ts";
import { waitingFr, type WaitingWords } from "./waiting.fr.ts";

export type { WaitingWords } from "./waiting.fr.ts";

export function waitingWords(words: Pick<Words, "topics">): WaitingWords {
  return words.topics.waiting ?? waitingFr;
}
