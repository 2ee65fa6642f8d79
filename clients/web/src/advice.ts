/**
 * What the doctor has the patient's page say first at the end: one of a closed list.
 *
 * Pure. It comes from the far end, as the letter `after`: what is not on the list is no letter, and
 * text of the doctor's own is never shown.
 *
 * The table is in `clients/README.md`.
 */

export const ADVICE = ["nothing", "in-person", "home-visit", "pharmacy"] as const;

export type Advice = (typeof ADVICE)[number];

export interface After {
  readonly t: "after";
  readonly advice: Advice;
}

/** Read what somebody chose, here or at the far end; null for anything else. */
export function readAdvice(value: unknown): Advice | null {
  return ADVICE.find((one) => one === value) ?? null;
}
