/**
 * The patient's page as a machine: (state, event) -> state and things to do.
 *
 * Pure: time comes with the event, dice as an argument. It may not let anything leave the
 * page that identifies the patient before the doctor's M4 was in order (`ready`).
 *
 * The letters are in `clients/README.md`, the session's part in `visit.ts`; the page states
 * are `Page`. Longer than most files: what each message does to each state is read side by side.
 */
import type { Advice } from "./advice.ts";
import { type Circle, circling, NO_CIRCLE } from "./circle.ts";
import type { Heard, SealTrouble, Vouched } from "./letters.ts";
import type { Trouble } from "./media.ts";
import type { FromServer, Outcome, RefusalCode, ServerMessage } from "./messages.ts";
import { type Check, checked, checking, type Held, hold, lending, preparing } from "./relays.ts";
import {
  finish,
  giveUp,
  hangUp,
  hearOnTheWayOut,
  isInSession,
  turnedAway,
  unsafe,
} from "./farewell.ts";
import { reaching } from "./banner.ts";
import { type JourneyEvent, journeying, type Known, UNKNOWN } from "./journey.ts";
import { accept, decline, described, proposed, unwritten } from "./proposals.ts";
import { noticed, isBroken, isForLater, RETRY_AFTER_S, send, write } from "./todo.ts";
import type { Common, Dice, Step, Todo, Unable } from "./todo.ts";
import type { Session } from "./visit.ts";
import {
  accepted,
  alone,
  awayInSession,
  goneInSession,
  inSession,
  letter,
  stuckInSession,
  whereabouts,
} from "./visit.ts";

export interface Proposal {
  call: string;
  /** Of the M1 that this M2 answers; M3 repeats it. */
  nonce: string;
  doctor: Vouched;
  digits: string;
  deadline: number;
  connection: string;
  mayRestart: boolean;
  /** Our answer, made ready while the patient reads the card. */
  answer: string | null;
}

export type { Session } from "./visit.ts";

export type Why = "left" | "far-left" | "lost" | "expired" | "excluded" | "gave-up" | "unsafe";

export type Page =
  | { name: "unable"; why: Unable }
  | { name: "welcome" }
  /** Where, for whom, how to be called back: all of it as the patient likes. */
  | { name: "about" }
  | { name: "devices" }
  | { name: "entering" }
  | { name: "waiting" }
  | { name: "proposed"; proposal: Proposal }
  | { name: "accepting"; proposal: Proposal }
  | { name: "session"; session: Session }
  /** The doctor who was accepted has left, and a colleague goes on (`company.ts`). */
  | { name: "company"; id: string }
  /** Good-bye is said here, and the server cannot be told yet. */
  | { name: "leaving"; why: "left" | "gave-up" }
  | { name: "ended"; why: Why }
  | { name: "refused"; code: RefusalCode }
  | { name: "replaced" };

/** `seal-…`: why a doctor was not believed. */
/** `behind`: the place ended while the page was away, and another was taken at the end. */
export type Notice = Outcome | RefusalCode | "unloaded" | "behind" | `seal-${SealTrouble}`;

export interface State {
  page: Page;
  isOnline: boolean;
  isJoined: boolean;
  /** Came back on a new socket, and the server has not yet said where we are. */
  isReturning: boolean;
  /** Why the devices do not work; null when they do, or were not asked for yet. */
  trouble: Trouble | null;
  hasDevices: boolean;
  pass: string | null;
  /** The link's own token was tried after a pass was refused. */
  hasFallenBack: boolean;
  /** Of the last M1; an M2 for another is stale. */
  nonce: string | null;
  /** The call last declined, should the server not have heard it. */
  declined: string | null;
  /** The newest password of the relay: for the wait and for the call that follows. */
  relay: Held | null;
  /** What the connection that is ready for the next call was made with. */
  spare: Held | null;
  check: Check | null;
  place: number | null;
  doctors: number | null;
  circle: Circle;
  known: Known;
  /** The page asks whether anybody is still there; nothing ends without an answer. */
  isAsked: boolean;
  /** The last thing that happened to a call, or a refusal, while waiting. */
  notice: Notice | null;
  /** What the doctor wants said first at the end. */
  advice: Advice | null;
  /** Server's clock minus ours. */
  ahead_s: number;
}

export type Event =
  | Common
  | JourneyEvent
  | { e: "accept" }
  | { e: "decline" }
  | { e: "give-up" }
  /** To another queue, at the old arrival. */
  | { e: "widen"; queue: string }
  /** From the end of a lost call back to the waiting room, while the link is still here. */
  | { e: "return" };

