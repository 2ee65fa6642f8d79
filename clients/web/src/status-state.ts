/**
 * What the status server tells of the service, read from its JSON.
 *
 * Pure. Whatever arrives is a value of these types or null, and never larger than the bounds here;
 * keys that nobody asked for are left out, a code that is not known reads as "other", and a row that
 * cannot be read is left out and counted: one odd value does not take all others away.
 *
 * `probe/README.md`.
 */
import { isObject } from "./bytes.ts";

/** Larger than any answer within the bounds below. */
export const STATE_MAX_BYTES = 2 * 1024 * 1024;

export const PATHS = ["direct", "udp", "tcp", "tls"] as const;
export const STEPS = [
  "page",
  "socket",
  "queue",
  "claim",
  "seal",
  "ice",
  "dtls",
  "frame",
  "media",
  "hang-up",
  "nothing-left",
] as const;
export const WHYS = [
  "refused",
  "timeout",
  "closed",
  "unreached",
  "relay-full",
  "certificate",
  "wrong-picture",
  "unsealed",
  "not-empty",
  "no-relay",
  "expired",
  "internal",
  "other",
] as const;
export const FIGURES = ["consultations", "waits", "endings"] as const;
export const BINS: Readonly<Record<FigureName, readonly string[]>> = {
  consultations: [""],
  waits: ["under-1", "1-5", "5-15", "15-30", "over-30"],
  endings: ["direct", "relayed", "unconnected", "untold", "left", "lost"],
};
export const BANDS = ["none", "few", "some", "many"] as const;
const STATES = ["up", "down", "unknown"] as const;
const SOURCES = ["memory", "prometheus"] as const;
const STORES = ["memory", "redis", "sentinel", "cluster", "other"] as const;
const RELAYS = ["own", "coturn", "elsewhere", "none", "other"] as const;

export type PathName = (typeof PATHS)[number];
export type StepName = (typeof STEPS)[number];
export type Why = (typeof WHYS)[number];
export type FigureName = (typeof FIGURES)[number];
export type Band = (typeof BANDS)[number];

export interface Failure {
  readonly step: StepName;
  readonly why: Why;
}

/** Shares of rounds that were held, 0 to 1; null where nothing is known. */
export interface Uptime {
  readonly now: number | null;
  readonly day: number | null;
  readonly week: number | null;
  readonly quarter: number | null;
}

export interface Step {
  readonly step: StepName;
  /** Null where the last round did not come so far. */
  readonly ms: number | null;
  readonly usual_ms: number | null;
}

/** One way through one node. Instants are whole seconds since 1970. */
export interface PathState {
  readonly path: PathName;
  readonly node: string;
  readonly state: (typeof STATES)[number];
  readonly failed: Failure | null;
  readonly since: number;
  readonly uptime: Uptime;
  readonly steps: readonly Step[];
  readonly media: { readonly loss: number; readonly jitter_ms: number } | null;
  readonly series: Series;
}

/** Of equal length: when ten minutes began, which share of rounds was held, how long they took. */
export interface Series {
  readonly t: readonly number[];
  readonly up: readonly (number | null)[];
  readonly ms: readonly (number | null)[];
}

export interface Incident {
  readonly path: PathName;
  readonly node: string;
  readonly step: StepName;
  /** Null where only the step is known. */
  readonly why: Why | null;
  readonly from: number;
  readonly until: number | null;
  readonly rounds: number;
}

export interface Figure {
  readonly figure: FigureName;
  readonly epoch_s: number;
  readonly epsilon: string;
  readonly threshold: number;
  readonly uncertainty: number;
  readonly bins: readonly FigureBin[];
}

/** Of equal length: when an epoch began, what was released of it, whether it was whole. */
export interface FigureBin {
  readonly bin: string;
  readonly t: readonly number[];
  readonly values: readonly number[];
  readonly partial: readonly boolean[];
}

export interface NodeState {
  readonly node: string;
  readonly up: boolean;
  readonly version: string | null;
  readonly started: number | null;
  readonly store: {
    readonly kind: (typeof STORES)[number];
    readonly memory_only: boolean;
    readonly open: boolean;
  } | null;
  readonly relay: {
    readonly kind: (typeof RELAYS)[number];
    readonly only: boolean;
    readonly up: boolean | null;
  } | null;
  readonly certificate_ends: number | null;
  readonly lists_fresh: boolean | null;
}

