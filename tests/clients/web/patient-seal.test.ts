/** The patient's seal against the doctor's: which messages count, what is kept, what is left. */
import type { DoctorSeal } from "../../../clients/web/src/doctor-seal.ts";
import { encode } from "../../../clients/web/src/letters.ts";
import {
  markOf,
  type PatientSeal,
} from "../../../clients/web/src/patient-seal.ts";
import { thumb } from "../../../clients/web/src/sealed.ts";
import { DAY_S, NOW, sdp } from "./seal.ts";
import {
  accepted,
  called,
  CANDIDATES,
  Doctor,
  envelope,
  expectHeard,
  expectTalk,
  hello,
  knockedBy,
  m2Of,
  meet,
  patientPage,
  proposed,
  shake,
  spoiled,
  Surroundings,
  two,
  type Two,
} from "./two-seals.ts";

/** A call, up to where the doctor's page has an M2 for the M1 of this name. */
async function answered(of: Two, nonce = "first"): Promise<string | null> {
  const m1 = await of.doctor.open(called(await of.patient.m1(nonce)));
  return of.doctor.m2(m2Of(expectHeard(m1, "m1").nonce));
}

async function begun(): Promise<Two> {
  const both = await two();
  await meet(both);
  return both;
}

test("a whole consultation: both see the same digits, and read each other", async () => {
  const both = await two();

  const { m2, m3 } = await meet(both);

  expect(m2.doctor).toEqual({
    card: { name: "Dr Camille Essai", specialty: "Médecine générale" },
    union: both.who.office.union.name,
  });
  expect(m2).toMatchObject({ nonce: "first", restarts: true, offer: sdp() });
  expect(m2.digits).toMatch(/^\d{6}$/);
  expect(m3).toMatchObject({
    digits: m2.digits,
    restarts: true,
    answer: sdp(),
  });
  await expectTalk(both);
  await expectTalk(both);
});

test("both ends bind the connection under the same keys, each to what it sees", async () => {
  const { patient, doctor } = await begun();
  const own = await thumb(new Uint8Array([1]));
  const far = await thumb(new Uint8Array([2]));

  const mac = (await patient.binding()?.prove(own, far)) ?? new Uint8Array();

  await expect(doctor.binding()?.check(mac, far, own)).resolves.toBeUndefined();
  await expect(doctor.binding()?.check(mac, own, own)).rejects.toMatchObject({
    code: "certificate",
  });
});

describe("names", () => {
  test("an M2 for an M1 of before is passed over, and the present one goes on", async () => {
    const both = await two();
    const late = await answered(both, "before");
    const present = await answered(both, "now");

    expect(await both.patient.open(proposed(late))).toBeNull();

    const heard = await both.patient.open(proposed(present));
    expect(expectHeard(heard, "m2").nonce).toBe("now");
  });

  test("an M4 of a handshake that is no more is passed over, and the present one goes on", async () => {
    const both = await begun();
    const late = await shake(both, "before");
    const m1 = await knockedBy(both.patient, both.doctor, "now");

    expect(await both.patient.open(envelope(late))).toBeNull();

    const m2 = await both.doctor.write(m2Of(expectHeard(m1, "m1").nonce));
    expectHeard(await both.patient.open(envelope(m2)), "m2");
  });

  test("a record under the keys of before is passed over, and the present ones hold", async () => {
    const both = await begun();
    const late = await both.doctor.write(CANDIDATES);
    await both.patient.open(envelope(await shake(both)));

    expect(await both.patient.open(envelope(late))).toBeNull();

    await expectTalk(both);
  });

  test("what is wrong under the right name is refused", async () => {
    const both = await two();
    const m2 = spoiled(await answered(both));
    expect(await both.patient.open(proposed(m2))).toEqual({
      t: "refused",
      code: "sealed",
    });

    const other = await begun();
    const m4 = spoiled(await shake(other));
    expect(await other.patient.open(envelope(m4))).toEqual({
      t: "refused",
      code: "confirmation",
    });

    const third = await begun();
    const record = spoiled(await third.doctor.write(CANDIDATES));
    expect(await third.patient.open(envelope(record))).toEqual({
      t: "refused",
      code: "record",
    });
  });

  test("a second M2 to one M1 is refused", async () => {
    const both = await two();
    const m2 = await answered(both);
    expectHeard(await both.patient.open(proposed(m2)), "m2");

    expect(await both.patient.open(proposed(m2))).toEqual({
      t: "refused",
      code: "twice",
    });
  });

  test.each(["", "AA", encode(Uint8Array.of(5, 1, 2, 3)), "*"])(
    "what is no envelope is passed over: %j",
    async (body) => {
      expect(await (await two()).patient.open(envelope(body))).toBeNull();
    },
  );

  test("what only a patient says is not heard by one", async () => {
    const both = await begun();
    const m1 = await both.patient.write({ t: "m1", nonce: "own" });

    expect(await both.patient.open(envelope(m1))).toBeNull();
  });

  test("after a record that was dropped one is refused, and those behind it are passed over", async () => {
    const { patient, doctor } = await begun();
    await doctor.write(CANDIDATES);
    const behind = [
      await doctor.write(CANDIDATES),
      await doctor.write(CANDIDATES),
    ];

    const heard = [];
    for (const record of behind)
      heard.push(await patient.open(envelope(record)));

    expect(heard).toEqual([{ t: "refused", code: "record" }, null]);
    expect(await patient.write({ t: "again" })).toBeNull();
    expect(patient.binding()).toBeNull();
  });
});

