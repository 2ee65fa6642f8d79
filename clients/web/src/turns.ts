/**
 * Work that is done one after the other, in the order in which it was given.
 *
 * Pure. Where nothing waits it is done at once: most that a page says needs no waiting. What goes
 * wrong is told to the page's console, and what comes after is done all the same.
 */

export type Work = () => Promise<void> | void;

export class Turns {
  readonly #waiting: Work[] = [];
  #isBusy = false;

  take(work: Work): void {
    this.#waiting.push(work);
    if (!this.#isBusy) void this.#all();
  }

  async #all(): Promise<void> {
    this.#isBusy = true;
    for (let work = this.#waiting.shift(); work !== undefined; work = this.#waiting.shift()) {
      try {
        const done = work();
        if (done !== undefined) await done;
      } catch (error) {
        reportError(error);
      }
    }
    this.#isBusy = false;
  }
}
