/** What the doctor advises for afterwards: of a closed list, and at the patient's page alone. */
import fc from "fast-check";
import { ADVICE, readAdvice } from "../../../clients/web/src/advice.ts";
import { read, write } from "../../../clients/web/src/letters.ts";
import { live } from "./doctor-page.ts";

test.each(ADVICE)("%s travels", (advice) => {
  const letter = { t: "after", advice } as const;

  expect(read(write(letter))).toEqual(letter);
});

test("what is not on the list is no letter", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (advice) => {
      fc.pre(readAdvice(advice) === null);
      expect(read(JSON.stringify({ t: "after", advice }))).toBeNull();
    }),
  );
  expect(read('{"t":"after"}')).toBeNull();
});

test("the doctor's page writes it under seal, as often as he changes it", () => {
  const page = live().told({ e: "advise", advice: "in-person" });
  expect(page.writes).toEqual([{ t: "after", advice: "in-person" }]);

  page.told({ e: "advise", advice: "nothing" });
  expect(page.writes).toEqual([{ t: "after", advice: "nothing" }]);
});
