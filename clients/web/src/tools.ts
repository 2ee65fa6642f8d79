/** What both ends of a handshake need of the outside, as arguments. */
import type { Hpke } from "./hpke.ts";
import type { Roll } from "./primitives.ts";

/** What both roles need of the outside. */
export interface Tools {
  readonly hpke: Hpke;
  readonly roll: Roll;
}
