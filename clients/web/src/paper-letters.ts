/**
 * What two ends say about a document on its way, how it is cut, and what it may be.
 *
 * Pure. What comes from the far end is hostile: each field is bounded, a name is cleaned, and what
 * a document is its first bytes say, not its name.
 *
 * Letters are in `clients/README.md`, *Text and documents*.
 */

/** A photograph of a phone has 3 to 12 MB, a scanned letter less; both ends hold it in memory. */
export const PAPER_MAX_BYTES = 20 * 1024 * 1024;
/** Within what every browser takes as one message, and short enough for text to pass between. */
export const CHUNK_BYTES = 16 * 1024;
export const HEAD_BYTES = 8;
const ID_MAX = 0xffff_ffff;
const NAME_MAX = 80;
// Longer than the longest offer.
const LETTER_MAX = 1_000;

export type Kind = "pdf" | "jpeg" | "png" | "webp" | "heic";
export const KINDS: readonly Kind[] = ["pdf", "jpeg", "png", "webp", "heic"];
export const MIME: Readonly<Record<Kind, string>> = {
  pdf: "application/pdf",
  jpeg: "image/jpeg",
  png: "image/png",
  webp: "image/webp",
  heic: "image/heic",
};

/** A document, as it is offered. */
export interface Paper {
  readonly name: string;
  readonly bytes: number;
  readonly kind: Kind;
  /** SHA-256 of all of it, in hexadecimal. */
  readonly sha256: string;
}

export type Why = "refused" | "cancelled" | "wrong";

export type PaperLetter =
  // From who sends it. Documents of one page are counted from 1.
  | ({ t: "offer"; id: number } & Paper)
  | { t: "stop"; id: number }
  // From who reads it.
  | { t: "take"; id: number; from: number }
  | { t: "have"; id: number; bytes: number }
  | { t: "done"; id: number }
  | { t: "drop"; id: number; why: Why };

export function writePaper(letter: PaperLetter): string {
  return JSON.stringify(letter);
}

/** Read a letter; null for one that this page does not know, "bad" for what no page writes. */
export function readPaper(raw: string): PaperLetter | null | "bad" {
  if (raw.length > LETTER_MAX) return "bad";
  let said: unknown;
  try {
    said = JSON.parse(raw);
  } catch {
    return "bad";
  }
  if (typeof said !== "object" || said === null) return "bad";
  const { t, id, from, bytes, why, ...rest } = said as Record<string, unknown>;
  if (typeof t !== "string" || !isCount(id, ID_MAX) || id === 0) return "bad";
  switch (t) {
    case "offer": {
      const paper = paperOf({ ...rest, bytes });
      return paper === null ? "bad" : { t, id, ...paper };
    }
    case "stop":
    case "done":
      return { t, id };
    case "take":
      return isCount(from) ? { t, id, from } : "bad";
    case "have":
      return isCount(bytes) ? { t, id, bytes } : "bad";
    case "drop":
      return why === "refused" || why === "cancelled" || why === "wrong" ? { t, id, why } : "bad";
    default:
      return null;
  }
}

function paperOf({ name, bytes, kind, sha256 }: Record<string, unknown>): Paper | null {
  const known = KINDS.find((one) => one === kind);
  if (known === undefined || typeof name !== "string" || !isCount(bytes) || bytes === 0)
    return null;
  if (typeof sha256 !== "string" || !/^[0-9a-f]{64}$/.test(sha256)) return null;
  return { name: nameOf(name, known), bytes, kind: known, sha256 };
}

function isCount(value: unknown, most = PAPER_MAX_BYTES): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0 && Number(value) <= most;
}

/** A piece of a document, as it travels: whose, from which byte, and the bytes. */
export function frame(
  id: number,
  from: number,
  bytes: Uint8Array<ArrayBuffer>,
): Uint8Array<ArrayBuffer> {
  const framed = new Uint8Array(HEAD_BYTES + bytes.length);
  const head = new DataView(framed.buffer);
  head.setUint32(0, id);
  head.setUint32(4, from);
  framed.set(bytes, HEAD_BYTES);
  return framed;
}

export interface Chunk {
  readonly id: number;
  readonly from: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** The piece in a frame; null where it is none. */
export function unframe(data: ArrayBuffer): Chunk | null {
  const isOne = data.byteLength > HEAD_BYTES && data.byteLength <= HEAD_BYTES + CHUNK_BYTES;
  if (!isOne) return null;
  const head = new DataView(data);
  const bytes = new Uint8Array(data, HEAD_BYTES);
  return { id: head.getUint32(0), from: head.getUint32(4), bytes };
}

/** How much of a document is cut off at a byte: all pieces but the last are as long. */
export function lengthAt(bytes: number, from: number): number {
  return Math.min(CHUNK_BYTES, bytes - from);
}

/** What a document is by its first bytes; null for anything that is not taken here. */
export function kindOf(first: Uint8Array): Kind | null {
  const text = String.fromCharCode(...first.subarray(0, 16));
  if (text.startsWith("%PDF-")) return "pdf";
  if (text.startsWith("\xff\xd8\xff")) return "jpeg";
  if (text.startsWith("\x89PNG\r\n\x1a\n")) return "png";
  if (text.startsWith("RIFF") && text.slice(8, 12) === "WEBP") return "webp";
  // ISO/IEC 23008-12: the brands of single pictures.
  const isHeic = text.slice(4, 8) === "ftyp" && /^(hei[cxms]|mif1)/.test(text.slice(8));
  return isHeic ? "heic" : null;
}

const ENDINGS: Readonly<Record<Kind, RegExp>> = {
  pdf: /\.pdf$/i,
  jpeg: /\.jpe?g$/i,
  png: /\.png$/i,
  webp: /\.webp$/i,
  heic: /\.hei[cf]$/i,
};
const FIRST_ENDING: Readonly<Record<Kind, string>> = {
  pdf: ".pdf",
  jpeg: ".jpg",
  png: ".png",
  webp: ".webp",
  heic: ".heic",
};

/** A name as a file may have it anywhere: no path, nothing hidden, and the ending of its kind. */
export function nameOf(given: string, kind: Kind): string {
  const last = given.slice(0, 1_000).split(/[/\\]/).at(-1) ?? "";
  const clean = last
    .normalize("NFC")
    .replace(/[^\p{L}\p{M}\p{N} ._()'’+,-]/gu, "_")
    .replace(/\s+/g, " ")
    .replace(/^[.\s]+|[.\s]+$/g, "");
  const isEnded = ENDINGS[kind].test(clean);
  const ending = isEnded ? (ENDINGS[kind].exec(clean)?.[0] ?? "") : FIRST_ENDING[kind];
  const stem = isEnded ? clean.slice(0, -ending.length) : clean;
  const short = [...stem]
    .slice(0, NAME_MAX - ending.length)
    .join("")
    .trim();
  return `${short === "" ? "document" : short}${ending}`;
}
