/** The picture is made smaller for the voice, and larger again once that holds. */
import fc from "fast-check";
import {
  climbed,
  DOWN_AFTER,
  HELD,
  isPictureOff,
  type Ladder,
  LAST,
  LOSS_BAD,
  pictureOf,
  stepOf,
  STEPS,
  TOP,
  UP_AFTER,
  UP_AFTER_MAX,
} from "../../../clients/web/src/ladder.ts";

type Measured = Parameters<typeof climbed>[1];

const WIDE: Measured = {
  available_bps: 3_000_000,
  rtt_s: 0.05,
  sent: { loss: 0 },
};
const NARROW: Measured = { ...WIDE, available_bps: 20_000 };
const LOSSY: Measured = { ...WIDE, sent: { loss: LOSS_BAD } };

const measured = fc.record<Measured>({
  available_bps: fc.option(fc.integer({ min: 0, max: 5_000_000 })),
  rtt_s: fc.option(fc.float({ min: 0, max: 3, noNaN: true })),
  sent: fc.record({ loss: fc.float({ min: 0, max: 1, noNaN: true }) }),
});

function after(looks: readonly Measured[], from: Ladder = TOP): Ladder {
  return looks.reduce(climbed, from);
}

const times = (count: number, one: Measured) =>
  Array.from({ length: count }, () => one);

test("on a good network the picture stays as large as it is", () => {
  expect(after(times(600, WIDE)).at).toBe(0);
});

test.each([
  ["narrow", NARROW],
  ["lossy", LOSSY],
])("a network that stays %s ends without a picture", (_, bad) => {
  const ladder = after(times(DOWN_AFTER * LAST, bad));

  expect(isPictureOff(ladder)).toBe(true);
});

test("one bad look moves nothing", () => {
  expect(after([...times(10, WIDE), LOSSY, ...times(10, WIDE)]).at).toBe(0);
});

test("each look moves one step at most, and never beyond either end", () => {
  fc.assert(
    fc.property(fc.array(measured, { maxLength: 300 }), (looks) => {
      let ladder = TOP;
      for (const look of looks) {
        const next = climbed(ladder, look);
        expect(Math.abs(next.at - ladder.at)).toBeLessThanOrEqual(1);
        expect(STEPS).toContain(stepOf(next));
        ladder = next;
      }
    }),
  );
});

test("between two steps there is time: down two looks, up eight at least", () => {
  fc.assert(
    fc.property(fc.array(measured, { maxLength: 300 }), (looks) => {
      let ladder = TOP;
      let since = 0;
      for (const look of looks) {
        const next = climbed(ladder, look);
        since += 1;
        if (next.at > ladder.at)
          expect(since).toBeGreaterThanOrEqual(DOWN_AFTER);
        if (next.at < ladder.at) expect(since).toBeGreaterThanOrEqual(UP_AFTER);
        if (next.at !== ladder.at) since = 0;
        ladder = next;
      }
    }),
  );
});

test("wherever it stands, a good network brings the whole picture back", () => {
  fc.assert(
    fc.property(fc.array(measured, { maxLength: 200 }), (looks) => {
      const ladder = after(times(2 * LAST * UP_AFTER_MAX, WIDE), after(looks));

      expect(ladder.at).toBe(0);
    }),
  );
});

test("a step up that does not hold is tried less and less often", () => {
  let ladder = after(times(DOWN_AFTER, LOSSY));
  const waits: number[] = [];
  for (let round = 0; round < 8; round += 1) {
    let looks = 0;
    for (; ladder.at > 0; looks += 1) ladder = climbed(ladder, WIDE);
    waits.push(looks);
    ladder = after(times(DOWN_AFTER, LOSSY), ladder);
  }

  expect(waits).toEqual([8, 16, 32, 64, 120, 120, 120, 120]);
  // One that holds is forgiven.
  ladder = after(times(UP_AFTER_MAX + HELD + 1, WIDE), ladder);
  expect(ladder.upAfter).toBe(UP_AFTER);
});

test("a smaller step asks for less of everything, and the voice is never cut", () => {
  for (const [at, step] of STEPS.entries()) {
    const above = STEPS[at - 1];
    if (above === undefined) continue;
    expect(step.max_bps).toBeLessThan(above.max_bps);
    expect(step.height).toBeLessThan(above.height);
    expect(step.fps).toBeLessThan(above.fps);
    expect(step.voice_bps).toBeGreaterThanOrEqual(24_000);
  }
});

test("a picture is never blown up, and a screen keeps its size", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...STEPS),
      fc.integer({ min: 0, max: 4_000 }),
      fc.boolean(),
      (step, height, isScreen) => {
        const by = pictureOf(step, height, isScreen).scaleResolutionDownBy ?? 1;

        expect(by).toBeGreaterThanOrEqual(1);
        if (isScreen) expect(by).toBe(1);
        else if (height > step.height && step.height > 0)
          expect(height / by).toBeCloseTo(step.height);
      },
    ),
  );
});
