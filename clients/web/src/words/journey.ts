/** The words of the patient's screens before and after the call, in the language of the page. */
import { journeyFr, type JourneyWords } from "./journey.fr.ts";
import type { Words } from "./fr.ts";

export type { JourneyWords } from "./journey.fr.ts";

export function journeyWords(words: Pick<Words, "topics">): JourneyWords {
  return words.topics.journey ?? journeyFr;
}
