/** Records in strict order, and nothing that was in another place, at another time, or ours. */
import { RECORD_SIZES } from "../../../clients/web/src/channel.ts";
import type { Bytes } from "../../../clients/web/src/bytes.ts";
import type { Channel } from "../../../clients/web/src/sealed.ts";
import { flipped, met, refusalOf, seed } from "./seal.ts";

async function pair(): Promise<{ patient: Channel; doctor: Channel }> {
  const { channel, confirmed } = await met();
  return { patient: channel, doctor: confirmed.channel };
}

test("a record's length tells one of four sizes", async () => {
  const { patient } = await pair();
  const lengths = new Set<number>();
  for (const size of [0, 1, 255, 256, 1024, 5000, 16383]) {
    lengths.add((await patient.seal("x".repeat(size))).length - 16);
  }

  expect([...lengths]).toEqual(RECORD_SIZES);
});

test.each([["x".repeat(16384)], ["é".repeat(8192)], ["\ud83e"], ["a\udc80"]])(
  "a text that no record holds is refused, and ends the session",
  async (text) => {
    const { patient, doctor } = await pair();
    const record = await doctor.seal("x");

    expect(await refusalOf(patient.seal(text))).toBe("form");
    expect(await refusalOf(patient.seal("short"))).toBe("record");
    expect(await refusalOf(patient.open(record))).toBe("record");
  },
);

test("records that are sealed and opened at once keep the order of the calls", async () => {
  const { patient, doctor } = await pair();
  const texts = ["one", "two".repeat(2000), "three"];

  const records = await Promise.all(texts.map((text) => patient.seal(text)));
  const read = await Promise.all(records.map((record) => doctor.open(record)));

  expect(read).toEqual(texts);
});

test.each<
  [string, (first: Bytes, second: Bytes, own: Bytes) => readonly Bytes[]]
>([
  ["repeated", (first) => [first, first]],
  ["left out", (_, second) => [second]],
  ["put out of order", (first, second) => [second, first]],
  ["reflected", (_, __, own) => [own]],
  ["changed", (first) => [flipped(first, 9)]],
  ["cut short", (first) => [first.slice(0, -1)]],
  ["made longer", (first) => [new Uint8Array([...first, 0])]],
  ["emptied", () => [new Uint8Array()]],
])("a record that was %s ends the session", async (_, given) => {
  const { patient, doctor } = await pair();
  const first = await patient.seal("one");
  const second = await patient.seal("two");
  const own = await doctor.seal("from the doctor");
  const codes = [];
  for (const record of given(first, second, own)) {
    codes.push(await refusalOf(doctor.open(record)));
  }

  expect(codes.at(-1)).toBe("record");
  expect(await refusalOf(doctor.open(first))).toBe("record");
  expect(await refusalOf(doctor.seal("more"))).toBe("record");
  expect(await refusalOf(doctor.certificateMac(seed(1), seed(2)))).toBe(
    "record",
  );
});

test("a record of another session is refused", async () => {
  const [one, other] = [await pair(), await pair()];

  expect(await refusalOf(other.doctor.open(await one.patient.seal("x")))).toBe(
    "record",
  );
});

test.each([0, 2])(
  "after closing nothing is read, not even what was on its way for %i turns",
  async (turns) => {
    const { patient, doctor } = await pair();
    const record = await patient.seal("one");
    const reading = refusalOf(doctor.open(record));
    for (let turn = 0; turn < turns; turn++) {
      await Promise.resolve();
    }
    doctor.close();

    expect(await reading).toBe("record");
    expect(await refusalOf(doctor.seal("two"))).toBe("record");
  },
);

describe("the connection", () => {
  const [mine, its, strangers] = [seed(1), seed(2), seed(3)];

  test("is bound when both see the same two certificates", async () => {
    const { patient, doctor } = await pair();
    const mac = await patient.certificateMac(mine, its);

    expect(await refusalOf(doctor.checkCertificateMac(mac, its, mine))).toBe(
      "none",
    );
  });

  test.each([
    ["another certificate at the far end", its, strangers],
    ["another certificate at this end", strangers, mine],
    ["the two exchanged", mine, its],
  ])("is not bound: %s", async (_, own, farEnd) => {
    const { patient, doctor } = await pair();
    const mac = await patient.certificateMac(mine, its);

    expect(await refusalOf(doctor.checkCertificateMac(mac, own, farEnd))).toBe(
      "certificate",
    );
    expect(await refusalOf(doctor.seal("more"))).toBe("record");
  });

  test("is not bound by the own proof, or by another session's", async () => {
    const { doctor } = await pair();
    const own = await doctor.certificateMac(its, mine);
    const { patient: elsewhere } = await pair();
    const { doctor: second } = await pair();

    expect(await refusalOf(doctor.checkCertificateMac(own, its, mine))).toBe(
      "certificate",
    );
    expect(
      await refusalOf(
        second.checkCertificateMac(
          await elsewhere.certificateMac(mine, its),
          its,
          mine,
        ),
      ),
    ).toBe("certificate");
  });
});

test("the resume secret is the same at both ends, and of this session alone", async () => {
  const [one, other] = [await pair(), await pair()];

  expect(one.patient.resume).toEqual(one.doctor.resume);
  expect(one.patient.resume).toHaveLength(16);
  expect(one.patient.resume).not.toEqual(other.patient.resume);
});
