/**
 * A doctor's keys: what the union vouches for, and what opens the bundle that it sends.
 *
 * Uses WebCrypto, and `curves.ts` where a browser lacks a curve. It keeps nothing; where the
 * browser has the curves, private halves are keys that the page itself cannot read. Those of a
 * seed can be made again by whoever reads the seed: for a demonstration, and for peers without a
 * screen.
 *
 * `clients/README.md`, *Keyring*; `tests/vectors/union.json` ties it to the union's tool.
 */
import { type Bytes, utf8 } from "./bytes.ts";
import { type KeyPair, ofSeed } from "./curves.ts";
import { encode } from "./letters.ts";
import { type Holder, holderOf } from "./proof.ts";

export interface Keyring {
  readonly device: Holder;
  /** X25519. */
  readonly encryption: KeyPair;
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

/** HKDF-SHA-256 without salt (RFC 5869). */
export async function derived(master: CryptoKey, info: Uint8Array, size: number): Promise<Bytes> {
  const algorithm = { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info: info.slice() };
  return new Uint8Array(await crypto.subtle.deriveBits(algorithm, master, size * 8));
}

/** Bytes as a master that can only be derived from. */
export function masterOf(bytes: Bytes): Promise<CryptoKey> {
  return crypto.subtle.importKey("raw", bytes, "HKDF", false, ["deriveBits"]);
}

/** The keyring of a seed, 32 bytes; null where it is none. */
export async function keyringOfSeed(seed: Bytes): Promise<Keyring | null> {
  const master = await masterOf(seed);
  const made = (name: string) => derived(master, utf8(INFO + name), SEED_BYTES);
  const device = await holderOf(encode(await made("device")));
  if (seed.length !== SEED_BYTES || device === null) {
    return null;
  }
  return {
    device,
    encryption: await ofSeed("X25519", await made("encryption")),
    linkMaster: await masterOf(await made("link master")),
    day: async (day) => holderOf(encode(await made(`day ${day}`))),
  };
}

/** The link key of a doctor. */
export async function linkKeyOf(linkMaster: CryptoKey): Promise<Holder | null> {
  return holderOf(encode(await derived(linkMaster, utf8("teleconsult link key v1"), SEED_BYTES)));
}
