/**
 * What the two pages of a call tell each other of their picture and sound, over the data channel.
 *
 * Pure. A tiding is the far end's word and nothing more: it is shown, and never changes what this
 * page sends without a click. Whatever is not exactly one of these is passed over.
 *
 * `clients/README.md`, *Letters*.
 */

export type Tiding =
  /** Whether microphone and camera are on, and whether the far picture is veiled there. */
  | { t: "state"; mic: boolean; cam: boolean; veiled: boolean }
  /** `n` names an asking: an answer to an earlier one is none to this. */
  | { t: "audio"; say: "ask" | "agree" | "refuse"; n: number }
  /** I am at video, and ask for nothing. */
  | { t: "audio"; say: "video" };

/** Twice the longest. */
export const TIDING_CHARS = 128;
/** Nobody clicks faster for long; what is beyond is passed over. */
export const TIDINGS_MAX = 40;
export const TIDINGS_PER_MS = 10_000;
/** Askings in one session. */
export const ASKINGS_MAX = 1_000;

export function write(tiding: Tiding): string {
  return JSON.stringify(tiding);
}

/** Null: none of ours, or not in order. */
export function read(text: unknown): Tiding | null {
  if (typeof text !== "string" || text.length > TIDING_CHARS) return null;
  let v: unknown;
  try {
    v = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof v !== "object" || v === null) return null;
  const { t, mic, cam, veiled, say, n } = v as Partial<Record<string, unknown>>;
  if (t === "state") {
    const isWhole =
      typeof mic === "boolean" && typeof cam === "boolean" && typeof veiled === "boolean";
    return isWhole ? { t, mic, cam, veiled } : null;
  }
  if (t !== "audio") return null;
  if (say === "video") return { t, say };
  if (say !== "ask" && say !== "agree" && say !== "refuse") return null;
  const isName = typeof n === "number" && Number.isInteger(n) && n > 0 && n <= ASKINGS_MAX;
  return isName ? { t, say, n } : null;
}

/** When the last ones came; null where there were too many. */
export function admitted(before: readonly number[], now_ms: number): readonly number[] | null {
  const lately = before.filter((at) => now_ms - at < TIDINGS_PER_MS);
  return lately.length < TIDINGS_MAX ? [...lately, now_ms] : null;
}
