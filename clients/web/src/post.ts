/**
 * Envelopes on their way: those that found no socket, here or at the far end, go once more.
 *
 * Pure. Knows nothing of what is inside.
 *
 * The server answers `away` without saying which envelope; it answers in order, and who is
 * away stays so until heard of, so n refusals mean the last n. For that to hold nothing more
 * goes out after a refusal: later letters wait behind the refused ones, in order.
 */
import type { ClientMessage } from "./messages.ts";

type Envelope = Extract<ClientMessage, { type: "envelope" }>;

// More than a handshake and its candidates; beyond it the oldest is worth nothing.
const KEPT_MAX = 32;

export class Post {
  #send: (message: ClientMessage) => boolean;
  #sent: Envelope[] = [];
  #away = 0;
  #held: Envelope[] = [];

  constructor(send: (message: ClientMessage) => boolean) {
    this.#send = send;
  }

  write(member: string, body: string): void {
    this.#post({ type: "envelope", member, body });
  }

  /** An envelope was refused because the far end's socket is away. */
  away(): void {
    this.#away = Math.min(this.#away + 1, this.#sent.length);
  }

  /** The way is open again: what did not arrive goes once more, in the order it was written. */
  flush(): void {
    const again = [...this.#sent.slice(this.#sent.length - this.#away), ...this.#held];
    this.forget();
    for (const envelope of again) {
      this.#post(envelope);
    }
  }

  forget(): void {
    this.#sent = [];
    this.#held = [];
    this.#away = 0;
  }

  #post(envelope: Envelope): void {
    const mustWait = this.#away > 0 || this.#held.length > 0;
    if (!mustWait && this.#send(envelope)) {
      this.#sent = [...this.#sent, envelope].slice(-KEPT_MAX);
    } else {
      this.#held = [...this.#held, envelope].slice(-KEPT_MAX);
    }
  }
}
