/**
 * Text and documents with one far end: carries out what `talk.ts` and `papers.ts` ask.
 *
 * Door: the channel, the clock, and the bytes of one document in each direction. It decides
 * nothing, and shows nothing: what comes of it, its desk is told.
 */
import { frame, kindOf, nameOf, type Paper, PAPER_MAX_BYTES, unframe } from "./paper-letters.ts";
import { NO_PAPERS, type Outcome, type PapersEvent, type PapersTodo } from "./papers.ts";
import { step as stepPapers } from "./papers.ts";
import { begin, step, type TalkEvent, type TalkTodo } from "./talk.ts";
import type { Wire } from "./wire.ts";

/** What a strand tells its desk. */
export interface Teller {
  line(text: string): void;
  arrived(line: number): void;
  /** The far end's word on what it can came, on this connection. */
  able(): void;
  asked(paper: Paper): void;
  over(which: "out" | "coming", how: Outcome, bytes: Uint8Array<ArrayBuffer> | null): void;
  /** The far end said what no page says, and is heard no more. */
  shut(): void;
  draw(): void;
}

/** A file as it can be sent, or why it cannot. */
export type Fit = "tooLarge" | "empty" | "kind" | "unreadable";

// Edits wait while more than this has not left: they would only be of the past on arrival.
const TEXT_FULL_BYTES = 2 * 1024;
// As much of a document as may wait in the browser beside what is under way.
const ROOM_BYTES = 64 * 1024;
// Letters of documents that overtook the far end's first word, which is in the other channel.
const EARLY_MAX = 4;

export class Strand {
  talk = begin(runOf());
  papers = NO_PAPERS;

  readonly #tell: Teller;
  #wire: Wire | null = null;
  #early: string[] = [];
  #outgoing: Uint8Array<ArrayBuffer> | null = null;
  #incoming: Uint8Array<ArrayBuffer> | null = null;
  /** The piece that is being heard. */
  #piece: { from: number; bytes: Uint8Array } | null = null;
  #isOver = false;

  constructor(tell: Teller) {
    this.#tell = tell;
  }

