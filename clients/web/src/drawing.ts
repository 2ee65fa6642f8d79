/**
 * When a page is drawn: once a frame at most, and while it is hidden too.
 *
 * Door. A hidden page has no frames, but its title tells that a doctor calls: what waits for a
 * frame as the page is hidden is drawn without one.
 */
export class Drawing {
  #isDue = false;
  readonly #draw: () => void;

  constructor(draw: () => void) {
    this.#draw = draw;
    document.addEventListener("visibilitychange", () => this.#now());
  }

  soon(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    if (document.hidden) {
      setTimeout(() => this.#now());
    } else {
      requestAnimationFrame(() => this.#now());
    }
  }

  #now(): void {
    if (!this.#isDue) return;
    this.#isDue = false;
    this.#draw();
  }
}
