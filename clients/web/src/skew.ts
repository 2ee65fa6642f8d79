/**
 * How far the clocks of those who sign and those who check may be apart.
 *
 * Pure. Apart from `identity.ts`, which is loaded later.
 */
/** 60 s for clocks that are wrong, where something begins; none where it ends. */
export const SKEW_S = 60;