  /** Another connection, whose certificates are bound. */
  link(wire: Wire): void {
    this.#unlink();
    this.#wire = wire;
    wire.listen({
      opened: () => this.tell({ e: "linked" }),
      said: (raw) => this.tell({ e: "heard", raw, now_ms: performance.now() }),
      paper: (data) => this.#paper(data),
      room: () => this.#askRoom(),
      closed: () => {
        if (this.#wire === wire) this.#unlink();
      },
    });
  }

  end(): void {
    this.#isOver = true;
    this.#wire = this.#outgoing = this.#incoming = null;
    this.#early = [];
    // What was written is not kept either.
    this.talk = begin("");
    this.papers = NO_PAPERS;
  }

  tell(event: TalkEvent): void {
    if (this.#isOver) return;
    const [talk, todos] = step(this.talk, event);
    this.talk = talk;
    for (const todo of todos) this.#carry(todo);
    this.#tell.draw();
  }

  tellPapers(event: PapersEvent): void {
    if (this.#isOver) return;
    const [papers, todos] = stepPapers(this.papers, event);
    this.papers = papers;
    for (const todo of todos) this.#carryPapers(todo);
    this.#tell.draw();
  }

  /**
   * Offer a file: one, and all of it in memory, since WebCrypto has no digest of pieces and a
   * phone's browser may lose a file that was just taken by its camera.
   */
  async offer(file: File): Promise<Fit | null> {
    if (file.size > PAPER_MAX_BYTES) return "tooLarge";
    if (file.size === 0) return "empty";
    let bytes: Uint8Array<ArrayBuffer>;
    try {
      bytes = new Uint8Array(await file.arrayBuffer());
    } catch {
      return "unreadable";
    }
    const kind = kindOf(bytes);
    if (kind === null) return "kind";
    const paper: Paper = {
      name: nameOf(file.name, kind),
      bytes: bytes.length,
      kind,
      sha256: await sha256Of(bytes),
    };
    if (this.#isOver) return null;
    this.#outgoing = bytes;
    this.tellPapers({ e: "offer", paper });
    return null;
  }

  #unlink(): void {
    if (!this.talk.isLinked) return;
    this.#early = [];
    this.tell({ e: "unlinked" });
    this.tellPapers({ e: "unlinked" });
  }

  #carry(todo: TalkTodo): void {
    switch (todo.do) {
      case "say":
        this.#wire?.say(todo.text);
        return;
      case "tick":
        setTimeout(() => {
          const isFull = (this.#wire?.waiting_bytes.text ?? 0) > TEXT_FULL_BYTES;
          this.tell({ e: "tick", isFull });
        }, todo.after_ms);
        return;
      case "show":
        this.#tell.line(todo.text);
        return;
      case "arrived":
        this.#tell.arrived(todo.line);
        return;
      case "can":
        if (this.talk.can?.papers === true) {
          this.tellPapers({ e: "linked", isSame: todo.isSame });
          for (const raw of this.#early.splice(0)) this.#heard(raw);
        }
        this.#tell.able();
        return;
      case "shut":
        this.#shut();
        return;
    }
  }

  #carryPapers(todo: PapersTodo): void {
    switch (todo.do) {
      case "say":
        this.#wire?.sendPaper(todo.text);
        return;
      case "send": {
        const { id, from, bytes } = todo;
        const piece = this.#outgoing?.subarray(from, from + bytes);
        if (piece !== undefined) this.#wire?.sendPaper(frame(id, from, piece));
        return;
      }
      case "ask-room":
        this.#askRoom();
        return;
      case "keep": {
        // The only place where the far end's bytes are kept: as many as a person has taken.
        const { coming } = this.papers;
        if (coming === null || this.#piece === null) return;
        this.#incoming ??= new Uint8Array(coming.paper.bytes);
        this.#incoming.set(this.#piece.bytes, this.#piece.from);
        return;
      }
      case "check":
        void this.#check();
        return;
      case "ask":
        this.#tell.asked(todo.paper);
        return;
      case "over": {
        const bytes = todo.which === "coming" && todo.how === "done" ? this.#incoming : null;
        if (todo.which === "coming") this.#incoming = null;
        else this.#outgoing = null;
        this.#tell.over(todo.which, todo.how, bytes);
        return;
      }
      case "shut":
        this.#shut();
        return;
    }
  }

  #shut(): void {
    if (!this.talk.isShut) this.talk = { ...this.talk, isShut: true, can: null, waiting: [] };
    if (!this.papers.isShut) {
      const { out, coming } = this.papers;
      this.papers = { ...NO_PAPERS, isShut: true };
      if (out !== null) this.#tell.over("out", "lost", null);
      if (coming !== null) this.#tell.over("coming", "lost", null);
    }
    this.#outgoing = this.#incoming = null;
    this.#tell.shut();
  }

  #askRoom(): void {
    const waiting = this.#wire?.waiting_bytes.papers ?? ROOM_BYTES;
    this.tellPapers({ e: "room", bytes: ROOM_BYTES - waiting });
  }

  #paper(data: string | ArrayBuffer): void {
    if (typeof data === "string") {
      if (this.papers.isLinked) this.#heard(data);
      else if (this.#early.length < EARLY_MAX) this.#early.push(data);
      return;
    }
    const chunk = unframe(data);
    const { id, from, bytes } = chunk ?? { id: 0, from: 0, bytes: new Uint8Array(data) };
    this.#piece = { from, bytes };
    this.tellPapers({ e: "chunk", id, from, bytes: bytes.length });
    this.#piece = null;
  }

  #heard(raw: string): void {
    this.tellPapers({ e: "heard", raw, now_ms: performance.now() });
  }

  /** Neither shown nor saved before its digest and its first bytes are what was said of it. */
  async #check(): Promise<void> {
    const { coming } = this.papers;
    const bytes = this.#incoming;
    if (coming === null || bytes === null) return;
    const { sha256, kind } = coming.paper;
    const isRight = kindOf(bytes) === kind && (await sha256Of(bytes)) === sha256;
    // Another may have come in its place meanwhile.
    if (this.papers.coming?.id === coming.id) this.tellPapers({ e: "checked", isRight });
  }
}

async function sha256Of(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function runOf(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
