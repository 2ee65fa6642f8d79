/** The doctor's page: joins the parts, no logic. */
import { render } from "preact";
import type { ComponentChild } from "preact";
import type { About } from "./about.ts";
import { fromBase64url } from "./bytes.ts";
import { Desk } from "./desk.ts";
import { type Directory, inWords } from "./directory.ts";
import { Aside, type AsideName, counted, DoctorView, Opening, title } from "./doctor-view.tsx";
import { EnrolmentDesk } from "./enrolment-desk.ts";
import { hasNoKeys, keepEntry, remembered } from "./entry.ts";
import { ComeBack, NotADoctor } from "./enrolment-view.tsx";
import { Herald } from "./herald.ts";
import type { Keys } from "./keys-view.tsx";
import type { Lang } from "./languages.ts";
import { parseDoctor } from "./link.ts";
import { isLocked } from "./lock.ts";
import { choose, speakFirst, unableHere, words } from "./page.ts";
import { Information } from "./parts.tsx";
import { NoPasskey, type PasskeyTrouble } from "./passkey.ts";
import type { Practice } from "./practice.ts";
import { Refused } from "./refused.ts";
import { isUnloaded, reloadWhenReachable } from "./reload.ts";
import { whereabouts } from "./relief.ts";
import { begin, step } from "./rounds.ts";
import type { Event, State } from "./rounds.ts";
import { type Act, actOf, NEVER, type Press, pressed } from "./shortcuts.ts";
import { agreeing, followed, type Said, type Sitting, type Slip } from "./slip.ts";
import type { Unable } from "./todo.ts";
import { boardWords } from "./words/board.ts";

const LOAD_AGAIN_MS = 3_000;

const link = parseDoctor(location.hash);
const now = () => Date.now() / 1000;
let draw: () => void = () => undefined;

async function onLanguage(lang: Lang): Promise<boolean> {
  const is = await choose(lang);
  draw();
  return is;
}

function show(view: () => ComponentChild, name: () => string = () => words.doctorName): void {
  draw = () => {
    document.title = name();
    const root = document.getElementById("root");
    if (root === null) return;
    render(
      <>
        {view()}
        <Information words={words} />
      </>,
      root,
    );
  };
  draw();
}

/** Before the practice is open: why it is not, or that it is being looked for. */
function open(why: Unable | "unloaded" | null): void {
  // Who keeps keys may have none yet, and who comes back is led into the call.
  const leadsToCheck = link !== null && link.keyring !== null && link.resume === null;
  show(() => (
    <Opening why={why} leadsToCheck={leadsToCheck} words={words} onLanguage={onLanguage} />
  ));
}

async function look(): Promise<void> {
  const unable = link === null ? "no-link" : unableHere();
  if (link === null || unable !== null) {
    open(unable);
    return;
  }
  try {
    const { practiceOfDevice, practiceOfSeed } = await import("./practice.ts");
    const found =
      link.keyring === null
        ? await practiceOfDevice(now())
        : await practiceOfSeed(fromBase64url(link.keyring), now());
    if (typeof found !== "string") {
      if (found.role === "doctor") enter(found);
      else showNotADoctor(found);
    } else if (link.keyring !== null) {
      open("no-link");
    } else {
      enrol();
    }
  } catch (error) {
    if (error instanceof Refused) {
      // What was signed holds no more: waiting would not mend it, and the device's screen says so.
      if (link.keyring === null) enrol();
      else open("no-link");
      return;
    }
    open("unloaded");
    setTimeout(() => void lookAgain(isUnloaded(error)), LOAD_AGAIN_MS);
  }
}

async function lookAgain(wasUnloaded: boolean): Promise<void> {
  if (wasUnloaded && (await reloadWhenReachable())) return;
  await look();
}

/** The union lets this device do something else, and what that is it says. */
function showNotADoctor({ card }: Practice): void {
  // The keys of an address are not this device's: there is nothing to be seen to here.
  const onDevice = link === null || link.keyring !== null ? null : () => enrol();
  show(() => (
    <NotADoctor name={card.name} words={words} onLanguage={onLanguage} onDevice={onDevice} />
  ));
}

/** This device has no credential that holds: it is enrolled first. */
function enrol(): void {
  const device = new EnrolmentDesk(words.doctorName, () => draw());
  show(() => (
    <Aside
      name="device"
      device={device}
      practice={null}
      words={words}
      now={now()}
      onLanguage={onLanguage}
      onBack={() => {
        device.stop();
        open(null);
        void look();
      }}
    />
  ));
  device.start();
}

