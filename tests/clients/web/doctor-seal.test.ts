/** The doctor's seal against patients': whom it knows again, whom it answers, and how often. */
import { WAITED_MAX_S } from "../../../clients/web/src/capability.ts";
import { encode } from "../../../clients/web/src/letters.ts";
import { ANSWERS_MAX } from "../../../clients/web/src/sealed.ts";
import { NOW, refusalOf, sdp } from "./seal.ts";
import {
  accepted,
  CALL,
  called,
  CANDIDATES,
  envelope,
  expectHeard,
  expectTalk,
  knockedBy,
  LINK_S,
  m2Of,
  meet,
  patientPage,
  proposed,
  shake,
  spoiled,
  two,
  type Two,
} from "./two-seals.ts";

async function begun(): Promise<Two> {
  const both = await two();
  await meet(both);
  return both;
}

/** The patient's M1 in a call, as the doctor's page hears it: its name there. */
async function asked({ patient, doctor }: Two, nonce: string): Promise<string> {
  const heard = await doctor.open(called(await patient.m1(nonce)));
  return expectHeard(heard, "m1").nonce;
}

describe("in a call", () => {
  test("an M3 of a handshake that is no more is passed over, and the present one goes on", async () => {
    const both = await two();
    await both.patient.open(
      proposed(await both.doctor.m2(m2Of(await asked(both, "first")))),
    );
    const good = await both.patient.m3("first", true, sdp());
    const other = await two();
    await other.patient.open(
      proposed(await other.doctor.m2(m2Of(await asked(other, "first")))),
    );
    const late = await other.patient.m3("first", true, sdp());

    expect(await both.doctor.open(accepted(late))).toBeNull();
    expect(await both.doctor.write({ t: "ready" })).toBeNull();

    expectHeard(await both.doctor.open(accepted(good)), "m3");
  });

  test("a wrong M3 under the right name is refused, and the right one comes too late", async () => {
    const both = await two();
    await both.patient.open(
      proposed(await both.doctor.m2(m2Of(await asked(both, "first")))),
    );
    const m3 = await both.patient.m3("first", true, sdp());

    expect(await both.doctor.open(accepted(spoiled(m3)))).toEqual({
      t: "refused",
      code: "confirmation",
    });
    expect(await both.doctor.open(accepted(m3))).toBeNull();
  });

  test("a fourth M1 is answered by the doctor's own click only", async () => {
    const both = await two();
    for (let times = 0; times < ANSWERS_MAX; times += 1)
      await both.doctor.m2(m2Of(await asked(both, `${times}`)));
    const fourth = await asked(both, "fourth");

    expect(await refusalOf(both.doctor.m2(m2Of(fourth)))).toBe("twice");

    const m2 = await both.doctor.m2(m2Of(fourth, true));
    expectHeard(await both.patient.open(proposed(m2)), "m2");
  });

  test("another call begins the count anew", async () => {
    const both = await two();
    for (let times = 0; times < ANSWERS_MAX; times += 1)
      await both.doctor.m2(m2Of(await asked(both, `${times}`)));

    const m1 = called(await both.patient.m1("next"), `${CALL.slice(0, -1)}g`);
    const { nonce } = expectHeard(await both.doctor.open(m1), "m1");

    expect(await both.doctor.m2(m2Of(nonce))).not.toBeNull();
  });

  test("an M1 of before the call is not answered any more", async () => {
    const both = await two();
    const before = await asked(both, "before");
    await both.doctor.open(
      called(await both.patient.m1("next"), `${CALL.slice(0, -1)}g`),
    );

    expect(await both.doctor.m2(m2Of(before))).toBeNull();
  });

  test("a link that ended longer ago than anybody waits lets nobody in", async () => {
    const both = await two();
    both.who.around.now = NOW + LINK_S + WAITED_MAX_S;

    const m1 = called(await both.patient.m1("first"));

    expect(await both.doctor.open(m1)).toEqual({ t: "refused", code: "token" });
  });

  test("an M1 that its holder did not sign lets nobody in", async () => {
    const both = await two();

    const m1 = called(spoiled(await both.patient.m1("first")));

    expect(await both.doctor.open(m1)).toEqual({
      t: "refused",
      code: "signature",
    });
  });
});

