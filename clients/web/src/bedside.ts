/**
 * What the doctor's page does with the patient's letters inside a session.
 *
 * Pure, and part of `rounds.ts`: it may not answer an M1 of another page than the one that was
 * here, unless the doctor says so.
 *
 * The letters are in `clients/README.md`.
 */
import { CALM } from "./banner.ts";
import { backOnDuty } from "./duty.ts";
import type { Heard, M2Written, SealTrouble } from "./letters.ts";
import type { FromServer } from "./messages.ts";
import { hold } from "./relays.ts";
import { seated } from "./relief.ts";
import type { Session, State } from "./rounds.ts";
import { here, REFUSALS_MAX, RESTARTS, send, signed, write } from "./todo.ts";
import type { Dice, Step, Todo } from "./todo.ts";

/** The session starts, or its members changed, or we are back in it. */
export function accepted(
  state: State,
  message: FromServer<"accepted">,
  heard: Heard | null,
  at_s: number,
): Step<State> {
  const { page } = state;
  const relieving = seated(state, message, at_s);
  if (relieving !== null) return relieving;
  const far = message.members.find(({ role }) => role === "patient")?.member ?? null;
  const next: State = {
    ...state,
    isReturning: false,
    hasWithdrawn: false,
    relay: hold(state.relay, message.relay, at_s + state.ahead_s),
    pass: message.pass ?? state.pass,
    notice: null,
  };
  if (message.session === state.left || state.hasWithdrawn) {
    // Left, or taken back, while the server could not hear us.
    return [next, [send({ type: "leave", what: "session" }), { do: "forget" }]];
  }
  if (page.name === "session" && page.session.session === message.session) {
    if (far === null) {
      return [withSession(next, signed({ ...page.session, isAlone: false }, { isAway: true })), []];
    }
    const { isAway } = page.session.signs;
    const session = signed({ ...page.session, far, isAlone: false }, { isAway: false });
    const todos = state.isReturning || isAway ? returned(session) : [];
    return [withSession(next, session), [...renewed(message), { do: "flush" }, ...todos]];
  }
  const session: Session = {
    session: message.session,
    far: far ?? "",
    connection: null,
    mayRestart: false,
    flow: "connecting",
    digits: null,
    isBound: false,
    refusals: 0,
    offering: null,
    awaiting: null,
    reopened: null,
    isUnmet: false,
    isAlone: false,
    signs: CALM,
    about: null,
  };
  if (far === null) {
    // Back before the patient in a session that the server had lost.
    return [withSession(next, signed(session, { isAway: true })), [{ do: "drop-media" }]];
  }
  if (page.name === "calling" && heard?.t === "m3" && heard.nonce === page.calling.nonce) {
    return met(next, { ...session, connection: page.calling.connection }, heard);
  }
  // Reloaded, or an M3 that was lost or for another M1: ask for a fresh handshake. A page
  // that was not calling cannot tell who sits there: its M1 waits for a click.
  return [
    withSession(next, { ...session, isUnmet: page.name === "calling" }),
    [{ do: "drop-media" }, write(far, { t: "knock" })],
  ];
}

/** A pass that knows of the members who came or left, where none came with the news. */
function renewed({ pass }: FromServer<"accepted">): Todo[] {
  return pass === undefined ? [send({ type: "renew" })] : [];
}

/** On a new socket: what was under way may be lost, and what is kept for us should come. */
function returned({ far, connection, awaiting, reopened }: Session): Todo[] {
  if (reopened !== null) return [];
  return [
    connection === null || awaiting !== null ? write(far, { t: "knock" }) : here(far, connection),
  ];
}

type M3 = Extract<Heard, { t: "m3" }>;

/** The M3 is in order: its keys count, and addresses may go to its sender. */
function met(state: State, session: Session, m3: M3): Step<State> {
  const { answer, digits } = m3;
  const { connection } = session;
  if (connection === null) return [state, []];
  const mayRestart = m3.restarts && RESTARTS;
  return [
    withSession(
      { ...state, canResume: true },
      { ...session, mayRestart, digits, awaiting: null, isUnmet: false, refusals: 0 },
    ),
    [
      write(session.far, { t: "ready" }),
      { do: "settle", connection, answer, mayRestart },
      { do: "release", connection },
    ],
  ];
}

export function hearLetter(
  state: State,
  session: Session,
  said: Heard | null,
  dice: Dice,
): Step<State> {
  if (said === null) {
    return [state, []];
  }
  const there = signed(session, { isAway: false });
  const [next, todos] = answered(withSession(state, there), there, said, dice);
  // Whoever writes is there: what was refused as away goes once more.
  return [next, [{ do: "flush" }, ...todos]];
}

