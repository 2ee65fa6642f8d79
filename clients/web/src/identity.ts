/**
 * Who vouches for a doctor: the identity credential of a union, and its fresh revocation list.
 *
 * Pure but for WebCrypto and the library that reads JWS; `now` is an argument, in whole seconds
 * since 1970: the later of the page's own clock and the server's. No key comes from a token
 * unless the union's root, pinned in the page, signed it.
 *
 * `clients/union/README.md`, Tokens; RFC 7515, RFC 8037.
 */
import { compactVerify } from "jose";
import { type Bytes, fromBase64url, isObject, join, object, utf8 } from "./bytes.ts";
import { type Card, encode } from "./letters.ts";
import { nativeVerifier } from "./curves.ts";
import { isHonest, PUBLIC_KEY_BYTES, thumb, verify } from "./primitives.ts";
import { Refused } from "./refused.ts";
import { SKEW_S } from "./skew.ts";
import { EDDSA, ES256, type PasskeyKey } from "./sealed-passkey.ts";

/** A union as its `union.json` says it, and the page trusts it. */
export interface Union {
  readonly name: string;
  readonly audience: string;
  /** The root's public key, 32 bytes, base64url. */
  readonly root: string;
}

/** What a union says of a doctor. */
export interface Identity {
  readonly union: Union;
  readonly card: Card;
  /** The personal handle: thumbprint of the doctor's link public key. */
  readonly handle: string | null;
  readonly deviceKey: Bytes;
  /** Whose gesture must come with M2, if the union says so. */
  readonly passkey: PasskeyKey | null;
  readonly expiresAt: number;
}

export const LIST_LIFETIME_MAX_S = 24 * 3600;
// A card is shown: longer ones are cut, so that a name cannot push the buttons away.
const CARD_MAX_CHARS = 80;
const TOKEN = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/;

type Type = "teleconsult-identity+jwt" | "teleconsult-list-key+jwt" | "teleconsult-list+jwt";
type Claims = Readonly<Record<string, unknown>>;
interface Key {
  readonly bytes: Bytes;
  readonly kid: string;
}
interface Root extends Key {
  readonly union: Union;
}

/**
 * What the credential says, if a trusted union signed it and did not take it back.
 *
 * Throws `Refused`: `identity` for the credential, `revoked` for the list.
 */
export async function verifyIdentity(
  credential: unknown,
  list: unknown,
  unions: readonly Union[],
  now: number,
): Promise<Identity> {
  const { root, claims, jti } = await refusing("identity", async () => {
    const roots = await Promise.all(unions.map(rootOf));
    const { kid } = headerOf(credential);
    const root = roots.find((candidate) => candidate.kid === kid);
    if (root === undefined) {
      throw new Refused("identity");
    }
    const claims = await verified(credential, "teleconsult-identity+jwt", root);
    checkClaims(claims, root, now, "nbf");
    return { root, claims, jti: string(claims.jti) };
  });
  const identity = await refusing("identity", async () => ({
    union: root.union,
    card: cardOf(claims.card),
    handle: claims.handle === undefined ? null : encode(fromBase64url(claims.handle, 16)),
    deviceKey: (await confirmedKey(claims)).bytes,
    passkey: claims.passkey === undefined ? null : passkeyOf(claims.passkey),
    expiresAt: whole(claims.exp),
  }));
  await refusing("revoked", async () => {
    if ((await revokedBy(list, root, now)).includes(jti)) {
      throw new Refused("revoked");
    }
  });
  return identity;
}

/** The ids that a fresh list of this union takes back. */
async function revokedBy(list: unknown, root: Root, now: number): Promise<readonly unknown[]> {
  // The delegation is read before the list's own signature is checked, and trusted only once
  // the root's signature over it is.
  const unproven = object(fromBase64url(parts(list)[1]));
  const delegation = await verified(unproven.key, "teleconsult-list-key+jwt", root);
  checkClaims(delegation, root, now, "nbf");
  const claims = await verified(list, "teleconsult-list+jwt", await confirmedKey(delegation));
  checkClaims(claims, root, now, "iat");
  const { revoked } = claims;
  if (whole(claims.exp) - whole(claims.iat) > LIST_LIFETIME_MAX_S) {
    throw new Refused("revoked");
  }
  whole(claims.seq);
  if (!Array.isArray(revoked) || !revoked.every((jti) => typeof jti === "string")) {
    throw new Refused("revoked");
  }
  return revoked;
}

