/** A union, a doctor and a patient for tests of the seal; everything is made of seeds. */
import { type Bytes, join, utf8 } from "../../../clients/web/src/bytes.ts";
import type { Hpke, KemPair } from "../../../clients/web/src/hpke.ts";
import { encode } from "../../../clients/web/src/letters.ts";
import {
  Answers,
  type CheckToken,
  DoctorHandshake,
  linkSecrets,
  loadHpke,
  PatientHandshake,
  type Papers,
  Refused,
  type RefusalCode,
  roll,
  type SealedLink,
  type Signer,
  signerOf,
  thumb,
  type Union,
} from "../../../clients/web/src/sealed.ts";
import { sign } from "../../../clients/web/src/primitives.ts";

export const NOW = 1_800_000_000;
export const AUDIENCE = "https://teleconsult.example";
export const DAY_S = 24 * 3600;
export const TOKEN = "a-capability";
export const CONNECTION = encode(new Uint8Array(16));

const FINGERPRINT = Array.from({ length: 32 }, (_, at) =>
  at.toString(16).padStart(2, "0"),
)
  .join(":")
  .toUpperCase();

/** A description as browsers make it, without what does not matter here. */
export function sdp(fingerprint = FINGERPRINT): string {
  return [
    "v=0",
    "o=- 1 2 IN IP4 127.0.0.1",
    "s=-",
    "t=0 0",
    "a=group:BUNDLE 0 1",
    "m=audio 9 UDP/TLS/RTP/SAVPF 111",
    `a=fingerprint:sha-256 ${fingerprint}`,
    "a=mid:0",
    "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
    `a=fingerprint:sha-256 ${fingerprint}`,
    "a=mid:1",
    "",
  ].join("\r\n");
}

export function seed(of: number): Bytes {
  return new Uint8Array(32).fill(of);
}

export async function signerOfSeed(bytes: Bytes): Promise<Signer> {
  const made = await signerOf(bytes);
  if (made === null) {
    throw new Error("no Ed25519 here");
  }
  return made;
}

export function signer(of: number): Promise<Signer> {
  return signerOfSeed(seed(of));
}

type Claims = Record<string, unknown>;

/** A JWS in compact form, with whatever a test wants in it. */
export async function jws(
  by: Signer,
  typ: string,
  claims: Claims,
  header: Claims = {},
): Promise<string> {
  const kid = encode(await thumb(by.publicKey));
  const head = encode(
    utf8(JSON.stringify({ alg: "EdDSA", typ, kid, ...header })),
  );
  const text = `${head}.${encode(utf8(JSON.stringify(claims)))}`;
  return `${text}.${encode(await sign(by, utf8(text)))}`;
}

export function jwk(key: Signer): Claims {
  return { jwk: { kty: "OKP", crv: "Ed25519", x: encode(key.publicKey) } };
}

/** What is said in every token, for a test to change; `header` replaces members of a header. */
export interface Said {
  identity?: Claims;
  identityHeader?: Claims;
  delegation?: Claims;
  delegationHeader?: Claims;
  list?: Claims;
  listHeader?: Claims;
}

/** A union with its list key, and what it says of one doctor. */
export class Office {
  readonly union: Union;
  readonly #root: Signer;
  readonly #listKey: Signer;
  readonly #iss: string;

  private constructor(
    union: Union,
    root: Signer,
    listKey: Signer,
    iss: string,
  ) {
    this.union = union;
    this.#root = root;
    this.#listKey = listKey;
    this.#iss = iss;
  }

  static async of(root = 1, listKey = 2): Promise<Office> {
    const key = await signer(root);
    const union = {
      name: "Union d’essai",
      audience: AUDIENCE,
      root: encode(key.publicKey),
    };
    return new Office(
      union,
      key,
      await signer(listKey),
      encode(await thumb(key.publicKey)),
    );
  }

