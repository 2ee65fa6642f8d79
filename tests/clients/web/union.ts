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
import { sign, signerOf, thumb } from "../../../clients/web/src/primitives.ts";
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

/** The union of a seed, and the slot with which it answers a request. */
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
  const signed = async (typ: string, claims: object): Promise<string> => {
    const all = { iss: id, aud: AUDIENCE, jti: "jti", ...claims };
    const head = encode(
      utf8(
        JSON.stringify({ alg: "EdDSA", kid: id, typ: `teleconsult-${typ}` }),
      ),
    );
    const body = `${head}.${encode(utf8(JSON.stringify(all)))}`;
    return `${body}.${encode(await sign(root, utf8(body)))}`;
  };
  const answer = async (text: string): Promise<Bytes> => {
    const { device, encryption, link, firstDay, dayKeys } = readRequest(text);
    const handle = encode(await thumb(link));
    const last = firstDay + dayKeys.length - 1;
    const access = dayKeys.map(async (key, at) =>
      signed("access+jwt", {
        nbf: (firstDay + at) * DAY_S + 4 * 3600,
        exp: (firstDay + at) * DAY_S + 34 * 3600,
        role: "doctor",
        queues: ["q"],
        handle,
        cnf: { jkt: encode(await thumb(key)) },
      }),
    );
    const jwk = { kty: "OKP", crv: "Ed25519", x: encode(device) };
    const bundle = {
      v: 1,
      identity: await signed("identity+jwt", {
        nbf: firstDay * DAY_S,
        exp: last * DAY_S + 34 * 3600,
        card: { name: "Dr Ada Essai", specialty: "Cardiologie" },
        handle,
        cnf: { jwk },
      }),
      access: await Promise.all(access),
      queue_keys: {},
      union: { v: 1, ...union },
    };
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
  return { union, answer };
}
