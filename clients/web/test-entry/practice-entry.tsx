/**
 * A doctor's device with handles for a test that drives a browser: JSON in, JSON out.
 *
 * Test only. The views are the pages' own; what a practice can do is called by name.
 */
import { render } from "preact";
import { fromBase64url } from "../src/bytes.ts";
import { EnrolmentDesk } from "../src/enrolment-desk.ts";
import { EnrolmentView } from "../src/enrolment-view.tsx";
import { askAnew } from "../src/device.ts";
import { load } from "../src/keyring-store.ts";
import type { Lang } from "../src/languages.ts";
import { encode } from "../src/letters.ts";
import { LinksView } from "../src/links-view.tsx";
import { speak, words } from "../src/page.ts";
import { type Practice, practiceOfDevice, practiceOfSeed } from "../src/practice.ts";
import { prove } from "../src/proof.ts";
import { Refused } from "../src/refused.ts";

const violations: string[] = [];
document.addEventListener("securitypolicyviolation", (event) => {
  violations.push(event.violatedDirective);
});

// The server's clock obeys the test, and so does this page's.
const now = Number(new URLSearchParams(location.search).get("now"));
let practice: Practice | undefined;
let links: number | null = null;
const desk = new EnrolmentDesk("Téléconsultation", draw, () => now);

function draw(): void {
  const root = document.getElementById("root");
  if (root === null) return;
  render(
    <main data-state={desk.state.name}>
      {practice !== undefined && links !== null ? (
        <LinksView practice={practice} words={words} now={links} />
      ) : (
        <EnrolmentView desk={desk} words={words} onGo={() => undefined} />
      )}
    </main>,
    root,
  );
}

function had(): Practice {
  if (practice === undefined) throw new Error("out of turn");
  return practice;
}

function said(found: Practice | string) {
  practice = typeof found === "string" ? undefined : found;
  return typeof found === "string"
    ? found
    : { card: found.card, union: found.union.name, endsAt: found.endsAt };
}

/** Whatever in there the page could read of a private key. */
function readable(value: unknown): string[] {
  if (value instanceof CryptoKey) return value.extractable ? [value.algorithm.name] : [];
  if (value instanceof Uint8Array || typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap(readable);
}

/** How many private keys lie there as seeds. */
function seeds(value: unknown): number {
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return 0;
  if ("seed" in value) return 1;
  return Object.values(value).reduce<number>((sum, inner) => sum + seeds(inner), 0);
}

const HANDLES = {
  violations: () => violations,
  state: () => desk.state,
  click(id: string) {
    document.getElementById(id)?.click();
    return null;
  },
  has: (id: string) => document.getElementById(id) !== null,
  async device(now: number) {
    return said(await practiceOfDevice(now));
  },
  async seed(seed: string, now: number) {
    return said(await practiceOfSeed(fromBase64url(seed), now));
  },
  async entry(now: number, challenge: string) {
    const entry = await had().entry(now);
    if (entry === null) return null;
    const proof = await prove(entry.holder, challenge, location.origin, entry.token);
    return { token: entry.token, key: entry.holder.thumbprint, proof };
  },
  async papers(now: number, own = now) {
    const { identity, list, passkey } = await had().papers(now, own);
    return { identity, list, gesture: passkey ? encode(passkey.client) : null };
  },
  async check(token: string, holder: string, now: number) {
    const psk = await had().checkToken(now)(token, fromBase64url(holder));
    return psk === null ? null : encode(psk);
  },
  link: (begins: number, ends: number, uses: number) => had().link({ begins, ends, uses }),
  async asked() {
    return (await load())?.next?.request ?? null;
  },
  async renew(now: number) {
    return (await askAnew(now))?.next?.request ?? null;
  },
  async readable() {
    return readable(await load());
  },
  async seeds() {
    return seeds(await load());
  },
  async stores() {
    return (await indexedDB.databases()).map(({ name }) => name);
  },
  showLinks(now: number) {
    links = now;
    draw();
    return null;
  },
  async speak(lang: Lang) {
    await speak(lang);
    draw();
    return document.documentElement.lang;
  },
};

type Handle = (...words: unknown[]) => unknown;

/** `[name, ...words]` as JSON; returns `{value}`, `{refused}` or `{failed}` as JSON. */
async function run(call: string): Promise<string> {
  const [name, ...rest] = JSON.parse(call) as [keyof typeof HANDLES, ...unknown[]];
  try {
    return JSON.stringify({ value: await (HANDLES[name] as Handle)(...rest) });
  } catch (error) {
    return JSON.stringify(
      error instanceof Refused ? { refused: error.code } : { failed: String(error) },
    );
  }
}

Object.assign(globalThis, { device: run });
desk.start();
draw();
