/** The seals of a patient's and a doctor's page, with a union behind them and the wire between. */
import { fromBase64url } from "../../../clients/web/src/bytes.ts";
import {
  checkCapability,
  destinationOf,
  personalLink,
} from "../../../clients/web/src/capability.ts";
import {
  type Credentials,
  DoctorSeal,
} from "../../../clients/web/src/doctor-seal.ts";
import { keyringOfSeed, linkKeyOf } from "../../../clients/web/src/keyring.ts";
import {
  encode,
  type Heard,
  type LetterOf,
} from "../../../clients/web/src/letters.ts";
import { parse } from "../../../clients/web/src/link.ts";
import type { ServerMessage } from "../../../clients/web/src/messages.ts";
import {
  type Kept,
  PatientSeal,
} from "../../../clients/web/src/patient-seal.ts";
import { holderOf } from "../../../clients/web/src/proof.ts";
import { idOf } from "../../../clients/web/src/published.ts";
import {
  linkSecrets,
  roll,
  type SealedLink,
} from "../../../clients/web/src/sealed.ts";
import { CONNECTION, hpke, NOW, Office, sdp, seed } from "./seal.ts";

/** What a page is told of a far end's file or key: bodies of the wire, base64url. */
type Body = string | null;

export const CALL = encode(new Uint8Array(16).fill(1));
export const SESSION = encode(new Uint8Array(16).fill(2));
export const LINK_S = 3600;

const SEAT = encode(new Uint8Array(16).fill(3));

/** A page's clock, and the resume secrets that were written into its address. */
export class Surroundings {
  now = NOW;
  /** By what a patient's page knows its doctor again. */
  mark: string | null = null;
  readonly kept: (string | null)[] = [];
  readonly keep = (resume: string | null): void => {
    this.kept.push(resume);
  };
  readonly clock = (): number => this.now;
}

/** A doctor, known by a seed: real keys, real credentials, a list that is always fresh. */
export class Doctor {
  readonly around = new Surroundings();
  readonly office: Office;
  readonly practice: Credentials;
  readonly #linkMaster: CryptoKey;
  #links = 0;

  private constructor(
    office: Office,
    practice: Credentials,
    linkMaster: CryptoKey,
  ) {
    this.office = office;
    this.practice = practice;
    this.#linkMaster = linkMaster;
  }

  static async of(number = 7): Promise<Doctor> {
    const office = await Office.of();
    const keyring = await keyringOfSeed(seed(number));
    const linkKey = keyring && (await linkKeyOf(keyring.linkMaster));
    if (keyring === null || linkKey === null) throw new Error("no keys here");
    const { linkMaster, device } = keyring;
    const papers = await office.papers(device, linkKey.thumbprint);
    const practice: Credentials = {
      papers: () => Promise.resolve(papers),
      checkToken: (now) => (token, holder) =>
        checkCapability(
          token,
          holder,
          linkKey,
          linkMaster,
          [office.union],
          now,
        ),
    };
    return new Doctor(office, practice, linkMaster);
  }

  /** A page of this doctor's; a reloaded one has a resume secret in its address. */
  async page(resume: string | null = null): Promise<DoctorSeal> {
    const { clock, keep } = this.around;
    const tools = { hpke: await hpke, roll };
    return new DoctorSeal(
      tools,
      this.practice,
      clock,
      (kept) => keep(kept.resume),
      resume,
    );
  }

