/**
 * What the patient's page does inside a session, with the doctor's letters above all.
 *
 * Pure, and part of `consultation.ts`: it may not let a candidate out before `ready`.
 *
 * The letters are in `clients/README.md`.
 */
import type { Session, State } from "./consultation.ts";
import type { Letter } from "./letters.ts";
import { RESTARTS, write } from "./todo.ts";
import type { Dice, Step, Todo } from "./todo.ts";

export function letter(state: State, from: string, said: Letter | null, dice: Dice): Step<State> {
  const { page } = state;
  if (page.name !== "session" || page.session.far !== from || said === null) {
    return [state, []];
  }
  const { session } = page;
  const [next, todos] = answered(state, session, said, dice);
  return [next, [{ do: "flush" }, ...todos]];
}

function answered(state: State, session: Session, said: Letter, dice: Dice): Step<State> {
  switch (said.t) {
    case "ready":
      return session.connection === null
        ? [state, []]
        : [
            withSession(state, { ...session, isReady: true }),
            [{ do: "release", connection: session.connection }],
          ];
    case "knock":
      return knocked(state, session, dice);
    case "m2": {
      if (said.nonce !== state.nonce) return [state, []];
      // A page that was reloaded may not know its doctor's name any more; we do.
      const card = said.card.name === "" ? (session.card ?? said.card) : said.card;
      const mayRestart = said.restarts && RESTARTS;
      const { connection, nonce } = said;
      return meet(
        { ...state, nonce: null },
        { ...session, card, mayRestart, isReady: false },
        {
          connection,
          offer: said.offer,
          nonce,
        },
      );
    }
    case "description":
      if (said.type === "offer" && said.connection !== session.connection && session.isReady) {
        const { connection } = said;
        return meet(state, session, { connection, offer: said.sdp, nonce: null });
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
  dice: Dice,
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
  const resume = dice();
  return [
    { ...next, resume },
    [
      { do: "keep", resume },
      write(far, { t: "m3", nonce, resume, restarts: RESTARTS, answer: sdp }),
    ],
  ];
}

/** Shake hands anew: a fresh M1, which shows that it comes from the same page. */
export function knocked(state: State, session: Session, dice: Dice): Step<State> {
  const nonce = dice();
  return [
    withSession({ ...state, nonce }, session),
    [{ do: "write-m1", to: session.far, nonce, resume: state.resume }],
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
