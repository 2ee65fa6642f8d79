/** Whose picture a doctor sees blurred, until it is wanted. */
import fc from "fast-check";
import { isVeiled, lift, lower } from "../../../clients/web/src/veil.ts";

const tile = (role: string, key = role) => ({ role, key });

test("who began and whoever came along is veiled, a doctor is not", () => {
  expect(
    ["first", "patient", "guest", "doctor", "colleague"].filter((role) =>
      isVeiled([], tile(role)),
    ),
  ).toEqual(["first", "patient", "guest"]);
});

test("each is shown by a wish for that one alone, and veiled again by the last word", () => {
  const keys = fc.constantFrom("a", "b", "c");
  const wishes = fc.array(fc.record({ key: keys, isWanted: fc.boolean() }));
  fc.assert(
    fc.property(wishes, keys, (all, key) => {
      let lifted: readonly string[] = [];
      for (const one of all)
        lifted = one.isWanted ? lift(lifted, one.key) : lower(lifted, one.key);

      const last = all.filter((one) => one.key === key).at(-1);
      expect(isVeiled(lifted, tile("guest", key))).toBe(
        last?.isWanted !== true,
      );
      expect(new Set(lifted).size).toBe(lifted.length);
    }),
  );
});
