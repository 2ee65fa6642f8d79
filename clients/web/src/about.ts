/**
 * The letter `about`: where a patient is, for whom he calls, how he is called back, that he agreed.
 *
 * Pure. It goes from the patient's page to the doctor's, under seal, after M4 and *accepted*, and
 * nowhere else: not to the server, not to a guest, not into the address. What comes is the far
 * end's own word: a value that is not of the lists, or too long, makes the whole letter none; what is
 * written freely is cleaned once more.
 *
 * The table is in `clients/README.md`.
 */

export const PLACES = ["home", "pharmacy", "care-home", "work", "other"] as const;
export const PERSONS = ["self", "child", "relative"] as const;

export type Place = (typeof PLACES)[number];
export type Person = (typeof PERSONS)[number];

/** To which text a patient agreed, and when: in minutes since 1970. */
export interface Consent {
  readonly text: string;
  readonly minute: number;
}

/** Whatever was not said is null, or empty. */
export interface About {
  readonly t: "about";
  readonly place: Place | null;
  readonly person: Person | null;
  readonly phone: string;
  readonly whereabouts: string;
  readonly consent: Consent | null;
}

/** What a patient says of the call; that he agreed is the page's to say. */
export type Said = Omit<About, "t" | "consent">;

/** Which consent is asked for: whoever changes its words counts on. */
export const CONSENT_TEXT = "c1";

/** What the page takes for granted until somebody says otherwise. */
export const USUAL: Said = { place: "home", person: "self", phone: "", whereabouts: "" };

export const PHONE_MAX = 24;
export const WHEREABOUTS_MAX = 200;

// As people write it: digits, and what they put between them.
const PHONE = /^\+?[0-9](?:[ .()/-]{0,2}[0-9]){3,19}$/;
const TEXT = /^[a-z0-9]{1,16}$/;
// Four digits of years: whatever is later is no time of ours.
const MINUTE_MAX = 130_000_000;

/** The letter of a patient who has agreed; null where there is nothing to say. */
export function aboutOf(said: Said | null, consent: Consent | null): About | null {
  if (said === null && consent === null) return null;
  const { place, person, phone, whereabouts } = said ?? NOTHING;
  return {
    t: "about",
    place,
    person,
    phone: isPhone(phone) ? phone.trim() : "",
    whereabouts: cut(whereabouts),
    consent,
  };
}

const NOTHING: Said = { place: null, person: null, phone: "", whereabouts: "" };

/** Whether somebody can be called by this. */
export function isPhone(typed: string): boolean {
  const text = typed.trim();
  return text.length <= PHONE_MAX && PHONE.test(text);
}

/** What a telephone link holds. */
export function dialled(phone: string): string {
  return `tel:${phone.replace(/[^+0-9]/g, "")}`;
}

export function agreed(at_s: number): Consent {
  return { text: CONSENT_TEXT, minute: Math.floor(at_s / 60) };
}

/** As a record's JSON has it: what was not said is left out. */
export function onTheWire({ t, place, person, phone, whereabouts, consent }: About): object {
  return {
    t,
    ...(place !== null && { place }),
    ...(person !== null && { for: person }),
    ...(phone !== "" && { phone }),
    ...(whereabouts !== "" && { whereabouts }),
    ...(consent !== null && { consent }),
  };
}

/** Read a letter of this kind; null where anything in it is not in order. */
export function readAbout(v: Readonly<Record<string, unknown>>): About | null {
  const place = v.place === undefined ? null : PLACES.find((one) => one === v.place);
  const person = v.for === undefined ? null : PERSONS.find((one) => one === v.for);
  const phone = v.phone ?? "";
  const whereabouts = v.whereabouts ?? "";
  const consent = v.consent === undefined ? null : consentOf(v.consent);
  const isInOrder =
    place !== undefined &&
    person !== undefined &&
    consent !== undefined &&
    typeof phone === "string" &&
    (phone === "" || isPhone(phone)) &&
    typeof whereabouts === "string" &&
    [...whereabouts].length <= WHEREABOUTS_MAX;
  if (!isInOrder) return null;
  return { t: "about", place, person, phone, whereabouts: cut(whereabouts), consent };
}

function consentOf(value: unknown): Consent | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { text, minute } = value as Readonly<Record<string, unknown>>;
  return typeof text === "string" &&
    TEXT.test(text) &&
    typeof minute === "number" &&
    Number.isSafeInteger(minute) &&
    minute >= 0 &&
    minute < MINUTE_MAX
    ? { text, minute }
    : undefined;
}

// Not \p{C}: what Unicode has not assigned yet is no character to one browser and a letter to
// another, which has it from a later version.
const UNFIT = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\s]+/gu;

/** One line, without what moves or hides other text, and no longer than may be. */
function cut(text: string): string {
  const line = text.replace(UNFIT, " ").trim();
  return [...line].slice(0, WHEREABOUTS_MAX).join("").trim();
}
