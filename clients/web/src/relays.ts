/**
 * Relay passwords as the pages hold them, and what is ready in time because of them.
 *
 * Pure. A password's age is judged by the newest one beside it: both came on the server's clock,
 * and the next is never long in coming.
 *
 * Who may use which is in `signaling/PROTOCOL.md`, `joined`; the words here are in `clients/README.md`.
 */
import type { Relay } from "./messages.ts";
import type { Step, Todo } from "./todo.ts";

/** A relay's password, and when it came, on the server's clock. */
export interface Held {
  relay: Relay;
  since_s: number;
}

/** By which of the relay's transports packets come through, the best first. */
export type Route = "udp" | "tcp" | "tls";

/** A trial of the relay: whether one is under way, what the last one found, and when it ended. */
export interface Check {
  isRunning: boolean;
  found: Route | "unreachable" | null;
  at_s: number;
}

// The doctor's page renews a path when less than this of its password's life is left. The
// patient's, whose password may be older, lets it go first: two at once would break the path.
const LEFT_IMPOLITE = 1 / 4;
const LEFT_POLITE = 1 / 8;
// An unreachable relay is tried again after this long, in case nobody tells of another network.
const AGAIN_S = 60;

export function hold(held: Held | null, relay: Relay | undefined, now_s: number): Held | null {
  return relay === undefined ? held : { relay, since_s: now_s };
}

/** What is left of a password's life when the newest came, 1 to 0. */
function left(held: Held, newest: Held): number {
  const { expires_at } = held.relay;
  return (expires_at - newest.since_s) / Math.max(1, expires_at - held.since_s);
}

/** Whether the path that was made with one password is to be renewed with the newest. */
export function isDue(used: Held, newest: Held, polite: boolean): boolean {
  return (
    newest.relay.expires_at > used.relay.expires_at &&
    left(used, newest) < (polite ? LEFT_POLITE : LEFT_IMPOLITE)
  );
}

/** The relay's addresses by transport, in the order in which they are to be tried. */
export function routesOf(urls: string[]): [Route, string[]][] {
  const routes = new Map<Route, string[]>();
  for (const url of urls) {
    const route = url.startsWith("turns:") ? "tls" : url.endsWith("=udp") ? "udp" : "tcp";
    routes.set(route, [...(routes.get(route) ?? []), url]);
  }
  return [...routes];
}

/** Both pages, after each step: a newer password goes to the connection that runs. */
export function lending<S extends { page: { name: string }; relay: Held | null }>(
  before: S,
  [state, todos]: Step<S>,
): Step<S> {
  const { page, relay } = state;
  return page.name === "session" && relay !== null && relay !== before.relay
    ? [state, [{ do: "lend", relay }, ...todos]]
    : [state, todos];
}

/**
 * Both pages, after each step: the relay is tried once where somebody waits, again on another
 * network, when asked to, and from time to time while it cannot be reached. `relay` is null where
 * no trial should run: in a call, without the server, without a relay.
 */
export function checking<S extends { check: Check | null; isJoined: boolean }>(
  [state, todos]: Step<S>,
  relay: Held | null,
  isAsked: boolean,
): Step<S> {
  const { check } = state;
  if (relay === null) {
    const stop: Todo[] = check?.isRunning === true ? [{ do: "check-relay", relay: null }] : [];
    // The network that comes back may be another one.
    const isKept = state.isJoined && check !== null && check.found !== null;
    const kept = isKept ? { ...check, isRunning: false } : null;
    return check === null ? [state, todos] : [{ ...state, check: kept }, [...todos, ...stop]];
  }
  const isOld =
    check?.found === "unreachable" && !check.isRunning && relay.since_s - check.at_s >= AGAIN_S;
  if (check !== null && !isOld && !isAsked) {
    return [state, todos];
  }
  const next: Check = { isRunning: true, found: check?.found ?? null, at_s: relay.since_s };
  return [{ ...state, check: next }, [...todos, { do: "check-relay", relay: relay.relay }]];
}

/** What a trial found; null: no way through. A trial that was stopped meanwhile tells nothing. */
export function checked<S extends { check: Check | null }>(state: S, by: Route | null): S {
  const { check } = state;
  return check?.isRunning === true
    ? { ...state, check: { ...check, isRunning: false, found: by ?? "unreachable" } }
    : state;
}

/**
 * The patient's page, after each step: who is next in line has a connection ready, younger than
 * half its password's life. `relay` is null where nobody is about to be called.
 */
export function preparing<S extends { spare: Held | null }>(
  [state, todos]: Step<S>,
  relay: Held | null,
): Step<S> {
  const { spare } = state;
  const isGood = spare === null ? relay === null : relay !== null && left(spare, relay) > 1 / 2;
  return isGood
    ? [state, todos]
    : [{ ...state, spare: relay }, [...todos, { do: "keep-ready", relay }]];
}
