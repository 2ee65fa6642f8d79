/**
 * Introductions: how who is in brings a newcomer together with each of the others.
 *
 * Pure; dice are an argument. It decides who asks and who answers, and whose word is taken for
 * whom. It knows no key and keeps nothing.
 *
 * `clients/SCEAU.md` §11, *The inviter*.
 */
import { type Ask, type Entry, type Expect, INVITE_BYTES, PSK_BYTES } from "./gathering-letters.ts";
import { encode } from "./letters.ts";
import type { Roll } from "./primitives.ts";
import { Refused } from "./refused.ts";
import type { Roster } from "./rosters.ts";

/** A member that somebody introduces; `holder` is the thumbprint of a doctor's day key. */
export interface Introduced extends Entry {
  readonly holder?: string;
}

/** A letter, and the seat that it is for. */
export interface Addressed<Letter> {
  readonly to: string;
  readonly letter: Letter;
}

/**
 * Bring a newcomer together with one who was there before. The first of the two goes out first.
 * Throws `Refused`: `form`, where a doctor who must ask has no day key here.
 */
export function introduce(
  before: Introduced,
  newcomer: Introduced,
  roll: Roll,
): readonly [Addressed<Expect>, Addressed<Ask>] {
  const answers = newcomer.role === "doctor" && before.role !== "doctor" ? newcomer : before;
  const asks = answers === before ? newcomer : before;
  const pair = { invite: encode(roll(INVITE_BYTES)), psk: roll(PSK_BYTES) };
  return [
    { to: answers.member, letter: { t: "expect", ...bare(asks), ...pair, holder: holderOf(asks) } },
    { to: asks.member, letter: { t: "ask", ...bare(answers), ...pair } },
  ];
}

/**
 * Check that an introduction may be followed, which came from this seat.
 *
 * Throws `Refused`: `token`, `form`, `roster`.
 */
export function checkIntroduction(letter: Ask | Expect, from: string, roster: Roster): void {
  const inviter = roster.farEnd(from);
  if (inviter === null || inviter.role === "guest") {
    throw new Refused("token");
  }
  const { t, role } = letter;
  // Who asks shows no identity. That a doctor does is a doctor's word, who opened a card, and is
  // said to a doctor: nobody else may take anyone for one unproven.
  if (t === "expect" && role === "doctor" && inviter.role !== "doctor") {
    throw new Refused("token");
  }
  const [asks, answers] = t === "ask" ? [roster.own.role, role] : [role, roster.own.role];
  if (asks === "doctor" && answers !== "doctor") {
    throw new Refused("form");
  }
  roster.check(letter);
}

function bare({ member, role, key }: Entry): Entry {
  return { member, role, key };
}

function holderOf({ role, holder }: Introduced): string | null {
  if (role !== "doctor") {
    return null;
  }
  if (holder === undefined) {
    throw new Refused("form");
  }
  return holder;
}
