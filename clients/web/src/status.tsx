/** The status page: joins the parts, no logic. */
import { render } from "preact";
import { named } from "./brand.ts";
import { EnrolmentDesk } from "./enrolment-desk.ts";
import { keepLanguage, keptLanguage } from "./entry.ts";
import type { Lang } from "./languages.ts";
import { parseDoctor } from "./link.ts";
import { StatusDesk } from "./status-desk.ts";
import { keysHere } from "./status-keys.ts";
import { LANGS, type Speech } from "./status-parts.tsx";
import { timesOf } from "./status-times.ts";
import { StatusView, title } from "./status-view.tsx";
import { fr } from "./words/fr.ts";
import { statusWords } from "./words/status.ts";
import { statusFr } from "./words/status.fr.ts";

type StaffLang = (typeof LANGS)[number];

let speech: Speech = { words: named(fr), t: statusFr, times: timesOf("fr") };
const hasDevice = (parseDoctor(location.hash)?.keyring ?? null) === null;

const desk: StatusDesk = new StatusDesk({
  keys: () => keysHere(location.hash, now()),
  origin: location.origin,
  now,
  draw: () => draw(),
});
const device: EnrolmentDesk = new EnrolmentDesk(statusFr.name, () => draw());
let shown = "";

function now(): number {
  return Date.now() / 1000;
}

function draw(): void {
  const root = document.getElementById("root");
  if (root === null) return;
  const { name } = desk.screen;
  document.title = title(desk.screen, speech);
  render(
    <StatusView
      desk={desk}
      device={device}
      hasDevice={hasDevice}
      speech={speech}
      onLanguage={onLanguage}
    />,
    root,
  );
  if (name === shown) return;
  if (name === "device") device.start();
  else device.stop();
  if (shown !== "" && name !== "entering" && shown !== "opening" && shown !== "entering") {
    // Another screen: keyboard and screen reader start at its top.
    root.querySelector("main")?.focus({ preventScroll: true });
    scrollTo(0, 0);
  }
  shown = name;
}

async function onLanguage(lang: Lang): Promise<boolean> {
  keepLanguage(lang);
  return speak(lang === "en" ? "en" : "fr");
}

/** Speak another language from now on; false where it cannot be loaded, and nothing changes. */
async function speak(lang: StaffLang): Promise<boolean> {
  try {
    const [t, words] = await Promise.all([
      statusWords(lang),
      lang === "fr" ? fr : import("./words/en.ts").then(({ en }) => en),
    ]);
    speech = { words: named(words), t, times: timesOf(lang) };
  } catch {
    return false;
  }
  document.documentElement.lang = lang;
  draw();
  return true;
}

/** What was chosen in this page before, else the first of the browser's languages that is ours. */
function firstLang(): StaffLang {
  const asked = [keptLanguage(), ...navigator.languages];
  const tags = asked.map((tag) => String(tag).toLowerCase().split("-")[0]);
  return LANGS.find((lang) => lang === tags.find((tag) => tag === "fr" || tag === "en")) ?? "fr";
}

draw();
if (firstLang() !== "fr") void speak(firstLang());
desk.start();
// Another address pasted into the same tab is another key.
addEventListener("hashchange", () => location.reload());
