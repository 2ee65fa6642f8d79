/**
 * A path to the far end: whether it carries, and what is tried when it does not.
 *
 * Pure: time comes as an argument, in milliseconds that only grow. It may not give up a path that
 * may still carry: a new connection is wanted only after a restart came to nothing, and only
 * while the far end can be spoken to. Until then the old one waits for the network as well.
 *
 * What the two ends say to each other meanwhile is in `clients/README.md`.
 */

export type Flow = "connecting" | "live" | "interrupted";

/** What the browser says of ICE and DTLS together. `begins`: never carried yet. */
export type Ice = "begins" | "carries" | "doubtful" | "broken" | "seeking";

export interface Path {
  readonly flow: Flow;
  readonly ice: Ice;
  /** Packets came, and come no more. */
  readonly isSilent: boolean;
  /** The far end hears what we say through the server. */
  readonly isReachable: boolean;
  /** What was tried since the path last carried. */
  readonly tries: number;
  /** When to look again; null: only when something happens. */
  readonly due_ms: number | null;
  /** When a path was last sought. */
  readonly sought_ms: number;
}

export type Sign =
  | { s: "ice"; ice: Ice }
  | { s: "silent"; is: boolean }
  | { s: "reach"; is: boolean }
  /** Our part of the descriptions is on its way. */
  | { s: "begin" }
  /** Our network may be another one, or this device was asleep. */
  | { s: "changed" }
  /** The far end is there again, or a person wants it tried once more. */
  | { s: "again" }
  | { s: "tick" };

/** `rest`: all was tried; nothing more by itself until something happens. */
export type Move = "restart" | "anew" | "rest";

/** How this end seeks. */
export interface Manner {
  /** Both ends can restart ICE, and have shaken hands. */
  canRestart: boolean;
  /** So much later than the other, so that not both try at once. */
  head_ms: number;
}

/**
 * How long each try is given: the first path of all, then each try in turn. A restart shows in a
 * second; a new connection, or a relay that is started again, takes longer.
 */
export const PATIENCE_MS = [10_000, 6_000, 10_000, 15_000, 25_000, 40_000] as const;
export const TRIES_MAX = PATIENCE_MS.length - 1;
/** Without restarts the old path has to go before there is a new one: it may come back by itself. */
const LINGER_MS = 5_000;
/** A path that stutters is not sought more often than that. */
const BETWEEN_MS = 4_000;

export const FIRST_PATH: Path = {
  flow: "connecting",
  ice: "begins",
  isSilent: false,
  isReachable: true,
  tries: 0,
  due_ms: null,
  sought_ms: -BETWEEN_MS,
};

export function step(
  path: Path,
  sign: Sign,
  now_ms: number,
  manner: Manner,
): readonly [Path, Move | null] {
  switch (sign.s) {
    case "ice": {
      // Whatever carries after it did not is another path: whether it is silent is not known yet.
      const isNew = sign.ice === "carries" && path.ice !== "carries";
      const isSilent = path.isSilent && !isNew;
      return [looked(path, { ...path, ice: sign.ice, isSilent }, now_ms, manner), null];
    }
    case "silent":
      return [looked(path, { ...path, isSilent: sign.is }, now_ms, manner), null];
    case "begin":
      // Candidates may have met before the last word on them was said.
      if (path.flow === "live") return [path, null];
      return [{ ...path, due_ms: now_ms + patience(path.tries) }, null];
    case "reach": {
      const next = { ...path, isReachable: sign.is };
      return [sign.is && !path.isReachable ? afresh(next, now_ms, manner) : next, null];
    }
    case "again":
      return [afresh(path, now_ms, manner), null];
    case "changed":
      if (path.flow === "live" && manner.canRestart && path.isReachable && isRested(path, now_ms)) {
        // It carries still, or nobody knows yet that it does not: it is kept beside the new one.
        return [{ ...path, sought_ms: now_ms }, "restart"];
      }
      return [afresh(path, now_ms, manner), null];
    case "tick":
      return path.due_ms !== null && now_ms >= path.due_ms
        ? tried(path, now_ms, manner)
        : [path, null];
  }
}

