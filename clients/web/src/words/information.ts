/** The words of the line at the foot of each screen, in the language of the page. */
import type { Words } from "./fr.ts";
import { informationFr, type InformationWords } from "./information.fr.ts";

export function informationWords(words: Pick<Words, "topics">): InformationWords {
  return words.topics.information ?? informationFr;
}
