/**
 * The way from a page's desk to text and documents, which are loaded when a session begins.
 *
 * Door. It decides nothing: it hands bound connections over, and forgets all when the session
 * is another or none.
 */
import type { TalkDesk } from "./talk-desk.ts";
import type { Wire } from "./wire.ts";

/** What the page's own desk does for this one. */
export interface TalkHost {
  /** Whether somebody is in the session still, if only his connection is lost. */
  isHere(key: string): boolean;
  /** This page sends no voice. */
  isVoiceless(): boolean;
  draw(): void;
  chime(): void;
}

export type TalkView = typeof import("./talk-view.tsx");

/** The far end of the pair that began the session; others go by their seats. */
export const FIRST = "first";

interface Loaded {
  readonly desk: TalkDesk;
  readonly view: TalkView;
}

export class Talking {
  readonly #host: TalkHost;
  #session: string | null = null;
  #loaded: Loaded | null = null;
  #isLoading = false;
  /** Connections that wait for the other half of the page, the newest of each far end. */
  readonly #wires = new Map<string, Wire>();

  constructor(host: TalkHost) {
    this.#host = host;
  }

  /** Null outside of a session, and while it is being loaded. */
  get now(): Loaded | null {
    return this.#loaded;
  }

  /** A connection is bound. */
  link(key: string, wire: Wire): void {
    if (this.#loaded !== null) {
      this.#loaded.desk.link(key, wire);
      return;
    }
    this.#wires.set(key, wire);
    void this.#load();
  }

  /** The page's own machine has taken a step. */
  look(session: string | null): void {
    if (session === this.#session) return;
    this.#session = session;
    this.#loaded?.desk.end();
    this.#loaded = null;
    this.#wires.clear();
  }

  async #load(): Promise<void> {
    if (this.#isLoading) return;
    this.#isLoading = true;
    try {
      const [{ TalkDesk: Desk }, view] = await Promise.all([
        import("./talk-desk.ts"),
        import("./talk-view.tsx"),
      ]);
      if (this.#wires.size === 0) return;
      const desk = new Desk(this.#host);
      this.#loaded = { desk, view };
      for (const [key, wire] of this.#wires) desk.link(key, wire);
      this.#wires.clear();
      this.#host.draw();
    } catch {
      // Without it the call goes on; the next connection tries again.
    } finally {
      this.#isLoading = false;
    }
  }
}
