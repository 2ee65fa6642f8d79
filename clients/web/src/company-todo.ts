/**
 * What the machine of larger company asks of the outside, and what the outside tells it.
 *
 * Pure: types. `company-desk.ts` carries the todos out; the machine is `company.ts`.
 */
import type { CompanyHeard } from "./company-seal.ts";
import type { GatheringLetter } from "./gathering-letters.ts";
import type { LetterOf } from "./letters.ts";
import type { Flow } from "./meeting.ts";
import type { ClientMessage, FromServer, RefusalCode } from "./messages.ts";
import type { RefusalCode as Doubt } from "./refused.ts";

/** What the two ends of a connection say to each other about it. */
export type PathLetter = LetterOf<"description"> | LetterOf<"candidates"> | LetterOf<"again">;

export type CompanyTodo =
  | { do: "send"; message: ClientMessage }
  /** Under seal, to whomever of this session. */
  | { do: "say"; to: string; letter: GatheringLetter }
  /** A fresh M1 of this name. */
  | { do: "ask"; member: string; nonce: string }
  | { do: "m2"; member: string; nonce: string; connection: string; offer: string }
  | { do: "m3"; member: string; nonce: string; answer: string }
  | { do: "knock"; member: string }
  | { do: "write"; member: string; letter: PathLetter }
  /** Make a connection: answer the offer or, without one, make ours. Answered by `described`. */
  | { do: "meet"; member: string; connection: string; offer: string | null; mayRestart: boolean }
  | { do: "settle"; member: string; connection: string; answer: string; mayRestart: boolean }
  | { do: "expect"; member: string }
  | { do: "release"; member: string }
  | { do: "hear"; member: string; letter: PathLetter }
  /** Tracks go and come only while everybody agrees on who is here. */
  | { do: "hold"; member: string; held: boolean }
  /** Gone, or not to be had: connection, keys and all. */
  | { do: "part"; member: string }
  /** A newcomer asks who invited him, if that is this one. */
  | { do: "come-to"; member: string; nonce: string }
  | { do: "introduce"; newcomer: string; to: string }
  /** Make the address for a guest. Answered by `opened`. */
  | { do: "invite-guest"; pass: string }
  /** Read the cards on the board. Answered by `colleagues`. */
  | { do: "look-for-colleagues" }
  /** Expect this colleague, then ask the server for his seat. Answered by `invited`, `refused`. */
  | { do: "invite-colleague"; key: string }
  | { do: "uninvite-colleague" }
  /** For the page's own machine: leave without a word to the far end, or with a requeue. */
  | { do: "leave"; then: "requeue" | "handed-over" | "declined" | "left" }
  | { do: "chime" };

/** Somebody to hand over to, as his card says. */
export interface Choosable {
  /** Thumbprint of the day key: whom the server is asked for. */
  readonly key: string;
  readonly name: string;
  readonly specialty: string;
}

export type CompanyEvent =
  /** The server says who sits here. */
  | { e: "seated"; message: FromServer<"accepted"> }
  /** The pair that the page's own machine keeps: whether its keys are in force. */
  | { e: "first"; member: string | null; isReady: boolean }
  | { e: "heard"; from: string; heard: CompanyHeard }
  | { e: "letter"; from: string; letter: GatheringLetter; at_s: number }
  /** Everybody agrees on these, and on nobody else. */
  | { e: "agreed"; members: readonly string[] }
  /** These cannot be agreed on. */
  | { e: "disagreed"; members: readonly string[] }
  | { e: "described"; member: string; connection: string; sdp: string }
  | { e: "said"; member: string; connection: string; letter: PathLetter }
  | { e: "flow"; member: string; connection: string; flow: Flow }
  | { e: "bound"; member: string; connection: string }
  | { e: "unbound"; member: string; connection: string }
  | { e: "stuck"; member: string; connection: string }
  /** What was to be written in this pair could not be. */
  | { e: "unwritten"; member: string; code: Doubt | "network" }
  | { e: "invited"; pass: string; at_s: number }
  | { e: "opened"; address: string }
  | { e: "refused"; code: RefusalCode }
  | { e: "colleagues"; list: readonly Choosable[] }
  | { e: "tick"; at_s: number }
  // What people click.
  | { e: "invite-guest" }
  | { e: "close-invitation" }
  | { e: "show-out"; member: string }
  | { e: "hand-over" }
  | { e: "hand-to"; key: string; note: string; at_s: number }
  | { e: "hand-to-nobody" }
  | { e: "keep" }
  | { e: "take-over" }
  | { e: "decline" }
  | { e: "choose"; to: "colleague" | "queue" }
  /** No doctor is to be heard any more. */
  | { e: "back-to-queue" };