describe("inside a session", () => {
  test("the page that was here is known by the secret, and answered", async () => {
    const both = await begun();
    expect(await knockedBy(both.patient, both.doctor, "again")).toMatchObject({
      isSame: true,
    });

    await both.patient.open(envelope(await shake(both)));

    await expectTalk(both);
  });

  test("who opened the link elsewhere is answered by the doctor's own click only", async () => {
    const both = await begun();
    const stranger = await patientPage(both.who, both.link);
    const m1 = await knockedBy(stranger, both.doctor, "new");
    const { nonce, isSame } = expectHeard(m1, "m1");
    expect(isSame).toBe(false);

    expect(await refusalOf(both.doctor.write(m2Of(nonce)))).toBe("resume");

    const m2 = await both.doctor.write(m2Of(nonce, true));
    expectHeard(await stranger.open(envelope(m2)), "m2");
  });

  test("who has another link of this doctor's is passed over", async () => {
    const both = await begun();
    const other = await patientPage(both.who, await both.who.link());

    expect(await knockedBy(other, both.doctor, "new")).toBeNull();
    // Negative control: the patient who was called is not.
    expect(await knockedBy(both.patient, both.doctor, "new")).toMatchObject({
      isSame: true,
    });
  });

  test("an M1 that was had before is passed over, and a new one is not", async () => {
    const both = await begun();
    const m1 = await both.patient.write({ t: "m1", nonce: "again" });
    expectHeard(await both.doctor.open(envelope(m1)), "m1");

    expect(await both.doctor.open(envelope(m1))).toBeNull();

    expectHeard(await knockedBy(both.patient, both.doctor, "more"), "m1");
  });

  test("who was called is answered where his M3 was lost, and nobody else", async () => {
    const both = await two();
    await both.patient.open(
      proposed(await both.doctor.m2(m2Of(await asked(both, "first")))),
    );
    await both.patient.m3("first", true, sdp());
    expect(await both.doctor.open(accepted())).toBeNull();
    const other = await patientPage(both.who, await both.who.link());
    expect(await knockedBy(other, both.doctor, "new")).toBeNull();

    await both.patient.open(envelope(await shake(both)));

    await expectTalk(both);
  });

  test("a link that ended during the call shakes hands all the same", async () => {
    const both = await begun();
    both.who.around.now = NOW + LINK_S + WAITED_MAX_S;

    await both.patient.open(envelope(await shake(both)));

    await expectTalk(both);
  });

  test("a fourth M1 waits for a click, and a completed handshake begins the count anew", async () => {
    const both = await begun();
    const hears = async (nonce: string) =>
      expectHeard(await knockedBy(both.patient, both.doctor, nonce), "m1")
        .nonce;
    for (let times = 0; times < ANSWERS_MAX; times += 1)
      await both.doctor.write(m2Of(await hears(`${times}`)));
    const fourth = await hears("fourth");
    expect(await refusalOf(both.doctor.write(m2Of(fourth)))).toBe("twice");

    await both.patient.open(envelope(await shake(both, "allowed", true)));
    for (let times = 0; times < ANSWERS_MAX; times += 1)
      await both.patient.open(envelope(await shake(both, `more ${times}`)));

    await expectTalk(both);
  });

  test("the secrets before the newest hold until its first record shows that M4 came", async () => {
    const both = await begun();
    const first = both.around.kept.at(-1) ?? null;
    const early = () => patientPage(both.who, both.link, both.around, first);
    const m4 = await shake(both);
    expect(await knockedBy(await early(), both.doctor, "a")).toMatchObject({
      isSame: true,
    });

    // Only the newest handshake's own record says so.
    await both.patient.open(envelope(m4));
    await both.doctor.open(envelope(await both.patient.write(CANDIDATES)));

    expect(await knockedBy(await early(), both.doctor, "b")).toMatchObject({
      isSame: false,
    });
    expect(await knockedBy(both.patient, both.doctor, "c")).toMatchObject({
      isSame: true,
    });
  });

  test("M4 after M4 may be lost, and the patient's page is still known", async () => {
    const both = await begun();
    for (const nonce of ["a", "b", "c"]) await shake(both, nonce);

    const m4 = await shake(both, "d");
    await both.patient.open(envelope(m4));

    await expectTalk(both);
  });

  test("a reloaded page knows the patient by what its address kept", async () => {
    const both = await begun();
    const doctor = await both.who.page(both.who.around.kept.at(-1));
    const late = await both.patient.write(CANDIDATES);
    expect(await doctor.open(envelope(late))).toBeNull();
    const stranger = await patientPage(both.who, both.link);
    expect(await knockedBy(stranger, doctor, "new")).toMatchObject({
      isSame: false,
    });
    expect(
      await both.patient.open(envelope(await doctor.write({ t: "knock" }))),
    ).toEqual({ t: "knock" });

    const back = { ...both, doctor };
    await both.patient.open(envelope(await shake(back)));

    await expectTalk(back);
  });

  test("a page without the secret knows nobody", async () => {
    const both = await begun();
    const doctor = await both.who.page();

    expect(await knockedBy(both.patient, doctor, "new")).toMatchObject({
      isSame: false,
    });
  });

  test("after a record that was dropped one is refused, and those behind it are passed over", async () => {
    const { patient, doctor } = await begun();
    await patient.write({ t: "again" });
    const behind = [
      await patient.write({ t: "again" }),
      await patient.write({ t: "again" }),
    ];

    const heard = [];
    for (const record of behind)
      heard.push(await doctor.open(envelope(record)));

    expect(heard).toEqual([{ t: "refused", code: "record" }, null]);
    expect(await doctor.write(CANDIDATES)).toBeNull();
    // Its way back is open.
    expect(await knockedBy(patient, doctor, "again")).toMatchObject({
      isSame: true,
    });
  });

  test("a description that allows more than one far end is refused", async () => {
    const { patient, doctor } = await begun();
    const other = `a=fingerprint:sha-256 ${"00:".repeat(31)}00`;
    const { connection } = CANDIDATES;
    const letter = { t: "description", connection, type: "answer" } as const;
    const good = await patient.write({ ...letter, sdp: sdp() });
    const bad = await patient.write({ ...letter, sdp: `${sdp()}${other}\r\n` });

    expectHeard(await doctor.open(envelope(good)), "description");
    expect(await doctor.open(envelope(bad))).toEqual({
      t: "refused",
      code: "description",
    });
  });

  test("M4 is written once, and what only a doctor says is not heard by one", async () => {
    const both = await two();
    await meet(both);

    expect(await both.doctor.write({ t: "ready" })).toBeNull();
    const own = await shake(both);
    expect(await both.doctor.open(envelope(own))).toBeNull();
  });

  test("forgetting leaves nothing", async () => {
    const { patient, doctor, who } = await begun();
    const late = await patient.write(CANDIDATES);

    doctor.forget();

    expect(doctor.binding()).toBeNull();
    expect(await doctor.write(CANDIDATES)).toBeNull();
    expect(await doctor.open(envelope(late))).toBeNull();
    expect(who.around.kept.at(-1)).toBeNull();
    expect(await knockedBy(patient, doctor, "again")).toMatchObject({
      isSame: false,
    });
  });

  test.each(["", "AA", encode(Uint8Array.of(3, 1, 2)), "*"])(
    "what is no envelope is passed over: %j",
    async (body) => {
      const { doctor } = await two();

      expect(await doctor.open(envelope(body))).toBeNull();
    },
  );
});
