/**
 * The doctor's screens: the queue, the next patient, the call.
 *
 * View: draws the state and tells the desk what was clicked.
 */
import { AboutView } from "./about-view.tsx";
import { bannerOf } from "./banner.ts";
import { AtHand, Seldom } from "./at-hand-view.tsx";
import { Board, type BoardProps, Duty, Line, Queues } from "./board-view.tsx";
import { nameIn, tilesOf } from "./company-view.tsx";
import type { Desk } from "./desk.ts";
import { CompanyCall, Further, Together } from "./doctor-company-view.tsx";
import { RENEW_BEFORE_S } from "./device-keys.ts";
import type { EnrolmentDesk } from "./enrolment-desk.ts";
import { EnrolmentView } from "./enrolment-view.tsx";
import { isRinging, Rung } from "./hand-over-view.tsx";
import { KeysList } from "./keys-view.tsx";
import type { OnLanguage } from "./language-view.tsx";
import { localeOf } from "./languages.ts";
import { LinksView } from "./links-view.tsx";
import { isLocked } from "./lock.ts";
import { CallView } from "./call-view.tsx";
import { Fault, Preview } from "./devices-view.tsx";
import { DeviceMenu } from "./in-call-devices.tsx";
import { Button, clock, Header, Network, Status, VouchedIcon } from "./parts.tsx";
import { Proof } from "./proof-view.tsx";
import type { PasskeyTrouble } from "./passkey.ts";
import type { Practice } from "./practice.ts";
import { served } from "./queues.ts";
import { TalkPanel, TalkTool } from "./talking-view.tsx";
import type { Event, Session, State } from "./rounds.ts";
import { SlipPanel } from "./slip-view.tsx";
import type { Slip } from "./slip.ts";
import type { Unable } from "./todo.ts";
import { boardWords } from "./words/board.ts";
import { companyWords } from "./words/company.ts";
import { devicesWords } from "./words/devices.ts";
import type { DoctorWords } from "./words/doctor.fr.ts";
import { doctorWords } from "./words/doctor.ts";
import { enrolmentWords } from "./words/enrolment.ts";
import type { Words } from "./words/fr.ts";
import { wardWords } from "./words/ward.ts";

/** What a doctor does beside seeing patients. */
export type AsideName = "links" | "device";

export interface ViewProps {
  desk: Desk<State, Event>;
  practice: Practice;
  /** Why there was no gesture, where the doctor wanted to go on duty. */
  passkey: PasskeyTrouble | null;
  /** The keys are this device's own, and not in the address. */
  hasDevice: boolean;
  board: Pick<BoardProps, "titleOf" | "isLoud" | "onLoud" | "notes" | "onNotes" | "keys">;
  /** Of the consultation that runs, or of the one before. */
  slip: Slip | null;
  onAgreed: () => void;
  onErase: () => void;
  onDuty: () => void;
  onAside: (name: AsideName) => void;
  words: Words;
  now_s: number;
  onLanguage: OnLanguage;
}

export function DoctorView(props: ViewProps) {
  const { desk, words } = props;
  const { state } = desk;
  const { page } = state;
  return (
    <>
      <Header words={words} onLanguage={props.onLanguage}>
        {state.duty !== "off" && page.name !== "session" && (
          <p class="chip">{boardWords(words).wishes[state.duty]}</p>
        )}
      </Header>
      <main
        tabIndex={-1}
        data-state={stateOf(props)}
        data-place={state.tickets[0]?.place}
        data-doctors={state.doctors}
        data-waiting={state.waiting}
        data-duty={state.duty}
        data-online={state.isOnline}
      >
        <Screen {...props} />
      </main>
      {props.board.keys.isListed && <KeysList keys={props.board.keys} words={words} />}
    </>
  );
}

/** A colleague rings, or a session runs, whoever began it. */
function stateOf({ desk }: ViewProps): string {
  const { name } = desk.state.page;
  if (name !== "company") return name;
  return isRinging(desk.larger.company) ? "rung" : "session";
}

