/**
 * Bundles: what a union hands to each doctor, sealed, in files that all look alike.
 *
 * Pure but for what `dhkem.ts` loads. It believes nothing: what a bundle says is
 * checked in `credentials.ts`. What does not open or is not well formed is `Refused`.
 *
 * RFC 9180 (HPKE): mode base, KEM 0x0020, KDF 0x0001, AEAD 0x0002. `clients/union/README.md`,
 * *Enrolment request and bundle*.
 */
import { type Bytes, isObject, join, object, same, unpad, utf8 } from "./bytes.ts";
import type { KeyPair } from "./curves.ts";
import { openX25519 } from "./dhkem.ts";
import { sha256, thumb } from "./primitives.ts";
import { Refused } from "./refused.ts";

const BUNDLE_BYTES = 32 * 1024;
const SLOT_ID_BYTES = 16;
const ENCAPSULATED_BYTES = 32;
const SLOT_BYTES = SLOT_ID_BYTES + ENCAPSULATED_BYTES + BUNDLE_BYTES + 16;
export const FILES = 4;

const INFO = utf8("teleconsult bundle v1");

/** What a bundle says, opened and not yet believed. */
export interface Bundle {
  readonly identity: string;
  readonly access: readonly string[];
  /** Day, as a number in text -> queue -> 32 bytes, base64url. */
  readonly queueKeys: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Public key of the union's root, base64url. */
  readonly root: string;
}

/** In which file the slot of an encryption key is. */
export async function fileOf(publicKey: Bytes): Promise<number> {
  return ((await sha256(publicKey))[0] ?? 0) % FILES;
}

/** The slot of an encryption key in its file; null where it has none yet. */
export async function slotIn(file: Bytes, publicKey: Bytes): Promise<Bytes | null> {
  if (file.length % SLOT_BYTES !== 0) {
    throw new Refused("form");
  }
  const id = await thumb(join(utf8("teleconsult bundle slot v1"), publicKey));
  for (let at = 0; at < file.length; at += SLOT_BYTES) {
    if (same(file.subarray(at, at + SLOT_ID_BYTES), id)) {
      return file.slice(at, at + SLOT_BYTES);
    }
  }
  return null;
}

/** Open one's own slot. Throws `Refused`: `sealed`, `form`. */
export async function openSlot(slot: Bytes, { key, publicKey }: KeyPair): Promise<Bundle> {
  if (slot.length !== SLOT_BYTES) {
    throw new Refused("form");
  }
  const padded = await openX25519(key, publicKey, INFO, slot.slice(SLOT_ID_BYTES));
  return readBundle(unpad(padded, [BUNDLE_BYTES]));
}

function readBundle(json: Bytes): Bundle {
  const { v, identity, access, queue_keys: queueKeys, union } = object(json);
  if (
    v !== 1 ||
    typeof identity !== "string" ||
    !isListOfText(access) ||
    !isTableOfTables(queueKeys) ||
    !isObject(union) ||
    typeof union.root !== "string"
  ) {
    throw new Refused("form");
  }
  return { identity, access, queueKeys, root: union.root };
}

function isListOfText(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}

function isTableOfTables(value: unknown): value is Bundle["queueKeys"] {
  const isTable = (inner: unknown) =>
    isObject(inner) && Object.values(inner).every((key) => typeof key === "string");
  return isObject(value) && Object.values(value).every(isTable);
}
