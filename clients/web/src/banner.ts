/**
 * The one line that says what has become of a call's path, and whose network it is.
 *
 * Pure. At most one thing is said at a time, the one that a person can do most about.
 *
 * What the far end does is known by what is there anyway: the server refuses an envelope to whoever
 * has no socket (`away`), and a far end that is back says so.
 */
import type { Flow } from "./path.ts";
import type { Step } from "./todo.ts";

/** What a page knows beside the flow. */
export interface Signs {
  /** The far end has no socket, or is not back in a session that the server had lost. */
  isAway: boolean;
  /** All was tried: a person may ask for more. */
  isSpent: boolean;
  /** Pictures came, and now only sound does. */
  isDark: boolean;
  /** It was interrupted, and is not any more. */
  isBack: boolean;
}

export const CALM: Signs = { isAway: false, isSpent: false, isDark: false, isBack: false };

export type Banner = "alone" | "network" | "far" | "path" | "spent" | "server" | "sound" | "back";

interface Session {
  flow: Flow;
  isAlone: boolean;
  signs: Signs;
}

interface State {
  page: { name: string; session?: Session };
  isOnline: boolean;
  isJoined: boolean;
}

/** What is to be said; null: nothing. */
export function bannerOf(session: Session, isOnline: boolean): Banner | null {
  const { flow, isAlone, signs } = session;
  if (isAlone) return "alone";
  if (flow === "interrupted") {
    // Whose network: ours where the server is gone as well, the far end's where he is gone from it.
    if (!isOnline) return "network";
    if (signs.isAway) return "far";
    return signs.isSpent ? "spent" : "path";
  }
  if (!isOnline) return "server";
  if (flow === "connecting") return signs.isAway ? "far" : null;
  if (signs.isDark) return "sound";
  return signs.isBack ? "back" : null;
}

/** After the flow changed. */
export function flowed(signs: Signs, before: Flow, now: Flow): Signs {
  if (now !== "live") return { ...signs, isBack: false };
  const isBack = signs.isBack || before === "interrupted";
  return { ...signs, isBack, isSpent: false };
}

/** Both pages, after each step: a path is sought only while the far end can be spoken to. */
export function reaching<S extends State>(before: S, [state, todos]: Step<S>): Step<S> {
  const is = reaches(state);
  return state.page.name === "session" && is !== reaches(before)
    ? [state, [...todos, { do: "reach", is }]]
    : [state, todos];
}

/** Without the server for good, nobody can be asked for another path: that is then the end. */
function reaches({ page, isJoined }: State): boolean {
  const { session } = page;
  return session === undefined || session.isAlone || (isJoined && !session.signs.isAway);
}
