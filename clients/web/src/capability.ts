/**
 * Consultation links as a doctor's page makes and checks them.
 *
 * Pure but for WebCrypto; dice and time are arguments. A capability certifies itself: no list of
 * links exists. The secret beside it never leaves the fragment, and the page keeps neither.
 *
 * `clients/union/README.md`, *Links*; `tests/vectors/union.json` ties it to the union's tool.
 */
import { type Bytes, Cutter, fromBase64url, join, number, same, text, utf8 } from "./bytes.ts";
import type { Union } from "./identity.ts";
import { SKEW_S } from "./skew.ts";
import { derived, linkKeyOf } from "./keyring.ts";
import { encode } from "./letters.ts";
import { PUBLIC_KEY_BYTES, sign, SIGNATURE_BYTES, thumb, verify } from "./primitives.ts";
import { type Holder, holderOf } from "./proof.ts";
import { Refused } from "./refused.ts";
import { linkSecrets } from "./link-secrets.ts";

/** When a link opens and ends, in seconds since 1970, and how many sessions it starts. */
export interface Window {
  readonly begins: number;
  readonly ends: number;
  readonly uses: number;
}

/** A counted link is open no longer: servers forget that it was used when it ends. */
export const WINDOW_MAX_S = 24 * 3600;
/** Whoever came while the link was open may have waited so long: the server let him in, once. */
export const WAITED_MAX_S = 4 * 3600;
export const USES_MAX = 255;
/** Still a QR code that an old telephone reads from paper. */
export const URL_MAX_CHARS = 260;
export const NONCE_BYTES = 8;

const PREFIX = "cap1.";
const LABEL = utf8("teleconsult capability v1\n");
const VERSION = 1;
const PERSONAL = 1;
const POOL = 2;
const THUMB_BYTES = 16;
const TIME_END = 2 ** 32;
const SECRET_BYTES = 16;
const QUEUE = /^[A-Za-z0-9_-]{1,63}$/;
// A probe's patient is no person (`signaling/PROTOCOL.md`, *Fields*).
const OF_A_PROBE = /^probe(?:$|-)/;
const LIKE_A_HANDLE = /^[A-Za-z0-9_-]{21}[AQgw]$/;

/** What a capability says, and what its signature covers. Nothing is checked yet. */
interface Capability {
  /** Link public key of a personal one, thumbprint of the root of a pool's. */
  readonly signer: Bytes;
  readonly isPersonal: boolean;
  /** Of a pool's; empty on a personal one. */
  readonly queue: string;
  readonly nonce: Bytes;
  /** Thumbprint; null for anybody. */
  readonly holder: Bytes | null;
  readonly begins: number;
  readonly ends: number;
  readonly body: Bytes;
  readonly signature: Bytes;
}

/**
 * Make the address of a personal link.
 *
 * `root` is the id of the doctor's union, left out where it makes the address too long, since the
 * handle binds it already. Throws `RangeError` for a window that no link may have, or an origin
 * that is too long for any; null where the browser cannot sign.
 */
export async function personalLink(
  linkMaster: CryptoKey,
  nonce: Bytes,
  { begins, ends, uses }: Window,
  origin: string,
  root: string,
): Promise<string | null> {
  const isWindow =
    [begins, ends, uses].every((value) => Number.isInteger(value)) &&
    begins >= 0 &&
    begins < ends &&
    ends < TIME_END &&
    ends - begins <= WINDOW_MAX_S &&
    uses >= 1 &&
    uses <= USES_MAX;
  if (!isWindow || nonce.length !== NONCE_BYTES) {
    throw new RangeError("A link cannot be open like this.");
  }
  const key = await linkKeyOf(linkMaster);
  const secret = await secretOf(linkMaster, nonce);
  const holder = await holderOf(encode((await linkSecrets(secret)).holderSeed));
  if (key === null || holder === null) {
    return null;
  }
  const body = join(
    Uint8Array.of(VERSION, PERSONAL),
    key.publicKey,
    nonce,
    fromBase64url(holder.thumbprint, THUMB_BYTES),
    number(begins, 4),
    number(ends, 4),
    number(uses, 1),
  );
  const signature = await sign(key, join(LABEL, body));
  const address = `${origin}/#${PREFIX}${encode(join(body, signature))}.${encode(secret)}`;
  const whole = [`${address}.${root}`, address].find((url) => url.length <= URL_MAX_CHARS);
  if (whole === undefined) {
    throw new RangeError("The address of these pages is too long for a link.");
  }
  return whole;
}

