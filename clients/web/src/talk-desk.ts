/**
 * The desk of text and documents: all that is written and sent in a session, with whomever.
 *
 * Door. It holds a strand for each far end, the lines that are shown and the documents that were
 * taken, in memory and for one session; a page loads it when a session begins. It decides
 * nothing about the consultation.
 */
import { KINDS, MIME, type Paper } from "./paper-letters.ts";
import { type Outcome, QUEUE_MAX } from "./papers.ts";
import { mayShow } from "./picture-size.ts";
import { type Fit, Strand } from "./strand.ts";
import { isFull, mayWrite } from "./talk.ts";
import type { TalkHost } from "./talking.ts";
import type { Wire } from "./wire.ts";

/** More scrolls out of sight in a consultation, and must not fill the memory of a phone. */
export const ENTRIES_MAX = 500;
const ITEMS_MAX = 20;
/** Of documents that were taken: three of the largest. */
export const HELD_MAX_BYTES = 60 * 1024 * 1024;
// A far end that says nothing of text is an older page, or one without a screen. On a slow
// network the half of the page that would say it is loaded first.
const CAN_WITHIN_MS = 10_000;

export const TAKEN_KINDS = KINDS.map((kind) => MIME[kind]).join(",");

/** A finished line. */
export interface Entry {
  readonly id: number;
  /** Whose; null: ours. */
  readonly from: string | null;
  readonly text: string;
  /** Far ends where it has not arrived yet. */
  readonly waiting: Set<string>;
}

export interface Item {
  readonly id: number;
  readonly key: string;
  readonly isMine: boolean;
  readonly name: string;
  paper: Paper | null;
  is: "queued" | "current" | Outcome | "forgotten";
  blob: Blob | null;
  /** Where the page shows or saves it from; given back when it is forgotten. */
  url: string | null;
  /** Why it can be saved only: larger than this page decodes, or the browser could not. */
  unshown: "size" | "broken" | null;
}

export type Notice =
  | { what: Fit | "tooMany" | "held"; name: string }
  | { what: "asked" | "in" | "out" | "wrong" | "refused" | "cancelled" | "lost"; name: string }
  | { what: "shut" | "line"; name: "" };

export class TalkDesk {
  readonly strands = new Map<string, Strand>();
  readonly entries: Entry[] = [];
  readonly items: Item[] = [];
  draft = "";
  isOpen = false;
  isLoud = false;
  unread = 0;
  notice: Notice | null = null;
  /** The picture that is shown large. */
  shown: Item | null = null;
  /** Nobody said within a while that he reads. */
  isLate = false;

  readonly #host: TalkHost;
  readonly #files = new Map<number, File>();
  readonly #lines = new Map<string, Map<number, Entry>>();
  #count = 0;
  #isOver = false;

  constructor(host: TalkHost) {
    this.#host = host;
    // Who has no microphone talks by writing.
    this.isOpen = host.isVoiceless();
    setTimeout(() => {
      this.isLate = true;
      host.draw();
    }, CAN_WITHIN_MS);
  }

  /** Far ends that can read, or could and are sought again. */
  get readers(): string[] {
    return this.#keys(({ talk }) => mayWrite(talk));
  }

  /** Far ends that can be sent documents. */
  get takers(): string[] {
    return this.#keys(({ papers, talk }) => talk.can?.papers === true && !papers.isShut);
  }

  /** Everybody who reads is hard to reach: no more can wait. */
  get isFull(): boolean {
    return this.#keys(({ talk }) => mayWrite(talk) && isFull(talk)).length > 0;
  }

