/**
 * The frozen runs of `sealed.json`, held by the pages' code: in Node, and in browsers with
 * whatever makes their keys. Throws where something else is sealed than was frozen.
 */
import {
  type Bytes,
  fromBase64url,
  join,
  lengthPrefixed,
  pad,
  utf8,
} from "../../../clients/web/src/bytes.ts";
import type { Hpke, KemPair } from "../../../clients/web/src/hpke.ts";
import { encode } from "../../../clients/web/src/letters.ts";
import { Extracted } from "../../../clients/web/src/primitives.ts";
import {
  Answers,
  Channel,
  DoctorHandshake,
  PatientHandshake,
  readEnvelope,
  Refused,
  type Role,
  verifyIdentity,
} from "../../../clients/web/src/sealed.ts";
import { readAssertion } from "../../../clients/web/src/sealed-passkey.ts";
import vectors from "../../vectors/sealed.json";
import { refusalOf, signerOfSeed } from "./seal.ts";

export const { trust, runs, refused } = vectors;
export type Run = (typeof runs)[number];
export type Row = (typeof refused)[number];

/** What seals, and how it makes the key pair of a seed. */
export interface Kit {
  readonly hpke: Hpke;
  readonly pairOf: (seed: Bytes, publicKey: Bytes) => Promise<KemPair>;
}

export const bytes = (value: string | null | undefined): Bytes =>
  fromBase64url(value ?? "");

const maybe = (value: string | null): Bytes | null =>
  value === null ? null : bytes(value);

const rolling =
  (...rolls: string[]) =>
  (): Bytes =>
    bytes(rolls.shift());

interface Sealing {
  readonly to: string;
  readonly info: string;
  readonly plain: Bytes;
  readonly sealed: Bytes;
}

/** HPKE whose next key pair is this one, and whose next sealing must be this one. */
async function scripted(
  kit: Kit,
  own: { kem_seed: string; kem_public: string },
  sealing: Sealing,
): Promise<Hpke> {
  const pair = await kit.pairOf(bytes(own.kem_seed), bytes(own.kem_public));
  return {
    ...kit.hpke,
    generate: () => Promise.resolve(pair),
    seal: (publicKey, info, plain) => {
      const asked = [publicKey, info, plain].map(encode);
      const frozen = [sealing.to, sealing.info, encode(sealing.plain)];
      return asked.join() === frozen.join()
        ? Promise.resolve(sealing.sealed)
        : Promise.reject(new Error("something else is sealed than was frozen"));
    },
  };
}

const letter = (json: string, signature = new Uint8Array()): Bytes =>
  pad(join(lengthPrefixed(utf8(json)), signature), [8192, 16384]);

export async function patientOf(run: Run, kit: Kit): Promise<PatientHandshake> {
  const { link, patient, doctor } = run;
  const tools = {
    hpke: await scripted(kit, patient, {
      to: doctor.kem_public,
      info: run.m3_info,
      plain: letter(run.m3_json),
      sealed: bytes(run.m3).slice(0, -32),
    }),
    roll: rolling(patient.r, patient.seed),
  };
  const { token, handle } = link;
  const holder = await signerOfSeed(bytes(link.holder_seed));
  const own = { token, holder, psk: maybe(link.psk), handle };
  return PatientHandshake.start(tools, own, maybe(run.resumes));
}

/** The doctor of a run; with `seals` one who seals for real, in a run of his own. */
export async function doctorOf(
  run: Run,
  kit: Kit,
  seals = false,
): Promise<DoctorHandshake> {
  const { doctor, patient } = run;
  const frozen = {
    to: patient.kem_public,
    info: run.m2_info,
    plain: letter(run.m2_json, bytes(run.m2_signature)),
    sealed: bytes(run.m2),
  };
  const tools = {
    hpke: seals ? kit.hpke : await scripted(kit, doctor, frozen),
    roll: rolling(doctor.r, doctor.seed),
  };
  const deviceKey = await signerOfSeed(bytes(doctor.device_seed));
  const papers = {
    deviceKey,
    identity: doctor.identity,
    list: trust.list,
    passkey: doctor.passkey === null ? null : readAssertion(doctor.passkey),
  };
  const answers = new Answers();
  return new DoctorHandshake(
    tools,
    papers,
    checkToken,
    answers,
    maybe(run.resumes),
  );
}

/** The doctor knows one own link, whose holder he can make again, and one pool. */
function checkToken(token: string, holder: Bytes): Promise<Bytes | null> {
  const known = runs.find(({ link }) => link.token === token)?.link;
  if (known?.psk === null) {
    return Promise.resolve(null);
  }
  if (known === undefined || encode(holder) !== known.holder_thumb) {
    return Promise.reject(new Refused("token"));
  }
  return Promise.resolve(bytes(known.psk));
}

