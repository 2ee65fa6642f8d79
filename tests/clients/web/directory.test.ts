/** Which queue a place leads to, found in the page; and what of the server's word is taken. */
import fc from "fast-check";
import {
  type Directory,
  find,
  FOUND_MAX,
  helpsEverywhere,
  inWords,
  isOpen,
  isOwn,
  others,
  parse,
  widerOf,
} from "../../../clients/web/src/directory.ts";
import { Refused } from "../../../clients/web/src/refused.ts";

const bytes = (value: unknown) =>
  new TextEncoder().encode(JSON.stringify(value));
const title = (text: string) => ({ fr: text, en: `${text} (en)` });
const open = (more: object = {}) => ({
  title: title("x"),
  link: "cap1.AAAA",
  ...more,
});
const of = (queues: object): Directory => parse(bytes({ v: 1, queues }));

const FRANCE = of({
  ille: open({
    territory: title("Ille-et-Vilaine"),
    postcodes: ["35"],
    communes: ["Rennes", "Saint-Malo", "Bœuf-Ville"],
    wider: ["armor", "closed", "linkless", "gone"],
  }),
  malo: open({ postcodes: ["354"], communes: ["Saint-Malo"] }),
  armor: open({ territory: title("Côtes-d’Armor"), postcodes: ["22"] }),
  corse: open({ territory: title("Corse"), postcodes: ["200", "201", "202"] }),
  closed: open({ postcodes: ["29"], closed: true }),
  linkless: { title: title("y"), postcodes: ["56"] },
});

test.each([
  ["35000", ["ille"]],
  ["35", ["ille"]],
  [" 35 400 ", ["malo"]],
  ["35400", ["malo"]],
  ["22", ["armor"]],
  ["2A", ["corse"]],
  ["2b", ["corse"]],
  ["29200", []],
  ["75", []],
  ["3", []],
])("the postcode « %s » leads to %j", (typed, found) => {
  expect(find(FRANCE, typed)).toEqual(found);
});

test.each([
  ["rennes", ["ille"]],
  ["RENN", ["ille"]],
  ["Saint Malo", ["ille", "malo"]],
  ["st-malo", ["ille", "malo"]],
  ["boeuf", ["ille"]],
  ["cotes d'armor", ["armor"]],
  ["vilaine", ["ille"]],
  ["re", []],
  ["", []],
  ["   ", []],
])("the commune « %s » leads to %j", (typed, found) => {
  expect(find(FRANCE, typed)).toEqual(found);
});

test("whatever is typed, what is found is open and short", () => {
  fc.assert(
    fc.property(fc.string(), (typed) => {
      const found = find(FRANCE, typed);

      return (
        found.length <= FOUND_MAX &&
        found.every((name) => isOpen(FRANCE.get(name)))
      );
    }),
  );
});

test("a queue widens to those that are open, nearest first", () => {
  expect(widerOf(FRANCE, "ille")).toEqual(["armor"]);
  expect(widerOf(FRANCE, "nowhere")).toEqual([]);
  expect(others(FRANCE, "ille")).toEqual(["malo", "armor", "corse"]);
});

test("what helps in every queue helps everywhere", () => {
  const help = (text: string) => ({ text: title(text), phone: "15" });
  const directory = of({
    a: open({ alternatives: [help("one"), help("both")] }),
    b: open({ alternatives: [help("both"), help("other")] }),
  });

  expect(helpsEverywhere(directory).map(({ text }) => text.fr)).toEqual([
    "both",
  ]);
  expect(helpsEverywhere(of({}))).toEqual([]);
});

test("a doctor's own queue is told from all others by its name", () => {
  expect(isOwn("A".repeat(22))).toBe(true);
  expect(isOwn("garde-35")).toBe(false);
});

test("a text is in the page's language", () => {
  expect(inWords(title("x"), { lang: "fr" })).toBe("x");
  expect(inWords(title("x"), { lang: "en" })).toBe("x (en)");
});

test.each(["javascript:alert(1)", "http://a.fr", "https://a fr", "//a.fr", 7])(
  "« %s » is nothing to tap",
  (url) => {
    const help = { text: title("x"), url, phone: "tel:1" };
    const read = of({ q: { alternatives: [help] } }).get("q")?.alternatives;

    expect(read).toEqual([{ text: title("x"), phone: null, url: null }]);
  },
);

test("a whole entry is taken as it is said", () => {
  const help = { text: title("x"), phone: "116 117", url: "https://a.fr/b?c" };

  expect(
    of({ q: { ...open(), hours: title("h"), alternatives: [help] } }),
  ).toEqual(
    new Map([
      [
        "q",
        {
          title: title("x"),
          territory: null,
          hours: title("h"),
          postcodes: [],
          communes: [],
          wider: [],
          link: "cap1.AAAA",
          alternatives: [help],
          isClosed: false,
        },
      ],
    ]),
  );
});

test("what is not in order is left out, and never another error", () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (value, queue) => {
      for (const said of [
        value,
        { v: 1, queues: value },
        { v: 1, queues: { q: queue } },
      ]) {
        try {
          const directory = parse(bytes(said));
          find(directory, "35000");
        } catch (error) {
          if (!(error instanceof Refused)) throw error;
        }
      }
    }),
  );
});
