/** A patient's page without its outside, and the ways to each of its states. */
import { USUAL } from "../../../clients/web/src/about.ts";
import { begin, step } from "../../../clients/web/src/consultation.ts";
import type { Event, State } from "../../../clients/web/src/consultation.ts";
import type { Heard, Written } from "../../../clients/web/src/letters.ts";
import { isLocked } from "../../../clients/web/src/lock.ts";
import type { ServerMessage } from "../../../clients/web/src/messages.ts";
import type { Todo } from "../../../clients/web/src/todo.ts";

export const NOW = 1_790_000_000;
export const id = (letter: string) => letter.repeat(22);
export const [CALL, SESSION, DOCTOR, PATIENT] = [
  id("c"),
  id("s"),
  id("d"),
  id("p"),
];
export const DOCTOR_SHOWN = {
  card: { name: "Camille Martin", specialty: "Médecine générale" },
  union: "Union d’essai",
};
export const DIGITS = "012345";

/** A patient's page without its outside: says what it is told, remembers what it asks. */
export class Page {
  state: State;
  todos: Todo[];
  #rolls = 0;

  constructor(isBack = false) {
    [this.state, this.todos] = begin(null, isBack);
  }

  told(event: Event): this {
    const dice = () => `${id("n")}${String((this.#rolls += 1))}`.slice(-22);
    [this.state, this.todos] = step(this.state, event, dice);
    return this;
  }

  /** The server says this; `heard` is what the seal made of it. */
  hears(message: ServerMessage, heard: Heard | null = null): this {
    return this.told({ e: "wire", message, heard, at_s: NOW - 3 });
  }

  /** An envelope of the doctor's. */
  reads(heard: Heard | null, member = DOCTOR): this {
    return this.hears({ type: "envelope", member, body: "sealed" }, heard);
  }

  /** What the page sends, by type and what is left. */
  get says(): string[] {
    return this.todos.flatMap((todo) =>
      todo.do !== "send"
        ? []
        : [
            todo.message.type === "leave"
              ? `leave ${todo.message.what}`
              : todo.message.type,
          ],
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

  get nonce(): string {
    return this.state.nonce ?? "";
  }

  /** The name of the M1 that is written now. */
  get asks(): string | undefined {
    return this.writes.find((letter) => letter.t === "m1")?.nonce;
  }

  get isLocked(): boolean {
    const { page } = this.state;
    return page.name === "session" && isLocked(page.session);
  }
}

export function waiting(): Page {
  return new Page()
    .told({ e: "consent", at_s: NOW })
    .told({ e: "about", said: USUAL, queue: null })
    .told({ e: "devices", trouble: null })
    .hears({ type: "hello", challenge: id("h"), now: NOW })
    .hears({ type: "joined", now: NOW, pass: "pass" })
    .hears({ type: "board", doctors: 1, place: 2 });
}

type M2 = Extract<Heard, { t: "m2" }>;

export function m2(page: Page, changes: Partial<M2> = {}): M2 {
  return {
    t: "m2",
    nonce: page.nonce,
    doctor: DOCTOR_SHOWN,
    // In a session; in a call nobody asks.
    isKnown: true,
    digits: DIGITS,
    connection: id("k"),
    restarts: true,
    offer: "o",
    ...changes,
  };
}

/** A doctor's page proposes; by default with what the seal found in order. */
export function proposed(
  page = waiting(),
  heard: Heard | null = m2(page),
  call = CALL,
): Page {
  return page.hears(
    { type: "proposed", call, m2: "sealed", deadline: NOW + 30 },
    heard,
  );
}

export function accepted(): ServerMessage {
  const members = [
    { member: DOCTOR, role: "doctor" as const },
    { member: PATIENT, role: "patient" as const },
  ];
  return {
    type: "accepted",
    session: SESSION,
    pass: "seat",
    member: PATIENT,
    members,
  };
}

export function inSession(): Page {
  return proposed()
    .told({ e: "described", connection: id("k"), sdp: "answer" })
    .told({ e: "accept" })
    .hears(accepted())
    .reads({ t: "ready" });
}

export function live(): Page {
  return inSession()
    .told({ e: "bound", connection: id("k") })
    .told({ e: "flow", connection: id("k"), flow: "live" });
}

/** The socket is lost and found again; the server has not yet said where we are. */
export function back(page: Page): Page {
  return page
    .told({ e: "offline" })
    .hears({ type: "hello", challenge: id("h"), now: NOW })
    .hears({ type: "joined", now: NOW, pass: "pass" });
}