  async papers(
    deviceKey: Signer,
    handle?: string,
    said: Said = {},
  ): Promise<Papers> {
    const own = {
      iss: this.#iss,
      aud: AUDIENCE,
      nbf: NOW - DAY_S,
      exp: NOW + 30 * DAY_S,
    };
    const card = { name: "Dr Camille Essai", specialty: "Médecine générale" };
    const identity = {
      ...own,
      jti: "id-1",
      card,
      handle,
      cnf: jwk(deviceKey),
      ...said.identity,
    };
    const delegation = { ...own, cnf: jwk(this.#listKey), ...said.delegation };
    const list = {
      iss: this.#iss,
      aud: AUDIENCE,
      iat: NOW - 3600,
      exp: NOW + DAY_S - 3600,
      seq: 7,
      key: await jws(
        this.#root,
        "teleconsult-list-key+jwt",
        delegation,
        said.delegationHeader,
      ),
      revoked: ["another"],
      pad: "",
      ...said.list,
    };
    return {
      deviceKey,
      identity: await jws(
        this.#root,
        "teleconsult-identity+jwt",
        identity,
        said.identityHeader,
      ),
      list: await jws(
        this.#listKey,
        "teleconsult-list+jwt",
        list,
        said.listHeader,
      ),
    };
  }
}

export let hpke: Promise<Hpke> = loadHpke("library");

/** Have all that follows sealed by this: a browser's own, say. */
export function useHpke(other: Hpke): void {
  hpke = Promise.resolve(other);
}

/** The key pair of a seed, as the library makes it. */
export async function pairOf(seed: Bytes): Promise<KemPair> {
  // Loaded as late as the page loads it.
  const { XWing } = await import("@hpke/hybridkem-x-wing");
  const kem = new XWing();
  const { publicKey, privateKey } = await kem.generateKeyPairDerand(seed);
  return {
    publicKey: new Uint8Array(await kem.serializePublicKey(publicKey)),
    privateKey,
  };
}

/** Both ends of a handshake on a doctor's own link, or on a pool's. */
export interface Ends {
  office: Office;
  link: SealedLink;
  patient: PatientHandshake;
  doctor: DoctorHandshake;
}

export interface Wanted {
  kind?: "personal" | "pool";
  papers?: Papers;
  said?: Said;
  checkToken?: CheckToken;
  answers?: Answers;
  patientResume?: Bytes;
  doctorResume?: Bytes;
  link?: Partial<SealedLink>;
}

export async function ends(wanted: Wanted = {}): Promise<Ends> {
  const tools = { hpke: await hpke, roll };
  const office = await Office.of();
  const handle = encode(await thumb(seed(9)));
  const secrets = await linkSecrets(new Uint8Array(16).fill(5));
  const isPersonal = wanted.kind !== "pool";
  const holder = await signerOfSeed(secrets.holderSeed);
  const psk = isPersonal ? secrets.psk : null;
  const link = {
    token: TOKEN,
    holder,
    psk,
    handle: isPersonal ? handle : null,
    ...wanted.link,
  };
  const papers =
    wanted.papers ??
    (await office.papers(await signer(3), handle, wanted.said));
  return {
    office,
    link,
    patient: await PatientHandshake.start(
      tools,
      link,
      wanted.patientResume ?? null,
    ),
    doctor: new DoctorHandshake(
      tools,
      papers,
      wanted.checkToken ?? (() => Promise.resolve(psk)),
      wanted.answers ?? new Answers(),
      wanted.doctorResume ?? null,
    ),
  };
}

export const OFFER = { connection: CONNECTION, restarts: true, offer: sdp() };

/** A complete handshake, and what was said in it. */
export async function met(wanted: Wanted = {}) {
  const { office, patient, doctor } = await ends(wanted);
  const m2 = await doctor.answer(patient.m1, OFFER);
  const proposal = await patient.read(m2, [office.union], NOW);
  const { m3, resume } = await patient.accept(true, sdp());
  const confirmed = await doctor.confirm(m3);
  const channel = await patient.confirm(confirmed.m4);
  return { patient, doctor, m2, m3, proposal, resume, confirmed, channel };
}

/** The code by which work is refused; fails the test where it is not, or otherwise fails. */
export async function refusalOf(
  work: Promise<unknown>,
): Promise<RefusalCode | "none"> {
  try {
    await work;
    return "none";
  } catch (error) {
    if (error instanceof Refused) {
      return error.code;
    }
    throw error;
  }
}

/** A copy with one bit changed. */
export function flipped(bytes: Bytes, at: number): Bytes {
  const copy = join(bytes);
  const index = (at + copy.length) % copy.length;
  copy[index] = (copy[index] ?? 0) ^ 1;
  return copy;
}
