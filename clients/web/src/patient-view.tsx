/**
 * The patient's screens: one thing to do on each.
 *
 * View: draws the state and tells the desk what was clicked.
 */
import { useEffect, useState } from "preact/hooks";
import type { Event, Page, State } from "./consultation.ts";
import type { Desk } from "./desk.ts";
import type { OnLanguage } from "./language-view.tsx";
import { Later } from "./later.ts";
import { spoken } from "./lock.ts";
import { doctorName } from "./names.ts";
import { Preview } from "./devices-view.tsx";
import { After } from "./end-view.tsx";
import { AboutScreen } from "./journey-view.tsx";
import { Button, clock, Emergency, EmergencyLine, Header, Status, VouchedIcon } from "./parts.tsx";
import { Waiting } from "./waiting-view.tsx";
import type { Words } from "./words/fr.ts";
import { journeyWords } from "./words/journey.ts";

/** The call is loaded while somebody waits for it. */
const callScreens = new Later(async () => {
  const [screens] = await Promise.all([import("./patient-call-view.tsx"), import("./identity.ts")]);
  return screens;
});

export interface ViewProps {
  desk: Desk<State, Event>;
  words: Words;
  now_s: number;
  onLanguage: OnLanguage;
}

export function PatientView(props: ViewProps) {
  const { desk, words } = props;
  const { state } = desk;
  const { page } = state;
  useEffect(() => {
    if (page.name === "waiting") void callScreens.need();
  }, [page.name]);
  return (
    <>
      <Header words={words} onLanguage={props.onLanguage} />
      <main
        tabIndex={-1}
        data-state={page.name === "company" ? "session" : page.name}
        data-place={state.place ?? undefined}
        data-doctors={state.doctors ?? undefined}
        data-queue={state.circle.queue ?? undefined}
        data-band={state.circle.band ?? undefined}
        data-online={state.isOnline}
      >
        <Screen {...props} />
        {page.name === "waiting" && desk.screen.isRefused && (
          <p class="small" data-testid="unlit">
            {words.waiting.unlit}
          </p>
        )}
      </main>
      {/* There before its words: what appears together with them is not read out everywhere. */}
      <p class="hidden" role="status" aria-live="assertive" data-testid="called">
        {page.name === "proposed" && words.proposed.title}
      </p>
      {(page.name === "entering" ||
        page.name === "about" ||
        page.name === "devices" ||
        page.name === "proposed") && (
        <footer>
          <EmergencyLine words={words} />
        </footer>
      )}
    </>
  );
}

export function title(page: Page, state: State, words: Words): string {
  if (page.name === "proposed") return words.proposed.badge;
  if (page.name === "waiting" && state.place !== null) return `(${state.place}) ${words.name}`;
  return words.name;
}

function Screen({ desk, words, now_s }: ViewProps) {
  const { state } = desk;
  const { page } = state;
  const tell = (event: Event) => desk.tell(event);
  switch (page.name) {
    case "unable":
      return (
        <>
          <Emergency words={words} />
          <h1>{words.unable.title}</h1>
          <p>{words.unable[page.why]}</p>
        </>
      );
    case "welcome":
      return (
        <Welcome words={words} onConsent={() => tell({ e: "consent", at_s: Date.now() / 1000 })} />
      );
    case "about":
      return <AboutScreen state={state} words={words} tell={tell} />;
    case "devices":
      return (
        <Preview
          words={words}
          own={desk.own}
          trouble={state.trouble}
          ready={null}
          onReady={() => tell({ e: "devices-ready" })}
          onTry={(video) => tell({ e: "try-devices", video })}
        />
      );
    case "entering":
      return (
        <div class="middle">
          <div class="pulse" aria-hidden="true" />
          <h1 class="hidden">{words.name}</h1>
          <Status>{state.notice === null ? words.entering : notice(state, words)}</Status>
        </div>
      );
    case "waiting":
      return (
        <Waiting
          state={state}
          words={words}
          tell={tell}
          notice={notice(state, words)}
          own={desk.own}
        />
      );
    case "proposed": {
      const { doctor, digits, deadline } = page.proposal;
      const { card, union } = doctor;
      return (
        <>
          <h1>{words.proposed.title}</h1>
          <div class="card doctor-card">
            <p class="avatar" aria-hidden="true">
              {initials(card.name)}
            </p>
            <p class="who">{doctorName(card.name, words)}</p>
            <p>{card.specialty}</p>
            <p class="vouched">
              <VouchedIcon />
              {words.proposed.vouched(union)}
            </p>
          </div>
          <p class="small" role="timer">
            {words.proposed.remaining(clock(deadline - now_s - state.ahead_s))}
          </p>
          <div class="actions">
            <Button
              id="accept"
              kind="primary"
              onClick={() => {
                performance.mark("accept");
                tell({ e: "accept" });
              }}
            >
              {words.proposed.accept}
            </Button>
            <Button id="decline" onClick={() => tell({ e: "decline" })}>
              {words.proposed.decline}
            </Button>
          </div>
          <p class="small">{words.proposed.declineText}</p>
          <details>
            <summary>{words.proof.how}</summary>
            <p>{words.proof.patientText(spoken(digits))}</p>
          </details>
        </>
      );
    }
    case "accepting":
    case "session":
    case "company":
      return <CallScreen desk={desk} words={words} />;
    case "leaving":
      return (
        <>
          <EmergencyLine words={words} />
          <h1>{words.leaving.title}</h1>
          <Status>{state.isOnline ? words.leaving.telling : words.leaving.offline}</Status>
        </>
      );
    case "ended":
      return (
        <>
          <h1>
            {page.why === "gave-up"
              ? words.ended.gaveUpTitle
              : page.why === "unsafe"
                ? words.ended.unsafeTitle
                : words.ended.title}
          </h1>
          <Status>{words.ended[page.why]}</Status>
          <After
            why={page.why}
            advice={state.advice}
            words={words}
            onReturn={() => tell({ e: "return" })}
          />
          <EmergencyLine words={words} />
        </>
      );
    case "refused":
      return (
        <>
          <Emergency words={words} />
          <h1>{words.refused.title}</h1>
          <p role="alert">{words.refused.codes[page.code]}</p>
          <p>{words.refused.help}</p>
          <p>{journeyWords(words).refused.helps}</p>
          <div class="actions">
            <Button id="enter-again" onClick={() => tell({ e: "return" })}>
              {journeyWords(words).refused.again}
            </Button>
          </div>
        </>
      );
    case "replaced":
      return (
        <>
          <h1>{words.replaced.title}</h1>
          <p role="alert">{words.replaced.text}</p>
          <EmergencyLine words={words} />
          <div class="actions">
            <Button id="take-back" kind="primary" onClick={() => tell({ e: "take-back" })}>
              {words.replaced.take}
            </Button>
          </div>
        </>
      );
  }
}