export const offerOf = (run: Run) =>
  JSON.parse(run.m2_json) as {
    connection: string;
    restarts: boolean;
    offer: string;
  };

export const answerOf = (run: Run) =>
  JSON.parse(run.m3_json) as { restarts: boolean; answer: string };

/** The channel of a run; its key cannot be put in, so that it is made of the seeds again. */
export async function channelOf(run: Run, role: Role): Promise<Channel> {
  const psk = maybe(run.link.psk) ?? new Uint8Array(32);
  const secret = join(psk, bytes(run.doctor.seed), bytes(run.patient.seed));
  const transcript = bytes(run.transcript);
  const key = await Extracted.of(transcript, secret);
  return Channel.of({ key, transcript }, role);
}

type Reader = (row: Row, run: Run, kit: Kit) => Promise<unknown>;

/** Who reads the message of a row, everything before having gone well. */
export const READERS: Readonly<Record<string, Reader>> = {
  async m1(row, run, kit) {
    // A key under which nothing can be sealed may show only when something is.
    const doctor = await doctorOf(run, kit, true);
    return doctor.answer(bytes(row.message), offerOf(run));
  },
  async m2(row, run, kit) {
    const patient = await patientOf(run, kit);
    return patient.read(bytes(row.message), trust.unions, trust.now);
  },
  async m3(row, run, kit) {
    const doctor = await doctorOf(run, kit);
    await doctor.answer(bytes(run.m1), offerOf(run));
    return doctor.confirm(bytes(row.message));
  },
  async m4(row, run, kit) {
    const patient = await patientOf(run, kit);
    await patient.read(bytes(run.m2), trust.unions, trust.now);
    const { restarts, answer } = answerOf(run);
    await patient.accept(restarts, answer);
    return patient.confirm(bytes(row.message));
  },
  async record(row, run) {
    const channel = await channelOf(run, "doctor");
    for (const { record } of run.records.slice(0, row.counter)) {
      await channel.open(bytes(record));
    }
    return channel.open(bytes(row.message));
  },
  async dtls(row, run) {
    const channel = await channelOf(run, "doctor");
    const [own, far] = [bytes(row.own), bytes(row.far)];
    return channel.checkCertificateMac(bytes(row.message), own, far);
  },
  envelope: (row) =>
    Promise.resolve().then(() => readEnvelope(bytes(row.message))),
  identity: (row) =>
    verifyIdentity(row.identity, row.list, trust.unions, row.now ?? 0),
};

/** How a row ends. */
export async function codeOf(row: Row, kit: Kit): Promise<string> {
  const run = runs.find(({ name }) => name === row.run) ?? runs[0];
  const read = READERS[row.at];
  if (run === undefined || read === undefined) {
    throw new Error("no such run or reader");
  }
  return refusalOf(read(row, run, kit));
}

/** Hold every run and read every bad message; say what came out otherwise than frozen. */
export async function faults(kit: Kit): Promise<string[]> {
  const found: string[] = [];
  const compare = (what: string, given: unknown, frozen: unknown): void => {
    if (given !== frozen) {
      found.push(what);
    }
  };
  for (const run of runs) {
    const [patient, doctor] = [
      await patientOf(run, kit),
      await doctorOf(run, kit),
    ];
    compare(`${run.name}: m1`, encode(patient.m1), run.m1);
    const m2 = await doctor.answer(patient.m1, offerOf(run));
    const proposal = await patient.read(m2, trust.unions, trust.now);
    compare(`${run.name}: digits`, proposal.digits, run.digits);
    const { restarts, answer } = answerOf(run);
    const accepted = await patient.accept(restarts, answer);
    compare(`${run.name}: m3`, encode(accepted.m3), run.m3);
    const confirmed = await doctor.confirm(accepted.m3);
    compare(`${run.name}: m4`, encode(confirmed.m4), run.m4);
    const channels = {
      patient: await patient.confirm(confirmed.m4),
      doctor: confirmed.channel,
    };
    for (const { from, counter, text, record } of run.records) {
      const role = from === "patient" ? "patient" : "doctor";
      const farEnd = role === "patient" ? "doctor" : "patient";
      const name = `${run.name}: record ${from} ${counter}`;
      compare(name, encode(await channels[role].seal(text)), record);
      compare(name, await channels[farEnd].open(bytes(record)), text);
    }
  }
  for (const row of refused) {
    compare(`${row.at}: ${row.name}`, await codeOf(row, kit), row.code);
  }
  return found;
}
