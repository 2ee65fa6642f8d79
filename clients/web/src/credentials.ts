/**
 * What a union signed for this doctor: one identity for patients, one access a day for servers.
 * For union staff it signs in the same way; the type of their identity is another, so that no
 * patient's page takes one of them for a doctor.
 *
 * Pure but for WebCrypto. A bundle can be sealed by anybody who has seen the request: nothing of
 * it is used before the signature of a union that the pages trust, and the keys that it names
 * are found to be this doctor's own.
 *
 * `clients/union/README.md`, *Tokens*; RFC 7515, RFC 8037.
 */
import type { Bundle } from "./bundle.ts";
import { fromBase64url, isObject, object, utf8 } from "./bytes.ts";
import type { Union } from "./identity.ts";
import { SKEW_S } from "./skew.ts";
import type { Keyring } from "./keyring.ts";
import { DAY_S, linkKeyOf } from "./keyring.ts";
import type { QueueKeys } from "./cards.ts";
import { type Card, decode, encode } from "./letters.ts";
import { PUBLIC_KEY_BYTES, thumb, verify } from "./primitives.ts";
import { Refused } from "./refused.ts";

const QUEUE_KEY_BYTES = 32;

/** What a union lets a device do: all its credentials say the same. */
export type Role = "doctor" | "probe" | "staff";

const IDENTITY_TYPES: Readonly<Record<Role, string>> = {
  doctor: "teleconsult-identity+jwt",
  probe: "teleconsult-probe-identity+jwt",
  staff: "teleconsult-staff-identity+jwt",
};

/** An access credential of one day. */
export interface Access {
  readonly token: string;
  readonly role: Role;
  readonly begins: number;
  readonly ends: number;
  /** Days since 1970, by which its key is found. */
  readonly day: number;
  /** Thumbprint of the day's key. */
  readonly key: string;
  readonly handle: string | null;
}

/** A bundle that was checked. */
export interface Credentials {
  readonly union: Union;
  readonly role: Role;
  readonly card: Card;
  readonly identity: string;
  readonly access: readonly Access[];
  /** When the last of them ends. */
  readonly endsAt: number;
  /** Whether the union signed the handle of this doctor's link key for servers. */
  readonly hasLinks: boolean;
  /** Patients' pages ask for the gesture of a passkey, and which one. */
  readonly hasPasskey: boolean;
  /** Day -> queue -> its key of that day, by which colleagues know each other. */
  readonly queueKeys: ReadonlyMap<number, QueueKeys>;
}

type Claims = Readonly<Record<string, unknown>>;
interface Root {
  readonly union: Union;
  readonly id: string;
}

/**
 * Check all that a bundle says, but for its time. Throws `Refused`: `identity`.
 *
 * That the key of a day is the one that its credential names is left to who uses it, since each of
 * thirty keys takes its time to make.
 */
export async function checked(
  bundle: Bundle,
  keyring: Keyring,
  unions: readonly Union[],
): Promise<Credentials> {
  const union = unions.find(({ root }) => root === bundle.root);
  const link = await linkKeyOf(keyring.linkMaster);
  if (union === undefined || link === null) {
    throw new Refused("identity");
  }
  const id = encode(await thumb(fromBase64url(union.root, PUBLIC_KEY_BYTES)));
  const root = { union, id };
  const access = await Promise.all(bundle.access.map((token) => accessOf(token, root)));
  const role = access[0]?.role ?? "doctor";
  const identity = await verified(bundle.identity, IDENTITY_TYPES[role], root);
  const handles = [identity.handle, ...access.map(({ handle }) => handle)];
  if (
    access.some((one) => one.role !== role) ||
    deviceKeyOf(identity) !== encode(keyring.device.publicKey) ||
    handles.some((handle) => handle !== undefined && handle !== null && handle !== link.thumbprint)
  ) {
    throw new Refused("identity");
  }
  return {
    union,
    role,
    card: cardOf(identity.card),
    identity: bundle.identity,
    access,
    endsAt: Math.min(whole(identity.exp), Math.max(0, ...access.map(({ ends }) => ends))),
    hasLinks: identity.handle === link.thumbprint && access.some(({ handle }) => handle !== null),
    hasPasskey: identity.passkey !== undefined,
    queueKeys: queueKeysOf(bundle.queueKeys),
  };
}

/** Keys that are none are left out: nobody is found by them, and nothing else depends on them. */
function queueKeysOf(given: Bundle["queueKeys"]): ReadonlyMap<number, QueueKeys> {
  return new Map(
    Object.entries(given).map(([day, keys]) => [
      Number(day),
      new Map(
        Object.entries(keys).flatMap(([queue, text]) => {
          const key = decode(text);
          return key?.length === QUEUE_KEY_BYTES ? [[queue, key] as const] : [];
        }),
      ),
    ]),
  );
}

/**
 * The credential that holds at this moment: of two the one of this key, whose seat in a session it
 * is, else the later one, which holds for longer.
 */
export function accessAt(
  access: readonly Access[],
  now: number,
  key: string | null = null,
): Access | null {
  const holds = access.filter(({ begins, ends }) => begins - SKEW_S <= now && now < ends);
  const latest = holds.sort((a, b) => b.begins - a.begins)[0] ?? null;
  return holds.find((one) => one.key === key) ?? latest;
}

async function accessOf(token: string, root: Root): Promise<Access> {
  const claims = await verified(token, "teleconsult-access+jwt", root);
  const { cnf, handle, role } = claims;
  const begins = whole(claims.nbf);
  if (!isObject(cnf) || typeof cnf.jkt !== "string" || !isRole(role)) {
    throw new Refused("identity");
  }
  return {
    token,
    role,
    begins,
    ends: whole(claims.exp),
    day: Math.floor(begins / DAY_S),
    key: cnf.jkt,
    handle: typeof handle === "string" ? handle : null,
  };
}

function isRole(value: unknown): value is Role {
  return typeof value === "string" && Object.hasOwn(IDENTITY_TYPES, value);
}

async function verified(token: string, typ: string, root: Root): Promise<Claims> {
  const [head = "", body = "", signature = "", ...more] = token.split(".");
  try {
    const header = object(fromBase64url(head));
    const isOfRoot =
      Object.keys(header).sort().join() === "alg,kid,typ" &&
      header.alg === "EdDSA" &&
      header.typ === typ &&
      header.kid === root.id &&
      more.length === 0;
    const signed = utf8(`${head}.${body}`);
    const key = fromBase64url(root.union.root, PUBLIC_KEY_BYTES);
    const claims = object(fromBase64url(body));
    if (
      isOfRoot &&
      (await verify(key, fromBase64url(signature, 64), signed)) &&
      claims.iss === root.id &&
      claims.aud === root.union.audience
    ) {
      return claims;
    }
  } catch (error) {
    if (!(error instanceof Refused)) {
      throw error;
    }
  }
  throw new Refused("identity");
}

function deviceKeyOf({ cnf }: Claims): unknown {
  const jwk = isObject(cnf) && isObject(cnf.jwk) ? cnf.jwk : {};
  return jwk.kty === "OKP" && jwk.crv === "Ed25519" ? jwk.x : null;
}

function cardOf(value: unknown): Card {
  const { name, specialty } = isObject(value) ? value : {};
  if (typeof name !== "string" || typeof specialty !== "string") {
    throw new Refused("identity");
  }
  return { name, specialty };
}

function whole(value: unknown): number {
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0) {
    throw new Refused("identity");
  }
  return value;
}
