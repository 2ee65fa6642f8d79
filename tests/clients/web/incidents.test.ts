/** What went wrong in a call, for the slip: beginnings and ends in order, and bounded. */
import fc from "fast-check";
import {
  type Incident,
  type IncidentKind,
  INCIDENTS_MAX,
  noted,
} from "../../../clients/web/src/incidents.ts";

const KINDS: IncidentKind[] = [
  "interrupted",
  "restored",
  "picture-off",
  "picture-on",
  "audio-begin",
  "audio-end",
];

function all(kinds: readonly IncidentKind[]): readonly Incident[] {
  return kinds.reduce<readonly Incident[]>(
    (list, kind, at) => noted(list, kind, at),
    [],
  );
}

test("a cut and its end are noted with their time, a path that only begins is not", () => {
  expect(all(["restored", "interrupted", "interrupted", "restored"])).toEqual([
    { kind: "interrupted", at: 1 },
    { kind: "restored", at: 3 },
  ]);
});

test("each end follows its beginning, whatever is told in whatever order", () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...KINDS)), (kinds) => {
      const list = all(kinds).map(({ kind }) => kind);

      for (const [begin, end] of [
        ["interrupted", "restored"],
        ["picture-off", "picture-on"],
        ["audio-begin", "audio-end"],
      ] as const) {
        const turns = list.filter((kind) => kind === begin || kind === end);
        expect(
          turns.every((kind, at) => kind === (at % 2 === 0 ? begin : end)),
        ).toBe(true);
      }
    }),
  );
});

test("a path that breaks without end fills no memory", () => {
  const kinds = Array.from({ length: 3 * INCIDENTS_MAX }, (_, at) =>
    at % 2 === 0 ? ("interrupted" as const) : ("restored" as const),
  );

  expect(all(kinds)).toHaveLength(INCIDENTS_MAX);
});
