/**
 * Letters: what the two ends say to each other inside M1, M2, M3 and envelopes.
 *
 * Pure. Not sealed in this version: base64url of JSON. Sealing replaces this file and
 * nothing else.
 *
 * The table is in `clients/README.md`.
 */

export interface Card {
  name: string;
  specialty: string;
}

export interface Candidate {
  candidate: string;
  sdpMid: string | null;
  sdpMLineIndex: number | null;
}

export type Letter =
  | { t: "m1"; nonce: string; resume?: string }
  | {
      t: "m2";
      nonce: string;
      card: Card;
      connection: string;
      restarts: boolean;
      offer: string;
    }
  | { t: "m3"; nonce: string; resume: string; restarts: boolean; answer: string }
  | { t: "ready" }
  | { t: "description"; connection: string; type: "offer" | "answer"; sdp: string }
  | { t: "candidates"; connection: string; candidates: Candidate[] }
  | { t: "again" }
  | { t: "knock" };

export type LetterOf<T extends Letter["t"]> = Extract<Letter, { t: T }>;

// A card is shown: longer ones are cut, so that a name cannot push the buttons away.
const CARD_MAX_CHARS = 80;
// A browser finds a few dozen candidates on the busiest of machines.
const CANDIDATES_MAX = 64;

/** Bytes as base64url without padding (RFC 4648 §5). */
export function encode(bytes: Uint8Array): string {
  let binary = "";
  for (const byte of bytes) {
    binary += String.fromCharCode(byte);
  }
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** Bytes of base64url without padding; null when the text is something else. */
export function decode(text: string): Uint8Array<ArrayBuffer> | null {
  if (!/^[A-Za-z0-9_-]*$/.test(text) || text.length % 4 === 1) {
    return null;
  }
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}

/** Write a letter as an opaque body. */
export function write(letter: Letter): string {
  return encode(new TextEncoder().encode(JSON.stringify(letter)));
}

/** Read a body; null for anything that is not a letter of the table. */
export function read(body: string): Letter | null {
  const bytes = decode(body);
  if (bytes === null) {
    return null;
  }
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    return null;
  }
  return isObject(value) ? checked(value) : null;
}

/** Read a body as one kind of letter; null for any other. */
export function readAs<T extends Letter["t"]>(kind: T, body: string): LetterOf<T> | null {
  const letter = read(body);
  return letter?.t === kind ? (letter as LetterOf<T>) : null;
}

/**
 * A session description without an address: candidates, default ports and default
 * addresses are cut out, as RFC 8839 §4.1 and §4.2.1.3 allow when candidates follow later.
 */
export function withoutAddresses(sdp: string): string {
  return sdp
    .split(/\r?\n/)
    .filter((line) => !/^a=(candidate:|end-of-candidates)/.test(line))
    .map((line) =>
      line
        .replace(/^c=IN IP[46] .*$/, "c=IN IP4 0.0.0.0")
        .replace(/^a=rtcp:.*$/, "a=rtcp:9 IN IP4 0.0.0.0")
        .replace(/^m=(\w+) [1-9]\d* /, "m=$1 9 "),
    )
    .join("\r\n");
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isId(value: unknown): value is string {
  return typeof value === "string" && /^[A-Za-z0-9_-]{22}$/.test(value);
}

function line(value: unknown): string {
  // Control and direction characters could make a name show as another.
  const visible =
    typeof value === "string" ? value.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "") : "";
  return [...visible].slice(0, CARD_MAX_CHARS).join("");
}

function checked(v: Record<string, unknown>): Letter | null {
  switch (v.t) {
    case "m1":
      if (!isId(v.nonce)) return null;
      return typeof v.resume === "string"
        ? { t: "m1", nonce: v.nonce, resume: v.resume }
        : { t: "m1", nonce: v.nonce };
    case "m2":
      if (!isId(v.nonce) || !isId(v.connection) || !isObject(v.card)) return null;
      if (typeof v.restarts !== "boolean" || typeof v.offer !== "string") return null;
      return {
        t: "m2",
        nonce: v.nonce,
        card: { name: line(v.card.name), specialty: line(v.card.specialty) },
        connection: v.connection,
        restarts: v.restarts,
        offer: v.offer,
      };
    case "m3":
      if (!isId(v.nonce) || !isId(v.resume)) return null;
      if (typeof v.restarts !== "boolean" || typeof v.answer !== "string") return null;
      return { t: "m3", nonce: v.nonce, resume: v.resume, restarts: v.restarts, answer: v.answer };
    case "description":
      if (!isId(v.connection) || typeof v.sdp !== "string") return null;
      if (v.type !== "offer" && v.type !== "answer") return null;
      return { t: "description", connection: v.connection, type: v.type, sdp: v.sdp };
    case "candidates": {
      if (!isId(v.connection) || !Array.isArray(v.candidates)) return null;
      if (v.candidates.length > CANDIDATES_MAX) return null;
      const candidates = v.candidates.map(candidate);
      const whole = candidates.filter((item) => item !== null);
      return whole.length === candidates.length
        ? { t: "candidates", connection: v.connection, candidates: whole }
        : null;
    }
    case "ready":
    case "again":
    case "knock":
      return { t: v.t };
    default:
      return null;
  }
}

function candidate(value: unknown): Candidate | null {
  if (!isObject(value) || typeof value.candidate !== "string") {
    return null;
  }
  return {
    candidate: value.candidate,
    sdpMid: typeof value.sdpMid === "string" ? value.sdpMid : null,
    sdpMLineIndex: typeof value.sdpMLineIndex === "number" ? value.sdpMLineIndex : null,
  };
}
