/**
 * HPKE, mode base, single shot, with X-Wing and no other suite (RFC 9180 §6.1).
 *
 * A door: it loads a library when it is first asked, and asks the browser what it can. Where
 * the browser has X-Wing itself, private keys cannot be read by the page and the arithmetic
 * runs in constant time; elsewhere a library does it in JavaScript.
 *
 * Suite: KEM 0x647a, KDF 0x0001, AEAD 0x0002 (draft-connolly-cfrg-xwing-kem).
 */
import type { CipherSuite, KemInterface } from "@hpke/core";
import { type Bytes, hexOfPoint, join } from "./bytes.ts";
import { Refused } from "./refused.ts";
import { hasNativeXWing, NATIVE_X_WING } from "./xwing.ts";

export const KEM_PUBLIC_KEY_BYTES = 1216;
export const ENCAPSULATED_BYTES = 1120;
const TAG_BYTES = 16;
/** What `seal` adds to what it seals. */
export const SEALED_MORE_BYTES = ENCAPSULATED_BYTES + TAG_BYTES;

// An ML-KEM-768 encapsulation key: 3 × 256 coefficients of twelve bits below q, then 32 bytes.
const COEFFICIENTS_BYTES = 1152;
const Q = 3329;

// X25519 keys of small order with their non-canonical spellings, highest bit cleared: whoever
// has one shares the same zeros with everybody (RFC 7748 §7).
const SMALL_ORDER: ReadonlySet<string> = new Set([
  "0000000000000000000000000000000000000000000000000000000000000000",
  "0100000000000000000000000000000000000000000000000000000000000000",
  "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
  "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
]);

/** A key pair for one message. */
export interface KemPair {
  readonly publicKey: Bytes;
  readonly privateKey: CryptoKey;
}

/** Seals and opens; holds nothing. */
export interface Hpke {
  readonly isNative: boolean;
  readonly generate: () => Promise<KemPair>;
  /** enc ‖ ct. A far end's key that is none is refused as `form`. */
  readonly seal: (publicKey: Bytes, info: Bytes, plain: Bytes) => Promise<Bytes>;
  /** What was sealed to this pair; refused as `sealed`. */
  readonly open: (pair: KemPair, info: Bytes, sealed: Bytes) => Promise<Bytes>;
}

/**
 * Load what seals. Rejects with the browser's own error where a file cannot be had, which is
 * trouble of the network and not a refusal.
 */
export async function loadHpke(prefer: "native" | "library" = "native"): Promise<Hpke> {
  const isNative = prefer === "native" && (await hasNative());
  const [{ Aes256Gcm, CipherSuite, HkdfSha256 }, kem] = await Promise.all([
    import("./suite.ts"),
    isNative
      ? NATIVE_X_WING
      : import("@hpke/hybridkem-x-wing").then(({ XWing }): KemInterface => new XWing()),
  ]);
  const suite = new CipherSuite({ kem, kdf: new HkdfSha256(), aead: new Aes256Gcm() });
  return hpkeOf(suite, kem, isNative);
}

/**
 * Whether these bytes are an X-Wing public key: numbers that ML-KEM has (FIPS 203 §7.2), and a
 * point that shares a secret (RFC 7748 §6.1).
 */
export function isKemPublicKey(bytes: Bytes): boolean {
  if (bytes.length !== KEM_PUBLIC_KEY_BYTES || SMALL_ORDER.has(hexOfPoint(bytes.slice(-32)))) {
    return false;
  }
  for (let at = 0; at < COEFFICIENTS_BYTES; at += 3) {
    const [a = 0, b = 0, c = 0] = bytes.subarray(at, at + 3);
    if (a + 256 * (b & 0x0f) >= Q || (b >> 4) + 16 * c >= Q) {
      return false;
    }
  }
  return true;
}

// Asked once; the answer does not change while a page lives.
let native: Promise<boolean> | undefined;

function hasNative(): Promise<boolean> {
  native ??= hasNativeXWing();
  return native;
}

function hpkeOf(suite: CipherSuite, kem: KemInterface, isNative: boolean): Hpke {
  return {
    isNative,
    async generate() {
      const { publicKey, privateKey } = await kem.generateKeyPair();
      return { publicKey: new Uint8Array(await kem.serializePublicKey(publicKey)), privateKey };
    },
    async seal(publicKey, info, plain) {
      if (!isKemPublicKey(publicKey)) {
        throw new Refused("form");
      }
      try {
        const recipientPublicKey = await kem.deserializePublicKey(publicKey);
        const { enc, ct } = await suite.seal({ recipientPublicKey, info }, plain);
        return join(new Uint8Array(enc), new Uint8Array(ct));
      } catch {
        // No key after all.
        throw new Refused("form");
      }
    },
    async open(pair, info, sealed) {
      const enc = sealed.slice(0, ENCAPSULATED_BYTES);
      const ct = sealed.slice(ENCAPSULATED_BYTES);
      try {
        const recipientKey = pair.privateKey;
        return new Uint8Array(await suite.open({ recipientKey, enc, info }, ct));
      } catch {
        throw new Refused("sealed");
      }
    },
  };
}
