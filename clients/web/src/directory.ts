/**
 * The directory as pages load it: which queues there are, and which of them a place leads to.
 *
 * Pure. All of it is loaded, whoever asks, so that a postcode or a commune is looked up here and
 * never leaves the page. It is the server's word and nothing more: what is not in order is left
 * out, and an address in it is only ever an `https:` link that somebody may tap.
 *
 * `signaling/directory.py` writes it; the file behind it is explained in `deploy/example`.
 */
import { type Bytes, isObject, object } from "./bytes.ts";
import type { Words } from "./words/fr.ts";

export interface Text {
  readonly fr: string;
  readonly en: string;
}

/** What helps where nobody is on duty. */
export interface Alternative {
  readonly text: Text;
  readonly phone: string | null;
  readonly url: string | null;
}

export interface Queue {
  readonly title: Text | null;
  readonly territory: Text | null;
  readonly hours: Text | null;
  /** With what its postcodes begin. */
  readonly postcodes: readonly string[];
  readonly communes: readonly string[];
  /** Names of the queues to widen to, nearest first. */
  readonly wider: readonly string[];
  /** The capability by which a waiting patient widens to it. */
  readonly link: string | null;
  readonly alternatives: readonly Alternative[];
  /** Nobody new enters. */
  readonly isClosed: boolean;
}

export type Directory = ReadonlyMap<string, Queue>;

export const FOUND_MAX = 5;

const NAME = /^[A-Za-z0-9_-]{1,63}$/;
const HANDLE = /^[A-Za-z0-9_-]{21}[AQgw]$/;
const LINK = /^cap1\.[A-Za-z0-9_-]{1,1000}$/;
const PHONE = /^\+?[0-9](?:[ .]?[0-9]){1,14}$/;
const WEB = /^https:\/\/[a-z0-9.-]+(?::\d{1,5})?(?:\/[\x21-\x7e]*)?$/;

/** Read `/queues.json`; throws `Refused` where it is none. */
export function parse(bytes: Bytes): Directory {
  const value = object(bytes);
  const queues = value.v === 1 && isObject(value.queues) ? Object.entries(value.queues) : [];
  return new Map(
    queues.flatMap(([name, queue]) =>
      NAME.test(name) && isObject(queue) ? [[name, queueOf(queue)]] : [],
    ),
  );
}

/** Whether this is a doctor's own queue, which no directory lists. */
export function isOwn(queue: string): boolean {
  return HANDLE.test(queue);
}

export function inWords(text: Text, words: Pick<Words, "lang">): string {
  return text[langOf(words)];
}

/** In which language that is: an operator writes French and English. */
export function langOf(words: Pick<Words, "lang">): "fr" | "en" {
  return words.lang === "en" ? "en" : "fr";
}

/** Whether a patient who waits may move there. */
export function isOpen(queue: Queue | undefined): queue is Queue & { link: string; title: Text } {
  return queue !== undefined && !queue.isClosed && queue.link !== null && queue.title !== null;
}

/** The queues that a patient of this one may widen to, nearest first. */
export function widerOf(directory: Directory, queue: string): string[] {
  return (directory.get(queue)?.wider ?? []).filter((name) => isOpen(directory.get(name)));
}

/** The open queues, but for the one where the patient is. */
export function others(directory: Directory, queue: string): string[] {
  return [...directory.keys()].filter((name) => name !== queue && isOpen(directory.get(name)));
}

/** What helps in every queue, and so also whoever waits for one doctor alone. */
export function helpsEverywhere(directory: Directory): readonly Alternative[] {
  const [first, ...rest] = [...directory.values()];
  return (first?.alternatives ?? []).filter((help) =>
    rest.every(({ alternatives }) => alternatives.some(({ text }) => text.fr === help.text.fr)),
  );
}

/**
 * The queues that a postcode, a commune or a département leads to, the best first. Nothing of
 * what was typed leaves the page.
 */
export function find(directory: Directory, typed: string): string[] {
  const said = plain(typed);
  const wanted = /^[\d ]+$/.test(said) ? said.replace(/ /g, "") : said;
  const isPostcode = /^(?:\d{2,5}|2[ab])$/.test(wanted);
  const score = isPostcode ? byPostcode(wanted) : wanted.length < 2 ? () => 0 : byName(wanted);
  const found = others(directory, "").flatMap((name) => {
    const queue = directory.get(name);
    const points = queue === undefined ? 0 : score(queue);
    return points === 0 ? [] : [{ name, points }];
  });
  const best = Math.max(0, ...found.map(({ points }) => points));
  return found
    .filter(({ points }) => points === best)
    .slice(0, FOUND_MAX)
    .map(({ name }) => name);
}

/** The longest beginning counts: a town may have a queue of its own inside its département. */
function byPostcode(typed: string): (queue: Queue) => number {
  // Corsica's départements have letters, its postcodes have not.
  const code = typed === "2a" ? "200" : typed === "2b" ? "202" : typed;
  return ({ postcodes }) =>
    Math.max(0, ...postcodes.filter((begins) => code.startsWith(begins)).map((b) => b.length));
}

/** A commune's whole name before the beginning of one, and that before a territory's. */
function byName(typed: string): (queue: Queue) => number {
  return ({ communes, territory }) => {
    const names = communes.map(plain);
    if (names.includes(typed)) return 3;
    if (typed.length >= 3 && names.some((name) => name.startsWith(typed))) return 2;
    const its = territory === null ? "" : plain(territory.fr);
    return typed.length >= 3 && ` ${its}`.includes(` ${typed}`) ? 1 : 0;
  };
}

/** As people type it: without accents, capitals, hyphens, and with every « saint » written out. */
function plain(text: string): string {
  return text
    .normalize("NFD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/œ/g, "oe")
    .replace(/[^a-z0-9]+/g, " ")
    .trim()
    .replace(/(^| )st(e?) /g, "$1saint$2 ");
}

// --- reading --------------------------------------------------------------------------

function queueOf(value: Record<string, unknown>): Queue {
  return {
    title: textOf(value.title),
    territory: textOf(value.territory),
    hours: textOf(value.hours),
    postcodes: listOf(value.postcodes, wordOf(/^\d{2,5}$/)),
    communes: listOf(value.communes, wordOf(/^[^]{1,300}$/)),
    wider: listOf(value.wider, wordOf(NAME)),
    link: wordOf(LINK)(value.link),
    alternatives: listOf(value.alternatives, alternativeOf),
    isClosed: value.closed === true,
  };
}

function alternativeOf(value: unknown): Alternative | null {
  const { text, phone, url } = isObject(value) ? value : {};
  const said = textOf(text);
  return said === null ? null : { text: said, phone: wordOf(PHONE)(phone), url: wordOf(WEB)(url) };
}

function textOf(value: unknown): Text | null {
  const { fr, en } = isObject(value) ? value : {};
  return typeof fr === "string" && typeof en === "string" ? { fr, en } : null;
}

function wordOf(form: RegExp): (value: unknown) => string | null {
  return (value) => (typeof value === "string" && form.test(value) ? value : null);
}

function listOf<T>(value: unknown, of: (item: unknown) => T | null): T[] {
  return Array.isArray(value) ? value.map(of).filter((item) => item !== null) : [];
}
