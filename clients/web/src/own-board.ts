/**
 * A doctor's page among colleagues: its own card for the board, and the cards of the others.
 *
 * Door: it throws the dice of a card, and keeps its secret in memory. Nobody is shown whose card
 * does not hold.
 *
 * `clients/SCEAU.md` §11, *Cards*.
 */
import { type Bytes, same } from "./bytes.ts";
import type { CardOf, Colleague } from "./cards.ts";
import type { Practice } from "./practice.ts";
import { roll } from "./primitives.ts";
import { Refused } from "./refused.ts";
import type { Colleagues } from "./seal.ts";
import type { Papers } from "./sealed-doctor.ts";

/** When, and shown with what. */
interface Shown {
  now(): number;
  papers(): Promise<Papers>;
}

export class OwnBoard implements Colleagues {
  readonly #practice: Pick<Practice, "queueKeys" | "union" | "needsGesture">;
  readonly #shown: Shown;
  readonly #cardOf: (queues: readonly string[]) => Promise<CardOf | null>;
  #secret: Bytes | null = null;
  #dayKey: Bytes | null = null;

  constructor(
    practice: Pick<Practice, "queueKeys" | "union" | "needsGesture">,
    shown: Shown,
    cardOf: (queues: readonly string[]) => Promise<CardOf | null>,
  ) {
    this.#practice = practice;
    this.#shown = shown;
    this.#cardOf = cardOf;
  }

  /**
   * A fresh card for the board; null where none can be made: this doctor is on duty all the same,
   * and cannot be handed to.
   */
  async card(queues: readonly string[]): Promise<string | null> {
    // Nobody is asked for a gesture by a page that shows a card.
    if (this.#practice.needsGesture(Date.now() / 1000)) return null;
    try {
      const of = await this.#cardOf(queues);
      if (of === null || of.queueKeys.size === 0) return null;
      const { writeCard } = await import("./gathering.ts");
      const { card, secret } = await writeCard(of, await this.#shown.papers(), roll);
      this.#secret = secret;
      this.#dayKey = of.dayKey;
      return card;
    } catch {
      return null;
    }
  }

  secret(): Bytes | null {
    return this.#secret;
  }

  async read(cards: readonly string[]): Promise<readonly Colleague[]> {
    const { readCard } = await import("./gathering.ts");
    const { list } = await this.#shown.papers();
    const found: Colleague[] = [];
    for (const card of cards) {
      try {
        const keysOf = (day: number) => this.#practice.queueKeys(day);
        const unions = [this.#practice.union];
        const colleague = await readCard(card, keysOf, list, unions, this.#shown.now());
        const isOwn = this.#dayKey !== null && same(colleague.dayKey, this.#dayKey);
        if (!isOwn) found.push(colleague);
      } catch (error) {
        // Of another queue, out of date, or nobody's.
        if (!(error instanceof Refused)) throw error;
      }
    }
    return found;
  }
}
