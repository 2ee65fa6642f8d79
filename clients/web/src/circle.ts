/**
 * The circle in which a patient waits: his queue, what is known of it, and moving to a wider one.
 *
 * Pure, and part of `consultation.ts`. It may not widen by itself: only `widen`, a tap, does. The
 * server keeps the arrival; the page brings a fresh M1, because it says by which link he waits.
 *
 * Widening is `join` with `keep_pass` in `signaling/PROTOCOL.md`.
 */
import type { Event, State } from "./consultation.ts";
import { type Directory, isOpen } from "./directory.ts";
import type { ServerMessage } from "./messages.ts";
import type { Dice, Step, Todo } from "./todo.ts";

export interface Circle {
  /** Null until it is loaded, and where it cannot be had. */
  directory: Directory | null;
  isLoading: boolean;
  /** Where the server says that we wait. */
  queue: string | null;
  /** To which queue the link leads that our M1 name. */
  own: string | null;
  /** Where we are about to be: by the patient's word, or after the server's (`isAfter`). */
  moving: { queue: string; isAfter: boolean } | null;
  /** The last move came to nothing. */
  isRefused: boolean;
  /** How long it may still take, as the server says it. */
  band: string | null;
  /** The queue takes nobody new. */
  isClosed: boolean;
}

export const NO_CIRCLE: Circle = {
  directory: null,
  isLoading: false,
  queue: null,
  own: null,
  moving: null,
  isRefused: false,
  band: null,
  isClosed: false,
};

type Moved = Extract<Event, { e: "directory" | "widen" | "moved" }>;

/** After each step of the patient's page. */
export function circling(event: Event, [state, todos]: Step<State>, dice: Dice): Step<State> {
  const [next, more] = taken(event, state, dice);
  return [next, [...todos, ...more]];
}

function taken(event: Event, state: State, dice: Dice): Step<State> {
  switch (event.e) {
    case "wire":
      return hear(state, event.message, dice);
    case "offline":
      return stay(state, false);
    case "directory":
    case "widen":
    case "moved":
      return moved(state, event, dice);
    default:
      return [state, []];
  }
}

function hear(state: State, message: ServerMessage, dice: Dice): Step<State> {
  const { circle, page } = state;
  switch (message.type) {
    case "joined": {
      const queue = message.queues?.[0] ?? circle.queue;
      const next = { ...state, circle: { ...circle, queue } };
      if (circle.moving?.isAfter === false && queue === circle.moving.queue) {
        const there = { ...next.circle, own: queue, moving: null, isRefused: false };
        return [{ ...next, circle: there, notice: null }, [{ do: "move-over", isThere: true }]];
      }
      return circle.directory === null ? load(next) : follow(next);
    }
    case "board": {
      const isClosed = message.closed === true;
      const band = message.band ?? null;
      const next = { ...state, circle: { ...circle, band, isClosed } };
      // What is known of the queue is from before it was closed.
      return isClosed && !circle.isClosed ? load(next) : [next, []];
    }
    case "refused": {
      if (message.of !== "join" || circle.moving?.isAfter !== false) return [state, []];
      const [next, todos] = stay({ ...state, notice: null }, true);
      if (page.name !== "waiting") return [next, todos];
      // The doctors of this queue need an M1 that names its link.
      const nonce = dice();
      return [{ ...next, nonce }, [...todos, { do: "renew", m1: nonce }]];
    }
    default:
      return [state, []];
  }
}

function moved(state: State, event: Moved, dice: Dice): Step<State> {
  const { circle, page, pass } = state;
  switch (event.e) {
    case "directory": {
      const directory = event.directory ?? circle.directory;
      const own = circle.own ?? event.own;
      return follow({ ...state, circle: { ...circle, directory, own, isLoading: false } });
    }
    case "widen": {
      const { queue } = event;
      const wider = circle.directory?.get(queue);
      const mayMove = page.name === "waiting" && state.isJoined && circle.moving === null;
      if (!mayMove || pass === null || !isOpen(wider) || queue === circle.queue) {
        return [state, []];
      }
      const nonce = dice();
      const moving = { queue, isAfter: false };
      return [
        { ...state, nonce, circle: { ...circle, moving, isRefused: false } },
        [{ do: "move", token: wider.link, join: { pass, m1: nonce } }],
      ];
    }
    case "moved": {
      if (circle.moving === null) return [state, []];
      if (!event.isThere) return stay(state, !circle.moving.isAfter);
      const there = { ...state, circle: { ...circle, own: circle.moving.queue, moving: null } };
      // On the way in `join` brings the first M1.
      if (!state.isJoined) return [there, []];
      const nonce = dice();
      return [{ ...there, nonce }, [{ do: "renew", m1: nonce }]];
    }
  }
}

/**
 * The ticket is in another queue than our link's: this page, or another window, widened, and the
 * link was opened again. What we say has to name where we wait.
 */
function follow(state: State): Step<State> {
  const { circle, page } = state;
  const { queue, own, directory, moving } = circle;
  const wider = queue === null ? undefined : directory?.get(queue);
  const isElsewhere = own !== null && queue !== null && queue !== own && moving === null;
  if (!isElsewhere || typeof wider?.link !== "string") return [state, []];
  if (page.name !== "waiting" && page.name !== "entering") return [state, []];
  return [
    { ...state, circle: { ...circle, moving: { queue, isAfter: true } } },
    [{ do: "move", token: wider.link, join: null }],
  ];
}

function stay(state: State, isRefused: boolean): Step<State> {
  const { circle } = state;
  if (circle.moving === null) return [state, []];
  const todos: Todo[] = [{ do: "move-over", isThere: false }];
  return [{ ...state, circle: { ...circle, moving: null, isRefused } }, todos];
}

function load(state: State): Step<State> {
  return state.circle.isLoading
    ? [state, []]
    : [{ ...state, circle: { ...state.circle, isLoading: true } }, [{ do: "load-directory" }]];
}
