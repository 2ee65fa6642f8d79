/**
 * The guest's page as a machine: by one address, once, into a session that others began.
 *
 * Pure: time comes with the event. Who is in that session, and what is proven of them, is in
 * `company.ts`; this machine knows the way in and out.
 *
 * What is heard when is in `signaling/PROTOCOL.md`.
 */
import type { Trouble } from "./media.ts";
import type { FromServer, RefusalCode, ServerMessage } from "./messages.ts";
import { type Held, hold } from "./relays.ts";
import { isForLater, RETRY_AFTER_S, send } from "./todo.ts";
import type { Common, Step, Todo, Unable } from "./todo.ts";
import { NOWHERE, type Whereabouts } from "./whereabouts.ts";

export type Why = "left" | "over" | "excluded" | "lost";

export type Page =
  | { name: "unable"; why: Unable }
  | { name: "welcome" }
  | { name: "devices" }
  | { name: "entering" }
  | { name: "company"; id: string }
  | { name: "ended"; why: Why }
  | { name: "refused"; code: RefusalCode }
  | { name: "replaced" };

export interface State {
  page: Page;
  isOnline: boolean;
  isJoined: boolean;
  trouble: Trouble | null;
  /** Of the seat; the invitation itself leads in once. */
  pass: string | null;
  relay: Held | null;
  isUnloaded: boolean;
  ahead_s: number;
}

export type Event =
  | Common
  | { e: "consent" }
  /** The page is being closed or loaded anew: nobody waits for it. */
  | { e: "gone" };

export function begin(unable: Unable | null): Step<State> {
  const page: Page = unable === null ? { name: "welcome" } : { name: "unable", why: unable };
  return [
    {
      page,
      isOnline: false,
      isJoined: false,
      trouble: null,
      pass: null,
      relay: null,
      isUnloaded: false,
      ahead_s: 0,
    },
    [],
  ];
}

export function step(state: State, event: Event): Step<State> {
  const { page } = state;
  switch (event.e) {
    case "consent":
      return page.name === "welcome"
        ? [{ ...state, page: { name: "devices" } }, [{ do: "open-devices", video: true }]]
        : [state, []];
    case "try-devices":
      return [{ ...state, trouble: null }, [{ do: "open-devices", video: event.video }]];
    case "devices":
      return [{ ...state, trouble: event.trouble }, []];
    case "devices-ready":
      return page.name === "devices"
        ? [{ ...state, page: { name: "entering" } }, [{ do: "connect" }]]
        : [state, []];
    case "wire":
      return hear(state, event.message, event.at_s);
    case "offline":
      return [{ ...state, isOnline: false, isJoined: false }, []];
    case "unloaded":
      return [{ ...state, isUnloaded: true }, []];
    case "unentitled":
      return turnedAway(state, "not-admitted");
    case "hang-up":
    case "part":
      return finish(state, "left", [{ do: "bye" }, send({ type: "leave", what: "session" })]);
    case "gone":
      return page.name === "company"
        ? [state, [{ do: "bye" }, send({ type: "leave", what: "session" })]]
        : [state, []];
    default:
      return [state, []];
  }
}

/** Where this page stands, for the company that it is in. */
export function whereabouts({ page, relay }: State): Whereabouts {
  return page.name === "company" ? { ...NOWHERE, session: page.id, relay } : NOWHERE;
}

function hear(state: State, message: ServerMessage, at_s: number): Step<State> {
  const { page } = state;
  switch (message.type) {
    case "hello":
      return [
        {
          ...state,
          isOnline: true,
          isJoined: false,
          isUnloaded: false,
          ahead_s: message.now - at_s,
        },
        [{ do: "join", pass: state.pass, m1: null }],
      ];
    case "joined":
      return [
        {
          ...state,
          isJoined: true,
          pass: message.pass ?? state.pass,
          relay: hold(state.relay, message.relay, message.now),
        },
        [],
      ];
    case "accepted": {
      const relay = hold(state.relay, message.relay, at_s + state.ahead_s);
      const next = { ...state, relay, pass: message.pass ?? state.pass };
      return page.name === "entering" || page.name === "company"
        ? [{ ...next, page: { name: "company", id: message.session } }, []]
        : [next, [send({ type: "leave", what: "session" })]];
    }
    case "ended":
      return ended(state, message);
    case "refused":
      return refused(state, message);
    default:
      return [state, []];
  }
}

function ended(state: State, { what, outcome }: FromServer<"ended">): Step<State> {
  if (state.page.name === "ended") return [state, []];
  if (what === "socket" && outcome === "replaced") {
    return [
      { ...state, page: { name: "replaced" }, isOnline: false, isJoined: false },
      [{ do: "disconnect" }, { do: "close-devices" }],
    ];
  }
  if (what !== "session") return [state, []];
  return finish(
    state,
    outcome === "excluded" ? outcome : outcome === "expired" ? "lost" : "over",
    [],
  );
}

function refused(state: State, { code, retry_s }: FromServer<"refused">): Step<State> {
  const { page } = state;
  if (state.isJoined) {
    return code === "ended" && page.name === "company" ? finish(state, "lost", []) : [state, []];
  }
  if (isForLater(code)) {
    return [state, [{ do: "reconnect", after_s: retry_s ?? RETRY_AFTER_S }]];
  }
  return page.name === "company" ? finish(state, "lost", []) : turnedAway(state, code);
}

/** Good-bye: devices closed, the address cleared. */
function finish(state: State, why: Why, todos: Todo[]): Step<State> {
  return [
    {
      ...state,
      page: { name: "ended", why },
      pass: null,
      relay: null,
      isOnline: false,
      isJoined: false,
    },
    [...todos, { do: "close-devices" }, { do: "disconnect" }, { do: "clear-link" }],
  ];
}

function turnedAway(state: State, code: RefusalCode): Step<State> {
  return [
    { ...state, page: { name: "refused", code } },
    [{ do: "disconnect" }, { do: "close-devices" }],
  ];
}