/** Ask for the gesture of the day; why there is none, or null. */
async function gesture(practice: Practice): Promise<PasskeyTrouble | null> {
  try {
    await practice.unlock(now());
    return null;
  } catch (error) {
    return error instanceof NoPasskey ? error.code : "unavailable";
  }
}

/** A session may be running, and its handshake needs a gesture: of nothing but a click. */
function comeBack(practice: Practice, onGo: () => void): void {
  let trouble: PasskeyTrouble | null = null;
  let isAsking = false;
  const onGesture = async () => {
    if (isAsking) return;
    isAsking = true;
    trouble = await gesture(practice);
    isAsking = false;
    if (trouble === null) onGo();
    else draw();
  };
  show(() => (
    <ComeBack
      trouble={trouble}
      words={words}
      onLanguage={onLanguage}
      onGo={() => void onGesture()}
    />
  ));
}

function enter(practice: Practice): void {
  if (practice.hasPasskey && link !== null && link.resume !== null) {
    comeBack(practice, () => work(practice));
  } else {
    work(practice);
  }
}

/** What queues are called; null where it cannot be had, and their names do. */
async function loadDirectory(): Promise<Directory | null> {
  try {
    const { fetchDirectory } = await import("./published.ts");
    return await fetchDirectory();
  } catch {
    return null;
  }
}

function work(practice: Practice): void {
  let slip: Slip | null = null;
  const address = link ?? { opened: "", keyring: null, resume: null, key: null };
  const desk: Desk<State, Event> = new Desk<State, Event>(
    {
      polite: false,
      begin: begin(null, address.resume !== null, remembered()),
      step: (state, event, dice) => {
        const taken = step(state, event, dice);
        follow(taken[0], state.page.name !== "calling");
        return taken;
      },
      load: async (keep) => {
        const { loadDoctor } = await import("./doctor-seal.ts");
        return loadDoctor(practice, address, keep);
      },
      draw: () => draw(),
      announce: (arrival) => {
        const t = boardWords(words);
        herald.announce(arrival === "own" ? t.ownWaits(1) : t.arrived);
      },
      whereabouts,
      cards: ({ cards }) => cards,
    },
    address,
  );
  /** Whatever the machine or larger company has seen is in the slip. */
  const follow = (state: State, isResumed: boolean) => {
    const at_s = now() + state.ahead_s;
    slip = followed(slip, sittingOf(desk, state, isResumed), state, at_s);
  };
  const herald = new Herald(desk.bell);
  const device = new EnrolmentDesk(words.doctorName, () => draw());
  let directory: Directory | null = null;
  void loadDirectory().then((found) => {
    directory = found;
    draw();
  });
  let aside: AsideName | null = null;
  let passkey: PasskeyTrouble | null = null;
  let shown = "";
  let lately = NEVER;

  const onAside = (name: AsideName | null) => {
    if (name === "device") device.start();
    else device.stop();
    aside = name;
    draw();
  };
  const onBack = () => {
    // The practice of this page is not the device's any more. Nothing runs here: see below.
    if (aside === "device" && device.hasChanged) location.reload();
    else onAside(null);
  };
  const onDuty = async () => {
    passkey = await gesture(practice);
    if (passkey === null) desk.tell({ e: "go-on-duty" });
    else draw();
  };

  let hasKeys = !hasNoKeys();
  let isListed = false;
  const onList = (is: boolean) => {
    isListed = is;
    draw();
  };
  const keys = (): Keys => ({
    isOn: hasKeys,
    isListed,
    onSwitch: (isOn) => {
      hasKeys = isOn;
      keepEntry({ hasNoKeys: !isOn });
      draw();
    },
    onList,
  });
  const acts: Readonly<Record<Act, () => void>> = {
    "call-next": () => desk.tell({ e: "call-next" }),
    mute: () => isInCall(desk.state) && desk.own.mute(!desk.own.isMuted),
    camera: () => isInCall(desk.state) && desk.own.darken(!desk.own.isDark),
    pause: () => {
      const { page } = desk.state;
      if (page.name === "on") desk.tell({ e: "duty", duty: "pause" });
      if (page.name === "paused") desk.tell({ e: "duty", duty: "on" });
    },
    keys: () => onList(true),
  };

  show(
    () => {
      const { name } = desk.state.page;
      // A call is never behind something else.
      if (aside !== null && !["on", "paused", "off"].includes(name)) onAside(null);
      const screen = aside ?? name;
      if (shown !== "" && shown !== screen) {
        // Another screen: keyboard and screen reader start at its top.
        setTimeout(() => document.querySelector("main")?.focus({ preventScroll: true }));
        scrollTo(0, 0);
      }
      if (shown !== screen) lately = { ...lately, changed_ms: performance.now() };
      shown = screen;
      follow(desk.state, false);
      herald.count(counted(desk.state));
      return aside === null ? (
        <DoctorView
          desk={desk}
          practice={practice}
          passkey={passkey}
          hasDevice={address.keyring === null}
          words={words}
          now_s={now()}
          board={{
            titleOf: (queue) => {
              const title = directory?.get(queue)?.title;
              return title ? inWords(title, words) : queue;
            },
            isLoud: herald.isLoud,
            onLoud: (isLoud) => {
              herald.isLoud = isLoud;
              draw();
            },
            notes: herald.notes,
            onNotes: () => void herald.askForNotes(boardWords(words).notesOn).then(draw),
            keys: keys(),
          }}
          slip={slip}
          onAgreed={() => {
            if (slip !== null) slip = agreeing(slip, now() + desk.state.ahead_s);
            draw();
          }}
          onErase={() => {
            slip = null;
            draw();
          }}
          onLanguage={onLanguage}
          onDuty={() => void onDuty()}
          onAside={onAside}
        />
      ) : (
        <Aside
          name={aside}
          device={device}
          practice={practice}
          words={words}
          now={now() + desk.state.ahead_s}
          onLanguage={onLanguage}
          onBack={onBack}
        />
      );
    },
    () => title(desk.state, words),
  );
  addEventListener("keydown", (event) => {
    const press = pressOf(event);
    // Of when it was pressed, which may be before the screen that hears of it.
    const at_ms = event.timeStamp;
    const before = lately;
    lately = pressed(press, before, at_ms);
    if (aside !== null || isListed) return;
    const act = actOf(press, hasKeys, before, at_ms);
    if (act === null) return;
    event.preventDefault();
    acts[act]();
  });
  desk.start();
  // What changes by itself: the time left to answer, and how long each patient has waited.
  setInterval(() => {
    const { name } = desk.state.page;
    if (name === "calling" || ((name === "on" || name === "paused") && aside === null)) draw();
  }, 1000);
}

