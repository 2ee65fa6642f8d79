/**
 * What Arabic sentences need: six forms of a number, and pieces that keep their own direction.
 *
 * Pure. Digits stay Western: a code and an emergency number must be what others here say and see.
 */
const RULES = new Intl.PluralRules("ar");

/** None, one, two, 3 to 10, 11 to 99, and the hundreds: each has its own form of the noun. */
export function counted(
  count: number,
  forms: Readonly<Record<"zero" | "one" | "two" | "few" | "many" | "other", string>>,
): string {
  return forms[RULES.select(count)];
}

/** So many minutes, after a verb or a preposition. */
export function inMinutes(count: number): string {
  return counted(count, {
    zero: "أقل من دقيقة",
    one: "دقيقة واحدة",
    two: "دقيقتين",
    few: `${count} دقائق`,
    many: `${count} دقيقة`,
    other: `${count} دقيقة`,
  });
}

/** So many calls, of which more is said: « refused or missed ». */
export function inCalls(count: number): string {
  return counted(count, {
    zero: "مكالمات",
    one: "مكالمة واحدة",
    two: "مكالمتين",
    few: `${count} مكالمات`,
    many: `${count} مكالمة`,
    other: `${count} مكالمة`,
  });
}

/** Digits in groups, a time, an address: read from left to right in a line that is not. */
export function ltr(text: string | number): string {
  return `\u2066${text}\u2069`;
}

/** A name, which reads in the direction of its own letters. */
export function apart(text: string): string {
  return `\u2068${text}\u2069`;
}
