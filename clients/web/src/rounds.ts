/**
 * The doctor's page as a machine: (state, event) -> state and things to do.
 *
 * Pure: time comes with the event, dice as an argument. It may not answer a handshake that
 * was not asked for: at most three a call, and inside a session only with the resume secret
 * or by the doctor's own click.
 *
 * The letters are in `clients/README.md`; the page states are `Page`. Duty is in `duty.ts`, the
 * way to a patient in `calling.ts`, the session in `bedside.ts`, and what the server says of the
 * page itself in `standing.ts`.
 */
import { described, called, callNext, prepared, proposed, unwritten, withdraw } from "./calling.ts";
import { accepted, hearLetter, offerAnew, stuck, withSession } from "./bedside.ts";
import { backOnDuty, enter, wantDuty } from "./duty.ts";
import type { Heard, SealTrouble } from "./letters.ts";
import type { Trouble } from "./media.ts";
import type { Flow } from "./meeting.ts";
import type { Outcome, RefusalCode, ServerMessage, Ticket } from "./messages.ts";
import { type Check, checked, checking, type Held, lending } from "./relays.ts";
import { ended, joined, refused, turnedAway } from "./standing.ts";
import { flowing, isBroken, send, write } from "./todo.ts";
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
}

export type Page =
  | { name: "unable"; why: Unable }
  | { name: "devices" }
  | { name: "entering" }
  | { name: "off" }
  | { name: "on" }
  /** Asked for the next patient; the server has not answered yet. */
  | { name: "asking" }
  | { name: "calling"; calling: Calling }
  | { name: "session"; session: Session }
  | { name: "refused"; code: RefusalCode }
  | { name: "replaced" };

/** `seal-…`: why a patient, or what he sent, was not believed. */
export type Notice = Outcome | RefusalCode | "duty-expired" | "unloaded" | `seal-${SealTrouble}`;

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
  duty: "off" | "on" | "draining";
  /** There is a secret in the address by which the patient of a running session is known. */
  canResume: boolean;
  /** The session we last left, should the server not have heard it. */
  left: string | null;
  /** We took a call back, and the server has not said yet that it is over. */
  hasWithdrawn: boolean;
  /** The newest password of the relay for the call or session that runs. */
  relay: Held | null;
  /** The newest one for outside of them: good for a trial of the relay, and nothing else. */
  trial: Held | null;
  check: Check | null;
  queues: string[];
  doctors: number;
  waiting: number;
  tickets: Ticket[];
  notice: Notice | null;
  ahead_s: number;
}

export type Event =
  | Common
  | { e: "go-on-duty" }
  | { e: "draining" }
  | { e: "off-duty" }
  | { e: "call-next" }
  | { e: "withdraw" }
  /** Go on with whoever opened the link again. */
  | { e: "continue" };

/** The first state: a page whose address holds a resume secret looks for its session first. */
export function begin(unable: Unable | null, canResume: boolean): Step<State> {
  const state: State = {
    page: { name: "devices" },
    isOnline: false,
    isJoined: false,
    isReturning: false,
    trouble: null,
    hasDevices: false,
    isReady: false,
    duty: "off",
    canResume,
    left: null,
    hasWithdrawn: false,
    relay: null,
    trial: null,
    check: null,
    queues: [],
    doctors: 0,
    waiting: 0,
    tickets: [],
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
  const [next, todos] = lending(state, taken(state, event, dice));
  const isIdle = (next.page.name === "off" || next.page.name === "on") && next.isJoined;
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
      return page.name === "off" ? wantDuty({ ...state, page: { name: "on" } }, "on") : [state, []];
    case "draining":
      return wantDuty(state, state.duty === "draining" ? "on" : "draining");
    case "off-duty":
      return page.name === "on"
        ? wantDuty({ ...state, page: { name: "off" } }, "off")
        : [state, []];
    case "call-next":
      return callNext(state);
    case "checked":
      return [checked(state, event.by), []];
    case "check-again":
      return [state, []];
    case "prepared":
      return prepared(state, event.code);
    case "withdraw":
      return withdraw(state);
    case "said":
      return page.name === "session" && page.session.connection === event.letter.connection
        ? [state, [write(page.session.far, event.letter)]]
        : [state, []];
    case "described":
      return described(state, event.connection, event.sdp);
    case "hang-up":
      return page.name === "session"
        ? backOnDuty(state, null, [{ do: "bye" }, send({ type: "leave", what: "session" })])
        : [state, []];
    case "flow":
      return page.name === "session" && page.session.connection === event.connection
        ? [
            withSession(state, { ...page.session, flow: flowing(page.session.flow, event.flow) }),
            [],
          ]
        : [state, []];
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
        { ...state, isOnline: true, isJoined: false, ahead_s: message.now - at_s },
        // By the credential, even into a session: a seat's pass names no queues to be on duty for.
        [{ do: "join", pass: null, m1: null }],
      ];
    case "joined":
      return joined(state, message, at_s);
    case "board": {
      const { doctors, waiting, tickets } = message;
      return [
        { ...state, doctors, waiting: waiting ?? tickets?.length ?? 0, tickets: tickets ?? [] },
        [],
      ];
    }
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
      return [state, []];
  }
}
