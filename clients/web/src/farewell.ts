/**
 * How the patient's page says good-bye, also to a server that it cannot reach just now.
 *
 * Pure, and part of `consultation.ts`: whatever the way out, keys are forgotten, devices
 * closed and the fragment cleared.
 *
 * What is heard when is in `signaling/PROTOCOL.md`.
 */
import type { Page, State, Why } from "./consultation.ts";
import type { RefusalCode, ServerMessage } from "./messages.ts";
import { isForLater, RETRY_AFTER_S, send } from "./todo.ts";
import type { Step, Todo } from "./todo.ts";

/** Good-bye: keys forgotten, devices closed, the fragment cleared. */
export function finish(state: State, why: Why, todos: Todo[]): Step<State> {
  // After a loss, and after an absence, the patient may want to go back to the waiting room: the link stays.
  const last: Todo[] = why === "lost" || why === "expired" ? [] : [{ do: "clear-link" }];
  return [
    {
      ...state,
      page: { name: "ended", why },
      pass: null,
      nonce: null,
      declined: null,
      relay: null,
      isOnline: false,
      isJoined: false,
    },
    [
      ...todos,
      { do: "drop-media" },
      { do: "forget" },
      { do: "close-devices" },
      { do: "disconnect" },
      ...last,
    ],
  ];
}

/** The door stays shut: nothing is held open in front of it. */
export function turnedAway(state: State, code: RefusalCode): Step<State> {
  return [
    { ...state, page: { name: "refused", code } },
    [{ do: "disconnect" }, { do: "drop-media" }, { do: "close-devices" }],
  ];
}

/** What cannot be shown to be the doctor's is not gone on with. */
export function unsafe(state: State): Step<State> {
  return finish(state, "unsafe", [send({ type: "leave", what: "session" })]);
}

export function giveUp(state: State): Step<State> {
  return state.isJoined
    ? finish(state, "gave-up", [send({ type: "leave", what: "queue" })])
    : leaving(state, "gave-up", []);
}

export function hangUp(state: State): Step<State> {
  const { page } = state;
  const bye: Todo = { do: "bye" };
  // Until `accepted` the place may still be one in the queue.
  if (page.name === "accepting") {
    return leaving(state, "left", state.isJoined ? [send({ type: "leave", what: "queue" })] : []);
  }
  return state.isJoined || !isInSession(page) || (page.name === "session" && page.session.isAlone)
    ? finish(state, "left", [bye, send({ type: "leave", what: "session" })])
    : leaving(state, "left", [bye]);
}

export function isInSession({ name }: Page): boolean {
  return name === "session" || name === "company";
}

/** Nothing is held here any more but the way back to the server, which has yet to hear it. */
function leaving(state: State, why: "left" | "gave-up", todos: Todo[]): Step<State> {
  return [
    { ...state, page: { name: "leaving", why }, nonce: null },
    [
      ...todos,
      { do: "drop-media" },
      { do: "forget" },
      { do: "close-devices" },
      { do: "clear-link" },
    ],
  ];
}

/** While leaving: tell the server as soon as it is there. */
export function hearOnTheWayOut(
  state: State,
  why: "left" | "gave-up",
  message: ServerMessage,
): Step<State> {
  switch (message.type) {
    case "hello":
      // Without an M1: nobody shall call who is leaving.
      return [
        { ...state, isOnline: true, isJoined: false },
        [{ do: "join", pass: state.pass, m1: null }],
      ];
    case "joined":
      return state.isJoined
        ? [state, []]
        : [{ ...state, isJoined: true }, [send({ type: "leave", what: "queue" })]];
    case "accepted":
      return [state, [send({ type: "leave", what: "session" })]];
    case "ended":
      if (message.outcome === "replaced") {
        // Another window goes on with the wait; it is for that one to give up.
        return [{ ...state, page: { name: "replaced" }, isJoined: false }, [{ do: "disconnect" }]];
      }
      return message.what === "queue" || message.what === "session"
        ? finish(state, why, [])
        : [state, []];
    case "refused":
      // Inside, a refusal says that the other kind of good-bye is the right one: it follows.
      if (state.isJoined) return [state, []];
      return isForLater(message.code)
        ? [state, [{ do: "reconnect", after_s: message.retry_s ?? RETRY_AFTER_S }]]
        : finish(state, why, []);
    default:
      return [state, []];
  }
}
