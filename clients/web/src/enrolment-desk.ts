/**
 * The desk between the machine of enrolling and the outside.
 *
 * Door. It decides nothing; each todo is a few lines here, and what comes of it returns as an
 * event. It looks for the bundle every minute while the page is shown, and not otherwise.
 */
import { askAnew, enrol, lookForBundle, summaryOf } from "./device.ts";
import {
  begin,
  type Event,
  type Failure,
  isWaiting,
  type State,
  step,
  type Todo,
} from "./enrolment.ts";
import { forget, load, NothingKept } from "./keyring-store.ts";
import { NotHad } from "./published.ts";
import { Refused } from "./refused.ts";
import { isUnloaded } from "./reload.ts";

const LOOK_EVERY_MS = 60_000;

export class EnrolmentDesk {
  state: State = begin[0];
  /** The device was forgotten, or a bundle found: a practice opened before is not it any more. */
  hasChanged = false;
  readonly #draw: () => void;
  readonly #name: string;
  readonly #clock: () => number;
  #timer: ReturnType<typeof setInterval> | null = null;

  /** `draw` is called after every change of state; `name` is how a passkey shall be called. */
  constructor(name: string, draw: () => void, clock = () => Date.now() / 1000) {
    this.#name = name;
    this.#clock = clock;
    this.#draw = draw;
  }

  /** From now on, until `stop`: the page shows it. */
  start(): void {
    this.#carryOut(begin[1]);
    this.#timer ??= setInterval(() => {
      if (!document.hidden && isWaiting(this.state)) this.tell({ e: "minute" });
    }, LOOK_EVERY_MS);
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }

  tell(event: Event): void {
    if (event.e === "forget" || event.e === "found") this.hasChanged = true;
    const [state, todos] = step(this.state, event);
    this.state = state;
    this.#carryOut(todos);
    this.#draw();
  }

  #carryOut(todos: readonly Todo[]): void {
    for (const todo of todos) {
      void this.#carry(todo).then((event) => this.tell(event));
    }
  }

  async #carry(todo: Todo): Promise<Event> {
    switch (todo) {
      case "open":
        return this.#opened(load);
      case "make":
        return this.#made();
      case "ask-anew":
        return this.#opened(() => askAnew(this.#clock()));
      case "look":
        return this.#look();
      case "forget":
        return this.#opened(async () => {
          await forget();
          return null;
        });
    }
  }

  async #made(): Promise<Event> {
    try {
      const kept = await enrol(this.#clock(), this.#name);
      return kept === null ? { e: "failed", why: "browser" } : await this.#summary(kept);
    } catch (error) {
      return { e: "failed", why: failureOf(error) };
    }
  }

  async #opened(get: typeof load): Promise<Event> {
    try {
      return await this.#summary(await get());
    } catch (error) {
      return { e: "failed", why: failureOf(error) };
    }
  }

  async #summary(kept: Awaited<ReturnType<typeof load>>): Promise<Event> {
    return { e: "opened", summary: await summaryOf(kept, this.#clock()) };
  }

  async #look(): Promise<Event> {
    try {
      const look = await lookForBundle();
      if (look !== "found") {
        return { e: "looked", look };
      }
      const summary = await summaryOf(await load(), this.#clock());
      return summary === null ? { e: "opened", summary } : { e: "found", summary };
    } catch (error) {
      const why = failureOf(error);
      return why === "refused" || why === "offline"
        ? { e: "looked", look: why }
        : { e: "failed", why };
    }
  }
}

/** Only what a server did not give is the network's fault; what nobody foresaw is the browser's. */
export function failureOf(error: unknown): Failure {
  if (error instanceof NothingKept) return "storage";
  if (error instanceof Refused) return "refused";
  return error instanceof NotHad || isUnloaded(error) ? "offline" : "browser";
}
