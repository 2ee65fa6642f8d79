/**
 * Wire messages: the page's mirror of `signaling/messages.py`.
 *
 * Pure. A message that parses is well-formed, not expected: what follows from it is in
 * `consultation.ts` and `rounds.ts`. Unknown keys are ignored, so that a newer server may
 * add some; unknown types are refused.
 *
 * `signaling/PROTOCOL.md` is the same table in words.
 */

export const ENVELOPE_MAX_CHARS = 32 * 1024;
export const M1_MAX_CHARS = 4 * 1024;

/** The text is not a message of the table. Its sentence carries nothing of the text. */
export class Malformed extends Error {
  constructor() {
    super("not a message of this protocol");
  }
}

// --- checks: a value of the type, or Malformed ----------------------------------------

type Check<T> = (value: unknown) => T;
type Checks<T> = { [K in keyof T]: Check<T[K]> };

function fail(): never {
  throw new Malformed();
}

function text(pattern: RegExp, max = 48 * 1024): Check<string> {
  return (value) =>
    typeof value === "string" && value.length <= max && pattern.test(value) ? value : fail();
}

function number(min: number): Check<number> {
  return (value) =>
    typeof value === "number" && Number.isFinite(value) && value >= min ? value : fail();
}

function count(min: number): Check<number> {
  return (value) => (Number.isInteger(value) ? number(min)(value) : fail());
}

function one<const T extends string>(...names: T[]): Check<T> {
  return (value) => names.find((name) => name === value) ?? fail();
}

function list<T>(check: Check<T>, max: number, min = 0): Check<T[]> {
  return (value) =>
    Array.isArray(value) && value.length >= min && value.length <= max
      ? value.map((item) => check(item))
      : fail();
}

const flag: Check<boolean> = (value) => (typeof value === "boolean" ? value : fail());

function record<R extends object, O extends object>(
  required: Checks<R>,
  optional: Checks<O>,
): Check<R & Partial<O>> {
  return (value) => {
    if (typeof value !== "object" || value === null) {
      fail();
    }
    const given = value as Record<string, unknown>;
    const result: Record<string, unknown> = {};
    for (const [key, check] of Object.entries<Check<unknown>>(required)) {
      result[key] = check(given[key]);
    }
    for (const [key, check] of Object.entries<Check<unknown>>(optional)) {
      if (given[key] !== undefined && given[key] !== null) {
        result[key] = check(given[key]);
      }
    }
    return result as R & Partial<O>;
  };
}

const ID = text(/^[A-Za-z0-9_-]{22}$/);
const QUEUE = text(/^[A-Za-z0-9_-]{1,63}$/);
const TOKEN = text(/^[A-Za-z0-9_.-]{1,1024}$/);
const BODY = text(/^[A-Za-z0-9_-]+$/, ENVELOPE_MAX_CHARS);
const M1 = text(/^[A-Za-z0-9_-]+$/, M1_MAX_CHARS);
const ANY = text(/^[^]*$/);
const SECONDS = number(0);
const SHORT = text(/^[^]{1,128}$/);
// RFC 7065, with port and transport always said.
const RELAY_URL = text(
  /^turns?:(?:[A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\]):\d{1,5}\?transport=(?:udp|tcp)$/,
);

// --- from the server ------------------------------------------------------------------

const relay = record(
  {
    urls: list(RELAY_URL, 8, 1),
    username: SHORT,
    password: SHORT,
    expires_at: SECONDS,
    only: flag,
  },
  {},
);
const member = record({ member: ID, role: one("patient", "doctor", "guest", "colleague") }, {});
const ticket = record(
  { ticket: ID, queue: QUEUE, place: count(1), since: SECONDS, awake: flag },
  {},
);

