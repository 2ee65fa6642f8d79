/** The patient's page: joins the parts, no logic. */
import { render } from "preact";
import { aboutOf } from "./about.ts";
import { begin, step } from "./consultation.ts";
import type { Event, State } from "./consultation.ts";
import { Desk } from "./desk.ts";
import { wasIn } from "./entry.ts";
import { movedTo, parse, parseGuest } from "./link.ts";
import { choose, speakFirst, unableHere, words } from "./page.ts";
import { Information } from "./parts.tsx";
import { PatientView, title } from "./patient-view.tsx";
import { reloadWhenReachable } from "./reload.ts";
import { AWAKE, watched } from "./vigil.ts";
import { whereabouts } from "./visit.ts";

function openPatient(): void {
  const link = parse(location.hash);
  const unable = link === null ? "no-link" : unableHere();

  const desk = new Desk<State, Event>(
    {
      polite: true,
      begin: begin(unable, wasIn()),
      step,
      load: async (keep, wider) => {
        // Loaded apart: what is needed for the first screen comes first.
        const { loadPatient } = await import("./patient-seal.ts");
        if (link === null) throw new Error("no link, and nothing to load");
        return loadPatient(wider === undefined ? link : movedTo(wider), keep);
      },
      draw,
      whereabouts,
      about: ({ known }) => aboutOf(known.said, known.consent),
    },
    link ?? { opened: "", resume: null },
  );

  let shown = "";

  function draw(): void {
    const root = document.getElementById("root");
    if (root === null) return;
    document.title = title(desk.state.page, desk.state, words);
    render(
      <>
        <PatientView
          desk={desk}
          words={words}
          now_s={Date.now() / 1000}
          onLanguage={async (lang) => {
            const is = await choose(lang);
            draw();
            return is;
          }}
        />
        <Information words={words} />
      </>,
      root,
    );
    if (shown !== "" && shown !== desk.state.page.name) {
      // Another screen: keyboard and screen reader start at its top.
      root.querySelector("main")?.focus();
      scrollTo(0, 0);
    }
    shown = desk.state.page.name;
  }

  desk.start();
  // While somebody reads. A failure is met, and told, where it is needed.
  import("./patient-seal.ts").catch(() => undefined);
  void speakFirst(draw);
  let vigil = AWAKE;
  const watch = () => {
    const { isOnline, page } = desk.state;
    // Only who waits is asked.
    const seen = { isHidden: document.hidden, isOnline: isOnline || page.name !== "waiting" };
    const [next, isDue] = watched(vigil, seen, Date.now() / 1000);
    vigil = next;
    if (isDue) desk.tell({ e: "are-you-there" });
  };
  document.addEventListener("visibilitychange", watch);
  // The only thing that changes by itself is the time left to answer.
  setInterval(() => {
    if (desk.state.page.name === "proposed") draw();
    watch();
  }, 1000);
}

/** A guest's page, which is loaded apart: nobody else needs it. */
async function openGuest(opened: string, seed: string | null): Promise<void> {
  try {
    const { openGuest: open, invitationOf } = await import("./guest-page.tsx");
    const invitation = invitationOf(opened);
    if (invitation === null) openPatient();
    else open(opened, invitation, seed);
  } catch {
    await reloadWhenReachable();
  }
}

const guest = parseGuest(location.hash);
if (guest === null) openPatient();
else void openGuest(guest.opened, guest.holder);
// Another link pasted into the same tab is another consultation.
addEventListener("hashchange", () => location.reload());
