/** Which language a page speaks, in which direction, and how Arabic counts. */
import { counted, ltr } from "../../../clients/web/src/arabic.ts";
import {
  directionOf,
  firstOf,
  isOurs,
  localeOf,
  NAMES,
} from "../../../clients/web/src/languages.ts";
import { ar } from "../../../clients/web/src/words/ar.ts";

test.each([
  [["fr-FR", "en"], "fr"],
  [["en-GB", "fr"], "en"],
  [["ar-DZ"], "ar"],
  [["AR"], "ar"],
  [["de-DE", "ar-MA", "fr"], "ar"],
  [["de"], "fr"],
  [["arn-CL", "en"], "en"],
  [[], "fr"],
])("of what a browser asks for, %j, the first of ours is %s", (asked, lang) => {
  expect(firstOf(asked)).toBe(lang);
});

test("a language is one of ours by its name, and by nothing else", () => {
  expect(["fr", "constructor", "", 7, null].filter(isOurs)).toEqual(["fr"]);
});

test("Arabic alone runs from right to left", () => {
  const langs = Object.keys(NAMES).filter(isOurs);

  expect(langs.map(directionOf)).toEqual(["ltr", "ltr", "rtl"]);
});

test.each(["fr", "en", "ar"])(
  "an hour in %s is one of twenty-four, in the digits of the page",
  (lang) => {
    const at = Date.UTC(2026, 10, 30, 13, 5);
    const form = new Intl.DateTimeFormat(localeOf({ lang }), {
      dateStyle: "long",
      timeStyle: "short",
      timeZone: "UTC",
    });

    expect(form.format(at)).toMatch(/30.*2026.*13:05/);
  },
);

test.each([
  [0, "zero"],
  [1, "one"],
  [2, "two"],
  [3, "few"],
  [10, "few"],
  [11, "many"],
  [99, "many"],
  [100, "other"],
  [103, "few"],
])("%i of a thing takes its form in Arabic", (count, form) => {
  const forms = ["zero", "one", "two", "few", "many", "other"] as const;
  const named = Object.fromEntries(forms.map((name) => [name, name]));

  // Each form by its name: what is returned says which was taken.
  expect(counted(count, named as Record<(typeof forms)[number], string>)).toBe(
    form,
  );
});

test("a code keeps its order within an Arabic sentence", () => {
  expect(ltr("123 456")).toBe("\u2066123 456\u2069");
  expect(ar.proof.patientText("123 456")).toContain(ltr("123 456"));
  expect(ar.proposed.remaining("0:42")).toContain(ltr("0:42"));
});
