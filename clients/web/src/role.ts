/**
 * What a page's desk is told of the page: its machine, its other half, and how it is drawn.
 *
 * Types only. `patient.tsx`, `doctor.tsx` and `guest-page.tsx` are the three.
 */
import type { About } from "./about.ts";
import type { Arrival } from "./arrivals.ts";
import type { Wider } from "./moving.ts";
import type { Loaded } from "./seal.ts";
import type { Common, Dice, Step } from "./todo.ts";
import type { Whereabouts } from "./whereabouts.ts";

/** What the address holds, as far as the desk writes it. */
export interface Address {
  opened: string;
  holder?: string | null;
  resume: string | null;
  doctor?: string | null;
  key?: string | null;
}

export interface Role<State, Event> {
  /** Fixed by role: patient polite, doctor impolite. */
  polite: boolean;
  begin: Step<State>;
  step: (state: State, event: Event | Common, dice: Dice) => Step<State>;
  /**
   * The page's other half, with the seal; `keep` writes into the address what a page needs to
   * come back. `wider` is another link than the one that was opened.
   * Rejects with `Refused` where the address is no good, else for trouble of the network.
   */
  load: (
    keep: (kept: Omit<Address, "opened" | "holder">) => void,
    wider?: Wider,
  ) => Promise<Loaded & { holderSeed?: string }>;
  draw: () => void;
  /** Somebody came, whom a doctor should hear of. */
  announce?: (arrival: Arrival) => void;
  whereabouts: (state: State) => Whereabouts;
  /** What a patient said of himself; other roles have none. */
  about?: (state: State) => About | null;
  /** Cards of colleagues on the board. */
  cards?: (state: State) => readonly string[];
}
