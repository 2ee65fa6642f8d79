/**
 * How the doctor's page comes out of a session, and what it then tells of duty.
 *
 * Pure, and part of `rounds.ts`: after a session none of its keys are left.
 *
 * What is heard when is in `signaling/PROTOCOL.md`.
 */
import type { Notice, State } from "./rounds.ts";
import { send } from "./todo.ts";
import type { Step, Todo } from "./todo.ts";

/** Duty as the doctor wants it, for the server. */
export function duty(state: State): Todo {
  return send({
    type: "duty",
    state: state.duty,
    queues: state.duty === "off" ? [] : state.queues,
  });
}

/** After a session: on duty again, unless the doctor was finishing or the day has not begun. */
export function backOnDuty(state: State, notice: Notice | null, todos: Todo[]): Step<State> {
  const session = state.page.name === "session" ? state.page.session : null;
  const wasAlone = session?.isAlone === true;
  const next = { ...away(state), notice, left: session?.session ?? state.left };
  const rest: Todo[] = [
    ...todos,
    { do: "drop-media" },
    { do: "forget" },
    ...(wasAlone ? [{ do: "connect" } as const] : []),
  ];
  if (!state.isReady) {
    const off: State = { ...next, page: { name: "devices" }, duty: "off" };
    return [off, [...rest, duty(off)]];
  }
  if (state.duty === "off") {
    return [{ ...next, page: { name: "off" } }, rest];
  }
  return [{ ...next, page: { name: "on" } }, rest];
}

/** Outside of any session. */
export function away(state: State): State {
  return { ...state, isReturning: false, canResume: false };
}

export function enter(state: State): Step<State> {
  if (state.isJoined) {
    return [{ ...state, page: { name: "off" } }, []];
  }
  return [{ ...state, page: { name: "entering" } }, [{ do: "connect" }]];
}

export function wantDuty(state: State, wanted: State["duty"]): Step<State> {
  const next = { ...state, duty: wanted, notice: null };
  return [next, [duty(next)]];
}