/**
 * Check a token that a patient shows, at this time: the PSK where it is of one's own link, null
 * where it is of a pool of a trusted union. Throws `Refused`: `token`.
 */
export async function checkCapability(
  token: string,
  holderThumb: Bytes,
  linkKey: Holder,
  linkMaster: CryptoKey,
  unions: readonly Union[],
  now: number,
): Promise<Bytes | null> {
  const capability = read(token);
  const { holder, isPersonal, signer, nonce, body, signature } = capability;
  const root = isPersonal ? null : await rootOf(signer, unions);
  if (isPersonal ? !same(signer, linkKey.publicKey) : root === null) {
    throw new Refused("token");
  }
  if (
    now < capability.begins - SKEW_S ||
    now >= capability.ends + WAITED_MAX_S ||
    (holder !== null && !same(holder, holderThumb)) ||
    !(await verify(root ?? signer, signature, join(LABEL, body)))
  ) {
    throw new Refused("token");
  }
  return isPersonal ? (await linkSecrets(await secretOf(linkMaster, nonce))).psk : null;
}

/** To whom a link leads: what the doctor's credential must be. */
export interface Destination {
  /** On the wire: the name of a queue, or the handle of a doctor. */
  readonly queue: string;
  /** The handle of the doctor whose own link it is; null on a link to a queue. */
  readonly handle: string | null;
  /** The id of the union that signed it; null on a doctor's own, which the handle binds. */
  readonly union: string | null;
}

/**
 * Where a capability leads a person. Throws `Refused`: `token`. Believes nothing of it: the doctor's
 * credential is held against what it says.
 */
export async function destinationOf(token: string): Promise<Destination> {
  const { isPersonal, signer, queue } = read(token);
  if (OF_A_PROBE.test(queue)) throw new Refused("token");
  if (!isPersonal) return { queue, handle: null, union: encode(signer) };
  const handle = encode(await thumb(signer));
  return { queue: handle, handle, union: null };
}

function secretOf(linkMaster: CryptoKey, nonce: Bytes): Promise<Bytes> {
  return derived(linkMaster, join(utf8("teleconsult link secret v1\n"), nonce), SECRET_BYTES);
}

async function rootOf(id: Bytes, unions: readonly Union[]): Promise<Bytes | null> {
  for (const { root } of unions) {
    const key = fromBase64url(root, PUBLIC_KEY_BYTES);
    if (same(await thumb(key), id)) {
      return key;
    }
  }
  return null;
}

function read(token: string): Capability {
  try {
    return parsed(token);
  } catch {
    throw new Refused("token");
  }
}

function parsed(token: string): Capability {
  if (!token.startsWith(PREFIX)) {
    throw new Refused("form");
  }
  const data = fromBase64url(token.slice(PREFIX.length));
  const cut = new Cutter(data);
  const version = cut.number(1);
  const kind = cut.number(1);
  const isPersonal = kind === PERSONAL;
  const signer = cut.take(isPersonal ? PUBLIC_KEY_BYTES : THUMB_BYTES);
  const queue = isPersonal ? "" : text(cut.take(cut.number(1)));
  const nonce = cut.take(NONCE_BYTES);
  const holder = cut.take(THUMB_BYTES);
  const begins = cut.number(4);
  const ends = cut.number(4);
  const uses = cut.number(1);
  const body = cut.taken();
  const signature = cut.take(SIGNATURE_BYTES);
  cut.end();
  const isForAnybody = holder.every((byte) => byte === 0);
  const isKind = isPersonal || (kind === POOL && QUEUE.test(queue) && !LIKE_A_HANDLE.test(queue));
  // A count goes with a holder, and a personal link always has one.
  const isCounted = uses > 0;
  if (version !== VERSION || !isKind || isForAnybody === isCounted || begins >= ends) {
    throw new Refused("form");
  }
  if (isPersonal && isForAnybody) {
    throw new Refused("form");
  }
  return {
    signer,
    isPersonal,
    queue,
    nonce,
    holder: isForAnybody ? null : holder,
    begins,
    ends,
    body,
    signature,
  };
}
