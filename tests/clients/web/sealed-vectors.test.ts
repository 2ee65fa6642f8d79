/** The seal is the headless peer's, byte by byte: one file of vectors for both. */
import { pad, unpad } from "../../../clients/web/src/bytes.ts";
import { encode } from "../../../clients/web/src/letters.ts";
import { Extracted, hash, mac } from "../../../clients/web/src/primitives.ts";
import {
  certificateOf,
  linkSecrets,
  Refused,
  thumb,
  verifyIdentity,
} from "../../../clients/web/src/sealed.ts";
import vectors from "../../vectors/sealed.json";
import { hpke, pairOf, refusalOf } from "./seal.ts";
import {
  answerOf,
  bytes,
  channelOf,
  codeOf,
  doctorOf,
  faults,
  offerOf,
  patientOf,
  READERS,
} from "./seal-vectors.ts";

const { trust, parts, runs } = vectors;
const kit = async () => ({ hpke: await hpke, pairOf });

describe("the parts", () => {
  test.each(parts.hash)("hash %j", async ({ label, parts, out }) => {
    expect(encode(await hash(label, ...parts.map(bytes)))).toBe(out);
  });

  test.each(parts.mac)("mac %j", async ({ key, text, out }) => {
    expect(encode(await mac(bytes(key), bytes(text)))).toBe(out);
  });

  test.each(parts.extract)("extract, seen by what it gives", async (row) => {
    const { holder_seed, secret } = runs[0]?.link ?? {};
    const extracted = await Extracted.of(bytes(row.salt), bytes(secret));

    expect(encode(await extracted.expand("holder", 32))).toBe(holder_seed);
  });

  test.each(parts.thumb)("thumb %j", async ({ text, out }) => {
    expect(encode(await thumb(bytes(text)))).toBe(out);
  });

  test.each(parts.pad)("pad %j", ({ length, sizes, padded, size }) => {
    const plain = new Uint8Array(length).fill(0x61);
    if (padded === null) {
      expect(() => pad(plain, sizes)).toThrow(Refused);
      return;
    }
    const whole = pad(plain, sizes);

    expect(whole.length).toBe(size);
    expect(encode(whole).slice(-64)).toBe(padded);
    expect(unpad(whole, sizes)).toEqual(plain);
  });

  test.each(parts.kem)("a key pair of a seed", async (row) => {
    const pair = await pairOf(bytes(row.seed));

    expect(encode(pair.publicKey)).toBe(row.public);
  });

  test.each(parts.hpke)("what was sealed opens: $info", async (row) => {
    const pair = await pairOf(bytes(row.seed));
    const { open } = await hpke;

    expect(encode(await open(pair, bytes(row.info), bytes(row.sealed)))).toBe(
      row.text,
    );
  });
});

describe.each(runs)("the handshake $name", (run) => {
  test("the link's secret gives holder key and PSK", async () => {
    if (run.link.secret === null) {
      return;
    }
    const { holderSeed, psk } = await linkSecrets(bytes(run.link.secret));

    expect(encode(holderSeed)).toBe(run.link.holder_seed);
    expect(encode(psk)).toBe(run.link.psk);
  });

  test("the patient says M1 and M3, and reads M2 and M4", async () => {
    const patient = await patientOf(run, await kit());

    expect(encode(patient.m1)).toBe(run.m1);

    const read = await patient.read(bytes(run.m2), trust.unions, trust.now);

    expect(read.doctor.card).toEqual(trust.card);
    expect(encode(read.doctor.deviceKey)).toBe(trust.device);
    expect(read.digits).toBe(run.digits);
    expect(read.offer).toBe(offerOf(run).offer);

    const { restarts, answer } = answerOf(run);
    const accepted = await patient.accept(restarts, answer);

    expect(encode(accepted.m3)).toBe(run.m3);
    expect(encode(accepted.resume)).toBe(run.resume);

    const channel = await patient.confirm(bytes(run.m4));

    expect(channel.role).toBe("patient");
  });

  test("the doctor says M2 and M4, and reads M1 and M3", async () => {
    const doctor = await doctorOf(run, await kit());

    expect(encode(await doctor.answer(bytes(run.m1), offerOf(run)))).toBe(
      run.m2,
    );

    const confirmed = await doctor.confirm(bytes(run.m3));

    expect(encode(confirmed.m4)).toBe(run.m4);
    expect(confirmed.digits).toBe(run.digits);
    expect(confirmed.answer).toBe(answerOf(run).answer);
    expect(encode(confirmed.channel.resume)).toBe(run.resume);
  });

  test.each(["patient", "doctor"] as const)(
    "records of the %s are these, and are read",
    async (role) => {
      const farEnd = role === "patient" ? "doctor" : "patient";
      const [writer, reader] = [
        await channelOf(run, role),
        await channelOf(run, farEnd),
      ];
      for (const row of run.records.filter(({ from }) => from === role)) {
        expect(encode(await writer.seal(row.text))).toBe(row.record);
        expect(await reader.open(bytes(row.record))).toBe(row.text);
      }
    },
  );

  test.each(["patient", "doctor"] as const)(
    "the certificates are bound by the %s",
    async (role) => {
      const farEnd = role === "patient" ? "doctor" : "patient";
      const { certificates, proofs } = run.dtls;
      const own = bytes(certificates[role]);
      const far = bytes(certificates[farEnd]);
      const channel = await channelOf(run, role);

      expect(encode(await channel.certificateMac(own, far))).toBe(proofs[role]);
      expect(
        await refusalOf(
          channel.checkCertificateMac(bytes(proofs[farEnd]), own, far),
        ),
      ).toBe("none");
    },
  );
});

test.each(vectors.refused)("refused at $at: $name", async (row) => {
  expect(await codeOf(row, await kit())).toBe(row.code);
});

test("every kind of bad message has its reader", () => {
  const kinds = new Set(vectors.refused.map(({ at }) => at));

  expect(kinds).toEqual(new Set(Object.keys(READERS)));
});

test("all of it at once, as browsers hold it, has no fault", async () => {
  expect(await faults(await kit())).toEqual([]);
});

test.each(vectors.descriptions)("a description: $name", ({ sdp, code }) => {
  if (code === null) {
    expect(certificateOf(sdp)).toHaveLength(32);
  } else {
    expect(() => certificateOf(sdp)).toThrow(new Refused("description"));
  }
});

test("a credential says who the doctor is", async () => {
  const { identity, list, unions, now } = trust;
  const doctor = await verifyIdentity(identity, list, unions, now);

  expect(doctor.card).toEqual(trust.card);
  expect(doctor.handle).toBe(trust.handle);
  expect(doctor.union.name).toBe(unions[0]?.name);
  expect(encode(doctor.deviceKey)).toBe(trust.device);
});
