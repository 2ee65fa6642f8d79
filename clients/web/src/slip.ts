/**
 * The call slip: when a consultation began and ended, and what disturbed it.
 *
 * Pure. Times are the server's, in seconds since 1970: the caller adds to the doctor's own clock by
 * how much the server's goes before it. It holds no name and nothing of what was said, is in the
 * page's memory until the next consultation, and is nowhere else.
 */
import type { Place } from "./about.ts";
import type { Flow } from "./path.ts";
import type { Notice, State } from "./rounds.ts";

// A path that breaks each minute does so for an hour and a half: more is no news.
const SPANS_MAX = 90;

/** A span of time; `to_s` is null while it lasts. */
export interface Span {
  readonly from_s: number;
  readonly to_s: number | null;
}

export type Ending = "doctor" | "patient" | "lost" | "excluded" | "handed-over" | "seal";

export interface Slip {
  readonly session: string;
  readonly began_s: number;
  /** Null while the consultation lasts. */
  readonly ended_s: number | null;
  readonly ending: Ending | null;
  /** This page came back into a consultation that was running: it does not know its beginning. */
  readonly isPartial: boolean;
  /** Both ends were seen to be who they are, by the seal. */
  readonly wasMet: boolean;
  /** Pictures came from the patient at one time at least. */
  readonly hadPicture: boolean;
  readonly interruptions: readonly Span[];
  /** Only sound came, after pictures had. */
  readonly darkness: readonly Span[];
  /** Sound alone, as both had agreed. */
  readonly soundAlone: readonly Span[];
  /** The patient was informed and agreed, said the doctor. */
  readonly agreed_s: number | null;
  /** What the patient's page said of that, and of the kind of place. */
  readonly said: Said | null;
}

export interface Said {
  readonly place: Place | null;
  readonly agreed_s: number | null;
}

/** A consultation that runs, as the page sees it. */
export interface Sitting {
  readonly session: string;
  readonly flow: Flow;
  /** The far end was proven, and the connection ends there. */
  readonly isMet: boolean;
  /** Only its sound comes, after pictures had. */
  readonly isDark: boolean;
  /** Both agreed to go on without. */
  readonly isSoundAlone: boolean;
  /** Pictures come. */
  readonly hasPicture: boolean;
  /** The page came back into it. */
  readonly isResumed: boolean;
  readonly said: Said | null;
}

/** Where the page stands when it sits in no consultation. */
type Elsewhere = Pick<State, "page" | "notice">;

/** After each step of the doctor's machine: the slip as it now stands. */
export function followed(
  slip: Slip | null,
  sitting: Sitting | null,
  { page, notice }: Elsewhere,
  now_s: number,
): Slip | null {
  if (sitting === null) {
    if (slip === null || slip.ended_s !== null) return slip;
    // Another window has the consultation, or this one is on its way back into it.
    const isOpen = page.name === "replaced" || page.name === "entering";
    return isOpen ? slip : ended(slip, endingOf(notice), now_s);
  }
  const running =
    slip?.session === sitting.session && slip.ended_s === null ? slip : begun(sitting, now_s);
  const { flow, isMet, isDark, isSoundAlone, hasPicture } = sitting;
  const isLost = flow === "live" && isDark && !isSoundAlone;
  return {
    ...running,
    wasMet: running.wasMet || isMet,
    hadPicture: running.hadPicture || (isMet && hasPicture),
    said: sitting.said ?? running.said,
    interruptions: noted(running.interruptions, flow === "interrupted", now_s),
    darkness: noted(running.darkness, isLost, now_s),
    soundAlone: noted(running.soundAlone, isSoundAlone, now_s),
  };
}

function begun({ session, isResumed }: Sitting, now_s: number): Slip {
  return {
    session,
    began_s: now_s,
    ended_s: null,
    ending: null,
    isPartial: isResumed,
    wasMet: false,
    hadPicture: false,
    interruptions: [],
    darkness: [],
    soundAlone: [],
    agreed_s: null,
    said: null,
  };
}

function ended(slip: Slip, ending: Ending, now_s: number): Slip {
  return {
    ...slip,
    ended_s: now_s,
    ending,
    interruptions: noted(slip.interruptions, false, now_s),
    darkness: noted(slip.darkness, false, now_s),
    soundAlone: noted(slip.soundAlone, false, now_s),
  };
}

