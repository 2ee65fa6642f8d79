/**
 * Cards: by what colleagues who share a queue recognise each other on the board.
 *
 * Pure but for WebCrypto; dice, keys and `now` are arguments. Whoever shares a queue can open a
 * card, and nobody but its doctor can make it: what is read is believed only once the union's
 * credential, the device's signature and the gesture hold.
 *
 * `clients/SCEAU.md` §11, *Cards*.
 */
import {
  type Bytes,
  Cutter,
  fromBase64url,
  join,
  lengthPrefixed,
  number,
  pad,
  unpad,
  utf8,
} from "./bytes.ts";
import { type Identity, type Union, verifyIdentity } from "./identity.ts";
import { SKEW_S } from "./skew.ts";
import { INVITE_SECRET_BYTES } from "./invites.ts";
import { DAY_BEGINS_S, DAY_S } from "./keyring.ts";
import { encode } from "./letters.ts";
import {
  Extracted,
  hash,
  PUBLIC_KEY_BYTES,
  type Roll,
  sign,
  SIGNATURE_BYTES,
  verify,
} from "./primitives.ts";
import { Refused } from "./refused.ts";
import type { Papers } from "./sealed-doctor.ts";
import { type Assertion, checkPasskey, dayOf, isShort } from "./sealed-passkey.ts";

export const CARD_BYTES = 1536;
const VERSION = 1;
const NONCE_BYTES = 16;
const KEY_BYTES = 32;
const SLOTS = 8;
const PADDED_BYTES = 1247;
const DAY_BYTES = 4;
/** After midnight (UTC) of the day after: when an access credential ends. */
const DAY_ENDS_S = 10 * 3600;

const NAME = utf8("sceau/1");
const EMPTY = new Uint8Array();

/** Queue -> its key of one day, 32 bytes. */
export type QueueKeys = ReadonlyMap<string, Bytes>;

/** What a doctor's page puts on a card, beside the papers that patients are shown. */
export interface CardOf {
  /** Of the access credential, days since 1970. */
  readonly day: number;
  /** Public half. */
  readonly dayKey: Bytes;
  /** Of the queues served. */
  readonly queueKeys: QueueKeys;
}

/** A card for the board, and the secret by which its doctor asks who calls on it. */
export interface WrittenCard {
  readonly card: string;
  readonly secret: Bytes;
}

/** A colleague whose card holds. */
export interface Colleague {
  readonly identity: Identity;
  readonly deviceKey: Bytes;
  /** Public half; its thumbprint is whom an invitation is for. */
  readonly dayKey: Bytes;
  readonly secret: Bytes;
}

/**
 * Make a card. Throws `Refused`: `form`, where the credential does not fit: this doctor cannot be
 * handed to.
 */
export async function writeCard(
  { day, dayKey, queueKeys }: CardOf,
  { deviceKey, identity, passkey = null }: Omit<Papers, "list">,
  roll: Roll,
): Promise<WrittenCard> {
  const nonce = roll(NONCE_BYTES);
  const secret = roll(INVITE_SECRET_BYTES);
  const cardKey = roll(KEY_BYTES);
  const slots = await slotsOf(queueKeys, nonce, cardKey, roll);
  const [header, claims, jws] = identity.split(".").map((part) => fromBase64url(part));
  const { data, client, signature } = passkey ?? { data: EMPTY, client: EMPTY, signature: EMPTY };
  const said = join(
    number(day, DAY_BYTES),
    dayKey,
    secret,
    lengthPrefixed(header ?? EMPTY),
    lengthPrefixed(claims ?? EMPTY),
    jws ?? EMPTY,
    lengthPrefixed(data),
    lengthPrefixed(client),
    lengthPrefixed(signature),
  );
  const signed = await sign(deviceKey, await hash("card", nonce, slots, said));
  const padded = pad(join(said, signed), [PADDED_BYTES]);
  const body = await crypto.subtle.encrypt(how(nonce), await aes(cardKey, "encrypt"), padded);
  const whole = join(Uint8Array.of(VERSION), nonce, slots, new Uint8Array(body));
  return { card: encode(whole), secret };
}

/**
 * Check a colleague's card. `keysOf` gives the keys of the reader's own queues on a day, none
 * where there are none; `list` is of the reader's own union.
 *
 * Throws `Refused`: `form`, `card`, `identity`, `revoked`, `passkey`.
 */
