/**
 * What a doctor has at hand in a consultation: how long it lasts, the patient's agreement, the 15.
 *
 * View: draws, and tells the page what was clicked. The rest is behind « Plus ».
 */
import { useEffect, useState } from "preact/hooks";
import type { ComponentChildren } from "preact";
import { ADVICE, type Advice, readAdvice } from "./advice.ts";
import { Button, elapsed } from "./parts.tsx";
import { calendarOf } from "./slip-view.tsx";
import type { Slip } from "./slip.ts";
import type { Words } from "./words/fr.ts";
import { wardWords } from "./words/ward.ts";

export interface AtHandProps {
  readonly slip: Slip;
  /** How far the server's clock goes before ours. */
  readonly ahead_s: number;
  readonly words: Words;
  readonly onAgreed: () => void;
  /** What the patient said of how to find him. */
  readonly about: Found | null;
}

interface Found {
  readonly phone: string;
  readonly whereabouts: string;
}

export function AtHand(props: AtHandProps) {
  const { slip, ahead_s, words, onAgreed } = props;
  const [isAsked, setAsked] = useState(false);
  const t = wardWords(words);
  const { agreed_s } = slip;
  return (
    <section class="at-hand" aria-label={t.hand.label}>
      <p class="lasted">
        <span class="hidden">{t.hand.lasted} </span>
        <Lasted since_s={slip.began_s} ahead_s={ahead_s} />
      </p>
      <Button id="fifteen" expanded={isAsked} onClick={() => setAsked(!isAsked)}>
        {t.hand.fifteen}
      </Button>
      <Button id="agreed" pressed={agreed_s !== null} onClick={onAgreed}>
        {agreed_s === null ? t.hand.agree : t.hand.agreed(calendarOf(words).hour(agreed_s))}
      </Button>
      {isAsked && <Fifteen words={words} about={props.about} onClose={() => setAsked(false)} />}
    </section>
  );
}

/** How to call 15 without leaving the patient. */
function Fifteen(props: { words: Words; about: Found | null; onClose: () => void }) {
  const { words, about, onClose } = props;
  const t = wardWords(words).fifteen;
  const [phone, whereabouts] = [about?.phone ?? "", about?.whereabouts ?? ""];
  return (
    <div class="card fifteen" role="region" aria-labelledby="fifteen-title" data-fifteen>
      <h2 id="fifteen-title">{t.title}</h2>
      <ol>
        {t.steps.map((step) => (
          <li key={step}>{step}</li>
        ))}
      </ol>
      {whereabouts !== "" && (
        <p class="where">
          {t.where} <bdi>{whereabouts}</bdi>
        </p>
      )}
      {phone !== "" && (
        <p class="where">
          {t.phone} <bdi dir="ltr">{phone}</bdi>
        </p>
      )}
      {(whereabouts === "" || phone === "") && <p class="where">{t.unknown}</p>}
      <div class="actions side">
        <a class="dial" href="tel:15">
          {t.call}
        </a>
        <Button id="close-fifteen" onClick={onClose}>
          {t.close}
        </Button>
      </div>
    </div>
  );
}

/** The time that a consultation lasts, by a clock of its own: nothing else is drawn for it. */
function Lasted({ since_s, ahead_s }: { since_s: number; ahead_s: number }) {
  const now = () => Date.now() / 1000 + ahead_s;
  const [now_s, setNow] = useState(now);
  useEffect(() => {
    const timer = setInterval(() => setNow(now()), 1000);
    return () => clearInterval(timer);
  });
  return <span role="timer">{elapsed(now_s - since_s)}</span>;
}

/** What is seldom wanted: the last of it is asked for twice. */
export function Seldom(props: {
  words: Words;
  onAdvice: (advice: Advice) => void;
  onShowOut: () => void;
  children: ComponentChildren;
}) {
  const { words, onShowOut } = props;
  const [isAsked, setAsked] = useState(false);
  const t = wardWords(words).out;
  return (
    <>
      {props.children}
      <label class="advise" for="advice">
        {wardWords(words).advise}
      </label>
      <select
        id="advice"
        onChange={({ currentTarget }) =>
          props.onAdvice(readAdvice(currentTarget.value) ?? "nothing")
        }
      >
        {ADVICE.map((one) => (
          <option key={one} value={one}>
            {wardWords(words).advice[one]}
          </option>
        ))}
      </select>
      {isAsked ? (
        <div class="out" role="alertdialog" aria-labelledby="out-title" aria-describedby="out-text">
          <h2 id="out-title">{t.title}</h2>
          <p id="out-text" class="small">
            {t.text}
          </p>
          <div class="pair">
            <Button id="show-out-yes" kind="danger" onClick={onShowOut}>
              {t.yes}
            </Button>
            <Button id="show-out-no" onClick={() => setAsked(false)}>
              {t.no}
            </Button>
          </div>
        </div>
      ) : (
        <Button id="show-out" onClick={() => setAsked(true)}>
          {t.ask}
        </Button>
      )}
    </>
  );
}
