/**
 * What the figures of a status answer say, in numbers that a person may be told.
 *
 * Pure. A released figure is never shown as if it were exact: it is a range, or "below".
 *
 * `signaling/figures.py` makes the figures; a value beneath the threshold is released as 0.
 */
import type {
  Figure,
  FigureBin,
  Incident,
  PathState,
  Series,
  StatusState,
  Step,
} from "./status-state.ts";

/** Where the true count lies, at least 95 times of 100. */
export interface Range {
  readonly low: number;
  readonly high: number;
  /** What was published was beneath the threshold: from nobody to `high`, and no better. */
  readonly isBelow: boolean;
}

/** The range that a released value stands for. */
export function rangeOf(value: number, figure: Pick<Figure, "threshold" | "uncertainty">): Range {
  const { threshold, uncertainty } = figure;
  return value === 0
    ? // The noisy figure was at most one less than the threshold: the true one may be above it.
      { low: 0, high: Math.max(0, threshold - 1) + uncertainty, isBelow: true }
    : { low: Math.max(0, value - uncertainty), high: value + uncertainty, isBelow: false };
}

/** The value of the last epoch that was released, and of which epoch it is. */
export function latest(bin: FigureBin): { t: number; value: number; isPartial: boolean } | null {
  const t = bin.t.at(-1);
  const value = bin.values.at(-1);
  return t === undefined || value === undefined
    ? null
    : { t, value, isPartial: bin.partial.at(-1) ?? false };
}

/** The value of a bin in one epoch. */
export function valueAt(bin: FigureBin | undefined, t: number): number | null {
  return bin?.values[bin.t.indexOf(t)] ?? null;
}

/** All epochs that any bin has, oldest first. */
export function epochsOf(figure: Figure): readonly number[] {
  return [...new Set(figure.bins.flatMap(({ t }) => t))].sort((a, b) => a - b);
}

export function isPartialAt(figure: Figure, t: number): boolean {
  return figure.bins.some((bin) => bin.partial[bin.t.indexOf(t)] === true);
}

/**
 * Which share of consultations went through the relay, as far as two noisy figures tell: both are
 * in their ranges 90 times of 100. Null where both are beneath the threshold.
 */
export function relayShare(figure: Figure, t: number): { low: number; high: number } | null {
  const found = (name: string) =>
    valueAt(
      figure.bins.find(({ bin }) => bin === name),
      t,
    );
  const [relayed, direct] = [found("relayed"), found("direct")];
  if (relayed === null || direct === null || relayed + direct === 0) return null;
  const [r, d] = [rangeOf(relayed, figure), rangeOf(direct, figure)];
  const share = (part: number, rest: number) => (part + rest === 0 ? 0 : part / (part + rest));
  return { low: share(r.low, d.high), high: share(r.high, d.low) };
}

/** How the service stands as a whole. */
export interface Overall {
  readonly state: "up" | "some" | "down" | "unknown";
  readonly up: number;
  readonly down: number;
  readonly unknown: number;
  readonly all: number;
}

/** `unread` are rows of the answer that could not be read: unknown, and never up. */
export function overallOf(paths: readonly PathState[], unread = 0): Overall {
  const count = (state: PathState["state"]) => paths.filter((path) => path.state === state).length;
  const [up, down, all] = [count("up"), count("down"), paths.length + unread];
  const unknown = all - up - down;
  const isUp = down === 0 && unknown === 0 && all > 0;
  const state = isUp ? "up" : down === 0 ? "unknown" : down === all ? "down" : "some";
  return { state, up, down, unknown, all };
}

/** Paths of each node, in the order of the answer. */
export function byNode(paths: readonly PathState[]): ReadonlyMap<string, readonly PathState[]> {
  const nodes = new Map<string, PathState[]>();
  for (const path of paths) {
    nodes.set(path.node, [...(nodes.get(path.node) ?? []), path]);
  }
  return nodes;
}

/** Share of rounds held in each piece of the last day; null where nothing is known. */
export type Cell = { readonly t: number; readonly up: number | null };

/** Bring a series into so many seconds a piece: the worst of a piece counts, not the mean. */
export function cellsOf({ t, up }: Series, piece_s: number): readonly Cell[] {
  const cells = new Map<number, number | null>();
  for (const [index, at] of t.entries()) {
    const begins = at - (at % piece_s);
    const [before, here] = [cells.get(begins) ?? null, up[index] ?? null];
    cells.set(begins, before === null ? here : here === null ? before : Math.min(before, here));
  }
  return [...cells].map(([begins, up]) => ({ t: begins, up }));
}

/** How long a round took, in each piece of the last day: the median of what is known. */
export function tookIn({ t, ms }: Series, piece_s: number): ReadonlyMap<number, number | null> {
  const pieces = new Map<number, number[]>();
  for (const [index, at] of t.entries()) {
    const begins = at - (at % piece_s);
    const took = ms[index] ?? null;
    pieces.set(begins, [...(pieces.get(begins) ?? []), ...(took === null ? [] : [took])]);
  }
  return new Map([...pieces].map(([begins, all]) => [begins, median(all)]));
}

function median(all: readonly number[]): number | null {
  return [...all].sort((a, b) => a - b)[Math.floor(all.length / 2)] ?? null;
}

/** A step that takes twice its usual time, and so much longer that somebody may notice it. */
export function isSlow({ ms, usual_ms }: Step): boolean {
  return ms !== null && usual_ms !== null && ms > 2 * usual_ms && ms - usual_ms > SLOW_MS;
}
const SLOW_MS = 100;

/** Uptime as percent, cut and not rounded: only what was whole reads as 100. */
export function percentOf(share: number): number {
  return Math.floor(share * 10_000 + 1e-6) / 100;
}

/** Incidents that go on first, then the newest. */
export function inOrder(incidents: readonly Incident[]): readonly Incident[] {
  const rank = ({ until }: Incident) => (until === null ? 0 : 1);
  return [...incidents].sort((a, b) => rank(a) - rank(b) || b.from - a.from);
}

/** Whether history is too short for a span, which then says less than its name. */
export function isShort({ at, history }: StatusState, span_s: number): boolean {
  return at - history.since < span_s;
}
