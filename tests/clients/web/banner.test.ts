/** At most one line says what has become of the path, and whose network it is. */
import fc from "fast-check";
import {
  bannerOf,
  CALM,
  flowed,
  type Signs,
} from "../../../clients/web/src/banner.ts";
import { en } from "../../../clients/web/src/words/en.ts";
import { fr } from "../../../clients/web/src/words/fr.ts";
import type { Flow } from "../../../clients/web/src/path.ts";

function said(
  flow: Flow,
  signs: Partial<Signs> = {},
  isOnline = true,
  isAlone = false,
) {
  return bannerOf({ flow, isAlone, signs: { ...CALM, ...signs } }, isOnline);
}

test("a call in which all is well says nothing", () => {
  expect(said("live")).toBeNull();
  expect(said("connecting")).toBeNull();
});

test("whose network it is: ours, where the server is gone as well; else the far end's", () => {
  expect(said("interrupted", {}, false)).toBe("network");
  expect(said("interrupted", { isAway: true }, false)).toBe("network");
  expect(said("interrupted", { isAway: true })).toBe("far");
  expect(said("interrupted")).toBe("path");
});

test("a server that is gone while picture and sound flow is not a lost call", () => {
  expect(said("live", {}, false)).toBe("server");
  expect(said("live", { isAway: true })).toBeNull();
  expect(said("live", {}, true, true)).toBe("alone");
});

test("when all was tried a person is asked, and the return is said once", () => {
  expect(said("interrupted", { isSpent: true })).toBe("spent");
  const back = flowed({ ...CALM, isSpent: true }, "interrupted", "live");
  expect(said("live", back)).toBe("back");
  expect(back.isSpent).toBe(false);
  const lost = flowed(back, "live", "interrupted");
  expect(said("interrupted", lost)).toBe("path");
  expect(flowed(CALM, "connecting", "live")).toEqual(CALM);
});

test("sound alone is said, and is more than old good news", () => {
  expect(said("live", { isDark: true, isBack: true })).toBe("sound");
});

const flows = fc.constantFrom<Flow>("connecting", "live", "interrupted");
const signs = fc.record({
  isAway: fc.boolean(),
  isSpent: fc.boolean(),
  isDark: fc.boolean(),
  isBack: fc.boolean(),
});

test.each([fr, en])(
  "$lang: whatever is known, there is a sentence",
  (words) => {
    fc.assert(
      fc.property(
        flows,
        signs,
        fc.boolean(),
        fc.boolean(),
        (flow, known, isOnline, isAlone) => {
          const banner = said(flow, known, isOnline, isAlone);
          if (banner === null) return;
          for (const far of ["doctor", "patient"] as const)
            expect(words.banner.of(banner, far)).toMatch(/[.…]$/);
          // Nobody is told that it is interrupted while it is not.
          if (flow === "live")
            expect(["network", "path", "far", "spent"]).not.toContain(banner);
        },
      ),
    );
  },
);
