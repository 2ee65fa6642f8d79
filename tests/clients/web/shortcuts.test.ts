/** Keys of the doctor's page: one character, switched off at will, never while somebody types. */
import fc from "fast-check";
import {
  actOf as actAt,
  KEYS,
  type Lately,
  NEVER,
  type Press,
  pressed,
  SETTLES_MS,
} from "../../../clients/web/src/shortcuts.ts";

/** Long after anything was typed or drawn. */
const actOf = (press: Press, isOn: boolean) => actAt(press, isOn, NEVER, 0);

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
      (any, isOn) => {
        expect(actOf({ ...any, isHeld: true }, isOn)).toBeNull();
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

/** Typed into a field that is gone at the tenth second, with the screen it was on. */
function writes(
  word: string,
  every_ms: number,
): { acts: unknown[]; end: Lately } {
  let lately = pressed(press({ isTyping: true }), NEVER, 9_990);
  lately = { ...lately, changed_ms: 10_000 };
  const acts = [...word].map((key, at) => {
    const at_ms = 10_001 + at * every_ms;
    const act = actAt(press({ key }), true, lately, at_ms);
    lately = pressed(press({ key }), lately, at_ms);
    return act;
  });
  return { acts, end: lately };
}

test("the rest of a word calls nobody, however long it is, when its field is gone", () => {
  const { acts, end } = writes("ordonnance pour maman", 300);

  expect(new Set(acts)).toEqual(new Set([null]));
  expect(actAt(press({}), true, end, end.typed_ms + SETTLES_MS)).toBe(
    "call-next",
  );
});

test.each(["typed_ms", "changed_ms"] as const)(
  "keys of one character wait after %s, and act again in time",
  (since) => {
    const lately = { ...NEVER, [since]: 5_000 };
    for (const [key, act] of Object.entries(KEYS)) {
      const acts = (at_ms: number) =>
        actAt(press({ key }), true, lately, at_ms);

      expect(acts(5_000 + SETTLES_MS - 1)).toBeNull();
      expect(acts(5_000 + SETTLES_MS)).toBe(act);
    }
  },
);

test("what was pressed before the screen came does nothing on it", () => {
  const lately = { ...NEVER, changed_ms: 5_000 };

  expect(actAt(press({}), true, lately, 4_900)).toBeNull();
});

test("who pressed in vain after a screen came is heard as soon as it stands", () => {
  let lately: Lately = { ...NEVER, changed_ms: 5_000 };
  lately = pressed(press({}), lately, 6_400);

  expect(actAt(press({}), true, lately, 6_500)).toBe("call-next");
});

test("with Ctrl, Enter calls at once", () => {
  const lately = { typed_ms: 5_000, changed_ms: 5_000 };

  expect(actAt(press({ key: "Enter", ctrl: true }), false, lately, 5_001)).toBe(
    "call-next",
  );
});
