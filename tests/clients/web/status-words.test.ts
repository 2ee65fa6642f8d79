/** The staff's page speaks of hours, days and figures as its two languages do. */
import { fr } from "../../../clients/web/src/words/fr.ts";
import { en } from "../../../clients/web/src/words/en.ts";
import { enrolmentWords } from "../../../clients/web/src/words/enrolment.ts";
import { statusWords, toStaff } from "../../../clients/web/src/words/status.ts";
import { BINS, STEPS, WHYS } from "../../../clients/web/src/status-state.ts";
import { timesOf } from "../../../clients/web/src/status-times.ts";

const AT = Date.UTC(2026, 11, 1, 13, 5) / 1000;
const DAY_S = 86_400;

test.each([
  ["fr", 0, "14\u00a0h\u00a005"],
  ["fr", DAY_S, "le 1er décembre à 14\u00a0h\u00a005"],
  ["en", 0, "14:05"],
  ["en", DAY_S, "1 December, 14:05"],
] as const)(
  "in %s, a moment that is %i seconds ago is %s",
  (lang, ago, text) => {
    const times = timesOf(lang, "Europe/Paris");

    expect(times.moment(AT, AT + ago)).toBe(text);
  },
);

test("a day that is counted in universal time is not another one at home", () => {
  const times = timesOf("fr", "America/Martinique");

  expect(times.universalDay(Date.UTC(2026, 11, 2) / 1000)).toBe("2 décembre");
});

test.each(["fr", "en"] as const)(
  "in %s every step, cause and bin has its words",
  async (lang) => {
    const t = await statusWords(lang);

    for (const step of STEPS) expect(t.step[step]).toMatch(/\p{L}/u);
    for (const why of WHYS)
      expect(t.failed("ice", why)).not.toContain("undefined");
    for (const bin of [...BINS.waits, ...BINS.endings])
      expect(t.bin[bin]).toMatch(/\p{L}/u);
  },
);

test.each(["fr", "en"] as const)(
  "in %s enrolling speaks to staff, not to doctors",
  async (lang) => {
    const t = await statusWords(lang);
    const words = toStaff(lang === "fr" ? fr : en, t);

    const { enrolment } = enrolmentWords(words);

    expect(enrolment.what).toBe(t.enrolment.what);
    expect(enrolment.make).toBe(
      enrolmentWords(lang === "fr" ? fr : en).enrolment.make,
    );
  },
);
