/** The words for what a patient says of himself, in the language of the page. */
import { aboutFr, type AboutWords } from "./about.fr.ts";
import type { Words } from "./fr.ts";

export type { AboutWords } from "./about.fr.ts";

export function aboutWords(words: Pick<Words, "topics">): AboutWords {
  return words.topics.about ?? aboutFr;
}
