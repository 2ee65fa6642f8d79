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
import { readAs, write as body } from "./letters.ts";
import type { Card } from "./letters.ts";
import type { Trouble } from "./media.ts";
import type { Flow } from "./meeting.ts";
import type { FromServer, Outcome, RefusalCode, Relay, ServerMessage, Ticket } from "./messages.ts";
import {
  checked,
  describedInSession,
  hearLetter,
  m2,
  offer,
  offerAnew,
  stuck,
  withSession,
} from "./bedside.ts";
import { RESTARTS, send, write } from "./todo.ts";
import type { Common, Dice, Step, Todo, Unable } from "./todo.ts";

// One click of the doctor's answers no more than this many M1 (`clients/README.md`).
export const M1_PER_CALL = 3;

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
  /** An offer is being made: as M2 for this nonce, or as a description (null). */
  offering: { connection: string; nonce: string | null } | null;
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
  | { name: "card" }
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

export interface State {
  page: Page;
  isOnline: boolean;
  isJoined: boolean;
  /** Reloaded in a session: the server is asked whether it still runs. */
  isReturning: boolean;
  trouble: Trouble | null;
  hasDevices: boolean;
  card: Card | null;
  /** What the doctor wants; told again after each lost socket. */
  duty: "off" | "on" | "draining";
  pass: string | null;
  resume: string | null;
  relay: Relay | null;
  queues: string[];
  doctors: number;
  waiting: number;
  tickets: Ticket[];
  notice: Outcome | RefusalCode | null;
  ahead_s: number;
}

export type Event =
  | Common
  | { e: "card"; card: Card }
  | { e: "edit-card" }
  | { e: "go-on-duty" }
  | { e: "draining" }
  | { e: "off-duty" }
  | { e: "call-next" }
  | { e: "withdraw" }
  /** Go on with whoever opened the link again. */
  | { e: "continue" };

