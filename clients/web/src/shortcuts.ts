/**
 * What a key does on the doctor's page.
 *
 * Pure: a key press comes as values, the page that was clicked is the door's. Keys of one character
 * may be switched off, and never act where somebody types (WCAG 2.2, 2.1.4 Character Key Shortcuts).
 * A key that is held down acts once.
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

/** In the order in which the page lists them. */
export const KEYS = { n: "call-next", m: "mute", v: "camera", p: "pause", "?": "keys" } as const;

/** What is to be done; null: the key is none of ours, or not now. */
export function actOf(press: Press, isOn: boolean): Act | null {
  const { isHeld, isTyping, ctrl, alt, meta } = press;
  if (isHeld) return null;
  if (press.key === "Enter") return (ctrl || meta) && !alt ? "call-next" : null;
  if (!isOn || isTyping || ctrl || alt || meta) return null;
  const key = press.key.toLowerCase();
  return isOurs(key) ? KEYS[key] : null;
}

function isOurs(key: string): key is keyof typeof KEYS {
  return Object.hasOwn(KEYS, key);
}
