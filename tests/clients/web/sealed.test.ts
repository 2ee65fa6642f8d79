/** The handshake of the seal: what both ends agree on, and everything that must stop it. */
import { Cutter, join, object, utf8 } from "../../../clients/web/src/bytes.ts";
import {
  type Hpke,
  KEM_PUBLIC_KEY_BYTES,
} from "../../../clients/web/src/hpke.ts";
import { encode } from "../../../clients/web/src/letters.ts";
import { writeM1 } from "../../../clients/web/src/m1.ts";
import {
  Answers,
  ANSWERS_MAX,
  PatientHandshake,
  Refused,
  roll,
} from "../../../clients/web/src/sealed.ts";
import { padded } from "../../../clients/web/src/sealed-letters.ts";
import {
  ends,
  flipped,
  hpke,
  met,
  NOW,
  OFFER,
  Office,
  refusalOf,
  sdp,
  seed,
  signer,
  TOKEN,
} from "./seal.ts";

describe.each(["personal", "pool"] as const)("on a %s link", (kind) => {
  test("both ends agree, and each reads what the other says", async () => {
    const { proposal, resume, confirmed, channel } = await met({ kind });

    expect(proposal.doctor.card.name).toBe("Dr Camille Essai");
    expect(proposal.offer).toBe(OFFER.offer);
    expect(confirmed.answer).toBe(sdp());
    expect(proposal.digits).toMatch(/^\d{6}$/);
    expect(confirmed.digits).toBe(proposal.digits);
    expect(confirmed.channel.resume).toEqual(resume);
    expect(await confirmed.channel.open(await channel.seal("bonjour"))).toBe(
      "bonjour",
    );
    expect(await channel.open(await confirmed.channel.seal("écoutez"))).toBe(
      "écoutez",
    );
  });
});

test("two handshakes on one link share no secret", async () => {
  const [one, other] = [await met(), await met()];

  expect(one.resume).not.toEqual(other.resume);
  expect(
    await refusalOf(
      other.confirmed.channel.open(await one.channel.seal("bonjour")),
    ),
  ).toBe("record");
});

