/**
 * What the patient's page does inside a session, with the doctor's letters above all.
 *
 * Pure, and part of `consultation.ts`: it may not let a candidate out before `ready`.
 *
 * The letters are in `clients/README.md`.
 */
import type { State } from "./consultation.ts";
import { aboutOf } from "./about.ts";
import { CALM, type Signs } from "./banner.ts";
import { finish, unsafe } from "./farewell.ts";
import type { Heard, Vouched } from "./letters.ts";
import type { Flow } from "./meeting.ts";
import type { FromServer } from "./messages.ts";
import { hold } from "./relays.ts";
import {
  here,
  KNOCKS_MAX,
  REFUSALS_MAX,
  RESTARTS,
  send,
  signed,
  UNCONFIRMED_MAX,
  write,
} from "./todo.ts";
import type { Dice, Step, Todo } from "./todo.ts";
import { NOWHERE, type Whereabouts, whereaboutsIn } from "./whereabouts.ts";

export interface Session {
  session: string;
  /** The doctor's seat. */
  far: string;
  /** Who was verified in the handshake in force or, before it is, in the one under way. */
  doctor: Vouched | null;
  connection: string | null;
  mayRestart: boolean;
  flow: Flow;
  /** Of the handshake in force, whose M4 was in order; null while there is none. */
  digits: string | null;
  /** Of the handshake under way. */
  coming: { doctor: Vouched; digits: string } | null;
  /** The connection ends at the certificates of that handshake. */
  isBound: boolean;
  /** What was refused since the last M4. */
  refusals: number;
  /** M3 sent since then: each shows digits anew, so more than a few need a tap. */
  unconfirmed: number;
  /** An M2 that waits for the patient's word: nobody he has not accepted is answered. */
  asked: Asked | null;
  /** Knocks answered since an M2 came: a far end that wants M1 and answers none gets no more. */
  knocks: number;
  /** A new offer of the doctor's is being answered: by M3, or by a description (null). */
  answering: { connection: string; nonce: string | null } | null;
  /** The server knows the session no more; picture and sound go on without it. */
  isAlone: boolean;
  signs: Signs;
  /** Another doctor sits here too: that this one leaves is not the end. */
  isRelieved: boolean;
}

/** An offer inside a session, and the handshake that it belongs to. */
export interface Asked {
  connection: string;
  offer: string;
  nonce: string;
}

