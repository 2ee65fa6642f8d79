/**
 * Whether the lock is shown closed: a function of what was verified, and of nothing else.
 *
 * Pure. No screen draws a lock from anything but this.
 *
 * `clients/SCEAU.md` §7.
 */

export interface Proven {
  /** Of the handshake in force: its last confirmation was in order. Null before. */
  readonly digits: string | null;
  /** The connection that runs ends at the two certificates of that handshake. */
  readonly isBound: boolean;
}

export function isLocked({ digits, isBound }: Proven): boolean {
  return digits !== null && isBound;
}

/** Six digits as people read them to each other. */
export function spoken(digits: string): string {
  return `${digits.slice(0, 3)} ${digits.slice(3)}`;
}