describe("the doctor refuses", () => {
  test("an M1 that was changed anywhere", async () => {
    for (const at of [2, 1218, 1250, 1282, -65, -1]) {
      const { patient, doctor } = await ends();

      expect(
        await refusalOf(doctor.answer(flipped(patient.m1, at), OFFER)),
      ).not.toBe("none");
    }
  });

  test("an M1 of another version, with unknown flags, cut short or too long", async () => {
    const { patient } = await ends();
    const { m1 } = patient;
    const version = join(m1);
    version[0] = 2;
    const flags = join(m1);
    flags[1] = 4;
    for (const bytes of [
      version,
      flags,
      m1.slice(0, -1),
      join(m1, seed(0)),
      new Uint8Array(),
    ]) {
      const { doctor } = await ends();

      expect(await refusalOf(doctor.answer(bytes, OFFER))).toBe("form");
    }
  });

  test("a holder who did not sign", async () => {
    const { patient, doctor } = await ends();

    expect(await refusalOf(doctor.answer(flipped(patient.m1, -1), OFFER))).toBe(
      "signature",
    );
  });

  test("a key that is none, before it looks at the token", async () => {
    const checkToken = () => Promise.reject(new Refused("token"));
    const { link, doctor } = await ends({ checkToken });
    const kemKey = new Uint8Array(KEM_PUBLIC_KEY_BYTES).fill(0xff);
    const m1 = { mixesPsk: true, kemKey, commitment: seed(0), token: TOKEN };
    const signed = await writeM1(m1, link.holder, null);

    expect(await refusalOf(doctor.answer(signed, OFFER))).toBe("form");
  });

  test("a token that does not let in", async () => {
    const checkToken = () => Promise.reject(new Refused("token"));
    const { patient, doctor } = await ends({ checkToken });

    expect(await refusalOf(doctor.answer(patient.m1, OFFER))).toBe("token");
  });

  test.each(["personal", "pool"] as const)(
    "a PSK said to be where it is not: %s",
    async (kind) => {
      const psk = kind === "pool" ? seed(8) : null;
      const { patient, doctor } = await ends({
        kind,
        checkToken: () => Promise.resolve(psk),
      });

      expect(await refusalOf(doctor.answer(patient.m1, OFFER))).toBe("token");
    },
  );

  test("whoever comes back without the resume secret", async () => {
    const doctorResume = seed(6).slice(0, 16);
    const without = await ends({ doctorResume });
    const wrong = await ends({
      doctorResume,
      patientResume: seed(7).slice(0, 16),
    });
    const right = await ends({ doctorResume, patientResume: doctorResume });

    expect(
      await refusalOf(without.doctor.answer(without.patient.m1, OFFER)),
    ).toBe("resume");
    expect(await refusalOf(wrong.doctor.answer(wrong.patient.m1, OFFER))).toBe(
      "resume",
    );
    expect(await refusalOf(right.doctor.answer(right.patient.m1, OFFER))).toBe(
      "none",
    );
  });

  test("the same M1 again, in a new handshake too", async () => {
    const answers = new Answers();
    const first = await ends({ answers });
    const second = await ends({ answers });
    await first.doctor.answer(first.patient.m1, OFFER);

    expect(await refusalOf(second.doctor.answer(first.patient.m1, OFFER))).toBe(
      "twice",
    );
    expect(await refusalOf(first.doctor.answer(first.patient.m1, OFFER))).toBe(
      "twice",
    );
  });

  test("a fourth M1 in one call", async () => {
    const answers = new Answers();
    for (let number = 1; number <= ANSWERS_MAX + 1; number++) {
      const { patient, doctor } = await ends({ answers });

      expect(await refusalOf(doctor.answer(patient.m1, OFFER))).toBe(
        number <= ANSWERS_MAX ? "none" : "twice",
      );
    }
  });

  test("an M3 that was changed, is of another handshake, or comes twice", async () => {
    for (const [at, code] of [
      [0, "sealed"],
      [-33, "sealed"],
      [-1, "confirmation"],
    ] as const) {
      const { office, patient, doctor } = await ends();
      await patient.read(
        await doctor.answer(patient.m1, OFFER),
        [office.union],
        NOW,
      );
      const { m3 } = await patient.accept(true, sdp());

      expect(await refusalOf(doctor.confirm(flipped(m3, at)))).toBe(code);
      expect(await refusalOf(doctor.confirm(m3))).toBe("twice");
    }
    const { m3 } = await met();
    const { patient, doctor } = await ends();
    await doctor.answer(patient.m1, OFFER);

    expect(await refusalOf(doctor.confirm(m3))).toBe("sealed");
  });

  test("a patient who has another secret of the same link", async () => {
    const { office, patient, doctor } = await ends({ link: { psk: seed(8) } });
    await patient.read(
      await doctor.answer(patient.m1, OFFER),
      [office.union],
      NOW,
    );

    expect(
      await refusalOf(doctor.confirm((await patient.accept(true, sdp())).m3)),
    ).toBe("confirmation");
  });

  test("an answer that is not bound to one certificate", async () => {
    const { office, patient, doctor } = await ends();
    await patient.read(
      await doctor.answer(patient.m1, OFFER),
      [office.union],
      NOW,
    );

    expect(
      await refusalOf(doctor.confirm((await patient.accept(true, "v=0")).m3)),
    ).toBe("description");
  });
});

