/**
 * Text to one far end: each letter is seen as it is typed, and each finished line arrives once.
 *
 * Pure: (talk, event) -> [talk, todos]. What the far end says is hostile: it is bounded in length
 * and number, and whoever exceeds that is heard no more.
 *
 * Real-time text as in RFC 4103 and EN 301 549 §6.2, over a channel that keeps the order: nothing
 * is said twice but on another connection. Letters are in `clients/README.md`.
 */
import { type Allowance, type Rate, spend } from "./allowance.ts";
import { editOf, LINE_MAX, plain, read, type TalkLetter, write } from "./talk-letters.ts";

/** EN 301 549 §6.2.4 wants 500 ms from key to network; people see a delay from 300 ms on. */
export const EDIT_EVERY_MS = 150;
/** Of our finished lines, those that wait for a path: whoever writes more is asked to wait. */
export const WAITING_MAX = 50;
/** What an honest end says: seven edits a second, and in a burst all that a broken path held. */
export const TALK_RATE: Rate = { burst: 600, perSecond: 30 };

/** A far end's first word is answered by all lines that wait: it may not be said often. */
const CAN_COST = 20;

interface Line {
  readonly line: number;
  readonly text: string;
}

export interface Talk {
  /** Of our lines, counted from 1. */
  readonly run: string;
  /** Finished, and not acknowledged. */
  readonly waiting: readonly Line[];
  /** The number of the line being written. */
  readonly next: number;
  readonly draft: string;
  /** What the far end has of it. */
  readonly said: string;
  /** A pause between two edits. */
  readonly isResting: boolean;
  readonly isLinked: boolean;
  /** The far end's word on this connection; null before it. */
  readonly can: { readonly text: boolean; readonly papers: boolean } | null;
  /** Its lines, and the one that it is writing. */
  readonly far: { readonly run: string; readonly line: number; readonly draft: string } | null;
  readonly allowance: Allowance | null;
  /** It said what no page says, or too much: it is heard no more in this session. */
  readonly isShut: boolean;
}

export type TalkEvent =
  | { e: "linked" }
  | { e: "unlinked" }
  | { e: "typed"; text: string }
  | { e: "finished"; text: string }
  /** The pause is over; `isFull`: what was said before has not left yet. */
  | { e: "tick"; isFull: boolean }
  | { e: "heard"; raw: string; now_ms: number };

export type TalkTodo =
  | { do: "say"; text: string }
  | { do: "tick"; after_ms: number }
  /** A line of the far end's. */
  | { do: "show"; text: string }
  /** Our lines up to this one have arrived. */
  | { do: "arrived"; line: number }
  /** What the far end can; `isSame`: the page that spoke before, and not one loaded anew. */
  | { do: "can"; isSame: boolean }
  | { do: "shut" };

type Step = [Talk, TalkTodo[]];

export function begin(run: string): Talk {
  return {
    run,
    waiting: [],
    next: 1,
    draft: "",
    said: "",
    isResting: false,
    isLinked: false,
    can: null,
    far: null,
    allowance: null,
    isShut: false,
  };
}

/** Whether text may be written: the far end can read it, or could and is sought again. */
export function mayWrite(talk: Talk): boolean {
  return !talk.isShut && (talk.can === null ? talk.far !== null : talk.can.text);
}

export function isFull(talk: Talk): boolean {
  return talk.waiting.length >= WAITING_MAX;
}

export function step(talk: Talk, event: TalkEvent): Step {
  if (talk.isShut) return [talk, []];
  switch (event.e) {
    case "linked":
      return [{ ...talk, isLinked: true, can: null }, [can(talk)]];
    case "unlinked": {
      // Half a line of somebody who is gone stays no longer; it is said again.
      const far = talk.far && { ...talk.far, draft: "" };
      return [{ ...talk, isLinked: false, can: null, said: "", far }, []];
    }
    case "typed":
      return edited({ ...talk, draft: fit(event.text) }, talk.isResting);
    case "tick":
      return event.isFull ? rest(talk) : edited({ ...talk, isResting: false }, false);
    case "finished":
      return finished(talk, fit(event.text));
    case "heard":
      return heard(talk, event.raw, event.now_ms);
  }
}

/** What a person wrote, as it may be sent. */
function fit(text: string): string {
  return plain(text).slice(0, LINE_MAX);
}

function finished(talk: Talk, text: string): Step {
  if (text.trim() === "" || isFull(talk)) return [talk, []];
  const line = talk.next;
  const next: Talk = {
    ...talk,
    next: line + 1,
    draft: "",
    said: "",
    waiting: [...talk.waiting, { line, text }],
  };
  return [next, isHeard(talk) ? [say({ t: "line", line, text })] : []];
}

