/**
 * What the pages' machines ask of the outside, and what the outside tells both of them.
 *
 * Pure: types, and the few values both machines share. `desk.ts` carries the todos out.
 */
import type { Arrival } from "./arrivals.ts";
import { flowed, type Signs } from "./banner.ts";
import type { Directory } from "./directory.ts";
import type { Remembered } from "./duty.ts";
import type { Heard, LetterOf, M2Written, SealTrouble, Written } from "./letters.ts";
import type { Trouble } from "./media.ts";
import type { Flow } from "./meeting.ts";
import type { ClientMessage, RefusalCode, Relay, ServerMessage } from "./messages.ts";
import type { Held, Route } from "./relays.ts";

export type Todo =
  | { do: "open-devices"; video: boolean }
  | { do: "close-devices" }
  | { do: "connect" }
  | { do: "disconnect" }
  /** A new socket with a new challenge. */
  | { do: "reconnect"; after_s: number }
  /**
   * Prove and send `join`: by the pass, or by what the address holds; with a fresh M1 of this name.
   * `keep`: the pass of a seat, should the server have lost it.
   */
  | { do: "join"; pass: string | null; m1: string | null; keep?: string | null }
  /** A sign of life with a fresh M1 of this name. */
  | { do: "renew"; m1: string }
  /** Ask which queues there are. Answered by `directory`. */
  | { do: "load-directory" }
  /**
   * Have our half for another link: with `join` the ticket moves there, else it is there already
   * and `moved` answers.
   */
  | { do: "move"; token: string; join: { pass: string; m1: string } | null }
  /** The server has said where we are. */
  | { do: "move-over"; isThere: boolean }
  /** Have at hand what a call needs of us. Answered by `prepared`. */
  | { do: "prepare" }
  | { do: "propose"; call: string; m2: M2Written }
  | { do: "accept"; call: string; nonce: string; answer: string }
  | { do: "send"; message: ClientMessage }
  | { do: "write"; to: string; letter: Written }
  | { do: "flush" }
  | { do: "away" }
  /** The session is over: its keys and its resume secret go. */
  | { do: "forget" }
  | { do: "clear-link" }
  /** Make a connection: answer the offer or, without one, make ours. Answered by `described`. */
  | {
      do: "meet";
      connection: string;
      offer: string | null;
      mayRestart: boolean;
      relay: Held | null;
    }
  /** A newer password for the connection that runs. */
  | { do: "lend"; relay: Held }
  /** Whether what is said reaches the far end now. */
  | { do: "reach"; is: boolean }
  /** Seek a path once more. */
  | { do: "retry" }
  /** Have a connection ready for the next call, or none. */
  | { do: "keep-ready"; relay: Held | null }
  /** Try whether packets come through the relay, or stop that. Answered by `checked`. */
  | { do: "check-relay"; relay: Relay | null }
  | { do: "settle"; connection: string; answer: string; mayRestart: boolean }
  /** Our answer is on its way: be stuck should nothing come of it. */
  | { do: "expect"; connection: string }
  /** Now that the far end is in order, candidates may go to it. */
  | { do: "release"; connection: string }
  | { do: "hear"; letter: Spoken }
  | { do: "hold"; held: boolean }
  | { do: "bye" }
  | { do: "drop-media" }
  | { do: "chime" }
  /** Call the doctor to somebody who came. */
  | { do: "announce"; arrival: Arrival }
  /** For this page after a reload. */
  | { do: "remember"; kept: Remembered };

/** Letters of a connection, which the machines pass on as they are. */
export type Spoken = LetterOf<"description"> | LetterOf<"candidates"> | LetterOf<"again">;

