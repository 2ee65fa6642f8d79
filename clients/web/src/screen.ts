/**
 * The screen, kept lit while somebody waits or talks, where the browser lets us.
 *
 * Door. A browser takes the lock back whenever the page is hidden: it is asked for again when the
 * page is seen. W3C Screen Wake Lock, §4.
 */
export class Screen {
  /** Asked for, and not given: the phone will sleep by itself. */
  isRefused = false;
  /** Set once by the owner: what is above has changed. */
  onchange: () => void = () => undefined;

  #lock: WakeLockSentinel | null = null;
  #isWanted = false;
  #isAsking = false;

  constructor() {
    document.addEventListener("visibilitychange", () => void this.#ask());
  }

  keepLit(isWanted: boolean): void {
    if (isWanted === this.#isWanted) return;
    this.#isWanted = isWanted;
    if (isWanted) {
      void this.#ask();
    } else {
      void this.#lock?.release();
      this.#lock = null;
    }
  }

  /** On the side: some browsers answer late, and nobody waits for the screen. */
  async #ask(): Promise<void> {
    if (!this.#isWanted || this.#lock !== null || this.#isAsking || document.hidden) return;
    this.#isAsking = true;
    let lock: WakeLockSentinel | null = null;
    try {
      lock = await navigator.wakeLock.request("screen");
    } catch {
      // Some browsers cannot, and some do not while the battery is low.
    }
    this.#isAsking = false;
    this.#take(lock);
  }

  #take(lock: WakeLockSentinel | null): void {
    if (!this.#isWanted) {
      // Nobody waits or talks any more.
      void lock?.release();
      return;
    }
    this.#lock = lock;
    if (lock !== null) {
      lock.onrelease = () => {
        if (this.#lock === lock) this.#lock = null;
      };
    }
    if (this.isRefused !== (lock === null)) {
      this.isRefused = lock === null;
      this.onchange();
    }
  }
}