/** After the browser or the packets said something new. */
function looked(before: Path, path: Path, now_ms: number, manner: Manner): Path {
  if (path.ice === "carries" && !path.isSilent) {
    return { ...path, flow: "live", tries: 0, due_ms: null };
  }
  if (path.flow === "connecting") {
    return path;
  }
  const next: Path = { ...path, flow: "interrupted" };
  if (before.flow === "live" || (path.ice === "broken" && path.tries === 0)) {
    const linger_ms = manner.canRestart || path.ice === "broken" ? 0 : LINGER_MS;
    return { ...next, due_ms: soon(next, now_ms + linger_ms, manner) };
  }
  if (path.ice === "seeking" && before.ice !== "seeking") {
    // Under way, by us or by the far end: it gets its time.
    return { ...next, due_ms: now_ms + patience(path.tries) };
  }
  return next;
}

function tried(path: Path, now_ms: number, manner: Manner): readonly [Path, Move | null] {
  const rest: Path = { ...path, due_ms: null };
  if (path.flow === "live" || !path.isReachable) {
    return [rest, null];
  }
  if (path.tries >= TRIES_MAX) {
    return [rest, "rest"];
  }
  const isRestart = path.flow === "interrupted" && path.tries === 0 && manner.canRestart;
  const next: Path = {
    ...path,
    tries: path.tries + 1,
    due_ms: now_ms + patience(path.tries + 1),
    sought_ms: now_ms,
  };
  return [next, isRestart ? "restart" : "anew"];
}

/** All tries are open again, the first of them soon; a connection that only begins gets its time. */
function afresh(path: Path, now_ms: number, manner: Manner): Path {
  if (path.flow === "live") return path;
  const due_ms =
    path.flow === "interrupted"
      ? soon(path, now_ms, manner)
      : (path.due_ms ?? now_ms + patience(path.tries));
  return { ...path, tries: 0, due_ms };
}

function soon(path: Path, now_ms: number, manner: Manner): number {
  return Math.max(now_ms + manner.head_ms, path.sought_ms + BETWEEN_MS);
}

function isRested(path: Path, now_ms: number): boolean {
  return now_ms >= path.sought_ms + BETWEEN_MS;
}

function patience(tries: number): number {
  return PATIENCE_MS[Math.min(tries, TRIES_MAX)] ?? PATIENCE_MS[0];
}

// --- packets --------------------------------------------------------------------------

/** What has come from the far end since the connection began. */
export interface Counts {
  /** The pair of candidates that is in use: another one counts from nothing. */
  pair: string;
  /** By that pair, whatever it was. */
  bytes: number;
  /** Of picture and sound. */
  packets: number;
  /** Pictures shown. */
  frames: number;
}

/** What was counted last, and for how many looks in a row nothing came. */
export interface Watch {
  readonly counts: Counts;
  readonly quiet: number;
  readonly dark: number;
  readonly hasFlowed: boolean;
  readonly hasShown: boolean;
}

/** Of looks one second apart: a stutter is shorter, and a person notices then. */
const QUIET_LOOKS = 2;
/** A camera that is opened again, or a weak network's slowest picture, is quicker. */
const DARK_LOOKS = 5;

export const FIRST_WATCH: Watch = {
  counts: { pair: "", bytes: 0, packets: 0, frames: 0 },
  quiet: 0,
  dark: 0,
  hasFlowed: false,
  hasShown: false,
};

/**
 * One look a second. Silence counts only after picture or sound flowed: an end on hold sends none,
 * and then the browser alone tells whether there is a path.
 */
export function watched(watch: Watch, counts: Counts): Watch {
  const { pair, bytes, packets, frames } = watch.counts;
  const isFed = counts.pair === pair && counts.bytes > bytes;
  const isQuiet = !isFed && counts.packets <= packets;
  const hasFlowed = counts.packets > packets || (watch.hasFlowed && isQuiet);
  const isShown = counts.frames > frames;
  return {
    counts,
    quiet: isQuiet && watch.hasFlowed ? watch.quiet + 1 : 0,
    dark: isShown || isQuiet ? 0 : watch.dark + 1,
    hasFlowed,
    hasShown: watch.hasShown || isShown,
  };
}

export function isSilent(watch: Watch): boolean {
  return watch.quiet >= QUIET_LOOKS;
}

/** Pictures came, and now only sound does. */
export function isDark(watch: Watch): boolean {
  return watch.hasShown && watch.dark >= DARK_LOOKS;
}
