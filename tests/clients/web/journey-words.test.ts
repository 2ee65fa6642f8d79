/** The words before and after the call: the same in each language, and true about money. */
import { aboutWords } from "../../../clients/web/src/words/about.ts";
import { ar } from "../../../clients/web/src/words/ar.ts";
import { en } from "../../../clients/web/src/words/en.ts";
import { fr } from "../../../clients/web/src/words/fr.ts";
import { journeyWords } from "../../../clients/web/src/words/journey.ts";

function sentences(words: unknown): string[] {
  if (typeof words === "string") return [words];
  if (typeof words === "function")
    return [String((words as (text: string) => unknown)("x"))];
  return Object.values(words as object).flatMap(sentences);
}

test.each([journeyWords, aboutWords])(
  "each language says as much, and nothing empty",
  (of) => {
    expect(sentences(of(en)).length).toBe(sentences(of(fr)).length);
    expect(sentences(of(ar)).length).toBe(sentences(of(fr)).length);
    expect(sentences(of(fr)).every((text) => text.trim() !== "")).toBe(true);
  },
);

test("who is asked for a place hears why, what refusing changes, and may refuse", () => {
  const { why, refusing, coverage, rather } = journeyWords(fr).territory;

  expect(why).toContain("vous est demandée pour");
  expect(refusing).toContain("Si vous ne l’indiquez pas");
  expect(coverage).toContain("l’Assurance maladie en décide");
  expect(rather).toBe("Je ne souhaite pas l’indiquer");
});

test("the end promises no reimbursement, and says that nothing is kept", () => {
  const { coverage, kept } = journeyWords(fr).end;

  expect(coverage).toMatch(/^Seule une consultation en vidéo peut/);
  expect(coverage).toContain("L’Assurance maladie en décide");
  expect(kept).toContain("Rien n’est gardé");
});