/** Before the doctor's keys are there. */
export function Opening(props: {
  why: Unable | "unloaded" | null;
  /** The check of the devices is what comes next. */
  leadsToCheck: boolean;
  words: Words;
  onLanguage: OnLanguage;
}) {
  const { why, words } = props;
  const isOpening = why === null || why === "unloaded";
  return (
    <>
      <Header words={words} onLanguage={props.onLanguage} />
      <main tabIndex={-1} data-state={isOpening ? "opening" : "unable"}>
        {isOpening ? (
          <>
            <h1>{props.leadsToCheck ? words.devices.title : words.doctorName}</h1>
            <Status kind={why === null ? undefined : "warning"}>
              {why === null ? boardWords(words).opening : words.unloaded}
            </Status>
            {props.leadsToCheck ? (
              <CheckToCome words={words} />
            ) : (
              <p>{boardWords(words).openingText}</p>
            )}
          </>
        ) : (
          <>
            <h1>{words.unable.title}</h1>
            <p role="alert">{words.unable[why === "no-link" ? "no-doctor-link" : why]}</p>
          </>
        )}
      </main>
    </>
  );
}

/** `Preview` as it is before there is a picture: it takes this one's place, and nothing moves. */
function CheckToCome({ words }: { words: Words }) {
  return (
    <>
      <div class="preview awaited told">
        <p>{boardWords(words).openingText}</p>
      </div>
      <p class="small">{devicesWords(words).kept}</p>
      <div class="actions">
        <Button id="devices-ready" kind="primary" disabled onClick={() => undefined}>
          {words.devices.doctorReady}
        </Button>
      </div>
    </>
  );
}

/** Links to give away, and the keys of this device. */
export function Aside(props: {
  name: AsideName;
  device: EnrolmentDesk;
  practice: Practice | null;
  words: Words;
  now: number;
  onLanguage: OnLanguage;
  onBack: () => void;
}) {
  const { name, practice, words } = props;
  return (
    <>
      <Header words={words} onLanguage={props.onLanguage} />
      <main tabIndex={-1} data-state={name} data-enrolment={props.device.state.name}>
        {practice !== null && (
          <p>
            <Button id="back" onClick={props.onBack}>
              {doctorWords(words).back}
            </Button>
          </p>
        )}
        {name === "device" ? (
          <EnrolmentView desk={props.device} words={words} onGo={props.onBack} />
        ) : (
          practice !== null && <LinksView practice={practice} words={words} now={props.now} />
        )}
      </main>
    </>
  );
}

/** How many wait, to a doctor who looks elsewhere: 0 where that is nothing to him. */
export function counted({ page, waiting }: State): number {
  return ["on", "paused", "session"].includes(page.name) ? waiting : 0;
}

/** The number waiting is in the title, where a doctor sees it from another tab. */
export function title(state: State, words: Words): string {
  const count = counted(state);
  const name = state.arrival === null ? words.doctorName : boardWords(words).arrived;
  return count > 0 ? `(${count}) ${name}` : words.doctorName;
}

