/** The words of what a doctor has at hand: keys, the call slip, reminders in the call. */
import type { Words } from "./fr.ts";
import { wardFr, type WardWords } from "./ward.fr.ts";

export function wardWords(words: Pick<Words, "topics">): WardWords {
  return words.topics.ward ?? wardFr;
}
