/** The lock: closed only where both what was verified and what was bound say so. */
import fc from "fast-check";
import type { Heard } from "../../../clients/web/src/letters.ts";
import { isLocked, spoken } from "../../../clients/web/src/lock.ts";
import type { ServerMessage } from "../../../clients/web/src/messages.ts";
import type { Todo } from "../../../clients/web/src/todo.ts";
import * as doctors from "./doctor-page.ts";
import * as patients from "./patient-page.ts";

const { CALL, DOCTOR, id, NOW, PATIENT } = patients;

test("is closed with digits and a bound connection, and with nothing less", () => {
  const digits = fc.option(fc.stringMatching(/^\d{6}$/));
  // Whatever else a session holds does not count.
  fc.assert(
    fc.property(digits, fc.boolean(), fc.object(), (digits, isBound, more) => {
      expect(isLocked({ ...more, digits, isBound })).toBe(
        digits !== null && isBound,
      );
    }),
  );
});

test("the digits are read in two groups", () => {
  expect(spoken("012345")).toBe("012 345");
});

// --- random walks -----------------------------------------------------------------------

interface Walker {
  readonly todos: Todo[];
  readonly isLocked: boolean;
  readonly shows: string;
}

/** What a walk does next: which of the events, and how it picks among what is there. */
const STEPS = fc.array(fc.tuple(fc.nat(), fc.nat(3)), {
  minLength: 20,
  maxLength: 120,
});

/** Steps as they are taken: one of the events, or a good way, or only its beginning. */
function walked(
  steps: readonly [number, number][],
  events: number,
  ...ways: number[][]
): [number, number][] {
  return steps.flatMap(([which, at]): [number, number][] => {
    const choice = which % (events + 2 * ways.length);
    const way = ways[(choice - events) % ways.length];
    return choice < events || way === undefined
      ? [[choice, at]]
      : way.slice(0, way.length - at).map((event) => [event, 0]);
  });
}

/**
 * What somebody who only sees letters and connections knows. It reads what the machine is
 * told and asks, and nothing of its state.
 */
class Witness {
  /** Names of handshakes, the newest last. */
  readonly names: string[] = [id("m")];
  /** Connections that were asked for, the newest last. */
  readonly connections: string[];
  isConfirmed = false;
  isBound = false;
  /** How often the lock closed, and how often it did after another handshake than the first. */
  closed = 0;
  closedAnew = 0;
  #wasLocked = false;
  #isFirst = true;

  constructor(connection: string) {
    this.connections = [connection];
  }

  sees(todos: readonly Todo[]): void {
    for (const todo of todos) {
      if (todo.do === "meet") {
        this.connections.push(todo.connection);
        this.isBound = false;
      }
      if (todo.do === "join" && todo.m1 !== null) this.names.push(todo.m1);
      if (todo.do === "renew") this.names.push(todo.m1);
      if (todo.do === "write" && todo.letter.t === "m1") {
        this.names.push(todo.letter.nonce);
        this.isConfirmed = false;
      }
      if (todo.do === "write" && todo.letter.t === "m2")
        this.isConfirmed = false;
      if (todo.do === "propose") this.isConfirmed = false;
      if (todo.do === "forget") this.isConfirmed = this.isBound = false;
    }
  }

  pick(from: readonly string[], at: number): string {
    return from.at(-1 - (at % from.length)) ?? "";
  }

  /** A connection is bound, be it one of before, late: that says nothing of the newest. */
  binds(at: number): string {
    const connection = this.pick(this.connections, at);
    this.isBound ||= connection === this.connections.at(-1);
    return connection;
  }

  judge(page: Walker): void {
    if (page.isLocked) {
      this.closed += this.#wasLocked ? 0 : 1;
      this.closedAnew += this.#wasLocked || this.#isFirst ? 0 : 1;
      expect([this.isConfirmed, this.isBound]).toEqual([true, true]);
    }
    this.#wasLocked = page.isLocked;
    if (!this.isConfirmed) this.#isFirst = false;
    if (page.shows !== "session") this.isConfirmed = this.isBound = false;
  }
}

const hello: ServerMessage = { type: "hello", challenge: id("h"), now: NOW };
const refused = (code: "ended" | "no-session"): ServerMessage => ({
  type: "refused",
  code,
  text: "",
});

