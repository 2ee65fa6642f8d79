/** What a status server says is a value of the page's own types, or nothing. */
import * as fc from "fast-check";
import {
  parseState,
  STATE_MAX_BYTES,
} from "../../../clients/web/src/status-state.ts";
import example from "../../probe/state.example.json";

const TEXT = JSON.stringify(example);

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** The example with one thing changed, by its way through the JSON. */
function changed(way: readonly (string | number)[], value: Json): string {
  const whole = JSON.parse(TEXT) as Json;
  let here = whole as Record<string | number, Json>;
  for (const step of way.slice(0, -1))
    here = here[step] as Record<string | number, Json>;
  here[way.at(-1) ?? ""] = value;
  return JSON.stringify(whole);
}

test("the answer that both sides agreed on is read whole", () => {
  const told = parseState(TEXT);

  expect(told?.paths.map(({ path, node }) => `${path} ${node}`)).toEqual([
    "direct 1",
    "udp 1",
    "tcp 1",
    "tls 1",
    "direct 2",
    "udp 2",
    "tcp 2",
    "tls 2",
  ]);
  expect(told?.usage.figures.map(({ figure }) => figure)).toEqual([
    "consultations",
    "waits",
    "endings",
  ]);
  expect(told?.paths[0]?.series.t).toHaveLength(144);
  expect(told?.history.away).toBe(false);
});

test.each<[string, readonly (string | number)[], Json]>([
  ["another version", ["v"], 2],
  ["no time", ["at"], null],
  ["a time that is no whole second", ["at"], 1.5],
  ["a time before 1970", ["at"], -1],
  ["an epsilon that is none", ["usage", "epsilon"], "∞"],
  ["an exact number of doctors", ["doctors", "band"], "3"],
  ["no list", ["nodes"], {}],
])("an answer with %s is refused", (_, way, value) => {
  expect(parseState(changed(way, value))).toBeNull();
});

test.each<[string, readonly (string | number)[], Json]>([
  ["a path that nobody knows", ["paths", 0, "path"], "quic"],
  ["a state that nobody knows", ["paths", 0, "state"], "fine"],
  ["a name that is long", ["paths", 0, "node"], "1".repeat(65)],
  ["a share above one", ["paths", 0, "uptime", "day"], 1.01],
  ["a share in words", ["paths", 0, "uptime", "day"], "1.0"],
  ["a step that nobody knows", ["paths", 0, "steps", 0, "step"], "coffee"],
  ["a duration below zero", ["paths", 0, "steps", 0, "ms"], -1],
  ["a series that is too short", ["paths", 0, "series", "up"], [1]],
  ["a series that goes back", ["paths", 0, "series", "t", 1], 1],
  ["an incident that ends first", ["incidents", 1, "until"], 5],
  ["a figure that nobody knows", ["usage", "figures", 0, "figure"], "people"],
  [
    "a bin of another figure",
    ["usage", "figures", 0, "bins", 0, "bin"],
    "left",
  ],
  ["a count below zero", ["usage", "figures", 0, "bins", 0, "values", 0], -3],
  [
    "a count that is no whole one",
    ["usage", "figures", 0, "bins", 0, "values", 0],
    0.5,
  ],
  ["a node that is neither up nor down", ["nodes", 0, "up"], "yes"],
])(
  "a row with %s is left out and counted, and no other is",
  (_, way, value) => {
    const told = parseState(changed(way, value));

    const all = parseState(TEXT);
    expect(told?.unread.all).toBe(1);
    expect(told?.unread.paths).toBe(way[0] === "paths" ? 1 : 0);
    expect(rowsOf(told)).toBe(rowsOf(all) - 1);
  },
);

test.each<[string, readonly (string | number)[], Json]>([
  ["a version as Debian writes it", ["nodes", 0, "version"], "0.1.0+deb12~1"],
  [
    "a certificate without an end",
    ["nodes", 0, "certificate_ends"],
    253_402_300_799,
  ],
  ["a start in milliseconds", ["nodes", 0, "started"], 1_096_050_838_000],
  ["a name with a stroke", ["paths", 0, "node"], "rennes/1"],
  ["a name of sixty-four letters", ["paths", 0, "node"], "n".repeat(64)],
  ["a name with a tag, which is text", ["paths", 0, "node"], "<b>1</b>"],
])("an answer with %s is read whole", (_, way, value) => {
  expect(parseState(changed(way, value))?.unread.all).toBe(0);
});

test("of more rows than may be, the first are shown and the others counted", () => {
  const incident = example.incidents[0] as unknown as Json;
  const told = parseState(
    changed(["incidents"], Array<Json>(60).fill(incident)),
  );

  expect([told?.incidents.length, told?.unread.all]).toEqual([50, 10]);
});

function rowsOf(told: ReturnType<typeof parseState>): number {
  if (told === null) return 0;
  return (
    told.paths.length +
    told.incidents.length +
    told.usage.figures.length +
    told.nodes.length
  );
}

test("what nobody asked for is left out", () => {
  const told = parseState(changed(["doctors", "names"], ["Dr Essai"]));

  expect(told?.doctors).toEqual({
    band: "some",
    at: expect.any(Number) as number,
  });
});

test("a cause that is not known yet is another cause, and a missing one is none", () => {
  const other = parseState(changed(["incidents", 0, "why"], "gremlins"));
  const none = parseState(changed(["incidents", 0, "why"], null));

  expect(other?.incidents[0]?.why).toBe("other");
  expect(none?.incidents[0]?.why).toBeNull();
});

test("an answer that is longer than any may be is not even read", () => {
  expect(parseState(TEXT + " ".repeat(STATE_MAX_BYTES))).toBeNull();
});

test("any text is a value or null, and never an exception", () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.string(), fc.json(), fc.constant(TEXT.slice(0, 900))),
      (text) => {
        parseState(text);
      },
    ),
  );
});

test("any value in any place is read or refused, and never an exception", () => {
  const whole = JSON.parse(TEXT) as Record<string, Json>;
  const ways = waysOf(whole);
  fc.assert(
    fc.property(
      fc.constantFrom(...ways),
      fc.jsonValue(),
      (way, value) => void parseState(changed(way, value as Json)),
    ),
    { numRuns: 60 },
  );
});

/** Ways to whatever stands in a JSON; of long lists the first two. */
function waysOf(value: Json): (string | number)[][] {
  if (typeof value !== "object" || value === null) return [];
  const entries: [string | number, Json][] = Array.isArray(value)
    ? [...value.slice(0, 2).entries()]
    : Object.entries(value);
  return entries.flatMap(([key, inner]) => [
    [key],
    ...waysOf(inner).map((way) => [key, ...way]),
  ]);
}