/** The first state: a page whose link holds a holder key comes back by itself. */
export function begin(unable: Unable | null, isBack: boolean): Step<State> {
  const state: State = {
    page: { name: "welcome" },
    isOnline: false,
    isJoined: false,
    isReturning: false,
    trouble: null,
    hasDevices: false,
    pass: null,
    hasFallenBack: false,
    nonce: null,
    declined: null,
    relay: null,
    spare: null,
    check: null,
    place: null,
    doctors: null,
    circle: NO_CIRCLE,
    known: UNKNOWN,
    isAsked: false,
    notice: null,
    advice: null,
    ahead_s: 0,
  };
  if (unable !== null) {
    return [{ ...state, page: { name: "unable", why: unable } }, []];
  }
  if (isBack) {
    const todos: Todo[] = [{ do: "connect" }, { do: "open-devices", video: true }];
    return [{ ...state, page: { name: "entering" } }, todos];
  }
  return [state, []];
}

export function step(state: State, event: Event, dice: Dice): Step<State> {
  const told = lending(state, circling(event, taken(state, event, dice), dice));
  const [next, todos] = reaching(state, told);
  const { page, relay, place, doctors } = next;
  // Without the server nobody is called, and a network that is lost may come back as another.
  const waits = page.name === "waiting" && next.isJoined ? relay : null;
  const isNext = place === 1 && doctors !== 0;
  return preparing(
    checking([next, todos], waits, event.e === "check-again"),
    isNext ? waits : null,
  );
}

