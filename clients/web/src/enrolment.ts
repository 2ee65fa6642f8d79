/**
 * Enrolling a device, as a machine: what is shown, and what is to be done next.
 *
 * Pure: the keys, the network and the clock are the desk's (`enrolment-desk.ts`). Each way in
 * which it can fail has its own state, and trouble of the network is none of them: it passes.
 */
import type { Card } from "./letters.ts";

/** What the last look for the bundle brought. */
export type Look =
  | "none"
  | "looking"
  | "not-yet"
  /** The network did not let us see; nothing is wrong with the device. */
  | "offline"
  /** The union answered an earlier request of this device. */
  | "earlier"
  /** A bundle is there and does not hold. */
  | "refused";

/** What a device waits for. */
export interface Asked {
  /** The text of the request. */
  readonly request: string;
  /** It ends so soon that it is better made anew. */
  readonly isStale: boolean;
}

/** What a union vouched for. */
export interface Vouched {
  readonly card: Card;
  readonly union: string;
  readonly endsAt: number;
}

/** What a device has, as its keys and the pages' trusted unions say. */
export interface Summary {
  /** The device's name in the union's register. */
  readonly device: string;
  readonly asked: Asked | null;
  /** Null where there is none yet, or it ended. */
  readonly vouched: Vouched | null;
  /** A bundle was there, and its time is over. */
  readonly isOver: boolean;
  /** Less than a week is left of it. */
  readonly isDue: boolean;
}

export type Failure =
  /** The browser lacks the curves. */
  | "browser"
  /** It keeps nothing: a private window, or no room. */
  | "storage"
  /** What the union gave does not hold any more. */
  | "refused"
  /** The unions that the pages trust cannot be had now. */
  | "offline";

export type State =
  | { readonly name: "opening" }
  | { readonly name: "none" }
  | { readonly name: "making" }
  | {
      readonly name: "asked";
      readonly summary: Summary;
      readonly asked: Asked;
      readonly look: Look;
    }
  | {
      readonly name: "enrolled";
      readonly summary: Summary;
      readonly vouched: Vouched;
      readonly look: Look;
      /** The bundle came while this page was open. */
      readonly isNew: boolean;
    }
  | { readonly name: "ended"; readonly summary: Summary }
  | { readonly name: "failed"; readonly why: Failure };

export type Event =
  | { readonly e: "opened"; readonly summary: Summary | null }
  | { readonly e: "make" }
  | { readonly e: "look" }
  /** A minute passed while the page was shown. */
  | { readonly e: "minute" }
  | { readonly e: "looked"; readonly look: Exclude<Look, "none" | "looking"> }
  | { readonly e: "found"; readonly summary: Summary }
  | { readonly e: "forget" }
  | { readonly e: "failed"; readonly why: Failure }
  | { readonly e: "again" };

export type Todo = "open" | "make" | "ask-anew" | "look" | "forget";

export type Step = readonly [State, readonly Todo[]];

export const begin: Step = [{ name: "opening" }, ["open"]];

export function step(state: State, event: Event): Step {
  switch (event.e) {
    case "opened":
      return event.summary === null ? [{ name: "none" }, []] : shown(event.summary, false);
    case "found":
      return shown(event.summary, true);
    case "failed":
      return [{ name: "failed", why: event.why }, []];
    case "forget":
      return [{ name: "opening" }, ["forget"]];
    case "again":
      return state.name === "failed" ? begin : [state, []];
    case "make":
      return state.name === "none"
        ? [{ name: "making" }, ["make"]]
        : state.name === "ended"
          ? [{ name: "making" }, ["ask-anew"]]
          : [state, []];
    case "look":
    case "minute":
      return looks(state);
    case "looked":
      return looked(state, event.look);
  }
}

/** Whether the page waits for something that the union publishes. */
export function isWaiting(state: State): boolean {
  return state.name === "asked" || (state.name === "enrolled" && state.summary.asked !== null);
}

function shown(summary: Summary, isNew: boolean): Step {
  const { asked, vouched, isOver, isDue } = summary;
  if (vouched !== null) {
    const look = asked === null ? "none" : "looking";
    const todo: Todo[] = asked !== null ? ["look"] : isDue ? ["ask-anew"] : [];
    return [{ name: "enrolled", summary, vouched, look, isNew }, todo];
  }
  if (asked !== null) {
    return [{ name: "asked", summary, asked, look: "looking" }, ["look"]];
  }
  return isOver ? [{ name: "ended", summary }, []] : [{ name: "failed", why: "refused" }, []];
}

function looks(state: State): Step {
  return isWaiting(state) && "look" in state && state.look !== "looking"
    ? [{ ...state, look: "looking" }, ["look"]]
    : [state, []];
}

function looked(state: State, look: Look): Step {
  if (!("look" in state)) {
    return [state, []];
  }
  // Only after a look: the answer to an old request would be lost by making a new one.
  const isStale = look === "not-yet" && state.summary.asked?.isStale === true;
  return [{ ...state, look }, isStale ? ["ask-anew"] : []];
}
