/**
 * The enrolment request: what a doctor's device shows to the union, as QR or text.
 *
 * Pure but for WebCrypto. It holds public keys only and names nobody. Device key and link key
 * sign it, so that nobody enrols keys that he does not have.
 *
 * `clients/union/README.md`, *Enrolment request and bundle*; `tests/vectors/union.json` ties it
 * to the union's tool.
 */
import { type Bytes, join, number, utf8 } from "./bytes.ts";
import { encode } from "./letters.ts";
import { sign } from "./primitives.ts";
import type { Holder } from "./proof.ts";
import type { PasskeyKey } from "./sealed-passkey.ts";

/** What a request says. */
export interface RequestKeys {
  readonly device: Holder;
  /** X25519, 32 bytes. */
  readonly encryptionKey: Bytes;
  readonly link: Holder;
  /** Days since 1970. */
  readonly firstDay: number;
  /** Raw, 32 bytes each. */
  readonly dayKeys: readonly Bytes[];
  readonly passkey: PasskeyKey | null;
}

/** As many days as one request may name: early in a month, for the next one too. */
export const DAYS_MAX = 62;

const PREFIX = "enrol3.";
const VERSION = 3;
const LABEL = utf8("teleconsult enrolment v3\n");
const NO_PASSKEY = 0;

/** Write a request and sign it. */
export async function writeRequest(keys: RequestKeys): Promise<string> {
  const { device, encryptionKey, link, firstDay, dayKeys, passkey } = keys;
  if (dayKeys.length < 1 || dayKeys.length > DAYS_MAX) {
    throw new RangeError("A request names 1 to 62 days.");
  }
  const body = join(
    number(VERSION, 1),
    device.publicKey,
    encryptionKey,
    link.publicKey,
    number(firstDay, 4),
    number(dayKeys.length, 1),
    number(passkey?.alg ?? NO_PASSKEY, 1),
    passkey?.key ?? new Uint8Array(),
    ...dayKeys,
  );
  const signed = join(LABEL, body);
  return PREFIX + encode(join(body, await sign(device, signed), await sign(link, signed)));
}
