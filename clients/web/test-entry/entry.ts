/**
 * The seal with handles for a test that drives a browser: JSON in, JSON out.
 *
 * Test only. Bytes are base64url. What is refused comes back as its code.
 */
import { type Bytes, fromBase64url } from "../src/bytes.ts";
import { generate, isNative, ofSeed } from "../src/curves.ts";
import { openX25519 } from "../src/dhkem.ts";
import type { Hpke, KemPair } from "../src/hpke.ts";
import { encode } from "../src/letters.ts";
import {
  Answers,
  certificateOf,
  type Channel,
  DoctorHandshake,
  loadHpke,
  PatientHandshake,
  Refused,
  roll,
  type Union,
} from "../src/sealed.ts";
import { assert, create, isOffered, NoPasskey, type Passkey } from "../src/passkey.ts";
import { prove } from "../src/proof.ts";
import { checkPasskey, readAssertion } from "../src/sealed-passkey.ts";
import { met, pairOf, signerOfSeed, useHpke } from "../../../tests/clients/web/seal.ts";
import { faults } from "../../../tests/clients/web/seal-vectors.ts";

const bytes = (text: string): Bytes => fromBase64url(text);
const maybe = (text: string | null): Bytes | null => (text === null ? null : bytes(text));

const violations: string[] = [];
document.addEventListener("securitypolicyviolation", (event) => {
  violations.push(event.violatedDirective);
});

let hpke: Hpke | undefined;
let patient: PatientHandshake | undefined;
let doctor: DoctorHandshake | undefined;
let channel: Channel | undefined;
let passkey: Passkey | undefined;

function had<T>(value: T | undefined): T {
  if (value === undefined) {
    throw new Error("out of turn");
  }
  return value;
}

/** The pair of a seed in the browser's own hands, where it has X-Wing. */
async function nativePairOf(seed: Bytes, publicKey: Bytes): Promise<KemPair> {
  const importKey = crypto.subtle.importKey.bind(crypto.subtle) as (
    ...words: unknown[]
  ) => Promise<CryptoKey>;
  const usages = ["decapsulateBits"];
  const privateKey = await importKey("raw-seed", seed, "MLKEM768-X25519", false, usages);
  return { publicKey, privateKey };
}

async function median(times: number, work: () => Promise<unknown>): Promise<number> {
  const taken: number[] = [];
  for (let time = 0; time < times; time++) {
    const before = performance.now();
    await work();
    taken.push(performance.now() - before);
  }
  return taken.sort((a, b) => a - b)[Math.floor(times / 2)] ?? 0;
}

interface PatientLink {
  token: string;
  holderSeed: string;
  psk: string | null;
  handle: string | null;
}
interface DoctorPapers {
  deviceSeed: string;
  identity: string;
  list: string;
  psk: string | null;
  passkey: unknown;
}

