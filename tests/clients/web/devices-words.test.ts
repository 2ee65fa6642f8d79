/** What is said of devices: in every language, and for every fault what happened and what to do. */
import type { Browser, Trouble } from "../../../clients/web/src/faults.ts";
import { ar } from "../../../clients/web/src/words/ar.ts";
import { devicesAr } from "../../../clients/web/src/words/devices.ar.ts";
import { devicesEn } from "../../../clients/web/src/words/devices.en.ts";
import { devicesFr } from "../../../clients/web/src/words/devices.fr.ts";
import { en } from "../../../clients/web/src/words/en.ts";
import { fr } from "../../../clients/web/src/words/fr.ts";
import {
  devicesWords,
  faultIn,
} from "../../../clients/web/src/words/devices.ts";

const WHYS = ["denied", "blocked", "system", "busy", "missing"] as const;
const TROUBLES: Trouble[] = [
  ...WHYS,
  ...WHYS.map((why) => `camera-${why}` as const),
  ...WHYS.map((why) => `microphone-${why}` as const),
  "camera-dark",
  "silent",
  "insecure",
  "no-webrtc",
];
const BROWSERS: Browser[] = [
  "chrome",
  "chrome-android",
  "safari",
  "ios",
  "firefox",
  "firefox-android",
];
const PIXEL =
  "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 Chrome/140.0.0.0 Mobile Safari/537.36";

test("the page's language is theirs", () => {
  expect(devicesWords(fr)).toBe(devicesFr);
  expect(devicesWords(en)).toBe(devicesEn);
  expect(devicesWords(ar)).toBe(devicesAr);
});

test.each([fr, en, ar])(
  "in $lang every fault says what happened and what to do",
  (words) => {
    for (const trouble of TROUBLES) {
      const { what, todo } = faultIn(words, trouble, PIXEL, 5);
      expect(what, trouble).toMatch(/^.{12,}[.]$/);
      expect(todo, trouble).toMatch(/^.{20,}[.]$/);
    }
  },
);

test("no two faults are told in the same words", () => {
  const told = TROUBLES.map((trouble) => faultIn(fr, trouble, PIXEL, 5).what);

  expect(new Set(told).size).toBe(TROUBLES.length);
});

test("what is blocked is given back in each browser's own menus", () => {
  for (const { todo } of [devicesFr, devicesEn, devicesAr]) {
    expect(
      new Set(BROWSERS.map((browser) => todo.blocked[browser]("both"))).size,
    ).toBe(BROWSERS.length);
  }
});
