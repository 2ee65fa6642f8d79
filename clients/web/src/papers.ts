/**
 * Documents to and from one far end: offered, taken or refused, cut into pieces, checked.
 *
 * Pure: (papers, event) -> [papers, todos]. One document is on its way in each direction, no
 * more. It holds no bytes: pieces are instructions. What the far end says is hostile: bytes that
 * nobody asked for end it.
 *
 * Who reads says from which byte, so that a document goes on after another connection. The
 * letters are in `clients/README.md`, *Text and documents*.
 */
import { type Allowance, type Rate, spend } from "./allowance.ts";
import {
  CHUNK_BYTES,
  lengthAt,
  type Paper,
  type PaperLetter,
  readPaper,
  type Why,
  writePaper,
} from "./paper-letters.ts";

/** What is under way and not yet confirmed: at 1 Mbit/s one second, so that voice is not held up. */
export const WINDOW_BYTES = 128 * 1024;
const HAVE_EVERY_BYTES = 2 * CHUNK_BYTES;
/** A document and those that stand behind it. */
export const QUEUE_MAX = 5;
/** Letters that are no confirmation; of those there are but so many in a document. */
export const PAPER_RATE: Rate = { burst: 60, perSecond: 5 };
/** Who offers oftener is refused without being asked about. */
export const OFFER_RATE: Rate = { burst: 10, perSecond: 0.1 };

/** Why a document did not arrive: a person's word, bytes that are others, a page loaded anew. */
export type Outcome = "done" | Why | "lost";

export interface Outgoing {
  readonly id: number;
  readonly paper: Paper;
  /** Not yet offered on this connection, offered, or on its way. */
  readonly is: "kept" | "offered" | "moving";
  readonly sent: number;
  readonly confirmed: number;
}

export interface Incoming {
  readonly id: number;
  readonly paper: Paper;
  readonly is: "offered" | "moving" | "checking";
  readonly got: number;
  /** What may still come, out of place, of pieces that were under way when the path was lost. */
  readonly astray_bytes: number;
}

export interface Papers {
  readonly isLinked: boolean;
  readonly next: number;
  readonly out: Outgoing | null;
  readonly coming: Incoming | null;
  /** The far end's last document that is over, and how. */
  readonly last: { readonly id: number; readonly bytes: number; readonly how: Outcome };
  /** What may still come of it, sent before our word was there. */
  readonly late_bytes: number;
  readonly letters: Allowance | null;
  readonly offers: Allowance | null;
  readonly isShut: boolean;
}

export type PapersEvent =
  /** Both said what they can; `isSame`: the far end is the page that it was. */
  | { e: "linked"; isSame: boolean }
  | { e: "unlinked" }
  | { e: "offer"; paper: Paper }
  /** A person's word. */
  | { e: "take" }
  | { e: "refuse" }
  | { e: "cancel"; which: "out" | "coming" }
  /** So much may be put into the channel. */
  | { e: "room"; bytes: number }
  | { e: "checked"; isRight: boolean }
  | { e: "heard"; raw: string; now_ms: number }
  | { e: "chunk"; id: number; from: number; bytes: number };

export type PapersTodo =
  | { do: "say"; text: string }
  /** Send a piece of our document; then ask how much room there is. */
  | { do: "send"; id: number; from: number; bytes: number }
  | { do: "ask-room" }
  /** Keep the piece that came: it is the next of what was asked for. */
  | { do: "keep" }
  | { do: "check" }
  /** Something is to be answered by a person. */
  | { do: "ask"; paper: Paper }
  | { do: "over"; which: "out" | "coming"; how: Outcome }
  | { do: "shut" };

type Step = [Papers, PapersTodo[]];

export const NO_PAPERS: Papers = {
  isLinked: false,
  next: 1,
  out: null,
  coming: null,
  last: { id: 0, bytes: 0, how: "done" },
  late_bytes: 0,
  letters: null,
  offers: null,
  isShut: false,
};

