/**
 * What members of a session say of each other, in records: who is here, and who comes.
 *
 * Pure. It reads form and nothing else; who may say it is for `introductions.ts` and `rosters.ts`.
 * What is no letter is `Refused`; one of any other kind is null.
 *
 * `clients/SCEAU.md` §11.
 */
import { type Bytes, fromBase64url, isObject, object, utf8, wellFormed } from "./bytes.ts";
import { encode } from "./letters.ts";
import { Refused } from "./refused.ts";
import type { MemberRole } from "./sealed-letters.ts";

export type SeatRole = "doctor" | MemberRole;

/** A member, as a handshake verified it, or as somebody names it. */
export interface Entry {
  /** The member's seat: its id on the wire, 16 bytes, base64url. */
  readonly member: string;
  readonly role: SeatRole;
  /** Thumbprint of a doctor's device key, of anybody else's holder key; base64url. */
  readonly key: string;
}

/** An introduction: who answers, said to who asks. */
export interface Ask extends Entry {
  readonly t: "ask";
  /** Of this pair alone, 16 bytes, base64url. */
  readonly invite: string;
  readonly psk: Bytes;
}

/** An introduction: who asks, said to who answers. */
export interface Expect extends Entry {
  readonly t: "expect";
  readonly invite: string;
  readonly psk: Bytes;
  /** Thumbprint of the day key with which a doctor asks; null for others, whose key says it. */
  readonly holder: string | null;
}

/** The first doctor would leave; `colleague` is who would go on, null where there is none. */
export interface HandOver {
  readonly t: "handover";
  readonly colleague: ByName | null;
}

/** A colleague by his seat and what his card says: the first doctor's word, until M2 proves it. */
export interface ByName {
  readonly member: string;
  readonly name: string;
  readonly specialty: string;
}

/** The patient's word on it: by this colleague's seat, or back to the queue (null). */
export interface Choice {
  readonly t: "choice";
  readonly colleague: string | null;
}

export type GatheringLetter =
  | Ask
  | Expect
  | HandOver
  | Choice
  | { readonly t: "note"; readonly text: string }
  | { readonly t: "declined"; readonly member: string }
  | { readonly t: "roster"; readonly members: readonly Entry[] };

/** Characters of a note, and of what a card says of a colleague. */
export const NOTE_MAX = 4000;
export const SHOWN_MAX = 200;

export const SEAT_BYTES = 16;
export const THUMB_BYTES = 16;
export const INVITE_BYTES = 16;
export const PSK_BYTES = 32;

/** Write a letter as a record's text. */
export function writeGathering(letter: GatheringLetter): string {
  return JSON.stringify(onTheWire(letter), (_, value: unknown) => {
    if (value instanceof Uint8Array) {
      return encode(value);
    }
    return value === null ? undefined : value;
  });
}

/** Read a record's text; null for what is none of these letters. Throws `Refused`: `form`. */
export function readGathering(text: string): GatheringLetter | null {
  const said = object(utf8(wellFormed(text)));
  if (typeof said.t !== "string") {
    throw new Refused("form");
  }
  switch (said.t) {
    case "ask":
      return { t: "ask", ...introduced(said) };
    case "expect": {
      const holder = said.holder === undefined ? null : id(said.holder, THUMB_BYTES);
      if ((holder === null) === (said.role === "doctor")) {
        throw new Refused("form");
      }
      return { t: "expect", ...introduced(said), holder };
    }
    case "declined":
      return { t: "declined", member: id(said.member, SEAT_BYTES) };
    case "handover": {
      const { member, name, specialty } = said;
      return {
        t: "handover",
        colleague:
          member === undefined
            ? null
            : {
                member: id(member, SEAT_BYTES),
                name: short(name, SHOWN_MAX),
                specialty: short(specialty, SHOWN_MAX),
              },
      };
    }
    case "choice":
      if (said.choice === "queue") return { t: "choice", colleague: null };
      if (said.choice !== "colleague") throw new Refused("form");
      return { t: "choice", colleague: id(said.member, SEAT_BYTES) };
    case "note":
      return { t: "note", text: short(said.text, NOTE_MAX) };
    case "roster":
      if (!Array.isArray(said.members)) {
        throw new Refused("form");
      }
      return { t: "roster", members: said.members.map(entryOf) };
    default:
      return null;
  }
}

function onTheWire(letter: GatheringLetter): object {
  switch (letter.t) {
    case "handover":
      return { t: "handover", ...letter.colleague };
    case "choice":
      return letter.colleague === null
        ? { t: "choice", choice: "queue" }
        : { t: "choice", choice: "colleague", member: letter.colleague };
    default:
      return letter;
  }
}

/** Text of so many characters at most, counted as people count them. */
function short(value: unknown, most: number): string {
  if (typeof value !== "string" || [...value].length > most) {
    throw new Refused("form");
  }
  return value;
}

function introduced(said: Readonly<Record<string, unknown>>) {
  return {
    ...entryOf(said),
    invite: id(said.invite, INVITE_BYTES),
    psk: fromBase64url(said.psk, PSK_BYTES),
  };
}

function entryOf(said: unknown): Entry {
  const { member, role, key } = isObject(said) ? said : {};
  if (role !== "patient" && role !== "doctor" && role !== "guest") {
    throw new Refused("form");
  }
  return { member: id(member, SEAT_BYTES), role, key: id(key, THUMB_BYTES) };
}

/** An id in its one spelling, so that equal text is equal bytes. */
function id(value: unknown, size: number): string {
  return encode(fromBase64url(value, size));
}
