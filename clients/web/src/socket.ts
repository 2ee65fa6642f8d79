/**
 * One WebSocket to the server: comes back by itself, and gives signs of life.
 *
 * Door. Decides nothing: every message goes to `hear`, and the page's machine answers
 * `hello` by `join`.
 *
 * The rhythm of `renew` is the server's contract in `signaling/PROTOCOL.md`.
 */
import { AWAKE_S, HEARTBEAT_S } from "./agreed.ts";
import { Malformed, parse, serialise } from "./messages.ts";
import type { ClientMessage, ServerMessage } from "./messages.ts";

// A sign of life is due when the last is older: each heartbeat of the server brings one.
const RENEW_AFTER_MS = (HEARTBEAT_S * 1000 * 2) / 3;
// Second means of renewing, should the server be silent: a little before its heartbeat.
const TICK_MS = (HEARTBEAT_S * 1000 * 4) / 5;
// Two heartbeats and a slow network: after this silence we are asleep to the server, and it
// is to us.
const SILENCE_MAX_MS = AWAKE_S * 1000;
const BACKOFF_FIRST_MS = 500;
// Below the time for which a server that lost its store waits for the pages to come back.
const BACKOFF_MAX_MS = 15_000;

/** How long to wait before attempt `attempt` (from 0); `die` in [0, 1) spreads the pages. */
export function backoffMs(attempt: number, die: number): number {
  const longest = Math.min(BACKOFF_MAX_MS, BACKOFF_FIRST_MS * 2 ** attempt);
  return longest * (0.5 + die / 2);
}

export class Socket {
  /** Set once by the owner. */
  hear: (message: ServerMessage) => void = () => undefined;
  onlost: () => void = () => undefined;

  #url: string;
  #live: WebSocket | null = null;
  #wanted = false;
  #attempt = 0;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #tick: ReturnType<typeof setInterval> | undefined;
  #heardAt = 0;
  #renewedAt: number | null = null;

  constructor(url: string) {
    this.#url = url;
    // A phone that wakes up or finds its network should not sit out a back-off.
    addEventListener("online", () => this.#hurry());
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible") this.#hurry();
    });
  }

  open(after_ms = 0): void {
    this.#wanted = true;
    this.#tick ??= setInterval(() => this.#beat(), TICK_MS);
    clearTimeout(this.#retry);
    this.#drop();
    if (after_ms > 0) {
      this.#retry = setTimeout(() => this.#connect(), after_ms);
    } else {
      this.#connect();
    }
  }

  close(): void {
    this.#wanted = false;
    clearTimeout(this.#retry);
    clearInterval(this.#tick);
    this.#tick = undefined;
    this.#drop();
  }

  /** False when there is no open socket; what was to be said is then lost. */
  send(message: ClientMessage): boolean {
    if (this.#live?.readyState !== WebSocket.OPEN) {
      return false;
    }
    if (message.type === "renew" || message.type === "join") {
      this.#renewedAt = performance.now();
    }
    this.#live.send(serialise(message));
    return true;
  }

  #connect(): void {
    const live = new WebSocket(this.#url);
    this.#live = live;
    this.#renewedAt = null;
    this.#heardAt = performance.now();
    live.onmessage = (event) => {
      if (live === this.#live) this.#receive(event.data);
    };
    live.onclose = () => {
      if (live === this.#live) this.#lose();
    };
  }

  #receive(data: unknown): void {
    this.#heardAt = performance.now();
    let message: ServerMessage;
    try {
      message = parse(data);
    } catch (error) {
      // A newer server may say things we do not know.
      if (error instanceof Malformed) return;
      throw error;
    }
    if (message.type === "joined") this.#attempt = 0;
    this.hear(message);
    this.#renew(RENEW_AFTER_MS);
  }

  #beat(): void {
    if (this.#live === null) return;
    if (performance.now() - this.#heardAt > SILENCE_MAX_MS) {
      this.#lose();
    } else {
      this.#renew(RENEW_AFTER_MS);
    }
  }

  #renew(after_ms: number): void {
    // Not before `join`: `#renewedAt` is null until then.
    if (this.#renewedAt !== null && performance.now() - this.#renewedAt > after_ms) {
      this.send({ type: "renew" });
    }
  }

  #lose(): void {
    this.#drop();
    if (!this.#wanted) return;
    this.#retry = setTimeout(() => this.#connect(), backoffMs(this.#attempt, Math.random()));
    this.#attempt += 1;
    this.onlost();
  }

  #hurry(): void {
    if (!this.#wanted) return;
    if (this.#live === null) {
      this.open();
    } else {
      this.#beat();
    }
  }

  #drop(): void {
    const live = this.#live;
    this.#live = null;
    live?.close();
  }
}
