/**
 * What the desk of larger company asks of the page's own desk.
 *
 * Types only.
 */
import type { About } from "./about.ts";
import type { ClientMessage } from "./messages.ts";
import type { Whereabouts } from "./whereabouts.ts";
import type { Wire } from "./wire.ts";

/** What the page's own desk does for this one. */
export interface Host {
  stream(): MediaStream | null;
  /** The two who began speak by sound alone. */
  isPictureGivenUp(): boolean;
  whereabouts(): Whereabouts;
  send(message: ClientMessage): void;
  /** An envelope; false where there is no socket that has joined. */
  post(message: ClientMessage): boolean;
  /** A record to the first far end. */
  say(to: string, text: string): void;
  leave(then: "requeue" | "handed-over" | "declined" | "left"): void;
  /** Cards of colleagues, as the board has them. */
  cards(): readonly string[];
  /** What a patient said of himself: for doctors. */
  about(): About | null;
  draw(): void;
  chime(): void;
  /** What a bound connection carries beside picture and sound. */
  link(member: string, wire: Wire): void;
}
