/** Pages that lost the server come back soon, and not all at once. */
import fc from "fast-check";
import {
  lossOf,
  obeyedMs,
  PAUSE_MAX_MS,
  pauseMs,
} from "../../../clients/web/src/pauses.ts";
import settings from "../../../signaling/settings.py?raw";

const die = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const attempt = fc.nat(1000);
const loss = fc.constantFrom("lost", "closing", "slow" as const);
/** Two longest pauses, an opening and a join must fit in before a server that lost its store goes on. */
const MARGIN_MS = 10_000;

test("no pause is longer than the longest, nor below nothing", () => {
  fc.assert(
    fc.property(attempt, loss, die, (tries, why, thrown) => {
      const ms = pauseMs(tries, why, thrown);
      expect(ms).toBeGreaterThanOrEqual(0);
      expect(ms).toBeLessThanOrEqual(PAUSE_MAX_MS);
    }),
  );
});

test("pauses grow with the attempts, and with the die", () => {
  fc.assert(
    fc.property(attempt, loss, die, die, (tries, why, one, other) => {
      const [less, more] = [Math.min(one, other), Math.max(one, other)];
      expect(pauseMs(tries, why, less)).toBeLessThanOrEqual(
        pauseMs(tries, why, more),
      );
      expect(pauseMs(tries, why, one)).toBeLessThanOrEqual(
        pauseMs(tries + 1, why, one),
      );
    }),
  );
});

test("the first attempt after a lost network comes within a second", () => {
  expect(pauseMs(0, "lost", 0.999)).toBeLessThan(1_000);
});

test("all pages of a server that stops are spread evenly over some seconds", () => {
  const thrown = Array.from({ length: 1000 }, (_, n) => n / 1000);
  const times = thrown.map((one) => pauseMs(0, "closing", one));
  const inFirst = times.filter((ms) => ms < 1_000).length;

  expect(Math.max(...times)).toBeGreaterThan(5_000);
  expect(inFirst).toBeLessThan(times.length / 5);
});

test("whoever was too much comes back slower than anybody else, from the first time", () => {
  fc.assert(
    fc.property(attempt, die, (tries, thrown) => {
      expect(pauseMs(tries, "slow", thrown)).toBeGreaterThanOrEqual(
        Math.max(PAUSE_MAX_MS / 2, pauseMs(tries, "lost", thrown)),
      );
    }),
  );
});

test("the server's word is kept, and those who heard the same do not come together", () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0, max: 3600, noNaN: true }),
      die,
      (s, thrown) => {
        expect(obeyedMs(s, thrown)).toBeGreaterThanOrEqual(s * 1000);
        expect(obeyedMs(s, thrown)).toBeLessThanOrEqual(2 * s * 1000);
      },
    ),
  );
  expect(obeyedMs(20, 0.9)).toBeGreaterThan(obeyedMs(20, 0.1) + 5_000);
});

test("what a close code says", () => {
  expect([1001, 1008, 1006, 1011, 1000].map(lossOf)).toEqual([
    "closing",
    "slow",
    "lost",
    "lost",
    "lost",
  ]);
});

test("everybody has tried twice before a server that lost its store goes on", () => {
  const found = /^ {4}rebuild_s: \w+ = Field\(\s*([\d._]+)/m.exec(settings);

  expect(2 * PAUSE_MAX_MS + MARGIN_MS).toBeLessThanOrEqual(
    Number(found?.[1]) * 1000,
  );
});
