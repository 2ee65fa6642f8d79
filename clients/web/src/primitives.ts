/**
 * The parts that the seal is made of: hash, MAC, key derivation, signatures.
 *
 * Uses WebCrypto and nothing else of the outside. What can be kept as a key that the page
 * itself cannot read, is.
 *
 * `clients/SCEAU.md` §1.
 */
import { type Bytes, hexOfPoint, join, lengthPrefixed, utf8 } from "./bytes.ts";
import { isSignedBy, type PrivateKey, signed } from "./curves.ts";
import { encode } from "./letters.ts";
import { holderOf } from "./proof.ts";

const VERSION = "sceau/1";

const HMAC = { name: "HMAC", hash: "SHA-256" } as const;

/** So many random bytes. */
export type Roll = (size: number) => Bytes;

export const roll: Roll = (size) => crypto.getRandomValues(new Uint8Array(size));

export const SIGNATURE_BYTES = 64;
export const PUBLIC_KEY_BYTES = 32;

// Points of small order, sign bit cleared, with their non-canonical spellings. Under such a
// "key" anybody can sign, and browsers let it pass: Chalkias, Garillot and Nikolaenko,
// Taming the many EdDSAs (2020), §2. No honest key is among them.
const SMALL_ORDER: ReadonlySet<string> = new Set([
  "0000000000000000000000000000000000000000000000000000000000000000",
  "0100000000000000000000000000000000000000000000000000000000000000",
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
]);

export async function sha256(bytes: Bytes): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
}

/** First sixteen bytes of SHA-256. */
export async function thumb(bytes: Bytes): Promise<Bytes> {
  return (await sha256(bytes)).slice(0, 16);
}

/** `H(label, x, …)`: no two lists of parts have the same hash. */
export function hash(label: string, ...parts: readonly Uint8Array[]): Promise<Bytes> {
  const all = [utf8(VERSION), utf8(label), ...parts];
  return sha256(join(...all.map(lengthPrefixed)));
}

export async function mac(secret: Bytes, bytes: Bytes): Promise<Bytes> {
  const key = await crypto.subtle.importKey("raw", secret, HMAC, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", key, bytes));
}

/** What HKDF extracted from a secret (RFC 5869 §2.2); only expanded parts come out of it. */
export class Extracted {
  readonly #secret: CryptoKey;
  readonly #salt: Bytes;

  private constructor(secret: CryptoKey, salt: Bytes) {
    this.#secret = secret;
    this.#salt = salt;
  }

  static async of(salt: Bytes, secret: Bytes): Promise<Extracted> {
    const key = await crypto.subtle.importKey("raw", secret, "HKDF", false, [
      "deriveBits",
      "deriveKey",
    ]);
    return new Extracted(key, salt);
  }

  /** As bytes. */
  async expand(label: string, size: number): Promise<Bytes> {
    return new Uint8Array(
      await crypto.subtle.deriveBits(this.#hkdf(label), this.#secret, size * 8),
    );
  }

  /** As an AES-256-GCM key that cannot be read. */
  expandCipher(label: string, usage: "encrypt" | "decrypt"): Promise<CryptoKey> {
    const aes = { name: "AES-GCM", length: 256 };
    return crypto.subtle.deriveKey(this.#hkdf(label), this.#secret, aes, false, [usage]);
  }

  #hkdf(label: string): HkdfParams {
    return { name: "HKDF", hash: "SHA-256", salt: this.#salt, info: utf8(`${VERSION}|${label}`) };
  }
}

/** Whose private half signs: a holder key, a device key. */
export interface Signer {
  readonly key: PrivateKey;
  /** Raw, 32 bytes. */
  readonly publicKey: Bytes;
}

/** The signer of a seed; null where the seed is none. */
export function signerOf(seed: Bytes): Promise<Signer | null> {
  return holderOf(encode(seed));
}

export function sign(signer: Signer, bytes: Bytes): Promise<Bytes> {
  return signed(signer.key, bytes);
}

/** Whether these bytes may be somebody's Ed25519 key. */
export function isHonest(publicKey: Bytes): boolean {
  return publicKey.length === PUBLIC_KEY_BYTES && !SMALL_ORDER.has(hexOfPoint(publicKey));
}

/** The same key, null where it is none. */
export function verifier(publicKey: Bytes): Promise<Bytes | null> {
  return Promise.resolve(isHonest(publicKey) ? publicKey : null);
}

/** Whether this key signed these bytes. */
export async function verify(publicKey: Bytes, signature: Bytes, bytes: Bytes): Promise<boolean> {
  return isHonest(publicKey) && (await isSignedBy(publicKey, signature, bytes));
}
