/** Enrolling goes on by itself where it can, and says apart what went wrong. */
import {
  begin,
  type Event,
  isWaiting,
  type State,
  step,
  type Summary,
  type Todo,
} from "../../../clients/web/src/enrolment.ts";

const DEVICE = "AAAABBBBCCCCDDDDEEEEFF";
const ASKED: Summary = {
  device: DEVICE,
  asked: { request: "enrol3.AA", isStale: false },
  vouched: null,
  isOver: false,
  isDue: false,
};
const VOUCHED: Summary = {
  ...ASKED,
  asked: null,
  vouched: {
    card: { name: "Dr Ada", specialty: "" },
    union: "Union",
    endsAt: 9,
  },
};

/** Where these events lead, and what was to be done on the way. */
function play(...events: Event[]): { state: State; todos: Todo[] } {
  return events.reduce<{ state: State; todos: Todo[] }>(
    ({ state, todos }, event) => {
      const [next, more] = step(state, event);
      return { state: next, todos: [...todos, ...more] };
    },
    { state: begin[0], todos: [...begin[1]] },
  );
}

const opened = (summary: Summary | null): Event => ({ e: "opened", summary });

test("a fresh device makes its keys only when it is told to", () => {
  expect(play(opened(null))).toEqual({
    state: { name: "none" },
    todos: ["open"],
  });
  expect(play(opened(null), { e: "make" })).toEqual({
    state: { name: "making" },
    todos: ["open", "make"],
  });
});

test("a request that stands is shown, and the answer looked for at once", () => {
  const { state, todos } = play(opened(ASKED));

  expect(state).toMatchObject({
    name: "asked",
    look: "looking",
    asked: ASKED.asked,
  });
  expect(todos).toEqual(["open", "look"]);
});

test("it looks again when asked and every minute, and never twice at once", () => {
  const notYet: Event = { e: "looked", look: "not-yet" };

  expect(play(opened(ASKED), { e: "look" }).todos).toEqual(["open", "look"]);
  expect(
    play(opened(ASKED), notYet, { e: "look" }, { e: "minute" }).todos,
  ).toEqual(["open", "look", "look"]);
  expect(play(opened(null), { e: "minute" }).todos).toEqual(["open"]);
  expect(play(opened(VOUCHED), { e: "minute" }).todos).toEqual(["open"]);
});

test.each(["not-yet", "offline", "earlier", "refused"] as const)(
  "a look that says %s leaves the request in place",
  (look) => {
    const { state, todos } = play(opened(ASKED), { e: "looked", look });

    expect(state).toMatchObject({ name: "asked", look });
    expect(todos).toEqual(["open", "look"]);
  },
);

test("a bundle that is found is the end of waiting", () => {
  const { state } = play(opened(ASKED), { e: "found", summary: VOUCHED });

  expect(state).toMatchObject({ name: "enrolled", isNew: true });
  expect(isWaiting(state)).toBe(false);
});

test("a week before its end a device asks anew by itself, and stays enrolled", () => {
  const due = { ...VOUCHED, isDue: true };
  const renewing = { ...due, asked: ASKED.asked };

  expect(play(opened(due))).toMatchObject({
    state: { name: "enrolled" },
    todos: ["open", "ask-anew"],
  });
  const { state, todos } = play(opened(renewing));
  expect(state).toMatchObject({ name: "enrolled", look: "looking" });
  expect(isWaiting(state)).toBe(true);
  expect(todos).toEqual(["open", "look"]);
});

test("an old request is made anew, but only after a look for its answer", () => {
  const stale = { ...ASKED, asked: { request: "enrol3.AA", isStale: true } };
  const after = (look: "not-yet" | "offline") =>
    play(opened(stale), { e: "looked", look }).todos;

  expect(after("not-yet")).toEqual(["open", "look", "ask-anew"]);
  expect(after("offline")).toEqual(["open", "look"]);
});

test("a device whose month is over asks anew when told", () => {
  const over = { ...VOUCHED, vouched: null, isOver: true };

  expect(play(opened(over)).state.name).toBe("ended");
  expect(play(opened(over), { e: "make" })).toMatchObject({
    state: { name: "making" },
    todos: ["open", "ask-anew"],
  });
});

test("each failure is told apart, and can be tried again", () => {
  for (const why of ["browser", "storage", "refused", "offline"] as const) {
    const { state, todos } = play({ e: "failed", why }, { e: "again" });
    expect([state, todos, play({ e: "failed", why }).state]).toEqual([
      { name: "opening" },
      ["open", "open"],
      { name: "failed", why },
    ]);
  }
});

test("forgetting is possible from everywhere", () => {
  for (const summary of [ASKED, VOUCHED]) {
    expect(play(opened(summary), { e: "forget" })).toMatchObject({
      state: { name: "opening" },
      todos: expect.arrayContaining(["forget"]) as unknown,
    });
  }
});
