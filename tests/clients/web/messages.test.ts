/** The page reads the wire strictly where it matters and kindly where the server is newer. */
import {
  Malformed,
  parse,
  serialise,
} from "../../../clients/web/src/messages.ts";
import { relay } from "./passwords.ts";

const ID = "AAECAwQFBgcICQoLDA0ODw";
const NOW = 1_790_000_000.5;

const EXAMPLES = [
  { type: "hello", challenge: ID, now: NOW },
  { type: "joined", now: NOW },
  {
    type: "joined",
    now: NOW,
    pass: "p.1",
    queues: ["demo"],
    relay: relay(),
  },
  { type: "board", doctors: 0, place: 3 },
  {
    type: "board",
    doctors: 2,
    waiting: 1,
    tickets: [
      { ticket: ID, queue: "demo", place: 1, since: NOW, awake: false },
    ],
  },
  { type: "called", call: ID, ticket: ID, m1: "abc", deadline: NOW },
  {
    type: "called",
    call: ID,
    ticket: ID,
    m1: "abc",
    relay: relay({
      only: false,
      urls: ["turns:[2001:db8::1]:443?transport=tcp"],
    }),
    deadline: NOW,
  },
  { type: "proposed", call: ID, m2: "abc", deadline: NOW },
  { type: "proposed", call: ID, deadline: NOW },
  {
    type: "accepted",
    session: ID,
    pass: "p",
    member: ID,
    members: [{ member: ID, role: "doctor" }],
    m3: "abc",
  },
  {
    type: "accepted",
    session: ID,
    member: ID,
    members: [{ member: ID, role: "guest" }],
  },
  { type: "envelope", member: ID, body: "abc" },
  { type: "invited", pass: "p", role: "guest" },
  { type: "ended", what: "session", outcome: "left" },
  {
    type: "refused",
    code: "too-fast",
    text: "Too fast.",
    of: "renew",
    retry_s: 0.1,
  },
];

test.each(EXAMPLES)("$type is read as it was written", (message) => {
  expect(parse(JSON.stringify(message))).toEqual(message);
});

test.each([
  ["no address", { urls: [] }],
  [
    "nine addresses",
    { urls: Array<string>(9).fill("turn:r.example:1?transport=udp") },
  ],
  [
    "an address that is no relay's",
    { urls: ["stun:r.example:3478?transport=udp"] },
  ],
  ["an address without its port", { urls: ["turn:r.example?transport=udp"] }],
  ["an address without its transport", { urls: ["turn:r.example:3478"] }],
  [
    "an address with a name too long",
    { urls: [`turn:${"a".repeat(254)}:1?transport=udp`] },
  ],
  ["a name too long", { username: "a".repeat(129) }],
  ["no password", { password: "" }],
  ["nothing said of other paths", { only: undefined }],
])("a relay with %s is none", (_, changes) => {
  const message = {
    type: "joined",
    now: NOW,
    relay: { ...relay(), ...changes },
  };

  expect(() => parse(JSON.stringify(message))).toThrow(Malformed);
});

test("keys that a newer server adds are ignored", () => {
  const message = parse(
    `{"type":"hello","challenge":"${ID}","now":1,"mood":"fine"}`,
  );

  expect(message).toEqual({ type: "hello", challenge: ID, now: 1 });
});

test("an absent field may also be null", () => {
  expect(parse('{"type":"joined","now":1,"pass":null}')).toEqual({
    type: "joined",
    now: 1,
  });
});

test.each([
  "",
  "{",
  "null",
  "[]",
  "7",
  '{"type":"toString"}',
  '{"type":"dance"}',
  '{"type":"hello"}',
  `{"type":"hello","challenge":"${ID}x","now":1}`,
  `{"type":"hello","challenge":"${ID}","now":"1"}`,
  '{"type":"board","doctors":-1}',
  '{"type":"board","doctors":1.5}',
  '{"type":"board","doctors":0,"place":0}',
  '{"type":"ended","what":"call","outcome":"won"}',
  `{"type":"envelope","member":"${ID}","body":"a b"}`,
  `{"type":"envelope","member":"${ID}","body":"${"a".repeat(32 * 1024 + 1)}"}`,
])("what is no message of the table is malformed: %.40s", (text) => {
  expect(() => parse(text)).toThrow(Malformed);
});

test("binary frames are malformed", () => {
  expect(() => parse(new ArrayBuffer(8))).toThrow(Malformed);
});

test("the sentence of a malformed message carries nothing of it", () => {
  expect(() => parse('{"type":"secret-canary"}')).toThrow(
    "not a message of this protocol",
  );
});

test("every prefix of a message is read or malformed, and nothing else happens", () => {
  for (const example of EXAMPLES) {
    const text = JSON.stringify(example);
    for (let length = 0; length < text.length; length += 1) {
      expect(() => parse(text.slice(0, length))).toThrow(Malformed);
    }
  }
});

test("absent fields are left out of what is sent", () => {
  expect(serialise({ type: "renew" })).toBe('{"type":"renew"}');
});