export interface StatusState {
  readonly at: number;
  readonly version: string;
  readonly is_public: boolean;
  readonly history: {
    readonly source: (typeof SOURCES)[number];
    readonly since: number;
    /** A Prometheus was named, and does not answer. */
    readonly away: boolean;
  };
  readonly paths: readonly PathState[];
  /** Paths, and rows of all kinds, that could not be read. */
  readonly unread: { readonly paths: number; readonly all: number };
  readonly incidents: readonly Incident[];
  readonly usage: {
    readonly since: number | null;
    readonly epsilon: string;
    readonly figures: readonly Figure[];
  };
  readonly doctors: { readonly band: Band; readonly at: number } | null;
  readonly nodes: readonly NodeState[];
}

const PATHS_MAX = 128;
const STEPS_MAX = 16;
// A day in ten minutes, and what a rounding adds.
const SERIES_MAX = 150;
const INCIDENTS_MAX = 50;
const BINS_MAX = 8;
// Ninety days in hours.
const EPOCHS_MAX = 90 * 24;
const NODES_MAX = 32;
const MS_MAX = 3_600_000;
const ROUNDS_MAX = 1e6;
const COUNT_MAX = 1e9;
// As the server has it: certificates are said to end in the year 9999.
const TIME_MAX = 2 ** 40;
// Shown as text, whatever it is; marks that turn a line around are no text.
const NAME = /^[^\p{C}]{1,64}$/u;
const EPSILON = /^\d{1,4}(?:\/\d{1,4})?$/;

/** Not the answer that was agreed. */
class Unreadable extends Error {}

/** Read an answer; null where it is not one. */
export function parseState(text: string): StatusState | null {
  try {
    return text.length > STATE_MAX_BYTES ? null : stateOf(JSON.parse(text));
  } catch (error) {
    if (error instanceof Unreadable || error instanceof SyntaxError) return null;
    throw error;
  }
}

function stateOf(value: unknown): StatusState {
  const told = record(value);
  if (told.v !== 1) throw new Unreadable();
  const history = record(told.history);
  const usage = record(told.usage);
  const paths = rows(told.paths, PATHS_MAX, pathOf);
  const incidents = rows(told.incidents, INCIDENTS_MAX, incidentOf);
  const figures = rows(usage.figures, FIGURES.length, figureOf);
  const nodes = rows(told.nodes, NODES_MAX, nodeOf);
  const unread = [paths, incidents, figures, nodes].reduce((sum, { unread }) => sum + unread, 0);
  return {
    at: time(told.at),
    version: name(told.version),
    unread: { paths: paths.unread, all: unread },
    is_public: flag(told.is_public),
    history: {
      source: one(SOURCES, history.source),
      since: time(history.since),
      away: maybe(history.away, flag) ?? false,
    },
    paths: paths.read,
    incidents: incidents.read,
    usage: {
      since: maybe(usage.since, time),
      epsilon: epsilon(usage.epsilon),
      figures: figures.read,
    },
    doctors: maybe(told.doctors, (value) => {
      const { band, at } = record(value);
      return { band: one(BANDS, band), at: time(at) };
    }),
    nodes: nodes.read,
  };
}

function pathOf(value: unknown): PathState {
  const told = record(value);
  const uptime = record(told.uptime);
  return {
    path: one(PATHS, told.path),
    node: name(told.node),
    state: one(STATES, told.state),
    failed: maybe(told.failed, failureOf),
    since: time(told.since),
    uptime: {
      now: maybe(uptime.now, share),
      day: maybe(uptime.day, share),
      week: maybe(uptime.week, share),
      quarter: maybe(uptime.quarter, share),
    },
    steps: list(told.steps, STEPS_MAX, (value) => {
      const { step, ms, usual_ms } = record(value);
      return { step: one(STEPS, step), ms: maybe(ms, millis), usual_ms: maybe(usual_ms, millis) };
    }),
    media: maybe(told.media, (value) => {
      const { loss, jitter_ms } = record(value);
      return { loss: share(loss), jitter_ms: millis(jitter_ms) };
    }),
    series: seriesOf(told.series),
  };
}

function seriesOf(value: unknown): Series {
  const told = record(value);
  const t = rising(list(told.t, SERIES_MAX, time));
  return {
    t,
    up: sized(
      list(told.up, SERIES_MAX, (item) => maybe(item, share)),
      t.length,
    ),
    ms: sized(
      list(told.ms, SERIES_MAX, (item) => maybe(item, millis)),
      t.length,
    ),
  };
}

function failureOf(value: unknown): Failure {
  const { step, why } = record(value);
  return { step: one(STEPS, step), why: oneOr(WHYS, why, "other") };
}

