/** The words of text and documents in a call, in the language of the page. */
import type { Words } from "./fr.ts";
import { talkFr, type TalkWords } from "./talk.fr.ts";

export type { TalkWords } from "./talk.fr.ts";

export function talkWords(words: Pick<Words, "topics">): TalkWords {
  return words.topics.talk ?? talkFr;
}