function answered(state: State, session: Session, said: Heard, dice: Dice): Step<State> {
  switch (said.t) {
    case "m1":
      return said.isSame || (session.isUnmet && !state.canResume)
        ? offerAnew(state, session, said.nonce, dice)
        : reopened(state, session, said.nonce);
    case "refused":
      return refused(state, session, said.code);
    case "m3":
      return said.nonce === session.awaiting ? met(state, session, said) : [state, []];
    case "again":
      if (session.reopened !== null) return [state, []];
      if (session.mayRestart && said.connection === session.connection) {
        return [state, [{ do: "hear", letter: said }]];
      }
      return session.awaiting === null && session.connection !== null
        ? offerAnew(state, session, null, dice)
        : [state, [write(session.far, { t: "knock" })]];
    case "description":
    case "candidates":
      if (said.connection !== session.connection) return [state, []];
      return [state, [{ do: "hear", letter: said }]];
    case "about":
      return [withSession(state, { ...session, about: said }), []];
    case "after":
    case "said":
    case "m2":
    case "ready":
    case "knock":
      return [state, []];
  }
}

/** The link was opened again by another page: nothing is sent until the doctor says so. */
function reopened(state: State, session: Session, nonce: string): Step<State> {
  return [withSession(state, { ...session, reopened: nonce }), [{ do: "hold", held: true }]];
}

/** Changed, repeated, lost or not the patient's: a fresh handshake, or the end. */
function refused(state: State, session: Session, code: SealTrouble): Step<State> {
  const refusals = session.refusals + 1;
  return refusals > REFUSALS_MAX
    ? backOnDuty(state, `seal-${code}`, [send({ type: "leave", what: "session" })])
    : [
        withSession(state, { ...session, refusals, digits: null }),
        [write(session.far, { t: "knock" })],
      ];
}

/** The patient goes, and the doctor is back at the board: a good-bye of his own would say it first. */
export function showOut(state: State): Step<State> {
  const { page } = state;
  if (page.name !== "session") return [state, []];
  const { far, isAlone } = page.session;
  const todo: Todo =
    isAlone || far === "" ? { do: "bye" } : send({ type: "leave", what: "session", member: far });
  return backOnDuty(state, "shown-out", [todo]);
}

/** An M2 could not be made; one that came too often waits for the doctor's click. */
export function unwrittenInSession(
  state: State,
  session: Session,
  nonce: string,
  code: SealTrouble,
): Step<State> {
  if (nonce === "") {
    // A record: its keys are over with it.
    return refused(state, session, code);
  }
  if (session.awaiting !== nonce) {
    return [state, []];
  }
  const next = { ...session, awaiting: null };
  return code === "twice" ? reopened(state, next, nonce) : refused(state, next, code);
}

/** The path is lost: without an M3 there are no keys to renegotiate with, so knock. */
export function stuck(state: State, session: Session, dice: Dice): Step<State> {
  return session.awaiting === null
    ? offerAnew(state, session, null, dice)
    : [state, [write(session.far, { t: "knock" })]];
}

/** Our offer is made: it goes as M2 or as a description. */
export function describedInSession(
  state: State,
  session: Session,
  connection: string,
  sdp: string,
): Step<State> {
  const { far, offering } = session;
  if (offering?.connection !== connection) {
    return [state, []];
  }
  const { nonce, isAllowed } = offering;
  const next = withSession(state, {
    ...session,
    offering: null,
    awaiting: nonce ?? session.awaiting,
  });
  if (nonce === null) {
    const description = { t: "description", connection, type: "offer", sdp } as const;
    return [next, [write(far, description), { do: "release", connection }]];
  }
  return [next, [write(far, m2(nonce, connection, sdp, isAllowed))]];
}

/** A new connection: by M2 for an M1, or by a description where the keys are still good. */
export function offerAnew(
  state: State,
  session: Session,
  nonce: string | null,
  dice: Dice,
  isAllowed = false,
): Step<State> {
  if (nonce === null && (session.offering !== null || session.reopened !== null)) {
    return [state, []];
  }
  const connection = dice();
  const flow = session.flow === "connecting" ? "connecting" : "interrupted";
  return [
    withSession(state, {
      ...session,
      connection,
      flow,
      isBound: false,
      digits: nonce === null ? session.digits : null,
      reopened: null,
      // The M1 that is answered now voids the one before: its M3 is late, whenever it comes.
      awaiting: nonce === null ? session.awaiting : null,
      offering: { connection, nonce, isAllowed },
    }),
    [{ do: "hold", held: false }, offer(state, connection, session.mayRestart)],
  ];
}

export function offer(state: State, connection: string, mayRestart: boolean): Todo {
  return { do: "meet", connection, offer: null, mayRestart, relay: state.relay };
}

export function m2(
  nonce: string,
  connection: string,
  offer: string,
  isAllowed: boolean,
): M2Written {
  return { t: "m2", nonce, connection, restarts: RESTARTS, offer, isAllowed };
}

export function withSession(state: State, session: Session): State {
  return { ...state, page: { name: "session", session } };
}
