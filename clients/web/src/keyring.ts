/**
 * A doctor's keys: what the union vouches for, and what opens the bundle that it sends.
 *
 * Uses WebCrypto and nothing else of the outside. It keeps nothing; private halves are keys
 * that the page itself cannot read. Those of a seed can be made again by whoever reads the
 * seed: for a demonstration, and for peers without a screen.
 *
 * `clients/README.md`, *Keyring*; `tests/vectors/union.json` ties it to the union's tool.
 */
import { type Bytes, utf8 } from "./bytes.ts";
import { encode } from "./letters.ts";
import { type Holder, holderOf } from "./proof.ts";

/** An X25519 pair (RFC 7748). */
export interface EncryptionKey {
  readonly privateKey: CryptoKey;
  /** Raw, 32 bytes. */
  readonly publicKey: Bytes;
}

export interface Keyring {
  readonly device: Holder;
  readonly encryption: EncryptionKey;
  /** HKDF input: link key and link secrets come out of it, it does not. */
  readonly linkMaster: CryptoKey;
  /** The key of a day, counted from 1970; null where there is none. */
  readonly day: (day: number) => Promise<Holder | null>;
}

export const DAY_S = 24 * 3600;
/** When an access credential of a day begins, after midnight (UTC). */
export const DAY_BEGINS_S = 4 * 3600;
export const SEED_BYTES = 32;

const INFO = "teleconsult keyring v1\n";
// PKCS #8 of an X25519 private key up to its 32 bytes (RFC 8410 §7).
const PKCS8_HEAD = [48, 46, 2, 1, 0, 48, 5, 6, 3, 43, 101, 110, 4, 34, 4, 32];
const BASE_POINT = Uint8Array.of(9, ...new Uint8Array(31));

/** HKDF-SHA-256 without salt (RFC 5869). */
export async function derived(master: CryptoKey, info: Uint8Array, size: number): Promise<Bytes> {
  const algorithm = { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info: info.slice() };
  return new Uint8Array(await crypto.subtle.deriveBits(algorithm, master, size * 8));
}

/** Bytes as a master that can only be derived from. */
export function masterOf(bytes: Bytes): Promise<CryptoKey> {
  return crypto.subtle.importKey("raw", bytes, "HKDF", false, ["deriveBits"]);
}

/** The keyring of a seed; null where the browser lacks Ed25519 or X25519. */
export async function keyringOfSeed(seed: Bytes): Promise<Keyring | null> {
  const master = await masterOf(seed);
  const made = (name: string) => derived(master, utf8(INFO + name), SEED_BYTES);
  const device = await holderOf(encode(await made("device")));
  const encryption = await encryptionKeyOf(await made("encryption"));
  if (device === null || encryption === null) {
    return null;
  }
  return {
    device,
    encryption,
    linkMaster: await masterOf(await made("link master")),
    day: async (day) => holderOf(encode(await made(`day ${day}`))),
  };
}

/** The link key of a doctor; null where the browser has no Ed25519. */
export async function linkKeyOf(linkMaster: CryptoKey): Promise<Holder | null> {
  return holderOf(encode(await derived(linkMaster, utf8("teleconsult link key v1"), SEED_BYTES)));
}

async function encryptionKeyOf(seed: Bytes): Promise<EncryptionKey | null> {
  const pkcs8 = new Uint8Array([...PKCS8_HEAD, ...seed]);
  try {
    const [privateKey, base] = await Promise.all([
      crypto.subtle.importKey("pkcs8", pkcs8, "X25519", false, ["deriveBits"]),
      crypto.subtle.importKey("raw", BASE_POINT, "X25519", true, []),
    ]);
    // WebCrypto derives no public key from a private one; the base point does (RFC 7748 §6.1).
    const algorithm = { name: "X25519", public: base };
    const publicKey = new Uint8Array(await crypto.subtle.deriveBits(algorithm, privateKey, 256));
    return { privateKey, publicKey };
  } catch {
    return null;
  }
}