function Welcome({ words, onConsent }: { words: Words; onConsent: () => void }) {
  const t = words.welcome;
  return (
    <>
      <Emergency words={words} />
      <h1>{t.title}</h1>
      <p>{t.what}</p>
      <ul class="facts">
        {t.facts.map((fact) => (
          <li key={fact}>{fact}</li>
        ))}
      </ul>
      <details>
        <summary>{t.trust}</summary>
        <p>{t.trustText}</p>
      </details>
      <div class="actions">
        <p class="small">{t.consent}</p>
        <Button id="consent" kind="primary" onClick={onConsent}>
          {t.start}
        </Button>
      </div>
    </>
  );
}

/** The call, or a sentence while its half of the page is on the way. */
function CallScreen({ desk, words }: Pick<ViewProps, "desk" | "words">) {
  const { page } = desk.state;
  const [call, setCall] = useState(callScreens.now);
  useEffect(() => {
    if (call === null) void callScreens.need().then(setCall);
  }, [call]);
  if (call === null) {
    return (
      <div class="middle">
        <div class="pulse" aria-hidden="true" />
        <h1 class="hidden">{words.session.title}</h1>
        <Status>{words.session.accepting}</Status>
        <Button id="hang-up" kind="danger" onClick={() => desk.tell({ e: "hang-up" })}>
          {words.session.hangUp}
        </Button>
      </div>
    );
  }
  switch (page.name) {
    case "accepting": {
      const { name } = page.proposal.doctor.card;
      return <call.Call desk={desk} words={words} session={null} name={name} />;
    }
    case "session": {
      const name = page.session.doctor?.card.name ?? "";
      return <call.Call desk={desk} words={words} session={page.session} name={name} />;
    }
    default:
      return <call.CompanyCall desk={desk} words={words} />;
  }
}

// A clock that goes before the server's by more makes good credentials look ended.
const FAST_CLOCK_S = 600;

/** A call's outcome, a refusal or a doubt, in a sentence. */
function notice(state: State, words: Words): string {
  const { notice: code } = state;
  if (code === null) return "";
  if (code === "unloaded") return words.unloaded;
  if (code === "behind") return journeyWords(words).room.behind;
  if (code.startsWith("seal-")) {
    const why = words.doubts[code.slice("seal-".length) as keyof Words["doubts"]];
    return state.ahead_s < -FAST_CLOCK_S ? `${why} ${words.fastClock}` : why;
  }
  return code in words.outcomes
    ? words.outcomes[code as keyof Words["outcomes"]]
    : words.refused.codes[code as keyof Words["refused"]["codes"]];
}

function initials(name: string): string {
  const letters = name
    .replace(/^(dr|pr)\.?\s+/i, "")
    .split(/\s+/)
    .map((word) => [...word][0] ?? "");
  return letters.slice(0, 2).join("").toUpperCase();
}
