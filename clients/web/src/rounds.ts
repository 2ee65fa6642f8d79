/**
 * The doctor's page as a machine: (state, event) -> state and things to do.
 *
 * Pure: time comes with the event, dice as an argument. It may not answer a handshake that
 * was not asked for: at most three a call, and inside a session only with the resume secret
 * or by the doctor's own click.
 *
 * The letters are in `clients/README.md`; the page states are `Page`. Duty is in `duty.ts`, who
 * comes in `arrivals.ts`, the way to a patient in `calling.ts`, the session in `bedside.ts`, and
 * what the server says of the page itself in `standing.ts`.
 */
import type { About } from "./about.ts";
import type { Advice } from "./advice.ts";
import { type Arrival, board } from "./arrivals.ts";
import { reaching, type Signs } from "./banner.ts";
import { call, called, described, prepared, proposed, unwritten, withdraw } from "./calling.ts";
import { accepted, hearLetter, offerAnew, showOut, stuck, withSession } from "./bedside.ts";
import {
  backOnDuty,
  enter,
  remembering,
  serve,
  telling,
  wish,
  type Remembered,
  type Told,
  type Wish,
} from "./duty.ts";
import type { Heard, SealTrouble } from "./letters.ts";
import { isLocked } from "./lock.ts";
import type { Trouble } from "./media.ts";
import type { Flow } from "./meeting.ts";
import type { Outcome, RefusalCode, ServerMessage, Ticket } from "./messages.ts";
import { type Check, checked, checking, type Held, lending } from "./relays.ts";
import { part, rung } from "./relief.ts";
import { ended, joined, refused, turnedAway } from "./standing.ts";
import { isBroken, noticed, send, write } from "./todo.ts";
import type { Common, Dice, Step, Todo, Unable } from "./todo.ts";

export interface Calling {
  call: string;
  ticket: string;
  deadline: number;
  nonce: string;
  connection: string;
  heard: number;
  /** Our M2 is with the patient, who may now answer. */
  isProposed: boolean;
}

export interface Session {
  session: string;
  /** The patient's seat. */
  far: string;
  connection: string | null;
  mayRestart: boolean;
  flow: Flow;
  /** Of the handshake in force, whose M3 was in order; null while there is none. */
  digits: string | null;
  /** The connection ends at the certificates of that handshake. */
  isBound: boolean;
  /** What was refused since the last M3. */
  refusals: number;
  /**
   * An offer is being made: as M2 for this nonce, or as a description (null). `isAllowed`: by
   * the doctor's own click.
   */
  offering: { connection: string; nonce: string | null; isAllowed: boolean } | null;
  /** The M1 that our last M2 answered; its M3 is awaited. */
  awaiting: string | null;
  /** The link was opened again by a page without the resume secret: this M1 waits for a click. */
  reopened: string | null;
  /** No M3 of this session was ever read, so no resume secret can be asked for. */
  isUnmet: boolean;
  isAlone: boolean;
  signs: Signs;
  /** What the patient said of himself; null until he did, and where his page has lost it. */
  about: About | null;
}

export type Page =
  | { name: "unable"; why: Unable }
  | { name: "devices" }
  | { name: "entering" }
  | { name: "off" }
  | { name: "on" }
  /** Off duty to everybody else; one tap leads back. */
  | { name: "paused" }
  /** Asked for the next patient, or for one of the own link; the server has not answered yet. */
  | { name: "asking"; ticket: string | null }
  | { name: "calling"; calling: Calling }
  | { name: "session"; session: Session }
  /** Rung by a colleague, and in his session once the server says so (`company.ts`). */
  | { name: "company"; id: string | null }
  | { name: "refused"; code: RefusalCode }
  | { name: "replaced" };

/** `seal-…`: why a patient, or what he sent, was not believed. */
export type Notice =
  | Outcome
  | RefusalCode
  | "duty-expired"
  | "handed-over"
  | "shown-out"
  | "unloaded"
  | `seal-${SealTrouble}`;

