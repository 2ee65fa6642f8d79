/** The letter `about`: what it may say, and that anything else makes it none. */
import {
  type About,
  aboutOf,
  agreed,
  CONSENT_TEXT,
  dialled,
  isPhone,
  USUAL,
  WHEREABOUTS_MAX,
} from "../../../clients/web/src/about.ts";
import { read, write } from "../../../clients/web/src/letters.ts";
import { fr } from "../../../clients/web/src/words/fr.ts";
import { NOW } from "./patient-page.ts";

const ALL: About = {
  t: "about",
  place: "care-home",
  person: "relative",
  phone: "+33 6 12 34 56 78",
  whereabouts: "3 rue des Lilas",
  consent: { text: "c1", minute: 29_833_333 },
};

test("what is written is read, all of it or nothing of it", () => {
  const bare: About = {
    t: "about",
    place: null,
    person: null,
    phone: "",
    whereabouts: "",
    consent: null,
  };

  expect(read(write(ALL))).toEqual(ALL);
  expect(read(write(bare))).toEqual(bare);
  expect(write(bare)).toBe('{"t":"about"}');
});

test.each([
  { place: "pub" },
  { place: 1 },
  { for: "neighbour" },
  { for: null },
  { phone: "javascript:alert(1)" },
  { phone: "0".repeat(40) },
  { phone: 15 },
  { whereabouts: "x".repeat(WHEREABOUTS_MAX + 1) },
  { whereabouts: ["3 rue des Lilas"] },
  { consent: true },
  { consent: { text: "c1" } },
  { consent: { text: "<b>", minute: 1 } },
  { consent: { text: "c1", minute: -1 } },
  { consent: { text: "c1", minute: 1e12 } },
])("%o makes it none", (wrong) => {
  const right = {
    t: "about",
    place: "home",
    for: "self",
    phone: "0612345678",
    whereabouts: "x",
    consent: { text: "c1", minute: 1 },
  };
  expect(read(JSON.stringify(right))).not.toBeNull();

  expect(read(JSON.stringify({ ...right, ...wrong }))).toBeNull();
});

test.each([
  ["one line\nand another", "one line and another"],
  ["turned \u202e round", "turned round"],
  ["\u2028half \ud83d a character ", "half a character"],
  ["\u202e", ""],
])(
  "of %j the doctor reads %j, and all the rest of the letter",
  (sent, shown) => {
    const raw = JSON.stringify({ ...ALL, for: "relative", whereabouts: sent });

    expect(read(raw)).toEqual({ ...ALL, whereabouts: shown });
  },
);

test("a character that only the newer of two browsers knows costs nothing", () => {
  // Assigned in no version of Unicode so far.
  const whereabouts = "3 rue \u{3fffd}\u{e1234} des Lilas";

  const about = aboutOf({ ...USUAL, whereabouts }, null);

  expect(about?.whereabouts).toBe(whereabouts);
  expect(about === null ? null : read(write(about))).toEqual(about);
});

test("unknown keys of a newer page are passed over", () => {
  const newer = JSON.stringify({ t: "about", place: "work", mood: "calm" });

  expect(read(newer)).toMatchObject({ place: "work" });
});

test("what is typed becomes one short line, and a number that cannot be called is left out", () => {
  const said = {
    ...USUAL,
    phone: "abc",
    whereabouts: `  3 rue\n\tdes Lilas \u202e ${"x".repeat(300)}`,
  };
  const about = aboutOf(said, agreed(NOW));

  expect(about?.phone).toBe("");
  expect(about?.whereabouts.startsWith("3 rue des Lilas x")).toBe(true);
  expect(about === null ? null : read(write(about))).toEqual(about);
});

test("a page that knows nothing of its patient says nothing", () => {
  expect(aboutOf(null, null)).toBeNull();
  expect(aboutOf(null, agreed(NOW))?.place).toBeNull();
});

test.each(["0612345678", "06 12 34 56 78", "+33 (0)6-12-34-56-78", "3237"])(
  "%s can be called",
  (phone) => {
    expect(isPhone(phone)).toBe(true);
    expect(dialled(phone)).toMatch(/^tel:\+?\d+$/);
  },
);

test("whoever changes the words of the consent counts on", () => {
  expect([CONSENT_TEXT, fr.welcome.consent]).toEqual([
    "c1",
    "En continuant, vous acceptez une consultation à distance. Vous pouvez arrêter à tout moment.",
  ]);
});