export function step(papers: Papers, event: PapersEvent): Step {
  if (papers.isShut) return [papers, []];
  const { out, coming } = papers;
  switch (event.e) {
    case "linked":
      return linked(papers, event.isSame);
    case "unlinked": {
      const kept: Outgoing | null = out && { ...out, is: "kept", sent: out.confirmed };
      // On a connection that is only held, pieces go by unheard, and those behind them arrive.
      const astray_bytes = coming?.is === "moving" ? WINDOW_BYTES : 0;
      const left = coming && { ...coming, astray_bytes };
      return [{ ...papers, isLinked: false, out: kept, coming: left }, []];
    }
    case "offer":
      if (out !== null) return [papers, []];
      return offered({
        ...papers,
        next: papers.next + 1,
        out: { id: papers.next, paper: event.paper, is: "kept", sent: 0, confirmed: 0 },
      });
    case "take": {
      if (coming?.is !== "offered") return [papers, []];
      const { id } = coming;
      return [
        { ...papers, coming: { ...coming, is: "moving" } },
        [say({ t: "take", id, from: coming.got })],
      ];
    }
    case "refuse":
      return coming?.is === "offered" ? dropped(papers, coming, "refused") : [papers, []];
    case "cancel":
      if (event.which === "coming") {
        return coming === null ? [papers, []] : dropped(papers, coming, "cancelled");
      }
      if (out === null) return [papers, []];
      return [
        { ...papers, out: null },
        [say({ t: "stop", id: out.id }), { do: "over", which: "out", how: "cancelled" }],
      ];
    case "room":
      return moved(papers, event.bytes);
    case "checked":
      if (coming?.is !== "checking") return [papers, []];
      if (!event.isRight) return dropped(papers, coming, "wrong");
      return [
        over(papers, coming, "done"),
        [say({ t: "done", id: coming.id }), { do: "over", which: "coming", how: "done" }],
      ];
    case "chunk":
      return arrived(papers, event);
    case "heard": {
      const letter = readPaper(event.raw);
      if (letter === "bad") return shut(papers);
      if (!papers.isLinked) return [papers, []];
      if (isProgress(papers, letter)) return answered(papers, letter);
      const letters = spend(papers.letters, PAPER_RATE, event.now_ms);
      if (letters === null) return shut(papers);
      const next = { ...papers, letters };
      if (letter === null) return [next, []];
      return letter.t === "offer"
        ? proposed(next, letter, event.now_ms)
        : letter.t === "stop"
          ? stopped(next, letter.id)
          : answered(next, letter);
    }
  }
}

/** What there was on a connection before goes on: who sends offers again, who reads says where. */
function linked(papers: Papers, isSame: boolean): Step {
  const next: Papers = { ...papers, isLinked: true };
  const { coming } = papers;
  if (isSame) return offered(next);
  // A page that was loaded anew counts its documents anew, and has lost what it was sending.
  const anew: Papers = { ...next, coming: null, last: NO_PAPERS.last, late_bytes: 0 };
  const fresh = anew.out && { ...anew.out, sent: 0, confirmed: 0 };
  const [said, todos] = offered({ ...anew, out: fresh });
  if (coming === null) return [said, todos];
  return [said, [{ do: "over", which: "coming", how: "lost" }, ...todos]];
}

function offered(papers: Papers): Step {
  const { out, isLinked, next } = papers;
  if (!isLinked) return [papers, []];
  if (out === null) {
    // Our last one is over; should the word of that be lost, the far end still waits for it.
    return [papers, next > 1 ? [say({ t: "stop", id: next - 1 })] : []];
  }
  return [
    { ...papers, out: { ...out, is: "offered" } },
    [say({ t: "offer", id: out.id, ...out.paper })],
  ];
}

/** Pieces for so much room, within what may be under way. */
function moved(papers: Papers, room_bytes: number): Step {
  const { out } = papers;
  if (out?.is !== "moving" || !papers.isLinked) return [papers, []];
  const { id, paper, confirmed } = out;
  const todos: PapersTodo[] = [];
  let { sent } = out;
  for (let left = room_bytes; left >= CHUNK_BYTES && sent < paper.bytes; left -= CHUNK_BYTES) {
    const bytes = lengthAt(paper.bytes, sent);
    if (sent + bytes > confirmed + WINDOW_BYTES) break;
    todos.push({ do: "send", id, from: sent, bytes });
    sent += bytes;
  }
  return [{ ...papers, out: { ...out, sent } }, todos];
}

/** What the far end says of our document. */
function answered(papers: Papers, letter: Answer): Step {
  const { out } = papers;
  if (out?.id !== letter.id || out.is === "kept") return [papers, []];
  switch (letter.t) {
    case "take": {
      const { from } = letter;
      if (out.is !== "offered") return [papers, []];
      if (from > out.paper.bytes || (from % CHUNK_BYTES !== 0 && from !== out.paper.bytes)) {
        return shut(papers);
      }
      const moving: Outgoing = { ...out, is: "moving", sent: from, confirmed: from };
      return [{ ...papers, out: moving }, [{ do: "ask-room" }]];
    }
    case "have":
      if (out.is !== "moving") return [papers, []];
      if (letter.bytes > out.sent) return shut(papers);
      if (letter.bytes <= out.confirmed) return [papers, []];
      return [{ ...papers, out: { ...out, confirmed: letter.bytes } }, [{ do: "ask-room" }]];
    case "done":
      return [{ ...papers, out: null }, [{ do: "over", which: "out", how: "done" }]];
    case "drop":
      return [{ ...papers, out: null }, [{ do: "over", which: "out", how: letter.why }]];
  }
}

