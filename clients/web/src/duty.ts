/**
 * The doctor's duty: what he wants, what the server is told of it, and how he comes out of a call.
 *
 * Pure, and part of `rounds.ts`. Pause is the page's alone: the server is told *off*, so that
 * nobody counts on a doctor who takes nobody, and the queues are kept here. *Draining* is told
 * once the last patient is there: until then one more is taken.
 *
 * What is heard when is in `signaling/PROTOCOL.md`.
 */
import { served } from "./queues.ts";
import type { Notice, Page, State } from "./rounds.ts";
import { sessionOf } from "./whereabouts.ts";
import { send } from "./todo.ts";
import type { Step, Todo } from "./todo.ts";

/** What the doctor wants; `draining`: one more patient, or the present one, and no further. */
export type Wish = "off" | "on" | "pause" | "draining";

/** What a page keeps over a reload, in its entry of the browser's history, and nobody else. */
export interface Remembered {
  duty: Wish;
  without: string[];
}

/** What the server was told last on this socket. */
export interface Told {
  state: "off" | "on" | "draining";
  queues: string[];
}

/** Duty as it is said on the wire. */
function onTheWire(state: State): Told {
  const { page, duty } = state;
  const as = (wire: Told["state"]) => ({
    state: wire,
    queues: wire === "off" ? [] : served(state),
  });
  switch (page.name) {
    case "on":
    case "asking":
      return as("on");
    case "calling":
      return as(duty === "pause" ? "draining" : "on");
    case "session":
    case "company":
      return as(duty === "pause" ? "draining" : duty);
    default:
      return as("off");
  }
}

/** After each step: the server is told duty where it knows another, or nothing on this socket. */
export function telling([state, todos]: Step<State>): Step<State> {
  if (!state.isJoined || state.page.name === "entering") {
    return [state, todos];
  }
  const now = onTheWire(state);
  const { told } = state;
  if (told?.state === now.state && told.queues.join() === now.queues.join()) {
    return [state, todos];
  }
  return [{ ...state, told: now }, [send({ type: "duty", ...now }), ...todos]];
}

/** After each step: what a reload should find is kept. */
export function remembering(before: State, [state, todos]: Step<State>): Step<State> {
  const { duty, without } = state;
  return duty === before.duty && without === before.without
    ? [state, todos]
    : [state, [...todos, { do: "remember", kept: { duty, without } }]];
}

/** Where a doctor is between patients. */
export function between(state: State): Page {
  switch (state.duty) {
    case "off":
      return { name: "off" };
    case "pause":
      return { name: "paused" };
    default:
      return { name: "on" };
  }
}

/** After a session: where the doctor wants to be, unless the day has not begun. */
export function backOnDuty(state: State, notice: Notice | null, todos: Todo[]): Step<State> {
  const session = state.page.name === "session" ? state.page.session : null;
  const wasAlone = session?.isAlone === true;
  const isLast = state.duty === "draining";
  const duty: Wish = isLast ? "off" : state.duty;
  const isDoubt = notice?.startsWith("seal-") === true;
  const next: State = {
    ...away(state),
    duty,
    notice: isLast && !isDoubt ? "drained" : notice,
    left: sessionOf(state.page) ?? state.left,
    // Told again, with a fresh card: the one before has let its doctor be called.
    told: state.page.name === "company" ? null : state.told,
  };
  const page: Page = state.isReady ? between(next) : { name: "devices" };
  const rest: Todo[] = [
    ...todos,
    { do: "drop-media" },
    { do: "forget" },
    ...(wasAlone ? [{ do: "connect" } as const] : []),
  ];
  return [{ ...next, page }, rest];
}

/** Outside of any session. */
export function away(state: State): State {
  return { ...state, isReturning: false, canResume: false, pass: null };
}

export function enter(state: State): Step<State> {
  if (state.isJoined) {
    return [{ ...state, page: between(state) }, []];
  }
  return [{ ...state, page: { name: "entering" } }, [{ do: "connect" }]];
}

/** The doctor's word. In a call or a session it is for what comes after. */
export function wish(state: State, duty: Wish): Step<State> {
  const isFree = duty === "on" || duty === "draining";
  const next: State = { ...state, duty, notice: null, arrival: isFree ? state.arrival : null };
  switch (state.page.name) {
    case "off":
    case "on":
    case "paused":
      return [{ ...next, page: between(next) }, []];
    case "asking":
    case "calling":
    case "session":
    case "company":
      return [next, []];
    default:
      return [state, []];
  }
}

/** Serve a queue or leave it out. Who serves none is off duty, and says so by that. */
export function serve(state: State, queue: string, isServed: boolean): Step<State> {
  const without = state.without.filter((other) => other !== queue);
  const next: State = { ...state, without: isServed ? without : [...without, queue] };
  return served(next).length === 0 && state.page.name !== "off" ? [state, []] : [next, []];
}
