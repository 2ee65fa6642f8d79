/**
 * How messages of the seal stand in the wire's fields, and what both sides do with them alike.
 *
 * Pure but for WebCrypto. A name is not authenticated: it tells what is late from what is wrong.
 *
 * `clients/SCEAU.md` §6.
 */
import { type Bytes, fromBase64url, join } from "./bytes.ts";
import type { Channel } from "./channel.ts";
import { certificateOf } from "./description.ts";
import { type EnvelopeKind, readEnvelope } from "./envelopes.ts";
import { encode, type Heard, read } from "./letters.ts";
import { thumb } from "./primitives.ts";
import { Refused } from "./refused.ts";
import type { Binding } from "./seal.ts";

/** Where seconds since 1970 come from: the page's own clock. */
export type Clock = () => number;

/** A channel and the handshake that opened it. */
export interface InForce {
  readonly name: string;
  readonly keys: Channel;
}

const NAME_BYTES = 16;

/** The name of the handshake that an M1 begins, base64url. */
export async function nameOf(m1: Bytes): Promise<string> {
  return encode(await thumb(m1));
}

export function named(name: string, body: Uint8Array): Bytes {
  return join(fromBase64url(name, NAME_BYTES), body);
}

/** Name and message; refused as `form` where the name is cut short. */
export function unnamed(bytes: Bytes): readonly [name: string, body: Bytes] {
  if (bytes.length < NAME_BYTES) {
    throw new Refused("form");
  }
  return [encode(bytes.subarray(0, NAME_BYTES)), bytes.slice(NAME_BYTES)];
}

/**
 * Kind and message of an envelope; null for one without form, which is passed over: whoever could
 * put it there could as well have dropped another.
 */
export function envelopeOf(text: string): readonly [EnvelopeKind, Bytes] | null {
  try {
    const [kind, body] = readEnvelope(fromBase64url(text));
    if (kind !== "m1" && kind !== "knock") unnamed(body);
    return [kind, body];
  } catch {
    return null;
  }
}

/**
 * What a record of the channel in force says; null for one of another. One that is refused ends
 * the channel, and `onend` takes it out of force: what is under way behind it is passed over.
 */
export async function recordOf(
  channel: InForce | null,
  body: Bytes,
  onend: () => void,
): Promise<Heard | null> {
  const [name, record] = unnamed(body);
  if (channel?.name !== name) return null;
  try {
    const text = await channel.keys.open(record);
    const letter = read(text) ?? ({ t: "said", text } as const);
    if (letter.t === "description") certificateOf(letter.sdp);
    return letter;
  } catch (error) {
    channel.keys.close();
    onend();
    throw error;
  }
}

export function bindingOf(keys: Channel): Binding {
  return {
    prove: (own, farEnd) => keys.certificateMac(own, farEnd),
    check: (given, own, farEnd) => keys.checkCertificateMac(given, own, farEnd),
  };
}

/** What was read, or for what reason nothing is. */
export async function heard(open: () => Promise<Heard | null>): Promise<Heard | null> {
  try {
    return await open();
  } catch (error) {
    if (error instanceof Refused) return { t: "refused", code: error.code };
    throw error;
  }
}
