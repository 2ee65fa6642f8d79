/** A picture's size is read from its first bytes: a bomb is known before it is decoded. */
import fc from "fast-check";
import {
  mayShow,
  PIXELS_MAX,
  pixelsOf,
} from "../../../clients/web/src/picture-size.ts";

/** Whole pictures of one pixel, as encoders make them, and where their sides stand. */
const PICTURES = {
  png: "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  jpeg: "/9j/4AAQSkZJRgABAQEASABIAAD/2wBDAP//////////////////////////////////////////////////////////////////////////////////////wgALCAABAAEBAREA/8QAFBABAAAAAAAAAAAAAAAAAAAAAP/aAAgBAQABPxA=",
  "lossy webp": "UklGRiIAAABXRUJQVlA4IBYAAAAwAQCdASoBAAEADsD+JaQAA3AAAAAA",
  "lossless webp": "UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA==",
  "extended webp":
    "UklGRkoAAABXRUJQVlA4WAoAAAAQAAAAAAAAAAAAQUxQSAwAAAARBxAR/Q9ERP8DAABWUDggGAAAABQBAJ0BKgEAAQAAAP4AAA3AAP7mtQAAAA==",
} as const;
type Name = keyof typeof PICTURES;

function picture(name: Name): Uint8Array {
  return Uint8Array.from(atob(PICTURES[name]), (one) => one.charCodeAt(0));
}

/** The same picture, which says that it is larger. */
function declaring(name: Name, width: number, height: number): Uint8Array {
  const bytes = picture(name);
  const view = new DataView(bytes.buffer);
  switch (name) {
    case "png":
      view.setUint32(16, width);
      view.setUint32(20, height);
      break;
    case "jpeg": {
      const sof = bytes.findIndex(
        (one, at) => one === 0xff && bytes[at + 1] === 0xc2,
      );
      view.setUint16(sof + 5, height);
      view.setUint16(sof + 7, width);
      break;
    }
    case "lossy webp":
      view.setUint16(26, width, true);
      view.setUint16(28, height, true);
      break;
    case "lossless webp":
      view.setUint32(21, (width - 1) | ((height - 1) << 14), true);
      break;
    case "extended webp":
      view.setUint32(24, width - 1, true);
      view.setUint16(27, (height - 1) & 0xffff, true);
      view.setUint8(29, (height - 1) >> 16);
      break;
  }
  return bytes;
}

const NAMES = Object.keys(PICTURES) as Name[];

test.each(NAMES)("%s: one pixel is one pixel, and is shown", (name) => {
  expect(pixelsOf(picture(name))).toBe(1);
  expect(mayShow(picture(name))).toBe(true);
});

test.each(NAMES)("%s: a photograph is shown, a bomb is not", (name) => {
  expect(pixelsOf(declaring(name, 4_032, 3_024))).toBe(4_032 * 3_024);
  expect(mayShow(declaring(name, 4_032, 3_024))).toBe(true);

  expect(pixelsOf(declaring(name, 16_000, 15_000))).toBe(240_000_000);
  expect(mayShow(declaring(name, 16_000, 15_000))).toBe(false);
});

test("the largest numbers that there are are no overflow", () => {
  expect(mayShow(declaring("png", 20_000, 20_000))).toBe(false);
  expect(mayShow(declaring("png", 0xffff_ffff, 0xffff_ffff))).toBe(false);
  expect(mayShow(declaring("png", 0x1_0000, 0x1_0000))).toBe(false);
  expect(mayShow(declaring("png", PIXELS_MAX, 1))).toBe(true);
  expect(mayShow(declaring("png", PIXELS_MAX + 1, 1))).toBe(false);
});

test.each<[string, Uint8Array]>([
  ["a HEIC", Uint8Array.from("\0\0\0\x18ftypheic", (c) => c.charCodeAt(0))],
  ["a PNG that begins otherwise", picture("png").fill(0x41, 12, 16)],
  ["a PNG without a side", declaring("png", 0, 20_000)],
  // Its height would stand behind the picture.
  ["a JPEG without a height", declaring("jpeg", 20_000, 0)],
  [
    "a JPEG that is all filling",
    new Uint8Array(5_000).fill(0xff).fill(0xd8, 1, 2),
  ],
  [
    "a JPEG whose picture comes first",
    Uint8Array.of(0xff, 0xd8, 0xff, 0xda, 0, 8, 1),
  ],
  [
    "a JPEG whose segment has no length",
    Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, 0, 0, 0xff),
  ],
  ["a WebP of another kind", picture("lossy webp").fill(0x41, 12, 16)],
  ["a WebP whose frame is none", picture("lossy webp").fill(0, 23, 24)],
  ["nothing", new Uint8Array()],
])("%s is not shown", (_, bytes) => {
  expect(mayShow(bytes)).toBe(false);
});

test("whatever is cut or changed, there is an answer", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...NAMES),
      fc.nat(200),
      fc.uint8Array({ maxLength: 40 }),
      (name, at, junk) => {
        const bytes = Uint8Array.of(...picture(name).slice(0, at), ...junk);

        expect(() => mayShow(bytes)).not.toThrow();
      },
    ),
  );
});