export interface State {
  page: Page;
  isOnline: boolean;
  isJoined: boolean;
  /** On a new socket, the server is asked whether a session of ours runs. */
  isReturning: boolean;
  trouble: Trouble | null;
  hasDevices: boolean;
  /** The devices were seen to work, or the day began by coming back into a call. */
  isReady: boolean;
  /** What the doctor wants; told again after each lost socket. */
  duty: Wish;
  /** What the server knows of it; null before it was told on this socket. */
  told: Told | null;
  /** There is a secret in the address by which the patient of a running session is known. */
  canResume: boolean;
  /** Of the seat in the session that runs: with it a server that lost the session makes it anew. */
  pass: string | null;
  /** The session we last left, should the server not have heard it. */
  left: string | null;
  /** We took a call back, and the server has not said yet that it is over. */
  hasWithdrawn: boolean;
  /** The newest password of the relay for the call or session that runs. */
  relay: Held | null;
  /** The newest one for outside of them: good for a trial of the relay, and nothing else. */
  trial: Held | null;
  check: Check | null;
  /** The queues that the credential allows. */
  queues: string[];
  /** Those of them that the doctor leaves out. */
  without: string[];
  doctors: number;
  waiting: number;
  tickets: Ticket[];
  /** Tickets that were on a board before; null before the first: who is on that one came earlier. */
  known: string[] | null;
  /** Somebody came and was not yet called. */
  arrival: Arrival | null;
  /** Cards of colleagues on duty, one's own among them. */
  cards: readonly string[];
  notice: Notice | null;
  ahead_s: number;
}

export type Event =
  | Common
  | { e: "go-on-duty" }
  /** What the doctor wants from now on, or after the patient who is there. */
  | { e: "duty"; duty: Wish }
  | { e: "serve"; queue: string; isServed: boolean }
  /** The next patient; or one by name, of the doctor's own link. */
  | { e: "call-next" }
  | { e: "pick"; ticket: string }
  | { e: "withdraw" }
  /** The patient is shown out, and the consultation is over. */
  | { e: "show-out" }
  /** What the patient's page should say first at the end. */
  | { e: "advise"; advice: Advice }
  /** Go on with whoever opened the link again. */
  | { e: "continue" };

/** The first state: a page whose address holds a resume secret looks for its session first. */
export function begin(
  unable: Unable | null,
  canResume: boolean,
  kept: Remembered = { duty: "off", without: [] },
): Step<State> {
  const state: State = {
    page: { name: "devices" },
    isOnline: false,
    isJoined: false,
    isReturning: false,
    trouble: null,
    hasDevices: false,
    isReady: false,
    ...kept,
    told: null,
    canResume,
    pass: null,
    left: null,
    hasWithdrawn: false,
    relay: null,
    trial: null,
    check: null,
    queues: [],
    doctors: 0,
    waiting: 0,
    tickets: [],
    known: null,
    arrival: null,
    cards: [],
    notice: null,
    ahead_s: 0,
  };
  if (unable !== null) {
    return [{ ...state, page: { name: "unable", why: unable } }, []];
  }
  if (canResume) {
    // A session may be running: the call comes first.
    const todos: Todo[] = [{ do: "connect" }, { do: "open-devices", video: true }];
    return [{ ...state, page: { name: "entering" } }, todos];
  }
  return [state, [{ do: "open-devices", video: true }]];
}

export function step(state: State, event: Event, dice: Dice): Step<State> {
  const told = remembering(state, telling(taken(state, event, dice)));
  const [next, todos] = reaching(state, lending(state, told));
  const isIdle = ["off", "on", "paused"].includes(next.page.name) && next.isJoined;
  return checking([next, todos], isIdle ? next.trial : null, event.e === "check-again");
}