/** The session starts, or its members changed, or we are back in it. */
export function accepted(
  state: State,
  message: FromServer<"accepted">,
  at_s: number,
  dice: Dice,
): Step<State> {
  const { page, isReturning } = state;
  const far = message.members.find(({ role }) => role === "doctor")?.member ?? null;
  const isRelieved = message.members.some(({ role }) => role === "colleague");
  const next: State = {
    ...state,
    isReturning: false,
    pass: message.pass ?? state.pass,
    relay: hold(state.relay, message.relay, at_s + state.ahead_s),
    notice: null,
  };
  if (page.name === "ended") {
    return [next, [send({ type: "leave", what: "session" })]];
  }
  if (far === null && (isRelieved || page.name === "company")) {
    // The first doctor has left, and a colleague goes on: that is no affair of this machine's.
    const company: State = { ...next, page: { name: "company", id: message.session } };
    return [company, page.name === "company" ? [] : [{ do: "drop-media" }, { do: "forget" }]];
  }
  if (page.name === "session" && page.session.session === message.session) {
    if (far === null) {
      return [withSession(next, signed({ ...page.session, isAlone: false }, { isAway: true })), []];
    }
    const { isAway } = page.session.signs;
    const here = { ...page.session, far, isAlone: false, isRelieved };
    const session = signed(here, { isAway: false });
    const [last, todos] =
      isReturning || isAway ? returned(next, session, dice) : [withSession(next, session), []];
    return [last, [...renewed(message), { do: "flush" }, ...todos]];
  }
  const session: Session = {
    session: message.session,
    far: far ?? "",
    doctor: null,
    connection: null,
    mayRestart: false,
    flow: "connecting",
    digits: null,
    coming: null,
    isBound: false,
    refusals: 0,
    unconfirmed: 0,
    asked: null,
    knocks: 0,
    answering: null,
    isAlone: false,
    signs: CALM,
    isRelieved,
  };
  if (far === null) {
    // Reloaded, and back before the doctor in a session that the server had lost.
    return [withSession(next, signed(session, { isAway: true })), []];
  }
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

/** A pass that knows of the members who came or left, where none came with the news. */
function renewed({ pass }: FromServer<"accepted">): Todo[] {
  return pass === undefined ? [send({ type: "renew" })] : [];
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
  const session = signed(page.session, { isAway: false });
  const [next, todos] = answered(withSession(state, session), session, said, dice);
  return [next, [{ do: "flush" }, ...todos]];
}

function answered(state: State, session: Session, said: Heard, dice: Dice): Step<State> {
  switch (said.t) {
    case "ready":
      return ready(state, session);
    case "refused":
      return refusedInSession(state, session, dice);
    case "knock":
      return session.knocks < KNOCKS_MAX
        ? knocked(state, { ...session, knocks: session.knocks + 1 }, dice)
        : [state, []];
    case "m2": {
      if (said.nonce !== state.nonce) return [state, []];
      return hearM2({ ...state, nonce: null }, session, said);
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
    case "after":
      return [{ ...state, advice: said.advice }, []];
    case "said":
    case "about":
    case "m1":
    case "m3":
    case "again":
      return [state, []];
  }
}

type M2 = Extract<Heard, { t: "m2" }>;

/**
 * The doctor whom the patient accepted goes on by himself. Anybody else waits for a tap, and so does
 * a handshake after others that came to nothing: each shows other digits (SCEAU §5).
 */
function hearM2(state: State, session: Session, m2: M2): Step<State> {
  const { connection, nonce, offer, doctor, digits } = m2;
  const by = { connection, offer, nonce };
  const next: Session = {
    ...session,
    coming: { doctor, digits },
    mayRestart: m2.restarts && RESTARTS,
    knocks: 0,
  };
  return m2.isKnown && session.unconfirmed < UNCONFIRMED_MAX
    ? meet(state, next, by)
    : [withSession(state, { ...next, asked: by }), [{ do: "chime" }]];
}

/** The patient's word to whoever asks inside a session. */
export function acceptedInSession(state: State, session: Session): Step<State> {
  const { asked } = session;
  return asked === null
    ? [state, []]
    : meet(state, { ...session, asked: null, unconfirmed: 0 }, asked);
}

/** M4 is in order: the keys of this handshake are the keys from now on. */
function ready(state: State, session: Session): Step<State> {
  const { connection, coming } = session;
  if (connection === null || coming === null) {
    return [state, []];
  }
  const { doctor, digits } = coming;
  return [
    withSession(state, { ...session, doctor, digits, coming: null, refusals: 0, unconfirmed: 0 }),
    [...telling(state, session.far), { do: "release", connection }],
  ];
}

/** What the patient said, to the doctor of this handshake and before anything else. */
function telling({ known }: State, far: string): Todo[] {
  const about = aboutOf(known.said, known.consent);
  return about === null ? [] : [write(far, about)];
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
  const { nonce } = answering;
  const unconfirmed = session.unconfirmed + (nonce === null ? 0 : 1);
  const next = withSession(state, { ...session, answering: null, unconfirmed });
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

/** The far end has no socket. */
export function awayInSession(state: State): State {
  const { page } = state;
  return page.name === "session"
    ? withSession(state, signed(page.session, { isAway: true }))
    : state;
}

/** The server finds no such seat. */
export function goneInSession(state: State, session: Session): Step<State> {
  // Not back yet in a session that the server had lost: what is kept for him goes then.
  if (session.signs.isAway) return [state, []];
  return session.flow === "live" ? alone(state, session, []) : finish(state, "lost", []);
}

/** No path is found: another connection is the doctor's to offer. */
export function stuckInSession(state: State, session: Session, dice: Dice): Step<State> {
  if (session.isAlone) {
    return finish(state, "lost", []);
  }
  return session.digits !== null
    ? [state, [write(session.far, { t: "again" })]]
    : knocked(state, session, dice);
}

/** Shake hands anew: a fresh M1, which shows that it comes from the same page. */
export function knocked(state: State, session: Session, dice: Dice): Step<State> {
  const nonce = dice();
  return [
    withSession({ ...state, nonce }, { ...session, digits: null, coming: null, asked: null }),
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

/** Where this page stands, for whoever is beyond the pair that began. */
export function whereabouts({ page, relay }: State): Whereabouts {
  if (page.name === "session") return whereaboutsIn(page.session, relay);
  return page.name === "company" ? { ...NOWHERE, session: page.id, relay } : NOWHERE;
}
