/** A path is found again early, in bounded tries, and never at the cost of one that works. */
import fc from "fast-check";
import {
  FIRST_PATH,
  FIRST_WATCH,
  isDark,
  isSilent,
  type Manner,
  type Move,
  type Path,
  PATIENCE_MS,
  type Sign,
  step,
  TRIES_MAX,
  type Watch,
  watched,
} from "../../../clients/web/src/path.ts";

const DOCTOR: Manner = { canRestart: true, head_ms: 0 };
const PATIENT: Manner = { canRestart: true, head_ms: 1_500 };
const HEADLESS: Manner = { canRestart: false, head_ms: 0 };
const T0 = 100_000;

const LIVE: Path = {
  ...FIRST_PATH,
  flow: "live",
  ice: "carries",
};

/** What comes of signs at times, each after the one before. */
function after(
  path: Path,
  manner: Manner,
  ...signs: [number, Sign][]
): { path: Path; moves: Move[] } {
  const moves: Move[] = [];
  for (const [at, sign] of signs) {
    const [next, move] = step(path, sign, at, manner);
    path = next;
    if (move !== null) moves.push(move);
  }
  return { path, moves };
}

/** Let time alone pass until nothing is due, or so many ticks went by. */
function left(
  path: Path,
  manner: Manner,
  most = 50,
): { path: Path; moves: Move[]; times: number[] } {
  const moves: Move[] = [];
  const times: number[] = [];
  while (path.due_ms !== null && most-- > 0) {
    const at = path.due_ms;
    const [next, move] = step(path, { s: "tick" }, at, manner);
    path = next;
    if (move !== null) {
      moves.push(move);
      times.push(at);
    }
  }
  return { path, moves, times };
}

const ice = (of: Path["ice"]): Sign => ({ s: "ice", ice: of });
const SILENT: Sign = { s: "silent", is: true };
const FLOWS: Sign = { s: "silent", is: false };

test.each([SILENT, ice("doubtful"), ice("broken")])(
  "a path that is lost is sought at once, by the doctor's page first: %o",
  (sign) => {
    const doctor = after(LIVE, DOCTOR, [T0, sign], [T0, { s: "tick" }]);
    const patient = after(LIVE, PATIENT, [T0, sign], [T0, { s: "tick" }]);

    expect(doctor.path.flow).toBe("interrupted");
    expect(doctor.moves).toEqual(["restart"]);
    expect(patient.path.flow).toBe("interrupted");
    expect(patient.moves).toEqual([]);
    expect(patient.path.due_ms).toBe(T0 + PATIENT.head_ms);
  },
);

test("without restarts a path gets time to come back by itself, unless it is gone for good", () => {
  const { path } = after(LIVE, HEADLESS, [T0, SILENT]);
  expect(path.due_ms).toBeGreaterThan(T0 + 3_000);
  expect(after(path, HEADLESS, [T0 + 1_000, FLOWS]).path).toMatchObject({
    flow: "live",
    due_ms: null,
  });

  const gone = after(LIVE, HEADLESS, [T0, ice("broken")], [T0, { s: "tick" }]);
  expect(gone.moves).toEqual(["anew"]);
});

test("one restart, then new connections, with growing pauses and an end", () => {
  const { path } = after(LIVE, DOCTOR, [T0, SILENT]);

  const { path: last, moves, times } = left(path, DOCTOR);

  expect(moves).toEqual(["restart", "anew", "anew", "anew", "anew", "rest"]);
  const pauses = times.slice(1).map((at, n) => at - (times[n] ?? 0));
  expect(pauses).toEqual(PATIENCE_MS.slice(1));
  expect(pauses).toEqual([...pauses].sort((a, b) => a - b));
  expect(last.due_ms).toBeNull();
});

test.each<Sign>([{ s: "again" }, { s: "changed" }])(
  "after all tries a person's word, or another network, opens them again: %o",
  (sign) => {
    const { path } = left(after(LIVE, DOCTOR, [T0, SILENT]).path, DOCTOR);

    const { moves } = after(
      path,
      DOCTOR,
      [T0 + 200_000, sign],
      [T0 + 200_000, { s: "tick" }],
    );

    expect(moves).toEqual(["restart"]);
  },
);

test("another network is sought while the path still carries, and that is no interruption", () => {
  const { path, moves } = after(LIVE, DOCTOR, [T0, { s: "changed" }]);

  expect(moves).toEqual(["restart"]);
  expect(path.flow).toBe("live");
  expect(path.due_ms).toBeNull();
  // A browser that says so ten times is not ten networks.
  expect(after(path, DOCTOR, [T0 + 100, { s: "changed" }]).moves).toEqual([]);
});

test("while the far end cannot be spoken to nothing is tried, and its return is the first try", () => {
  const away = after(
    LIVE,
    DOCTOR,
    [T0, { s: "reach", is: false }],
    [T0 + 1, SILENT],
    [T0 + 1, { s: "tick" }],
    [T0 + 90_000, { s: "tick" }],
  );
  expect(away.moves).toEqual([]);
  expect(away.path.flow).toBe("interrupted");

  const back = after(
    away.path,
    DOCTOR,
    [T0 + 100_000, { s: "reach", is: true }],
    [T0 + 100_000, { s: "tick" }],
  );
  expect(back.moves).toEqual(["restart"]);
});

