/**
 * How large a picture the network is asked to carry: one of a few steps, the voice always first.
 *
 * Pure: what was measured in, the next step out; one look a second. Down after two bad looks, up
 * after a calm time that doubles each time a step up did not hold.
 */
import type { Rates } from "./quality.ts";

export interface Step {
  readonly name: "720p25" | "360p20" | "180p15" | "off";
  readonly height: number;
  readonly fps: number;
  readonly max_bps: number;
  /** Below that the next smaller picture is the better one. */
  readonly floor_bps: number;
  /** For the voice; Opus is clear from 16 kbit/s on, and carries its own repair besides. */
  readonly voice_bps: number;
}

export const STEPS: readonly Step[] = [
  {
    name: "720p25",
    height: 720,
    fps: 25,
    max_bps: 1_500_000,
    floor_bps: 500_000,
    voice_bps: 40_000,
  },
  { name: "360p20", height: 360, fps: 20, max_bps: 500_000, floor_bps: 200_000, voice_bps: 32_000 },
  { name: "180p15", height: 180, fps: 15, max_bps: 160_000, floor_bps: 80_000, voice_bps: 24_000 },
  { name: "off", height: 0, fps: 0, max_bps: 0, floor_bps: 0, voice_bps: 24_000 },
];

export const LAST = STEPS.length - 1;

/** Of looks one second apart. */
export const DOWN_AFTER = 2;
export const UP_AFTER = 8;
export const UP_AFTER_MAX = 120;
/** A step up that held that long was right. */
export const HELD = 20;

export const LOSS_BAD = 0.1;
export const LOSS_CALM = 0.03;
export const RTT_BAD_S = 1.2;

export interface Ladder {
  readonly at: number;
  readonly bad: number;
  readonly calm: number;
  /** Looks since the last step, and whether that led up. */
  readonly since: number;
  readonly isUp: boolean;
  readonly upAfter: number;
}

export const TOP: Ladder = { at: 0, bad: 0, calm: 0, since: 0, isUp: false, upAfter: UP_AFTER };

export function stepOf({ at }: Ladder): Step {
  // Never beyond either end.
  return STEPS[at] ?? (STEPS[0] as Step);
}

export function isPictureOff({ at }: Ladder): boolean {
  return at === LAST;
}

type Measured = Pick<Rates, "available_bps" | "rtt_s"> & {
  readonly sent: { readonly loss: number };
};

export function climbed(ladder: Ladder, measured: Measured): Ladder {
  const step = stepOf(ladder);
  const { available_bps, rtt_s, sent } = measured;
  const isNarrow = available_bps !== null && available_bps < step.floor_bps;
  const isBad = isNarrow || sent.loss >= LOSS_BAD || (rtt_s ?? 0) >= RTT_BAD_S;
  // The browser hardly looks for more than what is sent: being let through is what tells.
  const isCalm = !isBad && sent.loss < LOSS_CALM;
  const next: Ladder = {
    ...ladder,
    bad: isBad ? ladder.bad + 1 : 0,
    calm: isCalm ? ladder.calm + 1 : 0,
    since: ladder.since + 1,
    upAfter: ladder.isUp && ladder.since >= HELD ? UP_AFTER : ladder.upAfter,
  };
  if (next.bad >= DOWN_AFTER && next.at < LAST) {
    const upAfter =
      ladder.isUp && ladder.since < HELD
        ? Math.min(UP_AFTER_MAX, 2 * ladder.upAfter)
        : next.upAfter;
    return { at: next.at + 1, bad: 0, calm: 0, since: 0, isUp: false, upAfter };
  }
  if (next.calm >= next.upAfter && next.at > 0) {
    return { ...next, at: next.at - 1, bad: 0, calm: 0, since: 0, isUp: true };
  }
  return next;
}

/** What is sent of a picture of that height; a screen keeps its size, or nobody can read it. */
export function pictureOf(
  step: Step,
  height: number,
  isScreen: boolean,
): Pick<
  RTCRtpEncodingParameters,
  "active" | "maxBitrate" | "maxFramerate" | "scaleResolutionDownBy"
> {
  if (step.height === 0) return { active: false };
  return {
    active: true,
    maxBitrate: step.max_bps,
    maxFramerate: isScreen ? Math.ceil(step.fps / 3) : step.fps,
    scaleResolutionDownBy: isScreen ? 1 : Math.max(1, height / step.height),
  };
}