function isInCall({ page }: State): boolean {
  return page.name === "session" || page.name === "company";
}

/** The consultation that runs here, with the patient of this page or with a colleague's. */
function sittingOf(desk: Desk<State, Event>, { page }: State, isResumed: boolean): Sitting | null {
  if (page.name === "session") {
    const { session, flow, signs, about } = page.session;
    const isMet = isLocked(page.session);
    const hasPicture = shows(desk.remote);
    return {
      session,
      flow,
      isMet,
      isDark: signs.isDark,
      isSoundAlone: desk.steward.exchange.name === "audio",
      hasPicture,
      isResumed,
      said: saidIn(about),
    };
  }
  const patient = desk.larger.company?.pairs.find(({ role }) => role === "patient");
  if (page.name !== "company" || page.id === null || patient?.isAgreed !== true) return null;
  const { flow, member } = patient;
  const hasPicture = shows(desk.larger.remote(member));
  return {
    session: page.id,
    flow,
    isMet: true,
    isDark: false,
    isSoundAlone: false,
    hasPicture,
    isResumed: false,
    said: null,
  };
}

/** What the patient said that belongs into a slip: no number, no address. */
function saidIn(about: About | null): Said | null {
  if (about === null) return null;
  return {
    place: about.place,
    agreed_s: about.consent === null ? null : about.consent.minute * 60,
  };
}

function shows(stream: MediaStream | null): boolean {
  return stream?.getVideoTracks().some(({ muted }) => !muted) === true;
}

/** A key press as values; a field is whatever takes letters. */
function pressOf(event: KeyboardEvent): Press {
  const { target, key, ctrlKey: ctrl, altKey: alt, metaKey: meta } = event;
  const fields = "input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]";
  const isTyping = event.isComposing || (target instanceof Element && target.matches(fields));
  return { key, isHeld: event.repeat, isTyping, ctrl, alt, meta };
}

open(null);
void speakFirst(() => draw());
void look();
// Another address pasted into the same tab is another doctor.
addEventListener("hashchange", () => location.reload());