  /** Whether a line has not arrived at somebody who is still here. */
  isLateAt({ waiting }: Entry): boolean {
    return [...waiting].some((key) => this.#host.isHere(key));
  }

  link(key: string, wire: Wire): void {
    let strand = this.strands.get(key);
    if (strand === undefined) {
      strand = this.#strand(key);
      this.strands.set(key, strand);
    }
    strand.link(wire);
  }

  /** Who is here may be others: what was on its way to or from whoever left is lost. */
  look(): void {
    for (const key of this.strands.keys()) {
      if (!this.#host.isHere(key)) this.#lose(key);
    }
  }

  /** The session is over: nothing of it is left. */
  end(): void {
    this.#isOver = true;
    for (const item of this.items) drop(item);
    for (const strand of this.strands.values()) strand.end();
    this.strands.clear();
    this.#lines.clear();
    this.#files.clear();
    this.entries.length = this.items.length = 0;
    this.draft = "";
    this.shown = this.notice = null;
  }

  open(isOpen: boolean): void {
    this.isOpen = isOpen;
    this.unread = 0;
    if (this.notice?.what === "line") this.#forgetNotice();
    this.#host.draw();
  }

  loud(isLoud: boolean): void {
    this.isLoud = isLoud;
    this.#host.draw();
  }

  // --- text -----------------------------------------------------------------------------

  write(text: string): void {
    this.draft = text;
    for (const strand of this.strands.values()) strand.tell({ e: "typed", text });
    this.#host.draw();
  }

  /** The line is finished, and goes to everybody who reads. */
  finish(): void {
    const text = this.draft.trim();
    if (text === "" || this.isFull || this.readers.length === 0) return;
    const entry = this.#entry(null, text, this.readers);
    for (const [key, strand] of this.strands) {
      if (entry.waiting.has(key)) {
        this.#linesTo(key).set(strand.talk.next, entry);
        strand.tell({ e: "finished", text });
      } else {
        strand.tell({ e: "typed", text: "" });
      }
    }
    this.draft = "";
    this.#host.draw();
  }

  #entry(from: string | null, text: string, waiting: readonly string[] = []): Entry {
    const entry = { id: (this.#count += 1), from, text, waiting: new Set(waiting) };
    this.entries.push(entry);
    if (this.entries.length > ENTRIES_MAX) this.entries.shift();
    return entry;
  }

  #linesTo(key: string): Map<number, Entry> {
    const known = this.#lines.get(key) ?? new Map<number, Entry>();
    this.#lines.set(key, known);
    return known;
  }

  // --- documents ------------------------------------------------------------------------

  /** Send files to one far end, one after the other. */
  send(key: string, files: readonly File[]): void {
    for (const file of files) {
      const waiting = this.items.filter(({ isMine, is }) => isMine && isOpen(is));
      if (waiting.length >= QUEUE_MAX) {
        this.#note({ what: "tooMany", name: file.name });
        break;
      }
      const item = this.#item(key, true, file.name, null);
      this.#files.set(item.id, file);
    }
    void this.#next(key);
  }

  /** A tap may be for what was on the screen a moment ago: it is for that, or for nothing. */
  take(item: Item): void {
    if (item.is !== "current") return;
    const held_bytes = this.items.reduce((sum, { blob }) => sum + (blob?.size ?? 0), 0);
    if (held_bytes + (item.paper?.bytes ?? 0) > HELD_MAX_BYTES) {
      this.#note({ what: "held", name: item.name });
    } else {
      this.#forgetNotice();
      this.strands.get(item.key)?.tellPapers({ e: "take" });
    }
  }

  refuse(item: Item): void {
    if (item.is !== "current") return;
    this.strands.get(item.key)?.tellPapers({ e: "refuse" });
  }

  cancel(item: Item): void {
    if (item.is === "queued") {
      this.#files.delete(item.id);
      item.is = "cancelled";
      this.#host.draw();
    } else if (item.is === "current") {
      const which = item.isMine ? "out" : "coming";
      this.strands.get(item.key)?.tellPapers({ e: "cancel", which });
    }
  }

  /** Show a picture, once it is decoded. */
  async show(item: Item): Promise<void> {
    if (item.unshown !== null) return;
    const url = this.address(item);
    const picture = new Image();
    picture.src = url;
    try {
      await picture.decode();
      if (item.url === url && !this.#isOver) this.shown = item;
    } catch {
      // Its size was in order; what follows is not.
      item.unshown = "broken";
    }
    this.#host.draw();
  }

  hide(): void {
    this.shown = null;
    this.#host.draw();
  }

  /** An address of this page's own, for this document alone. */
  address(item: Item): string {
    item.url ??= URL.createObjectURL(item.blob ?? new Blob());
    return item.url;
  }

  forget(item: Item): void {
    if (this.shown === item) this.shown = null;
    drop(item);
    item.is = "forgotten";
    this.items.splice(this.items.indexOf(item), 1);
    this.#host.draw();
  }

  async #next(key: string): Promise<void> {
    const strand = this.strands.get(key);
    const own = this.items.filter((item) => item.key === key && item.isMine);
    const item = own.find(({ is }) => is === "queued");
    if (strand === undefined || item === undefined) return;
    if (own.some(({ is }) => is === "current")) return;
    item.is = "current";
    const file = this.#files.get(item.id);
    this.#files.delete(item.id);
    const why = file === undefined ? "unreadable" : await strand.offer(file);
    item.paper = strand.papers.out?.paper ?? null;
    if (!isOpen(item.is)) {
      // Its reader left, or was shut out, while it was read from this device.
      strand.tellPapers({ e: "cancel", which: "out" });
    } else if (why !== null) {
      this.items.splice(this.items.indexOf(item), 1);
      this.#note({ what: why, name: item.name });
      void this.#next(key);
    }
    this.#host.draw();
  }

  #item(key: string, isMine: boolean, name: string, paper: Paper | null): Item {
    const item: Item = {
      id: (this.#count += 1),
      key,
      isMine,
      name,
      paper,
      is: isMine ? "queued" : "current",
      blob: null,
      url: null,
      unshown: null,
    };
    this.items.push(item);
    if (this.items.length > ITEMS_MAX) {
      // What is still to be saved, or on its way, stays.
      const old = this.items.findIndex(({ is, blob }) => !isOpen(is) && blob === null);
      if (old >= 0) this.items.splice(old, 1);
    }
    return item;
  }

  // --- what strands tell ----------------------------------------------------------------

  #strand(key: string): Strand {
    return new Strand({
      line: (text) => {
        this.#entry(key, text);
        // Who sees no number on the button hears of it.
        if (!this.isOpen && this.unread === 0) this.#note({ what: "line", name: "" });
        this.#news();
      },
      arrived: (line) => {
        const lines = this.#linesTo(key);
        for (const [number, entry] of lines) {
          if (number > line) continue;
          entry.waiting.delete(key);
          lines.delete(number);
        }
      },
      able: () => this.strands.get(key)?.tell({ e: "typed", text: this.draft }),
      asked: (paper) => {
        this.#item(key, false, paper.name, paper);
        this.#note({ what: "asked", name: paper.name });
        this.#news();
        // A question is not left where nobody sees it.
        this.open(true);
      },
      over: (which, how, bytes) => this.#over(key, which, how, bytes),
      shut: () => {
        this.#lose(key);
        this.#note({ what: "shut", name: "" });
      },
      draw: () => this.#host.draw(),
    });
  }

  #over(
    key: string,
    which: "out" | "coming",
    how: Outcome,
    bytes: Uint8Array<ArrayBuffer> | null,
  ): void {
    const isMine = which === "out";
    const item = this.items.find(
      (one) => one.key === key && one.isMine === isMine && one.is === "current",
    );
    if (item === undefined) return;
    item.is = how;
    if (bytes !== null && item.paper !== null) {
      item.blob = new Blob([bytes], { type: MIME[item.paper.kind] });
      // Before there is an address that a picture could be decoded from.
      if (!mayShow(bytes)) item.unshown = "size";
    }
    this.#note({ what: how === "done" ? (isMine ? "out" : "in") : how, name: item.name });
    if (isMine) void this.#next(key);
  }

  /** Nothing passes between this page and a far end any more: nothing waits for it. */
  #lose(key: string): void {
    const open = this.items.filter((item) => item.key === key && isOpen(item.is));
    for (const item of open) {
      item.is = "lost";
      this.#files.delete(item.id);
      this.#note({ what: "lost", name: item.name });
    }
    if (open.length === 0) return;
    for (const which of ["out", "coming"] as const) {
      this.strands.get(key)?.tellPapers({ e: "cancel", which });
    }
  }

  #news(): void {
    if (!this.isOpen) this.unread += 1;
    if (this.isLoud) this.#host.chime();
    this.#host.draw();
  }

  #note(notice: Notice): void {
    this.notice = notice;
    this.#host.draw();
  }

  #forgetNotice(): void {
    this.notice = null;
  }

  #keys(is: (strand: Strand) => boolean): string[] {
    const here = [...this.strands].filter(([key]) => this.#host.isHere(key));
    return here.flatMap(([key, strand]) => (is(strand) ? [key] : []));
  }
}

export function isOpen(is: Item["is"]): boolean {
  return is === "queued" || is === "current";
}

function drop(item: Item): void {
  if (item.url !== null) URL.revokeObjectURL(item.url);
  item.url = item.blob = null;
}
