/** Keys of the doctor's page: one character, switched off at will, never while somebody types. */
import fc from "fast-check";
import { actOf, KEYS, type Press } from "../../../clients/web/src/shortcuts.ts";

const press = (more: Partial<Press>): Press => ({
  key: "n",
  isHeld: false,
  isTyping: false,
  ctrl: false,
  alt: false,
  meta: false,
  ...more,
});

test.each([
  ["n", "call-next"],
  ["N", "call-next"],
  ["m", "mute"],
  ["v", "camera"],
  ["p", "pause"],
  ["?", "keys"],
])("%s is %s", (key, act) => {
  expect(actOf(press({ key }), true)).toBe(act);
});

test("where they are switched off, none of one character does anything", () => {
  for (const key of Object.keys(KEYS)) {
    expect(actOf(press({ key }), false)).toBeNull();
  }
});

test("who types, types", () => {
  for (const key of Object.keys(KEYS)) {
    expect(actOf(press({ key, isTyping: true }), true)).toBeNull();
  }
});

test.each(["ctrl", "alt", "meta"] as const)(
  "with %s a letter is the browser's",
  (held) => {
    for (const key of Object.keys(KEYS)) {
      expect(actOf(press({ key, [held]: true }), true)).toBeNull();
    }
  },
);

test.each(["ctrl", "meta"] as const)(
  "%s and Enter call the next, switched off or in a field all the same",
  (held) => {
    const enter = press({ key: "Enter", [held]: true, isTyping: true });

    expect(actOf(enter, false)).toBe("call-next");
    expect(actOf({ ...enter, alt: true }, false)).toBeNull();
    expect(actOf(press({ key: "Enter" }), true)).toBeNull();
  },
);

test("a key that is held down acts once", () => {
  fc.assert(
    fc.property(
      fc.record({
        key: fc.oneof(fc.constantFrom(...Object.keys(KEYS), "Enter")),
        isTyping: fc.boolean(),
        ctrl: fc.boolean(),
        alt: fc.boolean(),
        meta: fc.boolean(),
      }),
      fc.boolean(),
      (pressed, isOn) => {
        expect(actOf({ ...pressed, isHeld: true }, isOn)).toBeNull();
      },
    ),
  );
});

test("no other key is ours, whatever it is called", () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.string(), fc.constantFrom("toString", "__proto__")),
      (key) => {
        fc.pre(!Object.hasOwn(KEYS, key.toLowerCase()));
        expect(actOf(press({ key }), true)).toBeNull();
      },
    ),
  );
});
