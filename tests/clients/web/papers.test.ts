/** Documents: whole or not at all, at most so much held, and nothing that nobody asked for. */
import fc from "fast-check";
import {
  CHUNK_BYTES,
  frame,
  kindOf,
  nameOf,
  type Paper,
  PAPER_MAX_BYTES,
  readPaper,
  unframe,
  writePaper,
} from "../../../clients/web/src/paper-letters.ts";
import {
  NO_PAPERS,
  OFFER_RATE,
  type Papers,
  PAPER_RATE,
  type PapersEvent,
  type PapersTodo,
  step,
  WINDOW_BYTES,
} from "../../../clients/web/src/papers.ts";

const SHA = "ab".repeat(32);

function paper(bytes: number): Paper {
  return { name: "lettre.pdf", bytes, kind: "pdf", sha256: SHA };
}

type Sent = string | { id: number; from: number; bytes: number };

/** One end, with what is on its way to the other. */
class End {
  papers: Papers = NO_PAPERS;
  sent: Sent[] = [];
  readonly over: string[] = [];
  kept = 0;
  asked = 0;
  now_ms = 0;

  tell(event: PapersEvent): void {
    const before = this.papers;
    const [papers, todos] = step(before, event);
    this.papers = papers;
    for (const todo of todos) this.#carry(todo, event);
  }

  #carry(todo: PapersTodo, event: PapersEvent): void {
    switch (todo.do) {
      case "say":
        if (this.papers.isLinked) this.sent.push(todo.text);
        return;
      case "send":
        this.sent.push({ id: todo.id, from: todo.from, bytes: todo.bytes });
        return;
      case "ask-room":
        this.tell({ e: "room", bytes: 64 * 1024 });
        return;
      case "keep":
        // What is kept is kept in its place, and once.
        if (event.e === "chunk") {
          expect(event.from).toBe(this.kept);
          this.kept += event.bytes;
        }
        return;
      case "ask":
        this.asked += 1;
        this.kept = 0;
        return;
      case "over":
        this.over.push(`${todo.which} ${todo.how}`);
        return;
      case "check":
      case "shut":
        return;
    }
  }

  hears(sent: Sent): void {
    if (typeof sent === "string")
      this.tell({ e: "heard", raw: sent, now_ms: this.now_ms });
    else this.tell({ e: "chunk", ...sent });
  }
}

function passes(from: End, to: End, count = Infinity): void {
  for (const sent of from.sent.splice(0, Math.min(count, from.sent.length)))
    to.hears(sent);
}

function settle(one: End, other: End): void {
  while (one.sent.length + other.sent.length > 0) {
    passes(one, other);
    passes(other, one);
  }
}

function link(isSame: boolean, ...ends: End[]): void {
  for (const end of ends) {
    end.sent = [];
    end.tell({ e: "unlinked" });
  }
  for (const end of ends) end.tell({ e: "linked", isSame });
}

function two(): [End, End] {
  const ends: [End, End] = [new End(), new End()];
  link(true, ...ends);
  return ends;
}

/** Of two ends one sends a document, which the other has taken. */
function taken(bytes: number): [End, End] {
  const [writer, reader] = two();
  writer.tell({ e: "offer", paper: paper(bytes) });
  settle(writer, reader);
  reader.tell({ e: "take" });
  return [writer, reader];
}

test("a document is asked about, then arrives whole, is checked and confirmed", () => {
  const [writer, reader] = two();
  writer.tell({ e: "offer", paper: paper(300_000) });
  settle(writer, reader);
  expect(reader.papers.coming).toMatchObject({ is: "offered", got: 0 });
  expect(reader.kept).toBe(0);

  reader.tell({ e: "take" });
  settle(writer, reader);
  expect([reader.kept, reader.papers.coming?.is]).toEqual([
    300_000,
    "checking",
  ]);
  expect(writer.over).toEqual([]);
  reader.tell({ e: "checked", isRight: true });
  settle(writer, reader);

  expect(writer.over).toEqual(["out done"]);
  expect(reader.over).toEqual(["coming done"]);
});