describe("the resume secret", () => {
  test("is in the address before M3 can leave", async () => {
    const both = await two();
    await both.patient.open(proposed(await answered(both)));
    expect(both.around.kept).toEqual([]);

    const m3 = both.patient.m3("first", true, sdp());
    const order: unknown[] = [];
    await m3.then(() => order.push(...both.around.kept, "M3"));

    expect(order).toEqual([both.around.kept[0], "M3"]);
    expect(both.around.kept[0]).toMatch(/^[A-Za-z0-9_-]{22}$/);
  });

  test("the one before counts until M4, and the new one from then on", async () => {
    const both = await begun();
    const [before] = both.around.kept;

    const m4 = await shake(both);
    expect(both.around.kept).toEqual([before]);
    await both.patient.open(envelope(m4));

    expect(both.around.kept).toHaveLength(2);
    expect(both.around.kept[1]).not.toBe(before);
    expect(both.around.kept[1]).toBe(both.who.around.kept[1]);
  });

  test("of a call it counts at once, whatever stood in the address", async () => {
    const who = await Doctor.of();
    const [link, around] = [await who.link(), new Surroundings()];
    const stale = encode(new Uint8Array(16).fill(9));
    const patient = await patientPage(who, link, around, stale);
    const both = { who, link, around, patient, doctor: await who.page() };
    await patient.open(proposed(await answered(both)));
    await both.doctor.open(accepted(await patient.m3("first", true, sdp())));
    expect(around.kept).toEqual(who.around.kept);

    // M4 is lost: the next M1 shows that it comes from the same page all the same.
    expect(await knockedBy(patient, both.doctor, "again")).toMatchObject({
      isSame: true,
    });
  });

  test("a reloaded page comes back with it, and talks", async () => {
    const both = await begun();
    const resume = both.around.kept.at(-1) ?? null;
    const patient = await patientPage(both.who, both.link, both.around, resume);
    const back = { ...both, patient };

    await patient.open(envelope(await shake(back)));

    await expectTalk(back);
  });
});

test("no record is written between a fresh M1 inside and its M4", async () => {
  const both = await begun();
  const says = () => both.patient.write({ t: "again" });
  expect(await says()).not.toBeNull();

  const m1 = await knockedBy(both.patient, both.doctor, "again");
  expect(await says()).toBeNull();
  const m2 = await both.doctor.write(m2Of(expectHeard(m1, "m1").nonce));
  await both.patient.open(envelope(m2));
  expect(await says()).toBeNull();
  const m3 = {
    t: "m3",
    nonce: "again",
    restarts: true,
    answer: sdp(),
  } as const;
  await both.doctor.open(envelope(await both.patient.write(m3)));
  expect(await says()).toBeNull();

  await both.patient.open(envelope(await both.doctor.write({ t: "ready" })));
  expect(await says()).not.toBeNull();
});

test("an M3 for another handshake than the present one is not made", async () => {
  const both = await two();
  await both.patient.open(proposed(await answered(both)));

  expect(await both.patient.m3("another", true, sdp())).toBeNull();
  expect(both.around.kept).toEqual([]);
});

test("what was under way when all was forgotten is not kept when it is done", async () => {
  const both = await two();
  await both.patient.open(proposed(await answered(both)));
  const m3 = both.patient.m3("first", true, sdp());
  both.patient.forget();
  expect(await m3).toBeNull();
  expect(both.around.kept).toEqual([null]);

  const again = await begun();
  const m4 = await shake(again);
  const opened = again.patient.open(envelope(m4));
  again.patient.forget();
  expect(await opened).toBeNull();
  expect(again.patient.binding()).toBeNull();
  expect(again.around.kept.at(-1)).toBeNull();
});

test("forgetting leaves nothing", async () => {
  const { patient, doctor, around } = await begun();
  const late = await doctor.write(CANDIDATES);

  patient.forget();

  expect(patient.binding()).toBeNull();
  expect(await patient.write(CANDIDATES)).toBeNull();
  expect(await patient.open(envelope(late))).toBeNull();
  expect(around.kept.at(-1)).toBeNull();
  expect(await knockedBy(patient, doctor, "again")).toMatchObject({
    isSame: false,
  });
});

