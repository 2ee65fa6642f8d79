/** What happens to devices in mid-call: what takes over, what is said, what comes back. */
import {
  askable,
  type Condition,
  type Health,
  lineOf,
  type Sign,
  step,
  type Todo,
  WELL,
} from "../../../clients/web/src/mishaps.ts";

const kind = "microphone";
const REOPENS: Todo[] = [{ do: "reopen", kind }];

function after(...signs: Sign[]): [Condition, Todo[]] {
  let health: Health = WELL;
  let todos: Todo[] = [];
  for (const sign of signs) [health, todos] = step(health, sign);
  return [health[kind], todos];
}

const unplugged: Sign = {
  s: "ended",
  kind,
  isRevoked: false,
  isAnyThere: true,
};
const lastUnplugged: Sign = { ...unplugged, isAnyThere: false };
const failed = (why: "busy" | "missing" | "blocked"): Sign => ({
  s: "failed",
  kind,
  why,
});

test("an unplugged device is replaced by another, and that is said", () => {
  expect(after(unplugged)).toEqual(["well", REOPENS]);
  expect(after(unplugged, { s: "opened", kind, isOther: true })[0]).toBe(
    "other",
  );
});

test("the last one is waited for, and comes back by itself", () => {
  expect(after(lastUnplugged)).toEqual(["gone", []]);
  const back: Sign = { s: "listed", kind, isAnyThere: true };
  expect(after(lastUnplugged, back)).toEqual(["gone", REOPENS]);
  expect(
    after(lastUnplugged, back, { s: "opened", kind, isOther: false })[0],
  ).toBe("back");
});

test("a new device elsewhere changes nothing for one that works", () => {
  expect(after({ s: "listed", kind, isAnyThere: true })).toEqual(["well", []]);
});

test("a permission that was taken back is not asked for again by itself", () => {
  expect(after({ ...unplugged, isRevoked: true })).toEqual(["revoked", []]);
  expect(after({ s: "permission", kind, isGranted: false })).toEqual([
    "revoked",
    [],
  ]);
  // Nor when devices change, or the page is seen again.
  const revoked: Sign = { s: "permission", kind, isGranted: false };
  expect(after(revoked, { s: "listed", kind, isAnyThere: true })[1]).toEqual(
    [],
  );
  expect(after(revoked, { s: "awake", kind })[1]).toEqual([]);
});

test("once given back it is used again", () => {
  const revoked: Sign = { s: "permission", kind, isGranted: false };
  const granted: Sign = { s: "permission", kind, isGranted: true };

  expect(after(revoked, granted)).toEqual(["revoked", REOPENS]);
  expect(after(granted)).toEqual(["well", []]);
});

test("a telephone call pauses the microphone, which comes back by itself", () => {
  expect(after({ s: "muted", kind })).toEqual(["paused", []]);
  expect(after({ s: "muted", kind }, { s: "unmuted", kind })[0]).toBe("back");
});

test("what did not come back is asked for when the page is seen again", () => {
  expect(after({ s: "muted", kind }, { s: "awake", kind })).toEqual([
    "paused",
    REOPENS,
  ]);
  // The telephone still has it: nobody else took it.
  expect(after({ s: "muted", kind }, failed("busy"))[0]).toBe("paused");
  expect(after({ s: "awake", kind })).toEqual(["well", []]);
});

test("what cannot be opened is said as what it is", () => {
  expect(after(unplugged, failed("busy"))[0]).toBe("busy");
  expect(after(unplugged, failed("missing"))[0]).toBe("gone");
  expect(after(unplugged, failed("blocked"))[0]).toBe("revoked");
});

test("good news are dropped once read, and bad ones stay", () => {
  const read: Sign = { s: "read", kind };

  expect(after({ s: "muted", kind }, { s: "unmuted", kind }, read)[0]).toBe(
    "well",
  );
  expect(after(unplugged, { s: "opened", kind, isOther: true }, read)[0]).toBe(
    "well",
  );
  expect(after(lastUnplugged, read)[0]).toBe("gone");
});

test("a person may ask for it at any time", () => {
  expect(after(lastUnplugged, { s: "asked", kind })[1]).toEqual(REOPENS);
});

test("the voice is said before the picture, and what is wrong before what is right", () => {
  expect(lineOf(WELL)).toBeNull();
  expect(lineOf({ camera: "gone", microphone: "paused" })).toBe(
    "microphone-paused",
  );
  expect(lineOf({ camera: "gone", microphone: "back" })).toBe("camera-gone");
  expect(lineOf({ camera: "other", microphone: "well" })).toBe("camera-other");
});

test("there is a button where a person can do something about it", () => {
  expect(askable("microphone-paused")).toBe("microphone");
  expect(askable("camera-busy")).toBe("camera");
  expect(askable("camera-gone")).toBeNull();
  expect(askable("microphone-back")).toBeNull();
});