const FROM_SERVER = {
  hello: record({ type: one("hello"), challenge: ID, now: SECONDS }, {}),
  joined: record(
    { type: one("joined"), now: SECONDS },
    { pass: TOKEN, queues: list(QUEUE, 64), relay },
  ),
  board: record(
    { type: one("board"), doctors: count(0) },
    {
      place: count(1),
      band: text(/^[^]{0,16}$/),
      closed: flag,
      waiting: count(0),
      tickets: list(ticket, 50),
      colleagues: list(ANY, 64),
    },
  ),
  called: record(
    { type: one("called"), call: ID, ticket: ID, m1: M1, deadline: SECONDS },
    { relay },
  ),
  proposed: record({ type: one("proposed"), call: ID, deadline: SECONDS }, { m2: BODY }),
  accepted: record(
    { type: one("accepted"), session: ID, member: ID, members: list(member, 4) },
    { pass: TOKEN, relay, m3: BODY },
  ),
  envelope: record({ type: one("envelope"), member: ID, body: BODY }, {}),
  invited: record({ type: one("invited"), pass: TOKEN, role: one("guest", "colleague") }, {}),
  ended: record(
    {
      type: one("ended"),
      what: one("call", "queue", "session", "duty", "socket"),
      outcome: one(
        "declined",
        "late",
        "lost",
        "withdrawn",
        "left",
        "excluded",
        "requeued",
        "expired",
        "drained",
        "replaced",
        "closing",
      ),
    },
    {},
  ),
  refused: record(
    {
      type: one("refused"),
      code: one(
        "malformed",
        "out-of-turn",
        "unproven",
        "not-admitted",
        "ended",
        "expired",
        "early",
        "revoked",
        "spent",
        "full",
        "off-duty",
        "no-patient",
        "no-call",
        "no-session",
        "away",
        "rebuilding",
        "unavailable",
        "too-fast",
        "internal",
      ),
      text: ANY,
    },
    { of: ANY, member: ID, retry_s: SECONDS },
  ),
};

type Table = typeof FROM_SERVER;
type ServerType = keyof Table;
export type ServerMessage = { [K in ServerType]: ReturnType<Table[K]> }[ServerType];
export type FromServer<K extends ServerType> = Extract<ServerMessage, { type: K }>;
export type Member = ReturnType<typeof member>;
export type Relay = ReturnType<typeof relay>;
export type Ticket = ReturnType<typeof ticket>;
export type Outcome = FromServer<"ended">["outcome"];
export type RefusalCode = FromServer<"refused">["code"];

/** Read what the server said; throws Malformed, and nothing else. */
export function parse(frame: unknown): ServerMessage {
  let value: unknown;
  try {
    value = JSON.parse(typeof frame === "string" ? frame : "");
  } catch {
    fail();
  }
  const type = (value as { type?: unknown } | null)?.type;
  if (typeof type !== "string" || !Object.hasOwn(FROM_SERVER, type)) {
    fail();
  }
  return FROM_SERVER[type as ServerType](value);
}

// --- to the server --------------------------------------------------------------------

export interface Join {
  type: "join";
  token: string;
  proof: string;
  keep_pass?: string;
  m1?: string;
}

export type ClientMessage =
  | Join
  | { type: "renew"; m1?: string }
  | { type: "duty"; state: "on" | "draining" | "off"; queues: string[]; card?: string }
  | { type: "call"; queue?: string }
  | { type: "call"; ticket?: string }
  | { type: "propose"; call: string; m2: string }
  | { type: "accept"; call: string; m3: string }
  | { type: "envelope"; member: string; body: string }
  | { type: "invite"; role: "guest" }
  | { type: "invite"; role: "colleague"; to: string }
  | { type: "leave"; what: "call" | "queue" }
  | { type: "leave"; what: "session"; then?: "requeue"; path?: MediaPath }
  /** Show somebody out. */
  | { type: "leave"; what: "session"; member: string; path?: MediaPath };

/** How picture and sound went to the first far end; unconnected where none ever came. */
export type MediaPath = "direct" | "relayed" | "unconnected";

/** Write a message as it travels; absent fields are left out. */
export function serialise(message: ClientMessage): string {
  return JSON.stringify(message);
}
