/**
 * How good a call is, in one of three words for each way, from what the browser counts.
 *
 * Pure: counts in, words out; one look a second, time as an argument. It is computed in the page
 * and told to nobody else. Better is said later than worse: a word that flutters helps nobody.
 *
 * What browsers count: W3C *Identifiers for WebRTC's Statistics API*. What a browser does not
 * count is null, or zero where zero does no harm.
 */

/** What one look found: since the connection began, unless it says otherwise. */
export interface Sample {
  readonly at_ms: number;
  readonly rtt_s: number | null;
  /** What the browser thinks would fit, now. */
  readonly available_bps: number | null;
  readonly received: Received;
  readonly sent: Sent;
}

interface Received {
  readonly packets: number;
  readonly lost: number;
  readonly bytes: number;
  /** Now, of the voice. */
  readonly jitter_s: number;
  /** Of the voice: made up because nothing came, out of all. */
  readonly concealed: number;
  readonly samples: number;
  readonly frames: number;
  readonly frozen_s: number;
  readonly width: number;
  readonly height: number;
}

interface Sent {
  readonly packets: number;
  /** As the far end tells it. */
  readonly lost: number;
  readonly bytes: number;
  readonly jitter_s: number;
  readonly frames: number;
  readonly width: number;
  readonly height: number;
  readonly limit: Limit;
}

/** Why the browser makes our picture smaller. */
export type Limit = "none" | "bandwidth" | "cpu";

type Stat = Partial<Record<string, unknown>>;

export function sampleOf(stats: Iterable<Stat>, at_ms: number): Sample {
  const all = [...stats];
  const of = (type: string, kind: string) =>
    all.filter((one) => one.type === type && one.kind === kind);
  const both = (type: string, name: string) =>
    sum([...of(type, "audio"), ...of(type, "video")], name);
  const audio = of("inbound-rtp", "audio");
  const video = of("inbound-rtp", "video");
  const out = of("outbound-rtp", "video");
  const pair = pairOf(all);
  const told = [...of("remote-inbound-rtp", "audio"), ...of("remote-inbound-rtp", "video")];
  const limit = out.find((one) => one.qualityLimitationReason !== undefined);
  return {
    at_ms,
    rtt_s: number(pair?.currentRoundTripTime) ?? most(told, "roundTripTime"),
    available_bps: number(pair?.availableOutgoingBitrate),
    received: {
      packets: both("inbound-rtp", "packetsReceived"),
      lost: both("inbound-rtp", "packetsLost"),
      bytes: both("inbound-rtp", "bytesReceived"),
      jitter_s: most(audio, "jitter") ?? 0,
      concealed: sum(audio, "concealedSamples") - sum(audio, "silentConcealedSamples"),
      samples: sum(audio, "totalSamplesReceived"),
      frames: sum(video, "framesDecoded"),
      frozen_s: sum(video, "totalFreezesDuration"),
      width: most(video, "frameWidth") ?? 0,
      height: most(video, "frameHeight") ?? 0,
    },
    sent: {
      packets: both("outbound-rtp", "packetsSent"),
      lost: both("remote-inbound-rtp", "packetsLost"),
      bytes: both("outbound-rtp", "bytesSent"),
      jitter_s: most(of("remote-inbound-rtp", "audio"), "jitter") ?? 0,
      frames: sum(out, "framesEncoded"),
      width: most(out, "frameWidth") ?? 0,
      height: most(out, "frameHeight") ?? 0,
      limit: limitOf(limit?.qualityLimitationReason),
    },
  };
}

function pairOf(all: readonly Stat[]): Stat | undefined {
  const transport = all.find((one) => one.type === "transport");
  // Firefox marks the pair itself; all others name it in the transport.
  return all.find(
    (one) =>
      one.type === "candidate-pair" &&
      (one.selected === true || one.id === transport?.selectedCandidatePairId),
  );
}

function limitOf(reason: unknown): Limit {
  return reason === "bandwidth" || reason === "cpu" ? reason : "none";
}

