/** The words of larger company, in the language of the page. */
import { companyEn } from "./company.en.ts";
import { companyFr, type CompanyWords } from "./company.fr.ts";
import type { Words } from "./fr.ts";

export type { CompanyWords } from "./company.fr.ts";

export function companyWords(words: Pick<Words, "lang">): CompanyWords {
  return words.lang === "en" ? companyEn : companyFr;
}
