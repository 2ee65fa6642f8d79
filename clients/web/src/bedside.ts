/**
 * What the doctor's page does with the patient's letters inside a session.
 *
 * Pure, and part of `rounds.ts`: it may not answer an M1 before it was checked.
 *
 * The letters are in `clients/README.md`.
 */
import { read } from "./letters.ts";
import type { Letter } from "./letters.ts";
import { offerAnew, withSession } from "./rounds.ts";
import type { Session, State } from "./rounds.ts";
import { RESTARTS, write } from "./todo.ts";
import type { Dice, Step } from "./todo.ts";

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
