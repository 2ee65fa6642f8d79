/** Each failure gets its own sentence: only the network's is called the network's. */
import { failureOf } from "../../../clients/web/src/enrolment-desk.ts";
import { NothingKept } from "../../../clients/web/src/keyring-store.ts";
import { NotHad } from "../../../clients/web/src/published.ts";
import { Refused } from "../../../clients/web/src/refused.ts";

test.each([
  ["a file that was not had", new NotHad(), "offline"],
  [
    "a part that Chromium could not load",
    new TypeError("Failed to fetch dynamically imported module: http://x/a.js"),
    "offline",
  ],
  [
    "a part that Firefox could not load",
    new TypeError("error loading dynamically imported module: http://x/a.js"),
    "offline",
  ],
  [
    "a part that WebKit could not load",
    new TypeError("Importing a module script failed."),
    "offline",
  ],
  ["a browser that keeps nothing", new NothingKept(), "storage"],
  ["what a union took back", new Refused("identity"), "refused"],
  ["a fault of the program", new TypeError("x is undefined"), "browser"],
  [
    "a curve that is missing",
    new DOMException("", "NotSupportedError"),
    "browser",
  ],
  ["something else", new Error("Why not?"), "browser"],
])("%s", (_, error, why) => {
  expect(failureOf(error)).toBe(why);
});
