/**
 * Ed25519 and X25519: the browser's own where it has them, else a library's.
 *
 * A door, and the one place that chooses: it asks the browser what it can, once, and loads the
 * library only where it must. A browser's own key cannot be read by the page; the library's is a
 * seed in the page's memory. Where a file of the library cannot be had, that is trouble of the
 * network and no answer.
 *
 * RFC 8032 (Ed25519), RFC 7748 (X25519).
 */
import type { Bytes } from "./bytes.ts";

/** What a private key is where the browser has no such curve: its 32 bytes. */
export interface Seed {
  readonly seed: Bytes;
}

export type PrivateKey = CryptoKey | Seed;

/** Either way a browser's store takes it (the structured clone of HTML). */
export interface KeyPair {
  readonly key: PrivateKey;
  /** Raw, 32 bytes. */
  readonly publicKey: Bytes;
}

type Curve = "Ed25519" | "X25519";

const KEY_BYTES = 32;
// PKCS #8 of a private key up to its 32 bytes (RFC 8410 §7); the byte that tells the curve.
const PKCS8_HEAD = [48, 46, 2, 1, 0, 48, 5, 6, 3, 43, 101, 0, 4, 34, 4, 32];
const CURVE_AT = 11;
const CURVE_BYTE: Readonly<Record<Curve, number>> = { Ed25519: 112, X25519: 110 };
const USAGES: Readonly<Record<Curve, KeyUsage[]>> = {
  Ed25519: ["sign"],
  X25519: ["deriveBits"],
};

// Asked once; the answer does not change while a page lives.
const asked = new Map<Curve, Promise<boolean>>();

/** Whether the browser has this curve itself. */
export function isNative(curve: Curve): Promise<boolean> {
  const before = asked.get(curve);
  const answer = before ?? tried(curve);
  asked.set(curve, answer);
  return answer;
}

/** Make a key that the page cannot read where the browser can; its seed where it cannot. */
export async function generate(curve: Curve): Promise<KeyPair> {
  if (!(await isNative(curve))) {
    return ofSeed(curve, crypto.getRandomValues(new Uint8Array(KEY_BYTES)));
  }
  const usages: KeyUsage[] = curve === "Ed25519" ? ["sign", "verify"] : ["deriveBits"];
  const pair = (await crypto.subtle.generateKey({ name: curve }, false, usages)) as CryptoKeyPair;
  const raw = await crypto.subtle.exportKey("raw", pair.publicKey);
  return { key: pair.privateKey, publicKey: new Uint8Array(raw) };
}

/** The key pair of 32 bytes. */
export async function ofSeed(curve: Curve, seed: Bytes): Promise<KeyPair> {
  if (!(await isNative(curve))) {
    const library = await load();
    const { getPublicKey } = curve === "Ed25519" ? library.ed25519 : library.x25519;
    return { key: { seed: seed.slice() }, publicKey: getPublicKey(seed).slice() };
  }
  const pkcs8 = new Uint8Array([...PKCS8_HEAD, ...seed]);
  pkcs8[CURVE_AT] = CURVE_BYTE[curve];
  // WebCrypto derives no public key from a private one; the exported JWK carries it.
  const open = await crypto.subtle.importKey("pkcs8", pkcs8, curve, true, USAGES[curve]);
  const { x = "" } = await crypto.subtle.exportKey("jwk", open);
  const text = atob(x.replaceAll("-", "+").replaceAll("_", "/"));
  const publicKey = Uint8Array.from(text, (character) => character.charCodeAt(0));
  const key = await crypto.subtle.importKey("pkcs8", pkcs8, curve, false, USAGES[curve]);
  return { key, publicKey };
}

/** An Ed25519 signature. */
export async function signed(key: PrivateKey, bytes: Bytes): Promise<Bytes> {
  if ("seed" in key) {
    return (await load()).ed25519.sign(bytes, key.seed).slice();
  }
  return new Uint8Array(await crypto.subtle.sign("Ed25519", key, bytes));
}

/** The browser's key to check signatures with; null where it has none, or this is none. */
export async function nativeVerifier(publicKey: Bytes): Promise<CryptoKey | null> {
  if (!(await isNative("Ed25519"))) {
    return null;
  }
  try {
    return await crypto.subtle.importKey("raw", publicKey, "Ed25519", false, ["verify"]);
  } catch {
    return null;
  }
}

/** Whether this key signed these bytes; keys of small order are the caller's to refuse. */
export async function isSignedBy(
  publicKey: Bytes,
  signature: Bytes,
  bytes: Bytes,
): Promise<boolean> {
  if (!(await isNative("Ed25519"))) {
    const { ed25519 } = await load();
    try {
      // As RFC 8032 has it; the library's own default takes more.
      return ed25519.verify(signature, bytes, publicKey, { zip215: false });
    } catch {
      return false;
    }
  }
  const key = await nativeVerifier(publicKey);
  try {
    return key !== null && (await crypto.subtle.verify("Ed25519", key, signature, bytes));
  } catch {
    return false;
  }
}

function load() {
  return import("./curves-library.ts");
}

async function tried(curve: Curve): Promise<boolean> {
  try {
    // A pair is what is needed: some browsers know the name and make no key.
    const pair = await crypto.subtle.generateKey({ name: curve }, false, [
      ...USAGES[curve],
      ...(curve === "Ed25519" ? (["verify"] as const) : []),
    ]);
    return "privateKey" in pair && pair.privateKey.usages.length === 1;
  } catch {
    return false;
  }
}
