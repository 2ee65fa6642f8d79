/** A union for tests of a doctor's device: it answers requests as the union's tool does. */
import {
  type Bytes,
  Cutter,
  fromBase64url,
  join,
  pad,
  utf8,
} from "../../../clients/web/src/bytes.ts";
import { DhkemX25519HkdfSha256 } from "../../../clients/web/src/dhkem-native.ts";
import type { Union } from "../../../clients/web/src/identity.ts";
import { encode } from "../../../clients/web/src/letters.ts";
import {
  sign,
  type Signer,
  signerOf,
  thumb,
} from "../../../clients/web/src/primitives.ts";
import {
  Aes256Gcm,
  CipherSuite,
  HkdfSha256,
} from "../../../clients/web/src/suite.ts";

const DAY_S = 86_400;
export const AUDIENCE = "https://teleconsult.example";

/** What a request says; its signatures are the union tool's to check. */
export function readRequest(text: string) {
  const cut = new Cutter(fromBase64url(text.replace(/^enrol3\./, "")));
  cut.take(1);
  const [device, encryption, link] = [cut.take(32), cut.take(32), cut.take(32)];
  const firstDay = cut.number(4);
  const days = cut.number(1);
  cut.take(1);
  const dayKeys = Array.from({ length: days }, () => cut.take(32));
  return { device, encryption, link, firstDay, dayKeys };
}

/** Changes of what a bundle's tokens say. */
export interface Said {
  readonly role?: "doctor" | "probe" | "staff";
  readonly identity?: object;
  readonly access?: object;
}

/** The union of a seed, the slot with which it answers a request, and its lists. */
export async function unionOf(seed: number) {
  const root = await signerOf(new Uint8Array(32).fill(seed));
  if (root === null) {
    throw new Error("This engine has no Ed25519.");
  }
  const id = encode(await thumb(root.publicKey));
  const union: Union = {
    name: "Union",
    audience: AUDIENCE,
    root: encode(root.publicKey),
  };
  const signedBy = async (
    key: Signer,
    kid: string,
    typ: string,
    claims: object,
  ): Promise<string> => {
    const all = { iss: id, aud: AUDIENCE, jti: "jti", ...claims };
    const head = encode(
      utf8(JSON.stringify({ alg: "EdDSA", kid, typ: `teleconsult-${typ}` })),
    );
    const body = `${head}.${encode(utf8(JSON.stringify(all)))}`;
    return `${body}.${encode(await sign(key, utf8(body)))}`;
  };
  const signed = (typ: string, claims: object) =>
    signedBy(root, id, typ, claims);
  /** What the slot holds; `said` is what it says otherwise. */
  const bundleFor = async (text: string, said: Said = {}) => {
    const { device, link, firstDay, dayKeys } = readRequest(text);
    const role = said.role ?? "doctor";
    const kind = role === "doctor" ? "" : `${role}-`;
    const own = role === "doctor" ? { handle: encode(await thumb(link)) } : {};
    const last = firstDay + dayKeys.length - 1;
    const access = dayKeys.map(async (key, at) =>
      signed("access+jwt", {
        nbf: (firstDay + at) * DAY_S + 4 * 3600,
        exp: (firstDay + at) * DAY_S + 34 * 3600,
        role,
        queues: { doctor: ["q"], probe: ["probe"], staff: [] }[role],
        ...own,
        cnf: { jkt: encode(await thumb(key)) },
        ...said.access,
      }),
    );
    const jwk = { kty: "OKP", crv: "Ed25519", x: encode(device) };
    return {
      v: 1,
      identity: await signed(`${kind}identity+jwt`, {
        nbf: firstDay * DAY_S,
        exp: last * DAY_S + 34 * 3600,
        card: { name: "Dr Ada Essai", specialty: "Cardiologie" },
        ...own,
        cnf: { jwk },
        ...said.identity,
      }),
      access: await Promise.all(access),
      queue_keys: {},
      union: { v: 1, ...union },
    };
  };
  const answer = async (text: string, said: Said = {}): Promise<Bytes> => {
    const { encryption } = readRequest(text);
    const bundle = await bundleFor(text, said);
    const kem = new DhkemX25519HkdfSha256();
    const suite = new CipherSuite({
      kem,
      kdf: new HkdfSha256(),
      aead: new Aes256Gcm(),
    });
    const { enc, ct } = await suite.seal(
      {
        recipientPublicKey: await kem.deserializePublicKey(encryption),
        info: utf8("teleconsult bundle v1"),
      },
      pad(utf8(JSON.stringify(bundle)), [32 * 1024]),
    );
    const slot = await thumb(
      join(utf8("teleconsult bundle slot v1"), encryption),
    );
    return join(slot, new Uint8Array(enc), new Uint8Array(ct));
  };
  /** A list that ends an hour later than it would be fetched again, with changes. */
  const list = async (now: number, said: object = {}): Promise<string> => {
    const listKey = await signerOf(new Uint8Array(32).fill(seed + 100));
    if (listKey === null) {
      throw new Error("This engine has no Ed25519.");
    }
    const x = encode(listKey.publicKey);
    const key = await signed("list-key+jwt", {
      nbf: now - DAY_S,
      exp: now + 30 * DAY_S,
      cnf: { jwk: { kty: "OKP", crv: "Ed25519", x } },
    });
    const claims = { iat: now, exp: now + 2 * 3600, seq: 1, key, revoked: [] };
    return signedBy(
      listKey,
      encode(await thumb(listKey.publicKey)),
      "list+jwt",
      {
        ...claims,
        ...said,
      },
    );
  };
  return { union, bundleFor, answer, list };
}
