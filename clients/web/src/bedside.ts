/**
 * What the doctor's page does with the patient's letters inside a session.
 *
 * Pure, and part of `rounds.ts`: it may not answer an M1 before it was checked.
 *
 * The letters are in `clients/README.md`.
 */
import { read, readAs } from "./letters.ts";
import type { Letter, LetterOf } from "./letters.ts";
import type { FromServer } from "./messages.ts";
import type { Session, State } from "./rounds.ts";
import { here, RESTARTS, send, write } from "./todo.ts";
import type { Dice, Step, Todo } from "./todo.ts";

// Each handshake whose `ready` got lost leaves one secret that the patient may still sign
// under; more in a row than this is not a network.
const EARLIER_MAX = 4;

/** The session starts, or its members changed, or we are back in it. */
export function accepted(state: State, message: FromServer<"accepted">): Step<State> {
  const { page } = state;
  const far = message.members.find(({ role }) => role === "patient")?.member ?? null;
  const next: State = {
    ...state,
    isReturning: false,
    hasWithdrawn: false,
    relay: message.relay ?? state.relay,
    notice: null,
  };
  if (far === null || message.session === state.left || state.hasWithdrawn) {
    // Left, or taken back, while the server could not hear us.
    return [next, [send({ type: "leave", what: "session" })]];
  }
  if (page.name === "session" && page.session.session === message.session) {
    const session = { ...page.session, far, isAlone: false };
    const todos = state.isReturning ? returned(session) : [];
    return [withSession(next, session), [{ do: "flush" }, ...todos]];
  }
  const session: Session = {
    session: message.session,
    far,
    connection: null,
    mayRestart: false,
    flow: "connecting",
    offering: null,
    awaiting: null,
    reopened: null,
    isUnmet: false,
    isAlone: false,
  };
  const m3 = message.m3 === undefined ? null : readAs("m3", message.m3);
  if (page.name === "calling" && m3 !== null && m3.nonce === page.calling.nonce) {
    return met(next, { ...session, connection: page.calling.connection }, m3);
  }
  // Reloaded, or an M3 that was lost or for another M1: ask for a fresh handshake. A page
  // that was not calling cannot tell who sits there: its M1 waits for a click.
  return [
    withSession(next, { ...session, isUnmet: page.name === "calling" }),
    [{ do: "drop-media" }, write(far, { t: "knock" })],
  ];
}

/** On a new socket: what was under way may be lost, and what is kept for us should come. */
function returned({ far, connection, awaiting, reopened }: Session): Todo[] {
  if (reopened !== null) return [];
  return [
    connection === null || awaiting !== null ? write(far, { t: "knock" }) : here(far, connection),
  ];
}

/** The M3 is in order: its secret counts, and addresses may go to its sender. */
function met(state: State, session: Session, m3: LetterOf<"m3">): Step<State> {
  const { resume, answer } = m3;
  const { connection } = session;
  if (connection === null) return [state, []];
  const mayRestart = m3.restarts && RESTARTS;
  const before = state.resume === null ? [] : [state.resume, ...state.earlier];
  return [
    withSession(
      { ...state, resume, earlier: before.slice(0, EARLIER_MAX) },
      { ...session, mayRestart, awaiting: null, isUnmet: false },
    ),
    [
      write(session.far, { t: "ready" }),
      { do: "keep", resume },
      { do: "settle", connection, answer, mayRestart },
      { do: "release", connection },
    ],
  ];
}

export function hearLetter(state: State, session: Session, body: string, dice: Dice): Step<State> {
  const said = read(body);
  if (said === null) {
    return [state, []];
  }
  const [next, todos] = answered(state, session, said, dice);
  // Whoever writes is there: what was refused as away goes once more.
  return [next, [{ do: "flush" }, ...todos]];
}

function answered(state: State, session: Session, said: Letter, dice: Dice): Step<State> {
  switch (said.t) {
    case "m1": {
      const { nonce, resume: mac = null } = said;
      const resumes = state.resume === null ? [] : [state.resume, ...state.earlier];
      return [state, [{ do: "check", nonce, mac, resumes }]];
    }
    case "m3":
      return said.nonce === session.awaiting ? met(state, session, said) : [state, []];
    case "again":
      if (session.reopened !== null) return [state, []];
      return session.awaiting === null && session.connection !== null
        ? offerAnew(state, session, null, dice)
        : [state, [write(session.far, { t: "knock" })]];
    case "description":
    case "candidates":
      if (said.connection !== session.connection) return [state, []];
      // These come after our `ready` only: the earlier secrets have had their time.
      return [
        session.awaiting === null ? { ...state, earlier: [] } : state,
        [{ do: "hear", letter: said }],
      ];
    case "m2":
    case "ready":
    case "knock":
      return [state, []];
  }
}

/** Whether an M1 was from the page that holds the resume secret is known now. */
export function checked(
  state: State,
  session: Session,
  nonce: string,
  isSame: boolean,
  dice: Dice,
): Step<State> {
  if (isSame || (session.isUnmet && state.resume === null)) {
    return offerAnew(state, session, nonce, dice);
  }
  return [withSession(state, { ...session, reopened: nonce }), [{ do: "hold", held: true }]];
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
  const { nonce } = offering;
  const next = withSession(state, {
    ...session,
    offering: null,
    awaiting: nonce ?? session.awaiting,
  });
  if (nonce === null) {
    const description = { t: "description", connection, type: "offer", sdp } as const;
    return [next, [write(far, description), { do: "release", connection }]];
  }
  return [next, [write(far, m2(state, nonce, connection, sdp))]];
}

/** A new connection: by M2 for an M1, or by a description where the keys are still good. */
export function offerAnew(
  state: State,
  session: Session,
  nonce: string | null,
  dice: Dice,
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
      reopened: null,
      offering: { connection, nonce },
    }),
    [{ do: "hold", held: false }, offer(state, connection, session.mayRestart)],
  ];
}

export function offer(state: State, connection: string, mayRestart: boolean): Todo {
  return { do: "meet", connection, offer: null, mayRestart, relay: state.relay };
}

export function m2(state: State, nonce: string, connection: string, sdp: string): LetterOf<"m2"> {
  const card = state.card ?? { name: "", specialty: "" };
  return { t: "m2", nonce, card, connection, restarts: RESTARTS, offer: sdp };
}

export function withSession(state: State, session: Session): State {
  return { ...state, page: { name: "session", session } };
}
