/** All text and documents of a session: who may be written to, what is held, and how it ends. */
import { frame } from "../../../clients/web/src/paper-letters.ts";
import { QUEUE_MAX } from "../../../clients/web/src/papers.ts";
import {
  ENTRIES_MAX,
  HELD_MAX_BYTES,
  type Item,
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

/** A document of these bytes is offered, taken, and arrives. */
async function receives(
  desk: TalkDesk,
  wire: FakeWire,
  kind: string,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<Item> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  const sha256 = Array.from(digest, (one) =>
    one.toString(16).padStart(2, "0"),
  ).join("");
  const offer = { name: "a", bytes: bytes.length, kind, sha256 };
  wire.ears?.paper(JSON.stringify({ t: "offer", id: 1, ...offer }));
  const item = only(desk);
  desk.take(item);
  wire.ears?.paper(frame(1, 0, bytes).buffer);
  await vi.waitFor(() => expect(item.is).toBe("done"));
  return item;
}

function only({ items }: TalkDesk): Item {
  const [item] = items;
  if (item === undefined) throw new Error("nothing was proposed");
  return item;
}

test("a picture that declares more than a page bears is never decoded, and can be saved", async () => {
  const { desk } = begun();
  const bomb = Uint8Array.from(
    "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x4e\x20\0\0\x4e\x20\x08\x06\0\0\0",
    (one) => one.charCodeAt(0),
  );

  const item = await receives(desk, linked(desk), "png", bomb);
  await desk.show(item);

  expect(item.unshown).toBe("size");
  // An address would be there, and a decoder, which Node does not have.
  expect([item.url, desk.shown]).toEqual([null, null]);
  expect(item.blob?.size).toBe(bomb.length);
});

test("a tap on a document that is no longer proposed takes, refuses or stops no other", () => {
  const { desk } = begun();
  const wire = linked(desk);
  offers(wire, 1, 1_000);
  const before = only(desk);
  offers(wire, 2, 1_000);
  expect(desk.items.map(({ is }) => is)).toEqual(["cancelled", "current"]);

  desk.take(before);
  desk.refuse(before);
  desk.cancel(before);

  expect(wire.papers).toEqual([]);
  expect(desk.items.map(({ is }) => is)).toEqual(["cancelled", "current"]);
});

test("what waits for an end that is heard no more is lost, and makes room for others", () => {
  const { desk } = begun();
  const [first] = [linked(desk), linked(desk, "guest")];
  const files = Array.from(
    { length: QUEUE_MAX },
    () => new File(["%PDF-"], "a.pdf"),
  );
  desk.send(FIRST, files);
  offers(first, 1, 1_000);

  first.ears?.said("no letter");

  expect(desk.items.map(({ is }) => is)).toEqual(
    Array.from({ length: QUEUE_MAX + 1 }, () => "lost"),
  );
  expect(desk.notice?.what).toBe("shut");
  desk.send("guest", files);
  expect(desk.items.filter(({ key }) => key === "guest")).toHaveLength(
    QUEUE_MAX,
  );
});

test("what was on its way to or from whoever left is lost; of others nothing is", () => {
  const { desk, here } = begun();
  const [first, guest] = [linked(desk), linked(desk, "guest")];
  desk.send("guest", [new File(["%PDF-"], "a.pdf")]);
  offers(first, 1, 1_000);
  offers(guest, 1, 1_000);
  desk.look();
  expect(desk.items.map(({ is }) => is)).toEqual([
    "current",
    "current",
    "current",
  ]);

  here.delete("guest");
  desk.look();

  expect(desk.items.map(({ key, is }) => [key, is])).toEqual([
    ["guest", "lost"],
    [FIRST, "current"],
    ["guest", "lost"],
  ]);
});

test("a file that is still being read when its reader leaves is not sent to him later", async () => {
  const { desk, here } = begun();
  const guest = linked(desk, "guest");
  desk.send("guest", [new File(["%PDF-"], "a.pdf")]);
  here.delete("guest");
  desk.look();
  const item = only(desk);

  await vi.waitFor(() => expect(guest.papers.at(-1)).toContain('"stop"'));

  expect(item.is).toBe("lost");
  expect(desk.strands.get("guest")?.papers.out).toBeNull();
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
