/**
 * What an envelope carries, said by its first byte.
 *
 * Pure. A knock is not authenticated and needs not be: it can only cause a handshake.
 *
 * `clients/SCEAU.md` §6.
 */
import { type Bytes, join } from "./bytes.ts";
import { Refused } from "./refused.ts";

// In the order of their numbers, from 1.
const KINDS = ["m1", "m2", "m3", "m4", "record", "knock"] as const;

export type EnvelopeKind = (typeof KINDS)[number];

export function writeEnvelope(kind: EnvelopeKind, body: Uint8Array = new Uint8Array()): Bytes {
  return join(Uint8Array.of(KINDS.indexOf(kind) + 1), body);
}

/** Kind and body; refused as `form`: an unknown kind, or a knock that says more. */
export function readEnvelope(envelope: Bytes): readonly [EnvelopeKind, Bytes] {
  const kind = KINDS[(envelope[0] ?? 0) - 1];
  const body = envelope.slice(1);
  if (kind === undefined || (kind === "knock" && body.length > 0)) {
    throw new Refused("form");
  }
  return [kind, body];
}
