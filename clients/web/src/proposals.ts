/**
 * What the patient's page does with a doctor who calls, until a session starts.
 *
 * Pure, and part of `consultation.ts`: nobody is shown who cannot be shown to be a doctor of ours.
 *
 * What is heard when is in `signaling/PROTOCOL.md`.
 */
import type { Notice, Proposal, State } from "./consultation.ts";
import type { Heard, SealTrouble } from "./letters.ts";
import type { FromServer } from "./messages.ts";
import { RESTARTS, send } from "./todo.ts";
import type { Dice, Step } from "./todo.ts";
import { acceptedInSession, describedInSession, refusedInSession } from "./visit.ts";

export function proposed(
  state: State,
  message: FromServer<"proposed">,
  heard: Heard | null,
): Step<State> {
  const { call, deadline } = message;
  if (call === state.declined) {
    return [state, [send({ type: "leave", what: "call" })]];
  }
  const { page } = state;
  const isFree = page.name === "waiting" || page.name === "entering" || page.name === "accepting";
  if (heard?.t === "refused" && isFree) {
    // Nobody who cannot be shown to be a doctor of ours is shown at all.
    return decline(state, call, `seal-${heard.code}`);
  }
  if (heard?.t !== "m2" || heard.nonce !== state.nonce || !isFree) {
    return [state, []];
  }
  const { nonce, doctor, digits, connection, offer } = heard;
  const mayRestart = heard.restarts && RESTARTS;
  const proposal: Proposal = {
    call,
    nonce,
    doctor,
    digits,
    deadline,
    connection,
    mayRestart,
    answer: null,
  };
  return [
    { ...state, page: { name: "proposed", proposal }, nonce: null, notice: null },
    [{ do: "meet", connection, offer, mayRestart, relay: state.relay }],
  ];
}

export function accept(state: State): Step<State> {
  const { page } = state;
  if (page.name === "session") {
    return acceptedInSession(state, page.session);
  }
  if (page.name !== "proposed") {
    return [state, []];
  }
  const next: State = { ...state, page: { name: "accepting", proposal: page.proposal } };
  return page.proposal.answer === null ? [next, []] : sendM3(next, page.proposal);
}

/** The server may not hear it now; then it hears it when the call is proposed again. */
export function decline(state: State, call: string, notice: Notice): Step<State> {
  return [
    { ...state, page: { name: "waiting" }, notice, declined: call },
    [{ do: "drop-media" }, send({ type: "leave", what: "call" })],
  ];
}

/** Our answer is made: send it, or keep it until the patient accepts. */
export function described(state: State, connection: string, sdp: string): Step<State> {
  const { page } = state;
  if (page.name === "session") {
    return describedInSession(state, page.session, connection, sdp);
  }
  if (page.name !== "proposed" && page.name !== "accepting") {
    return [state, []];
  }
  if (page.proposal.connection !== connection) {
    return [state, []];
  }
  const proposal = { ...page.proposal, answer: sdp };
  const next: State = { ...state, page: { name: page.name, proposal } };
  return page.name === "accepting" ? sendM3(next, proposal) : [next, []];
}

function sendM3(state: State, { call, nonce, answer }: Proposal): Step<State> {
  return [state, [{ do: "accept", call, nonce, answer: answer ?? "" }]];
}

/** Our part of a handshake could not be made: another try is another handshake. */
export function unwritten(state: State, nonce: string, code: SealTrouble, dice: Dice): Step<State> {
  const { page } = state;
  if (page.name === "session" && nonce === "") {
    // A record: its keys are over with it.
    return refusedInSession(state, page.session, dice);
  }
  return page.name === "accepting" && page.proposal.nonce === nonce
    ? decline(state, page.proposal.call, `seal-${code}`)
    : [state, []];
}
