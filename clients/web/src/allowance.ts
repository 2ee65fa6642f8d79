/**
 * How much somebody may say: so many at once, and then so many a second.
 *
 * Pure: `now_ms` is on one clock.
 */
export interface Allowance {
  readonly left: number;
  readonly at_ms: number;
}

export interface Rate {
  readonly burst: number;
  readonly perSecond: number;
}

/** Take of it; null where so much is not left. */
export function spend(
  before: Allowance | null,
  rate: Rate,
  now_ms: number,
  cost = 1,
): Allowance | null {
  const gained = before === null ? rate.burst : ((now_ms - before.at_ms) / 1000) * rate.perSecond;
  const left = Math.min(rate.burst, (before?.left ?? 0) + Math.max(0, gained));
  return left < cost ? null : { left: left - cost, at_ms: now_ms };
}
