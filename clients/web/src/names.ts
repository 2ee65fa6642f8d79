/**
 * How a doctor is called on a page.
 *
 * Pure.
 */
import type { Words } from "./words/fr.ts";

/** With the title, where the name does not bring its own. */
export function doctorName(name: string, words: Words): string {
  if (name === "") return words.proposed.doctor;
  return /^(dr|pr)\b/i.test(name) ? name : `Dr ${name}`;
}
