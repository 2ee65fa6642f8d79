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

/** What an M1 inside a running session carries to show it comes from the same page. */
export async function resumeMac(secret: string, nonce: string): Promise<string> {
  return encode(await hmac(secret, `teleconsult resume v0\n${nonce}`));
}

/** Whether an M1's `resume` is the MAC of its nonce. */
export async function isResume(secret: string, nonce: string, mac: string): Promise<boolean> {
  const given = decode(mac);
  if (given === null) {
    return false;
  }
  // `verify` compares in constant time.
  const key = await hmacKey(secret);
  return crypto.subtle.verify("HMAC", key, given, utf8(`teleconsult resume v0\n${nonce}`));
}

/** The token by which a demo doctor enters; the secret itself stays in the page. */
export async function demoToken(secret: string, thumbprint: string): Promise<string> {
  const mac = await hmac(secret, `demo1.d.${thumbprint}`);
  return `demo1.d.${thumbprint}.${encode(mac.subarray(0, 16))}`;
}

async function hmac(secret: string, text: string): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await crypto.subtle.sign("HMAC", await hmacKey(secret), utf8(text)));
}

function hmacKey(secret: string): Promise<CryptoKey> {
  const bytes = decode(secret) ?? new Uint8Array();
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  return crypto.subtle.importKey("raw", bytes, algorithm, false, ["sign", "verify"]);
}