/** A word that a document moves on: of those there are no more than it has pieces. */
function isProgress(papers: Papers, letter: PaperLetter | null): letter is Of<"have"> {
  const { out } = papers;
  if (letter?.t !== "have" || out?.id !== letter.id || out.is !== "moving") return false;
  return letter.bytes > out.confirmed && letter.bytes <= out.sent;
}

/** The far end offers a document, or says again that it does. */
function proposed(papers: Papers, offer: Of<"offer">, now_ms: number): Step {
  const { coming, last } = papers;
  const { id, name, bytes, kind, sha256 } = offer;
  const paper: Paper = { name, bytes, kind, sha256 };
  if (coming?.id === id) {
    // It goes on: the same one, or something is not as it was said.
    if (coming.paper.sha256 !== paper.sha256 || coming.paper.bytes !== paper.bytes) {
      return shut(papers);
    }
    const from = coming.got;
    return [papers, coming.is === "moving" ? [say({ t: "take", id, from })] : []];
  }
  if (id === last.id) return [papers, [ended(last)]];
  if (id < last.id || (coming !== null && id < coming.id)) return shut(papers);
  const offers = spend(papers.offers, OFFER_RATE, now_ms);
  if (offers === null) {
    return [
      { ...papers, last: { id, bytes: 0, how: "refused" } },
      [say({ t: "drop", id, why: "refused" })],
    ];
  }
  // Whoever offers another has given up the one before: one at a time.
  const before: PapersTodo[] =
    coming === null ? [] : [{ do: "over", which: "coming", how: "cancelled" }];
  const asked: Incoming = { id, paper, is: "offered", got: 0, astray_bytes: 0 };
  const next: Papers = { ...papers, offers, coming: asked };
  return [next, [...before, { do: "ask", paper }]];
}

function ended({ id, how }: Papers["last"]): PapersTodo {
  return how === "done" || how === "lost"
    ? say({ t: "done", id })
    : say({ t: "drop", id, why: how });
}

/** The far end gives up its own document. */
function stopped(papers: Papers, id: number): Step {
  const { coming } = papers;
  if (coming?.id !== id) return [papers, []];
  return [over(papers, coming, "cancelled"), [{ do: "over", which: "coming", how: "cancelled" }]];
}

/** We give up the far end's: what is on its way already is still to come, and is not kept. */
function dropped(papers: Papers, coming: Incoming, why: Why): Step {
  return [
    { ...over(papers, coming, why), late_bytes: WINDOW_BYTES },
    [say({ t: "drop", id: coming.id, why }), { do: "over", which: "coming", how: why }],
  ];
}

function over(papers: Papers, { id, paper }: Incoming, how: Outcome): Papers {
  return { ...papers, coming: null, last: { id, bytes: paper.bytes, how } };
}

function arrived(papers: Papers, { id, from, bytes }: Of2<"chunk">): Step {
  const { coming, last, late_bytes } = papers;
  if (coming?.id !== id || coming.is !== "moving") {
    if (id !== last.id || bytes > late_bytes) return shut(papers);
    return [{ ...papers, late_bytes: late_bytes - bytes }, []];
  }
  const { paper, astray_bytes } = coming;
  if (from !== coming.got && bytes <= astray_bytes) {
    // The writer begins again where our `take` says.
    return [{ ...papers, coming: { ...coming, astray_bytes: astray_bytes - bytes } }, []];
  }
  if (from !== coming.got || bytes !== lengthAt(paper.bytes, from)) return shut(papers);
  const got = from + bytes;
  const isWhole = got === paper.bytes;
  const next: Papers = {
    ...papers,
    coming: { ...coming, got, astray_bytes: 0, is: isWhole ? "checking" : "moving" },
  };
  const todos: PapersTodo[] = [{ do: "keep" }];
  if (isWhole || got % HAVE_EVERY_BYTES === 0) todos.push(say({ t: "have", id, bytes: got }));
  if (isWhole) todos.push({ do: "check" });
  return [next, todos];
}

function shut(papers: Papers): Step {
  const { out, coming } = papers;
  const todos: PapersTodo[] = [];
  if (out !== null) todos.push({ do: "over", which: "out", how: "lost" });
  if (coming !== null) todos.push({ do: "over", which: "coming", how: "lost" });
  return [{ ...papers, out: null, coming: null, isShut: true }, [...todos, { do: "shut" }]];
}

type Of<T extends PaperLetter["t"]> = Extract<PaperLetter, { t: T }>;
type Of2<E extends PapersEvent["e"]> = Extract<PapersEvent, { e: E }>;
type Answer = Of<"take" | "have" | "done" | "drop">;

function say(letter: PaperLetter): PapersTodo {
  return { do: "say", text: writePaper(letter) };
}
