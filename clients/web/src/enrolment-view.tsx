/**
 * Enrolling a device, as the doctor sees it.
 *
 * View: draws the state and tells the desk what was clicked. Give it a started `EnrolmentDesk`;
 * it fills a page's `main`. Beside it, the screen on which a device's gesture is asked for before
 * a session is gone back to, and the one of keys that are not a doctor's.
 */
import { useState } from "preact/hooks";
import type { EnrolmentDesk } from "./enrolment-desk.ts";
import type { Look, Summary, Vouched } from "./enrolment.ts";
import "./enrolment.css";
import { Handing, Qr } from "./handing.tsx";
import type { OnLanguage } from "./language-view.tsx";
import { localeOf } from "./languages.ts";
import { Button, Header, Status } from "./parts.tsx";
import type { PasskeyTrouble } from "./passkey.ts";
import { type EnrolmentWords, enrolmentWords } from "./words/enrolment.ts";
import type { Words } from "./words/fr.ts";

export interface EnrolmentProps {
  readonly desk: EnrolmentDesk;
  readonly words: Words;
  /** The doctor goes on to the practice of this device. */
  readonly onGo: () => void;
}

export function EnrolmentView({ desk, words, onGo }: EnrolmentProps) {
  const { state } = desk;
  const all = enrolmentWords(words);
  const t = all.enrolment;
  switch (state.name) {
    case "opening":
      return <Status>{all.opening}</Status>;
    case "making":
      return <Status>{t.making}</Status>;
    case "none":
      return (
        <>
          <h1>{t.noneTitle}</h1>
          <p>{t.what}</p>
          <p>{t.gesture}</p>
          <p class="remark">{t.nothing}</p>
          <div class="actions">
            <Button id="enrol" kind="primary" onClick={() => desk.tell({ e: "make" })}>
              {t.make}
            </Button>
          </div>
        </>
      );
    case "asked":
      return (
        <>
          <h1>{t.askedTitle}</h1>
          <Request
            desk={desk}
            summary={state.summary}
            request={state.asked.request}
            look={state.look}
            words={all}
          />
          <Forget desk={desk} words={all} />
        </>
      );
    case "enrolled":
      return (
        <>
          <h1>{state.isNew ? t.newTitle : t.enrolledTitle}</h1>
          <Card vouched={state.vouched} words={words} />
          <div class="actions">
            <Button id="enrolled-go" kind="primary" onClick={onGo}>
              {t.go}
            </Button>
          </div>
          {state.summary.asked === null ? (
            <DeviceName summary={state.summary} words={all} />
          ) : (
            <section aria-labelledby="renewal">
              <h2 id="renewal">{t.renewTitle}</h2>
              <p>{t.renewText(dayOf(state.vouched.endsAt, words))}</p>
              <Request
                desk={desk}
                summary={state.summary}
                request={state.summary.asked.request}
                look={state.look}
                words={all}
              />
            </section>
          )}
          <p class="remark">{t.others}</p>
          <Forget desk={desk} words={all} />
        </>
      );
    case "ended":
      return (
        <>
          <h1>{t.endedTitle}</h1>
          <p>{t.endedText}</p>
          <div class="actions">
            <Button id="ask-anew" kind="primary" onClick={() => desk.tell({ e: "make" })}>
              {t.endedMake}
            </Button>
          </div>
          <Forget desk={desk} words={all} />
        </>
      );
    case "failed":
      return (
        <>
          <h1>{t.failedTitle}</h1>
          <p role="alert" class="notice">
            {t.failed[state.why]}
          </p>
          <div class="actions">
            <Button id="enrolment-again" kind="primary" onClick={() => desk.tell({ e: "again" })}>
              {t.again}
            </Button>
          </div>
          {state.why === "refused" && <Forget desk={desk} words={all} />}
        </>
      );
  }
}

/** Before a consultation is gone on with: a browser asks for a gesture best after a click. */
export function ComeBack(props: {
  /** Why there was no gesture. */
  trouble: PasskeyTrouble | null;
  words: Words;
  onLanguage: OnLanguage;
  onGo: () => void;
}) {
  const { trouble, words } = props;
  const all = enrolmentWords(words);
  return (
    <>
      <Header words={words} onLanguage={props.onLanguage} />
      <main tabIndex={-1} data-state="coming-back">
        <h1>{all.comeBack.title}</h1>
        {trouble !== null && (
          <p role="alert" class="notice">
            {all.passkey[trouble]}
          </p>
        )}
        <p>{all.comeBack.text}</p>
        <div class="actions">
          <Button id="come-back" kind="primary" onClick={props.onGo}>
            {all.comeBack.go}
          </Button>
        </div>
      </main>
    </>
  );
}

