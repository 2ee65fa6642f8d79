/**
 * The holder key and what is proven with it.
 *
 * Uses WebCrypto and nothing else of the outside; callers bring the random bytes. It may
 * not keep or send a seed. A browser without Ed25519 gets `null`, and the page a plain
 * sentence.
 *
 * The exact texts are in `clients/README.md`.
 */
import { decode, encode } from "./letters.ts";

export interface Holder {
  /** Not extractable. */
  key: CryptoKey;
  /** Raw public key, 32 bytes. */
  publicKey: Uint8Array<ArrayBuffer>;
  thumbprint: string;
}

// PKCS #8 of an Ed25519 private key up to its 32 bytes (RFC 8410 §7).
const PKCS8_HEAD = [48, 46, 2, 1, 0, 48, 5, 6, 3, 43, 101, 112, 4, 34, 4, 32];

const utf8 = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);

/** The holder key of a seed; null where the browser cannot, or the seed is not one. */
export async function holderOf(seed: string): Promise<Holder | null> {
  const bytes = decode(seed);
  if (bytes?.length !== 32) {
    return null;
  }
  const pkcs8 = new Uint8Array([...PKCS8_HEAD, ...bytes]);
  try {
    // WebCrypto derives no public key from a private one; the exported JWK carries it.
    const open = await crypto.subtle.importKey("pkcs8", pkcs8, "Ed25519", true, ["sign"]);
    const publicKey = decode((await crypto.subtle.exportKey("jwk", open)).x ?? "");
    if (publicKey?.length !== 32) {
      return null;
    }
    const key = await crypto.subtle.importKey("pkcs8", pkcs8, "Ed25519", false, ["sign"]);
    return { key, publicKey, thumbprint: await thumbprintOf(publicKey) };
  } catch {
    return null;
  }
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
  const signature = new Uint8Array(await crypto.subtle.sign("Ed25519", holder.key, text));
  return encode(new Uint8Array([...holder.publicKey, ...signature]));
}
