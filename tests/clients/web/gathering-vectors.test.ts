/** More than two are sealed as the headless peer seals them: one file of vectors for both. */
import {
  fromBase64url,
  join,
  lengthPrefixed,
  pad,
  utf8,
} from "../../../clients/web/src/bytes.ts";
import {
  type Entry,
  guestAsks,
  introduce,
  inviteOf,
  readCard,
  readGathering,
  readInvitation,
  Roster,
  writeGathering,
  writeInvitation,
} from "../../../clients/web/src/gathering.ts";
import type { Hpke } from "../../../clients/web/src/hpke.ts";
import { tokenOf } from "../../../clients/web/src/invites.ts";
import { encode } from "../../../clients/web/src/letters.ts";
import {
  Answers,
  DoctorHandshake,
  PatientHandshake,
  type RefusalCode,
  thumb,
} from "../../../clients/web/src/sealed.ts";
import type { Named } from "../../../clients/web/src/sealed-patient.ts";
import vectors from "../../vectors/gathering.json";
import { hpke, pairOf, refusalOf, signerOfSeed } from "./seal.ts";

const { trust, runs } = vectors;
type Run = (typeof runs)[number];

const bytes = (text: string) => fromBase64url(text);

const rolling =
  (...rolls: string[]) =>
  () =>
    bytes(rolls.shift() ?? "");

/** HPKE whose next key pair is of this seed, and whose next sealing must be this one. */
async function scripted(
  seed: string,
  plain: Uint8Array,
  sealed: Uint8Array,
): Promise<Hpke> {
  const pair = await pairOf(bytes(seed));
  return {
    ...(await hpke),
    generate: () => Promise.resolve(pair),
    seal: (_, __, given) =>
      encode(given) === encode(plain)
        ? Promise.resolve(join(sealed))
        : Promise.reject(new Error("something else is sealed than was frozen")),
  };
}

const letter = (json: string, signature = new Uint8Array()) =>
  pad(join(lengthPrefixed(utf8(json)), signature), [8192, 16384]);

async function asking(run: Run, far = run.far): Promise<PatientHandshake> {
  const { asks, invite } = run;
  const m3 = bytes(run.m3).slice(0, -32);
  const tools = {
    hpke: await scripted(asks.kem_seed, letter(run.m3_json), m3),
    roll: rolling(asks.r, asks.seed),
  };
  return PatientHandshake.start(tools, {
    token: invite.token,
    holder: await signerOfSeed(bytes(asks.holder_seed)),
    psk: bytes(invite.psk),
    handle: null,
    named: far as Named,
  });
}

async function answering(run: Run): Promise<DoctorHandshake> {
  const { answers, invite, far } = run;
  const plain = letter(run.m2_json, bytes(run.m2_signature));
  const tools = {
    hpke: await scripted(answers.kem_seed, plain, bytes(run.m2)),
    roll: rolling(answers.r, answers.seed),
  };
  const key = await signerOfSeed(bytes(answers.signing_seed));
  const { identity } = answers;
  const papers =
    identity === null
      ? { member: far.role as "patient" | "guest", holderKey: key }
      : { deviceKey: key, identity, list: trust.list };
  const psk = () => Promise.resolve(bytes(invite.psk));
  return new DoctorHandshake(tools, papers, psk, new Answers());
}

const read = (patient: PatientHandshake, role: string, m2: string) =>
  role === "doctor"
    ? patient.read(bytes(m2), trust.unions, trust.now)
    : patient.readMember(bytes(m2));

test.each(vectors.invites)("an invite secret: $token", async (row) => {
  const { invite, psk } = await inviteOf(bytes(row.secret));

  expect([invite, encode(psk), tokenOf(invite)]).toEqual([
    row.id,
    row.psk,
    row.token,
  ]);
});

test.each(vectors.addresses)("an address: $fragment", ({ fragment, says }) => {
  const invitation = readInvitation(fragment);

  expect(
    invitation && {
      pass: invitation.pass,
      secret: encode(invitation.secret),
      seat: invitation.member,
      key: invitation.key,
    },
  ).toEqual(says);
  expect(invitation === null || writeInvitation(invitation) === fragment).toBe(
    true,
  );
});