async function rootOf(union: Union): Promise<Root> {
  return { ...(await keyOf(union.root)), union };
}

async function keyOf(value: unknown): Promise<Key> {
  const bytes = fromBase64url(value, PUBLIC_KEY_BYTES);
  return { bytes, kid: encode(await thumb(bytes)) };
}

/** The key that a token confirms (RFC 7800 §3.2). */
async function confirmedKey(claims: Claims): Promise<Key> {
  const { cnf } = claims;
  const jwk = isObject(cnf) && isObject(cnf.jwk) ? cnf.jwk : {};
  if (jwk.kty !== "OKP" || jwk.crv !== "Ed25519") {
    throw new Refused("form");
  }
  const key = await keyOf(jwk.x);
  if (!isHonest(key.bytes)) {
    throw new Refused("form");
  }
  return key;
}

/** Which passkey; a key that is none verifies nothing later. */
function passkeyOf(claim: unknown): PasskeyKey {
  const jwk = isObject(claim) && isObject(claim.jwk) ? claim.jwk : {};
  const x = fromBase64url(jwk.x, PUBLIC_KEY_BYTES);
  if (jwk.kty === "OKP" && jwk.crv === "Ed25519") {
    return { alg: EDDSA, key: x };
  }
  if (jwk.kty !== "EC" || jwk.crv !== "P-256") {
    throw new Refused("form");
  }
  return { alg: ES256, key: join(x, fromBase64url(jwk.y, PUBLIC_KEY_BYTES)) };
}

function parts(token: unknown): string[] {
  if (typeof token !== "string" || !TOKEN.test(token)) {
    throw new Refused("form");
  }
  return token.split(".");
}

/** The header, which has these three members and no other. */
function headerOf(token: unknown): Claims {
  const header = object(fromBase64url(parts(token)[0]));
  if (Object.keys(header).sort().join() !== "alg,kid,typ" || header.alg !== "EdDSA") {
    throw new Refused("form");
  }
  return header;
}

/** The claims of a token of this type, signed by this key. */
async function verified(token: unknown, typ: Type, by: Key): Promise<Claims> {
  const header = headerOf(token);
  if (header.typ !== typ || header.kid !== by.kid || !isHonest(by.bytes)) {
    throw new Refused("form");
  }
  const [head = "", payload = "", last] = parts(token);
  // The signature has one spelling too.
  const signature = fromBase64url(last, 64);
  const key = await nativeVerifier(by.bytes);
  // The library verifies with a browser's own keys only.
  const isSigned =
    key === null
      ? await verify(by.bytes, signature, utf8(`${head}.${payload}`))
      : await isJws(token as string, key);
  if (!isSigned) {
    throw new Refused("form");
  }
  return object(fromBase64url(payload));
}

async function isJws(token: string, key: CryptoKey): Promise<boolean> {
  try {
    await compactVerify(token, key, { algorithms: ["EdDSA"] });
    return true;
  } catch {
    return false;
  }
}

function checkClaims(claims: Claims, root: Root, now: number, begins: "nbf" | "iat"): void {
  const isOurs = claims.iss === root.kid && claims.aud === root.union.audience;
  if (!isOurs || now < whole(claims[begins]) - SKEW_S || now >= whole(claims.exp)) {
    throw new Refused("form");
  }
}

function cardOf(value: unknown): Card {
  const card = isObject(value) ? value : {};
  return { name: line(string(card.name)), specialty: line(string(card.specialty)) };
}

/** Text as a page may show it. */
function line(text: string): string {
  // Control and direction characters could make a name show as another.
  const visible = text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "");
  return [...visible].slice(0, CARD_MAX_CHARS).join("");
}

function string(value: unknown): string {
  if (typeof value !== "string" || value.length === 0) {
    throw new Refused("form");
  }
  return value;
}

function whole(value: unknown): number {
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0) {
    throw new Refused("form");
  }
  return value;
}

/** Whatever is refused inside is refused for one reason. */
async function refusing<T>(code: "identity" | "revoked", work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Refused) {
      throw new Refused(code);
    }
    throw error;
  }
}
