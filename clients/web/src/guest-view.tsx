/**
 * The guest's screens: who is invited to what, the devices, the call.
 *
 * View: draws the state and tells the desk what was clicked.
 */
import { CompanyNotice, namedIn, inCompany, nameIn, People } from "./company-view.tsx";
import type { Desk } from "./desk.ts";
import type { Event, State } from "./guest.ts";
import { CallView } from "./call-view.tsx";
import { Fault, Preview } from "./devices-view.tsx";
import { DeviceMenu } from "./in-call-devices.tsx";
import type { OnLanguage } from "./language-view.tsx";
import { Button, Emergency, EmergencyLine, Header, Status } from "./parts.tsx";
import { Proof } from "./proof-view.tsx";
import { TalkPanel, TalkTool } from "./talking-view.tsx";
import { companyWords } from "./words/company.ts";
import type { Words } from "./words/fr.ts";

export interface ViewProps {
  desk: Desk<State, Event>;
  words: Words;
  onLanguage: OnLanguage;
}

export function GuestView(props: ViewProps) {
  const { desk, words } = props;
  const { page, isOnline } = desk.state;
  return (
    <>
      <Header words={words} onLanguage={props.onLanguage} />
      <main
        tabIndex={-1}
        data-state={page.name === "company" ? "session" : page.name}
        data-online={isOnline}
      >
        <Screen {...props} />
      </main>
      {(page.name === "entering" || page.name === "devices") && (
        <footer>
          <EmergencyLine words={words} />
        </footer>
      )}
    </>
  );
}

function Screen({ desk, words }: ViewProps) {
  const { state } = desk;
  const { page } = state;
  const tell = (event: Event) => desk.tell(event);
  const t = companyWords(words).guestPage;
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
            <summary>{words.welcome.trust}</summary>
            <p>{words.welcome.trustText}</p>
          </details>
          <div class="actions">
            <p class="small">{t.consent}</p>
            <Button id="consent" kind="primary" onClick={() => tell({ e: "consent" })}>
              {t.start}
            </Button>
          </div>
        </>
      );
    case "devices":
      return (
        <Preview
          words={words}
          own={desk.own}
          trouble={state.trouble}
          ready={t.ready}
          onReady={() => tell({ e: "devices-ready" })}
          onTry={(video) => tell({ e: "try-devices", video })}
        />
      );
    case "entering":
      return (
        <div class="middle">
          <div class="pulse" aria-hidden="true" />
          <h1 class="hidden">{words.name}</h1>
          <Status>{state.isUnloaded ? words.unloaded : words.entering}</Status>
        </div>
      );
    case "company":
      return <Call desk={desk} words={words} />;
    case "ended":
      return (
        <>
          <h1>{t.endedTitle}</h1>
          <Status>{t[page.why]}</Status>
          <p class="small">{words.ended.nothing}</p>
          <EmergencyLine words={words} />
        </>
      );
    case "refused":
      return (
        <>
          <Emergency words={words} />
          <h1>{t.refusedTitle}</h1>
          <p role="alert">
            {page.code === "expired"
              ? t.expired
              : page.code === "ended" || page.code === "out-of-turn"
                ? t.used
                : t.other}
          </p>
        </>
      );
    case "replaced":
      return (
        <>
          <h1>{words.replaced.title}</h1>
          <p role="alert">{words.replaced.text}</p>
          <EmergencyLine words={words} />
        </>
      );
  }
}

function Call({ desk, words }: { desk: Desk<State, Event>; words: Words }) {
  const { state, larger } = desk;
  const company = { larger, words, firstDoctor: null };
  const t = companyWords(words);
  // Who invited is the first whom this page asked.
  const inviter = larger.company?.pairs[0];
  const flow = inviter?.flow ?? "connecting";
  const isKnown = larger.company !== null && inviter !== undefined && inviter.digits !== null;
  const talk = { talking: desk.talking, words, nameOf: nameIn(company, null) };
  const by = isKnown ? t.by(namedIn(larger.company, inviter.member, t, null).who) : "";
  return (
    <CallView
      {...inCompany(company, desk, flow)}
      far=""
      status={isKnown ? by : t.guestPage.waiting}
      more={<DeviceMenu words={words} own={desk.own} steward={desk.steward} />}
      onHangUp={() => desk.tell({ e: "hang-up" })}
      farEnd={inviter?.role === "doctor" ? "doctor" : "patient"}
      tools={<TalkTool {...talk} />}
      proof={
        inviter !== undefined && (
          <Proof
            words={words}
            proven={inviter}
            vouched={inviter.doctor === null ? null : words.proposed.vouched(inviter.doctor.union)}
            text={t.proofText}
          />
        )
      }
    >
      <TalkPanel {...talk} />
      {state.trouble !== null && (
        <Fault words={words} trouble={state.trouble} onAgain={() => desk.own.again()} />
      )}
      <People {...company} />
      <CompanyNotice larger={larger} words={words} />
    </CallView>
  );
}
