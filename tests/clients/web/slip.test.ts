/** The call slip: what happened in the consultation, at which time, and nothing of who it was. */
import fc from "fast-check";
import {
  agreeing,
  type Ending,
  followed,
  type Sitting,
  type Slip,
  textOf,
} from "../../../clients/web/src/slip.ts";
import type { Flow } from "../../../clients/web/src/path.ts";
import type { Notice, Page } from "../../../clients/web/src/rounds.ts";
import { wardEn } from "../../../clients/web/src/words/ward.en.ts";
import { wardFr } from "../../../clients/web/src/words/ward.fr.ts";

const BEGAN = Date.UTC(2026, 10, 30, 13, 2) / 1000;
const calendar = {
  day: (at_s: number) => new Date(at_s * 1000).toISOString().slice(0, 10),
  hour: (at_s: number) => new Date(at_s * 1000).toISOString().slice(11, 16),
};
const sitting: Sitting = {
  session: "s",
  flow: "live",
  isMet: true,
  isDark: false,
  isSoundAlone: false,
  hasPicture: true,
  isResumed: false,
  said: null,
};
const on = (notice: Notice | null = null, page: Page = { name: "on" }) => ({
  page,
  notice,
});

/** Seconds since its begin, and what is then seen of it. */
type Moment = readonly [at_s: number, more: Partial<Sitting>];

/** A consultation of these moments. */
function held(...moments: readonly Moment[]): Slip {
  const slip = moments.reduce<Slip | null>(
    (slip, [at_s, more]) =>
      followed(slip, { ...sitting, ...more }, on(), BEGAN + at_s),
    null,
  );
  if (slip === null) throw new Error("no moment");
  return slip;
}

const over = (slip: Slip, at_s: number, notice: Notice | null = null) =>
  followed(slip, null, on(notice), BEGAN + at_s) ?? slip;

test("a consultation with one interruption is told line by line", () => {
  const slip = held(
    [0, { flow: "connecting", isMet: false, hasPicture: false }],
    [4, {}],
    [180, { flow: "interrupted" }],
    [220, {}],
  );

  const text = textOf(
    over(agreeing(slip, BEGAN + 60), 840),
    wardFr.slipText,
    calendar,
  );

  expect(text.split("\n")).toEqual([
    "Téléconsultation – fiche d’appel",
    "Date : 2026-11-30",
    "Début : 13:02 – Fin : 13:16",
    "Durée : 14 min",
    "Moyen : vidéo et son",
    "Incident technique : 1 interruption",
    "– 13:05, pendant 40 s",
    "Patient informé et d’accord : 13:03",
    "Fin de l’appel : par le médecin",
  ]);
});

test("one without trouble says so, and what was not marked", () => {
  const text = textOf(over(held([0, {}]), 45, "left"), wardEn.slipText, {
    ...calendar,
  });

  expect(text).toContain("Technical incidents: none");
  expect(text).toContain("Duration: 45 s");
  expect(text).toContain("in agreement: not marked");
  expect(text).toContain("End of the call: by the patient");
});

test("pictures that stop while sound goes on are told apart from an interruption", () => {
  const slip = held([0, {}], [60, { isDark: true }], [180, {}]);

  const text = textOf(over(slip, 240), wardFr.slipText, calendar);

  expect(text).toContain("Image du patient perdue, son conservé : 1 fois");
  expect(text).toContain("– 13:03, pendant 2 min");
  expect(text).not.toContain("interruption");
});

test("sound alone that both agreed to is no lost picture, and is told with its length", () => {
  const alone = { isSoundAlone: true, isDark: true };
  const slip = held([0, {}], [60, alone], [180, {}]);

  const text = textOf(over(slip, 240), wardFr.slipText, calendar);

  expect(text).toContain(
    "Son seul, d’un commun accord :\n– 13:03, pendant 2 min",
  );
  expect(text).not.toContain("Image du patient perdue");
});

