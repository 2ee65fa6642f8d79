/** What the page says: in both languages, and never in the words of a shop. */
import { en } from "../../../clients/web/src/words/en.ts";
import { fr } from "../../../clients/web/src/words/fr.ts";

function sentences(words: unknown): string[] {
  if (typeof words === "string") return [words];
  if (typeof words === "function")
    return [String((words as (count: number) => unknown)(2))];
  return Object.values(words as object).flatMap(sentences);
}

test("both languages say as much", () => {
  expect(sentences(en).length).toBe(sentences(fr).length);
});

test.each([
  "client",
  "prestataire",
  "offre",
  "commande",
  "panier",
  "note",
  "avis",
  "promotion",
])("the French page never says « %s »", (word) => {
  const found = sentences(fr).filter((text) =>
    new RegExp(`\\b${word}s?\\b`, "i").test(text),
  );

  expect(found).toEqual([]);
});