/** The far end is there, and reads. */
function isHeard(talk: Talk): boolean {
  return talk.isLinked && talk.can?.text === true;
}

function edited(talk: Talk, isResting: boolean): Step {
  if (!isHeard(talk) || isResting || talk.draft === talk.said) return [talk, []];
  const { draft, said, next: line } = talk;
  const edit = say({ t: "edit", line, of: said.length, ...editOf(said, draft) });
  const [rested, todos] = rest({ ...talk, said: draft });
  return [rested, [edit, ...todos]];
}

function rest(talk: Talk): Step {
  return [{ ...talk, isResting: true }, [{ do: "tick", after_ms: EDIT_EVERY_MS }]];
}

function heard(talk: Talk, raw: string, now_ms: number): Step {
  const letter = read(raw);
  const isFirst = letter !== null && letter !== "bad" && letter.t === "can";
  const allowance = spend(talk.allowance, TALK_RATE, now_ms, isFirst ? CAN_COST : 1);
  if (letter === "bad" || allowance === null) return shut(talk);
  const next = { ...talk, allowance };
  if (letter === null || (next.can === null && !isFirst)) return [next, []];
  switch (letter.t) {
    case "can": {
      const [said, todos] = able(next, letter);
      // It was on hold, and waits for our word once more. An answer is never answered: two holds
      // within one way there and back would have both ends answer for ever.
      const isAsking = next.can !== null && letter.re !== true;
      return [said, isAsking ? [can(talk, true), ...todos] : todos];
    }
    case "edit":
      return drafted(next, letter);
    case "line":
      return lined(next, letter);
    case "got": {
      const waiting = next.waiting.filter(({ line }) => line > letter.line);
      if (waiting.length === next.waiting.length) return [next, []];
      return [{ ...next, waiting }, [{ do: "arrived", line: letter.line }]];
    }
  }
}

/** What was said on a connection before may be lost, and is said again. */
function able(talk: Talk, { run, heard: got, text, papers }: Of<"can">): Step {
  const isSame = talk.far?.run === run;
  const line = talk.far !== null && isSame ? talk.far.line : 0;
  const upTo = got?.run === talk.run ? got.line : 0;
  const waiting = talk.waiting.filter((one) => one.line > upTo);
  const far = { run, line, draft: "" };
  const next: Talk = { ...talk, can: { text, papers }, far, waiting, said: "" };
  const able_: TalkTodo = { do: "can", isSame };
  const told: TalkTodo[] =
    waiting.length < talk.waiting.length ? [{ do: "arrived", line: upTo }] : [];
  if (!text) return [next, [...told, able_]];
  const lines = waiting.map((one) => say({ t: "line", ...one }));
  const [said, edits] = edited(next, false);
  return [said, [...told, ...lines, ...edits, able_]];
}

/** Our first word on a connection, or our answer to the far end's. */
function can({ run, far }: Talk, isAnswer = false): TalkTodo {
  const heard = far === null ? null : { run: far.run, line: far.line };
  const word = { t: "can", run, heard, text: true, papers: true } as const;
  return say(isAnswer ? { ...word, re: true } : word);
}

function drafted(talk: Talk, { line, of, at, cut, add }: Of<"edit">): Step {
  const { far } = talk;
  if (far === null || line <= far.line) return [talk, []];
  // What does not fit what is here is the start of another line, or of one that was lost.
  const before = of === far.draft.length ? far.draft : "";
  if (of !== before.length) return [talk, []];
  const draft = plain(before.slice(0, at) + add + before.slice(at + cut));
  return [{ ...talk, far: { ...far, draft } }, []];
}

function lined(talk: Talk, { line, text }: Of<"line">): Step {
  const { far } = talk;
  if (far === null) return [talk, []];
  // One that is here already is acknowledged once more: that was lost.
  if (line <= far.line) return [talk, [say({ t: "got", line: far.line })]];
  const next = { ...talk, far: { ...far, line, draft: "" } };
  return [next, [{ do: "show", text: plain(text) }, say({ t: "got", line })]];
}

function shut(talk: Talk): Step {
  return [{ ...talk, isShut: true, can: null, far: null, waiting: [] }, [{ do: "shut" }]];
}

type Of<T extends TalkLetter["t"]> = Extract<TalkLetter, { t: T }>;

function say(letter: TalkLetter): TalkTodo {
  return { do: "say", text: write(letter) };
}
