/** A code that is shown is one that a camera reads back. */
import { encodeQR } from "qr";
import { decodeQR } from "qr/decode.js";
import { DRAWING, pathOf } from "../../../clients/web/src/handing.tsx";
import { spoken } from "../../../clients/web/src/enrolment-view.tsx";
import { troubleOf } from "../../../clients/web/src/links-view.tsx";
import { vectors } from "./union-vectors.ts";

const SCALE = 4;

/** The drawing as a camera would see it: white, and a dark square for each step of the path. */
function photo(path: string, modules: number) {
  const size = modules * SCALE;
  const data = new Uint8ClampedArray(size * size * 4).fill(255);
  for (const [, x, y, run] of path.matchAll(/M(\d+) (\d+)h(\d+)/g)) {
    for (let dy = 0; dy < SCALE; dy++) {
      const from = (Number(y) * SCALE + dy) * size + Number(x) * SCALE;
      for (let at = from; at < from + Number(run) * SCALE; at++) {
        data.fill(0, at * 4, at * 4 + 3);
      }
    }
  }
  return { width: size, height: size, data };
}

test.each([
  ["a request", vectors.requests[0]?.text ?? ""],
  ["a month's request with a passkey", `enrol3.${"Aa0-_".repeat(345)}`],
  ["a link", vectors.links.personal[0]?.url ?? ""],
])("the code of %s is read back", (_, text) => {
  const rows = encodeQR(text, "raw", DRAWING);

  expect(decodeQR(photo(pathOf(rows), rows.length))).toBe(text);
});

test("a device's name is read aloud in two groups", () => {
  expect(spoken("AbCdEfGhIjKl")).toBe("AbCd EfGh");
});

test("a link is open when somebody can use it, and while its doctor is enrolled", () => {
  expect(troubleOf(100, 200, 1000, 100)).toBeNull();
  expect(troubleOf(100, 200, 1000, 199)).toBeNull();
  expect(troubleOf(100, 200, 1000, 200)).toBe("past");
  expect(troubleOf(999, 1200, 1000, 0)).toBeNull();
  expect(troubleOf(1000, 1200, 1000, 0)).toBe("too-late");
});
