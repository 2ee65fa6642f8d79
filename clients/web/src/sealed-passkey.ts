/**
 * The doctor's gesture of the day: a passkey's assertion, checked and never made.
 *
 * Pure but for WebCrypto; the day is an argument. It reads what a browser and an authenticator
 * wrote, and believes nothing of it before the signature holds. `passkey.ts` asks for the gesture.
 *
 * `clients/SCEAU.md` §4, *Passkey*. Web Authentication Level 2 (WebAuthn), §5.8.1 for the
 * client's data, §6.1 for the authenticator's, §7.2 for the checks.
 */
import {
  type Bytes,
  Cutter,
  fromBase64url,
  isObject,
  join,
  number,
  object,
  utf8,
} from "./bytes.ts";
import { encode } from "./letters.ts";
import { sha256, verify } from "./primitives.ts";
import { Refused } from "./refused.ts";

/** How a passkey signs, as enrolment requests say it. */
export const ES256 = 1;
export const EDDSA = 2;

/** A passkey's public half: both coordinates of P-256, or an Ed25519 key. */
export interface PasskeyKey {
  readonly alg: typeof ES256 | typeof EDDSA;
  readonly key: Bytes;
}

/** What a passkey's gesture gives: authenticatorData, clientDataJSON, signature. */
export interface Assertion {
  readonly data: Bytes;
  readonly client: Bytes;
  readonly signature: Bytes;
}

const DAY_S = 24 * 3600;
/** A doctor's clock may be so far ahead at midnight. */
const SKEW_S = 60;

// What the authenticator says without extensions, and a little room for them.
const DATA_MIN_BYTES = 37;
const DATA_MAX_BYTES = 128;
const CLIENT_MAX_BYTES = 512;
// DER of two numbers of 256 bits, or 64 bytes of EdDSA.
const SIGNATURE_MIN_BYTES = 8;
const SIGNATURE_MAX_BYTES = 72;

const LABEL = utf8("teleconsult passkey v1\n");
const HOST = /^https?:\/\/([a-z0-9.-]+)(?::[0-9]{1,5})?$/;
const RP_BYTES = 32;
const PRESENT = 0x01;
const VERIFIED = 0x04;
const NUMBER_BYTES = 32;

/** The day of a moment, counted from 1970 in UTC. */
export function dayOf(now: number): number {
  return Math.floor(now / DAY_S);
}

/** What the gesture is about: this device on this day. */
export function challengeOf(day: number, deviceKey: Bytes): Promise<Bytes> {
  return sha256(join(LABEL, number(day, 4), deviceKey));
}

/** An assertion as M2 says it. Throws `Refused`: `form`. */
export function readAssertion(value: unknown): Assertion {
  if (!isObject(value)) {
    throw new Refused("form");
  }
  const assertion = {
    data: fromBase64url(value.data),
    client: fromBase64url(value.client),
    signature: fromBase64url(value.signature),
  };
  if (!isShort(assertion)) {
    throw new Refused("form");
  }
  return assertion;
}

/** Whether M2 has room for it. */
export function isShort({ data, client, signature }: Assertion): boolean {
  return (
    isWithin(data, DATA_MIN_BYTES, DATA_MAX_BYTES) &&
    isWithin(client, 1, CLIENT_MAX_BYTES) &&
    isWithin(signature, SIGNATURE_MIN_BYTES, SIGNATURE_MAX_BYTES)
  );
}

/**
 * Check that there is a gesture exactly where the union says so, and that it holds. `audience`
 * is the union's, the origin of the pages. Throws `Refused`: `passkey`.
 */
export async function checkPasskey(
  assertion: Assertion | null,
  passkey: PasskeyKey | null,
  deviceKey: Bytes,
  audience: string,
  now: number,
): Promise<void> {
  if (passkey === null && assertion === null) {
    return;
  }
  const holds =
    passkey !== null &&
    assertion !== null &&
    (await isOfTheseDays(assertion.client, deviceKey, audience, now)) &&
    (await isOfAPerson(assertion.data, audience)) &&
    (await isSigned(assertion, passkey));
  if (!holds) {
    throw new Refused("passkey");
  }
}

/** WebAuthn §7.2, steps 10 to 14. */
async function isOfTheseDays(
  client: Bytes,
  deviceKey: Bytes,
  audience: string,
  now: number,
): Promise<boolean> {
  const { type, challenge, origin, crossOrigin = false } = said(client);
  const today = dayOf(now + SKEW_S);
  const wanted = await Promise.all([today, today - 1].map((day) => challengeOf(day, deviceKey)));
  return (
    type === "webauthn.get" &&
    wanted.some((one) => encode(one) === challenge) &&
    origin === audience &&
    crossOrigin === false
  );
}

function said(client: Bytes): Readonly<Record<string, unknown>> {
  try {
    return object(client);
  } catch {
    return {};
  }
}

/** WebAuthn §7.2, steps 15 to 17. */
async function isOfAPerson(data: Bytes, audience: string): Promise<boolean> {
  const host = HOST.exec(audience)?.[1];
  const flags = data[RP_BYTES] ?? 0;
  return (
    host !== undefined &&
    encode(await sha256(utf8(host))) === encode(data.slice(0, RP_BYTES)) &&
    (flags & PRESENT) !== 0 &&
    (flags & VERIFIED) !== 0
  );
}

async function isSigned({ data, client, signature }: Assertion, passkey: PasskeyKey) {
  const text = join(data, await sha256(client));
  if (passkey.alg === EDDSA) {
    return verify(passkey.key, signature, text);
  }
  const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
  try {
    const point = join(Uint8Array.of(4), passkey.key);
    const key = await crypto.subtle.importKey("raw", point, algorithm, false, ["verify"]);
    return await crypto.subtle.verify(algorithm, key, rawOf(signature), text);
  } catch {
    return false;
  }
}

/**
 * r ‖ s of an ECDSA signature in DER (RFC 3279 §2.2.3): WebAuthn has the one, WebCrypto the
 * other. Throws `Refused` for any other spelling.
 */
function rawOf(der: Bytes): Bytes {
  const cutter = new Cutter(der);
  if (cutter.number(1) !== 0x30 || cutter.number(1) !== der.length - 2) {
    throw new Refused("form");
  }
  const raw = join(numberOf(cutter), numberOf(cutter));
  cutter.end();
  return raw;
}

/** A positive number of at most 256 bits, in its shortest form. */
function numberOf(cutter: Cutter): Bytes {
  if (cutter.number(1) !== 0x02) {
    throw new Refused("form");
  }
  const bytes = cutter.take(cutter.number(1));
  const [first = 0x80, second = 0] = bytes;
  const isShortest = first !== 0 || bytes.length === 1 || second >= 0x80;
  const digits = first === 0 ? bytes.slice(1) : bytes;
  if (first >= 0x80 || !isShortest || digits.length > NUMBER_BYTES) {
    throw new Refused("form");
  }
  return join(new Uint8Array(NUMBER_BYTES - digits.length), digits);
}

function isWithin({ length }: Bytes, least: number, most: number): boolean {
  return least <= length && length <= most;
}
