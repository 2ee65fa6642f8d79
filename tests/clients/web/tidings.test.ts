/** The small words between two pages: what is not exactly one of them is nothing. */
import fc from "fast-check";
import {
  admitted,
  ASKINGS_MAX,
  read,
  type Tiding,
  TIDING_CHARS,
  TIDINGS_MAX,
  TIDINGS_PER_MS,
  write,
} from "../../../clients/web/src/tidings.ts";

const tidings: fc.Arbitrary<Tiding> = fc.oneof(
  fc.record({
    t: fc.constant("state" as const),
    mic: fc.boolean(),
    cam: fc.boolean(),
    veiled: fc.boolean(),
  }),
  fc.record({
    t: fc.constant("audio" as const),
    say: fc.constantFrom("ask" as const, "agree" as const, "refuse" as const),
    n: fc.integer({ min: 1, max: ASKINGS_MAX }),
  }),
  fc.constant({ t: "audio" as const, say: "video" as const }),
);

test("what is written is read again", () => {
  fc.assert(
    fc.property(tidings, (tiding) => {
      expect(read(write(tiding))).toEqual(tiding);
    }),
  );
});

test("anything else is passed over, and never thrown at", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json(), fc.anything()), (said) => {
      expect(read(said)).toBeNull();
    }),
  );
});

test.each([
  '{"t":"state","mic":true,"cam":true}',
  '{"t":"state","mic":1,"cam":true,"veiled":false}',
  '{"t":"audio","say":"agree"}',
  '{"t":"audio","say":"agree","n":0}',
  '{"t":"audio","say":"agree","n":1.5}',
  '{"t":"audio","say":"audio","n":1}',
  '{"t":"bye"}',
  `{"t":"audio","say":"video","x":"${"x".repeat(TIDING_CHARS)}"}`,
])("%s is none", (text) => {
  expect(read(text)).toBeNull();
});

test("a far end that never stops talking is not listened to", () => {
  let before: readonly number[] = [];
  for (let at = 0; at < TIDINGS_MAX; at += 1)
    before = admitted(before, at) ?? [];

  expect(admitted(before, TIDINGS_MAX)).toBeNull();
  expect(admitted(before, TIDINGS_PER_MS + TIDINGS_MAX)).not.toBeNull();
});