/** Events that both machines know. */
export type Common =
  /** What the server said, and what it carried for us once that was opened. */
  | { e: "wire"; message: ServerMessage; heard: Heard | null; at_s: number }
  | { e: "offline" }
  /** The page's other half, or a file of a union, cannot be had; it is tried again. */
  | { e: "unloaded" }
  /** No credential of ours holds today. */
  | { e: "unentitled" }
  | { e: "devices"; trouble: Trouble | null }
  | { e: "try-devices"; video: boolean }
  | { e: "devices-ready" }
  /** A letter of our own connection, for the far end. */
  | { e: "said"; connection: string; letter: Spoken }
  | { e: "described"; connection: string; sdp: string }
  | { e: "flow"; connection: string; flow: Flow }
  /** The connection ends at the certificates of the handshake in force. */
  | { e: "bound"; connection: string }
  /** It does not. */
  | { e: "unbound"; connection: string }
  /** What was to be written in this handshake could not be. */
  | { e: "unwritten"; nonce: string; code: SealTrouble }
  /** By which of the relay's transports packets came through; null for none. */
  | { e: "checked"; by: Route | null }
  /** Asked for by the person, or the network may be another one. */
  | { e: "check-again" }
  /** Which queues there are, null where that cannot be had; and where our own link leads. */
  | { e: "directory"; directory: Directory | null; own: string | null }
  /** Our half for another link is in force, or cannot be had. */
  | { e: "moved"; isThere: boolean }
  /** What a call needs is there, or why it is not. */
  | { e: "prepared"; code: SealTrouble | null }
  /** A connection that finds no path, or whose offer cannot be read. */
  | { e: "stuck"; connection: string }
  /** All was tried, and nothing more is by itself. */
  | { e: "spent"; connection: string }
  /** The far end's pictures come, or only its sound. */
  | { e: "picture"; connection: string; isComing: boolean }
  /** A person wants a path sought once more. */
  | { e: "retry" }
  /** Said on the data channel, or only its end seen. */
  | { e: "bye"; isSaid: boolean }
  | { e: "hang-up" }
  /** Larger company came to a point where this page leaves by itself. */
  | { e: "part"; then: "requeue" | "handed-over" | "declined" | "left" }
  | { e: "take-back" };

export type Unable = "browser" | "insecure" | "no-link" | "no-webrtc";

/** Sixteen random bytes, base64url. */
export type Dice = () => string;

export type Step<State> = [State, Todo[]];

/** This page can restart ICE; a headless one may not. */
export const RESTARTS = true;

/** A refusal of `join` that another try may cure. */
export function isForLater(code: RefusalCode): boolean {
  return ["too-fast", "internal", "full", "unproven", "rebuilding", "unavailable"].includes(code);
}

// Where the server gives no time to come back after: a busy one has drawn breath by then.
export const RETRY_AFTER_S = 5;

// A far end that breaks so many handshakes in a row is not one to talk to.
export const REFUSALS_MAX = 3;

/**
 * Whether the binding that failed is of the handshake in force. Where none is, a fresh one is
 * under way and brings its own connection; nothing is sent or shown over this one meanwhile.
 */
export function isBroken(
  session: { connection: string | null; digits: string | null },
  connection: string,
): boolean {
  return session.connection === connection && session.digits !== null;
}

type Noticed = Extract<Common, { e: "flow" | "picture" | "spent" | "retry" }>;

/** What is seen of the path, or wanted of it; null: of another connection. */
export function noticed<S extends { connection: string | null; flow: Flow; signs: Signs }>(
  session: S,
  event: Noticed,
): [S, Todo[]] | null {
  if (event.e === "retry") return [signed(session, { isSpent: false }), [{ do: "retry" }]];
  if (event.connection !== session.connection) return null;
  switch (event.e) {
    case "flow": {
      const { flow: before, signs } = session;
      // One that was live once is interrupted, not begun, while a new connection is made for it.
      const isBegun = event.flow !== "connecting" || before === "connecting";
      const flow = isBegun ? event.flow : "interrupted";
      return [{ ...session, flow, signs: flowed(signs, before, flow) }, []];
    }
    case "picture":
      return [signed(session, { isDark: !event.isComing }), []];
    case "spent":
      return [signed(session, { isSpent: true }), []];
  }
}

export function signed<S extends { signs: Signs }>(session: S, signs: Partial<Signs>): S {
  return { ...session, signs: { ...session.signs, ...signs } };
}

// M1 for which no M2 came, and M3 for which no M4 came, in a row: a network loses fewer.
export const KNOCKS_MAX = 3;
export const UNCONFIRMED_MAX = 3;

/** A sign that we are there: whoever keeps letters for us sends them now. */
export function here(to: string, connection: string): Todo {
  return write(to, { t: "candidates", connection, candidates: [] });
}

export function write(to: string, letter: Written): Todo {
  return { do: "write", to, letter };
}

export function send(message: ClientMessage): Todo {
  return { do: "send", message };
}
