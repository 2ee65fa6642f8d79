/**
 * What M2 and M3 say inside their seal: a padded JSON object, M2's with a signature.
 *
 * Pure. It reads form and nothing else; whether to believe it is for the handshake to say.
 *
 * `clients/SCEAU.md` §4, §5 and §11.
 */
import {
  type Bytes,
  Cutter,
  fromBase64url,
  join,
  lengthPrefixed,
  object,
  pad,
  unpad,
  utf8,
  wellFormed,
} from "./bytes.ts";
import { isKemPublicKey, KEM_PUBLIC_KEY_BYTES } from "./hpke.ts";
import { encode } from "./letters.ts";
import { PUBLIC_KEY_BYTES, SIGNATURE_BYTES } from "./primitives.ts";
import { Refused } from "./refused.ts";
import { type Assertion, readAssertion } from "./sealed-passkey.ts";

const VERSION = 1;
const SIZES = [8192, 16384] as const;
const CONNECTION_BYTES = 16;
/** Nonces and seeds. */
export const NONCE_BYTES = 32;

/** Whoever has no credential: the patient, or somebody's guest. */
export type MemberRole = "patient" | "guest";

/** What the doctor says in M2, its names written out. Nothing in it is believed yet. */
export function readM2(padded: Bytes) {
  const [json, signature] = cut(padded, SIGNATURE_BYTES);
  const letter = versioned(json);
  return {
    ...answered(letter),
    json,
    signature,
    identity: string(letter.identity),
    list: string(letter.list),
    passkey: letter.passkey === undefined ? null : readAssertion(letter.passkey),
  };
}

/** What a patient or a guest says in M2; one that has anything of a doctor's is refused. */
export function readMemberM2(padded: Bytes) {
  const [json, signature] = cut(padded, SIGNATURE_BYTES);
  const letter = versioned(json);
  const { identity, list, passkey } = letter;
  if ([identity, list, passkey].some((value) => value !== undefined)) {
    throw new Refused("form");
  }
  return {
    ...answered(letter),
    json,
    signature,
    member: memberRole(letter.member),
    holder: fromBase64url(letter.holder, PUBLIC_KEY_BYTES),
  };
}

/** What every M2 says, whoever answers. */
function answered(letter: Readonly<Record<string, unknown>>) {
  const kemKey = fromBase64url(letter.pk, KEM_PUBLIC_KEY_BYTES);
  if (!isKemPublicKey(kemKey)) {
    throw new Refused("form");
  }
  fromBase64url(letter.connection, CONNECTION_BYTES);
  return {
    kemKey,
    nonce: fromBase64url(letter.r, NONCE_BYTES),
    seed: fromBase64url(letter.seed, NONCE_BYTES),
    connection: letter.connection as string,
    restarts: truth(letter.restarts),
    offer: filled(letter.offer),
  };
}

/** What the patient says in M3. */
export function readM3(padded: Bytes) {
  const [json] = cut(padded, 0);
  const letter = versioned(json);
  return {
    nonce: fromBase64url(letter.r, NONCE_BYTES),
    seed: fromBase64url(letter.seed, NONCE_BYTES),
    restarts: truth(letter.restarts),
    answer: filled(letter.answer),
  };
}

function versioned(json: Bytes): Readonly<Record<string, unknown>> {
  const letter = object(json);
  if (letter.v !== VERSION) {
    throw new Refused("form");
  }
  return letter;
}

function filled(value: unknown): string {
  const given = string(value);
  if (given.length === 0) {
    throw new Refused("form");
  }
  return given;
}

function string(value: unknown): string {
  if (typeof value !== "string") {
    throw new Refused("form");
  }
  return wellFormed(value);
}

function memberRole(value: unknown): MemberRole {
  if (value !== "patient" && value !== "guest") {
    throw new Refused("form");
  }
  return value;
}

function truth(value: unknown): boolean {
  if (typeof value !== "boolean") {
    throw new Refused("form");
  }
  return value;
}

/** lp(json) and exactly `more` bytes, apart; both from a padded letter. */
function cut(padded: Bytes, more: number): readonly [Bytes, Bytes] {
  const cutter = new Cutter(unpad(padded, SIZES));
  const json = cutter.take(cutter.number(4));
  const rest = cutter.take(more);
  cutter.end();
  return [json, rest];
}

/**
 * The JSON that is signed, hashed and sealed: from here on these bytes, never written anew.
 * What is undefined is left out.
 */
export function writeJson(
  letter: Readonly<Record<string, string | number | boolean | Bytes | Assertion | undefined>>,
): Bytes {
  return utf8(
    JSON.stringify({ v: VERSION, ...letter }, (_, value: unknown) => {
      if (value instanceof Uint8Array) {
        return encode(value);
      }
      return typeof value === "string" ? wellFormed(value) : value;
    }),
  );
}

/** lp(json) and what signs it, padded: too long a letter is refused as `form`. */
export function padded(json: Bytes, signature: Bytes = new Uint8Array()): Bytes {
  return pad(join(lengthPrefixed(json), signature), SIZES);
}