function walkOfPatient(steps: readonly [number, number][]): Witness {
  const page = patients.inSession();
  const witness = new Witness(id("k"));
  witness.isConfirmed = true;
  const reads = (heard: Heard, member = DOCTOR) => {
    if (heard.t === "ready" && member === DOCTOR) witness.isConfirmed = true;
    return page.reads(heard, member);
  };
  const connection = (at: number) => witness.pick(witness.connections, at);
  const m2 = (at: number): Heard =>
    patients.m2(page, {
      nonce: witness.pick(witness.names, at),
      connection: `${at}${witness.connections.length}${id("q")}`.slice(0, 22),
    });
  const events: ((at: number) => unknown)[] = [
    (at) => reads(m2(at)),
    () => reads({ t: "ready" }),
    () => reads({ t: "ready" }, id("z")),
    () => reads({ t: "knock" }),
    () => reads({ t: "refused", code: "record" }),
    (at) =>
      reads({
        t: "description",
        connection: `${at}${witness.connections.length}${id("w")}`.slice(0, 22),
        type: "offer",
        sdp: "o",
      }),
    (at) => {
      page.told({ e: "bound", connection: witness.binds(at) });
    },
    (at) =>
      page.told({ e: "described", connection: connection(at), sdp: "answer" }),
    (at) => page.told({ e: "flow", connection: connection(at), flow: "live" }),
    (at) => page.told({ e: "stuck", connection: connection(at) }),
    (at) => at === 3 && page.told({ e: "unbound", connection: connection(at) }),
    () => page.told({ e: "offline" }),
    () => page.hears(hello),
    () => page.hears({ type: "joined", now: NOW, pass: "pass" }),
    () => page.hears(patients.accepted()),
    (at) => at === 3 && page.hears({ type: "board", doctors: 1, place: 1 }),
    (at) =>
      at === 3 &&
      page.hears({ type: "ended", what: "session", outcome: "requeued" }),
    (at) => patients.proposed(page, m2(at), at === 3 ? id("o") : CALL),
    () => page.told({ e: "accept" }),
    (at) => at === 3 && page.hears(refused("no-session")),
  ];
  // Knock, M2, our answer, M4, bound: what leads to the lock.
  for (const [which, at] of walked(steps, events.length, [3, 0, 7, 1, 6])) {
    page.todos = [];
    events[which]?.(at);
    witness.sees(page.todos);
    witness.judge(page);
  }
  return witness;
}

function walkOfDoctor(steps: readonly [number, number][]): Witness {
  const page = doctors.calling();
  const witness = new Witness(connectionOfCall(page));
  const hears = (heard: Heard, how: (heard: Heard) => unknown) => {
    // An M3 counts where it answers the newest M2; the machine is not asked which that is.
    if (heard.t === "m3" && heard.nonce === witness.names.at(-1))
      witness.isConfirmed = true;
    how(heard);
  };
  const reads = (heard: Heard) => hears(heard, (it) => page.reads(it));
  const connection = (at: number) => witness.pick(witness.connections, at);
  const fresh = () => `${witness.names.length}${id("y")}`.slice(0, 22);
  const events: ((at: number) => unknown)[] = [
    (at) => reads({ t: "m1", nonce: fresh(), isSame: at > 0 }),
    (at) => reads(doctors.m3(witness.pick(witness.names, at))),
    () => reads({ t: "again" }),
    () => reads({ t: "refused", code: "record" }),
    (at) =>
      hears(doctors.m3(witness.pick(witness.names, at)), (it) =>
        page.accepted(it),
      ),
    () => page.accepted(),
    (at) => {
      page.told({ e: "bound", connection: witness.binds(at) });
    },
    (at) =>
      page.told({ e: "described", connection: connection(at), sdp: "offer" }),
    (at) => page.told({ e: "flow", connection: connection(at), flow: "live" }),
    (at) => page.told({ e: "stuck", connection: connection(at) }),
    (at) => at === 3 && page.told({ e: "unbound", connection: connection(at) }),
    (at) =>
      page.told({
        e: "unwritten",
        nonce: witness.pick(witness.names, at),
        code: at === 0 ? "twice" : "network",
      }),
    () => page.told({ e: "continue" }),
    () => page.told({ e: "offline" }),
    () => page.hears(hello),
    () => page.hears(doctors.joined),
    (at) => at === 3 && page.told({ e: "hang-up" }),
    (at) =>
      page
        .told({ e: "call-next" })
        .told({ e: "prepared", code: at === 0 ? "network" : null }),
    (at) => page.called(fresh(), at === 0 ? id("o") : CALL),
    () => page.hears({ type: "envelope", member: PATIENT, body: "sealed" }),
  ];
  // Call, M1, our offer, M3 with the session, bound: what leads to the lock. Then M1 inside.
  const call = [17, 18, 7, 4, 6];
  const inside = [0, 7, 1, 6];
  for (const [which, at] of walked(steps, events.length, call, inside)) {
    page.todos = [];
    events[which]?.(at);
    for (const todo of page.todos) {
      if (todo.do === "propose") witness.names.push(todo.m2.nonce);
      if (todo.do === "write" && todo.letter.t === "m2")
        witness.names.push(todo.letter.nonce);
    }
    witness.sees(page.todos);
    witness.judge(page);
  }
  return witness;
}

function connectionOfCall(page: doctors.Page): string {
  const { page: shown } = page.state;
  return shown.name === "calling" ? shown.calling.connection : "";
}

test.each([
  ["patient", walkOfPatient],
  ["doctor", walkOfDoctor],
] as const)(
  "whatever happens, a %s's lock needs the newest handshake and its own connection",
  (_, walk) => {
    let [closed, closedAnew] = [0, 0];
    fc.assert(
      fc.property(STEPS, (steps) => {
        const witness = walk(steps);
        closed += witness.closed;
        closedAnew += witness.closedAnew;
      }),
      { numRuns: 400 },
    );

    // Negative control: the walks do come to where it closes, and closes again.
    expect(closed).toBeGreaterThan(100);
    expect(closedAnew).toBeGreaterThan(10);
  },
);