test("a description that allows more than one far end is refused", async () => {
  const both = await begun();
  const { connection } = CANDIDATES;
  const letter = { t: "description", connection, type: "offer" } as const;
  const description = (text: string) =>
    both.doctor.write({ ...letter, sdp: text });
  const good = await description(sdp());
  const other = `a=fingerprint:sha-256 ${"00:".repeat(31)}00`;
  const bad = await description(`${sdp()}${other}\r\n`);

  expect(await both.patient.open(envelope(good))).toMatchObject({
    t: "description",
  });
  expect(await both.patient.open(envelope(bad))).toEqual({
    t: "refused",
    code: "description",
  });
  expect(both.patient.binding()).toBeNull();
});

describe("time", () => {
  /** Judge an M2 with this clock, and a server that says this. */
  async function judged(now: number, server: number): Promise<unknown> {
    const both = await two();
    both.around.now = now;
    await both.patient.open(hello(server));
    return both.patient.open(proposed(await answered(both)));
  }

  test("is the later of the page's clock and the server's", async () => {
    const year = 365 * DAY_S;
    expect(await judged(NOW, NOW)).toMatchObject({ t: "m2" });
    // A slow clock: the server's counts.
    expect(await judged(NOW - year, NOW)).toMatchObject({ t: "m2" });
    expect(await judged(NOW - year, NOW + year)).toMatchObject({
      code: "identity",
    });
    // A server that would have us believe in papers of old does not.
    expect(await judged(NOW + year, NOW)).toMatchObject({ code: "identity" });
  });
});

test("another certified doctor does not step into a personal link", async () => {
  const both = await two();
  const other = await Doctor.of(8);
  const page = await other.page();
  // Whatever the other's own page would check, it answers here.
  Object.assign(other.practice, {
    checkToken: () => () => Promise.resolve(both.link.psk),
  });
  const m1 = await page.open(called(await both.patient.m1("first")));
  const m2 = await page.m2(m2Of(expectHeard(m1, "m1").nonce));

  expect(await both.patient.open(proposed(m2))).toEqual({
    t: "refused",
    code: "handle",
  });
});

const MARK = "Acsi5KUrAleIyxVLlATy0A";

describe("inside a session", () => {
  /** A consultation by a link to a queue, and another doctor of it who would answer too. */
  async function inAQueue() {
    const both = await two();
    const link = { ...both.link, handle: null };
    const patient = await patientPage(both.who, link, both.around);
    const other = await Doctor.of(8);
    Object.assign(other.practice, {
      checkToken: () => () => Promise.resolve(link.psk),
    });
    const session = { ...both, link, patient };
    await meet(session);
    return { ...session, other: await other.page() };
  }

  /** What a patient's page makes of an M2 that the other doctor's page wrote. */
  async function answeredBy(other: DoctorSeal, patient: PatientSeal) {
    const m1 = await patient.write({ t: "m1", nonce: "again" });
    const heard = expectHeard(await other.open(envelope(m1)), "m1");
    return patient.open(envelope(await other.write(m2Of(heard.nonce, true))));
  }

  test("nobody takes the place of the doctor who was accepted", async () => {
    const { patient, doctor, other } = await inAQueue();

    expect(await answeredBy(other, patient)).toEqual({
      t: "refused",
      code: "handle",
    });
    // Control: the doctor who was accepted goes on.
    expectHeard(
      await patient.open(envelope(await shake({ patient, doctor }))),
      "ready",
    );
  });

  test("nor after the page was loaded anew", async () => {
    const { who, link, around, doctor, other } = await inAQueue();
    const resume = around.kept.at(-1) ?? null;
    const again = () => patientPage(who, link, around, resume, around.mark);

    expect(await answeredBy(other, await again())).toMatchObject({
      code: "handle",
    });
    const patient = await again();
    expectHeard(
      await patient.open(envelope(await shake({ patient, doctor }))),
      "ready",
    );
  });

  test("of a doctor whom this page cannot know, it says so", async () => {
    const { who, link, doctor, around } = await inAQueue();
    const resume = around.kept.at(-1) ?? null;
    for (const [kept, isKnown] of [
      [[resume, around.mark], true],
      [[resume, null], false],
      [[null, null], false],
    ] as const) {
      const patient = await patientPage(who, link, around, ...kept);
      const m1 = await patient.write({ t: "m1", nonce: "again" });
      const heard = expectHeard(await doctor.open(envelope(m1)), "m1");
      const m2 = await doctor.write(m2Of(heard.nonce, true));
      expect(await patient.open(envelope(m2))).toMatchObject({ isKnown });
    }
  });

  test("the mark is what a headless patient makes", async () => {
    const resume = Uint8Array.from({ length: 16 }, (_, at) => at);
    const deviceKey = Uint8Array.from({ length: 32 }, (_, at) => at);

    // tests/clients/test_patient_seal.py holds the same.
    const mark = encode(await markOf(resume, deviceKey));
    expect(mark).toBe(MARK);
  });

  test("whom a page accepted is not told by its address alone", async () => {
    const first = await inAQueue();
    const second = await inAQueue();

    expect(first.around.mark).toMatch(/^[A-Za-z0-9_-]{22}$/);
    expect(first.around.mark).not.toBe(second.around.mark);
  });
});