test("never more is under way than the window, whatever room there is", () => {
  const [writer, reader] = taken(1_000_000);
  passes(reader, writer);

  for (let time = 0; time < 50; time++)
    writer.tell({ e: "room", bytes: 1_000_000 });

  const bytes = writer.sent.map((sent) =>
    typeof sent === "string" ? 0 : sent.bytes,
  );
  expect(bytes.reduce((sum, one) => sum + one, 0)).toBe(WINDOW_BYTES);
});

test("a wrong digest leaves nothing, and is told to who sent it", () => {
  const [writer, reader] = taken(50_000);
  settle(writer, reader);

  reader.tell({ e: "checked", isRight: false });
  settle(writer, reader);

  expect(writer.over).toEqual(["out wrong"]);
  expect(reader.over).toEqual(["coming wrong"]);
});

test("refused, cancelled by who sends, cancelled by who reads: both know, and go on", () => {
  const [writer, reader] = two();
  writer.tell({ e: "offer", paper: paper(500_000) });
  settle(writer, reader);
  reader.tell({ e: "refuse" });
  settle(writer, reader);
  for (const which of ["out", "coming"] as const) {
    writer.tell({ e: "offer", paper: paper(500_000) });
    settle(writer, reader);
    reader.tell({ e: "take" });
    passes(reader, writer);
    passes(writer, reader, 2);
    (which === "out" ? writer : reader).tell({ e: "cancel", which });
    settle(writer, reader);
  }

  expect(writer.over).toEqual([
    "out refused",
    "out cancelled",
    "out cancelled",
  ]);
  expect(reader.over).toEqual([
    "coming refused",
    "coming cancelled",
    "coming cancelled",
  ]);
  expect([writer.papers.isShut, reader.papers.isShut]).toEqual([false, false]);
});

type Move = "pass" | "answer" | "room" | "relink" | "take" | "check" | "drop";

test("whatever is cut, a document arrives whole or both are told that it did not", () => {
  const moves = fc.array(
    fc.tuple(
      fc.constantFrom<Move>(
        "pass",
        "answer",
        "room",
        "relink",
        "take",
        "check",
      ),
      fc.nat(6),
    ),
    { maxLength: 80 },
  );
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 400_000 }), moves, (bytes, all) => {
      const [writer, reader] = two();
      writer.tell({ e: "offer", paper: paper(bytes) });
      for (const [move, count] of all) {
        writer.now_ms = reader.now_ms += 1_000;
        if (move === "pass") passes(writer, reader, count);
        if (move === "answer") passes(reader, writer, count);
        if (move === "room") writer.tell({ e: "room", bytes: count * 30_000 });
        if (move === "relink") link(true, writer, reader);
        if (move === "take") reader.tell({ e: "take" });
        if (move === "check") reader.tell({ e: "checked", isRight: true });
        expect(reader.kept).toBeLessThanOrEqual(bytes);
        expect(reader.papers.coming?.got ?? reader.kept).toBe(reader.kept);
      }

      link(true, writer, reader);
      settle(writer, reader);
      reader.tell({ e: "take" });
      settle(writer, reader);
      reader.tell({ e: "checked", isRight: true });
      settle(writer, reader);

      expect(reader.over).toEqual(["coming done"]);
      expect(writer.over).toEqual(["out done"]);
      expect(reader.kept).toBe(bytes);
      expect(reader.asked).toBe(1);
    }),
  );
});

test("after another connection the reader says from which byte, and none is sent again", () => {
  const [writer, reader] = taken(200_000);
  passes(reader, writer);
  passes(writer, reader, 3);
  expect(reader.kept).toBe(3 * CHUNK_BYTES);

  link(true, writer, reader);
  passes(writer, reader);
  passes(reader, writer);

  expect(writer.sent[0]).toMatchObject({ from: 3 * CHUNK_BYTES });
});

/** The reader's end is held for a while: so much of what is on its way goes by unheard. */
function holds(reader: End, writer: End, lost: number): void {
  reader.tell({ e: "unlinked" });
  writer.sent.splice(0, lost);
  reader.tell({ e: "linked", isSame: true });
}

