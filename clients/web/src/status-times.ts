/**
 * Hours, days and counts of the status page, as its languages write them.
 *
 * Pure. The time zone is the device's, or the one that is given.
 */
import { localeOf } from "./languages.ts";

export interface Times {
  /** "14 h 02", "14:02". */
  clock(t: number): string;
  /** "30 novembre". */
  day(t: number): string;
  /** The same of a day that is counted in universal time. */
  universalDay(t: number): string;
  /** "14 h 02"; of another day than `now` "le 30 novembre à 14 h 02". */
  moment(t: number, now: number): string;
  isSameDay(t: number, now: number): boolean;
  number(value: number, digits?: number): string;
}

export function timesOf(lang: "fr" | "en", zone?: string): Times {
  const locale = localeOf({ lang });
  const inZone = zone === undefined ? {} : { timeZone: zone };
  const hours = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit", ...inZone });
  const days = new Intl.DateTimeFormat(locale, { day: "numeric", month: "long", ...inZone });
  const universal = new Intl.DateTimeFormat(locale, {
    day: "numeric",
    month: "long",
    timeZone: "UTC",
  });
  const clock = (t: number) => {
    const text = hours.format(t * 1000);
    return lang === "fr" ? text.replace(":", "\u00a0h\u00a0").replace(/^0/, "") : text;
  };
  const first = (text: string) => (lang === "fr" ? text.replace(/^1(?= )/, "1er") : text);
  const day = (t: number) => first(days.format(t * 1000));
  const isSameDay = (t: number, now: number) => day(t) === day(now);
  return {
    clock,
    day,
    universalDay: (t) => first(universal.format(t * 1000)),
    isSameDay,
    moment: (t, now) =>
      isSameDay(t, now)
        ? clock(t)
        : lang === "fr"
          ? `le ${day(t)} à ${clock(t)}`
          : `${day(t)}, ${clock(t)}`,
    number: (value, digits = 0) =>
      new Intl.NumberFormat(locale, { maximumFractionDigits: digits }).format(value),
  };
}
