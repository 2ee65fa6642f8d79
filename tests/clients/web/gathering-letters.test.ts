/** What members say of each other is read, or refused: `gathering.json` has the bounds. */
import fc from "fast-check";
import {
  type Expect,
  inviteOf,
  readGathering,
  readInvitation,
  writeGathering,
} from "../../../clients/web/src/gathering.ts";
import { inviteOfToken, tokenOf } from "../../../clients/web/src/invites.ts";
import { encode } from "../../../clients/web/src/letters.ts";
import { Refused } from "../../../clients/web/src/sealed.ts";
import { COLLEAGUE, DOCTOR, id, PATIENT } from "./gathering-cast.ts";
import { seed } from "./seal.ts";

const EXPECT: Expect = {
  t: "expect",
  ...COLLEAGUE,
  invite: id(5),
  psk: seed(5),
  holder: id(6),
};

function outcome(text: string): string {
  try {
    return readGathering(text)?.t ?? "another";
  } catch (error) {
    if (error instanceof Refused) return error.code;
    throw error;
  }
}

test("what is written is read", () => {
  const { invite, psk } = EXPECT;
  const ask = { t: "ask", ...COLLEAGUE, invite, psk } as const;
  const roster = { t: "roster", members: [DOCTOR, PATIENT] } as const;
  const patient = { ...EXPECT, ...PATIENT, holder: null };

  const { member } = COLLEAGUE;
  const byName = { member, name: "Dominique Essai", specialty: "Pédiatrie" };
  const handOvers = [
    { t: "handover", colleague: byName },
    { t: "handover", colleague: null },
    { t: "choice", colleague: member },
    { t: "choice", colleague: null },
    { t: "note", text: "Fièvre." },
  ] as const;

  for (const letter of [EXPECT, ask, roster, patient, ...handOvers]) {
    expect(readGathering(writeGathering(letter))).toEqual(letter);
  }
});

test("any text, and any value in any field, is read or refused", () => {
  const good = JSON.parse(writeGathering(EXPECT)) as object;
  expect(outcome(JSON.stringify(good))).toBe("expect");
  fc.assert(
    fc.property(
      fc.string(),
      fc.constantFrom(...Object.keys(good)),
      fc.jsonValue(),
      (text, name, value) => {
        for (const given of [
          text,
          JSON.stringify({ ...good, [name]: value }),
        ]) {
          expect(["expect", "another", "form"]).toContain(outcome(given));
        }
      },
    ),
  );
});

test("bytes have one spelling: the same seat is the same text", () => {
  const other = `${COLLEAGUE.member.slice(0, -1)}R`;
  expect(other).not.toBe(COLLEAGUE.member);
  const written = writeGathering({ ...EXPECT, member: other });

  expect(outcome(written)).toBe("form");
  expect(outcome(writeGathering({ ...EXPECT, key: "AAAA" }))).toBe("form");
});

test("two secrets make two invitations, and neither is the secret", async () => {
  const [one, other] = [
    await inviteOf(seed(1).slice(0, 16)),
    await inviteOf(seed(2).slice(0, 16)),
  ];

  expect(one.invite).not.toBe(other.invite);
  expect(one.psk).not.toEqual(other.psk);
  expect([one.invite, encode(one.psk)]).not.toContain(id(1));
  expect(inviteOfToken(tokenOf(one.invite))).toBe(one.invite);
  expect(() => inviteOfToken("inv1.AAAA")).toThrow(new Refused("token"));
});

test("any fragment is an invitation that is written the same, or none", () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      for (const fragment of [text, `inv1.${text}`, `inv1.p.${text}`]) {
        expect(readInvitation(fragment)).toBeNull();
      }
    }),
  );
});

test("letters of a hand over are as the specification writes them", () => {
  const { member } = COLLEAGUE;

  expect(writeGathering({ t: "choice", colleague: null })).toBe(
    '{"t":"choice","choice":"queue"}',
  );
  expect(writeGathering({ t: "choice", colleague: member })).toBe(
    `{"t":"choice","choice":"colleague","member":"${member}"}`,
  );
  expect(writeGathering({ t: "handover", colleague: null })).toBe(
    '{"t":"handover"}',
  );
});

test.each([
  ["note", { text: "é".repeat(4000) }, { text: "é".repeat(4001) }],
  ["note", { text: "" }, { text: 1 }],
  ["choice", { choice: "queue" }, { choice: "stay" }],
  ["choice", { choice: "colleague", member: id(1) }, { choice: "colleague" }],
  [
    "handover",
    { member: id(1), name: "n".repeat(200), specialty: "" },
    { member: id(1), name: "n".repeat(201), specialty: "" },
  ],
])("a %s of any other form is refused", (t, good, bad) => {
  expect(outcome(JSON.stringify({ t, ...good }))).toBe(t);
  expect(outcome(JSON.stringify({ t, ...bad }))).toBe("form");
});
