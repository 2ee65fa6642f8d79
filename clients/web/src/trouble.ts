/**
 * Why something could not be written, as the machines know it.
 *
 * Pure.
 */
import type { SealTrouble } from "./letters.ts";
import { Refused } from "./refused.ts";

export function troubleOf(error: unknown): SealTrouble {
  if (error instanceof Refused) return error.code;
  // A doctor's own gesture, which no page but his asks for.
  return error instanceof Error && error.name === "NoPasskey" ? "passkey" : "network";
}