function Screen(props: ViewProps) {
  const { desk, practice, words, now_s } = props;
  const { state } = desk;
  const { page } = state;
  const t = doctorWords(words);
  const tell = (event: Event) => desk.tell(event);
  switch (page.name) {
    case "unable":
      return (
        <>
          <h1>{words.unable.title}</h1>
          <p role="alert">{words.unable[page.why === "no-link" ? "no-doctor-link" : page.why]}</p>
        </>
      );
    case "devices":
      return (
        <Preview
          words={words}
          own={desk.own}
          trouble={state.trouble}
          ready={words.devices.doctorReady}
          onReady={() => tell({ e: "devices-ready" })}
          onTry={(video) => tell({ e: "try-devices", video })}
        />
      );
    case "entering":
      return (
        <div class="middle">
          <div class="pulse" aria-hidden="true" />
          <h1 class="hidden">{words.doctorName}</h1>
          <Status>{state.canResume ? t.returning : words.entering}</Status>
          <Notice state={state} words={words} />
        </div>
      );
    case "off":
      return (
        <>
          <Notice state={state} words={words} />
          {props.passkey !== null && (
            <p role="alert" class="notice">
              {enrolmentWords(words).passkey[props.passkey]}
            </p>
          )}
          <PastSlip {...props} />
          <h1>{t.offTitle}</h1>
          <p>{t.offText}</p>
          <div class="card doctor-card">
            <p class="who">{practice.card.name}</p>
            <p>{practice.card.specialty}</p>
            <p class="vouched">
              <VouchedIcon />
              {words.proposed.vouched(practice.union.name)}
            </p>
            <p class="small">{t.until(dayOf(practice.endsAt, words))}</p>
          </div>
          <Checked state={state} words={words} tell={tell} />
          <Queues state={state} words={words} titleOf={props.board.titleOf} tell={tell} />
          <div class="actions">
            <Button
              id="go-on-duty"
              kind="primary"
              disabled={!state.isJoined || served(state).length === 0}
              onClick={props.onDuty}
            >
              {t.goOnDuty}
            </Button>
            <Asides {...props} />
          </div>
        </>
      );
    case "on":
    case "paused":
      return (
        <>
          <Line
            state={state}
            words={words}
            keysUntil={dayOf(practice.endsAt, words, "short")}
            isDue={isDue(props)}
          />
          <Notice state={state} words={words} />
          <Unreachable state={state} words={words} tell={tell} />
          <PastSlip {...props} />
          <Board {...props.board} state={state} words={words} now_s={now_s} tell={tell} />
          <div class="actions">
            <Asides {...props} />
          </div>
        </>
      );
    case "asking":
    case "calling":
      return (
        <div class="middle">
          <div class="pulse" aria-hidden="true" />
          <h1>{page.name === "asking" ? t.askingTitle : t.callingTitle}</h1>
          {page.name === "calling" && (
            <>
              <Status>{page.calling.isProposed ? t.callingText : t.preparing}</Status>
              <p class="number" role="timer">
                {clock(page.calling.deadline - now_s - state.ahead_s)}
              </p>
            </>
          )}
          <Button id="withdraw" onClick={() => tell({ e: "withdraw" })}>
            {t.withdraw}
          </Button>
          {page.name === "calling" && <Duty duty={state.duty} words={words} isLater tell={tell} />}
        </div>
      );
    case "session":
      return <Call {...props} session={page.session} tell={tell} />;
    case "company": {
      const company = { larger: desk.larger, words, firstDoctor: null };
      return isRinging(desk.larger.company) ? (
        <Rung {...company} />
      ) : (
        <CompanyCall {...company} desk={desk} tell={tell} />
      );
    }
    case "refused":
      return (
        <>
          <h1>{t.refusedTitle}</h1>
          <p role="alert">
            {page.code in t.refused
              ? t.refused[page.code as keyof typeof t.refused]
              : words.refused.codes[page.code]}
          </p>
          <p>{t.help}</p>
        </>
      );
    case "replaced":
      return (
        <>
          <h1>{boardWords(words).replacedTitle}</h1>
          <p role="alert">{boardWords(words).replacedText}</p>
          <div class="actions">
            <Button id="take-back" kind="primary" onClick={() => tell({ e: "take-back" })}>
              {boardWords(words).take}
            </Button>
          </div>
        </>
      );
  }
}

/** Ways to what a doctor does beside. */
function Asides(props: ViewProps) {
  const { practice, hasDevice, words, onAside } = props;
  const t = doctorWords(words);
  return (
    <>
      {isDue(props) && <p class="notice">{t.renew(dayOf(practice.endsAt, words))}</p>}
      <Button id="links" onClick={() => onAside("links")}>
        {t.links}
      </Button>
      {hasDevice && (
        <Button
          id="device"
          kind={isDue(props) ? "primary" : undefined}
          onClick={() => onAside("device")}
        >
          {t.device}
        </Button>
      )}
    </>
  );
}

/** The keys of this device are over soon. */
function isDue({ practice, hasDevice, now_s }: ViewProps): boolean {
  return hasDevice && practice.endsAt - now_s < RENEW_BEFORE_S;
}

/** Of the consultation before, until the next one or until it is erased. */
function PastSlip({ slip, words, onErase }: ViewProps) {
  return slip === null || slip.ended_s === null ? null : (
    <SlipPanel key={slip.session} slip={slip} words={words} onErase={onErase} />
  );
}

type Tell = (event: Event) => void;

