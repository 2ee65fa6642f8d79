/** The languages of the pages, and what each of them has to say. Pure. */
import type { AboutWords } from "./words/about.fr.ts";
import type { BoardWords } from "./words/board.fr.ts";
import type { CallWords } from "./words/call.fr.ts";
import type { CompanyWords } from "./words/company.fr.ts";
import type { DevicesWords } from "./words/devices.fr.ts";
import type { DoctorWords } from "./words/doctor.fr.ts";
import type { EnrolmentWords } from "./words/enrolment.fr.ts";
import type { Words } from "./words/fr.ts";
import type { InformationWords } from "./words/information.fr.ts";
import type { TalkWords } from "./words/talk.fr.ts";
import type { JourneyWords } from "./words/journey.fr.ts";
import type { WaitingWords } from "./words/waiting.fr.ts";
import type { WardWords } from "./words/ward.fr.ts";

export type Lang = "fr" | "en" | "ar";

/** Each by its own name, as those who read it know it. */
export const NAMES: Readonly<Record<Lang, string>> = {
  fr: "Français",
  en: "English",
  ar: "العربية",
};

/**
 * The words of single parts of the pages. French ones come with the part that says them; those of
 * another language come all at once, with that language, for whoever chose it.
 */
export interface Topics {
  about: AboutWords;
  board: BoardWords;
  call: CallWords;
  company: CompanyWords;
  devices: DevicesWords;
  doctor: DoctorWords;
  enrolment: EnrolmentWords;
  information: InformationWords;
  talk: TalkWords;
  journey: JourneyWords;
  waiting: WaitingWords;
  ward: WardWords;
}

/** A language that is loaded when somebody chooses it; a missing sentence fails the build. */
export type Foreign = Words & { readonly topics: Topics };

/** The first of what a browser asks for (`fr-FR`, `ar`) that we speak; else French. */
export function firstOf(asked: readonly string[]): Lang {
  return asked.map((tag) => tag.toLowerCase().split("-")[0]).find(isOurs) ?? "fr";
}

export function isOurs(lang: unknown): lang is Lang {
  return typeof lang === "string" && Object.hasOwn(NAMES, lang);
}

/** For days, hours and sizes: as written where the doctors are, in the digits of the page. */
export function localeOf({ lang }: Pick<Words, "lang">): string {
  return `${lang === "en" ? "en-GB" : lang}-u-hc-h23-nu-latn`;
}

export function directionOf(lang: Lang): "ltr" | "rtl" {
  return lang === "ar" ? "rtl" : "ltr";
}
