/** What the figures say is never more than they know. */
import {
  cellsOf,
  epochsOf,
  inOrder,
  isSlow,
  overallOf,
  percentOf,
  rangeOf,
  relayShare,
  tookIn,
} from "../../../clients/web/src/status-figures.ts";
import type {
  Figure,
  Incident,
  PathState,
} from "../../../clients/web/src/status-state.ts";

const NOISE = { threshold: 20, uncertainty: 12 };

function endings(values: Record<string, number>): Figure {
  const bins = Object.entries(values).map(([bin, value]) => ({
    bin,
    t: [0],
    values: [value],
    partial: [false],
  }));
  return {
    figure: "endings",
    epoch_s: 86_400,
    epsilon: "1/4",
    ...NOISE,
    bins,
  };
}

function path(state: PathState["state"], node = "1"): PathState {
  const uptime = { now: null, day: null, week: null, quarter: null };
  const series = { t: [], up: [], ms: [] };
  return {
    path: "udp",
    node,
    state,
    failed: null,
    since: 0,
    uptime,
    steps: [],
    media: null,
    series,
  };
}

test.each([
  [0, { low: 0, high: 31, isBelow: true }],
  [20, { low: 8, high: 32, isBelow: false }],
  [300, { low: 288, high: 312, isBelow: false }],
])("a released %i is a range", (value, range) => {
  expect(rangeOf(value, NOISE)).toEqual(range);
});

test("a range does not go below nobody", () => {
  expect(rangeOf(10, { threshold: 10, uncertainty: 14 }).low).toBe(0);
});

test("the share of the relay is as wide as its two figures leave it", () => {
  const share = relayShare(endings({ relayed: 112, direct: 32 }), 0);

  expect(share).toEqual({ low: 100 / 144, high: 124 / 144 });
});

test("a share of which one part is beneath the threshold still holds all that may be", () => {
  const share = relayShare(endings({ relayed: 60, direct: 0 }), 0);

  expect(share).toEqual({ low: 48 / 79, high: 1 });
});

test.each([
  ["both are beneath the threshold", { relayed: 0, direct: 0 }],
  ["one was not released", { relayed: 60 }],
])("there is no share where %s", (_, values: Record<string, number>) => {
  expect(relayShare(endings(values), 0)).toBeNull();
});

test("epochs of bins that differ are told once each, in order", () => {
  const figure = endings({ relayed: 60, direct: 30 });
  const [first] = figure.bins;
  const bins = first === undefined ? [] : [{ ...first, t: [5] }, first];

  expect(epochsOf({ ...figure, bins })).toEqual([0, 5]);
});

test.each([
  [["up", "up"], "up"],
  [["up", "down"], "some"],
  [["down", "down"], "down"],
  [["up", "unknown"], "unknown"],
  [["down", "unknown"], "some"],
  [[], "unknown"],
] as const)("paths that are %j are as a whole %s", (states, whole) => {
  expect(overallOf(states.map((state) => path(state))).state).toBe(whole);
});

test("a row that could not be read is unknown, and the rest is not all", () => {
  expect(overallOf([path("up")], 1)).toMatchObject({
    state: "unknown",
    all: 2,
  });
  expect(overallOf([path("down"), path("unknown")]).up).toBe(0);
});

test("one bad round among good ones is seen in its half hour", () => {
  const cells = cellsOf(
    { t: [0, 600, 1200, 1800], up: [1, 0.9, null, null], ms: [] },
    1800,
  );

  expect(cells).toEqual([
    { t: 0, up: 0.9 },
    { t: 1800, up: null },
  ]);
});

test("an hour takes as long as the middle of what is known of it", () => {
  const series = { t: [0, 600, 1200, 3600], up: [], ms: [90, null, 30, null] };

  expect([...tookIn(series, 3600)]).toEqual([
    [0, 90],
    [3600, null],
  ]);
});

test.each([
  [1, 100],
  [0.99999, 99.99],
  [0.9995, 99.95],
  [0, 0],
])("a share of %d reads as %d percent", (share, percent) => {
  expect(percentOf(share)).toBe(percent);
});

test.each([
  [900, 300, true],
  [600, 300, false],
  [90, 10, false],
  [900, null, false],
  [null, 300, false],
])("a step of %s ms that usually takes %s: slow is %s", (ms, usual_ms, is) => {
  expect(isSlow({ step: "ice", ms, usual_ms })).toBe(is);
});

test("an incident that goes on comes before newer ones that are over", () => {
  const one = (from: number, until: number | null): Incident => ({
    path: "udp",
    node: "1",
    step: "ice",
    why: null,
    rounds: 1,
    from,
    until,
  });

  const ordered = inOrder([one(9, 10), one(1, null), one(20, 21)]);

  expect(ordered.map(({ from }) => from)).toEqual([1, 20, 9]);
});
