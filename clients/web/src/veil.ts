/**
 * Whose picture a doctor sees blurred until the doctor wants to see it.
 *
 * Pure. Abuse is what it is for: nobody has to see what somebody else decided to show. Whoever a
 * union stands for is shown at once; sound is never veiled. A new session begins veiled.
 */

/** The tiles, by their keys, that the doctor wants to see. */
export type Lifted = readonly string[];

const VEILED_ROLES: readonly string[] = ["first", "patient", "guest"];

export interface Veilable {
  readonly key: string;
  readonly role: string;
}

export function isVeiled(lifted: Lifted, tile: Veilable): boolean {
  return VEILED_ROLES.includes(tile.role) && !lifted.includes(tile.key);
}

export function lift(lifted: Lifted, key: string): Lifted {
  return lifted.includes(key) ? lifted : [...lifted, key];
}

export function lower(lifted: Lifted, key: string): Lifted {
  return lifted.filter((one) => one !== key);
}
