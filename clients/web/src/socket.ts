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
import { type Loss, lossOf, obeyedMs, pauseMs } from "./pauses.ts";

// A sign of life is due when the last is older: each heartbeat of the server brings one.
const RENEW_AFTER_MS = (HEARTBEAT_S * 1000 * 2) / 3;
// Second means of renewing, should the server be silent: a little before its heartbeat.
const TICK_MS = (HEARTBEAT_S * 1000 * 4) / 5;
// Two heartbeats and a slow network: after this silence we are asleep to the server, and it
// is to us.
const SILENCE_MAX_MS = AWAKE_S * 1000;
// Whoever does not answer a sign of life by then is not there, or on another network than we are.
const PROBE_MS = 2_000;
// An opening that takes longer went out by a network that is gone.
const OPEN_MS = 10_000;

export class Socket {
  /** Set once by the owner. */
  hear: (message: ServerMessage) => void = () => undefined;
  onlost: () => void = () => undefined;

  #url: string;
  #live: WebSocket | null = null;
  #wanted = false;
  #attempt = 0;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #probe: ReturnType<typeof setTimeout> | undefined;
  #tick: ReturnType<typeof setInterval> | undefined;
  #heardAt = 0;
  #renewedAt: number | null = null;

  constructor(url: string) {
    this.#url = url;
  }

  /** At once, or when the server said that it may be. */
  open(after_s = 0): void {
    this.#wanted = true;
    this.#tick ??= setInterval(() => this.#beat(), TICK_MS);
    this.#drop();
    if (after_s > 0) {
      this.#connectAfter(obeyedMs(after_s, Math.random()));
    } else {
      this.#connect();
    }
  }

  /** A phone that wakes up or finds its network should not sit out a pause. */
  hurry(): void {
    if (!this.#wanted) return;
    const isOpening = this.#live?.readyState === WebSocket.CONNECTING;
    if (this.#live === null || (isOpening && this.#isQuietFor(PROBE_MS))) {
      this.open();
    } else {
      this.probe();
    }
  }

  /** Ask for a sign of life; without one in time there is another socket at once. */
  probe(): void {
    const live = this.#live;
    if (this.#renewedAt === null || !this.send({ type: "renew" })) return;
    clearTimeout(this.#probe);
    this.#probe = setTimeout(() => {
      if (live !== this.#live || !this.#isQuietFor(PROBE_MS)) return;
      this.#lose("lost");
      this.open();
    }, PROBE_MS);
  }

  close(): void {
    this.#wanted = false;
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

  #connectAfter(pause_ms: number): void {
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => this.#connect(), pause_ms);
  }

  #connect(): void {
    clearTimeout(this.#retry);
    const live = new WebSocket(this.#url);
    this.#live = live;
    this.#renewedAt = null;
    this.#heardAt = performance.now();
    live.onmessage = (event) => {
      if (live === this.#live) this.#receive(event.data);
    };
    live.onclose = ({ code }) => {
      if (live === this.#live) this.#lose(lossOf(code));
    };
    setTimeout(() => {
      if (live === this.#live && live.readyState === WebSocket.CONNECTING) this.#lose("lost");
    }, OPEN_MS);
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
    if (this.#isQuietFor(SILENCE_MAX_MS)) {
      this.#lose("lost");
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

  #isQuietFor(ms: number): boolean {
    // A timer may come a moment early.
    return performance.now() - this.#heardAt >= ms - 1;
  }

  #lose(loss: Loss): void {
    this.#drop();
    if (!this.#wanted) return;
    this.#connectAfter(pauseMs(this.#attempt, loss, Math.random()));
    this.#attempt += 1;
    this.onlost();
  }

  #drop(): void {
    clearTimeout(this.#retry);
    clearTimeout(this.#probe);
    const live = this.#live;
    this.#live = null;
    live?.close();
  }
}