/** The doctor's own word on it, and its taking back. */
export function agreeing(slip: Slip, now_s: number): Slip {
  return { ...slip, agreed_s: slip.agreed_s === null ? now_s : null };
}

function noted(spans: readonly Span[], is: boolean, now_s: number): readonly Span[] {
  const last = spans.at(-1);
  const isOpen = last !== undefined && last.to_s === null;
  if (is === isOpen || (is && spans.length >= SPANS_MAX)) return spans;
  return is
    ? [...spans, { from_s: now_s, to_s: null }]
    : [...spans.slice(0, -1), ...(last === undefined ? [] : [{ ...last, to_s: now_s }])];
}

/** Who ended it, as far as the page was told. */
function endingOf(notice: Notice | null): Ending {
  if (notice === null || notice === "drained") return "doctor";
  if (notice === "shown-out") return "excluded";
  if (notice === "handed-over" || notice === "requeued") return "handed-over";
  if (notice === "left") return "patient";
  return notice.startsWith("seal-") ? "seal" : "lost";
}

/** The sentences that a slip is made of. */
export interface SlipWords {
  readonly heading: string;
  readonly day: (day: string) => string;
  readonly hours: (from: string, to: string) => string;
  readonly partial: (from: string, to: string) => string;
  readonly lasted: (time: string) => string;
  readonly picture: string;
  readonly sound: string;
  readonly unmet: string;
  readonly untroubled: string;
  readonly interrupted: (count: number) => string;
  readonly dark: (count: number) => string;
  readonly soundAlone: string;
  readonly span: (from: string, time: string) => string;
  readonly agreed: (at: string) => string;
  readonly notAgreed: string;
  readonly agreedOnPage: (at: string) => string;
  readonly places: Readonly<Record<Place, string>>;
  readonly endings: Readonly<Record<Ending, string>>;
  readonly seconds: (count: number) => string;
  readonly minutes: (count: number) => string;
}

/** How a moment is written, on the wall clock of whoever reads. */
export interface Calendar {
  readonly day: (at_s: number) => string;
  readonly hour: (at_s: number) => string;
}

/** A finished slip as plain text, a line for each fact. */
export function textOf(slip: Slip, words: SlipWords, calendar: Calendar): string {
  const { began_s, interruptions, darkness, soundAlone, agreed_s, said, ending } = slip;
  const to_s = slip.ended_s ?? began_s;
  const [from, to] = [calendar.hour(began_s), calendar.hour(to_s)];
  const spans = (all: readonly Span[]) =>
    all.map((span) =>
      words.span(calendar.hour(span.from_s), lengthOf((span.to_s ?? to_s) - span.from_s, words)),
    );
  const isUntroubled = interruptions.length === 0 && darkness.length === 0;
  return [
    words.heading,
    words.day(calendar.day(began_s)),
    slip.isPartial ? words.partial(from, to) : words.hours(from, to),
    words.lasted(lengthOf(to_s - began_s, words)),
    !slip.wasMet ? words.unmet : slip.hadPicture ? words.picture : words.sound,
    ...(isUntroubled ? [words.untroubled] : []),
    ...(interruptions.length === 0
      ? []
      : [words.interrupted(interruptions.length), ...spans(interruptions)]),
    ...(darkness.length === 0 ? [] : [words.dark(darkness.length), ...spans(darkness)]),
    ...(soundAlone.length === 0 ? [] : [words.soundAlone, ...spans(soundAlone)]),
    agreed_s === null ? words.notAgreed : words.agreed(calendar.hour(agreed_s)),
    ...(said === null || said.agreed_s === null
      ? []
      : [words.agreedOnPage(calendar.hour(said.agreed_s))]),
    ...(said === null || said.place === null ? [] : [words.places[said.place]]),
    ...(ending === null ? [] : [words.endings[ending]]),
  ].join("\n");
}

/** A length of time in words: seconds below a minute, else whole minutes, rounded up. */
export function lengthOf(seconds: number, words: Pick<SlipWords, "seconds" | "minutes">): string {
  const whole = Math.max(1, Math.round(seconds));
  return whole < 60 ? words.seconds(whole) : words.minutes(Math.round(whole / 60));
}