describe("the patient refuses", () => {
  test("an M2 that was changed, or is of another handshake", async () => {
    const { m2: ofAnother } = await met();
    for (const change of [0, 1119, 1120, -1]) {
      const { office, patient, doctor } = await ends();
      const m2 = await doctor.answer(patient.m1, OFFER);

      expect(
        await refusalOf(patient.read(flipped(m2, change), [office.union], NOW)),
      ).toBe("sealed");
    }
    const { office, patient } = await ends();

    expect(await refusalOf(patient.read(ofAnother, [office.union], NOW))).toBe(
      "sealed",
    );
  });

  test("a doctor of a union that it does not trust", async () => {
    const { patient, doctor } = await ends();
    const foreign = await Office.of(11, 12);
    const m2 = await doctor.answer(patient.m1, OFFER);

    expect(await refusalOf(patient.read(m2, [foreign.union], NOW))).toBe(
      "identity",
    );
  });

  test("a credential in the hands of somebody else", async () => {
    const office = await Office.of();
    const papers = await office.papers(await signer(3));
    const { patient, doctor } = await ends({
      kind: "pool",
      papers: { ...papers, deviceKey: await signer(4) },
    });
    const m2 = await doctor.answer(patient.m1, OFFER);

    expect(await refusalOf(patient.read(m2, [office.union], NOW))).toBe(
      "signature",
    );
  });

  test("a doctor whom the union took back", async () => {
    const { office, patient, doctor } = await ends({
      said: { list: { revoked: ["id-1"] } },
    });
    const m2 = await doctor.answer(patient.m1, OFFER);

    expect(await refusalOf(patient.read(m2, [office.union], NOW))).toBe(
      "revoked",
    );
  });

  test.each([undefined, encode(new Uint8Array(16))])(
    "another certified doctor on a personal link: handle %j",
    async (handle) => {
      const { office, patient, doctor } = await ends({
        said: { identity: { handle } },
      });
      const m2 = await doctor.answer(patient.m1, OFFER);

      expect(await refusalOf(patient.read(m2, [office.union], NOW))).toBe(
        "handle",
      );
    },
  );

  test("an offer that is not bound to one certificate", async () => {
    const { office, patient, doctor } = await ends();
    const m2 = await doctor.answer(patient.m1, { ...OFFER, offer: "v=0" });

    expect(await refusalOf(patient.read(m2, [office.union], NOW))).toBe(
      "description",
    );
  });

  test("a second M2, whether the first was read or is being read", async () => {
    const { office, patient, doctor } = await ends();
    const m2 = await doctor.answer(patient.m1, OFFER);
    await patient.read(m2, [office.union], NOW);

    expect(await refusalOf(patient.read(m2, [office.union], NOW))).toBe(
      "twice",
    );
    expect(await refusalOf(patient.accept(true, sdp()))).toBe("twice");

    const other = await ends();
    const answer = await other.doctor.answer(other.patient.m1, OFFER);
    const both = [1, 2].map(() =>
      refusalOf(other.patient.read(answer, [office.union], NOW)),
    );

    expect(await Promise.all(both)).toEqual(["twice", "twice"]);
  });

  test("an M4 that is not of this handshake, and its own doctor's after it", async () => {
    const { office, patient, doctor } = await ends();
    await patient.read(
      await doctor.answer(patient.m1, OFFER),
      [office.union],
      NOW,
    );
    const { m3 } = await patient.accept(true, sdp());
    const { m4 } = await doctor.confirm(m3);

    expect(await refusalOf(patient.confirm(flipped(m4, 0)))).toBe(
      "confirmation",
    );
    expect(await refusalOf(patient.confirm(m4))).toBe("twice");
  });

  test("an M4 cut short, and one out of turn", async () => {
    const { patient } = await ends();

    expect(await refusalOf(patient.confirm(seed(0)))).toBe("twice");
  });
});

test("whoever stands between with another key of the handshake has other digits", async () => {
  // Both ends trust a doctor in between, who answers each of them: a pool link's worst case.
  const [one, other] = [
    await met({ kind: "pool" }),
    await met({ kind: "pool" }),
  ];

  expect(one.proposal.digits).not.toBe(other.confirmed.digits);
});

test("a nonce other than the promised one is refused", async () => {
  const { office, link, doctor } = await ends();
  const real = await hpke;
  const seal: Hpke["seal"] = (publicKey, info, plain) => {
    // The patient's M3, with another nonce in it.
    const json = new Cutter(plain);
    const said = object(json.take(json.number(4)));
    const other = { ...said, r: encode(seed(0)) };
    return real.seal(publicKey, info, padded(utf8(JSON.stringify(other))));
  };
  const tools = { hpke: { ...real, seal }, roll };
  const patient = await PatientHandshake.start(tools, link);
  const m2 = await doctor.answer(patient.m1, OFFER);
  await patient.read(m2, [office.union], NOW);
  const { m3 } = await patient.accept(true, sdp());

  expect(await refusalOf(doctor.confirm(m3))).toBe("commitment");
});

test.each(["x".repeat(16384), "\ud83e", "a\udc80"])(
  "a letter that cannot be written is refused by who would send it",
  async (offer) => {
    const { patient, doctor } = await ends();

    expect(
      await refusalOf(doctor.answer(patient.m1, { ...OFFER, offer })),
    ).toBe("form");
  },
);

test("a mark at the start of a text is not skipped", () => {
  const marked = join(Uint8Array.of(0xef, 0xbb, 0xbf), utf8("{}"));

  expect(() => object(marked)).toThrow(new Refused("form"));
});

test("a refusal says nothing of what was refused", () => {
  expect(new Refused("sealed").message).toBe("The message does not open.");
  expect(JSON.stringify(new Refused("sealed"))).not.toContain("stack");
});
