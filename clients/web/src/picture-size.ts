/**
 * How many pixels a picture says it has, before anything decodes it.
 *
 * Pure. A few kilobytes may declare a picture of gigabytes, and end the page that shows it. Where
 * the numbers stand: PNG (W3C) §11.2.1, JPEG (ITU-T T.81) B.2.2, WebP (RFC 9649) §2.5 to §2.7.
 * HEIC is not read here: its sizes lie deep in boxes, and may be several.
 */
import { kindOf } from "./paper-letters.ts";

/** What the cameras of phones make; decoded it takes 200 MB. */
export const PIXELS_MAX = 50_000_000;

/** Whether a picture may be decoded on this page; false where its size cannot be read. */
export function mayShow(bytes: Uint8Array): boolean {
  const pixels = pixelsOf(bytes);
  return pixels !== null && pixels > 0 && pixels <= PIXELS_MAX;
}

/** Width times height; null where that cannot be read. */
export function pixelsOf(bytes: Uint8Array): number | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    switch (kindOf(bytes)) {
      case "png":
        return pixelsOfPng(view);
      case "jpeg":
        return pixelsOfJpeg(view);
      case "webp":
        return pixelsOfWebp(view);
      default:
        return null;
    }
  } catch {
    // It ends before its size.
    return null;
  }
}

function pixelsOfPng(view: DataView): number | null {
  return nameAt(view, 12) === "IHDR" ? view.getUint32(16) * view.getUint32(20) : null;
}

// A frame header is SOF0 to SOF15; three numbers in between are tables.
const TABLES = [0xc4, 0xc8, 0xcc];

function pixelsOfJpeg(view: DataView): number | null {
  let at = 2;
  for (;;) {
    if (view.getUint8(at) !== 0xff) return null;
    const marker = view.getUint8(at + 1);
    // A marker may be filled up in front.
    if (marker === 0xff) {
      at += 1;
      continue;
    }
    if (marker >= 0xc0 && marker <= 0xcf && !TABLES.includes(marker)) {
      return view.getUint16(at + 5) * view.getUint16(at + 7);
    }
    // Those with a length, up to the picture itself: any other has no place before the size.
    const hasLength = marker >= 0xc0 && !(marker >= 0xd0 && marker <= 0xda);
    const length = view.getUint16(at + 2);
    if (!hasLength || length < 2) return null;
    at += 2 + length;
  }
}

function pixelsOfWebp(view: DataView): number | null {
  switch (nameAt(view, 12)) {
    case "VP8 ": {
      const isKey = view.getUint8(23) === 0x9d && view.getUint16(24) === 0x012a;
      const side = (at: number) => view.getUint16(at, true) & 0x3fff;
      return isKey ? side(26) * side(28) : null;
    }
    case "VP8L": {
      const sides = view.getUint32(21, true);
      const isOne = view.getUint8(20) === 0x2f;
      return isOne ? ((sides & 0x3fff) + 1) * (((sides >>> 14) & 0x3fff) + 1) : null;
    }
    case "VP8X": {
      const side = (at: number) => view.getUint16(at, true) + view.getUint8(at + 2) * 0x1_0000 + 1;
      return side(24) * side(27);
    }
    default:
      return null;
  }
}

function nameAt(view: DataView, at: number): string {
  return String.fromCharCode(...[0, 1, 2, 3].map((index) => view.getUint8(at + index)));
}
