/** Whose word is taken for whom: `gathering.json` has what is said to both. */
import {
  type Ask,
  checkIntroduction,
  type Entry,
  type Expect,
  introduce,
  Roster,
} from "../../../clients/web/src/gathering.ts";
import { Refused, roll } from "../../../clients/web/src/sealed.ts";
import {
  COLLEAGUE,
  DOCTOR,
  entry,
  GUEST,
  id,
  PATIENT,
} from "./gathering-cast.ts";
import { seed } from "./seal.ts";

const PAIR = { invite: id(50), psk: seed(50) };
const ask = (far: Entry): Ask => ({ t: "ask", ...far, ...PAIR });
const expected = (far: Entry): Expect => ({
  t: "expect",
  ...far,
  ...PAIR,
  holder: far.role === "doctor" ? id(60) : null,
});

function code(letter: Ask | Expect, from: Entry, roster: Roster): string {
  try {
    checkIntroduction(letter, from.member, roster);
    return "none";
  } catch (error) {
    if (error instanceof Refused) return error.code;
    throw error;
  }
}

/** Of a member, and those whom it knows already. */
function knowing(own: Entry, ...others: Entry[]): Roster {
  const roster = new Roster(own);
  for (const one of others) roster.enter(one, 0);
  return roster;
}

test("each introduction has an invitation and a PSK of its own", () => {
  const [one] = introduce(DOCTOR, GUEST, roll);
  const [other] = introduce(DOCTOR, GUEST, roll);

  expect(one.letter.invite).not.toBe(other.letter.invite);
  expect(one.letter.psk).not.toEqual(other.letter.psk);
});

test.each([
  [PATIENT, GUEST, PATIENT],
  [DOCTOR, GUEST, DOCTOR],
  [PATIENT, COLLEAGUE, COLLEAGUE],
  [GUEST, COLLEAGUE, COLLEAGUE],
  [DOCTOR, COLLEAGUE, DOCTOR],
  [GUEST, entry(5, "guest"), GUEST],
])(
  "of $role and a $role who comes, the right one answers",
  (before, newcomer, answers) => {
    const coming = { ...newcomer, holder: id(60) };
    const [first, second] = introduce(before, coming, roll);

    expect([first.letter.t, second.letter.t]).toEqual(["expect", "ask"]);
    expect(first.to).toBe(answers.member);
    expect(second.letter.member).toBe(answers.member);
    expect(second.to).toBe(first.letter.member);
    expect(second.letter.psk).toEqual(first.letter.psk);
    // Both may follow it.
    for (const [{ to, letter }, far] of [
      [first, before],
      [second, newcomer],
    ] as const) {
      const own = [before, newcomer].find(({ member }) => member === to) ?? far;
      const inviter = entry(9, "doctor");
      expect(code(letter, inviter, knowing(own, inviter))).toBe("none");
    }
  },
);

test("a doctor who must ask and whose day key is not known is not introduced", () => {
  expect(() => introduce(DOCTOR, COLLEAGUE, roll)).toThrow(new Refused("form"));
});

test("a patient's and a doctor's word is followed, nobody else's", () => {
  const roster = knowing(entry(8, "guest"), DOCTOR, PATIENT);
  const others = knowing(entry(8, "guest"), GUEST);

  for (const letter of [ask(COLLEAGUE), expected(entry(5, "guest"))]) {
    expect(code(letter, DOCTOR, roster)).toBe("none");
    expect(code(letter, PATIENT, roster)).toBe("none");
    expect(code(letter, GUEST, others)).toBe("token");
    expect(code(letter, COLLEAGUE, roster)).toBe("token");
    // One's own seat says nothing to oneself.
    expect(code(letter, entry(8, "guest"), roster)).toBe("token");
  }
});

test("nobody but a doctor makes one who asks a doctor, and to doctors only", () => {
  const doctor = knowing(DOCTOR, PATIENT, entry(6, "doctor"));
  const patient = knowing(PATIENT, DOCTOR);

  expect(code(expected(COLLEAGUE), entry(6, "doctor"), doctor)).toBe("none");
  expect(code(expected(COLLEAGUE), PATIENT, doctor)).toBe("token");
  // Who asks shows no identity: a patient takes no doctor unproven, whoever says so.
  expect(code(expected(COLLEAGUE), DOCTOR, patient)).toBe("form");
  expect(code(ask(COLLEAGUE), DOCTOR, patient)).toBe("none");
});

test("a doctor asks no patient and no guest", () => {
  const roster = knowing(COLLEAGUE, DOCTOR);

  expect(code(ask(PATIENT), DOCTOR, roster)).toBe("form");
  expect(code(ask(entry(5, "guest")), DOCTOR, roster)).toBe("form");
  expect(code(ask(entry(5, "doctor")), DOCTOR, roster)).toBe("none");
});

test("who is in is introduced again as who is in, or not at all", () => {
  const roster = knowing(PATIENT, DOCTOR, GUEST);

  expect(code(expected(GUEST), DOCTOR, roster)).toBe("none");
  for (const far of [
    { ...GUEST, key: id(99) },
    { ...GUEST, role: "patient" as const },
    { ...GUEST, member: id(99) },
    { ...entry(5, "guest"), key: DOCTOR.key },
    { ...entry(5, "guest"), key: PATIENT.key },
    { ...entry(5, "guest"), member: PATIENT.member },
    PATIENT,
  ]) {
    expect(code(expected(far), DOCTOR, roster)).toBe("roster");
  }
  roster.enter(COLLEAGUE, 0);
  expect(code(expected(entry(5, "guest")), DOCTOR, roster)).toBe("roster");
});
