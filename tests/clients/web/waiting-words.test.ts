/** What the waiting room says: in every language, no shop's words, and as the server reckons. */
import { CONSULTATION_MIN } from "../../../clients/web/src/agreed.ts";
import { ar } from "../../../clients/web/src/words/ar.ts";
import { waitingAr } from "../../../clients/web/src/words/waiting.ar.ts";
import { waitingEn } from "../../../clients/web/src/words/waiting.en.ts";
import { waitingFr } from "../../../clients/web/src/words/waiting.fr.ts";
import { en } from "../../../clients/web/src/words/en.ts";
import { fr } from "../../../clients/web/src/words/fr.ts";
import { waitingWords } from "../../../clients/web/src/words/waiting.ts";
import bands from "../../../signaling/bands.py?raw";

function sentences(words: unknown): string[] {
  if (typeof words === "string") return [words];
  if (typeof words === "function") {
    return [String((words as (given: string) => unknown)("x"))];
  }
  return Object.values(words as object).flatMap(sentences);
}

test.each([waitingEn, waitingAr])("every language says as much", (words) => {
  const [french, other] = [sentences(waitingFr), sentences(words)];

  expect(other.length).toBe(french.length);
  expect(other.filter((text) => french.includes(text))).toEqual([]);
});

test("the page's language is theirs", () => {
  expect(waitingWords(fr)).toBe(waitingFr);
  expect(waitingWords(en)).toBe(waitingEn);
  expect(waitingWords(ar)).toBe(waitingAr);
});

test("a consultation is taken for as long as the server takes it", () => {
  const said = /^CONSULTATION_MIN = ([\d.]+)$/m.exec(bands)?.[1];

  expect(Number(said)).toBe(CONSULTATION_MIN);
  for (const { band } of [waitingFr, waitingEn]) {
    expect(band.howText).toContain(`${CONSULTATION_MIN} minutes`);
  }
});

test("every band of the server has its words", () => {
  const listed = /^Band = Literal\[(.*)\]$/m.exec(bands)?.[1] ?? "";
  const codes = [...listed.matchAll(/"([^"]+)"/g)].map((found) => found[1]);

  expect(codes.length).toBe(4);
  for (const code of codes) expect(waitingFr.band).toHaveProperty(code ?? "");
});
