/** Whatever arrives: it is read, or it is refused; nothing else ever happens. */
import fc from "fast-check";
import {
  type Bytes,
  fromBase64url,
  pad,
  unpad,
} from "../../../clients/web/src/bytes.ts";
import { isKemPublicKey } from "../../../clients/web/src/hpke.ts";
import { encode } from "../../../clients/web/src/letters.ts";
import { readM1 } from "../../../clients/web/src/m1.ts";
import {
  padded,
  readM2,
  readM3,
} from "../../../clients/web/src/sealed-letters.ts";
import {
  certificateOf,
  PatientHandshake,
  readEnvelope,
  Refused,
  roll,
  verifyIdentity,
  writeEnvelope,
} from "../../../clients/web/src/sealed.ts";
import {
  ends,
  hpke,
  met,
  NOW,
  OFFER,
  Office,
  refusalOf,
  sdp,
  seed,
  signer,
} from "./seal.ts";

const bytes = (maxLength: number): fc.Arbitrary<Bytes> =>
  fc.uint8Array({ maxLength }).map((array) => new Uint8Array(array));

/** A good message with some of its bytes changed, some of it cut, or something added. */
const damaged = (good: Bytes): fc.Arbitrary<Bytes> =>
  fc
    .record({
      at: fc.nat(good.length - 1),
      by: fc.integer({ min: 1, max: 255 }),
      cut: fc.oneof(fc.constant(good.length), fc.nat(good.length)),
      more: bytes(3),
    })
    .map(({ at, by, cut, more }) => {
      const copy = good.slice();
      copy[at] = (copy[at] ?? 0) ^ by;
      return new Uint8Array([...copy.subarray(0, cut), ...more]);
    });

function refusesOrReads(read: () => unknown): boolean {
  try {
    read();
    return true;
  } catch (error) {
    return error instanceof Refused;
  }
}

test("padding is undone, for every text and every list of sizes", () => {
  const sizes = [256, 1024, 4096];
  fc.assert(
    fc.property(bytes(4095), (text) => {
      const whole = pad(text, sizes);
      expect(sizes).toContain(whole.length);
      expect(unpad(whole, sizes)).toEqual(text);
    }),
  );
});

test("an envelope says what was put into it", () => {
  const kinds = fc.constantFrom("m1", "m2", "m3", "m4", "record" as const);
  fc.assert(
    fc.property(kinds, bytes(99), (kind, body) => {
      expect(readEnvelope(writeEnvelope(kind, body))).toEqual([kind, body]);
    }),
  );
});

test("base64url has one spelling", () => {
  fc.assert(
    fc.property(fc.base64String(), fc.string(), (base64, other) => {
      for (const text of [base64, other, base64.replaceAll("=", "")]) {
        let read: Bytes | null = null;
        try {
          read = fromBase64url(text);
        } catch (error) {
          expect(error).toBeInstanceOf(Refused);
        }
        expect(read === null || encode(read) === text).toBe(true);
      }
    }),
  );
});

test("any bytes and any text are read or refused", () => {
  fc.assert(
    fc.property(bytes(2000), fc.json(), fc.string(), (given, json, text) => {
      const letter = new TextEncoder().encode(json);
      for (const read of [
        () => readM2(given),
        () => readM3(given),
        () => readM2(padded(letter, new Uint8Array(64))),
        () => readM3(padded(letter)),
        () => readEnvelope(given),
        () => certificateOf(text),
        () => isKemPublicKey(given),
      ]) {
        expect(refusesOrReads(read)).toBe(true);
      }
    }),
  );
});

test("a letter with any value in any field is read or refused", () => {
  const good = {
    v: 1,
    identity: "a",
    list: "b",
    pk: encode(new Uint8Array(1216)),
    r: encode(seed(1)),
    seed: encode(seed(2)),
    connection: encode(new Uint8Array(16)),
    restarts: true,
    offer: "c",
    answer: "d",
  };
  fc.assert(
    fc.property(
      fc.constantFrom(...Object.keys(good)),
      fc.jsonValue(),
      (name, value) => {
        const letter = new TextEncoder().encode(
          JSON.stringify({ ...good, [name]: value }),
        );

        expect(
          refusesOrReads(() => readM2(padded(letter, new Uint8Array(64)))),
        ).toBe(true);
        expect(refusesOrReads(() => readM3(padded(letter)))).toBe(true);
      },
    ),
  );
});

test("any description in which a line was changed is bound, or refused", () => {
  const lines = sdp().split("\r\n");
  fc.assert(
    fc.property(fc.nat(lines.length), fc.string(), (at, line) => {
      const changed = lines
        .map((own, number) => (number === at ? line : own))
        .join("\r\n");

      expect(refusesOrReads(() => certificateOf(changed))).toBe(true);
    }),
  );
});

test("any M1 but the patient's own is refused", async () => {
  const { patient } = await ends();

  await fc.assert(
    fc.asyncProperty(
      fc.oneof(bytes(1500), damaged(patient.m1)),
      async (given) => {
        expect(["form", "signature"]).toContain(await refusalOf(readM1(given)));
      },
    ),
    { numRuns: 200 },
  );
});

test("any M2, M3, M4 and record but the right one is refused", async () => {
  const good = await met();
  const tools = { hpke: await hpke, roll };
  const office = await Office.of();
  const { link } = await ends();
  const m4 = good.confirmed.m4;

  await fc.assert(
    fc.asyncProperty(
      fc.oneof(bytes(3000), damaged(good.m2)),
      fc.oneof(bytes(3000), damaged(good.m3)),
      fc.oneof(bytes(64), damaged(m4)),
      async (m2, m3, other) => {
        const patient = await PatientHandshake.start(tools, link);
        expect(await refusalOf(patient.read(m2, [office.union], NOW))).toBe(
          "sealed",
        );

        const both = await ends();
        const answer = await both.doctor.answer(both.patient.m1, OFFER);
        expect(await refusalOf(both.doctor.confirm(m3))).toBe("sealed");
        await both.patient.read(answer, [office.union], NOW);
        await both.patient.accept(true, sdp());
        expect(await refusalOf(both.patient.confirm(other))).toBe(
          "confirmation",
        );
      },
    ),
    { numRuns: 20 },
  );
});

test("any record but the next one is refused", async () => {
  const { channel } = await met();
  const record = await channel.seal("bonjour");
  await fc.assert(
    fc.asyncProperty(fc.oneof(bytes(300), damaged(record)), async (given) => {
      const { confirmed } = await met();
      expect(await refusalOf(confirmed.channel.open(given))).toBe("record");
    }),
    { numRuns: 15 },
  );
});

test("any token but the union's is refused", async () => {
  const office = await Office.of();
  const { identity, list } = await office.papers(await signer(3));
  const changed = (token: string): fc.Arbitrary<string> =>
    fc
      .tuple(fc.nat(token.length - 1), fc.string({ maxLength: 2 }))
      .map(([at, by]) => token.slice(0, at) + by + token.slice(at + 1))
      .filter((text) => text !== token);

  await fc.assert(
    fc.asyncProperty(
      fc.oneof(fc.string(), changed(identity)),
      fc.oneof(fc.string(), changed(list)),
      async (otherIdentity, otherList) => {
        const { union } = office;
        expect(
          await refusalOf(verifyIdentity(otherIdentity, list, [union], NOW)),
        ).toBe("identity");
        expect(
          await refusalOf(verifyIdentity(identity, otherList, [union], NOW)),
        ).toBe("revoked");
      },
    ),
    { numRuns: 200 },
  );
});
