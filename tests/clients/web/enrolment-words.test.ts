/** What enrolling and links say: in every language, and never in the words of a shop. */
import { ar } from "../../../clients/web/src/words/ar.ts";
import { enrolmentAr } from "../../../clients/web/src/words/enrolment.ar.ts";
import { enrolmentEn } from "../../../clients/web/src/words/enrolment.en.ts";
import { enrolmentFr } from "../../../clients/web/src/words/enrolment.fr.ts";
import { en } from "../../../clients/web/src/words/en.ts";
import { fr } from "../../../clients/web/src/words/fr.ts";
import { enrolmentWords } from "../../../clients/web/src/words/enrolment.ts";

function sentences(words: unknown): string[] {
  if (typeof words === "string") return [words];
  if (typeof words === "function") {
    return [String((words as (...given: unknown[]) => unknown)(2, 2, 2))];
  }
  return Object.values(words as object).flatMap(sentences);
}

test.each([enrolmentEn, enrolmentAr])(
  "every language says as much",
  (words) => {
    const [french, other] = [sentences(enrolmentFr), sentences(words)];

    expect(other.length).toBe(french.length);
    expect(
      other.filter((text) => text.length > 20 && french.includes(text)),
    ).toEqual([]);
  },
);

test("the page's language is theirs", () => {
  expect(enrolmentWords(fr)).toBe(enrolmentFr);
  expect(enrolmentWords(en)).toBe(enrolmentEn);
  expect(enrolmentWords(ar)).toBe(enrolmentAr);
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
