/**
 * Envelopes on their way: those that found no socket, here or at the far end, go once more.
 *
 * Pure. Knows nothing of what is inside.
 *
 * The server answers `away` without saying which envelope; it answers in order, so n
 * refusals mean the last n.
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
    const envelope: Envelope = { type: "envelope", member, body };
    if (this.#send(envelope)) {
      this.#sent = [...this.#sent, envelope].slice(-KEPT_MAX);
    } else {
      this.#held = [...this.#held, envelope].slice(-KEPT_MAX);
    }
  }

  /** An envelope was refused because the far end's socket is away. */
  away(): void {
    this.#away = Math.min(this.#away + 1, this.#sent.length);
  }

  /** The way is open again: what was held goes once more, and once only. */
  flush(): void {
    const again = [...this.#sent.slice(this.#sent.length - this.#away), ...this.#held];
    this.forget();
    for (const envelope of again) {
      this.#send(envelope);
    }
  }

  forget(): void {
    this.#sent = [];
    this.#held = [];
    this.#away = 0;
  }
}