test.each([
  [{ hasPicture: false }, "Moyen : son seul"],
  [{ hasPicture: true, isMet: false }, "la liaison n’a pas été établie"],
])("what was never seen is not claimed: %o", (more, line) => {
  const text = textOf(over(held([0, more]), 30), wardFr.slipText, calendar);

  expect(text).toContain(line);
});

test.each([
  [null, "doctor"],
  ["drained", "doctor"],
  ["left", "patient"],
  ["lost", "lost"],
  ["expired", "lost"],
  ["shown-out", "excluded"],
  ["handed-over", "handed-over"],
  ["requeued", "handed-over"],
  ["seal-record", "seal"],
] satisfies [Notice | null, Ending][])(
  "after %s it was ended by: %s",
  (notice, ending) => {
    expect(over(held([0, {}]), 10, notice).ending).toBe(ending);
  },
);

test("an interruption that lasts to the end ends with it", () => {
  const slip = over(held([0, {}], [10, { flow: "interrupted" }]), 40, "lost");

  expect(slip.interruptions).toEqual([
    { from_s: BEGAN + 10, to_s: BEGAN + 40 },
  ]);
});

test("what is over stays as it is until the next consultation", () => {
  const slip = over(held([0, {}]), 10);

  expect(followed(slip, null, on("late"), BEGAN + 500)).toBe(slip);
  const next = followed(slip, { ...sitting, session: "t" }, on(), BEGAN + 600);
  expect(next).toMatchObject({
    session: "t",
    began_s: BEGAN + 600,
    ended_s: null,
    agreed_s: null,
  });
});

test.each(["replaced", "entering"] as const)(
  "a consultation that this window may come back to is not over: %s",
  (name) => {
    const slip = held([0, {}]);

    expect(followed(slip, null, on(null, { name }), BEGAN + 10)).toBe(slip);
  },
);

test("a page that was loaded anew does not claim to know the beginning", () => {
  const slip = over(held([0, { isResumed: true }], [5, {}]), 60);

  expect(textOf(slip, wardFr.slipText, calendar)).toContain(
    "Début : avant 13:02",
  );
});

test("the patient's own word on agreement and place is told as such, and once said stays", () => {
  const said = { place: "home", agreed_s: BEGAN - 60 } as const;
  const slip = over(held([0, { said }], [5, { said: null }]), 60);

  const text = textOf(slip, wardFr.slipText, calendar);

  expect(text).toContain("Accord donné sur la page du patient : 13:01");
  expect(text).toContain("Lieu du patient : domicile");
  expect(text).toContain("Patient informé et d’accord : non indiqué");
});

test("the doctor may take his word back", () => {
  const slip = agreeing(held([0, {}]), BEGAN + 5);

  expect(slip.agreed_s).toBe(BEGAN + 5);
  expect(agreeing(slip, BEGAN + 9).agreed_s).toBeNull();
});

test("spans of one kind never overlap, and all are closed at the end", () => {
  const moment = fc.tuple(
    fc.nat(10),
    fc.record({
      flow: fc.constantFrom<Flow>("connecting", "live", "interrupted"),
      isDark: fc.boolean(),
      isSoundAlone: fc.boolean(),
    }),
  );
  fc.assert(
    fc.property(fc.array(moment, { minLength: 1 }), (moments) => {
      let at_s = 0;
      const timed = moments.map(([wait, more]): Moment => [
        (at_s += wait),
        more,
      ]);
      const slip = over(held(...timed), at_s + 1);
      for (const spans of [
        slip.interruptions,
        slip.darkness,
        slip.soundAlone,
      ]) {
        let last = BEGAN;
        for (const { from_s, to_s } of spans) {
          expect(from_s).toBeGreaterThanOrEqual(last);
          expect(to_s).toBeGreaterThanOrEqual(from_s);
          last = to_s ?? 0;
        }
      }
    }),
  );
});
