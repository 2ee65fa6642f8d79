/**
 * On which pages the screen is kept lit, and on which the page rings.
 *
 * Pure: the desk asks after each step, for both roles.
 */
export interface Attention {
  /** Somebody waits or talks: a phone that sleeps there is called in vain. */
  isLit: boolean;
  /** A doctor waits for the patient's answer. */
  isRinging: boolean;
}

const LIT = ["waiting", "proposed", "accepting", "session", "company", "on", "asking", "calling"];

export function attentionOf(page: string): Attention {
  return { isLit: LIT.includes(page), isRinging: page === "proposed" };
}
