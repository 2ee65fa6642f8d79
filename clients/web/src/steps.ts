/**
 * Steps that are each taken once and in order; what goes wrong is the end of all of them.
 *
 * Pure. It knows nothing of what a step does.
 */
import { Refused } from "./refused.ts";

export class Steps<State extends { readonly at: string }> {
  #state: State | null;
  #isOver = false;

  constructor(first: State) {
    this.#state = first;
  }

  /**
   * Take the step that begins at this state; it returns the next state, null after the last,
   * and its value. Throws what the step throws, and `Refused`: `twice`, where it is not its turn.
   */
  async take<At extends State["at"], T>(
    at: At,
    step: (state: Extract<State, { at: At }>) => Promise<readonly [State | null, T]>,
  ): Promise<T> {
    const state = this.#state;
    // Taken out at once: two calls at the same time are one too many, and whatever fails
    // leaves nothing behind.
    this.#state = null;
    if (state?.at !== at) {
      this.#isOver = true;
      throw new Refused("twice");
    }
    const [next, value] = await step(state as Extract<State, { at: At }>);
    if (this.#isOver) {
      throw new Refused("twice");
    }
    this.#state = next;
    return value;
  }
}
