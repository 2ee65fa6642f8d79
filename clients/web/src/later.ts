/**
 * A half of a page that is loaded when it is needed, or a little before.
 *
 * Door: it loads a file of this origin.
 */
import { reloadWhenReachable } from "./reload.ts";

const AGAIN_MS = 3_000;

export class Later<T> {
  /** Null until it is there. */
  now: T | null = null;
  #load: () => Promise<T>;
  #loading: Promise<T | null> | null = null;

  constructor(load: () => Promise<T>) {
    this.#load = load;
  }

  /** Have it loaded; null where it cannot be had. It is asked for again the next time. */
  load(): Promise<T | null> {
    this.#loading ??= this.#load().then(
      (half) => (this.now = half),
      () => (this.#loading = null),
    );
    return this.#loading;
  }

  /** The same where nothing can be done without it: a newer server has other files. */
  async need(): Promise<T | null> {
    while ((await this.load()) === null && !(await reloadWhenReachable())) {
      await new Promise((done) => setTimeout(done, AGAIN_MS));
    }
    return this.now;
  }
}