/** The day on which something ends, as people write it. */
function dayOf(at: number, words: Words, month: "long" | "short" = "long"): string {
  return new Date(at * 1000).toLocaleDateString(localeOf(words), { day: "numeric", month });
}

function Checked({ state, words, tell }: { state: State; words: Words; tell: Tell }) {
  return (
    <Network
      words={words}
      check={state.check}
      kept={words.relay.keptDoctor}
      onAgain={() => tell({ e: "check-again" })}
    />
  );
}

/** In the one line it is said otherwise; this is what there is to do about it. */
function Unreachable(props: { state: State; words: Words; tell: Tell }) {
  return props.state.check?.found === "unreachable" ? <Checked {...props} /> : null;
}

function Call(props: ViewProps & { session: Session; tell: Tell }) {
  const { desk, words, session, slip, tell } = props;
  const { state } = desk;
  const t = doctorWords(words);
  const isKnocking = session.connection === null && session.reopened === null;
  const company = { larger: desk.larger, words, firstDoctor: null };
  const tiles = tilesOf(company);
  const nameOf = nameIn(company, companyWords(words).patient);
  const talk = { talking: desk.talking, words, nameOf };
  return (
    <CallView
      words={words}
      far={words.session.farPatient}
      who={tiles.length === 0 ? "" : companyWords(words).patient}
      flow={session.flow}
      status={isKnocking ? t.knocking : words.session[session.flow]}
      remote={desk.remote}
      tiles={tiles}
      own={desk.own}
      steward={desk.steward}
      isVeiling
      onHangUp={() => tell({ e: "hang-up" })}
      banner={bannerOf(session, state.isOnline)}
      farEnd="patient"
      onRetry={() => tell({ e: "retry" })}
      tools={<TalkTool {...talk} />}
      more={
        <Seldom
          words={words}
          onAdvice={(advice) => tell({ e: "advise", advice })}
          onShowOut={() => tell({ e: "show-out" })}
        >
          <Further company={company} isMet={isLocked(session)} duty={state.duty} tell={tell} />
          <DeviceMenu words={words} own={desk.own} steward={desk.steward} />
        </Seldom>
      }
      proof={<Proof words={words} proven={session} vouched={null} text={words.proof.doctorText} />}
    >
      <TalkPanel {...talk} />
      {session.reopened !== null && (
        <section class="card over" role="alertdialog" aria-labelledby="reopened">
          <h2 id="reopened">{state.canResume ? t.reopenedTitle : t.unknownTitle}</h2>
          <p>{state.canResume ? t.reopenedText : t.unknownText}</p>
          <div class="actions">
            <Button id="continue" onClick={() => tell({ e: "continue" })}>
              {t.resume}
            </Button>
            <Button id="end" kind="danger" onClick={() => tell({ e: "hang-up" })}>
              {t.end}
            </Button>
          </div>
        </section>
      )}
      {slip !== null && (
        <AtHand
          slip={slip}
          ahead_s={state.ahead_s}
          words={words}
          onAgreed={props.onAgreed}
          about={session.about}
        />
      )}
      <AboutView about={session.about} words={words} />
      <Together {...company} />
      {state.trouble !== null && (
        <Fault words={words} trouble={state.trouble} onAgain={() => desk.own.again()} />
      )}
    </CallView>
  );
}

/** What went wrong or changed, above whatever the doctor was doing. */
function Notice({ state, words }: { state: State; words: Words }) {
  const code = state.notice;
  if (!state.isOnline && ["on", "paused", "off"].includes(state.page.name)) {
    return <Status kind="warning">{words.offlineDoctor}</Status>;
  }
  if (code === null) return null;
  const text = sentence(code, words);
  return text === "" ? null : <Status kind="warning">{text}</Status>;
}

function sentence(code: NonNullable<State["notice"]>, words: Words): string {
  if (code === "shown-out") return wardWords(words).shownOut;
  if (code === "unloaded") return words.unloaded;
  if (code.startsWith("seal-")) {
    return doctorWords(words).doubts[code.slice("seal-".length) as keyof DoctorWords["doubts"]];
  }
  const { outcomes } = doctorWords(words);
  return code in outcomes
    ? outcomes[code as keyof DoctorWords["outcomes"]]
    : words.refused.codes[code as keyof Words["refused"]["codes"]];
}