test("pieces on their way over a short hold are passed over, and none is missing after it", () => {
  const [writer, reader] = taken(200_000);
  passes(reader, writer);
  passes(writer, reader, 1);
  holds(reader, writer, 2);
  passes(writer, reader, 1);
  expect([reader.papers.isShut, reader.kept]).toEqual([false, CHUNK_BYTES]);

  // The far end heard that it is there again, and offers behind what had left.
  writer.tell({ e: "linked", isSame: true });
  settle(writer, reader);
  reader.tell({ e: "checked", isRight: true });
  settle(writer, reader);

  expect(reader.over).toEqual(["coming done"]);
  expect([writer.over, reader.kept]).toEqual([["out done"], 200_000]);
});

test("what is passed over has a bound, and ends with the first piece in its place", () => {
  const astray = { id: 1, from: 5 * CHUNK_BYTES, bytes: CHUNK_BYTES };
  const [writer, reader] = taken(200_000);
  passes(reader, writer);
  holds(reader, writer, Infinity);
  for (let at = 0; at < WINDOW_BYTES; at += CHUNK_BYTES) reader.hears(astray);
  expect([reader.papers.isShut, reader.kept]).toEqual([false, 0]);
  reader.hears(astray);
  expect(reader.papers.isShut).toBe(true);

  const [author, other] = taken(200_000);
  passes(other, author);
  holds(other, author, Infinity);
  other.hears({ id: 1, from: 0, bytes: CHUNK_BYTES });
  other.hears(astray);
  expect(other.papers.isShut).toBe(true);
});

test("of a document that was stopped the rest may come over a hold as well", () => {
  const [writer, reader] = taken(200_000);
  passes(reader, writer);
  reader.tell({ e: "cancel", which: "coming" });
  holds(reader, writer, 1);

  passes(writer, reader);

  expect(reader.papers.isShut).toBe(false);
});

test("a page that was loaded anew has lost what it was sending, and may be asked anew", () => {
  const [writer, reader] = taken(200_000);
  passes(reader, writer);
  passes(writer, reader, 3);

  const again = new End();
  link(false, again, reader);
  settle(again, reader);
  expect(reader.over).toEqual(["coming lost"]);
  again.tell({ e: "offer", paper: paper(1_000) });
  settle(again, reader);

  expect(reader.papers.coming).toMatchObject({ id: 1, is: "offered" });
});

test("what was given up while the path was lost does not wait at the other end", () => {
  const [writer, reader] = taken(200_000);
  settle(reader, new End());
  writer.tell({ e: "unlinked" });
  reader.tell({ e: "unlinked" });
  writer.tell({ e: "cancel", which: "out" });

  link(true, writer, reader);
  settle(writer, reader);

  expect(reader.over).toEqual(["coming cancelled"]);
});

const HOSTILE: readonly [string, (reader: End) => void][] = [
  [
    "bytes before a word",
    (r) => r.hears({ id: 1, from: 0, bytes: CHUNK_BYTES }),
  ],
  ["bytes of another", (r) => r.hears({ id: 2, from: 0, bytes: CHUNK_BYTES })],
  ["a frame that is none", (r) => r.hears({ id: 0, from: 0, bytes: 9 })],
  ["no JSON", (r) => r.hears("{")],
  [
    "a letter too long",
    (r) => r.hears(`{"t":"x","id":1,"a":"${"x".repeat(999)}"}`),
  ],
  ["an offer without id", (r) => r.hears('{"t":"offer"}')],
  [
    "one larger than all",
    (r) =>
      r.hears(writePaper({ t: "offer", id: 5, ...paper(PAPER_MAX_BYTES + 1) })),
  ],
  [
    "one that is empty",
    (r) => r.hears(writePaper({ t: "offer", id: 5, ...paper(0) })),
  ],
  [
    "one of another kind",
    (r) =>
      r.hears(
        `{"t":"offer","id":5,"name":"a","bytes":1,"kind":"exe","sha256":"${SHA}"}`,
      ),
  ],
  [
    "one that changes under its number",
    (r) => r.hears(writePaper({ t: "offer", id: 1, ...paper(77) })),
  ],
];

test.each(HOSTILE)(
  "%s: nothing is kept, and nothing more is heard",
  (_, does) => {
    const [writer, reader] = two();
    writer.tell({ e: "offer", paper: paper(100_000) });
    settle(writer, reader);

    does(reader);

    expect(reader.papers.isShut).toBe(true);
    expect([reader.kept, reader.papers.coming]).toEqual([0, null]);
    reader.hears(writePaper({ t: "offer", id: 9, ...paper(10) }));
    expect(reader.papers.coming).toBe(null);
  },
);