function incidentOf(value: unknown): Incident {
  const told = record(value);
  const from = time(told.from);
  const until = maybe(told.until, time);
  if (until !== null && until < from) throw new Unreadable();
  return {
    path: one(PATHS, told.path),
    node: name(told.node),
    step: one(STEPS, told.step),
    why: maybe(told.why, (why) => oneOr(WHYS, why, "other")),
    from,
    until,
    rounds: whole(told.rounds, ROUNDS_MAX),
  };
}

function figureOf(value: unknown): Figure {
  const told = record(value);
  const figure = one(FIGURES, told.figure);
  return {
    figure,
    epoch_s: Math.max(1, whole(told.epoch_s, TIME_MAX)),
    epsilon: epsilon(told.epsilon),
    threshold: whole(told.threshold, COUNT_MAX),
    uncertainty: whole(told.uncertainty, COUNT_MAX),
    bins: list(told.bins, BINS_MAX, (item) => binOf(item, figure)),
  };
}

function binOf(value: unknown, figure: FigureName): FigureBin {
  const told = record(value);
  const t = rising(list(told.t, EPOCHS_MAX, time));
  return {
    bin: one(BINS[figure], told.bin),
    t,
    values: sized(
      list(told.values, EPOCHS_MAX, (item) => whole(item, COUNT_MAX)),
      t.length,
    ),
    partial: sized(list(told.partial, EPOCHS_MAX, flag), t.length),
  };
}

function nodeOf(value: unknown): NodeState {
  const told = record(value);
  return {
    node: name(told.node),
    up: flag(told.up),
    version: maybe(told.version, name),
    started: maybe(told.started, time),
    store: maybe(told.store, (value) => {
      const { kind, memory_only, open } = record(value);
      return {
        kind: oneOr(STORES, kind, "other"),
        memory_only: flag(memory_only),
        open: flag(open),
      };
    }),
    relay: maybe(told.relay, (value) => {
      const { kind, only, up } = record(value);
      return { kind: oneOr(RELAYS, kind, "other"), only: flag(only), up: maybe(up, flag) };
    }),
    certificate_ends: maybe(told.certificate_ends, time),
    lists_fresh: maybe(told.lists_fresh, flag),
  };
}

// --- values ---------------------------------------------------------------------------

function record(value: unknown): Readonly<Record<string, unknown>> {
  if (!isObject(value) || Array.isArray(value)) throw new Unreadable();
  return value;
}

function maybe<T>(value: unknown, read: (value: unknown) => T): T | null {
  return value === null || value === undefined ? null : read(value);
}

function list<T>(value: unknown, max: number, read: (value: unknown) => T): readonly T[] {
  if (!Array.isArray(value) || value.length > max) throw new Unreadable();
  return value.map(read);
}

/** As many rows as there may be, without those that cannot be read, which are counted. */
function rows<T>(
  value: unknown,
  max: number,
  read: (value: unknown) => T,
): { read: readonly T[]; unread: number } {
  if (!Array.isArray(value)) throw new Unreadable();
  const found: T[] = [];
  for (const row of value.slice(0, max)) {
    try {
      found.push(read(row));
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
    }
  }
  return { read: found, unread: value.length - found.length };
}

function sized<T>(items: readonly T[], length: number): readonly T[] {
  if (items.length !== length) throw new Unreadable();
  return items;
}

function rising(times: readonly number[]): readonly number[] {
  if (times.some((at, index) => at <= (times[index - 1] ?? -1))) throw new Unreadable();
  return times;
}

function within(value: unknown, max: number): number {
  if (typeof value !== "number" || !(value >= 0 && value <= max)) throw new Unreadable();
  return value;
}

function whole(value: unknown, max: number): number {
  const found = within(value, max);
  if (!Number.isInteger(found)) throw new Unreadable();
  return found;
}

function time(value: unknown): number {
  return whole(value, TIME_MAX);
}

function share(value: unknown): number {
  return within(value, 1);
}

function millis(value: unknown): number {
  return within(value, MS_MAX);
}

function flag(value: unknown): boolean {
  if (typeof value !== "boolean") throw new Unreadable();
  return value;
}

function name(value: unknown): string {
  if (typeof value !== "string" || !NAME.test(value)) throw new Unreadable();
  return value;
}

function epsilon(value: unknown): string {
  if (typeof value !== "string" || !EPSILON.test(value)) throw new Unreadable();
  return value;
}

function one<T extends string>(among: readonly T[], value: unknown): T {
  const found = among.find((candidate) => candidate === value);
  if (found === undefined) throw new Unreadable();
  return found;
}

function oneOr<T extends string>(among: readonly T[], value: unknown, other: T): T {
  return typeof value === "string" ? (among.find((found) => found === value) ?? other) : other;
}
