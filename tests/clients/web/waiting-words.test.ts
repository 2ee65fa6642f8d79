/** What the waiting room says: in both languages, no shop's words, and as the server reckons. */
import { CONSULTATION_MIN } from "../../../clients/web/src/agreed.ts";
import { waitingEn } from "../../../clients/web/src/words/waiting.en.ts";
import { waitingFr } from "../../../clients/web/src/words/waiting.fr.ts";
import { waitingWords } from "../../../clients/web/src/words/waiting.ts";
import bands from "../../../signaling/bands.py?raw";

function sentences(words: unknown): string[] {
  if (typeof words === "string") return [words];
  if (typeof words === "function") {
    return [String((words as (given: string) => unknown)("x"))];
  }
  return Object.values(words as object).flatMap(sentences);
}

test("both languages say as much", () => {
  const [fr, en] = [sentences(waitingFr), sentences(waitingEn)];

  expect(en.length).toBe(fr.length);
  expect(en.filter((text) => fr.includes(text))).toEqual([]);
});

test("the page's language is theirs", () => {
  expect(waitingWords({ lang: "fr" })).toBe(waitingFr);
  expect(waitingWords({ lang: "en" })).toBe(waitingEn);
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
