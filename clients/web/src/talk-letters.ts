/**
 * What two ends say to each other in text once they are bound: letters, and how they are read.
 *
 * Pure. What comes from the far end is hostile: a length that is exceeded or a field without form
 * is refused, an unknown letter is passed over.
 *
 * Letters are in `clients/README.md`, *Text and documents*.
 */

/** Longer than what anybody types at once, shorter than what would fill a screen for long. */
export const LINE_MAX = 2_000;
/** A line of `LINE_MAX` characters that JSON writes as six each, and a little beside. */
export const LETTER_MAX = 6 * LINE_MAX + 1_000;

const RUN = /^[\w-]{8,32}$/;

export type TalkLetter =
  /**
   * First thing: what this end can, and up to which of the other's lines it has heard. With `re`
   * it answers the other's, and is not answered itself.
   */
  | { t: "can"; run: string; heard: Heard | null; text: boolean; papers: boolean; re?: true }
  /** The line being written: of its `of` characters, `cut` from `at` on give way to `add`. */
  | { t: "edit"; line: number; of: number; at: number; cut: number; add: string }
  /** A line is finished: this is all of it. */
  | { t: "line"; line: number; text: string }
  /** Heard up to this line. */
  | { t: "got"; line: number };

/** `run`: one life of a page, whose lines are counted from 1. */
export interface Heard {
  readonly run: string;
  readonly line: number;
}

export function write(letter: TalkLetter): string {
  return JSON.stringify(letter);
}

/** Read a letter; null for one that this page does not know, "bad" for what no page writes. */
export function read(raw: string): TalkLetter | null | "bad" {
  if (raw.length > LETTER_MAX) return "bad";
  let said: unknown;
  try {
    said = JSON.parse(raw);
  } catch {
    return "bad";
  }
  if (typeof said !== "object" || said === null) return "bad";
  const { t, run, heard, text, papers, re, line, of, at, cut, add } = said as Record<
    string,
    unknown
  >;
  switch (t) {
    case "can": {
      const known = heard === null || heard === undefined ? null : heardOf(heard);
      if (!isRun(run) || known === "bad") return "bad";
      const can = { t, run, heard: known, text: text === true, papers: papers === true } as const;
      return re === true ? { ...can, re } : can;
    }
    case "edit": {
      const isWhole = isNumber(line, Infinity) && isNumber(of) && isNumber(at) && isNumber(cut);
      if (!isWhole || typeof add !== "string" || at + cut > of) return "bad";
      return of - cut + add.length > LINE_MAX ? "bad" : { t, line, of, at, cut, add };
    }
    case "line":
      if (!isNumber(line, Infinity) || typeof text !== "string" || text.length > LINE_MAX) {
        return "bad";
      }
      return { t, line, text };
    case "got":
      return isNumber(line, Infinity) ? { t, line } : "bad";
    default:
      return null;
  }
}

function heardOf(heard: unknown): Heard | "bad" {
  if (typeof heard !== "object" || heard === null) return "bad";
  const { run, line } = heard as Record<string, unknown>;
  return isRun(run) && isNumber(line, Infinity) ? { run, line } : "bad";
}

function isRun(value: unknown): value is string {
  return typeof value === "string" && RUN.test(value);
}

function isNumber(value: unknown, most: number = LINE_MAX): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0 && Number(value) <= most;
}

// Control characters except the new line, and marks that turn the order of all that follows.
// eslint-disable-next-line no-control-regex -- to cut them out
const UNFIT = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g;

/** Text as it may be shown: nothing in it acts on what stands around it. */
export function plain(text: string): string {
  return text.replace(/\r\n?/g, "\n").replace(UNFIT, " ");
}

/** What has to change for one text to become the other; no character is cut in half. */
export function editOf(from: string, to: string): { at: number; cut: number; add: string } {
  const most = Math.min(from.length, to.length);
  let at = 0;
  while (at < most && from[at] === to[at]) at++;
  if (isHalf(from, at) || isHalf(to, at)) at--;
  let end = 0;
  while (end < most - at && from[from.length - 1 - end] === to[to.length - 1 - end]) end++;
  if (isHalf(from, from.length - end) || isHalf(to, to.length - end)) end--;
  return { at, cut: from.length - end - at, add: to.slice(at, to.length - end) };
}

/** A cut here would part two halves of one character. */
function isHalf(text: string, at: number): boolean {
  const before = text.charCodeAt(at - 1);
  const after = text.charCodeAt(at);
  return before >= 0xd800 && before < 0xdc00 && after >= 0xdc00 && after < 0xe000;
}