test.each([
  ["out of place", 2 * CHUNK_BYTES, CHUNK_BYTES],
  ["too short", CHUNK_BYTES, 1],
  ["too long", CHUNK_BYTES, CHUNK_BYTES + 1],
])("a piece %s ends it, and what was there is let go", (_, from, bytes) => {
  const [writer, reader] = taken(100_000);
  passes(reader, writer);
  passes(writer, reader, 1);

  reader.hears({ id: 1, from, bytes });

  expect(reader.papers.isShut).toBe(true);
  expect(reader.over).toEqual(["coming lost"]);
});

test("after all of it came no further byte is taken", () => {
  const [writer, reader] = taken(100_000);
  settle(writer, reader);

  reader.hears({ id: 1, from: 100_000, bytes: 1 });

  expect(reader.papers.isShut).toBe(true);
});

test("a reader who asks for what is not there, or claims what was not sent, is not served", () => {
  const one = taken(100_000)[0];
  one.hears(writePaper({ t: "take", id: 1, from: 5 }));
  expect(one.papers.isShut).toBe(true);

  const [writer, reader] = taken(100_000);
  passes(reader, writer);
  writer.hears(writePaper({ t: "have", id: 1, bytes: 99_999 }));
  expect(writer.papers.isShut).toBe(true);
});

test("who keeps offering is refused unasked, and who keeps talking is shut out", () => {
  const reader = two()[0];
  let id = 0;
  const offers = () => {
    reader.hears(writePaper({ t: "offer", id: (id += 1), ...paper(10) }));
    reader.tell({ e: "refuse" });
  };
  for (let time = 0; time < OFFER_RATE.burst + 5; time++) offers();
  expect(reader.asked).toBe(OFFER_RATE.burst);
  expect(reader.papers.isShut).toBe(false);

  for (let time = 0; time < PAPER_RATE.burst; time++)
    reader.hears('{"t":"dance","id":1}');
  expect(reader.papers.isShut).toBe(true);
});

test("any text is a letter, none, or refused; a frame comes out as it went in", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (raw) => {
      expect(() => readPaper(raw)).not.toThrow();
    }),
  );
  const bytes = Uint8Array.of(1, 2, 3);
  expect(unframe(frame(7, 16_384, bytes).buffer)).toEqual({
    id: 7,
    from: 16_384,
    bytes,
  });
  expect(unframe(new ArrayBuffer(8))).toBe(null);
  expect(unframe(new ArrayBuffer(CHUNK_BYTES + 9))).toBe(null);
});

test.each([
  ["%PDF-1.4", "pdf"],
  ["\xff\xd8\xff\xe0", "jpeg"],
  ["\x89PNG\r\n\x1a\n", "png"],
  ["RIFF\x10\x00\x00\x00WEBPVP8 ", "webp"],
  ["\x00\x00\x00\x18ftypheic", "heic"],
  ["\x00\x00\x00\x18ftypmp42", null],
  ["MZ\x90", null],
  ["<svg onload=alert(1)>", null],
  ["<html>", null],
  ["", null],
])("%j is %s by its first bytes", (text, kind) => {
  const bytes = Uint8Array.from(text, (one) => one.charCodeAt(0));

  expect(kindOf(bytes)).toBe(kind);
});

test.each([
  ["ordonnance.pdf", "ordonnance.pdf"],
  ["C:\\Users\\Camille\\Bureau\\bilan.PDF", "bilan.PDF"],
  ["../../.bashrc", "bashrc.pdf"],
  ["photo.jpg.exe", "photo.jpg.exe.pdf"],
  ["\u202efdp.exe", "_fdp.exe.pdf"],
  ["<img src=x>", "_img src_x_.pdf"],
  ["  ", "document.pdf"],
  ["…", "_.pdf"],
  ["é".repeat(300), `${"é".repeat(76)}.pdf`],
])("%j is saved as %j", (given, name) => {
  expect(nameOf(given, "pdf")).toBe(name);
});
