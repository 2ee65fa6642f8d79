/** The words around a call's picture and sound, in the language of the page. */
import { callFr, type CallWords } from "./call.fr.ts";
import type { Words } from "./fr.ts";

export type { CallWords } from "./call.fr.ts";

export function callWords(words: Pick<Words, "topics">): CallWords {
  return words.topics.call ?? callFr;
}
