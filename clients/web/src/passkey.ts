/**
 * The passkey of a doctor's device: made at enrolment, asked for its gesture when going on duty.
 *
 * Door: it asks the browser, which asks the person. Nothing of it goes to a server; what the
 * authenticator shows of the account is the words given, and never the doctor's name. What goes
 * wrong is one of four codes.
 *
 * Web Authentication Level 2, §5.1.3, §5.1.4 and §5.2.1.1; `clients/SCEAU.md` §4, *Passkey*.
 */
import { type Bytes, same } from "./bytes.ts";
import { roll } from "./primitives.ts";
import { Refused } from "./refused.ts";
import {
  type Assertion,
  challengeOf,
  checkPasskey,
  dayOf,
  EDDSA,
  ES256,
  isShort,
  type PasskeyKey,
} from "./sealed-passkey.ts";

/** A passkey, and by which name the browser finds it again. */
export interface Passkey extends PasskeyKey {
  readonly id: Bytes;
}

const SENTENCES = {
  unavailable: "This browser has no passkey for these pages.",
  dismissed: "The gesture was not made.",
  unfit: "The passkey is of a kind that patients' pages could not check.",
  gone: "The passkey is not the one that the union was shown.",
} as const;

export type PasskeyTrouble = keyof typeof SENTENCES;

/** There is no passkey, or no gesture. */
export class NoPasskey extends Error {
  override readonly name = "NoPasskey";
  readonly code: PasskeyTrouble;

  constructor(code: PasskeyTrouble) {
    super(SENTENCES[code]);
    this.code = code;
  }
}

// COSE algorithms (RFC 9053 §2). Every browser verifies the first by itself.
const COSE = { [ES256]: -7, [EDDSA]: -8 } as const;
// SubjectPublicKeyInfo up to the key itself: RFC 5480 §2 (with the mark of an uncompressed
// point), RFC 8410 §4.
const SPKI_HEADS = {
  [ES256]: Uint8Array.of(
    ...[0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01],
    ...[0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04],
  ),
  [EDDSA]: Uint8Array.of(0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00),
} as const;
const KEY_BYTES = { [ES256]: 64, [EDDSA]: 32 } as const;

const USER_ID_BYTES = 16;
const CHALLENGE_BYTES = 32;
const TIMEOUT_MS = 120_000;
const ADDRESS = /^(?:[0-9.]+|\[.*\])$/;

/** Whether this browser, on this device and for these pages, can make one. */
export async function isOffered(): Promise<boolean> {
  // An address in numbers names no party (WebAuthn §5.1.2).
  if (!isSecureContext || ADDRESS.test(location.hostname) || !("PublicKeyCredential" in window)) {
    return false;
  }
  return PublicKeyCredential.isUserVerifyingPlatformAuthenticatorAvailable();
}

/** Make a passkey; `name` is what the device calls it. Throws `NoPasskey`. */
export async function create(
  name: string,
  algorithms: readonly PasskeyKey["alg"][] = [ES256, EDDSA],
): Promise<Passkey> {
  const credential = await asking(() =>
    navigator.credentials.create({
      publicKey: {
        rp: { id: location.hostname, name: location.hostname },
        user: { id: roll(USER_ID_BYTES), name, displayName: name },
        // Nobody checks an attestation: the union signs what staff was shown.
        challenge: roll(CHALLENGE_BYTES),
        attestation: "none",
        pubKeyCredParams: algorithms.map((alg) => ({ type: "public-key", alg: COSE[alg] })),
        authenticatorSelection: { residentKey: "preferred", userVerification: "required" },
        timeout: TIMEOUT_MS,
      },
    }),
  );
  const response = credential.response as AuthenticatorAttestationResponse;
  const spki = response.getPublicKey();
  const key = spki === null ? null : keyOf(new Uint8Array(spki));
  if (key === null) {
    throw new NoPasskey("unfit");
  }
  return { ...key, id: new Uint8Array(credential.rawId) };
}

/**
 * Ask for the gesture of the day; `now` is in seconds since 1970. What patients' pages would
 * refuse is refused here first. Throws `NoPasskey`.
 */
export async function assert(passkey: Passkey, deviceKey: Bytes, now: number): Promise<Assertion> {
  const challenge = await challengeOf(dayOf(now), deviceKey);
  const credential = await asking(() =>
    navigator.credentials.get({
      publicKey: {
        challenge,
        rpId: location.hostname,
        allowCredentials: [{ type: "public-key", id: passkey.id }],
        userVerification: "required",
        timeout: TIMEOUT_MS,
      },
    }),
  );
  const response = credential.response as AuthenticatorAssertionResponse;
  const assertion = {
    data: new Uint8Array(response.authenticatorData),
    client: new Uint8Array(response.clientDataJSON),
    signature: new Uint8Array(response.signature),
  };
  if (!isShort(assertion)) {
    throw new NoPasskey("unfit");
  }
  try {
    await checkPasskey(assertion, passkey, deviceKey, location.origin, now);
  } catch (error) {
    throw error instanceof Refused ? new NoPasskey("gone") : error;
  }
  return assertion;
}

/** The key of a SubjectPublicKeyInfo; null where it is of another kind. */
export function keyOf(spki: Bytes): PasskeyKey | null {
  for (const alg of [ES256, EDDSA] as const) {
    const head = SPKI_HEADS[alg];
    if (spki.length === head.length + KEY_BYTES[alg] && same(spki.slice(0, head.length), head)) {
      return { alg, key: spki.slice(head.length) };
    }
  }
  return null;
}

async function asking(ask: () => Promise<Credential | null>): Promise<PublicKeyCredential> {
  if (!("PublicKeyCredential" in window)) {
    throw new NoPasskey("unavailable");
  }
  try {
    const credential = await ask();
    if (credential instanceof PublicKeyCredential) {
      return credential;
    }
  } catch (error) {
    throw troubleOf(error);
  }
  throw new NoPasskey("dismissed");
}

/** WebAuthn tells a person's no from a missing authenticator on purpose not at all. */
function troubleOf(error: unknown): unknown {
  const name = error instanceof DOMException ? error.name : "";
  switch (name) {
    case "NotAllowedError":
    case "AbortError":
      return new NoPasskey("dismissed");
    case "SecurityError":
    case "NotSupportedError":
    case "ConstraintError":
    case "InvalidStateError":
      return new NoPasskey("unavailable");
    default:
      return error;
  }
}
