/** What larger company is told: in every language, and never in the words of a shop. */
import { ar } from "../../../clients/web/src/words/ar.ts";
import { companyAr } from "../../../clients/web/src/words/company.ar.ts";
import { companyEn } from "../../../clients/web/src/words/company.en.ts";
import { companyFr } from "../../../clients/web/src/words/company.fr.ts";
import { en } from "../../../clients/web/src/words/en.ts";
import { fr } from "../../../clients/web/src/words/fr.ts";
import { companyWords } from "../../../clients/web/src/words/company.ts";

function sentences(words: unknown): string[] {
  if (typeof words === "string") return [words];
  if (typeof words === "function") {
    return [String((words as (...given: unknown[]) => unknown)(2, 2, 2))];
  }
  return Object.values(words as object).flatMap(sentences);
}

test.each([companyEn, companyAr])("every language says as much", (words) => {
  const [french, other] = [sentences(companyFr), sentences(words)];

  expect(other.length).toBe(french.length);
  expect(
    other.filter((text) => text.length > 20 && french.includes(text)),
  ).toEqual([]);
});

test("the page's language is theirs", () => {
  expect(companyWords(fr)).toBe(companyFr);
  expect(companyWords(en)).toBe(companyEn);
  expect(companyWords(ar)).toBe(companyAr);
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
