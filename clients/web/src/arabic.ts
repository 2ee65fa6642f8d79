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

/** Digits in groups, a time, an address: read from left to right in a line that is not. */
export function ltr(text: string | number): string {
  return `\u2066${text}\u2069`;
}

/** A name, which reads in the direction of its own letters. */
export function apart(text: string): string {
  return `\u2068${text}\u2069`;
}
