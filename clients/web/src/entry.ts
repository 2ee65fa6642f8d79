/**
 * What a page keeps in its own entry of the browser's history: a reload has it, a link never.
 *
 * Door. Nothing of a patient is kept but the language: that the page was in, and what a doctor wanted of
 * his duty.
 */
import type { Remembered } from "./duty.ts";

interface Entry {
  /** This very page was in, and its person has agreed to that. */
  wasIn: true;
  kept?: Remembered;
  /** The doctor has switched keys of one character off. */
  hasNoKeys?: boolean;
  /** When, in milliseconds since 1970. */
  at?: number;
  /** The language that was chosen. */
  lang?: string;
}

// A duty is of one day or one night: what is older was another's.
const REMEMBERED_MS = 12 * 3_600_000;

function entry(): Partial<Entry> {
  return (history.state as Entry | null) ?? {};
}

/** Whether this very page was in before, and its person has agreed to that. */
export function wasIn(): boolean {
  return entry().wasIn === true;
}

/** What a doctor wanted before a reload; nothing where that is old. */
export function remembered(): Remembered | undefined {
  const { kept, at = 0 } = entry();
  return Math.abs(Date.now() - at) < REMEMBERED_MS ? kept : undefined;
}

/** Whether the doctor has switched keys of one character off. */
export function hasNoKeys(): boolean {
  return entry().hasNoKeys === true;
}

/** Keep that the page was in, and more; `url` is where it is from now on. */
export function keepEntry(more: Omit<Partial<Entry>, "wasIn"> = {}, url = location.href): void {
  history.replaceState({ ...entry(), ...more, wasIn: true } satisfies Entry, "", url);
}

/** The language that was chosen in this very page, as it was written: whoever asks checks it. */
export function keptLanguage(): unknown {
  return entry().lang;
}

/** Keep it, of a page that is in or not. */
export function keepLanguage(lang: string): void {
  history.replaceState({ ...entry(), lang } satisfies Partial<Entry>, "");
}