/** The keys are union staff's, or a probe's. */
export function NotADoctor(props: {
  /** Whose they are, as the union wrote it. */
  name: string;
  words: Words;
  onLanguage: OnLanguage;
  /** Null where the keys are not of this device. */
  onDevice: (() => void) | null;
}) {
  const { words, onDevice } = props;
  const t = enrolmentWords(words).notADoctor;
  return (
    <>
      <Header words={words} onLanguage={props.onLanguage} />
      <main tabIndex={-1} data-state="not-a-doctor">
        <h1>{t.title}</h1>
        <p role="alert">{t.text(props.name)}</p>
        <p>{t.next}</p>
        {onDevice !== null && (
          <div class="actions">
            <Button id="device" onClick={onDevice}>
              {t.device}
            </Button>
          </div>
        )}
      </main>
    </>
  );
}

/** The request and what to do with it. */
function Request(props: {
  desk: EnrolmentDesk;
  summary: Summary;
  request: string;
  look: Look;
  words: EnrolmentWords;
}) {
  const { desk, look, request, words } = props;
  const t = words.enrolment;
  return (
    <>
      <Status {...(isTrouble(look) ? { kind: "warning" as const } : {})}>{t.looks[look]}</Status>
      <section class="card" aria-labelledby="steps">
        <h2 id="steps">{t.stepsTitle}</h2>
        <ol>
          {t.steps.map((text) => (
            <li key={text}>{text}</li>
          ))}
        </ol>
      </section>
      <DeviceName summary={props.summary} words={words} />
      <Qr text={request} label={words.qr} />
      <Handing id="request" label={t.request} text={request} words={words} />
      <p class="small">{t.requestText}</p>
      <div class="actions">
        <Button id="look" disabled={look === "looking"} onClick={() => desk.tell({ e: "look" })}>
          {t.look}
        </Button>
      </div>
    </>
  );
}

function Card({ vouched, words }: { vouched: Vouched; words: Words }) {
  const t = enrolmentWords(words).enrolment;
  return (
    <section class="card">
      <p>
        <b>{vouched.card.name}</b>
        <br />
        {vouched.card.specialty}
      </p>
      <p>{t.vouched(vouched.union)}</p>
      <p class="small">{t.until(dayOf(vouched.endsAt, words))}</p>
    </section>
  );
}

function DeviceName({ summary, words }: { summary: Summary; words: EnrolmentWords }) {
  const t = words.enrolment;
  return (
    <p>
      {t.device}{" "}
      <b class="device-name" dir="ltr">
        {spoken(summary.device)}
      </b>
      <br />
      <span class="small">{t.deviceText}</span>
    </p>
  );
}

/** Wiping takes two touches. */
function Forget({ desk, words }: { desk: EnrolmentDesk; words: EnrolmentWords }) {
  const [isAsking, setAsking] = useState(false);
  const t = words.enrolment;
  if (!isAsking) {
    return (
      <div class="actions">
        <Button id="forget" onClick={() => setAsking(true)}>
          {t.forget}
        </Button>
      </div>
    );
  }
  return (
    <section class="card" role="alertdialog" aria-labelledby="forget-title">
      <h2 id="forget-title">{t.forgetTitle}</h2>
      <p>{t.forgetText}</p>
      <div class="actions side">
        <Button id="forget-yes" kind="danger" onClick={() => desk.tell({ e: "forget" })}>
          {t.forgetYes}
        </Button>
        <Button id="forget-no" onClick={() => setAsking(false)}>
          {t.forgetNo}
        </Button>
      </div>
    </section>
  );
}

/** What is wrong with the answer, and not only late. */
function isTrouble(look: Look): boolean {
  return look === "offline" || look === "earlier" || look === "refused";
}

/** Enough of a thumbprint to tell devices apart aloud. */
export function spoken(thumbprint: string): string {
  return `${thumbprint.slice(0, 4)} ${thumbprint.slice(4, 8)}`;
}

function dayOf(seconds: number, words: Words): string {
  return new Intl.DateTimeFormat(localeOf(words), { day: "numeric", month: "long" }).format(
    seconds * 1000,
  );
}
