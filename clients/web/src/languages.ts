/** The languages of the pages, and how words in one of them are found. */

export type Lang = "fr" | "en" | "ar";

/** Take the words of a language; French where it is none of ours. */
export function inLanguage<T>(lang: string, all: Readonly<Record<Lang, T>>): T {
  return lang in all ? all[lang as Lang] : all.fr;
}
