/** Text and documents at both ends of a wire: real bytes and digests, and nothing while on hold. */
import { LINE_MAX } from "../../../clients/web/src/talk-letters.ts";
import {
  CHUNK_BYTES,
  frame,
  PAPER_MAX_BYTES,
} from "../../../clients/web/src/paper-letters.ts";
import { Strand } from "../../../clients/web/src/strand.ts";
import { Wire } from "../../../clients/web/src/wire.ts";

/** One end of a channel: whole messages in order, at once. No network is in it, and no limit. */
class FakeChannel {
  readyState = "open";
  bufferedAmount = 0;
  onmessage: (event: { data: unknown }) => void = () => undefined;
  onbufferedamountlow: () => void = () => undefined;
  farEnd: FakeChannel | null = null;
  /** What is changed on the way. */
  twist: (data: unknown) => unknown = (data) => data;

  send(data: unknown): void {
    const sent = data instanceof Uint8Array ? data.slice().buffer : data;
    queueMicrotask(() => this.farEnd?.onmessage({ data: this.twist(sent) }));
  }
}

interface End {
  strand: Strand;
  wire: Wire;
  text: FakeChannel;
  papers: FakeChannel;
  told: string[];
  received: Uint8Array[];
}

function end(): End {
  const told: string[] = [];
  const received: Uint8Array[] = [];
  const strand = new Strand({
    line: (text) => told.push(`line ${text}`),
    arrived: (line) => told.push(`arrived ${line}`),
    able: () => undefined,
    asked: ({ name, kind }) => told.push(`asked ${name} ${kind}`),
    over: (which, how, bytes) => {
      told.push(`${which} ${how}`);
      if (bytes !== null) received.push(bytes);
    },
    shut: () => told.push("shut"),
    draw: () => undefined,
  });
  return { strand, told, received, ...wired() };
}

function wired(): { wire: Wire; text: FakeChannel; papers: FakeChannel } {
  const text = new FakeChannel();
  const papers = new FakeChannel();
  const pc = { createDataChannel: () => papers };
  const wire = new Wire(
    pc as unknown as RTCPeerConnection,
    text as unknown as RTCDataChannel,
  );
  text.onmessage = ({ data }) => wire.hear(String(data));
  return { wire, text, papers };
}

function join(one: End, other: End): void {
  for (const [from, to] of [
    [one, other],
    [other, one],
  ] as const) {
    from.text.farEnd = to.text;
    from.papers.farEnd = to.papers;
    from.strand.link(from.wire);
  }
}

async function two(): Promise<[End, End]> {
  const ends: [End, End] = [end(), end()];
  join(...ends);
  for (const { wire } of ends) wire.open();
  await vi.waitFor(() =>
    expect(ends.every(({ strand }) => strand.papers.isLinked)).toBe(true),
  );
  return ends;
}

function pdf(bytes: number, name = "bilan.pdf"): File {
  const content = Uint8Array.from({ length: bytes }, (_, at) => at % 251);
  content.set(new TextEncoder().encode("%PDF-1.7"));
  return new File([content], name);
}

async function heard({ told }: End, what: string): Promise<void> {
  await vi.waitFor(() => expect(told).toContain(what));
}

test("a document arrives byte for byte, and is let go by who sent it", async () => {
  const [writer, reader] = await two();
  const file = pdf(300_000);

  expect(await writer.strand.offer(file)).toBe(null);
  await heard(reader, "asked bilan.pdf pdf");
  reader.strand.tellPapers({ e: "take" });
  await heard(writer, "out done");

  expect(reader.received[0]).toEqual(new Uint8Array(await file.arrayBuffer()));
});

test("one changed byte, and nothing is handed over", async () => {
  const [writer, reader] = await two();
  writer.papers.twist = (data) => {
    if (data instanceof ArrayBuffer) new Uint8Array(data).fill(1, CHUNK_BYTES);
    return data;
  };

  await writer.strand.offer(pdf(50_000));
  await heard(reader, "asked bilan.pdf pdf");
  reader.strand.tellPapers({ e: "take" });

  await heard(reader, "coming wrong");
  await heard(writer, "out wrong");
  expect(reader.received).toEqual([]);
});

test("what is announced as a picture and is none is not handed over, whatever its digest", async () => {
  const [writer, reader] = await two();
  writer.papers.twist = (data) =>
    typeof data === "string" ? data.replace('"pdf"', '"png"') : data;

  await writer.strand.offer(pdf(1_000));
  await heard(reader, "asked bilan.pdf.png png");
  reader.strand.tellPapers({ e: "take" });

  await heard(reader, "coming wrong");
  expect(reader.received).toEqual([]);
});

test.each([
  ["tooLarge", () => pdf(PAPER_MAX_BYTES + 1)],
  ["empty", () => new File([], "a.pdf")],
  ["kind", () => new File(["MZ\x90 program"], "photo.jpg")],
])("a file is %s: it is told before anything is said", async (why, file) => {
  const [writer, reader] = await two();

  expect(await writer.strand.offer(file())).toBe(why);

  expect(reader.told).toEqual([]);
});

test("bytes that nobody asked for shut it, and text with it", async () => {
  const [writer, reader] = await two();

  writer.papers.send(frame(1, 0, new Uint8Array(CHUNK_BYTES)));
  await heard(reader, "shut");
  writer.strand.tell({ e: "finished", text: "a" });
  await Promise.resolve();

  expect(reader.told).toEqual(["shut"]);
});

test("before it is bound nothing is said or heard; what was kept is heard then", async () => {
  const [one, other] = [end(), end()];
  join(one, other);
  one.wire.open();
  await Promise.resolve();
  expect(other.strand.talk.can).toBe(null);
  expect(one.strand.talk.can).toBe(null);

  other.wire.open();

  await vi.waitFor(() => expect(one.strand.talk.can?.text).toBe(true));
  expect(other.strand.talk.can?.text).toBe(true);
});

test("on hold nothing leaves or is heard, and afterwards all of it once", async () => {
  const [one, other] = await two();
  other.wire.hold(true);
  one.strand.tell({ e: "finished", text: "un" });
  other.strand.tell({ e: "finished", text: "deux" });
  await new Promise((resolve) => setTimeout(resolve));
  expect([...one.told, ...other.told]).toEqual([]);

  other.wire.hold(false);

  await heard(other, "line un");
  await heard(one, "line deux");
  await heard(one, "arrived 1");
  expect(other.told.filter((one) => one === "line un")).toHaveLength(1);
});

test("a flood before the other half of the page is there is not kept", () => {
  const { wire } = end();
  for (let time = 0; time < 1_000; time++) wire.hear("x".repeat(LINE_MAX));
  const said: string[] = [];

  wire.listen({
    opened: () => undefined,
    said: (text) => said.push(text),
    paper: () => undefined,
    room: () => undefined,
    closed: () => undefined,
  });
  wire.open();

  expect(said.length).toBeLessThan(20);
});
