/** Faults of camera and microphone: told apart by what browsers say, hear and see. */
import {
  browserOf,
  hearing,
  isBlack,
  kindOf,
  loudness,
  reasonOf,
  systemOf,
  troubleOf,
  whyOf,
} from "../../../clients/web/src/faults.ts";

const refused = { name: "NotAllowedError", message: "Permission denied" };

test("a person's no is told from a browser's and from a system's", () => {
  expect(whyOf(refused, "prompt")).toBe("denied");
  expect(whyOf(refused, null)).toBe("denied");
  expect(whyOf(refused, "denied")).toBe("blocked");
  // The site may, and yet it may not.
  expect(whyOf(refused, "granted")).toBe("system");
  const bySystem = { ...refused, message: "Permission denied by system" };
  expect(whyOf(bySystem, "prompt")).toBe("system");
});

test("what another program holds, and what is not there, need no permission", () => {
  expect(whyOf({ name: "NotReadableError", message: "" }, "granted")).toBe(
    "busy",
  );
  expect(whyOf({ name: "AbortError", message: "" }, null)).toBe("busy");
  expect(whyOf({ name: "NotFoundError", message: "" }, null)).toBe("missing");
  expect(whyOf({ name: "OverconstrainedError", message: "" }, null)).toBe(
    "missing",
  );
});

test("each device's fault is its own, and both have one in common", () => {
  expect(troubleOf(null, null)).toBeNull();
  expect(troubleOf("busy", null)).toBe("camera-busy");
  expect(troubleOf(null, "missing")).toBe("microphone-missing");
  expect(troubleOf("denied", "denied")).toBe("denied");
});

test("of two faults the one that a person can mend is told", () => {
  expect(troubleOf("busy", "missing")).toBe("busy");
  expect(troubleOf("missing", "system")).toBe("system");
});

test.each([
  ["silent", "microphone", "silent"],
  ["microphone-busy", "microphone", "busy"],
  ["camera-dark", "camera", "dark"],
  ["camera-missing", "camera", "missing"],
  ["no-webrtc", null, "no-webrtc"],
  ["blocked", null, "blocked"],
] as const)("%s is about the %s: %s", (trouble, kind, reason) => {
  expect(kindOf(trouble)).toBe(kind);
  expect(reasonOf(trouble)).toBe(reason);
});

test("a voice is heard at once, a quiet room after a moment, nothing is silence", () => {
  expect(hearing(-30, 0)).toBe("heard");
  expect(hearing(-65, 1_000)).toBe("listening");
  expect(hearing(-65, 3_000)).toBe("heard");
  expect(hearing(-120, 5_000)).toBe("listening");
  expect(hearing(-120, 6_000)).toBe("silent");
});

test("loudness is in dB below the loudest that there is", () => {
  expect(loudness(new Float32Array(512))).toBeCloseTo(-120);
  expect(loudness(new Float32Array(512).fill(1))).toBeCloseTo(0);
  expect(loudness(new Float32Array(512).fill(0.01))).toBeCloseTo(-40);
});

test("a covered lens is black, and one bright spot is a picture", () => {
  const covered = new Uint8ClampedArray(400).fill(12);
  const lit = covered.slice();
  lit[41] = 90;

  expect(isBlack(covered)).toBe(true);
  expect(isBlack(lit)).toBe(false);
});

const AGENTS = {
  chrome:
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
  "chrome-android":
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36",
  safari:
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15",
  ios: "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1",
  firefox:
    "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
  "firefox-android":
    "Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0",
} as const;

test.each(Object.entries(AGENTS))("%s is known by its name", (name, agent) => {
  expect(browserOf(agent, 0)).toBe(name);
});

test("an iPad says that it is a Mac, and its screen can be touched", () => {
  expect(browserOf(AGENTS.safari, 5)).toBe("ios");
  expect(systemOf(AGENTS.safari, 0)).toBe("macos");
});

test("the system is told beside the browser", () => {
  expect(systemOf(AGENTS.chrome, 0)).toBe("windows");
  expect(systemOf(AGENTS["firefox-android"], 5)).toBe("android");
  expect(systemOf(AGENTS.firefox, 0)).toBe("other");
  expect(browserOf("Something/1.0", 0)).toBe("other");
});
