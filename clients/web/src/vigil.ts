/**
 * When the waiting room asks whether anybody is still there.
 *
 * Pure. Nothing ends by it: a place lives as long as its pass, and this page renews that. It asks
 * when it is seen again after long, and while there is still time to find a network.
 */
import { WAIT_PASS_S } from "./agreed.ts";

// Who looked away for less has not forgotten that he waits.
export const LONG_S = 300;
// Time enough to walk to a window before the place ends.
export const BEFORE_S = 180;

/** Since when the page is hidden, or without the server, in seconds; null where it is not. */
export interface Vigil {
  readonly hiddenAt: number | null;
  readonly offlineAt: number | null;
  /** Asked in this absence of the server. */
  readonly hasAsked: boolean;
}

export const AWAKE: Vigil = { hiddenAt: null, offlineAt: null, hasAsked: false };

/** What is seen now; true where it is time to ask. */
export function watched(
  vigil: Vigil,
  seen: { isHidden: boolean; isOnline: boolean },
  now: number,
): readonly [Vigil, boolean] {
  const { hiddenAt, offlineAt, hasAsked } = vigil;
  const isBack = !seen.isHidden && hiddenAt !== null && now - hiddenAt >= LONG_S;
  const isEnding =
    !seen.isOnline && offlineAt !== null && !hasAsked && now - offlineAt >= WAIT_PASS_S - BEFORE_S;
  const next: Vigil = {
    hiddenAt: seen.isHidden ? (hiddenAt ?? now) : null,
    offlineAt: seen.isOnline ? null : (offlineAt ?? now),
    hasAsked: !seen.isOnline && (hasAsked || isEnding),
  };
  return [next, isBack || isEnding];
}
