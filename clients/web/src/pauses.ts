/**
 * How long a page waits before it opens another socket.
 *
 * Pure: the die in [0, 1) is an argument. All pages of a service lose a server at the same moment;
 * they must not come back at the same moment.
 *
 * The longest pause stays well below `rebuild_s` of the server, for which a store that was lost
 * waits for everybody: `signaling/PROTOCOL.md`.
 */

/** `lost`: no word was said. `closing`: the server stops (1001). `slow`: it wants less of us (1008). */
export type Loss = "lost" | "closing" | "slow";

/** A phone between two cells should be back before anybody notices. */
const FIRST_MS = 1_000;
/** A server that stops had up to 15,000 sockets, and the next takes some 2,000 joins a second. */
const SPREAD_MS = 8_000;
export const PAUSE_MAX_MS = 15_000;

export function lossOf(code: number): Loss {
  return code === 1001 ? "closing" : code === 1008 ? "slow" : "lost";
}

/** Before attempt `attempt` (from 0): anywhere up to a bound that doubles, so that a crowd thins out. */
export function pauseMs(attempt: number, loss: Loss, die: number): number {
  const grown_ms = Math.min(PAUSE_MAX_MS, FIRST_MS * 2 ** attempt);
  switch (loss) {
    case "lost":
      return die * grown_ms;
    case "closing":
      return die * Math.max(SPREAD_MS, grown_ms);
    case "slow":
      return (PAUSE_MAX_MS * (1 + die)) / 2;
  }
}

/** What the server asked for, and never less; those who were told the same do not come together. */
export function obeyedMs(retry_s: number, die: number): number {
  return retry_s * 1000 + die * Math.min(SPREAD_MS, retry_s * 1000);
}
