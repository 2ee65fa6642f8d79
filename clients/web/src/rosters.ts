/**
 * Rosters: whether everybody in a session knows the same people.
 *
 * Pure; `now` is an argument, in seconds. It keeps who is here, what each of them said last, and
 * whose tracks may be enabled. No track to or from a far end is enabled but while it is agreed
 * here and its own DTLS is bound.
 *
 * `clients/SCEAU.md` §11, *Rosters*.
 */
import { fromBase64url } from "./bytes.ts";
import type { Entry, GatheringLetter } from "./gathering-letters.ts";
import { Refused } from "./refused.ts";

export const MEMBERS_MAX = 4;
/** Others may still be at their handshakes with a newcomer, or a patient at reading a card. */
export const DIFFERS_S = 300;

export type RosterLetter = Extract<GatheringLetter, { t: "roster" }>;

interface FarEnd {
  readonly entry: Entry;
  readonly enteredAt: number;
  /** The latest word since the newest handshake. */
  word: readonly Entry[] | null;
  isAgreed: boolean;
}

/** The roster of one end. After each change the letter goes to each seat that is returned. */
export class Roster {
  readonly own: Entry;
  /** By seat. */
  readonly #farEnds = new Map<string, FarEnd>();
  /** With whom this end began the session, who needs nobody's word; null once that end has left. */
  #first: string | null;

  /** Of one of the two who began the session; of a newcomer, who begins alone, without `first`. */
  constructor(own: Entry, first: Entry | null = null) {
    this.own = own;
    this.#first = first?.member ?? null;
    if (first !== null) {
      this.enter(first, 0);
      for (const farEnd of this.#farEnds.values()) {
        farEnd.isAgreed = true;
      }
    }
  }

  /** Who is here, the own entry among them, ascending by the bytes of the seat. */
  get members(): readonly Entry[] {
    const farEnds = [...this.#farEnds.values()].map(({ entry }) => entry);
    return [this.own, ...farEnds].sort((a, b) => order(a.member, b.member));
  }

  /** The seats whose pairs a refusal as `roster` ends, and no others'. */
  get newcomers(): readonly string[] {
    return [...this.#farEnds.values()]
      .filter(({ isAgreed }) => !isAgreed)
      .map(({ entry }) => entry.member);
  }

  /** Half of what a track needs: the other half is that its DTLS is bound. */
  isAgreed(member: string): boolean {
    return this.#farEnds.get(member)?.isAgreed ?? false;
  }

  letter(): RosterLetter {
    return { t: "roster", members: this.members };
  }

  /** Who sits there, as a handshake verified it; null where nobody is. */
  farEnd(member: string): Entry | null {
    return this.#farEnds.get(member)?.entry ?? null;
  }

  /** Check that somebody may be in: new, or the very one who is. Throws `Refused`: `roster`. */
  check(entry: Entry): void {
    const known = this.farEnd(entry.member);
    if (known !== null && isSame(known, entry)) {
      return;
    }
    const isTaken = this.members.some(
      ({ member, key }) => member === entry.member || key === entry.key,
    );
    if (isTaken || this.#farEnds.size + 1 >= MEMBERS_MAX) {
      throw new Refused("roster");
    }
  }

  /**
   * A handshake with a far end is done: M3 was in order, M4 checked. What it said before is void.
   * Throws `Refused`: `roster`, and nobody has entered.
   */
  enter(entry: Entry, now: number): readonly string[] {
    this.check(entry);
    const known = this.#farEnds.get(entry.member);
    if (known !== undefined) {
      known.word = null;
      return this.#told([entry.member]);
    }
    this.#farEnds.set(entry.member, { entry, enteredAt: now, word: null, isAgreed: false });
    return this.#told([...this.#farEnds.keys()]);
  }

  /** A member has left, or was shown out. */
  leave(member: string, now: number): readonly string[] {
    if (!this.#farEnds.delete(member)) {
      return [];
    }
    if (member === this.#first) {
      this.#first = null;
    }
    for (const farEnd of this.#farEnds.values()) {
      // Else an old word would speak for whoever sits there next.
      if (farEnd.word?.some((entry) => entry.member === member) === true) {
        farEnd.word = null;
      }
    }
    this.#agree(now);
    return this.#told([...this.#farEnds.keys()]);
  }

  /**
   * Hear whom a far end knows; what it said before is void. Throws `Refused`: `roster`, which
   * ends the pairs of `newcomers`: what is said cannot be.
   */
  hear({ members }: RosterLetter, from: string, now: number): void {
    const farEnd = this.#farEnds.get(from);
    if (farEnd !== undefined) {
      farEnd.word = null;
    }
    const isInOrder = members.every(
      ({ member }, at) => at === 0 || order(members[at - 1]?.member ?? "", member) < 0,
    );
    const has = (entry: Entry) => members.some((one) => isSame(one, entry));
    const contradicts = (entry: Entry) =>
      members.some((one) => one.member === entry.member && !isSame(one, entry));
    if (
      farEnd === undefined ||
      members.length > MEMBERS_MAX ||
      !isInOrder ||
      // With these two it has no fewer than two.
      !has(this.own) ||
      !has(farEnd.entry) ||
      this.members.some(contradicts)
    ) {
      throw new Refused("roster");
    }
    farEnd.word = members;
    this.#agree(now);
  }

  /** The newcomers who were not agreed in time: refused as `roster`. */
  overdue(now: number): readonly string[] {
    return [...this.#farEnds.values()]
      .filter(({ isAgreed, enteredAt }) => !isAgreed && now - enteredAt >= DIFFERS_S)
      .map(({ entry }) => entry.member);
  }

  #agree(now: number): void {
    const { members } = this;
    const farEnds = [...this.#farEnds.values()];
    // What comes too late settles nothing.
    const isInTime = this.overdue(now).length === 0;
    if (isInTime && farEnds.every(({ word }) => word !== null && isEqual(word, members))) {
      for (const farEnd of farEnds) {
        farEnd.isAgreed = true;
      }
    }
  }

  /** To whom the letter goes: to nobody while the two who began are alone. */
  #told(seats: readonly string[]): readonly string[] {
    const isAlone =
      this.#farEnds.size === 1 && this.#first !== null && this.#farEnds.has(this.#first);
    return isAlone ? [] : seats;
  }
}

function isEqual(one: readonly Entry[], other: readonly Entry[]): boolean {
  return (
    one.length === other.length &&
    one.every((entry, at) => {
      const beside = other[at];
      return beside !== undefined && isSame(entry, beside);
    })
  );
}

function isSame(one: Entry, other: Entry): boolean {
  return one.member === other.member && one.role === other.role && one.key === other.key;
}

/** By bytes: the letters of base64url stand in another order. */
function order(one: string, other: string): number {
  const [a, b] = [fromBase64url(one), fromBase64url(other)];
  const at = a.findIndex((byte, index) => byte !== b[index]);
  return at < 0 ? a.length - b.length : (a[at] ?? 0) - (b[at] ?? 0);
}
