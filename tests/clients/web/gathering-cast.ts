/** A session of more than two for tests: who sits where, and by which key; made of seeds. */
import type { Bytes } from "../../../clients/web/src/bytes.ts";
import {
  type Entry,
  type Expected,
  Expectations,
  introducedAsks,
  introducedExpected,
  type SeatRole,
} from "../../../clients/web/src/gathering.ts";
import { encode } from "../../../clients/web/src/letters.ts";
import {
  PatientHandshake,
  type Papers,
  Refused,
  roll,
  type SealedLink,
  type Signer,
  thumb,
} from "../../../clients/web/src/sealed.ts";
import type { MemberPapers } from "../../../clients/web/src/sealed-doctor.ts";
import { nameOf } from "../../../clients/web/src/sealed-frames.ts";
import {
  hpke,
  NOW,
  OFFER,
  Office,
  refusalOf,
  sdp,
  seed,
  signer,
} from "./seal.ts";

export const T0 = 1000;

/** Sixteen bytes, base64url. */
export const id = (of: number): string => encode(seed(of).slice(0, 16));

export function entry(of: number, role: SeatRole, key = of + 100): Entry {
  return { member: id(of), role, key: id(key) };
}

export const DOCTOR = entry(1, "doctor");
export const PATIENT = entry(2, "patient");
export const GUEST = entry(3, "guest");
export const COLLEAGUE = entry(4, "doctor");

export async function thumbOf({ publicKey }: Signer): Promise<string> {
  return encode(await thumb(publicKey));
}

export const tools = async () => ({ hpke: await hpke, roll });

export const doctorsPapers = async (device = 3): Promise<Papers> =>
  (await Office.of()).papers(await signer(device));

export const membersPapers = async (
  member: MemberPapers["member"],
  of: number,
): Promise<MemberPapers> => ({ member, holderKey: await signer(of) });

/** Of a pair, as `introduce` tells both: a guest of this holder who asks this patient. */
export async function pair(
  wanted: { asks?: number; answers?: number; seat?: string; of?: number } = {},
) {
  const { asks = 21, answers = 22, seat = GUEST.member, of = 50 } = wanted;
  const [holder, far] = [await signer(asks), await signer(answers)];
  const shared = { invite: id(of), psk: seed(of) };
  const expected: Expected = introducedExpected({
    t: "expect",
    member: seat,
    role: "guest",
    key: await thumbOf(holder),
    holder: null,
    ...shared,
  });
  const key = await thumbOf(far);
  const link = introducedAsks(
    { t: "ask", member: PATIENT.member, role: "patient", key, ...shared },
    holder,
  );
  return {
    expected,
    link,
    seat,
    papers: await membersPapers("patient", answers),
  };
}

/** Who answers, expecting one; and who asks. */
export async function book(...expected: Expected[]): Promise<Expectations> {
  const expectations = new Expectations(await tools());
  for (const one of expected) {
    expectations.open(one, T0);
  }
  return expectations;
}

export async function asks(link: SealedLink, resume: Bytes | null = null) {
  return PatientHandshake.start(await tools(), link, resume);
}

/** One who asks has an M3 for who answers. */
export async function accepted(
  expectations: Expectations,
  link: SealedLink,
  seat: string,
  papers: Papers | MemberPapers,
  resume: Bytes | null = null,
  now = T0,
) {
  const run = await asks(link, resume);
  const m2 = await expectations.answer(run.m1, seat, papers, OFFER, now);
  const office = await Office.of();
  const proposal =
    "member" in papers
      ? await run.readMember(m2)
      : await run.read(m2, [office.union], NOW);
  return {
    run,
    proposal,
    name: await nameOf(run.m1),
    ...(await run.accept(true, sdp())),
  };
}

/** A whole handshake. */
export async function entered(
  expectations: Expectations,
  link: SealedLink,
  seat: string,
  papers: Papers | MemberPapers,
  resume: Bytes | null = null,
  now = T0,
) {
  const {
    run,
    proposal,
    name,
    m3,
    resume: secret,
  } = await accepted(expectations, link, seat, papers, resume, now);
  const entered = await expectations.confirm(name, seat, m3, now);
  if (entered === null) throw new Error("nobody entered");
  const channel = await run.confirm(entered.m4);
  return { entered, channel, proposal, resume: secret };
}

type Pair = Awaited<ReturnType<typeof pair>>;

/** How an M1 by this link ends, from this seat. */
export async function asked(
  expectations: Expectations,
  { link, seat, papers }: Pick<Pair, "link" | "seat" | "papers">,
  {
    resume = null,
    now = T0,
  }: { resume?: Pair["expected"]["psk"] | null; now?: number } = {},
) {
  const { m1 } = await asks(link, resume);
  return refusalOf(expectations.answer(m1, seat, papers, OFFER, now));
}

export function opening(
  expectations: Expectations,
  expected: Expected,
  now = T0,
): string {
  try {
    expectations.open(expected, now);
    return "none";
  } catch (error) {
    if (error instanceof Refused) return error.code;
    throw error;
  }
}
