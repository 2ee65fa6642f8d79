/** All text and documents of a session: who may be written to, what is held, and how it ends. */
import { QUEUE_MAX } from "../../../clients/web/src/papers.ts";
import {
  ENTRIES_MAX,
  HELD_MAX_BYTES,
  TalkDesk,
} from "../../../clients/web/src/talk-desk.ts";
import { FIRST } from "../../../clients/web/src/talking.ts";
import type { Ears, Wire } from "../../../clients/web/src/wire.ts";

/** A wire whose far end is the test: what is said is kept, what is heard is given. */
class FakeWire {
  readonly said: string[] = [];
  readonly papers: unknown[] = [];
  ears: Ears | null = null;
  readonly waiting_bytes = { text: 0, papers: 0 };

  listen(ears: Ears): void {
    this.ears = ears;
    ears.opened();
  }
  say(text: string): void {
    this.said.push(text);
  }
  sendPaper(data: unknown): void {
    this.papers.push(data);
  }
}

function begun(isVoiceless = false): {
  desk: TalkDesk;
  here: Set<string>;
  chimes: () => number;
} {
  const here = new Set([FIRST, "guest"]);
  let chimes = 0;
  const desk = new TalkDesk({
    isHere: (key) => here.has(key),
    isVoiceless: () => isVoiceless,
    draw: () => undefined,
    chime: () => (chimes += 1),
  });
  return { desk, here, chimes: () => chimes };
}

function linked(desk: TalkDesk, key = FIRST): FakeWire {
  const wire = new FakeWire();
  desk.link(key, wire as unknown as Wire);
  wire.ears?.said('{"t":"can","run":"far-end-1","text":true,"papers":true}');
  return wire;
}

function offers(wire: FakeWire, id: number, bytes: number): void {
  const offer = { name: "a.pdf", bytes, kind: "pdf", sha256: "0".repeat(64) };
  wire.ears?.paper(JSON.stringify({ t: "offer", id, ...offer }));
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("who sends no voice finds it open, anybody else closed", () => {
  expect(begun(true).desk.isOpen).toBe(true);
  expect(begun(false).desk.isOpen).toBe(false);
});

test("what comes while it is closed is counted, and sounds for whoever wants that", () => {
  const { desk, chimes } = begun();
  const wire = linked(desk);
  wire.ears?.said('{"t":"line","line":1,"text":"Bonjour"}');
  expect([desk.unread, chimes()]).toEqual([1, 0]);

  desk.loud(true);
  wire.ears?.said('{"t":"line","line":2,"text":"Vous êtes là ?"}');
  expect([desk.unread, chimes()]).toEqual([2, 1]);
  desk.open(true);

  expect(desk.unread).toBe(0);
});

test("a line goes to everybody who reads and is there still", () => {
  const { desk, here } = begun();
  const [first, guest] = [linked(desk), linked(desk, "guest")];
  desk.write("À tous");
  desk.finish();
  for (const wire of [first, guest])
    expect(wire.said.at(-1)).toContain('"À tous"');

  here.delete("guest");
  guest.ears?.closed();
  desk.write("À vous");
  desk.finish();
  first.ears?.said('{"t":"got","line":2}');

  expect(desk.entries.map((entry) => desk.isLateAt(entry))).toEqual([
    false,
    false,
  ]);
});

test("a document that is proposed is shown at once; without a word nothing is asked for", () => {
  const { desk } = begun();
  const wire = linked(desk);

  offers(wire, 1, 1_000);

  expect(desk.isOpen).toBe(true);
  expect(desk.items).toMatchObject([{ isMine: false, is: "current" }]);
  expect(wire.papers).toEqual([]);
});

test("no more documents wait than the queue holds", () => {
  const { desk } = begun();
  linked(desk);

  desk.send(
    FIRST,
    Array.from({ length: QUEUE_MAX + 2 }, () => new File(["%PDF-"], "a.pdf")),
  );

  expect(desk.items).toHaveLength(QUEUE_MAX);
  expect(desk.notice?.what).toBe("tooMany");
});

test("no more is taken than may be held, until something is deleted", () => {
  const { desk } = begun();
  const wire = linked(desk);
  offers(wire, 1, 1_000);
  const [held] = desk.items;
  if (held === undefined) throw new Error("nothing was proposed");
  held.blob = { size: HELD_MAX_BYTES } as Blob;

  desk.take(held);
  expect(desk.notice?.what).toBe("held");
  expect(wire.papers).toEqual([]);
  held.blob = null;
  desk.take(held);

  expect(wire.papers).toEqual(['{"t":"take","id":1,"from":0}']);
});

test("lines are bounded in number: the oldest go first", () => {
  const { desk } = begun();
  const wire = linked(desk);
  for (let line = 1; line <= ENTRIES_MAX + 50; line++) {
    // Slowly, as a person writes.
    vi.advanceTimersByTime(1_000);
    wire.ears?.said(JSON.stringify({ t: "line", line, text: `${line}` }));
  }

  expect(desk.entries).toHaveLength(ENTRIES_MAX);
  expect(desk.entries[0]?.text).toBe("51");
});

test("at the end nothing is left, and nothing more is heard", () => {
  const { desk } = begun();
  const wire = linked(desk);
  wire.ears?.said('{"t":"line","line":1,"text":"secret"}');
  offers(wire, 1, 1_000);
  desk.write("moi aussi");

  desk.end();
  wire.ears?.said('{"t":"line","line":2,"text":"secret"}');

  expect([desk.entries, desk.items, desk.strands.size]).toEqual([[], [], 0]);
  expect([desk.draft, desk.notice]).toEqual(["", null]);
});