function number(value: unknown): number | null {
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}

function sum(stats: readonly Stat[], name: string): number {
  return stats.reduce((total, one) => total + (number(one[name]) ?? 0), 0);
}

function most(stats: readonly Stat[], name: string): number | null {
  const found = stats.map((one) => number(one[name])).filter((value) => value !== null);
  return found.length === 0 ? null : Math.max(...found);
}

// --- what happened between two looks --------------------------------------------------

/** Shares are of 1. */
export interface Rates {
  readonly rtt_s: number | null;
  readonly available_bps: number | null;
  readonly limit: Limit;
  readonly received: Way & { readonly concealed: number; readonly frozen: number };
  readonly sent: Way;
}

export interface Way {
  readonly loss: number;
  readonly jitter_s: number;
  readonly bps: number;
  readonly fps: number;
  readonly width: number;
  readonly height: number;
}

export function ratesOf(first: Sample, last: Sample): Rates {
  const seconds = Math.max(0.001, (last.at_ms - first.at_ms) / 1000);
  const [was, is] = [first.received, last.received];
  const [gave, give] = [first.sent, last.sent];
  const lost = more(was.lost, is.lost);
  return {
    rtt_s: last.rtt_s,
    available_bps: last.available_bps,
    limit: give.limit,
    received: {
      loss: share(lost, lost + more(was.packets, is.packets)),
      jitter_s: is.jitter_s,
      bps: (8 * more(was.bytes, is.bytes)) / seconds,
      fps: more(was.frames, is.frames) / seconds,
      concealed: share(more(was.concealed, is.concealed), more(was.samples, is.samples)),
      frozen: Math.min(1, more(was.frozen_s, is.frozen_s) / seconds),
      width: is.width,
      height: is.height,
    },
    sent: {
      loss: share(more(gave.lost, give.lost), more(gave.packets, give.packets)),
      jitter_s: give.jitter_s,
      bps: (8 * more(gave.bytes, give.bytes)) / seconds,
      fps: more(gave.frames, give.frames) / seconds,
      width: give.width,
      height: give.height,
    },
  };
}

/** Counts never shrink but where they begin anew. */
function more(before: number, now: number): number {
  return Math.max(0, now - before);
}

function share(part: number, whole: number): number {
  return whole <= 0 ? 0 : Math.min(1, part / whole);
}

// --- the words ------------------------------------------------------------------------

export type Grade = "good" | "fair" | "poor";

const GRADES: readonly Grade[] = ["good", "fair", "poor"];

/**
 * From where on it is but fair, and poor. Voice stays clear with in-band FEC to some 5 % of loss;
 * ITU-T G.114 calls 400 ms from mouth to ear the most that people bear: half of it is ours.
 */
export const LIMITS = {
  loss: [0.03, 0.1],
  rtt_s: [0.35, 0.7],
  jitter_s: [0.04, 0.1],
  concealed: [0.03, 0.1],
  frozen: [0.1, 0.5],
} as const;
/** A face is seen to move above it. */
export const FPS_LOW = 8;
/** Voice and a small picture, or hardly more than the voice. */
export const AVAILABLE_BPS = [250_000, 90_000] as const;

export interface Context {
  /** Pictures are to come: the far end's camera is on, and ours shows it. */
  readonly isPictureDue: boolean;
  /** Our picture was made smaller, or given up, for the voice: 0 is all of it. */
  readonly step: number;
  readonly isPictureOff: boolean;
}

export function gradeIn({ rtt_s, received }: Rates, { isPictureDue }: Context): Grade {
  const { loss, jitter_s, concealed, frozen, fps } = received;
  return worst([
    graded(loss, LIMITS.loss),
    graded(rtt_s ?? 0, LIMITS.rtt_s),
    graded(jitter_s, LIMITS.jitter_s),
    graded(concealed, LIMITS.concealed),
    isPictureDue ? graded(frozen, LIMITS.frozen) : "good",
    isPictureDue && fps < FPS_LOW ? "fair" : "good",
  ]);
}

