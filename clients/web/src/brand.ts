/**
 * Whose service this is, as the server wrote it into the page's head.
 *
 * Door: it reads the document, once. No request, so that nothing jumps and nothing waits; a page
 * that holds nothing of the kind, or nonsense, is the pages' own.
 */
import type { Words } from "./words/fr.ts";

export interface Brand {
  /** Beside the logo and in the title; null for the pages' own name. */
  short: string | null;
  logo: { path: string; ratio: number } | null;
  /** How far the pages are accessible, as `/accessibilite` says it. */
  conformity: "none" | "partial";
  /** Where people may write to the team. */
  team: string | null;
}

const OWN: Brand = { short: null, logo: null, conformity: "none", team: null };
const LOGO_PATH = "/brand-logo";

/** Read what the server wrote (`as_json` in `signaling/brand.py`). */
export function readBrand(text: string | null | undefined): Brand {
  let told: Record<string, unknown>;
  try {
    told = Object(JSON.parse(text ?? "")) as Record<string, unknown>;
  } catch {
    return OWN;
  }
  const { ratio } = Object(told["logo"]) as { ratio?: unknown };
  return {
    short: typeof told["short"] === "string" ? told["short"] : null,
    logo: typeof ratio === "number" && ratio > 0 ? { path: LOGO_PATH, ratio } : null,
    conformity: told["conformity"] === "partial" ? "partial" : "none",
    team: typeof told["team"] === "string" ? told["team"] : null,
  };
}

// Tests that draw nothing have no document.
const head = typeof document === "undefined" ? null : document.head;

export const brand = readBrand(head?.querySelector<HTMLMetaElement>('meta[name="brand"]')?.content);

/** The words of a language, with the service's own name in the place of the pages'. */
export function named(words: Words, { short }: Brand = brand): Words {
  if (short === null) return words;
  const doctorName = words.doctorName.replace(words.name, short);
  return { ...words, name: short, doctorName };
}

/** A name that has to be broken on a small phone is broken between its words. */
export function breakable(name: string): string {
  return name.replace(/^T[eé]l[eé](?=consultation)/, "$&\u00ad");
}
