/**
 * M1, the patient's first message: written and read byte by byte.
 *
 * Pure but for WebCrypto. Reading proves that the holder signed; whether the token lets the
 * holder in is for who reads it to say.
 *
 * `clients/SCEAU.md` §3.
 */
import { type Bytes, Cutter, join, number, same, text, utf8 } from "./bytes.ts";
import { isKemPublicKey, KEM_PUBLIC_KEY_BYTES } from "./hpke.ts";
import {
  hash,
  mac,
  PUBLIC_KEY_BYTES,
  sign,
  SIGNATURE_BYTES,
  type Signer,
  verify,
} from "./primitives.ts";
import { Refused } from "./refused.ts";

const VERSION = 1;
const MIXES_PSK = 1;
const RESUMES = 2;
const TOKEN_MAX_BYTES = 1024;
const MAC_BYTES = 32;

/** What an M1 says. */
export interface M1 {
  readonly mixesPsk: boolean;
  /** Fresh X-Wing public key, used for one M2. */
  readonly kemKey: Bytes;
  readonly commitment: Bytes;
  readonly holder: Bytes;
  readonly token: string;
}

/** An M1 that arrived. */
export interface ReadM1 extends M1 {
  readonly bytes: Bytes;
  /** Whether it carries the MAC of this resume secret. */
  resumes(secret: Bytes): Promise<boolean>;
}

/** `c`: what binds the patient to a nonce that nobody has seen yet. */
export function commitment(nonce: Bytes, kemKey: Bytes): Promise<Bytes> {
  return hash("commit", nonce, kemKey);
}

/** Write an M1; `resume` is the secret of the session that it comes back into. */
export async function writeM1(
  m1: Omit<M1, "holder">,
  holder: Signer,
  resume: Bytes | null,
): Promise<Bytes> {
  const token = utf8(m1.token);
  if (token.length < 1 || token.length > TOKEN_MAX_BYTES || !isAscii(m1.token)) {
    throw new Refused("form");
  }
  const flags = (m1.mixesPsk ? MIXES_PSK : 0) | (resume === null ? 0 : RESUMES);
  let bytes = join(
    Uint8Array.of(VERSION, flags),
    m1.kemKey,
    m1.commitment,
    holder.publicKey,
    number(token.length, 2),
    token,
  );
  if (resume !== null) {
    bytes = join(bytes, await mac(resume, await hash("resume", bytes)));
  }
  return join(bytes, await sign(holder, await hash("m1", bytes)));
}

/**
 * Read an M1 whose form is right and that its holder signed.
 *
 * Throws `Refused`: `form`, `signature`.
 */
export async function readM1(bytes: Bytes): Promise<ReadM1> {
  const cutter = new Cutter(bytes);
  const version = cutter.number(1);
  const flags = cutter.number(1);
  if (version !== VERSION || (flags & ~(MIXES_PSK | RESUMES)) !== 0) {
    throw new Refused("form");
  }
  const kemKey = cutter.take(KEM_PUBLIC_KEY_BYTES);
  const promised = cutter.take(32);
  const holder = cutter.take(PUBLIC_KEY_BYTES);
  const size = cutter.number(2);
  if (size < 1 || size > TOKEN_MAX_BYTES) {
    throw new Refused("form");
  }
  const token = text(cutter.take(size));
  if (!isAscii(token)) {
    throw new Refused("form");
  }
  const before = cutter.taken();
  const given = (flags & RESUMES) === 0 ? null : cutter.take(MAC_BYTES);
  const signed = cutter.taken();
  const signature = cutter.take(SIGNATURE_BYTES);
  cutter.end();
  if (!(await verify(holder, signature, await hash("m1", signed)))) {
    throw new Refused("signature");
  }
  if (!isKemPublicKey(kemKey)) {
    throw new Refused("form");
  }
  return {
    mixesPsk: (flags & MIXES_PSK) !== 0,
    kemKey,
    commitment: promised,
    holder,
    token,
    bytes,
    resumes: async (secret) =>
      given !== null && same(given, await mac(secret, await hash("resume", before))),
  };
}

function isAscii(token: string): boolean {
  return /^[ -~]*$/.test(token);
}
