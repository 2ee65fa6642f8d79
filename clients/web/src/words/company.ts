/** The words of larger company, in the language of the page. */
import { companyFr, type CompanyWords } from "./company.fr.ts";
import type { Words } from "./fr.ts";

export type { CompanyWords } from "./company.fr.ts";

export function companyWords(words: Pick<Words, "topics">): CompanyWords {
  return words.topics.company ?? companyFr;
}
