/** The doctor's page: joins the parts, no logic. */
import { render } from "preact";
import { begin, step } from "./rounds.ts";
import type { Event, State } from "./rounds.ts";
import { Desk } from "./desk.ts";
import { demoSecret, parse } from "./link.ts";
import { NO_HOLDER, NO_LINK, otherLanguage, prepare, words } from "./page.ts";
import { DoctorView, title } from "./doctor-view.tsx";
import { demoToken } from "./proof.ts";

const opened = parse(location.hash);
const secret = opened === null ? null : demoSecret(opened.token);
const prepared = await prepare(secret === null ? null : opened);
const [link, holder] = typeof prepared === "string" ? [NO_LINK, NO_HOLDER] : prepared;
const unable = typeof prepared === "string" ? prepared : null;

const desk = new Desk<State, Event>(
  {
    polite: false,
    begin: begin(unable, link.resume),
    step,
    // The secret itself never travels.
    token: ({ thumbprint }) => demoToken(secret ?? "", thumbprint),
    draw,
  },
  link,
  holder,
);

let shown = "";

function draw(): void {
  const root = document.getElementById("root");
  if (root === null) return;
  document.title = title(desk.state.page, desk.state, words);
  render(
    <DoctorView
      desk={desk}
      words={words}
      now_s={Date.now() / 1000}
      onLanguage={() => {
        otherLanguage();
        draw();
      }}
    />,
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
// What changes by itself: the time left to answer, and how long each patient has waited.
setInterval(() => {
  const { name } = desk.state.page;
  if (name === "calling" || name === "on") draw();
}, 1000);
// Another link pasted into the same tab is another doctor.
addEventListener("hashchange", () => location.reload());
