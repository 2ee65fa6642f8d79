/** The guest's page: joins the parts, no logic. Another fragment in the patient's own page. */
import { render } from "preact";
import { Desk } from "./desk.ts";
import { begin, step, whereabouts } from "./guest.ts";
import type { Event, State } from "./guest.ts";
import { GuestView } from "./guest-view.tsx";
import type { Lang } from "./languages.ts";
import { type Invitation, readInvitation } from "./invites.ts";
import { choose, speakFirst, unableHere, words } from "./page.ts";
import { Information } from "./parts.tsx";
import { companyWords } from "./words/company.ts";

/** The invitation that a fragment is; null where it is none. */
export function invitationOf(opened: string): Invitation | null {
  try {
    return readInvitation(opened);
  } catch {
    return null;
  }
}

/** Show it. `opened` is the fragment as it was opened, `seed` of a page that was in. */
export function openGuest(opened: string, invitation: Invitation, seed: string | null): void {
  let shown = "";
  const desk: Desk<State, Event> = new Desk<State, Event>(
    {
      polite: true,
      begin: begin(unableHere()),
      step,
      load: async () => {
        const { loadGuest } = await import("./guest-seal.ts");
        return loadGuest(invitation, seed);
      },
      draw: () => draw(),
      whereabouts,
    },
    { opened, resume: null },
  );
  const draw = () => {
    const root = document.getElementById("root");
    if (root === null) return;
    document.title = companyWords(words).guestPage.title;
    const onLanguage = async (lang: Lang) => {
      const is = await choose(lang);
      draw();
      return is;
    };
    render(
      <>
        <GuestView desk={desk} words={words} onLanguage={onLanguage} />
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
  };
  desk.start();
  void speakFirst(draw);
  // The address leads in once: a page that is loaded anew does not come back by itself.
  addEventListener("pagehide", () => desk.tell({ e: "gone" }));
}
