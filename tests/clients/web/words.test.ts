/** What the page says: in every language, and never in the words of a shop. */
import { ar } from "../../../clients/web/src/words/ar.ts";
import { en } from "../../../clients/web/src/words/en.ts";
import { fr } from "../../../clients/web/src/words/fr.ts";

function sentences(words: unknown): string[] {
  if (typeof words === "string") return [words];
  if (typeof words === "function")
    return [String((words as (...given: unknown[]) => unknown)(2, 2, 2))];
  return Object.values(words as object).flatMap(sentences);
}

test.each([en, ar])("every language says as much", (words) => {
  const { topics, ...its } = words;

  expect(sentences(its).length).toBe(sentences(fr).length);
  expect(Object.keys(topics).length).toBeGreaterThan(3);
});

test("Arabic is written in its own letters, and nothing of it was left in another's", () => {
  // What no banner says, names, keys of a keyboard or of a menu, what stands in an address: nothing else is Latin.
  const allowed =
    /\b(?:undefined|SAMU|SMS|https|Firefox|Chrome|Edge|Safari|aA|WhatsApp|Messenger|Instagram|Facebook|Gmail|Google|Wi-Fi|Dr|Ctrl|Enter|ar|PDF|JPEG|PNG|WebP|HEIC|SHA)\b/g;
  const latin = sentences(ar).filter((text) =>
    /[a-z]{2}/i.test(text.replaceAll(allowed, "")),
  );

  expect(latin).toEqual([]);
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