function taken(state: State, event: Event, dice: Dice): Step<State> {
  const { page } = state;
  switch (event.e) {
    case "try-devices":
      return [{ ...state, trouble: null }, [{ do: "open-devices", video: event.video }]];
    case "devices":
      return [{ ...state, trouble: event.trouble, hasDevices: event.trouble === null }, []];
    case "devices-ready":
      return page.name === "devices" ? enter({ ...state, isReady: true }) : [state, []];
    case "wire":
      return hear(state, event.message, event.heard, event.at_s, dice);
    case "offline":
      return [{ ...state, isOnline: false, isJoined: false, isReturning: false }, []];
    case "unloaded":
      return [{ ...state, notice: "unloaded" }, []];
    case "unentitled":
      return turnedAway(state, "expired");
    case "unwritten":
      return unwritten(state, event.nonce, event.code);
    case "bound":
      return page.name === "session" && page.session.connection === event.connection
        ? [withSession(state, { ...page.session, isBound: true }), []]
        : [state, []];
    case "unbound":
      return page.name === "session" && isBroken(page.session, event.connection)
        ? backOnDuty(state, "seal-certificate", [send({ type: "leave", what: "session" })])
        : [state, []];
    case "go-on-duty":
      return page.name === "off" ? wish(state, "on") : [state, []];
    case "duty":
      return page.name === "off" ? [state, []] : wish(state, event.duty);
    case "serve":
      return serve(state, event.queue, event.isServed);
    case "call-next":
      return call(state, null);
    case "pick":
      return call(state, event.ticket);
    case "checked":
      return [checked(state, event.by), []];
    case "check-again":
    case "directory":
    case "moved":
      return [state, []];
    case "prepared":
      return prepared(state, event.code);
    case "withdraw":
      return withdraw(state);
    case "said":
      return page.name === "session" && page.session.connection === event.connection
        ? [state, [write(page.session.far, event.letter)]]
        : [state, []];
    case "described":
      return described(state, event.connection, event.sdp);
    case "hang-up":
      return page.name === "session" || page.name === "company"
        ? backOnDuty(state, null, [{ do: "bye" }, send({ type: "leave", what: "session" })])
        : [state, []];
    case "show-out":
      return showOut(state);
    case "advise":
      return page.name === "session" && isLocked(page.session)
        ? [state, [write(page.session.far, { t: "after", advice: event.advice })]]
        : [state, []];
    case "part":
      return part(state, event.then);
    case "flow":
    case "picture":
    case "spent":
    case "retry": {
      const noted = page.name === "session" ? noticed(page.session, event) : null;
      return noted === null ? [state, []] : [withSession(state, noted[0]), noted[1]];
    }
    case "stuck":
      if (page.name !== "session" || page.session.connection !== event.connection)
        return [state, []];
      return page.session.isAlone
        ? backOnDuty(state, "lost", [])
        : stuck(state, page.session, dice);
    case "bye":
      return page.name === "session" && (event.isSaid || page.session.isAlone)
        ? backOnDuty(state, "left", [send({ type: "leave", what: "session" })])
        : [state, []];
    case "continue":
      return page.name === "session" && page.session.reopened !== null
        ? offerAnew(state, page.session, page.session.reopened, dice, true)
        : [state, []];
    case "take-back":
      return [
        { ...state, page: { name: "entering" }, notice: null },
        [{ do: "connect" }, { do: "open-devices", video: true }],
      ];
  }
}

// --- the server -----------------------------------------------------------------------

function hear(
  state: State,
  message: ServerMessage,
  heard: Heard | null,
  at_s: number,
  dice: Dice,
): Step<State> {
  const { page } = state;
  switch (message.type) {
    case "hello":
      return [
        { ...state, isOnline: true, isJoined: false, told: null, ahead_s: message.now - at_s },
        // By the credential, even into a session: a seat's pass names no queues to be on duty for.
        [{ do: "join", pass: null, m1: null, keep: page.name === "session" ? state.pass : null }],
      ];
    case "joined":
      return joined(state, message, at_s);
    case "board":
      return board(state, message);
    case "called":
      return called(state, message, heard, at_s, dice);
    case "accepted":
      return heard?.t === "refused" && page.name === "calling"
        ? backOnDuty(state, `seal-${heard.code}`, [send({ type: "leave", what: "session" })])
        : accepted(state, message, heard, at_s);
    case "envelope":
      return page.name === "session" && page.session.far === message.member
        ? hearLetter(state, page.session, heard, dice)
        : [state, []];
    case "ended":
      return ended(state, message.what, message.outcome);
    case "refused":
      return refused(state, message);
    case "proposed":
      return proposed(state, message);
    case "invited":
      return rung(state, message);
  }
}
