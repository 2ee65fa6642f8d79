/** No track before everybody knows the same people: `gathering.json` has the scripts of it. */
import fc from "fast-check";
import {
  DIFFERS_S,
  type Entry,
  MEMBERS_MAX,
  Roster,
} from "../../../clients/web/src/gathering.ts";
import { Refused } from "../../../clients/web/src/sealed.ts";
import {
  COLLEAGUE,
  DOCTOR,
  entry,
  GUEST,
  id,
  PATIENT,
} from "./gathering-cast.ts";

const ALL = [DOCTOR, PATIENT, GUEST, COLLEAGUE];

/** As one end says it who knows these others. */
function said(own: Entry, ...others: Entry[]) {
  const roster = new Roster(own);
  for (const one of others) roster.enter(one, 0);
  return roster.letter();
}

function code(work: () => unknown): string {
  try {
    work();
    return "none";
  } catch (error) {
    if (error instanceof Refused) return error.code;
    throw error;
  }
}

/** Everybody's own roster; whatever one says, those who are told hear. */
class Session {
  readonly rosters = new Map<string, Roster>();

  constructor() {
    this.rosters.set(DOCTOR.member, new Roster(DOCTOR, PATIENT));
    this.rosters.set(PATIENT.member, new Roster(PATIENT, DOCTOR));
  }

  of({ member }: Entry): Roster {
    const roster = this.rosters.get(member);
    if (roster === undefined) throw new Error("nobody sits there");
    return roster;
  }

  /** The handshake of these two is done at both ends; then both say what they must. */
  meet(one: Entry, other: Entry, now = 0): void {
    for (const entry of [one, other]) {
      if (!this.rosters.has(entry.member)) {
        this.rosters.set(entry.member, new Roster(entry));
      }
    }
    const told = [
      [one, this.of(one).enter(other, now)],
      [other, this.of(other).enter(one, now)],
    ] as const;
    for (const [by, seats] of told) this.say(by, seats, now);
  }

  leave(gone: Entry, now = 0): void {
    this.rosters.delete(gone.member);
    for (const roster of this.rosters.values()) {
      this.say(roster.own, roster.leave(gone.member, now), now);
    }
  }

  say(by: Entry, seats: readonly string[], now: number): void {
    for (const seat of seats) {
      const far = this.rosters.get(seat);
      // What comes before the handshake with its sender is done does not open there.
      if (far?.farEnd(by.member) !== null) {
        far?.hear(this.of(by).letter(), by.member, now);
      }
    }
  }

  /** Who is agreed with whom. */
  agreed(): string[] {
    return [...this.rosters.values()].flatMap(({ own }) =>
      this.of(own)
        .members.filter(({ member }) => this.of(own).isAgreed(member))
        .map(({ member }) => `${own.member} ${member}`),
    );
  }
}

test("two who began are agreed, and say nothing while they are alone", () => {
  const session = new Session();
  session.meet(DOCTOR, PATIENT);

  expect(session.of(DOCTOR).isAgreed(PATIENT.member)).toBe(true);
  expect(session.of(DOCTOR).enter(PATIENT, 0)).toEqual([]);
  expect(session.of(DOCTOR).isAgreed(GUEST.member)).toBe(false);
});

test("a third is agreed only when the last handshake is done", () => {
  const session = new Session();
  session.meet(GUEST, DOCTOR);
  expect(session.of(DOCTOR).isAgreed(GUEST.member)).toBe(false);
  expect(session.of(GUEST).isAgreed(DOCTOR.member)).toBe(false);
  expect(session.of(DOCTOR).isAgreed(PATIENT.member)).toBe(true);

  session.meet(GUEST, PATIENT);

  expect(session.agreed()).toHaveLength(6);
});

test("four at most, however they come and go", () => {
  const steps = fc.array(
    fc.record({
      leaves: fc.boolean(),
      one: fc.nat(ALL.length - 1),
      other: fc.nat(ALL.length - 1),
    }),
    { maxLength: 25 },
  );
  fc.assert(
    fc.property(steps, (games) => {
      const session = new Session();
      for (const { leaves, one, other } of games) {
        const [a, b] = [ALL[one] ?? DOCTOR, ALL[other] ?? DOCTOR];
        const isHere = session.rosters.has(a.member);
        if (leaves && isHere && session.rosters.size > 2) session.leave(a);
        else if (a !== b && isHere) session.meet(a, b);
        for (const roster of session.rosters.values()) {
          expect(roster.members.length).toBeLessThanOrEqual(MEMBERS_MAX);
          for (const member of roster.newcomers) {
            expect(roster.isAgreed(member)).toBe(false);
          }
        }
      }
      // Whoever is left meets whoever else is left: all agree.
      const here = [...session.rosters.values()].map(({ own }) => own);
      for (const a of here)
        for (const b of here) if (a !== b) session.meet(a, b);
      expect(session.agreed()).toHaveLength(here.length * (here.length - 1));
    }),
  );
});

