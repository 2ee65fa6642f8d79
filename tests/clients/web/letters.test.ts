/** Letters between the two ends: read strictly, written as the far end reads them. */
import fc from "fast-check";
import {
  decode,
  encode,
  read,
  withoutAddresses,
  withoutLevels,
  write,
} from "../../../clients/web/src/letters.ts";
import type { Letter } from "../../../clients/web/src/letters.ts";

const ID = "AAECAwQFBgcICQoLDA0ODw";

const LETTERS: Letter[] = [
  { t: "description", connection: ID, type: "offer", sdp: "v=0" },
  { t: "description", connection: ID, type: "answer", sdp: "v=0" },
  { t: "candidates", connection: ID, candidates: [] },
  {
    t: "candidates",
    connection: ID,
    candidates: [
      { candidate: "candidate:1", sdpMid: "0", sdpMLineIndex: null },
      { candidate: "candidate:2", sdpMid: null, sdpMLineIndex: 1 },
    ],
  },
  { t: "again" },
];

test.each(LETTERS)("$t is read as it was written", (letter) => {
  expect(read(write(letter))).toEqual(letter);
});

test("unknown keys are ignored, unknown kinds are no letter", () => {
  expect(read('{"t":"again","mood":"fine"}')).toEqual({ t: "again" });
  expect(read('{"t":"dance"}')).toBeNull();
});

test.each([
  // What the seal says itself is not to be had from inside a record.
  { t: "m1", nonce: ID },
  { t: "m3", nonce: ID, digits: "123456", restarts: true, answer: "" },
  { t: "ready" },
  { t: "knock" },
  { t: "refused", code: "record" },
  { t: "description", connection: ID, type: "rollback", sdp: "" },
  { t: "description", connection: "short", type: "offer", sdp: "" },
  { t: "description", connection: ID, type: "offer" },
  { t: "candidates", connection: ID },
  { t: "candidates", connection: ID, candidates: [{}] },
  { t: "candidates", connection: ID, candidates: ["candidate:1"] },
  {
    t: "candidates",
    connection: ID,
    candidates: Array(65).fill({ candidate: "" }),
  },
  [],
  null,
  7,
])("what is no letter of the table is null: %j", (value) => {
  expect(read(JSON.stringify(value))).toBeNull();
});

test("any text gives a letter, read as it is written, or null", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      const letter = read(text);
      expect(letter === null ? null : read(write(letter))).toEqual(letter);
    }),
  );
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

test.each(["a", "*", "AA=", "é"])("other text is no base64url: %j", (text) => {
  expect(decode(text)).toBeNull();
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

test("how loud a voice is, is not offered to be told beside the sound", () => {
  const kept = [
    "a=extmap:2 http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time",
    "a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid",
  ];
  const cut = [
    "a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level vad=on",
    "a=extmap:3/sendonly urn:ietf:params:rtp-hdrext:csrc-audio-level",
  ];

  for (const strip of [withoutAddresses, withoutLevels])
    expect(strip([...cut, ...kept].join("\r\n"))).toBe(kept.join("\r\n"));
});
