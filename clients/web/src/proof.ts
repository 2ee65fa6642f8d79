/**
 * The holder key and what is proven with it.
 *
 * Uses WebCrypto and nothing else of the outside; callers bring the random bytes. It may
 * not keep or send a seed. `curves.ts` helps browsers without Ed25519.
 *
 * The exact texts are in `clients/README.md`.
 */
import { ofSeed, type PrivateKey, signed } from "./curves.ts";
import { decode, encode } from "./letters.ts";

export interface Holder {
  /** Not extractable where the browser has the curve. */
  key: PrivateKey;
  /** Raw public key, 32 bytes. */
  publicKey: Uint8Array<ArrayBuffer>;
  thumbprint: string;
}

const utf8 = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);

/**
 * The holder key of a seed; null where the seed is not one. Rejects with the browser's own error
 * where it has no Ed25519 and a file of the page cannot be had.
 */
export async function holderOf(seed: string): Promise<Holder | null> {
  const bytes = decode(seed);
  if (bytes?.length !== 32) {
    return null;
  }
  const { key, publicKey } = await ofSeed("Ed25519", bytes);
  return { key, publicKey, thumbprint: await thumbprintOf(publicKey) };
}

/** SHA-256, first sixteen bytes, base64url. */
export async function thumbprintOf(publicKey: Uint8Array<ArrayBuffer>): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", publicKey));
  return encode(hash.subarray(0, 16));
}

/** Public key and signature over (challenge, origin, token), as `join` carries them. */
export async function prove(
  holder: Holder,
  challenge: string,
  origin: string,
  token: string,
): Promise<string> {
  const text = utf8(`teleconsult proof v1\n${challenge}\n${origin}\n${token}`);
  const signature = await signed(holder.key, text);
  return encode(new Uint8Array([...holder.publicKey, ...signature]));
}
