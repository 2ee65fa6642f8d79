/**
 * The queues of a doctor: which he serves, which one is his own, and who waits in each.
 *
 * Pure. Where a queue has a title it comes from the installation's file; else its name is shown.
 */
import { isOwn } from "./directory.ts";
import type { Ticket } from "./messages.ts";

/** The queues from which this doctor takes patients: those he may serve, without those he left out. */
export function served(state: { queues: string[]; without: string[] }): string[] {
  return state.queues.filter((queue) => !state.without.includes(queue));
}

/** Those of a board who came by the doctor's own link, in their order. */
export function ownTickets(tickets: readonly Ticket[]): Ticket[] {
  return tickets.filter(({ queue }) => isOwn(queue));
}

/** How many of a board wait in a queue; `isAll` is false where the board was cut. */
export function countOf(
  state: { tickets: readonly Ticket[]; waiting: number },
  queue: string,
): { count: number; isAll: boolean } {
  const count = state.tickets.filter((ticket) => ticket.queue === queue).length;
  return { count, isAll: state.waiting <= state.tickets.length };
}