export async function readCard(
  card: string,
  keysOf: (day: number) => QueueKeys,
  list: string,
  unions: readonly Union[],
  now: number,
): Promise<Colleague> {
  const cutter = new Cutter(fromBase64url(card, CARD_BYTES));
  if (cutter.number(1) !== VERSION) {
    throw new Refused("form");
  }
  const nonce = cutter.take(NONCE_BYTES);
  const slots = cutter.take(SLOTS * KEY_BYTES);
  const body = cutter.take(CARD_BYTES - 1 - nonce.length - slots.length);
  const [day, padded] = await opened(nonce, slots, body, keysOf, now);
  const said = read(unpad(padded, [PADDED_BYTES]));
  if (said.day !== day) {
    throw new Refused("card");
  }
  const identity = await verifyIdentity(said.identity, list, unions, now);
  const { deviceKey } = identity;
  const signed = await hash("card", nonce, slots, said.signed);
  if (!(await verify(deviceKey, said.signature, signed))) {
    throw new Refused("card");
  }
  await checkPasskey(said.passkey, identity.passkey, deviceKey, identity.union.audience, now);
  return { identity, deviceKey, dayKey: said.dayKey, secret: said.secret };
}

/** What a card says, nothing of it believed yet. */
function read(text: Bytes) {
  const cutter = new Cutter(text);
  const day = cutter.number(DAY_BYTES);
  const dayKey = cutter.take(PUBLIC_KEY_BYTES);
  const secret = cutter.take(INVITE_SECRET_BYTES);
  const prefixed = () => cutter.take(cutter.number(4));
  const jws = [prefixed(), prefixed(), cutter.take(SIGNATURE_BYTES)];
  const gesture = { data: prefixed(), client: prefixed(), signature: prefixed() };
  const signed = cutter.taken();
  const signature = cutter.take(SIGNATURE_BYTES);
  cutter.end();
  const identity = jws.map(encode).join(".");
  return { day, dayKey, secret, identity, passkey: passkeyOf(gesture), signed, signature };
}

function passkeyOf(gesture: Assertion): Assertion | null {
  const { data, client, signature } = gesture;
  if (data.length + client.length + signature.length === 0) {
    return null;
  }
  if (!isShort(gesture)) {
    throw new Refused("form");
  }
  return gesture;
}

/** The day whose queue key opens a slot that opens the body, and what is in it. */
async function opened(
  nonce: Bytes,
  slots: Bytes,
  body: Bytes,
  keysOf: (day: number) => QueueKeys,
  now: number,
): Promise<readonly [day: number, padded: Bytes]> {
  for (const day of daysAt(now)) {
    for (const queueKey of keysOf(day).values()) {
      const mask = await maskOf(nonce, queueKey);
      for (let at = 0; at < slots.length; at += KEY_BYTES) {
        const cardKey = xor(slots.slice(at, at + KEY_BYTES), mask);
        const padded = await unsealed(nonce, cardKey, body);
        if (padded !== null) {
          return [day, padded];
        }
      }
    }
  }
  throw new Refused("card");
}

/** The days that are on: from 04:00 to 10:00 of the next there are two. */
function daysAt(now: number): readonly number[] {
  const today = dayOf(now);
  return [today, today - 1].filter(
    (day) => day * DAY_S + DAY_BEGINS_S - SKEW_S <= now && now < (day + 1) * DAY_S + DAY_ENDS_S,
  );
}

/** A slot for each queue, in order of name; the rest say nothing, and do not say that either. */
async function slotsOf(
  queueKeys: QueueKeys,
  nonce: Bytes,
  cardKey: Bytes,
  roll: Roll,
): Promise<Bytes> {
  const slots: Bytes[] = [];
  for (const queue of [...queueKeys.keys()].sort().slice(0, SLOTS)) {
    slots.push(xor(cardKey, await maskOf(nonce, queueKeys.get(queue) ?? EMPTY)));
  }
  return join(...slots, roll((SLOTS - slots.length) * KEY_BYTES));
}

async function maskOf(nonce: Bytes, queueKey: Bytes): Promise<Bytes> {
  return (await Extracted.of(nonce, queueKey)).expand("card slot", KEY_BYTES);
}

async function unsealed(nonce: Bytes, cardKey: Bytes, body: Bytes): Promise<Bytes | null> {
  try {
    const key = await aes(cardKey, "decrypt");
    return new Uint8Array(await crypto.subtle.decrypt(how(nonce), key, body));
  } catch {
    return null;
  }
}

function aes(key: Bytes, usage: "encrypt" | "decrypt"): Promise<CryptoKey> {
  return crypto.subtle.importKey("raw", key, "AES-GCM", false, [usage]);
}

/** Under a key of one card, which seals once. */
function how(nonce: Bytes): AesGcmParams {
  const additionalData = join(NAME, utf8("card"), nonce);
  return { name: "AES-GCM", iv: new Uint8Array(12), additionalData };
}

function xor(one: Bytes, other: Bytes): Bytes {
  return one.map((byte, at) => byte ^ (other[at] ?? 0));
}
