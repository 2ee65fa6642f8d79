/**
 * Whom a board brings that was not on the one before, and whether the doctor is called to it.
 *
 * Pure, and part of `rounds.ts`. Once for each who comes to an empty queue and once for each who
 * comes by the doctor's own link: a bell at every change is a bell that nobody hears.
 */
import { isOwn } from "./directory.ts";
import type { FromServer } from "./messages.ts";
import type { State } from "./rounds.ts";
import type { Step } from "./todo.ts";

/** For what a doctor is called: a first patient in an empty queue, or one of his own link. */
export type Arrival = "first" | "own";

// Who was called, or slept, and is back is no arrival: so many are remembered.
const KNOWN_MAX = 200;

export function board(state: State, message: FromServer<"board">): Step<State> {
  const { doctors, tickets = [], waiting = tickets.length, colleagues: cards = [] } = message;
  const before = state.known ?? [];
  const fresh = tickets.filter(({ ticket }) => !before.includes(ticket));
  const known = [...before, ...fresh.map(({ ticket }) => ticket)].slice(-KNOWN_MAX);
  const isFree = state.page.name === "on" && state.known !== null;
  const came: Arrival | null = !isFree
    ? null
    : fresh.some(({ queue }) => isOwn(queue))
      ? "own"
      : state.waiting === 0 && fresh.length > 0
        ? "first"
        : null;
  const arrival = came ?? (waiting === 0 ? null : state.arrival);
  return [
    { ...state, doctors, waiting, tickets, cards, known, arrival },
    came === null ? [] : [{ do: "announce", arrival: came }],
  ];
}
