/** The handshake of a pair: who answers is who was named, in the role that was named. */
import fc from "fast-check";
import {
  lengthPrefixed,
  join,
  pad,
  utf8,
} from "../../../clients/web/src/bytes.ts";
import {
  colleagueAsks,
  guestAsks,
} from "../../../clients/web/src/gathering.ts";
import { encode } from "../../../clients/web/src/letters.ts";
import {
  Answers,
  DoctorHandshake,
  Refused,
} from "../../../clients/web/src/sealed.ts";
import type {
  MemberPapers,
  Papers,
} from "../../../clients/web/src/sealed-doctor.ts";
import { readMemberM2 } from "../../../clients/web/src/sealed-letters.ts";
import type { Named } from "../../../clients/web/src/sealed-patient.ts";
import {
  asks,
  doctorsPapers,
  id,
  membersPapers,
  thumbOf,
  tools,
} from "./gathering-cast.ts";
import {
  ends,
  NOW,
  OFFER,
  Office,
  refusalOf,
  sdp,
  seed,
  signer,
} from "./seal.ts";

const SECRET = seed(7).slice(0, 16);

/** A guest who asks whom he has named; somebody answers. */
async function answered(named: Named, papers: Papers | MemberPapers) {
  const link = await guestAsks(
    { secret: SECRET, key: named.key ?? "" },
    named.role,
    await signer(21),
  );
  const patient = await asks({ ...link, named });
  const psk = () => Promise.resolve(link.psk);
  const far = new DoctorHandshake(await tools(), papers, psk, new Answers());
  return { patient, far, m2: await far.answer(patient.m1, OFFER) };
}

/** Who answers without a credential, whatever the PSK. */
const answering = async (member: MemberPapers["member"], of: number) =>
  new DoctorHandshake(
    await tools(),
    await membersPapers(member, of),
    () => Promise.resolve(seed(0)),
    new Answers(),
  );

const doctorNamed = async (device = 3): Promise<Named> => ({
  role: "doctor",
  key: await thumbOf(await signer(device)),
});

const patientNamed = async (holder = 22): Promise<Named> => ({
  role: "patient",
  key: await thumbOf(await signer(holder)),
});

const read = async ({ patient, m2 }: Awaited<ReturnType<typeof answered>>) =>
  patient.read(m2, [(await Office.of()).union], NOW);

describe("a doctor who was named", () => {
  test("answers, and is shown as verified", async () => {
    const pair = await answered(await doctorNamed(), await doctorsPapers());
    const { doctor, digits } = await read(pair);
    const { m3, resume } = await pair.patient.accept(true, sdp());
    const confirmed = await pair.far.confirm(m3);
    const channel = await pair.patient.confirm(confirmed.m4);

    expect(doctor.card.name).toBe("Dr Camille Essai");
    expect([confirmed.digits, confirmed.channel.resume]).toEqual([
      digits,
      resume,
    ]);
    expect(await channel.open(await confirmed.channel.seal("salut"))).toBe(
      "salut",
    );
  });

  test("is no other certified doctor", async () => {
    const pair = await answered(await doctorNamed(4), await doctorsPapers(3));

    expect(await refusalOf(read(pair))).toBe("handle");
  });

  test.each(["patient", "guest"] as const)(
    "is no %s, even by the doctor's own key",
    async (member) => {
      const papers = await membersPapers(member, 3);
      const one = await answered(await doctorNamed(), papers);
      const other = await answered(await doctorNamed(), papers);

      expect(await refusalOf(read(one))).toBe("form");
      expect(await refusalOf(other.patient.readMember(other.m2))).toBe("form");
    },
  );

  test("may be anyone certified, to a colleague whose inviter is not known", async () => {
    const link = await colleagueAsks(SECRET, await signer(21));
    expect(link.named).toEqual({ role: "doctor", key: null });
    const named: Named = { role: "doctor", key: null };

    const doctor = await answered(named, await doctorsPapers());
    const guest = await answered(named, await membersPapers("guest", 3));

    expect(await refusalOf(read(doctor))).toBe("none");
    expect(await refusalOf(read(guest))).toBe("form");
  });
});

describe("a patient who was named", () => {
  test("answers, and is nobody that a union vouches for", async () => {
    const pair = await answered(
      await patientNamed(),
      await membersPapers("patient", 22),
    );
    const proposal = await pair.patient.readMember(pair.m2);
    const { m3 } = await pair.patient.accept(true, sdp());
    const confirmed = await pair.far.confirm(m3);

    expect(Object.keys(proposal).sort()).toEqual([
      "connection",
      "digits",
      "offer",
      "restarts",
      "role",
    ]);
    expect(proposal.role).toBe("patient");
    expect(confirmed.digits).toBe(proposal.digits);
    expect(await refusalOf(pair.patient.confirm(confirmed.m4))).toBe("none");
  });

  test("is no doctor, though the union vouches for that one", async () => {
    const named = await patientNamed(3);
    const one = await answered(named, await doctorsPapers(3));
    const other = await answered(named, await doctorsPapers(3));

    expect(await refusalOf(read(one))).toBe("form");
    expect(await refusalOf(other.patient.readMember(other.m2))).toBe("form");
  });

  test("is no guest", async () => {
    const pair = await answered(
      await patientNamed(),
      await membersPapers("guest", 22),
    );

    expect(await refusalOf(pair.patient.readMember(pair.m2))).toBe("form");
  });

  test("is nobody with another key", async () => {
    const pair = await answered(
      await patientNamed(),
      await membersPapers("patient", 23),
    );

    expect(await refusalOf(pair.patient.readMember(pair.m2))).toBe("handle");
  });

  test("has a description that binds", async () => {
    const { patient } = await answered(
      await patientNamed(),
      await membersPapers("patient", 22),
    );
    const far = await answering("patient", 22);
    const m2 = await far.answer(patient.m1, { ...OFFER, offer: "v=0" });

    expect(await refusalOf(patient.readMember(m2))).toBe("description");
  });
});

test("a link's doctor cannot answer as anybody else", async () => {
  const { patient } = await ends();
  const far = await answering("patient", 3);
  const m2 = await far.answer(patient.m1, OFFER);

  expect(await refusalOf(patient.readMember(m2))).toBe("form");
});

test("a member's letter with any value in any field is read or refused", () => {
  const good = {
    v: 1,
    member: "guest",
    holder: encode(seed(1)),
    pk: encode(join(new Uint8Array(1184), seed(9))),
    r: encode(seed(1)),
    seed: encode(seed(2)),
    connection: id(1),
    restarts: true,
    offer: "c",
  };
  const written = (json: object) =>
    pad(
      join(lengthPrefixed(utf8(JSON.stringify(json))), new Uint8Array(64)),
      [8192, 16384],
    );
  const outcome = (json: object) => {
    try {
      return readMemberM2(written(json)).member;
    } catch (error) {
      return error instanceof Refused ? error.code : "another error";
    }
  };
  expect(outcome(good)).toBe("guest");

  fc.assert(
    fc.property(
      fc.constantFrom(...Object.keys(good), "identity", "list", "passkey"),
      fc.jsonValue(),
      (name, value) => {
        expect(["guest", "patient", "form"]).toContain(
          outcome({ ...good, [name]: value }),
        );
      },
    ),
  );
  for (const name of ["identity", "list", "passkey"]) {
    expect(outcome({ ...good, [name]: null })).toBe("form");
  }
  expect(outcome({ ...good, member: "doctor" })).toBe("form");
});
