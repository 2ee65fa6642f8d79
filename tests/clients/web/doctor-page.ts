/** A doctor's page without its outside, and the ways to each of its states. */
import type { Heard, Written } from "../../../clients/web/src/letters.ts";
import { isLocked } from "../../../clients/web/src/lock.ts";
import type { ServerMessage } from "../../../clients/web/src/messages.ts";
import { begin, step } from "../../../clients/web/src/rounds.ts";
import type { Event, State } from "../../../clients/web/src/rounds.ts";
import type { Todo } from "../../../clients/web/src/todo.ts";

export const NOW = 1_790_000_000;
export const id = (letter: string) => letter.repeat(22);
export const [CALL, SESSION, DOCTOR, PATIENT] = [
  id("c"),
  id("s"),
  id("d"),
  id("p"),
];
export const DIGITS = "012345";

/** A doctor's page without its outside: says what it is told, remembers what it asks. */
export class Page {
  state: State;
  todos: Todo[];
  #rolls = 0;

  constructor(canResume = false) {
    [this.state, this.todos] = begin(null, canResume);
  }

  told(event: Event): this {
    const dice = () => `${id("n")}${String((this.#rolls += 1))}`.slice(-22);
    [this.state, this.todos] = step(this.state, event, dice);
    return this;
  }

  /** The server says this; `heard` is what the seal made of it. */
  hears(message: ServerMessage, heard: Heard | null = null): this {
    return this.told({ e: "wire", message, heard, at_s: NOW });
  }

  /** An envelope of the patient's. */
  reads(heard: Heard | null, member = PATIENT): this {
    return this.hears({ type: "envelope", member, body: "sealed" }, heard);
  }

  /** The server brings an M1 for a call. */
  called(nonce = id("m"), call = CALL, deadline = NOW + 30): this {
    const message = {
      type: "called",
      call,
      ticket: id("t"),
      deadline,
    } as const;
    return this.hears(
      { ...message, m1: "m1" },
      { t: "m1", nonce, isSame: false },
    );
  }

  /** The session begins, or runs. */
  accepted(heard: Heard | null = null): this {
    return this.hears(accepted, heard);
  }

  /** Our offer is made. */
  offers(): this {
    const connection = this.todo("meet")?.connection ?? "";
    return this.told({ e: "described", connection, sdp: "offer" });
  }

  get says(): unknown[] {
    return this.todos.flatMap((todo) =>
      todo.do === "send" ? [todo.message] : [],
    );
  }

  get does(): string[] {
    return this.todos.map((todo) => todo.do);
  }

  get writes(): Written[] {
    return this.todos.flatMap((todo) =>
      todo.do === "write" ? [todo.letter] : [],
    );
  }

  todo<D extends Todo["do"]>(name: D): Extract<Todo, { do: D }> | undefined {
    return this.todos.find(
      (todo): todo is Extract<Todo, { do: D }> => todo.do === name,
    );
  }

  get shows(): string {
    return this.state.page.name;
  }

  get isLocked(): boolean {
    const { page } = this.state;
    return page.name === "session" && isLocked(page.session);
  }
}

export const hello: ServerMessage = {
  type: "hello",
  challenge: id("h"),
  now: NOW,
};
export const joined: ServerMessage = {
  type: "joined",
  now: NOW,
  queues: ["north", "south"],
};

export function off(): Page {
  return new Page()
    .told({ e: "devices", trouble: null })
    .told({ e: "devices-ready" })
    .hears(hello)
    .hears(joined)
    .hears(joined);
}

export function onDuty(): Page {
  const waiting = {
    ticket: id("t"),
    queue: "south",
    place: 1,
    since: NOW - 60,
    awake: true,
  };
  return off()
    .told({ e: "go-on-duty" })
    .hears({ type: "board", doctors: 1, waiting: 1, tickets: [waiting] });
}

export function calling(): Page {
  return onDuty().told({ e: "call-next" }).called().offers();
}

export const accepted: ServerMessage = {
  type: "accepted",
  session: SESSION,
  pass: "seat",
  member: DOCTOR,
  members: [
    { member: DOCTOR, role: "doctor" as const },
    { member: PATIENT, role: "patient" as const },
  ],
};

export function m3(nonce = id("m")): Heard {
  return { t: "m3", nonce, digits: DIGITS, restarts: true, answer: "answer" };
}

/** A fresh M1 inside the session: of the page that was here, or of another. */
export function m1(isSame: boolean, nonce = id("o")): Heard {
  return { t: "m1", nonce, isSame };
}

/** The socket is lost and found again; where a session runs, `accepted` comes too. */
export function back(page: Page, ...found: ServerMessage[]): Page {
  page.told({ e: "offline" }).hears(hello).hears(joined);
  for (const message of found) page.hears(message);
  return page;
}

export function live(): Page {
  const page = calling().accepted(m3());
  const connection = page.todo("release")?.connection ?? "";
  return page
    .told({ e: "bound", connection })
    .told({ e: "flow", connection, flow: "live" });
}

export function connectionOf(page: Page): string {
  const { page: shown } = page.state;
  return (shown.name === "session" && shown.session.connection) || "";
}
