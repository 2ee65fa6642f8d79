/**
 * What the doctor's page does with the patient's letters inside a session.
 *
 * Pure, and part of `rounds.ts`: it may not answer an M1 before it was checked.
 *
 * The letters are in `clients/README.md`.
 */
import { read } from "./letters.ts";
import type { Letter, LetterOf } from "./letters.ts";
import type { Session, State } from "./rounds.ts";
import { RESTARTS, write } from "./todo.ts";
import type { Dice, Step, Todo } from "./todo.ts";

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
      return [state, [{ do: "check", nonce, mac, resume: state.resume }]];
    }
    case "m3": {
      const { connection } = session;
      if (said.nonce !== session.awaiting || connection === null) return [state, []];
      const mayRestart = said.restarts && RESTARTS;
      const next = { ...session, mayRestart, awaiting: null, isUnmet: false };
      return [
        withSession({ ...state, resume: said.resume }, next),
        [
          write(session.far, { t: "ready" }),
          { do: "keep", resume: said.resume },
          { do: "settle", connection, answer: said.answer, mayRestart },
          { do: "release", connection },
        ],
      ];
    }
    case "again":
      return session.awaiting === null ? offerAnew(state, session, null, dice) : [state, []];
    case "description":
      if (said.connection !== session.connection) return [state, []];
      return [state, [{ do: "hear", letter: said }]];
    case "candidates":
      if (said.connection !== session.connection) return [state, []];
      return [state, [{ do: "hear", letter: said }]];
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