function taken(state: State, event: Event, dice: Dice): Step<State> {
  const { page } = state;
  switch (event.e) {
    case "consent":
    case "about":
    case "say":
    case "devices":
    case "devices-ready":
    case "moved":
    case "are-you-there":
    case "still-here":
      return journeying(state, event);
    case "try-devices":
      return [{ ...state, trouble: null }, [{ do: "open-devices", video: event.video }]];
    case "wire":
      return hear(state, event.message, event.heard, event.at_s, dice);
    case "offline":
      return [{ ...state, isOnline: false, isJoined: false }, []];
    case "unloaded":
      return [{ ...state, notice: "unloaded" }, []];
    case "unentitled":
      return turnedAway(state, "not-admitted");
    case "unwritten":
      return unwritten(state, event.nonce, event.code, dice);
    case "bound":
      return inSession(state, (session) =>
        session.connection === event.connection ? [{ ...session, isBound: true }, []] : null,
      );
    case "unbound":
      return page.name === "session" && isBroken(page.session, event.connection)
        ? unsafe(state)
        : [state, []];
    case "said":
      return page.name === "session" && page.session.connection === event.connection
        ? [state, [write(page.session.far, event.letter)]]
        : [state, []];
    case "described":
      return described(state, event.connection, event.sdp);
    case "accept":
      return accept(state);
    case "decline":
      return page.name === "proposed"
        ? decline(state, page.proposal.call, "declined")
        : [state, []];
    case "give-up":
      return giveUp(state);
    case "hang-up":
      return hangUp(state);
    case "flow":
    case "picture":
    case "spent":
    case "retry":
      return inSession(state, (session) => noticed(session, event));
    case "stuck":
      return stuck(state, event.connection, dice);
    case "bye":
      // The end of the channel alone may be a reload of the far page: it comes back through
      // the server, so only a session without a server takes it for a good-bye.
      return page.name === "session" &&
        !page.session.isRelieved &&
        (event.isSaid || page.session.isAlone)
        ? finish(state, "far-left", [send({ type: "leave", what: "session" })])
        : [state, []];
    case "checked":
      return [checked(state, event.by), []];
    case "prepared":
    case "check-again":
    case "directory":
    case "widen":
      return [state, []];
    case "part":
      return isInSession(page) ? hangUp(state) : [state, []];
    case "take-back":
    case "return":
      return [
        { ...state, page: { name: "entering" }, pass: null, hasFallenBack: false, notice: null },
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
  if (page.name === "leaving") {
    return hearOnTheWayOut(state, page.why, message);
  }
  switch (message.type) {
    case "hello": {
      const nonce = dice();
      const join: Todo = { do: "join", pass: state.pass, m1: nonce };
      const next = {
        ...state,
        isOnline: true,
        isJoined: false,
        isReturning: true,
        nonce,
        ahead_s: message.now - at_s,
      };
      // The fresh M1 makes the doctor's page propose anew; what it proposed before is void.
      return page.name === "proposed"
        ? [{ ...next, page: { name: "waiting" } }, [{ do: "drop-media" }, join]]
        : [next, [join]];
    }
    case "joined":
      return [
        {
          ...state,
          isJoined: true,
          hasFallenBack: false,
          pass: message.pass ?? state.pass,
          relay: hold(state.relay, message.relay, message.now),
          ahead_s: message.now - at_s,
        },
        [],
      ];
    case "board":
      return board(state, message);
    case "proposed":
      return proposed(state, message, heard);
    case "accepted":
      return accepted(state, message, at_s, dice);
    case "envelope":
      return letter(state, message.member, heard, dice);
    case "ended":
      return ended(state, message.what, message.outcome, dice);
    case "refused":
      return refused(state, message, dice);
    case "called":
    case "invited":
      return [state, []];
  }
}

function board(state: State, message: FromServer<"board">): Step<State> {
  const { page } = state;
  const next: State = {
    ...state,
    isReturning: false,
    place: message.place ?? null,
    doctors: message.doctors,
  };
  if (page.name === "entering") {
    return [{ ...next, page: { name: "waiting" } }, []];
  }
  // A board instead of `accepted` after coming back: the call or the session is over.
  if (state.isReturning && page.name === "accepting") {
    return [{ ...next, page: { name: "waiting" }, notice: "lost" }, dropped()];
  }
  if (state.isReturning && page.name === "company") {
    return [{ ...next, page: { name: "waiting" }, notice: "lost" }, []];
  }
  if (state.isReturning && page.name === "session") {
    return page.session.flow === "live"
      ? alone(next, page.session, [send({ type: "leave", what: "queue" })])
      : [{ ...next, page: { name: "waiting" }, notice: "lost" }, dropped()];
  }
  return [next, []];
}

function ended(
  state: State,
  what: FromServer<"ended">["what"],
  outcome: Outcome,
  dice: Dice,
): Step<State> {
  const { page } = state;
  if (page.name === "ended") {
    return [state, []];
  }
  switch (what) {
    case "call": {
      // Our declining is already told; any other end of a call is news.
      const notice = outcome === "declined" ? state.notice : outcome;
      return waitAgain({ ...state, notice }, dice);
    }
    case "queue":
      return finish(state, outcome === "expired" ? "expired" : "gave-up", []);
    case "session":
      if (outcome === "requeued") return waitAgain({ ...state, notice: outcome }, dice);
      if (outcome === "left") return finish(state, "far-left", []);
      return finish(state, outcome === "excluded" ? "excluded" : "expired", []);
    case "socket":
      return outcome === "replaced"
        ? [
            { ...state, page: { name: "replaced" }, isOnline: false, isJoined: false },
            [{ do: "disconnect" }, { do: "drop-media" }, { do: "close-devices" }],
          ]
        : [state, []];
    case "duty":
      return [state, []];
  }
}

/** Every call spends its M1: back in the queue, the next needs a fresh one. */
function waitAgain(state: State, dice: Dice): Step<State> {
  const nonce = dice();
  return [
    { ...state, page: { name: "waiting" }, nonce, declined: null, advice: null },
    [...dropped(), { do: "renew", m1: nonce }],
  ];
}

function refused(state: State, message: FromServer<"refused">, dice: Dice): Step<State> {
  const { page } = state;
  const { code } = message;
  const after_s = message.retry_s ?? RETRY_AFTER_S;
  if (page.name === "ended" || page.name === "replaced") {
    return [state, []];
  }
  if (!state.isJoined) {
    if (isForLater(code)) {
      return [{ ...state, notice: code }, [{ do: "reconnect", after_s }]];
    }
    if (page.name === "session" && page.session.flow === "live") {
      return alone({ ...state, pass: null }, page.session, [{ do: "disconnect" }]);
    }
    // Once, and only from a pass, the link itself may still open the door.
    if (state.pass !== null && !state.hasFallenBack) {
      const notice = page.name === "waiting" ? "behind" : state.notice;
      return [
        { ...state, page: { name: "entering" }, pass: null, hasFallenBack: true, notice },
        [...dropped(), { do: "reconnect", after_s: 0 }],
      ];
    }
    return turnedAway(state, code);
  }
  switch (code) {
    case "away":
      return message.member === undefined || message.member === whereabouts(state).first
        ? [awayInSession(state), [{ do: "away" }]]
        : [state, []];
    case "out-of-turn":
      // A click crossed a message: what the message says is what holds.
      return [state, []];
    case "no-call":
      return page.name === "proposed" || page.name === "accepting"
        ? waitAgain({ ...state, notice: "lost" }, dice)
        : [state, []];
    case "no-session":
      return page.name === "session" ? goneInSession(state, page.session) : [state, []];
    default:
      return [{ ...state, notice: code }, []];
  }
}

function stuck(state: State, connection: string, dice: Dice): Step<State> {
  const { page } = state;
  if (page.name === "proposed" || page.name === "accepting") {
    // The doctor's offer cannot be read by this browser: nobody waits for the deadline.
    return page.proposal.connection === connection
      ? decline(state, page.proposal.call, "lost")
      : [state, []];
  }
  return page.name === "session" && page.session.connection === connection
    ? stuckInSession(state, page.session, dice)
    : [state, []];
}

// --- endings --------------------------------------------------------------------------

function dropped(): Todo[] {
  return [{ do: "drop-media" }, { do: "forget" }];
}
