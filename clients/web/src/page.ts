/**
 * What both entries need of the page itself: can it work, in which language, when to redraw.
 *
 * Door. Nothing is read from or written to the browser's stores.
 */
import type { Holder } from "./proof.ts";
import { ownLink } from "./desk.ts";
import type { Link } from "./link.ts";
import type { Unable } from "./todo.ts";
import { en } from "./words/en.ts";
import { fr } from "./words/fr.ts";
import type { Words } from "./words/fr.ts";

export let words: Words = fr;

export function otherLanguage(): void {
  words = words === fr ? en : fr;
  document.documentElement.lang = words.lang;
}

/** A link with its holder, or why this page cannot go on. */
export async function prepare(link: Link | null): Promise<[Link, Holder] | Unable> {
  if (link === null) return "no-link";
  if (!isSecureContext) return "insecure";
  if (typeof RTCPeerConnection === "undefined") return "no-webrtc";
  return (await ownLink(link)) ?? "browser";
}

/** The page cannot go on: its machine still draws, with a link and a key that are never used. */
export const NO_LINK: Link = { token: "none", holder: null, resume: null };
export const NO_HOLDER: Holder = {
  // Never signs: a page that is unable never joins.
  key: {} as CryptoKey,
  publicKey: new Uint8Array(),
  thumbprint: "",
};
