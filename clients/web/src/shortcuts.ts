/**
 * What a key does on the doctor's page.
 *
 * Pure: a key press comes as values, the page that was clicked is the door's. Keys of one character
 * may be switched off, and never act where somebody types (WCAG 2.2, 2.1.4 Character Key Shortcuts),
 * nor where somebody just did: a field may be gone before the word is. A key that is held down acts
 * once.
 */

export type Act = "call-next" | "mute" | "camera" | "pause" | "keys";

/** As the browser tells it. `isTyping`: what has the focus takes letters. */
export interface Press {
  readonly key: string;
  readonly isHeld: boolean;
  readonly isTyping: boolean;
  readonly ctrl: boolean;
  readonly alt: boolean;
  readonly meta: boolean;
}

/** For so long after typing, or after another screen came, a letter may be meant for a field. */
export const SETTLES_MS = 1_500;

/** When somebody last typed into a field, and when the screen became another. */
export interface Lately {
  readonly typed_ms: number;
  readonly changed_ms: number;
}

export const NEVER: Lately = { typed_ms: -Infinity, changed_ms: -Infinity };

/** In the order in which the page lists them. */
export const KEYS = { n: "call-next", m: "mute", v: "camera", p: "pause", "?": "keys" } as const;

/** What is to be done; null: the key is none of ours, or not now. */
export function actOf(press: Press, isOn: boolean, lately: Lately, at_ms: number): Act | null {
  const { isHeld, isTyping, ctrl, alt, meta } = press;
  if (isHeld) return null;
  if (press.key === "Enter") return (ctrl || meta) && !alt ? "call-next" : null;
  if (!isOn || isTyping || ctrl || alt || meta) return null;
  if (isLate(lately.typed_ms, at_ms) || isLate(lately.changed_ms, at_ms)) return null;
  const key = press.key.toLowerCase();
  return isOurs(key) ? KEYS[key] : null;
}

/** The rest of a word is typing too, though its field is gone. */
export function pressed(press: Press, lately: Lately, at_ms: number): Lately {
  const isRest = press.key.length === 1 && isLate(lately.typed_ms, at_ms);
  return press.isTyping || isRest ? { ...lately, typed_ms: at_ms } : lately;
}

function isLate(since_ms: number, at_ms: number): boolean {
  return at_ms - since_ms < SETTLES_MS;
}

function isOurs(key: string): key is keyof typeof KEYS {
  return Object.hasOwn(KEYS, key);
}
