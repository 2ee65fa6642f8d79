/**
 * What the patient's page does inside a session, with the doctor's letters above all.
 *
 * Pure, and part of `consultation.ts`: it may not let a candidate out before `ready`.
 *
 * The letters are in `clients/README.md`.
 */
import type { Session, State } from "./consultation.ts";
import { unsafe } from "./farewell.ts";
import type { Heard } from "./letters.ts";
import type { FromServer } from "./messages.ts";
import { here, REFUSALS_MAX, RESTARTS, send, write } from "./todo.ts";
import type { Dice, Step, Todo } from "./todo.ts";

/** The session starts, or its members changed, or we are back in it. */
export function accepted(state: State, message: FromServer<"accepted">, dice: Dice): Step<State> {
  const { page, isReturning } = state;
  const far = message.members.find(({ role }) => role === "doctor")?.member ?? null;
  const next: State = {
    ...state,
    isReturning: false,
    pass: message.pass ?? state.pass,
    relay: message.relay ?? state.relay,
    notice: null,
  };
  if (page.name === "ended" || far === null) {
    return [next, [send({ type: "leave", what: "session" })]];
  }
  if (page.name === "session" && page.session.session === message.session) {
    const session = { ...page.session, far, isAlone: false };
    const [last, todos] = isReturning
      ? returned(next, session, dice)
      : [withSession(next, session), []];
    return [last, [{ do: "flush" }, ...todos]];
  }
  const session: Session = {
    session: message.session,
    far,
    doctor: null,
    connection: null,
    mayRestart: false,
    flow: "connecting",
    digits: null,
    coming: null,
    isBound: false,
    refusals: 0,
    answering: null,
    isAlone: false,
  };
  if (page.name === "accepting" && page.proposal.answer !== null) {
    const { doctor, digits, connection, mayRestart } = page.proposal;
    const met = { ...session, doctor, coming: { doctor, digits }, connection, mayRestart };
    return isReturning
      ? returned(next, met, dice)
      : [withSession(next, met), [{ do: "expect", connection }]];
  }
  // Back in a running session without its keys: shake hands anew.
  return knocked(next, session, dice);
}

/** On a new socket: an M3 or an M4 may be lost, and what is kept for us should come. */
function returned(state: State, session: Session, dice: Dice): Step<State> {
  return session.digits !== null && session.connection !== null
    ? [withSession(state, session), [here(session.far, session.connection)]]
    : knocked(state, session, dice);
}

export function letter(state: State, from: string, said: Heard | null, dice: Dice): Step<State> {
  const { page } = state;
  if (page.name !== "session" || page.session.far !== from || said === null) {
    return [state, []];
  }
  const { session } = page;
  const [next, todos] = answered(state, session, said, dice);
  return [next, [{ do: "flush" }, ...todos]];
}

function answered(state: State, session: Session, said: Heard, dice: Dice): Step<State> {
  switch (said.t) {
    case "ready":
      return ready(state, session);
    case "refused":
      return refusedInSession(state, session, dice);
    case "knock":
      return knocked(state, session, dice);
    case "m2": {
      if (said.nonce !== state.nonce) return [state, []];
      const { connection, nonce, offer, doctor, digits } = said;
      return meet(
        { ...state, nonce: null },
        { ...session, coming: { doctor, digits }, mayRestart: said.restarts && RESTARTS },
        { connection, offer, nonce },
      );
    }
    case "description":
      if (said.type === "offer" && said.connection !== session.connection) {
        const { connection } = said;
        if (session.digits !== null) {
          return meet(state, session, { connection, offer: said.sdp, nonce: null });
        }
        // The doctor's page takes our keys for good, and they are not: our M1 is lost.
        return session.answering === null ? knocked(state, session, dice) : [state, []];
      }
      return said.connection === session.connection
        ? [state, [{ do: "hear", letter: said }]]
        : [state, []];
    case "candidates":
      return said.connection === session.connection
        ? [state, [{ do: "hear", letter: said }]]
        : [state, []];
    case "m1":
    case "m3":
    case "again":
      return [state, []];
  }
}

/** M4 is in order: the keys of this handshake are the keys from now on. */
function ready(state: State, session: Session): Step<State> {
  const { connection, coming } = session;
  if (connection === null || coming === null) {
    return [state, []];
  }
  const { doctor, digits } = coming;
  return [
    withSession(state, { ...session, doctor, digits, coming: null, refusals: 0 }),
    [{ do: "release", connection }],
  ];
}

/** Changed, repeated, lost or not the doctor's: the keys are not used any more. */
export function refusedInSession(state: State, session: Session, dice: Dice): Step<State> {
  const refusals = session.refusals + 1;
  return refusals > REFUSALS_MAX ? unsafe(state) : knocked(state, { ...session, refusals }, dice);
}

function meet(
  state: State,
  session: Session,
  by: { connection: string; offer: string; nonce: string | null },
): Step<State> {
  const { connection, offer, nonce } = by;
  const { mayRestart } = session;
  return [
    withSession(state, {
      ...session,
      connection,
      isBound: false,
      flow: session.flow === "connecting" ? "connecting" : "interrupted",
      answering: { connection, nonce },
    }),
    [{ do: "meet", connection, offer, mayRestart, relay: state.relay }],
  ];
}

export function describedInSession(
  state: State,
  session: Session,
  connection: string,
  sdp: string,
): Step<State> {
  const { answering, far } = session;
  if (answering?.connection !== connection) {
    return [state, []];
  }
  const next = withSession(state, { ...session, answering: null });
  const { nonce } = answering;
  if (nonce === null) {
    return [
      next,
      [
        write(far, { t: "description", connection, type: "answer", sdp }),
        { do: "release", connection },
      ],
    ];
  }
  const m3 = write(far, { t: "m3", nonce, restarts: RESTARTS, answer: sdp });
  return [next, [m3, { do: "expect", connection }]];
}

/** Shake hands anew: a fresh M1, which shows that it comes from the same page. */
export function knocked(state: State, session: Session, dice: Dice): Step<State> {
  const nonce = dice();
  return [
    withSession({ ...state, nonce }, { ...session, digits: null, coming: null }),
    [write(session.far, { t: "m1", nonce })],
  ];
}

export function inSession(
  state: State,
  change: (session: Session) => [Session, Todo[]] | null,
): Step<State> {
  const changed = state.page.name === "session" ? change(state.page.session) : null;
  return changed === null ? [state, []] : [withSession(state, changed[0]), changed[1]];
}

export function withSession(state: State, session: Session): State {
  return { ...state, page: { name: "session", session } };
}

/** The server knows the session no more; picture and sound go on. */
export function alone(state: State, session: Session, todos: Todo[]): Step<State> {
  return [withSession(state, { ...session, isAlone: true }), todos];
}
