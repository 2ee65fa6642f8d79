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

// A network that was away for a moment has it on the next try.
const AGAIN_MS = 3_000;

/** The far end of the pair that began the session; others go by their seats. */
export const FIRST = "first";

interface Loaded {
  readonly desk: TalkDesk;
  readonly view: TalkView;
}

/** The half of the page that is loaded when a session begins. */
export interface Half {
  readonly Desk: typeof TalkDesk;
  readonly view: TalkView;
}

export class Talking {
  readonly #host: TalkHost;
  readonly #fetch: () => Promise<Half>;
  #session: string | null = null;
  #loaded: Loaded | null = null;
  #isLoading = false;
  #isMissing = false;
  /** Connections that wait for the other half of the page, the newest of each far end. */
  readonly #wires = new Map<string, Wire>();

  constructor(host: TalkHost, fetch = fetchHalf) {
    this.#host = host;
    this.#fetch = fetch;
  }

  /** Null outside of a session, and while it is being loaded. */
  get now(): Loaded | null {
    return this.#loaded;
  }

  /** It could not be loaded; another try is made as long as the session lasts. */
  get isMissing(): boolean {
    return this.#isMissing;
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
    if (session === this.#session) {
      this.#loaded?.desk.look();
      return;
    }
    this.#session = session;
    this.#loaded?.desk.end();
    this.#loaded = null;
    this.#isMissing = false;
    this.#wires.clear();
  }

  async #load(): Promise<void> {
    if (this.#isLoading || this.#loaded !== null) return;
    this.#isLoading = true;
    try {
      const { Desk, view } = await this.#fetch();
      if (this.#wires.size === 0) return;
      const desk = new Desk(this.#host);
      this.#loaded = { desk, view };
      this.#isMissing = false;
      for (const [key, wire] of this.#wires) desk.link(key, wire);
      this.#wires.clear();
      this.#host.draw();
    } catch {
      // The call goes on without it, but who cannot hear has nothing else: it is said, and tried
      // again. Where a browser keeps what failed (`reload.ts`), the sentence has the way out.
      if (this.#wires.size === 0) return;
      this.#isMissing = true;
      this.#host.draw();
      setTimeout(() => {
        if (this.#wires.size > 0) void this.#load();
      }, AGAIN_MS);
    } finally {
      this.#isLoading = false;
    }
  }
}

async function fetchHalf(): Promise<Half> {
  const [{ TalkDesk: Desk }, view] = await Promise.all([
    import("./talk-desk.ts"),
    import("./talk-view.tsx"),
  ]);
  return { Desk, view };
}
