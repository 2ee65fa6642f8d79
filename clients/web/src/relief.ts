/**
 * What the doctor's page does as the one who relieves another, and as the one relieved.
 *
 * Pure, and part of `rounds.ts`. Who is in that session, and what is proven of them, is in
 * `company.ts`.
 *
 * What is heard when is in `signaling/PROTOCOL.md`.
 */
import { backOnDuty, between } from "./duty.ts";
import type { FromServer } from "./messages.ts";
import { hold } from "./relays.ts";
import type { State } from "./rounds.ts";
import type { Common, Step, Todo } from "./todo.ts";
import { send } from "./todo.ts";
import { NOWHERE, type Whereabouts, whereaboutsIn } from "./whereabouts.ts";

/**
 * A colleague asks for us: the seat is taken at once, since only there can he prove who he is.
 * Whether to take over is then for a click.
 */
export function rung(state: State, message: FromServer<"invited">): Step<State> {
  if (state.page.name !== "on" || message.role !== "colleague") return [state, []];
  return [
    { ...state, page: { name: "company", id: null }, notice: null },
    [{ do: "join", pass: message.pass, m1: null }],
  ];
}

/** Where the server seats us as a colleague; null where it does not. */
export function seated(
  state: State,
  message: FromServer<"accepted">,
  at_s: number,
): Step<State> | null {
  const { session, member, members } = message;
  if (members.find((one) => one.member === member)?.role !== "colleague") return null;
  const next: State = {
    ...state,
    isReturning: false,
    relay: hold(state.relay, message.relay, at_s + state.ahead_s),
  };
  const isHere = state.page.name === "company" && session !== state.left;
  if (!isHere || !members.some(({ role }) => role === "patient")) {
    // Loaded anew, without a key to anybody here; or the patient has left.
    return backOnDuty(next, "lost", [leave(isHere || hasOtherDoctor(message) ? null : "requeue")]);
  }
  return [{ ...next, page: { name: "company", id: session } }, []];
}

/** Larger company came to a point where this page leaves. */
export function part(state: State, then: Extract<Common, { e: "part" }>["then"]): Step<State> {
  if (state.page.name !== "session" && state.page.name !== "company") return [state, []];
  return backOnDuty(state, then === "handed-over" ? then : null, [
    leave(then === "requeue" ? then : null),
  ]);
}

/** The seat that we were to take is none any more. */
export function notSeated(state: State): Step<State> {
  return [{ ...state, page: between(state), told: null, notice: "withdrawn" }, []];
}

/** Where this page stands, for whoever is beyond the pair that began. */
export function whereabouts({ page, relay }: State): Whereabouts {
  if (page.name === "session") return whereaboutsIn(page.session, relay);
  return page.name === "company" ? { ...NOWHERE, session: page.id, relay } : NOWHERE;
}

function leave(then: "requeue" | null): Todo {
  return send({ type: "leave", what: "session", ...(then === null ? {} : { then }) });
}

function hasOtherDoctor({ member, members }: FromServer<"accepted">): boolean {
  return members.some(
    (one) => one.member !== member && (one.role === "doctor" || one.role === "colleague"),
  );
}
