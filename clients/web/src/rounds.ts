/**
 * The doctor's page as a machine: (state, event) -> state and things to do.
 *
 * Pure: time comes with the event, dice as an argument. It may not answer a handshake that
 * was not asked for: at most three a call, and inside a session only with the resume secret
 * or by the doctor's own click.
 *
 * The letters are in `clients/README.md`; the page states are `Page`. The session's part
 * is in `bedside.ts`. Longer than most files: the states and what each message does to them are
 * read side by side, and a cut would go through the middle of a call.
 */
import { M1_PER_CALL } from "./agreed.ts";
import type { Heard, SealTrouble } from "./letters.ts";
import type { Trouble } from "./media.ts";
import type { Flow } from "./meeting.ts";
import type { FromServer, Outcome, RefusalCode, ServerMessage, Ticket } from "./messages.ts";
import { type Check, checked, checking, type Held, hold, lending } from "./relays.ts";
import {
  accepted,
  describedInSession,
  hearLetter,
  m2,
  offer,
  offerAnew,
  stuck,
  unwrittenInSession,
  withSession,
} from "./bedside.ts";
import { away, backOnDuty, duty } from "./duty.ts";
import { flowing, isBroken, isForLater, RETRY_AFTER_S, send, write } from "./todo.ts";
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
      // Before `called` there is no call to leave; it is left when it comes.
      return page.name === "calling" || page.name === "asking"
        ? [
            {
              ...state,
              page: { name: "on" },
              notice: null,
              hasWithdrawn: page.name === "calling",
            },
            page.name === "asking"
              ? []
              : [{ do: "drop-media" }, send({ type: "leave", what: "call" })],
          ]
        : [state, []];
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

// --- on and off duty ------------------------------------------------------------------

function enter(state: State): Step<State> {
  if (state.isJoined) {
    return [{ ...state, page: { name: "off" } }, []];
  }
  return [{ ...state, page: { name: "entering" } }, [{ do: "connect" }]];
}

function wantDuty(state: State, wanted: State["duty"]): Step<State> {
  const next = { ...state, duty: wanted, notice: null };
  return [next, [duty(next)]];
}

function callNext(state: State): Step<State> {
  if (state.page.name !== "on") {
    return [state, []];
  }
  return [
    { ...state, page: { name: "asking" }, notice: null, hasWithdrawn: false },
    [{ do: "prepare" }],
  ];
}

