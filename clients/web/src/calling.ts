/**
 * How the doctor's page calls a patient: from the click to an M2 on its way.
 *
 * Pure, and part of `rounds.ts`: at most three M1 of one call are answered.
 *
 * What is heard when is in `signaling/PROTOCOL.md`.
 */
import { M1_PER_CALL } from "./agreed.ts";
import { describedInSession, m2, offer, unwrittenInSession } from "./bedside.ts";
import { between } from "./duty.ts";
import type { Heard, SealTrouble } from "./letters.ts";
import type { FromServer } from "./messages.ts";
import { ownTickets } from "./queues.ts";
import { hold } from "./relays.ts";
import type { Calling, State } from "./rounds.ts";
import { send } from "./todo.ts";
import type { Dice, Step } from "./todo.ts";

/** Call the next patient, or one who came by the doctor's own link: nobody else is picked. */
export function call(state: State, ticket: string | null): Step<State> {
  const isOurs = ticket === null || ownTickets(state.tickets).some((own) => own.ticket === ticket);
  if (state.page.name !== "on" || !isOurs) {
    return [state, []];
  }
  return [
    {
      ...state,
      page: { name: "asking", ticket },
      notice: null,
      arrival: null,
      hasWithdrawn: false,
    },
    [{ do: "prepare" }],
  ];
}

/** Our papers are at hand, or not: a patient is not called, and made to rest, for nothing. */
export function prepared(state: State, code: SealTrouble | null): Step<State> {
  const { page } = state;
  if (page.name !== "asking") {
    return [state, []];
  }
  if (code !== null) {
    return [{ ...state, page: between(state), notice: `seal-${code}` }, []];
  }
  // Who may be called, and by whom, is the server's to say: the first over all our queues.
  return [
    state,
    [send(page.ticket === null ? { type: "call" } : { type: "call", ticket: page.ticket })],
  ];
}

/** Take the call back. Before `called` there is no call to leave; it is left when it comes. */
export function withdraw(state: State): Step<State> {
  const { page } = state;
  if (page.name !== "calling" && page.name !== "asking") {
    return [state, []];
  }
  const hasWithdrawn = page.name === "calling";
  return [
    { ...state, page: between(state), notice: null, hasWithdrawn },
    hasWithdrawn ? [{ do: "drop-media" }, send({ type: "leave", what: "call" })] : [],
  ];
}

export function called(
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
export function proposed(state: State, message: FromServer<"proposed">): Step<State> {
  const { page } = state;
  if (page.name !== "calling" || page.calling.call !== message.call) {
    return [state, []];
  }
  const calling = { ...page.calling, deadline: message.deadline, isProposed: true };
  return [{ ...state, page: { name: "calling", calling } }, []];
}

/** Our offer is made, and goes as M2. */
export function described(state: State, connection: string, sdp: string): Step<State> {
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
    { ...state, page: between(state), notice: `seal-${code}`, hasWithdrawn: true },
    [{ do: "drop-media" }, send({ type: "leave", what: "call" })],
  ];
}

export function unwritten(state: State, nonce: string, code: SealTrouble): Step<State> {
  const { page } = state;
  if (page.name === "calling" && page.calling.nonce === nonce) {
    return notCalled(state, code);
  }
  return page.name === "session"
    ? unwrittenInSession(state, page.session, nonce, code)
    : [state, []];
}