test("a fifth does not come in, nor somebody twice", () => {
  const roster = new Roster(DOCTOR, PATIENT);
  roster.enter(GUEST, 0);
  roster.enter(COLLEAGUE, 0);

  expect(code(() => roster.enter(entry(5, "guest"), 0))).toBe("roster");
  roster.leave(COLLEAGUE.member, 0);
  for (const other of [
    { ...GUEST, key: id(99) },
    { ...GUEST, role: "patient" as const },
    { ...GUEST, member: id(5) },
    { ...entry(5, "guest"), key: DOCTOR.key },
    DOCTOR,
  ]) {
    expect(code(() => roster.enter(other, 0))).toBe("roster");
  }
  expect(code(() => roster.enter(entry(5, "guest"), 0))).toBe("none");
});

test("the server shows one of them one newcomer, and the other another", () => {
  const [doctor, patient] = [
    new Roster(DOCTOR, PATIENT),
    new Roster(PATIENT, DOCTOR),
  ];
  const other = entry(5, "guest");
  doctor.enter(GUEST, 0);
  patient.enter(other, 0);

  patient.hear(doctor.letter(), DOCTOR.member, 1);
  doctor.hear(patient.letter(), PATIENT.member, 1);
  doctor.hear(said(DOCTOR, GUEST), GUEST.member, 1);

  expect(doctor.isAgreed(GUEST.member)).toBe(false);
  expect(patient.isAgreed(other.member)).toBe(false);
  expect(doctor.overdue(DIFFERS_S - 0.1)).toEqual([]);
  expect(doctor.overdue(DIFFERS_S)).toEqual([GUEST.member]);
});

test("the same people under other keys are not the same people", () => {
  const roster = new Roster(PATIENT, DOCTOR);
  roster.enter(GUEST, 0);
  const members = [DOCTOR, PATIENT, { ...GUEST, key: id(77) }];
  const letter = { t: "roster", members: [...members] } as const;

  expect(
    code(() => {
      roster.hear(letter, DOCTOR.member, 0);
    }),
  ).toBe("roster");
  expect(roster.newcomers).toEqual([GUEST.member]);
  expect(roster.isAgreed(DOCTOR.member)).toBe(true);
});

test.each([
  [DIFFERS_S - 1, true],
  [DIFFERS_S, false],
])("a right word after %d s agrees: %s", (now, isAgreed) => {
  const word = said(GUEST, DOCTOR, PATIENT);
  const heard = new Roster(DOCTOR, PATIENT);
  heard.enter(GUEST, 0);
  heard.hear(word, PATIENT.member, 0);
  heard.hear(word, GUEST.member, now);
  const left = new Roster(DOCTOR, PATIENT);
  left.enter(GUEST, 0);
  left.hear(said(GUEST, DOCTOR), GUEST.member, 0);
  left.leave(PATIENT.member, now);

  expect(heard.isAgreed(GUEST.member)).toBe(isAgreed);
  expect(left.isAgreed(GUEST.member)).toBe(isAgreed);
  expect(heard.isAgreed(PATIENT.member)).toBe(true);
});

test("the order is of bytes, and not of letters", () => {
  // "-" stands for 62 and "z" for 51, and is before it as a letter.
  const [high, low] = [`-${id(0).slice(1)}`, `z${id(0).slice(1)}`];
  const roster = new Roster({ ...DOCTOR, member: high });
  roster.enter({ ...PATIENT, member: low }, 0);

  expect(roster.members.map(({ member }) => member)).toEqual([low, high]);
  expect([low, high].sort()).toEqual([high, low]);
});

test("who began, left and came back is a newcomer", () => {
  const session = new Session();
  session.meet(GUEST, DOCTOR);
  session.meet(GUEST, PATIENT);
  session.leave(PATIENT);
  session.meet(PATIENT, DOCTOR);
  expect(session.of(DOCTOR).isAgreed(PATIENT.member)).toBe(false);
  session.leave(GUEST);

  expect(session.of(DOCTOR).isAgreed(PATIENT.member)).toBe(true);
});

test("whatever is said, who was in stays in", () => {
  const seats = fc.constantFrom(...ALL, entry(5, "guest"), {
    ...GUEST,
    key: id(9),
  });
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.array(seats, { maxLength: 6 }), seats)),
      (words) => {
        const roster = new Roster(DOCTOR, PATIENT);
        roster.enter(GUEST, 0);
        for (const [members, from] of words) {
          const letter = { t: "roster", members } as const;
          const ended = code(() => {
            roster.hear(letter, from.member, 0);
          });
          expect(["none", "roster"]).toContain(ended);
        }
        expect(roster.isAgreed(PATIENT.member)).toBe(true);
        expect(roster.members).toHaveLength(3);
      },
    ),
  );
});