/** Our papers are at hand, or not: a patient is not called, and made to rest, for nothing. */
function prepared(state: State, code: SealTrouble | null): Step<State> {
  if (state.page.name !== "asking") {
    return [state, []];
  }
  return code === null
    ? // Who may be called, and by whom, is the server's to say: the first over all our queues.
      [state, [send({ type: "call" })]]
    : [{ ...state, page: { name: "on" }, notice: `seal-${code}` }, []];
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

function joined(state: State, message: FromServer<"joined">, at_s: number): Step<State> {
  const { queues = [], relay } = message;
  const isIn = state.page.name === "session";
  const next: State = {
    ...state,
    isJoined: true,
    relay: hold(state.relay, isIn ? relay : undefined, message.now),
    trial: hold(state.trial, isIn ? undefined : relay, message.now),
    // Inside a session a renewal names none.
    queues: queues.length > 0 ? queues : state.queues,
    ahead_s: message.now - at_s,
  };
  if (state.isJoined) {
    return state.isReturning ? nothingRuns(next) : [next, []];
  }
  switch (state.page.name) {
    // `accepted` follows `joined` where a session runs; the answer to `renew` comes after it.
    case "entering":
      return [{ ...next, isReturning: true }, [send({ type: "renew" })]];
    case "session":
      return [{ ...next, isReturning: true }, [duty(next), send({ type: "renew" })]];
    case "asking":
    case "calling":
      // The server gave the patient back when our socket was lost.
      return [
        { ...next, page: { name: "on" }, notice: "lost" },
        [{ do: "drop-media" }, duty(next)],
      ];
    default:
      return [next, [duty(next)]];
  }
}

/** The server answered on a new socket, and knows of no session of ours. */
function nothingRuns(state: State): Step<State> {
  if (state.page.name === "session") {
    return lost({ ...state, isReturning: false }, state.page.session, [{ do: "disconnect" }]);
  }
  // Before the day begins, or after a reload: the server is told that we are off duty.
  const next: State = { ...away(state), page: { name: state.isReady ? "off" : "devices" } };
  return [next, [{ do: "forget" }, duty(next)]];
}

/** The server knows the session no more; while picture and sound flow, they go on. */
function lost(state: State, session: Session, todos: Todo[]): Step<State> {
  return session.flow === "live"
    ? [withSession(state, { ...session, isAlone: true }), todos]
    : backOnDuty(state, "lost", []);
}

function called(
  state: State,
  message: FromServer<"called">,
  heard: Heard | null,
  at_s: number,
  dice: Dice,
): Step<State> {
  const { page } = state;
  const isAgain = page.name === "calling" && page.calling.call === message.call;
  if (heard?.t === "refused" && (page.name === "asking" || isAgain)) {
    return notCalled(state, heard.code);
  }
  if (heard?.t !== "m1" || (page.name !== "asking" && !isAgain)) {
    // Not asked for any more: withdrawn while the server was answering.
    return isAgain ? [state, []] : [state, [send({ type: "leave", what: "call" })]];
  }
  const times = isAgain ? page.calling.heard + 1 : 1;
  if (times > M1_PER_CALL) {
    return [state, []];
  }
  const connection = dice();
  const calling: Calling = {
    call: message.call,
    ticket: message.ticket,
    deadline: isAgain ? page.calling.deadline : message.deadline,
    nonce: heard.nonce,
    connection,
    heard: times,
    isProposed: false,
  };
  const relay = hold(null, message.relay, at_s + state.ahead_s);
  const next: State = { ...state, relay, page: { name: "calling", calling } };
  return [next, [offer(next, connection, false)]];
}

/** The server has passed our M2 on, and says until when the patient may answer. */
function proposed(state: State, message: FromServer<"proposed">): Step<State> {
  const { page } = state;
  if (page.name !== "calling" || page.calling.call !== message.call) {
    return [state, []];
  }
  const calling = { ...page.calling, deadline: message.deadline, isProposed: true };
  return [{ ...state, page: { name: "calling", calling } }, []];
}

function described(state: State, connection: string, sdp: string): Step<State> {
  const { page } = state;
  if (page.name === "calling" && page.calling.connection === connection) {
    const { call, nonce } = page.calling;
    return [state, [{ do: "propose", call, m2: m2(nonce, connection, sdp, false) }]];
  }
  if (page.name === "session") {
    return describedInSession(state, page.session, connection, sdp);
  }
  return [state, []];
}

/** We could not propose: the patient waits on, for another doctor too. */
function notCalled(state: State, code: SealTrouble): Step<State> {
  return [
    { ...state, page: { name: "on" }, notice: `seal-${code}`, hasWithdrawn: true },
    [{ do: "drop-media" }, send({ type: "leave", what: "call" })],
  ];
}

function unwritten(state: State, nonce: string, code: SealTrouble): Step<State> {
  const { page } = state;
  if (page.name === "calling" && page.calling.nonce === nonce) {
    return notCalled(state, code);
  }
  return page.name === "session"
    ? unwrittenInSession(state, page.session, nonce, code)
    : [state, []];
}

// --- endings --------------------------------------------------------------------------

function ended(state: State, what: FromServer<"ended">["what"], outcome: Outcome): Step<State> {
  const { page } = state;
  switch (what) {
    case "call": {
      const next: State = { ...state, hasWithdrawn: false };
      const notice = outcome === "withdrawn" ? null : outcome;
      return page.name === "calling" || page.name === "asking"
        ? [
            { ...next, page: { name: state.duty === "off" ? "off" : "on" }, notice },
            [{ do: "drop-media" }],
          ]
        : [next, []];
    }
    case "session":
      return page.name === "session" ? backOnDuty(state, outcome, []) : [state, []];
    case "duty": {
      const next: State = { ...state, duty: "off" };
      const notice = outcome === "expired" ? "duty-expired" : outcome;
      return page.name === "on" || page.name === "off"
        ? [{ ...next, page: { name: "off" }, notice }, []]
        : [next, []];
    }
    case "socket":
      return outcome === "replaced"
        ? [
            {
              ...away(state),
              page: { name: "replaced" },
              duty: "off",
              isOnline: false,
              isJoined: false,
            },
            [{ do: "disconnect" }, { do: "drop-media" }, { do: "close-devices" }],
          ]
        : [state, []];
    case "queue":
      return [state, []];
  }
}

function refused(state: State, message: FromServer<"refused">): Step<State> {
  const { page } = state;
  const { code } = message;
  if (!state.isJoined) {
    if (isForLater(code)) {
      const after_s = message.retry_s ?? RETRY_AFTER_S;
      return [{ ...state, notice: code }, [{ do: "reconnect", after_s }]];
    }
    if (page.name === "session" && page.session.flow === "live") {
      return lost(state, page.session, [{ do: "disconnect" }]);
    }
    return turnedAway(state, code);
  }
  switch (code) {
    case "away":
      return [state, [{ do: "away" }]];
    case "no-session":
      return page.name === "session" ? lost(state, page.session, []) : [state, []];
    case "ended":
    case "out-of-turn":
      // The answer to asking whether a session runs: none does.
      if (state.isReturning) return nothingRuns(state);
      // Otherwise both ends said good-bye at once, or a click crossed a message.
      return page.name === "asking" ? [{ ...state, page: { name: "on" } }, []] : [state, []];
    case "off-duty":
      return page.name === "asking"
        ? [{ ...state, page: { name: "on" }, notice: code }, [duty(state)]]
        : [{ ...state, notice: code }, []];
    case "no-call":
    case "no-patient":
      return page.name === "asking" || page.name === "calling"
        ? [{ ...state, page: { name: "on" }, notice: code }, [{ do: "drop-media" }]]
        : [state, []];
    default:
      return page.name === "asking"
        ? [{ ...state, page: { name: "on" }, notice: code }, []]
        : [{ ...state, notice: code }, []];
  }
}

function turnedAway(state: State, code: RefusalCode): Step<State> {
  return [
    { ...away(state), page: { name: "refused", code }, duty: "off" },
    [{ do: "disconnect" }, { do: "drop-media" }, { do: "close-devices" }],
  ];
}
