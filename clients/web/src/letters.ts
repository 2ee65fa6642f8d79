/**
 * Letters: what the two ends say to each other, once the seal is open and before it is closed.
 *
 * Pure. `patient-seal.ts` and `doctor-seal.ts` open and close; the machines know no key.
 *
 * The table is in `clients/README.md`; M1 to M4 are in `clients/SCEAU.md`.
 */

import { type About, onTheWire, readAbout } from "./about.ts";
import { type After, readAdvice } from "./advice.ts";
import type { RefusalCode } from "./refused.ts";

export interface Card {
  name: string;
  specialty: string;
}

export interface Candidate {
  candidate: string;
  sdpMid: string | null;
  sdpMLineIndex: number | null;
}

/** What a record holds. */
export type Letter =
  | { t: "description"; connection: string; type: "offer" | "answer"; sdp: string }
  | { t: "candidates"; connection: string; candidates: Candidate[] }
  /** A path is lost: with a connection's name, for that one; without, for any. */
  | { t: "again"; connection?: string }
  | About
  | After;

/** Any other record, as it stands: of larger company (`gathering-letters.ts`), or of a newer page. */
export interface Said {
  t: "said";
  text: string;
}

export type LetterOf<T extends Letter["t"]> = Extract<Letter, { t: T }>;

/** A doctor, and who vouches for him. */
export interface Vouched {
  card: Card;
  /** The union's name. */
  union: string;
}

/** Why nothing was read or written: the seal's own refusals, or a file that could not be had. */
export type SealTrouble = RefusalCode | "network";

/** What an end hears. `nonce` is whatever name the end itself gave to its handshake. */
export type Heard =
  | Letter
  | Said
  | { t: "knock" }
  /** `isSame`: from the page that holds the resume secret. */
  | { t: "m1"; nonce: string; isSame: boolean }
  | {
      t: "m2";
      nonce: string;
      doctor: Vouched;
      /** Inside a session: the doctor whom this patient accepted. */
      isKnown: boolean;
      digits: string;
      connection: string;
      restarts: boolean;
      offer: string;
    }
  | { t: "m3"; nonce: string; digits: string; restarts: boolean; answer: string }
  /** M4 is in order: from here on records pass. */
  | { t: "ready" }
  | { t: "refused"; code: RefusalCode };

/** What an end writes into an envelope; M2 and M3 of a call travel in `propose` and `accept`. */
export type Written =
  | Letter
  | Said
  | { t: "knock" }
  | { t: "m1"; nonce: string }
  | M2Written
  | { t: "m3"; nonce: string; restarts: boolean; answer: string }
  | { t: "ready" };

export interface M2Written {
  t: "m2";
  nonce: string;
  connection: string;
  restarts: boolean;
  offer: string;
  /** The doctor's own click let this M1 in. */
  isAllowed: boolean;
}

// A browser finds a few dozen candidates on the busiest of machines.
export const CANDIDATES_MAX = 64;

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

/** Write a letter as a record's text. */
export function write(letter: Letter | Said): string {
  if (letter.t === "said") return letter.text;
  return JSON.stringify(letter.t === "about" ? onTheWire(letter) : letter);
}

/** Read a record's text; null for anything that is not a letter of the table. */
export function read(text: string): Letter | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  return isObject(value) ? checked(value) : null;
}

/**
 * A session description without an address: candidates, default ports and default
 * addresses are cut out, as RFC 8839 §4.1 and §4.2.1.3 allow when candidates follow later. Nor does
 * it offer to say how loud a voice is.
 */
export function withoutAddresses(sdp: string): string {
  return withoutLevels(sdp)
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

/**
 * A session description without the header extensions that tell how loud a voice is (RFC 6464,
 * RFC 6465): they travel beside the encrypted sound, for the relay to read.
 */
export function withoutLevels(sdp: string): string {
  return sdp
    .split(/\r?\n/)
    .filter((line) => !/^a=extmap:.* urn:ietf:params:rtp-hdrext:[cs]src-audio-level\b/i.test(line))
    .join("\r\n");
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isId(value: unknown): value is string {
  return typeof value === "string" && /^[A-Za-z0-9_-]{22}$/.test(value);
}

function checked(v: Record<string, unknown>): Letter | null {
  switch (v.t) {
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
    case "again":
      return isId(v.connection) ? { t: "again", connection: v.connection } : { t: "again" };
    case "about":
      return readAbout(v);
    case "after": {
      const advice = readAdvice(v.advice);
      return advice === null ? null : { t: "after", advice };
    }
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