const HANDLES = {
  async load(prefer: "native" | "library") {
    hpke = await loadHpke(prefer);
    useHpke(hpke);
    return { isNative: hpke.isNative };
  },

  violations: () => violations,

  /** Whether the private half of a fresh pair can be read by the page. */
  async isExtractable() {
    return (await had(hpke).generate()).privateKey.extractable;
  },

  vectors() {
    const made = had(hpke);
    return faults({ hpke: made, pairOf: made.isNative ? nativePairOf : pairOf });
  },

  async timings(times: number) {
    const made = had(hpke);
    return {
      keys_ms: await median(times, () => made.generate()),
      handshake_ms: await median(times, () => met()),
    };
  },

  /** A description as this browser writes it, if the page would read it. */
  async describe() {
    const connection = new RTCPeerConnection({ iceServers: [] });
    connection.addTransceiver("audio");
    connection.addTransceiver("video");
    connection.createDataChannel("teleconsult", { negotiated: true, id: 0 });
    const { sdp = "" } = await connection.createOffer();
    connection.close();
    certificateOf(sdp);
    return sdp;
  },

  async startPatient(link: PatientLink) {
    const holder = await signerOfSeed(bytes(link.holderSeed));
    const { token, handle } = link;
    const own = { token, holder, psk: maybe(link.psk), handle };
    patient = await PatientHandshake.start({ hpke: had(hpke), roll }, own);
    return encode(patient.m1);
  },

  async read(m2: string, unions: Union[], now: number) {
    const { doctor, digits, offer } = await had(patient).read(bytes(m2), unions, now);
    return { card: doctor.card, union: doctor.union.name, digits, offer };
  },

  async accept(answer: string) {
    const { m3, resume } = await had(patient).accept(true, answer);
    return { m3: encode(m3), resume: encode(resume) };
  },

  async confirmM4(m4: string) {
    channel = await had(patient).confirm(bytes(m4));
    return null;
  },

  async startDoctor({ deviceSeed, identity, list, psk, passkey }: DoctorPapers) {
    const deviceKey = await signerOfSeed(bytes(deviceSeed));
    const tools = { hpke: had(hpke), roll };
    const gesture = passkey === null ? null : readAssertion(passkey);
    const papers = { deviceKey, identity, list, passkey: gesture };
    const checkToken = () => Promise.resolve(maybe(psk));
    doctor = new DoctorHandshake(tools, papers, checkToken, new Answers());
    return null;
  },

  async answer(m1: string, connection: string, offer: string) {
    return encode(await had(doctor).answer(bytes(m1), { connection, restarts: true, offer }));
  },

  async confirmM3(m3: string) {
    const { m4, channel: opened, digits, answer } = await had(doctor).confirm(bytes(m3));
    channel = opened;
    return { m4: encode(m4), digits, answer, resume: encode(opened.resume) };
  },

  /** Which curves are the browser's own, and which files the page asked for. */
  async curves() {
    const [ed25519, x25519] = [await isNative("Ed25519"), await isNative("X25519")];
    const files = performance.getEntriesByType("resource").map(({ name }) => name);
    return { ed25519, x25519, files };
  },

  async openBundle(seed: string, info: string, sealed: string) {
    const { key, publicKey } = await ofSeed("X25519", bytes(seed));
    return encode(await openX25519(key, publicKey, bytes(info), bytes(sealed)));
  },

  /** A key that was made here, and what it proves. */
  async prove(challenge: string, origin: string, token: string) {
    const { key, publicKey } = await generate("Ed25519");
    const held = structuredClone({ key, publicKey });
    return prove({ ...held, thumbprint: "" }, challenge, origin, token);
  },

  isOffered,

  /** A passkey of this browser, as an enrolment request would name it. */
  async createPasskey(alg: 1 | 2) {
    passkey = await create("teleconsult", [alg]);
    return { alg: passkey.alg, key: encode(passkey.key), id: encode(passkey.id) };
  },

  /** A passkey as a device would have kept it. */
  usePasskey({ alg, key, id }: { alg: 1 | 2; key: string; id: string }) {
    passkey = { alg, key: bytes(key), id: bytes(id) };
    return null;
  },

  async assertPasskey(deviceKey: string, now: number) {
    const { data, client, signature } = await assert(had(passkey), bytes(deviceKey), now);
    return { data: encode(data), client: encode(client), signature: encode(signature) };
  },

  async checkPasskey(gesture: unknown, deviceKey: string, audience: string, now: number) {
    const { alg, key } = had(passkey);
    const device = bytes(deviceKey);
    await checkPasskey(readAssertion(gesture), { alg, key }, device, audience, now);
    return null;
  },

  async seal(text: string) {
    return encode(await had(channel).seal(text));
  },

  open: (record: string) => had(channel).open(bytes(record)),

  async certificateMac(own: string, farEnd: string) {
    return encode(await had(channel).certificateMac(bytes(own), bytes(farEnd)));
  },

  async checkCertificateMac(mac: string, own: string, farEnd: string) {
    await had(channel).checkCertificateMac(bytes(mac), bytes(own), bytes(farEnd));
    return null;
  },
};

type Handle = (...words: unknown[]) => unknown;

/** `[name, ...words]` as JSON; returns `{value}`, `{refused}` or `{failed}` as JSON. */
async function run(call: string): Promise<string> {
  const [name, ...words] = JSON.parse(call) as [keyof typeof HANDLES, ...unknown[]];
  try {
    return JSON.stringify({ value: await (HANDLES[name] as Handle)(...words) });
  } catch (error) {
    const isRefused = error instanceof Refused || error instanceof NoPasskey;
    return JSON.stringify(isRefused ? { refused: error.code } : { failed: String(error) });
  }
}

Object.assign(globalThis, { seal: run });
