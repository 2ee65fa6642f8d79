/** The guest's page: in once, by one address, and told in words how it ended. */
import {
  begin,
  type Event,
  type State,
  step,
  whereabouts,
} from "../../../clients/web/src/guest.ts";
import type {
  Outcome,
  RefusalCode,
  ServerMessage,
} from "../../../clients/web/src/messages.ts";
import type { Todo } from "../../../clients/web/src/todo.ts";
import { id, NOW } from "./patient-page.ts";

const accepted = {
  type: "accepted",
  session: id("s"),
  member: id("g"),
  pass: "pass1.seat",
  members: [
    { member: id("p"), role: "patient" },
    { member: id("g"), role: "guest" },
  ],
} as const satisfies ServerMessage;

class Page {
  state: State;
  todos: Todo[];

  constructor() {
    [this.state, this.todos] = begin(null);
  }

  told(event: Event): this {
    [this.state, this.todos] = step(this.state, event);
    return this;
  }

  hears(message: ServerMessage): this {
    return this.told({ e: "wire", message, heard: null, at_s: NOW });
  }

  /** Through the first screens, up to the server's word. */
  knocks(): this {
    return this.told({ e: "consent" })
      .told({ e: "devices", trouble: null })
      .told({ e: "devices-ready" })
      .hears({ type: "hello", challenge: id("h"), now: NOW });
  }

  enters(): this {
    return this.knocks().hears({ type: "joined", now: NOW }).hears(accepted);
  }

  refused(code: RefusalCode): this {
    return this.hears({ type: "refused", code, text: "" });
  }

  ended(outcome: Outcome): this {
    return this.hears({ type: "ended", what: "session", outcome });
  }

  get shows(): string {
    return this.state.page.name;
  }

  get does(): string[] {
    return this.todos.map((todo) => todo.do);
  }
}

test("nothing is connected, and no device opened, before the guest agrees", () => {
  const page = new Page();
  expect([page.shows, page.todos]).toEqual(["welcome", []]);

  page.told({ e: "consent" });
  expect(page.does).toEqual(["open-devices"]);
});

test("the guest comes by the address, and after a lost socket by the seat's pass", () => {
  const page = new Page().knocks();
  expect(page.todos).toEqual([{ do: "join", pass: null, m1: null }]);

  page.hears({ type: "joined", now: NOW }).hears(accepted);
  page.told({ e: "offline" });
  page.hears({ type: "hello", challenge: id("i"), now: NOW });

  expect(page.todos).toEqual([{ do: "join", pass: "pass1.seat", m1: null }]);
});

test("in the session everybody is beyond the pair that began it", () => {
  expect(whereabouts(new Page().state).session).toBeNull();
  expect(whereabouts(new Page().enters().state)).toMatchObject({
    session: id("s"),
    first: null,
  });
});

test.each(["ended", "expired", "not-admitted"] as const)(
  "an address that is refused as %s leads to a sentence, and closes the devices",
  (code) => {
    const page = new Page().knocks().refused(code);

    expect(page.state.page).toEqual({ name: "refused", code });
    expect(page.does).toContain("close-devices");
  },
);

test("a server that is busy is asked again", () => {
  expect(new Page().knocks().refused("too-fast").does).toEqual(["reconnect"]);
});

test.each([
  ["left", "over"],
  ["excluded", "excluded"],
  ["expired", "lost"],
] as const)("a session that ended as %s is told as %s", (outcome, why) => {
  const page = new Page().enters().ended(outcome);

  expect(page.state.page).toEqual({ name: "ended", why });
  expect(page.does).toEqual(
    expect.arrayContaining(["close-devices", "disconnect", "clear-link"]),
  );
});

test("who hangs up, or closes the page, tells the others", () => {
  const leave = { do: "send", message: { type: "leave", what: "session" } };

  expect(new Page().enters().told({ e: "hang-up" }).todos).toContainEqual(
    leave,
  );
  expect(new Page().enters().told({ e: "gone" }).todos).toContainEqual(leave);
  expect(new Page().told({ e: "gone" }).todos).toEqual([]);
});

test("a seat that the server gives after good-bye is left at once", () => {
  const page = new Page().enters().told({ e: "hang-up" }).hears(accepted);

  expect(page.todos).toEqual([
    { do: "send", message: { type: "leave", what: "session" } },
  ]);
});
