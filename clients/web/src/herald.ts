/**
 * How a doctor hears of somebody who came while he looks elsewhere: sound, note, badge, title.
 *
 * Door. A note of the system's says that a patient waits, and nothing else: it may be read on a
 * locked screen. It is asked for by the doctor's own tap only.
 */
import type { Bell } from "./bell.ts";

export type Notes = "default" | "granted" | "denied";

// One note replaces the one before.
const TAG = "teleconsult-arrival";

export class Herald {
  /** The doctor wants to hear it. */
  isLoud = true;
  #bell: Bell;
  #note: Notification | null = null;
  #badge = 0;
  #isMute = false;

  constructor(bell: Bell) {
    this.#bell = bell;
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden) this.#clear();
    });
  }

  get notes(): Notes {
    return "Notification" in globalThis && !this.#isMute ? Notification.permission : "denied";
  }

  /** Of the doctor's own tap. `text` is shown at once: it is seen whether notes come. */
  async askForNotes(text: string): Promise<void> {
    if ((await Notification.requestPermission()) === "granted") this.#show(text);
  }

  /** Somebody came. `text` holds nothing of whoever it is. */
  announce(text: string): void {
    if (this.isLoud) this.#bell.announce();
    if (document.hidden && this.notes === "granted") this.#show(text);
  }

  /** So many wait: on the icon of a page that is installed, or nowhere. */
  count(waiting: number): void {
    if (waiting === this.#badge) return;
    this.#badge = waiting;
    const icon: Partial<Navigator> = navigator;
    const set = waiting > 0 ? icon.setAppBadge?.(waiting) : icon.clearAppBadge?.();
    // Some have it and refuse it to a page that is not installed.
    set?.catch(() => undefined);
  }

  #show(text: string): void {
    this.#clear();
    try {
      this.#note = new Notification(text, { tag: TAG });
      this.#note.onclick = () => {
        focus();
        this.#clear();
      };
    } catch {
      // Phones show notes through a worker only, and this page has none.
      this.#isMute = true;
    }
  }

  #clear(): void {
    this.#note?.close();
    this.#note = null;
  }
}
