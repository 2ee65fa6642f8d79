/**
 * What both entries need of the page itself: can it work, in which language, when to redraw.
 *
 * Door. Nothing is read from or written to the browser's stores.
 */
import type { Unable } from "./todo.ts";
import { en } from "./words/en.ts";
import { fr } from "./words/fr.ts";
import type { Words } from "./words/fr.ts";

export let words: Words = fr;

export function otherLanguage(): void {
  words = words === fr ? en : fr;
  document.documentElement.lang = words.lang;
}

/** Why this browser, or this address, cannot hold a consultation; null where it can. */
export function unableHere(): Unable | null {
  if (!isSecureContext) return "insecure";
  return typeof RTCPeerConnection === "undefined" ? "no-webrtc" : null;
}
