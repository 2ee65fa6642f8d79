/**
 * What is wrong with a camera or a microphone, told by what the browser says and shows.
 *
 * Pure. `media.ts` asks the browser; `words/devices.ts` has the sentences.
 *
 * W3C Media Capture and Streams §10.2 names the errors, and W3C Permissions the three states. What
 * distinguishes the system's "no" from a person's is in no specification: Chromium says it in words.
 */

export type Kind = "camera" | "microphone";

/** Why a device gives nothing. `denied` may be asked again, `blocked` only after a change of settings. */
export type Why = "denied" | "blocked" | "system" | "busy" | "missing";

export type Trouble =
  | "insecure"
  | "no-webrtc"
  /** Neither of the two. */
  | Why
  | `${Kind}-${Why}`
  /** The camera works and shows nothing. */
  | "camera-dark"
  /** The microphone works and hears nothing. */
  | "silent";

export interface Failed {
  name: string;
  message: string;
}

/** Why the browser gave no device; `permission` is null where it does not tell. */
export function whyOf({ name, message }: Failed, permission: PermissionState | null): Why {
  switch (name) {
    case "NotAllowedError":
    case "SecurityError":
      if (/system|platform policy/i.test(message)) return "system";
      // The site may, and yet it may not: then it is the browser that may not.
      if (permission === "granted") return "system";
      return permission === "denied" ? "blocked" : "denied";
    case "NotFoundError":
    case "OverconstrainedError":
      return "missing";
    default:
      return "busy";
  }
}

/** Both devices' answers in one word. */
export function troubleOf(camera: Why | null, microphone: Why | null): Trouble | null {
  if (camera === null) return microphone === null ? null : `microphone-${microphone}`;
  if (microphone === null) return `camera-${camera}`;
  if (camera === microphone) return camera;
  // What a person can change comes before what nobody can; without a voice nothing is solved.
  return microphone === "missing" ? camera : microphone;
}

/** Which of the devices a trouble is about; null for both. */
export function kindOf(trouble: Trouble): Kind | null {
  if (trouble === "silent" || trouble.startsWith("microphone-")) return "microphone";
  return trouble.startsWith("camera-") ? "camera" : null;
}

/** Why, without the device. */
export function reasonOf(trouble: Trouble): Why | "dark" | "silent" | "insecure" | "no-webrtc" {
  return trouble.replace(/^(camera|microphone)-/, "") as ReturnType<typeof reasonOf>;
}

// Loudness against the loudest that there can be. A voice close by is above -35 dB, a quiet room
// between -75 and -50, and what nobody plugged in or switched on at -90 or exactly nothing.
const VOICE_DB = -45;
const FLOOR_DB = -78;
/** A living microphone in a quiet room need not be spoken to for longer than this. */
const QUIET_MS = 2_500;
/** People need a moment to read that they should speak. */
const SILENT_MS = 6_000;

/** What is known of a microphone, once this was the loudest of so long a time. */
export function hearing(loudest_db: number, passed_ms: number): "heard" | "silent" | "listening" {
  if (loudest_db > VOICE_DB) return "heard";
  if (loudest_db > FLOOR_DB) return passed_ms < QUIET_MS ? "listening" : "heard";
  return passed_ms < SILENT_MS ? "listening" : "silent";
}

/** Loudness in dB of a piece of sound; -120 is nothing at all. */
export function loudness(samples: Float32Array): number {
  const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
  return 10 * Math.log10(power + 1e-12);
}

// Of 255: a covered lens gives noise of a few steps, a dim room has something brighter somewhere.
const BLACK_MAX = 24;

/** Whether nothing can be seen in a picture of RGBA pixels. */
export function isBlack(rgba: Uint8ClampedArray): boolean {
  for (let at = 0; at + 2 < rgba.length; at += 4) {
    if (Math.max(rgba[at] ?? 0, rgba[at + 1] ?? 0, rgba[at + 2] ?? 0) > BLACK_MAX) return false;
  }
  return true;
}

/** Whose menus the person looks at. */
export type Browser =
  "chrome" | "chrome-android" | "safari" | "ios" | "firefox" | "firefox-android" | "other";
export type System = "macos" | "windows" | "android" | "ios" | "other";

export function systemOf(userAgent: string, touchPoints: number): System {
  if (/Android/.test(userAgent)) return "android";
  if (/iPhone|iPad|iPod/.test(userAgent)) return "ios";
  // An iPad says that it is a Mac, and no Mac has a touch screen.
  if (/Macintosh/.test(userAgent)) return touchPoints > 1 ? "ios" : "macos";
  return /Windows/.test(userAgent) ? "windows" : "other";
}

export function browserOf(userAgent: string, touchPoints: number): Browser {
  const system = systemOf(userAgent, touchPoints);
  // All of Apple's telephones have Safari's menus, or those of its settings.
  if (system === "ios") return "ios";
  if (/Firefox\//.test(userAgent)) return system === "android" ? "firefox-android" : "firefox";
  if (/Chrom(e|ium)\//.test(userAgent)) return system === "android" ? "chrome-android" : "chrome";
  return /Safari\//.test(userAgent) && system === "macos" ? "safari" : "other";
}