export function gradeOut(rates: Rates, { step, isPictureOff }: Context): Grade {
  const { rtt_s, available_bps, sent } = rates;
  return worst([
    graded(sent.loss, LIMITS.loss),
    graded(rtt_s ?? 0, LIMITS.rtt_s),
    graded(sent.jitter_s, LIMITS.jitter_s),
    available_bps === null || available_bps >= AVAILABLE_BPS[0]
      ? "good"
      : available_bps >= AVAILABLE_BPS[1]
        ? "fair"
        : "poor",
    isPictureOff ? "poor" : step > 1 || rates.limit === "cpu" ? "fair" : "good",
  ]);
}

function graded(value: number, [fair, poor]: readonly [number, number]): Grade {
  return value >= poor ? "poor" : value >= fair ? "fair" : "good";
}

function worst(grades: readonly Grade[]): Grade {
  return GRADES[Math.max(...grades.map((grade) => GRADES.indexOf(grade)))] ?? "good";
}

export function worse(one: Grade, other: Grade): Grade {
  return worst([one, other]);
}

// --- over time ------------------------------------------------------------------------

/** Of looks one second apart. */
export const WINDOW = 4;
export const WORSE_AFTER = 2;
export const BETTER_AFTER = 6;

/** A word that is shown, and for how many looks another one would have been right. */
interface Shown {
  readonly grade: Grade;
  readonly other: Grade;
  readonly looks: number;
}

export interface Quality {
  readonly samples: readonly Sample[];
  /** Null until there is something to compare. */
  readonly rates: Rates | null;
  readonly incoming: Shown;
  readonly outgoing: Shown;
}

const GOOD: Shown = { grade: "good", other: "good", looks: 0 };

export const UNKNOWN: Quality = { samples: [], rates: null, incoming: GOOD, outgoing: GOOD };

export function observed(quality: Quality, sample: Sample, context: Context): Quality {
  const samples = [...quality.samples, sample].slice(-WINDOW);
  const [first] = samples;
  if (first === undefined || samples.length < 2) return { ...quality, samples };
  const rates = ratesOf(first, sample);
  return {
    samples,
    rates,
    incoming: settled(quality.incoming, gradeIn(rates, context)),
    outgoing: settled(quality.outgoing, gradeOut(rates, context)),
  };
}

/** Worse after two looks, better after six; a grade between counts for either. */
export function settled(shown: Shown, now: Grade): Shown {
  const rank = (grade: Grade) => GRADES.indexOf(grade);
  const { grade, other } = shown;
  const way = Math.sign(rank(now) - rank(grade));
  if (way === 0) return { grade, other: grade, looks: 0 };
  const isSame = Math.sign(rank(other) - rank(grade)) === way;
  const looks = isSame ? shown.looks + 1 : 1;
  // The mildest that held all the while.
  const mild = !isSame || Math.abs(rank(now) - rank(grade)) < Math.abs(rank(other) - rank(grade));
  const next = mild ? now : other;
  return looks >= (way > 0 ? WORSE_AFTER : BETTER_AFTER)
    ? { grade: next, other: next, looks: 0 }
    : { grade, other: next, looks };
}

/** On which side the trouble is likely; null where there is none. */
export type Side = "ours" | "theirs" | "both" | "device";

/**
 * What goes out of a home is narrower than what comes in: the side whose sending arrives badly is
 * the likelier one. Nobody can know it from one end.
 */
export function sideOf({ incoming, outgoing, rates }: Quality): Side | null {
  const [isIn, isOut] = [incoming.grade !== "good", outgoing.grade !== "good"];
  if (!isIn && !isOut) return null;
  if (isIn && isOut) return "both";
  if (isIn) return "theirs";
  const isCool = rates !== null && rates.limit === "cpu" && rates.sent.loss < LIMITS.loss[0];
  return isCool ? "device" : "ours";
}
