/**
 * What happens to camera and microphone in the middle of a call: (health, sign) -> health and todos.
 *
 * Pure. The person's own mute is none of it. `own-media.ts` sees the signs and carries the todos out.
 */
import type { Kind, Why } from "./faults.ts";

export type Condition =
  | "well"
  /** It was lost, and another device does its work. */
  | "other"
  /** It was lost, and there is no other. */
  | "gone"
  /** Another program has it. */
  | "busy"
  /** The permission was taken back. */
  | "revoked"
  /** The system took it for a while: a telephone call, above all. */
  | "paused"
  | "back";

export type Health = Readonly<Record<Kind, Condition>>;

export const WELL: Health = { camera: "well", microphone: "well" };

export type Sign =
  /** The track ended by itself. */
  | { s: "ended"; kind: Kind; isRevoked: boolean; isAnyThere: boolean }
  /** The devices are others than before. */
  | { s: "listed"; kind: Kind; isAnyThere: boolean }
  | { s: "permission"; kind: Kind; isGranted: boolean }
  | { s: "muted"; kind: Kind }
  | { s: "unmuted"; kind: Kind }
  /** The page is seen again, or its machine awoke. */
  | { s: "awake"; kind: Kind }
  /** A person asks for it. */
  | { s: "asked"; kind: Kind }
  | { s: "opened"; kind: Kind; isOther: boolean }
  | { s: "failed"; kind: Kind; why: Why }
  /** Good news was read, or is old. */
  | { s: "read"; kind: Kind };

export interface Todo {
  do: "reopen";
  kind: Kind;
}

export function step(health: Health, sign: Sign): [Health, Todo[]] {
  const { kind } = sign;
  const [condition, reopens] = next(health[kind], sign);
  return [{ ...health, [kind]: condition }, reopens ? [{ do: "reopen", kind }] : []];
}

function next(now: Condition, sign: Sign): [Condition, boolean] {
  switch (sign.s) {
    case "ended":
      if (sign.isRevoked) return ["revoked", false];
      return sign.isAnyThere ? [now, true] : ["gone", false];
    case "listed":
      return [now, sign.isAnyThere && (now === "gone" || now === "busy")];
    case "permission":
      return sign.isGranted ? [now, now === "revoked"] : ["revoked", false];
    case "muted":
      return [isLost(now) ? now : "paused", false];
    case "unmuted":
      return [now === "paused" ? "back" : now, false];
    case "awake":
      return [now, now === "paused" || now === "busy"];
    case "asked":
      return [now, true];
    case "opened":
      if (sign.isOther) return ["other", false];
      return [now === "well" ? "well" : "back", false];
    case "failed":
      return [conditionOf(now, sign.why), false];
    case "read":
      return [now === "back" || now === "other" ? "well" : now, false];
  }
}

function isLost(now: Condition): boolean {
  return now === "gone" || now === "revoked" || now === "busy";
}

function conditionOf(now: Condition, why: Why): Condition {
  // While a telephone call lasts the microphone cannot be had, and comes back afterwards.
  if (now === "paused" && why === "busy") return "paused";
  if (why === "busy") return "busy";
  return why === "missing" ? "gone" : "revoked";
}

/** The one that is to be said: the voice comes first, and what is wrong before what is right again. */
export type Line = `${Kind}-${Exclude<Condition, "well">}`;

export function lineOf(health: Health): Line | null {
  const { microphone, camera } = health;
  const said = ([kind, condition]: [Kind, Condition]): Line | null =>
    condition === "well" ? null : `${kind}-${condition}`;
  const both: [Kind, Condition][] = [
    ["microphone", microphone],
    ["camera", camera],
  ];
  const wrong = both.find(([, condition]) => isLost(condition) || condition === "paused");
  const right = both.find(([, condition]) => condition !== "well");
  return said(wrong ?? right ?? ["camera", "well"]);
}

/** Which device a button beside the line asks for; null where there is nothing to press. */
export function askable(line: Line): Kind | null {
  const [kind, condition] = line.split("-") as [Kind, Condition];
  return condition === "paused" || condition === "busy" || condition === "revoked" ? kind : null;
}
