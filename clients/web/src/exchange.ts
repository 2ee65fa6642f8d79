/**
 * Whether the two speak by sound alone, which both must have clicked for.
 *
 * Pure. Only a click of this page's own person leads to `audio`; either leads out of it at any time.
 * The far end's word alone never does: two honest ends always come to agree, a hostile one can but
 * end it.
 */
import { ASKINGS_MAX, type Tiding } from "./tidings.ts";

export type AudioTiding = Extract<Tiding, { t: "audio" }>;

export interface Exchange {
  readonly name: "video" | "asking" | "asked" | "audio";
  /** Of the asking that waits for an answer. */
  readonly n: number;
  /** Of our own askings so far. */
  readonly askings: number;
  /** What became of it last, for a sentence. */
  readonly last: "refused" | "withdrawn" | "returned" | null;
}

export const AT_VIDEO: Exchange = { name: "video", n: 0, askings: 0, last: null };

/** `bound`: a connection of its own, on which nothing was said yet. */
export type ExchangeEvent = "ask" | "agree" | "refuse" | "withdraw" | "return" | "bound";

type Moved = readonly [Exchange, AudioTiding | null];

const VIDEO: AudioTiding = { t: "audio", say: "video" };

/** A click of our own, or a new connection. */
export function clicked(exchange: Exchange, event: ExchangeEvent): Moved {
  const { name, n } = exchange;
  switch (event) {
    case "ask": {
      if (name === "asked") return clicked(exchange, "agree");
      if (name !== "video" || exchange.askings >= ASKINGS_MAX) return [exchange, null];
      const next = exchange.askings + 1;
      return [
        { name: "asking", n: next, askings: next, last: null },
        { t: "audio", say: "ask", n: next },
      ];
    }
    case "agree":
      if (name !== "asked") return [exchange, null];
      return [to(exchange, "audio"), { t: "audio", say: "agree", n }];
    case "refuse":
      if (name !== "asked") return [exchange, null];
      return [to(exchange, "video"), { t: "audio", say: "refuse", n }];
    case "withdraw":
      return name === "asking" ? [to(exchange, "video"), VIDEO] : [exchange, null];
    case "return":
      return name === "audio" ? [to(exchange, "video"), VIDEO] : [exchange, null];
    case "bound":
      // What was on its way is lost with the old connection; the far end may be a page anew.
      return name === "audio" ? [exchange, null] : [to(exchange, "video"), VIDEO];
  }
}

/** What the far end says. */
export function heard(exchange: Exchange, tiding: AudioTiding): Moved {
  const { name } = exchange;
  switch (tiding.say) {
    case "ask":
      // Both clicked, each before hearing of the other.
      if (name === "asking") return [to(exchange, "audio"), null];
      return [{ ...to(exchange, "asked"), n: tiding.n }, null];
    case "agree":
      return name === "asking" && tiding.n === exchange.n
        ? [to(exchange, "audio"), null]
        : [exchange, null];
    case "refuse":
      return name === "asking" && tiding.n === exchange.n
        ? [to(exchange, "video", "refused"), null]
        : [exchange, null];
    case "video":
      // It may have asked meanwhile: it hears that nothing of that holds.
      if (name === "audio") return [to(exchange, "video", "returned"), VIDEO];
      return name === "asked" ? [to(exchange, "video", "withdrawn"), null] : [exchange, null];
  }
}

function to(exchange: Exchange, name: Exchange["name"], last: Exchange["last"] = null): Exchange {
  return { ...exchange, name, last };
}
