/**
 * Where the doctor's page stands with the server: let in, refused, or told that something is over.
 *
 * Pure, and part of `rounds.ts`: while picture and sound flow, nothing that the server says or
 * forgets ends them but the end of the session.
 *
 * What is heard when is in `signaling/PROTOCOL.md`.
 */
import { away, backOnDuty, between, type Told } from "./duty.ts";
import { withSession } from "./bedside.ts";
import type { FromServer, Outcome, RefusalCode } from "./messages.ts";
import { hold } from "./relays.ts";
import { notSeated, whereabouts } from "./relief.ts";
import type { Page, Session, State } from "./rounds.ts";
import { isForLater, RETRY_AFTER_S, send, signed } from "./todo.ts";
import type { Step, Todo } from "./todo.ts";

export function joined(state: State, message: FromServer<"joined">, at_s: number): Step<State> {
  const { queues = [], relay } = message;
  const isIn = state.page.name === "session" || state.page.name === "company";
  const next: State = {
    ...state,
    isJoined: true,
    relay: hold(state.relay, isIn ? relay : undefined, message.now),
    pass: isIn ? (message.pass ?? state.pass) : null,
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
    case "company":
      return [{ ...next, isReturning: true }, [send({ type: "renew" })]];
    case "asking":
    case "calling":
      // The server gave the patient back when our socket was lost.
      return [{ ...next, page: between(next), notice: "lost" }, [{ do: "drop-media" }]];
    default:
      return [next, []];
  }
}

/** The server answered on a new socket, and knows of no session of ours. */
function nothingRuns(state: State): Step<State> {
  if (state.page.name === "session") {
    return lost({ ...state, isReturning: false }, state.page.session, [{ do: "disconnect" }]);
  }
  if (state.page.name === "company") return backOnDuty(state, "lost", []);
  // After a reload the devices come first, and until then the server is told that we are off duty.
  const page: Page = state.isReady ? between(state) : { name: "devices" };
  return [{ ...away(state), page }, [{ do: "forget" }]];
}

/** The server knows the session no more; while picture and sound flow, they go on. */
function lost(state: State, session: Session, todos: Todo[]): Step<State> {
  return session.flow === "live"
    ? [withSession(state, { ...session, isAlone: true }), todos]
    : backOnDuty(state, "lost", []);
}

export function ended(
  state: State,
  what: FromServer<"ended">["what"],
  outcome: Outcome,
): Step<State> {
  const { page } = state;
  switch (what) {
    case "call": {
      const next: State = { ...state, hasWithdrawn: false };
      const notice = outcome === "withdrawn" ? null : outcome;
      return page.name === "calling" || page.name === "asking"
        ? [{ ...next, page: between(state), notice }, [{ do: "drop-media" }]]
        : [next, []];
    }
    case "session":
      return page.name === "session" || page.name === "company"
        ? backOnDuty(state, outcome, [])
        : [state, []];
    case "duty":
      return dutyEnded(state, outcome);
    case "socket":
      return outcome === "replaced"
        ? [
            {
              ...away(state),
              page: { name: "replaced" },
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

const OFF: Told = { state: "off", queues: [] };

/**
 * The server lets us go: of itself after a silence, or because we took our last patient or pause.
 * What we wanted since then is told anew.
 */
function dutyEnded(state: State, outcome: Outcome): Step<State> {
  const { name } = state.page;
  if (outcome !== "expired") {
    // In a session it answers what we told it there; to tell that again would have no end.
    const isInOne = name === "session" || name === "company";
    return [isInOne ? state : { ...state, told: OFF }, []];
  }
  const next: State = { ...state, duty: "off", told: OFF };
  return name === "on" || name === "paused" || name === "off"
    ? [{ ...next, page: { name: "off" }, notice: "duty-expired" }, []]
    : [next, []];
}

export function refused(state: State, message: FromServer<"refused">): Step<State> {
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
      if (message.member !== undefined && message.member !== whereabouts(state).first) {
        return [state, []];
      }
      return page.name === "session"
        ? [withSession(state, signed(page.session, { isAway: true })), [{ do: "away" }]]
        : [state, [{ do: "away" }]];
    case "no-session":
      // Not back yet in a session that the server had lost: what is kept for him goes then.
      return page.name === "session" && !page.session.signs.isAway
        ? lost(state, page.session, [])
        : [state, []];
    case "ended":
    case "out-of-turn":
      // The answer to asking whether a session runs: none does.
      if (state.isReturning) return nothingRuns(state);
      if (page.name === "company" && page.id === null) return notSeated(state);
      // Otherwise both ends said good-bye at once, or a click crossed a message.
      return page.name === "asking" ? [{ ...state, page: between(state) }, []] : [state, []];
    case "off-duty":
      return page.name === "asking"
        ? [{ ...state, page: between(state), told: OFF, notice: code }, []]
        : [{ ...state, notice: code }, []];
    case "no-call":
    case "no-patient":
      return page.name === "asking" || page.name === "calling"
        ? [{ ...state, page: between(state), notice: code }, [{ do: "drop-media" }]]
        : [state, []];
    default:
      return page.name === "asking"
        ? [{ ...state, page: between(state), notice: code }, []]
        : [{ ...state, notice: code }, []];
  }
}

export function turnedAway(state: State, code: RefusalCode): Step<State> {
  return [
    { ...away(state), page: { name: "refused", code }, duty: "off" },
    [{ do: "disconnect" }, { do: "drop-media" }, { do: "close-devices" }],
  ];
}