test.each(runs)("a handshake: $name", async (run) => {
  const [patient, doctor] = [await asking(run), await answering(run)];
  expect(encode(patient.m1)).toBe(run.m1);
  const offer = JSON.parse(run.m2_json) as Parameters<
    DoctorHandshake["answer"]
  >[1];
  const m2 = encode(await doctor.answer(patient.m1, offer));
  const { digits } = await read(patient, run.far.role, m2);
  const { restarts, answer } = JSON.parse(run.m3_json) as {
    restarts: boolean;
    answer: string;
  };
  const { m3, resume } = await patient.accept(restarts, answer);
  const confirmed = await doctor.confirm(m3);
  const channel = await patient.confirm(confirmed.m4);

  expect([encode(m3), encode(confirmed.m4)]).toEqual([run.m3, run.m4]);
  expect([digits, confirmed.digits]).toEqual([run.digits, run.digits]);
  expect([resume, channel.resume].map(encode)).toEqual([
    run.resume,
    run.resume,
  ]);
});

test.each(vectors.refused)("refused: $name", async (row) => {
  const run = runs.find(({ name }) => name === row.run);
  if (run === undefined) throw new Error("no such run");
  const patient = await asking(run, row.far);

  expect(await refusalOf(read(patient, row.far.role, row.m2))).toBe(row.code);
});

test.each(vectors.introductions)(
  "an introduction: $newcomer.role, $other.role",
  (row) => {
    const newcomer = { ...(row.newcomer as Entry), holder: row.holder };
    const [first, second] = introduce(
      row.other as Entry,
      newcomer,
      rolling(row.invite, row.psk),
    );

    expect([first.to, second.to]).toEqual([row.answers, row.asks]);
    expect(JSON.parse(writeGathering(first.letter))).toEqual(row.expect);
    expect(JSON.parse(writeGathering(second.letter))).toEqual(row.ask);
  },
);

test.each(vectors.letters)("a letter: $text", async ({ text, says, code }) => {
  const reading = () => Promise.resolve().then(() => readGathering(text));

  expect(await refusalOf(reading())).toBe(code ?? "none");
  if (code === null) {
    const said = await reading();
    expect(said && JSON.parse(writeGathering(said))).toEqual(says);
  }
});

describe("a roster", () => {
  const done = (work: () => unknown): Promise<RefusalCode | "none"> =>
    refusalOf(Promise.resolve().then(work));

  const unknown = () => {
    throw new Error("no such step");
  };

  test.each(vectors.rosters)("$name", async ({ own, first, steps }) => {
    const roster = new Roster(own as Entry, first as Entry | null);
    for (const step of steps) {
      const { seat, now } = step;
      const entry = step.entry as Entry;
      const members = step.members as readonly Entry[];
      const doing: Record<string, () => unknown> = {
        add: () => roster.enter(entry, now),
        check: () => {
          roster.check(entry);
        },
        remove: () => roster.leave(seat, now),
        hear: () => {
          roster.hear({ t: "roster", members }, seat, now);
        },
        wait: () => undefined,
      };
      expect(await done(doing[step.do] ?? unknown)).toBe(step.code ?? "none");
      const seats = roster.members.map(({ member }) => member);
      expect(seats.filter((one) => roster.isAgreed(one)).sort()).toEqual(
        step.agreed,
      );
      expect([...roster.newcomers].sort()).toEqual(step.newcomers);
      expect([...roster.overdue(now)].sort()).toEqual(step.overdue);
    }
  });
});

test.each(vectors.cards)("a card: $name", async (row) => {
  const tables: Record<string, Record<string, string> | undefined> = row.keys;
  const keysOf = (day: number) =>
    new Map(
      Object.entries(tables[day] ?? {}).map(([queue, key]) => [
        queue,
        bytes(key),
      ]),
    );
  const reading = readCard(row.card, keysOf, row.list, trust.unions, row.now);

  expect(await refusalOf(reading)).toBe(row.code ?? "none");
  if (row.code === null) {
    const { identity, deviceKey, dayKey, secret } = await reading;
    expect({
      to: encode(await thumb(dayKey)),
      device: encode(deviceKey),
      secret: encode(secret),
      card: identity.card,
    }).toEqual(row.says);
  }
});

test("a guest asks as the vectors' guest does", async () => {
  const [run] = runs;
  if (run === undefined) throw new Error("no runs");
  const holder = await signerOfSeed(bytes(run.asks.holder_seed));
  const secret = bytes(vectors.invites[1]?.secret ?? "");
  const link = await guestAsks(
    { secret, key: run.far.key ?? "" },
    "doctor",
    holder,
  );

  expect([link.token, link.named]).toEqual([run.invite.token, run.far]);
});
