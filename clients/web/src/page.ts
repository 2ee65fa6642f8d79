/**
 * What both entries need of the page itself: can it work, in which language, when to redraw.
 *
 * Door. Nothing is read from or written to the browser's stores; the language that was chosen is
 * in the page's own entry of the history, so that a reload has it.
 */
import { named } from "./brand.ts";
import { keepLanguage, keptLanguage } from "./entry.ts";
import { directionOf, firstOf, isOurs, type Lang } from "./languages.ts";
import type { Unable } from "./todo.ts";
import { fr } from "./words/fr.ts";
import type { Words } from "./words/fr.ts";

export let words: Words = named(fr);
let wanted: Lang = "fr";

/** Each is a file of its own: nobody waits for a language that he does not read. */
async function wordsOf(lang: Lang): Promise<Words> {
  switch (lang) {
    case "fr":
      return fr;
    case "en":
      return (await import("./words/en.ts")).en;
    case "ar":
      return (await import("./words/ar.ts")).ar;
  }
}

/** Speak another language from now on; false where it cannot be loaded, and nothing changes. */
export async function speak(lang: Lang): Promise<boolean> {
  wanted = lang;
  let found: Words;
  try {
    found = await wordsOf(lang);
  } catch {
    return false;
  }
  // The last one that was asked for counts, and not the last one that came.
  if (wanted !== lang) return true;
  words = named(found);
  document.documentElement.lang = lang;
  document.documentElement.dir = directionOf(lang);
  return true;
}

/** As `speak`, of a person's own will: a reload keeps it. */
export async function choose(lang: Lang): Promise<boolean> {
  // Also where it fails: loading the page anew is then what helps.
  keepLanguage(lang);
  return speak(lang);
}

/** The language that was chosen here before, else the first of the browser's that is ours. */
export async function speakFirst(draw: () => void): Promise<void> {
  const kept = keptLanguage();
  const lang = isOurs(kept) ? kept : firstOf(navigator.languages);
  if (lang !== "fr" && (await speak(lang))) draw();
}

/** Why this browser, or this address, cannot hold a consultation; null where it can. */
export function unableHere(): Unable | null {
  if (!isSecureContext) return "insecure";
  return typeof RTCPeerConnection === "undefined" ? "no-webrtc" : null;
}