export function begin(unable: Unable | null, resume: string | null): Step<State> {
  const state: State = {
    page: { name: "card" },
    isOnline: false,
    isJoined: false,
    isReturning: false,
    trouble: null,
    hasDevices: false,
    card: null,
    duty: "off",
    pass: null,
    resume,
    relay: null,
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
  if (resume !== null) {
    // A session may be running: the call comes first, the name can be asked for later.
    const todos: Todo[] = [{ do: "connect" }, { do: "open-devices", video: true }];
    return [{ ...state, page: { name: "entering" }, isReturning: true }, todos];
  }
  return [state, []];
}

export function step(state: State, event: Event, dice: Dice): Step<State> {
  const { page } = state;
  switch (event.e) {
    case "card": {
      const named: State = { ...state, card: event.card };
      if (page.name !== "card") return [named, []];
      if (!state.hasDevices) {
        return [{ ...named, page: { name: "devices" } }, [{ do: "open-devices", video: true }]];
      }
      return enter(named);
    }
    case "edit-card":
      return page.name === "off" ? [{ ...state, page: { name: "card" } }, []] : [state, []];
    case "try-devices":
      return [{ ...state, trouble: null }, [{ do: "open-devices", video: event.video }]];
    case "devices":
      return [{ ...state, trouble: event.trouble, hasDevices: event.trouble === null }, []];
    case "devices-ready":
      return page.name === "devices" ? enter(state) : [state, []];
    case "wire":
      return hear(state, event.message, event.at_s, dice);
    case "offline":
      return [{ ...state, isOnline: false, isJoined: false }, []];
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
    case "withdraw":
      // Before `called` there is no call to leave; it is left when it comes.
      return page.name === "calling" || page.name === "asking"
        ? [
            { ...state, page: { name: "on" }, notice: null },
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
        ? [withSession(state, { ...page.session, flow: event.flow }), []]
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
    case "checked":
      return page.name === "session"
        ? checked(state, page.session, event.nonce, event.isSame, dice)
        : [state, []];
    case "continue":
      return page.name === "session" && page.session.reopened !== null
        ? offerAnew(state, page.session, page.session.reopened, dice)
        : [state, []];
    case "take-back":
      return [
        { ...state, page: { name: "entering" }, pass: null, notice: null, isReturning: true },
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

function duty(state: State): Todo {
  return send({
    type: "duty",
    state: state.duty,
    queues: state.duty === "off" ? [] : state.queues,
  });
}

function wantDuty(state: State, wanted: State["duty"]): Step<State> {
  const next = { ...state, duty: wanted, notice: null };
  return [next, [duty(next)]];
}

function callNext(state: State): Step<State> {
  if (state.page.name !== "on") {
    return [state, []];
  }
  // One ordering: the first patient of the board who is awake says which queue is next.
  const first = state.tickets.find(({ awake }) => awake) ?? state.tickets[0];
  const queue = first?.queue ?? state.queues[0];
  return queue === undefined
    ? [{ ...state, notice: "no-patient" }, []]
    : [{ ...state, page: { name: "asking" }, notice: null }, [send({ type: "call", queue })]];
}

// --- the server -----------------------------------------------------------------------

function hear(state: State, message: ServerMessage, at_s: number, dice: Dice): Step<State> {
  const { page } = state;
  switch (message.type) {
    case "hello":
      return [
        { ...state, isOnline: true, isJoined: false, ahead_s: message.now - at_s },
        [{ do: "join", pass: state.pass, m1: null }],
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
      return called(state, message, dice);
    case "accepted":
      return accepted(state, message);
    case "envelope":
      return page.name === "session" && page.session.far === message.member
        ? hearLetter(state, page.session, message.body, dice)
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
  const isFirst = !state.isJoined;
  const next: State = {
    ...state,
    isJoined: true,
    pass: message.pass ?? state.pass,
    relay: message.relay ?? state.relay,
    queues: message.queues ?? state.queues,
    ahead_s: message.now - at_s,
  };
  if (state.isReturning) {
    // `accepted` follows `joined` where a session runs; the answer to this comes after it.
    if (isFirst) return [next, [send({ type: "renew" })]];
    return homecoming(next);
  }
  if (!isFirst) {
    return [next, []];
  }
  switch (state.page.name) {
    case "entering":
      return [{ ...next, page: { name: "off" } }, []];
    case "on":
      return [next, [duty(next)]];
    case "asking":
    case "calling":
      // The server gave the patient back when our socket was lost.
      return [
        { ...next, page: { name: "on" }, notice: "lost" },
        [{ do: "drop-media" }, duty(next)],
      ];
    default:
      return [next, []];
  }
}

/** Nothing of a session was found again: on with the day. */
function homecoming(state: State): Step<State> {
  const page: Page = { name: state.card === null ? "card" : "off" };
  return [{ ...away(state), page }, [{ do: "keep", resume: null }]];
}

function called(state: State, message: FromServer<"called">, dice: Dice): Step<State> {
  const m1 = readAs("m1", message.m1);
  const { page } = state;
  const isAgain = page.name === "calling" && page.calling.call === message.call;
  if (m1 === null || (page.name !== "asking" && !isAgain)) {
    // Not asked for any more: withdrawn while the server was answering.
    return isAgain ? [state, []] : [state, [send({ type: "leave", what: "call" })]];
  }
  const heard = isAgain ? page.calling.heard + 1 : 1;
  if (heard > M1_PER_CALL) {
    return [state, []];
  }
  const connection = dice();
  const calling: Calling = {
    call: message.call,
    ticket: message.ticket,
    deadline: isAgain ? page.calling.deadline : message.deadline,
    nonce: m1.nonce,
    connection,
    heard,
    isProposed: false,
  };
  return [{ ...state, page: { name: "calling", calling } }, [offer(state, connection, false)]];
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
    return [state, [send({ type: "propose", call, m2: body(m2(state, nonce, connection, sdp)) })]];
  }
  if (page.name === "session") {
    return describedInSession(state, page.session, connection, sdp);
  }
  return [state, []];
}

function accepted(state: State, message: FromServer<"accepted">): Step<State> {
  const { page } = state;
  const far = message.members.find(({ role }) => role === "patient")?.member ?? null;
  const next: State = {
    ...state,
    isReturning: false,
    pass: message.pass ?? state.pass,
    relay: message.relay ?? state.relay,
    notice: null,
  };
  if (page.name === "session" && page.session.session === message.session && far !== null) {
    return [withSession(next, { ...page.session, far, isAlone: false }), [{ do: "flush" }]];
  }
  if (far === null || (page.name !== "calling" && page.name !== "entering")) {
    // A session that we left while the server could not hear us.
    return [{ ...next, pass: null }, [send({ type: "leave", what: "session" })]];
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
    const { connection } = page.calling;
    const mayRestart = m3.restarts && RESTARTS;
    return [
      withSession({ ...next, resume: m3.resume }, { ...session, connection, mayRestart }),
      [
        write(far, { t: "ready" }),
        { do: "keep", resume: m3.resume },
        { do: "settle", connection, answer: m3.answer, mayRestart },
        { do: "release", connection },
      ],
    ];
  }
  // Reloaded, or an M3 that was lost or for another M1: ask for a fresh handshake.
  return [
    withSession(next, { ...session, isUnmet: page.name === "calling" }),
    [{ do: "drop-media" }, write(far, { t: "knock" })],
  ];
}

// --- endings --------------------------------------------------------------------------

function ended(state: State, what: FromServer<"ended">["what"], outcome: Outcome): Step<State> {
  const { page } = state;
  switch (what) {
    case "call":
      return page.name === "calling" || page.name === "asking"
        ? [
            { ...state, page: { name: "on" }, notice: outcome === "withdrawn" ? null : outcome },
            [{ do: "drop-media" }],
          ]
        : [state, []];
    case "session":
      return page.name === "session"
        ? backOnDuty(state, outcome, [])
        : [{ ...state, pass: null }, []];
    case "duty":
      return page.name === "on" || page.name === "off"
        ? [
            {
              ...state,
              page: { name: "off" },
              duty: "off",
              notice: outcome === "left" ? null : outcome,
            },
            [],
          ]
        : [{ ...state, duty: "off" }, []];
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
    if (code === "too-fast" || code === "internal" || code === "full" || code === "unproven") {
      return [{ ...state, notice: code }, [{ do: "reconnect", after_s: message.retry_s ?? 5 }]];
    }
    if (state.pass !== null) {
      const next: State = { ...state, pass: null };
      if (page.name !== "session") return [next, [{ do: "reconnect", after_s: 0 }]];
      // The server knows the session no more; while picture and sound flow, they go on.
      return page.session.flow === "live"
        ? [withSession(next, { ...page.session, isAlone: true }), [{ do: "disconnect" }]]
        : backOnDuty(next, "lost", [{ do: "reconnect", after_s: 0 }]);
    }
    return [
      { ...state, page: { name: "refused", code }, duty: "off" },
      [{ do: "disconnect" }, { do: "drop-media" }, { do: "close-devices" }],
    ];
  }
  switch (code) {
    case "away":
      return [state, [{ do: "away" }]];
    case "no-session":
      if (page.name !== "session") return [state, []];
      return page.session.flow === "live"
        ? [withSession(state, { ...page.session, isAlone: true }), []]
        : backOnDuty(state, "lost", []);
    case "out-of-turn":
      // The answer to asking whether a session runs: none does.
      if (state.isReturning) return homecoming(state);
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

/** After a session: on duty again, unless the doctor was finishing or has yet to say the name. */
function backOnDuty(state: State, notice: Outcome | null, todos: Todo[]): Step<State> {
  const wasAlone = state.page.name === "session" && state.page.session.isAlone;
  const next = { ...away(state), notice };
  const rest: Todo[] = [
    ...todos,
    { do: "drop-media" },
    { do: "keep", resume: null },
    ...(wasAlone ? [{ do: "connect" } as const] : []),
  ];
  if (state.card === null) {
    const off: State = { ...next, page: { name: "card" }, duty: "off" };
    return [off, [...rest, duty(off)]];
  }
  if (state.duty === "off") {
    return [{ ...next, page: { name: "off" } }, rest];
  }
  return [{ ...next, page: { name: "on" } }, rest];
}

function away(state: State): State {
  return { ...state, isReturning: false, pass: null, resume: null };
}
