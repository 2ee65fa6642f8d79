/** What enrolling and links say: in both languages, and never in the words of a shop. */
import { enrolmentEn } from "../../../clients/web/src/words/enrolment.en.ts";
import { enrolmentFr } from "../../../clients/web/src/words/enrolment.fr.ts";
import { enrolmentWords } from "../../../clients/web/src/words/enrolment.ts";

function sentences(words: unknown): string[] {
  if (typeof words === "string") return [words];
  if (typeof words === "function") {
    return [String((words as (...given: unknown[]) => unknown)(2, 2, 2))];
  }
  return Object.values(words as object).flatMap(sentences);
}

test("both languages say as much", () => {
  const [fr, en] = [sentences(enrolmentFr), sentences(enrolmentEn)];

  expect(en.length).toBe(fr.length);
  expect(en.filter((text) => text.length > 20 && fr.includes(text))).toEqual(
    [],
  );
});

test("the page's language is theirs", () => {
  expect(enrolmentWords({ lang: "fr" })).toBe(enrolmentFr);
  expect(enrolmentWords({ lang: "en" })).toBe(enrolmentEn);
});

test.each([
  "client",
  "prestataire",
  "offre",
  "commande",
  "panier",
  "promotion",
])("the French words never say « %s »", (word) => {
  const found = sentences(enrolmentFr).filter((text) =>
    new RegExp(`\\b${word}s?\\b`, "i").test(text),
  );

  expect(found).toEqual([]);
});
