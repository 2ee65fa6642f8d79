/** Letters between the two ends: read strictly, written as the far end reads them. */
import {
  decode,
  encode,
  read,
  readAs,
  withoutAddresses,
  write,
} from "../../../clients/web/src/letters.ts";
import type { Letter } from "../../../clients/web/src/letters.ts";

const ID = "AAECAwQFBgcICQoLDA0ODw";
const CARD = { name: "Zoé Łukasik", specialty: "Médecine générale" };

const LETTERS: Letter[] = [
  { t: "m1", nonce: ID },
  { t: "m1", nonce: ID, resume: "mac" },
  {
    t: "m2",
    nonce: ID,
    card: CARD,
    connection: ID,
    restarts: true,
    offer: "v=0",
  },
  { t: "m3", nonce: ID, resume: ID, restarts: false, answer: "v=0" },
  { t: "ready" },
  { t: "description", connection: ID, type: "offer", sdp: "v=0" },
  {
    t: "candidates",
    connection: ID,
    candidates: [
      { candidate: "candidate:1", sdpMid: "0", sdpMLineIndex: null },
    ],
  },
  { t: "again" },
  { t: "knock" },
];

const raw = (value: unknown) =>
  encode(new TextEncoder().encode(JSON.stringify(value)));

test.each(LETTERS)("$t is read as it was written", (letter) => {
  expect(read(write(letter))).toEqual(letter);
});

test("a letter travels in the alphabet of the wire", () => {
  expect(write({ t: "ready" })).toMatch(/^[A-Za-z0-9_-]+$/);
});

test("unknown keys are ignored, unknown kinds are no letter", () => {
  expect(read(raw({ t: "ready", mood: "fine" }))).toEqual({ t: "ready" });
  expect(read(raw({ t: "dance" }))).toBeNull();
});

test.each([
  { t: "m1" },
  { t: "m1", nonce: "short" },
  { t: "m2", nonce: ID, card: null, connection: ID, restarts: true, offer: "" },
  {
    t: "m2",
    nonce: ID,
    card: CARD,
    connection: ID,
    restarts: "yes",
    offer: "",
  },
  { t: "m3", nonce: ID, resume: ID, restarts: true },
  { t: "description", connection: ID, type: "rollback", sdp: "" },
  { t: "candidates", connection: ID, candidates: [{}] },
  {
    t: "candidates",
    connection: ID,
    candidates: Array(65).fill({ candidate: "" }),
  },
  [],
  null,
  7,
])("what is no letter of the table is null: %j", (value) => {
  expect(read(raw(value))).toBeNull();
});

test.each(["", "a", "*", "AAAA", encode(new Uint8Array([0xff, 0xfe]))])(
  "any text gives a letter or null: %j",
  (body) => {
    expect(read(body)).toBeNull();
  },
);

test("a letter of another kind than awaited is null", () => {
  expect(readAs("m1", write({ t: "ready" }))).toBeNull();
  expect(readAs("m1", write({ t: "m1", nonce: ID }))).toEqual({
    t: "m1",
    nonce: ID,
  });
});

test("a card cannot hide direction marks or push the buttons away", () => {
  const name = `\u202eDr ${"x".repeat(500)}\u0007`;
  const letter = readAs(
    "m2",
    raw({
      t: "m2",
      nonce: ID,
      card: { name },
      connection: ID,
      restarts: true,
      offer: "",
    }),
  );

  expect(letter?.card.name).toBe(`Dr ${"x".repeat(77)}`);
  expect(letter?.card.specialty).toBe("");
});

test("bytes of every length come back from base64url", () => {
  for (let length = 0; length < 70; length += 1) {
    const bytes = Uint8Array.from(
      { length },
      (_, index) => (index * 37 + length) % 256,
    );

    expect(decode(encode(bytes))).toEqual(bytes);
  }
});

test("no address is left in a description", () => {
  const sdp = [
    "v=0",
    "o=- 4611 2 IN IP4 127.0.0.1",
    "m=audio 54321 UDP/TLS/RTP/SAVPF 111",
    "c=IN IP4 192.0.2.7",
    "a=rtcp:54322 IN IP4 192.0.2.7",
    "a=candidate:1 1 udp 2122260223 192.0.2.7 54321 typ host",
    "a=end-of-candidates",
    "a=ice-ufrag:abcd",
    "m=video 0 UDP/TLS/RTP/SAVPF 96",
    "c=IN IP6 2001:db8::7",
    "",
  ].join("\r\n");

  const stripped = withoutAddresses(sdp);

  expect(stripped).not.toMatch(/192\.0\.2|2001:db8|54321|54322/);
  expect(stripped).toContain("a=ice-ufrag:abcd");
  expect(stripped).toContain("m=audio 9 UDP");
  expect(stripped).toContain("m=video 0 UDP");
  expect(stripped.endsWith("\r\n")).toBe(true);
});
