/**
 * Bytes: joined, cut, padded, read from JSON.
 *
 * Pure: no keys and no dice. What is not well formed is `Refused`, never another error.
 *
 * `clients/SCEAU.md` §1.
 */
import { decode, encode } from "./letters.ts";
import { Refused } from "./refused.ts";

export type Bytes = Uint8Array<ArrayBuffer>;

const PAD_MARK = 0x80;

export function utf8(text: string): Bytes {
  return new TextEncoder().encode(text);
}

/** The text itself, if UTF-8 has all of it: the platform would put U+FFFD for half a pair. */
export function wellFormed(text: string): string {
  if (/\p{Surrogate}/u.test(text)) {
    throw new Refused("form");
  }
  return text;
}

/** Text of UTF-8; a byte order mark is text like any other. */
export function text(bytes: Bytes): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Refused("form");
  }
}

export function join(...parts: readonly Uint8Array[]): Bytes {
  const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** A number in so many bytes, big-endian. */
export function number(value: number, size: number): Bytes {
  const bytes = new Uint8Array(size);
  for (let at = size - 1, rest = value; at >= 0; at--, rest = Math.floor(rest / 256)) {
    bytes[at] = rest % 256;
  }
  return bytes;
}

/** `lp(x)`: the length in four bytes, then x. */
export function lengthPrefixed(part: Uint8Array): Bytes {
  return join(number(part.length, 4), part);
}

/** Whether two are the same, in a time that tells nothing but their lengths. */
export function same(a: Uint8Array, b: Uint8Array): boolean {
  let difference = a.length ^ b.length;
  for (const [at, byte] of a.entries()) {
    difference |= byte ^ (b[at] ?? 0);
  }
  return difference === 0;
}

/** A curve's point in hexadecimal, its highest bit cleared: that one says a sign, or nothing. */
export function hexOfPoint(point: Uint8Array): string {
  const last = point.length - 1;
  return [...point]
    .map((byte, at) => (at === last ? byte & 0x7f : byte).toString(16).padStart(2, "0"))
    .join("");
}

/** x ‖ 0x80 ‖ zeros, up to the next of these sizes (ISO/IEC 7816-4). */
export function pad(bytes: Uint8Array, sizes: readonly number[]): Bytes {
  const size = sizes.find((candidate) => bytes.length < candidate);
  if (size === undefined) {
    throw new Refused("form");
  }
  return join(bytes, Uint8Array.of(PAD_MARK), new Uint8Array(size - bytes.length - 1));
}

/** What was padded to one of these sizes, also to a larger one than needed. */
export function unpad(padded: Bytes, sizes: readonly number[]): Bytes {
  let end = padded.length - 1;
  while (end >= 0 && padded[end] === 0) {
    end--;
  }
  if (padded[end] !== PAD_MARK || !sizes.includes(padded.length)) {
    throw new Refused("form");
  }
  return padded.slice(0, end);
}

/** Bytes of base64url without padding, in the one spelling that it has. */
export function fromBase64url(value: unknown, size?: number): Bytes {
  const bytes = typeof value === "string" ? decode(value) : null;
  // Unused bits of the last character are zero (RFC 4648 §3.5): one text for one value.
  if (bytes === null || bytes.length !== (size ?? bytes.length) || encode(bytes) !== value) {
    throw new Refused("form");
  }
  return bytes;
}

/** The object that a JSON text is. */
export function object(json: Bytes): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(text(json));
  } catch {
    throw new Refused("form");
  }
  if (!isObject(value)) {
    throw new Refused("form");
  }
  return value;
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Takes a message apart from the front; whoever asks for more than there is, is refused. */
export class Cutter {
  readonly #bytes: Bytes;
  #at = 0;

  constructor(bytes: Bytes) {
    this.#bytes = bytes;
  }

  take(size: number): Bytes {
    const part = this.#bytes.slice(this.#at, this.#at + size);
    if (part.length !== size) {
      throw new Refused("form");
    }
    this.#at += size;
    return part;
  }

  number(size: number): number {
    return this.take(size).reduce((value, byte) => value * 256 + byte, 0);
  }

  /** All that was taken so far. */
  taken(): Bytes {
    return this.#bytes.slice(0, this.#at);
  }

  /** The message must end here. */
  end(): void {
    if (this.#at !== this.#bytes.length) {
      throw new Refused("form");
    }
  }
}
