/**
 * What the pages' machines ask of the outside, and what the outside tells both of them.
 *
 * Pure: types, and the few values both machines share. `desk.ts` carries the todos out.
 */
import type { Letter, LetterOf } from "./letters.ts";
import type { Trouble } from "./media.ts";
import type { Flow } from "./meeting.ts";
import type { ClientMessage, RefusalCode, Relay, ServerMessage } from "./messages.ts";

export type Todo =
  | { do: "open-devices"; video: boolean }
  | { do: "close-devices" }
  | { do: "connect" }
  | { do: "disconnect" }
  /** A new socket with a new challenge. */
  | { do: "reconnect"; after_s: number }
  /** Prove and send `join`; without a pass, with what the link holds. */
  | { do: "join"; pass: string | null; m1: string | null }
  | { do: "send"; message: ClientMessage }
  | { do: "write"; to: string; letter: Letter }
  /** Write an M1 that carries the MAC of the resume secret, if there is one. */
  | { do: "write-m1"; to: string; nonce: string; resume: string | null }
  /** Is this M1 from the page that holds one of the resume secrets? Answered by `checked`. */
  | { do: "check"; nonce: string; mac: string | null; resumes: string[] }
  | { do: "flush" }
  | { do: "away" }
  /** Keep the resume secret in the fragment, or take it out. */
  | { do: "keep"; resume: string | null }
  | { do: "clear-link" }
  /** Make a connection: answer the offer or, without one, make ours. Answered by `described`. */
  | {
      do: "meet";
      connection: string;
      offer: string | null;
      mayRestart: boolean;
      relay: Relay | null;
    }
  | { do: "settle"; connection: string; answer: string; mayRestart: boolean }
  /** Our answer is on its way: be stuck should nothing come of it. */
  | { do: "expect"; connection: string }
  /** Now that the far end is in order, candidates may go to it. */
  | { do: "release"; connection: string }
  | { do: "hear"; letter: LetterOf<"description"> | LetterOf<"candidates"> }
  | { do: "hold"; held: boolean }
  | { do: "bye" }
  | { do: "drop-media" }
  | { do: "chime" };

/** Events that both machines know. */
export type Common =
  | { e: "wire"; message: ServerMessage; at_s: number }
  | { e: "offline" }
  | { e: "devices"; trouble: Trouble | null }
  | { e: "try-devices"; video: boolean }
  | { e: "devices-ready" }
  /** A letter of our own connection, for the far end. */
  | { e: "said"; letter: LetterOf<"description"> | LetterOf<"candidates"> }
  | { e: "described"; connection: string; sdp: string }
  | { e: "flow"; connection: string; flow: Flow }
  /** A connection that finds no path, or whose offer cannot be read. */
  | { e: "stuck"; connection: string }
  /** Said on the data channel, or only its end seen. */
  | { e: "bye"; isSaid: boolean }
  | { e: "checked"; nonce: string; isSame: boolean }
  | { e: "hang-up" }
  | { e: "take-back" };

export type Unable = "browser" | "insecure" | "no-link" | "no-webrtc";

/** Sixteen random bytes, base64url. */
export type Dice = () => string;

export type Step<State> = [State, Todo[]];

/** This page can restart ICE; a headless one may not. */
export const RESTARTS = true;

/** A refusal of `join` that another try may cure. */
export function isForLater(code: RefusalCode): boolean {
  return ["too-fast", "internal", "full", "unproven"].includes(code);
}

// Where the server gives no time to come back after: a busy one has drawn breath by then.
export const RETRY_AFTER_S = 5;

/** A sign that we are there: whoever keeps letters for us sends them now. */
export function here(to: string, connection: string): Todo {
  return write(to, { t: "candidates", connection, candidates: [] });
}

export function write(to: string, letter: Letter): Todo {
  return { do: "write", to, letter };
}

export function send(message: ClientMessage): Todo {
  return { do: "send", message };
}
