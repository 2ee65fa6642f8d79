/** The doctor's page: joins the parts, no logic. */
import { render } from "preact";
import { fromBase64url } from "./bytes.ts";
import { Desk } from "./desk.ts";
import { DoctorView, Opening, title } from "./doctor-view.tsx";
import { parseDoctor } from "./link.ts";
import { otherLanguage, unableHere, words } from "./page.ts";
import type { Practice } from "./practice.ts";
import { begin, step } from "./rounds.ts";
import type { Event, State } from "./rounds.ts";
import type { Unable } from "./todo.ts";

const LOAD_AGAIN_MS = 3_000;

const link = parseDoctor(location.hash);
let draw: () => void = () => undefined;

function onLanguage(): void {
  otherLanguage();
  draw();
}

/** Before the practice is open: why it is not, or that it is being looked for. */
function open(why: Unable | "unloaded" | null): void {
  draw = () => {
    document.title = words.doctorName;
    const root = document.getElementById("root");
    if (root !== null) render(<Opening why={why} words={words} onLanguage={onLanguage} />, root);
  };
  draw();
}

async function look(): Promise<void> {
  const unable = link === null ? "no-link" : unableHere();
  if (link === null || unable !== null) {
    open(unable);
    return;
  }
  try {
    const { practiceOfSeed } = await import("./practice.ts");
    const found =
      link.keyring === null
        ? "no-bundle"
        : await practiceOfSeed(fromBase64url(link.keyring), Math.floor(Date.now() / 1000));
    if (found === "no-bundle") {
      open("no-link");
    } else {
      work(found);
    }
  } catch {
    open("unloaded");
    setTimeout(() => void look(), LOAD_AGAIN_MS);
  }
}

function work(practice: Practice): void {
  const address = link ?? { opened: "", keyring: null, resume: null };
  const desk: Desk<State, Event> = new Desk<State, Event>(
    {
      polite: false,
      begin: begin(null, address.resume !== null),
      step,
      load: async (keep) => {
        const { loadDoctor } = await import("./doctor-seal.ts");
        return loadDoctor(practice, address, keep);
      },
      draw: () => draw(),
    },
    address,
  );
  let shown = "";
  draw = () => {
    const root = document.getElementById("root");
    if (root === null) return;
    document.title = title(desk.state.page, desk.state, words);
    render(
      <DoctorView
        desk={desk}
        practice={practice}
        words={words}
        now_s={Date.now() / 1000}
        onLanguage={onLanguage}
      />,
      root,
    );
    if (shown !== "" && shown !== desk.state.page.name) {
      // Another screen: keyboard and screen reader start at its top.
      root.querySelector("main")?.focus();
      scrollTo(0, 0);
    }
    shown = desk.state.page.name;
  };
  desk.start();
  // What changes by itself: the time left to answer, and how long each patient has waited.
  setInterval(() => {
    const { name } = desk.state.page;
    if (name === "calling" || name === "on") draw();
  }, 1000);
}

open(null);
void look();
// Another address pasted into the same tab is another doctor.
addEventListener("hashchange", () => location.reload());
