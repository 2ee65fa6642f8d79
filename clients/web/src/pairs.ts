/**
 * One pair of larger company as a machine: who asks or answers whom, and what is proven of it.
 *
 * Pure, and part of `company.ts`. No track goes to or comes from a far end before the connection
 * is bound and everybody agrees on who is here.
 *
 * `clients/SCEAU.md` §11.
 */
import type { About } from "./about.ts";
import type { CompanyHeard } from "./company-seal.ts";
import type { CompanyTodo } from "./company-todo.ts";
import type { SeatRole } from "./gathering-letters.ts";
import type { Vouched } from "./letters.ts";
import type { Flow } from "./meeting.ts";
import type { Dice } from "./todo.ts";
import { RESTARTS } from "./todo.ts";

export interface Pair {
  readonly member: string;
  readonly role: SeatRole;
  /** Seat of who brought him in; null for who was there before this page. */
  readonly by: string | null;
  readonly part: "asks" | "answers";
  /** Of a doctor who proved himself, in the handshake in force or under way. */
  readonly doctor: Vouched | null;
  /** The handshake under way. */
  readonly nonce: string | null;
  readonly connection: string | null;
  /** Digits of the handshake under way, and of the one in force. */
  readonly coming: string | null;
  readonly digits: string | null;
  readonly mayRestart: boolean;
  readonly flow: Flow;
  readonly isBound: boolean;
  readonly isAgreed: boolean;
  readonly refusals: number;
  /** An M2 that waits for this person's word. */
  readonly asked: { readonly connection: string; readonly offer: string } | null;
  /** What a patient said of himself. */
  readonly about: About | null;
}

export type PairStep = readonly [Pair | null, CompanyTodo[]];

// A far end that breaks so many handshakes in a row is not one to talk to.
const REFUSALS_MAX = 3;

export function pairOf(
  member: string,
  role: SeatRole,
  part: Pair["part"],
  by: string | null,
  doctor: Vouched | null = null,
): Pair {
  return {
    member,
    role,
    by,
    part,
    doctor,
    nonce: null,
    connection: null,
    coming: null,
    digits: null,
    mayRestart: false,
    flow: "connecting",
    isBound: false,
    isAgreed: false,
    refusals: 0,
    asked: null,
    about: null,
  };
}

/** Shake hands, for the first time or anew. */
export function ask(pair: Pair, dice: Dice): PairStep {
  const nonce = dice();
  const { member } = pair;
  return [{ ...pair, nonce, digits: null, asked: null }, [{ do: "ask", member, nonce }]];
}

/** What a far end said. `mustWait`: its M2 waits for this person's word. */
export function heardOf(pair: Pair, heard: CompanyHeard, dice: Dice, mustWait: boolean): PairStep {
  const { member } = pair;
  switch (heard.t) {
    case "m1": {
      const connection = dice();
      return [
        met({ ...pair, nonce: heard.nonce, digits: null }, connection),
        [{ do: "meet", member, connection, offer: null, mayRestart: pair.mayRestart }],
      ];
    }
    case "m2": {
      if (heard.nonce !== pair.nonce) return [pair, []];
      const { connection, offer, digits, doctor } = heard;
      const next: Pair = {
        ...pair,
        doctor: doctor ?? pair.doctor,
        coming: digits,
        mayRestart: heard.restarts && RESTARTS,
      };
      return mustWait ? [{ ...next, asked: { connection, offer } }, []] : taken(next, heard);
    }
    case "m3": {
      const { connection } = pair;
      if (heard.nonce !== pair.nonce || connection === null) return [pair, []];
      const mayRestart = heard.restarts && RESTARTS;
      return [
        { ...pair, digits: heard.digits, mayRestart, nonce: null, refusals: 0 },
        [
          { do: "settle", member, connection, answer: heard.answer, mayRestart },
          { do: "release", member },
        ],
      ];
    }
    case "ready":
      return pair.coming === null
        ? [pair, []]
        : [
            { ...pair, digits: pair.coming, coming: null, nonce: null, refusals: 0 },
            [{ do: "release", member }],
          ];
    case "knock":
      return pair.part === "asks" ? ask(pair, dice) : [pair, []];
    case "refused":
      return refusedIn(pair, dice);
    case "description":
    case "candidates":
    case "again":
      return heard.connection === pair.connection
        ? [pair, [{ do: "hear", member, letter: heard }]]
        : [pair, []];
    case "about":
      // A guest says nothing of the kind.
      return [pair.role === "patient" ? { ...pair, about: heard } : pair, []];
    case "said":
      return [pair, []];
  }
}

/** Take an M2: answer its offer. */
export function taken(pair: Pair, by: { connection: string; offer: string }): PairStep {
  const { member, mayRestart } = pair;
  const { connection, offer } = by;
  return [
    { ...met(pair, connection), asked: null },
    [{ do: "meet", member, connection, offer, mayRestart }],
  ];
}

/** Our description is made: it goes as M2 or as M3. */
export function describedOf(pair: Pair, connection: string, sdp: string): PairStep {
  const { member, nonce } = pair;
  if (connection !== pair.connection || nonce === null) return [pair, []];
  return pair.part === "answers"
    ? [pair, [{ do: "m2", member, nonce, connection, offer: sdp }]]
    : [
        pair,
        [
          { do: "m3", member, nonce, answer: sdp },
          { do: "expect", member },
        ],
      ];
}

/** Changed, repeated or lost: a fresh handshake, or the end of the pair. */
export function refusedIn(pair: Pair, dice: Dice): PairStep {
  const refusals = pair.refusals + 1;
  if (refusals > REFUSALS_MAX) return [null, []];
  return stuckIn({ ...pair, refusals, digits: null }, dice);
}

/** The path is lost, or the keys: who asks shakes hands anew, who answers wants it. */
export function stuckIn(pair: Pair, dice: Dice): PairStep {
  return pair.part === "asks" ? ask(pair, dice) : [pair, [{ do: "knock", member: pair.member }]];
}

/** A pair that was live once is interrupted, not begun, while a new connection is made for it. */
export function flowOf(pair: Pair, now: Flow): Pair {
  const flow = now === "connecting" && pair.flow !== "connecting" ? "interrupted" : now;
  return { ...pair, flow };
}

/** Another connection: nothing of the one before holds for it. */
function met(pair: Pair, connection: string): Pair {
  const flow = pair.flow === "connecting" ? "connecting" : "interrupted";
  return { ...pair, connection, isBound: false, flow };
}