test("a path that comes back by itself is taken, and the next loss begins from the first try", () => {
  const { path, moves } = after(
    LIVE,
    DOCTOR,
    [T0, SILENT],
    [T0, { s: "tick" }],
    [T0 + 500, FLOWS],
  );
  expect(path).toMatchObject({ flow: "live", tries: 0, due_ms: null });
  expect(moves).toEqual(["restart"]);

  // But not more often than every few seconds.
  const again = after(path, DOCTOR, [T0 + 600, SILENT]);
  expect(again.path.due_ms).toBeGreaterThan(T0 + 3_000);
});

test("a new path is not silent until it was listened to", () => {
  const { path } = after(
    LIVE,
    DOCTOR,
    [T0, SILENT],
    [T0, { s: "tick" }],
    [T0 + 300, ice("seeking")],
    [T0 + 600, ice("carries")],
  );

  expect(path.flow).toBe("live");
});

test("a first path that is not found needs another one; an offer is never restarted before", () => {
  const { path } = after(FIRST_PATH, DOCTOR, [T0, { s: "begin" }]);

  const { moves, times } = left(path, DOCTOR, 1);

  expect(moves).toEqual(["anew"]);
  expect(times).toEqual([T0 + PATIENCE_MS[0]]);
  expect(after(path, DOCTOR, [T0, { s: "changed" }]).path.due_ms).toBe(
    path.due_ms,
  );
});

const signs = fc.oneof(
  fc.constantFrom<Sign>(
    { s: "begin" },
    { s: "changed" },
    { s: "again" },
    { s: "tick" },
    { s: "silent", is: true },
    { s: "silent", is: false },
    { s: "reach", is: true },
    { s: "reach", is: false },
  ),
  fc
    .constantFrom<Path["ice"]>("carries", "doubtful", "broken", "seeking")
    .map(ice),
);
const story = fc.array(fc.tuple(fc.nat(20_000), signs), { maxLength: 60 });
const manner = fc.constantFrom(DOCTOR, PATIENT, HEADLESS);

test("whatever happens, a live path is never given up, and nothing is tried in vain", () => {
  fc.assert(
    fc.property(story, manner, (told, how) => {
      let path = FIRST_PATH;
      let now = T0;
      for (const [passed, sign] of told) {
        now += passed;
        const before = path;
        const [next, move] = step(before, sign, now, how);
        path = next;
        if (move === "anew") expect(before.flow).not.toBe("live");
        if (move === "anew" || move === "restart")
          expect(before.isReachable).toBe(true);
        if (move === "restart") expect(how.canRestart).toBe(true);
        expect(path.tries).toBeLessThanOrEqual(TRIES_MAX);
        if (path.flow === "live") expect(path.due_ms).toBeNull();
        // Nobody is left without a next try who could have one.
        const isOver = path.tries >= TRIES_MAX;
        if (path.flow === "interrupted" && path.isReachable && !isOver)
          expect(path.due_ms).not.toBeNull();
      }
    }),
    { numRuns: 3000 },
  );
});

// --- packets --------------------------------------------------------------------------

/** Looks at [bytes, packets, frames] as they stand, one second apart. */
function looks(...seen: [number, number, number][]): Watch {
  return seen.reduce<Watch>(
    (watch, [bytes, packets, frames]) =>
      watched(watch, { pair: "one", bytes, packets, frames }),
    FIRST_WATCH,
  );
}

test("two seconds without a packet are silence, one is a stutter", () => {
  expect(isSilent(looks([9, 9, 9], [20, 20, 20], [20, 20, 20]))).toBe(false);
  expect(
    isSilent(looks([9, 9, 9], [20, 20, 20], [20, 20, 20], [20, 20, 20])),
  ).toBe(true);
});

test("the first packet ends it", () => {
  const watch = looks([9, 9, 9], [9, 9, 9], [9, 9, 9], [9, 9, 9], [10, 9, 9]);

  expect(isSilent(watch)).toBe(false);
});

test("a far end on hold, or one that never sent, is not silent", () => {
  // Only reports come, now and then; the browser tells whether there is a path.
  expect(
    isSilent(looks([9, 9, 9], [12, 9, 9], [12, 9, 9], [12, 9, 9], [12, 9, 9])),
  ).toBe(false);
  expect(isSilent(looks([0, 0, 0], [0, 0, 0], [0, 0, 0], [0, 0, 0]))).toBe(
    false,
  );
});

test("bytes of another pair do not end a silence, its first picture or sound does", () => {
  const silent = looks([9, 9, 9], [20, 20, 20], [20, 20, 20], [20, 20, 20]);
  const other = { pair: "other", bytes: 50, packets: 20, frames: 20 };

  const still = watched(silent, other);
  expect(isSilent(still)).toBe(true);

  expect(isSilent(watched(still, { ...other, packets: 21 }))).toBe(false);
});

test("sound without pictures is told, where there were pictures", () => {
  const sound = (from: number): [number, number, number][] =>
    [1, 2, 3, 4, 5].map((n) => [from + n, from + n, 5]);

  expect(isDark(looks([5, 5, 5], ...sound(5)))).toBe(true);
  expect(isDark(looks([5, 5, 5], ...sound(5), [20, 20, 6]))).toBe(false);
  expect(isDark(looks([5, 5, 0], [6, 6, 0], [7, 7, 0], [8, 8, 0]))).toBe(false);
  // With no packet at all it is the path, not the picture.
  expect(isDark(looks([5, 5, 5], ...Array<[9, 9, 5]>(7).fill([9, 9, 5])))).toBe(
    false,
  );
});
