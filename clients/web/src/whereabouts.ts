/**
 * Where a page's own machine stands in a session, as far as larger company needs to know.
 *
 * Pure.
 */
import type { Held } from "./relays.ts";
import type { Page } from "./rounds.ts";

/** Where the page's own machine stands. */
export interface Whereabouts {
  /** Null outside of any session. */
  readonly session: string | null;
  /** The far end of the pair that began it; null where there is none. */
  readonly first: string | null;
  /** Its keys are in force. */
  readonly isReady: boolean;
  readonly relay: Held | null;
}

/** Where a page stands that is in no session. */
export const NOWHERE: Whereabouts = { session: null, first: null, isReady: false, relay: null };

/** Where a page stands whose session began with another far end. */
export function whereaboutsIn(
  session: { readonly session: string; readonly far: string; readonly digits: string | null },
  relay: Held | null,
): Whereabouts {
  const { far, digits } = session;
  return { session: session.session, first: far, isReady: digits !== null, relay };
}

/** The session that a doctor's page is in, or was told of. */
export function sessionOf(page: Page): string | null {
  if (page.name === "session") return page.session.session;
  return page.name === "company" ? page.id : null;
}
