/** What larger company is told: in both languages, and never in the words of a shop. */
import { companyEn } from "../../../clients/web/src/words/company.en.ts";
import { companyFr } from "../../../clients/web/src/words/company.fr.ts";
import { companyWords } from "../../../clients/web/src/words/company.ts";

function sentences(words: unknown): string[] {
  if (typeof words === "string") return [words];
  if (typeof words === "function") {
    return [String((words as (...given: unknown[]) => unknown)(2, 2, 2))];
  }
  return Object.values(words as object).flatMap(sentences);
}

test("both languages say as much", () => {
  const [fr, en] = [sentences(companyFr), sentences(companyEn)];

  expect(en.length).toBe(fr.length);
  expect(en.filter((text) => text.length > 20 && fr.includes(text))).toEqual(
    [],
  );
});

test("the page's language is theirs", () => {
  expect(companyWords({ lang: "fr" })).toBe(companyFr);
  expect(companyWords({ lang: "en" })).toBe(companyEn);
});

test.each([
  "client",
  "prestataire",
  "offre",
  "commande",
  "panier",
  "promotion",
])("the French words never say « %s »", (word) => {
  const found = sentences(companyFr).filter((text) =>
    new RegExp(`\\b${word}s?\\b`, "i").test(text),
  );

  expect(found).toEqual([]);
});