  /** A link of this doctor's, as a patient's page reads it: open from now, for an hour. */
  async link(): Promise<SealedLink> {
    const nonce = new Uint8Array(8).fill((this.#links += 1));
    const window = { begins: NOW, ends: NOW + LINK_S, uses: 1 };
    const root = await idOf(this.office.union);
    const origin = "https://teleconsult.example";
    const url = await personalLink(
      this.#linkMaster,
      nonce,
      window,
      origin,
      root,
    );
    const link = parse(new URL(url ?? origin).hash);
    const secrets = await linkSecrets(fromBase64url(link?.secret));
    const holder = await holderOf(encode(secrets.holderSeed));
    if (link === null || holder === null) throw new Error("no link here");
    const { token } = link;
    const { handle } = await destinationOf(token);
    return { token, holder, psk: secrets.psk, handle };
  }
}

/** A page of a patient's who has this link. */
export async function patientPage(
  doctor: Doctor,
  link: SealedLink,
  around = new Surroundings(),
  resume: string | null = null,
  mark: string | null = null,
): Promise<PatientSeal> {
  const tools = { hpke: await hpke, roll };
  const unions = [doctor.office.union];
  const { clock } = around;
  const keep = (kept: Kept) => {
    around.keep(kept.resume);
    around.mark = kept.doctor;
  };
  const kept = { resume, doctor: mark };
  return new PatientSeal(tools, link, unions, clock, keep, kept);
}

/** What each end wrote and read in a consultation, step by step. */
export interface Two {
  who: Doctor;
  link: SealedLink;
  around: Surroundings;
  patient: PatientSeal;
  doctor: DoctorSeal;
}

export async function two(): Promise<Two> {
  const who = await Doctor.of();
  const link = await who.link();
  const around = new Surroundings();
  const patient = await patientPage(who, link, around);
  return { who, link, around, patient, doctor: await who.page() };
}

// --- the wire ---------------------------------------------------------------------------

export const called = (m1: string, call = CALL): ServerMessage => ({
  type: "called",
  call,
  ticket: SEAT,
  m1,
  deadline: NOW,
});

export const proposed = (m2: Body): ServerMessage => ({
  type: "proposed",
  call: CALL,
  m2: m2 ?? "",
  deadline: NOW,
});

export const accepted = (m3?: Body): ServerMessage => ({
  type: "accepted",
  session: SESSION,
  member: SEAT,
  members: [],
  ...(m3 === undefined ? {} : { m3: m3 ?? "" }),
});

export const envelope = (body: Body): ServerMessage => ({
  type: "envelope",
  member: SEAT,
  body: body ?? "",
});

export const hello = (now: number): ServerMessage => ({
  type: "hello",
  challenge: SEAT,
  now,
});

/** The same text with one bit of its last byte changed. */
export function spoiled(body: Body): string {
  const bytes = fromBase64url(body ?? "");
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
  return encode(bytes);
}

// --- the conversation -------------------------------------------------------------------

export type HeardOf<T extends Heard["t"]> = Extract<Heard, { t: T }>;

/** What was heard, if it is that; fails the test where it is not. */
export function expectHeard<T extends Heard["t"]>(
  heard: Heard | null,
  t: T,
): HeardOf<T> {
  expect(heard).toMatchObject({ t });
  return heard as HeardOf<T>;
}

export const m2Of = (nonce: string, isAllowed = false) =>
  ({
    t: "m2",
    nonce,
    connection: CONNECTION,
    restarts: true,
    offer: sdp(),
    isAllowed,
  }) as const;

export const CANDIDATES: LetterOf<"candidates"> = {
  t: "candidates",
  connection: CONNECTION,
  candidates: [],
};

/** The handshake of a call, to the end; `nonce` is the patient's name for it. */
export async function meet(
  { patient, doctor }: Two,
  nonce = "first",
): Promise<{ m2: HeardOf<"m2">; m3: HeardOf<"m3"> }> {
  const m1 = await doctor.open(called(await patient.m1(nonce)));
  const proposal = await doctor.m2(m2Of(expectHeard(m1, "m1").nonce));
  const m2 = expectHeard(await patient.open(proposed(proposal)), "m2");
  const m3 = await doctor.open(accepted(await patient.m3(nonce, true, sdp())));
  expectHeard(
    await patient.open(envelope(await doctor.write({ t: "ready" }))),
    "ready",
  );
  return { m2, m3: expectHeard(m3, "m3") };
}

/** M1 inside a session, as the doctor's page hears it. */
export async function knockedBy(
  patient: PatientSeal,
  doctor: DoctorSeal,
  nonce: string,
): Promise<Heard | null> {
  return doctor.open(envelope(await patient.write({ t: "m1", nonce })));
}

/** The whole of a handshake inside a session, but for its M4, which is given back. */
export async function shake(
  { patient, doctor }: Pick<Two, "patient" | "doctor">,
  nonce = "again",
  isAllowed = false,
): Promise<Body> {
  const m1 = expectHeard(await knockedBy(patient, doctor, nonce), "m1");
  const m2 = await doctor.write(m2Of(m1.nonce, isAllowed));
  expectHeard(await patient.open(envelope(m2)), "m2");
  const m3 = { t: "m3", nonce, restarts: true, answer: sdp() } as const;
  expectHeard(await doctor.open(envelope(await patient.write(m3))), "m3");
  return doctor.write({ t: "ready" });
}

/** Each reads what the other writes. */
export async function expectTalk({ patient, doctor }: Two): Promise<void> {
  const said = await patient.write({ t: "again" });
  expect(await doctor.open(envelope(said))).toEqual({ t: "again" });
  const answer = await doctor.write(CANDIDATES);
  expect(await patient.open(envelope(answer))).toEqual(CANDIDATES);
}
