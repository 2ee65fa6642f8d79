/**
 * Making a personal link: until when, how often, and how it reaches the patient.
 *
 * View. A link is in memory while it is shown and nowhere else; what is printed is the code, the
 * address, when it is open and whom to call in an emergency, and nothing else.
 */
import { useState } from "preact/hooks";
import "./enrolment.css";
import { Handing, Qr } from "./handing.tsx";
import { localeOf } from "./languages.ts";
import { Button, Status } from "./parts.tsx";
import type { Practice } from "./practice.ts";
import { enrolmentWords } from "./words/enrolment.ts";
import type { Words } from "./words/fr.ts";

const HOURS = [1, 2, 4, 8, 24];
const USES = [1, 2, 3, 5, 10];
const HOUR_S = 3600;

interface Made {
  readonly url: string;
  readonly begins: number;
  readonly ends: number;
  readonly uses: number;
}

type Trouble = "past" | "too-late" | "no-handle" | "impossible";

export interface LinksProps {
  readonly practice: Pick<Practice, "link" | "endsAt">;
  readonly words: Words;
  /** Seconds since 1970, as the page judges them. */
  readonly now: number;
}

export function LinksView({ practice, words, now }: LinksProps) {
  const [made, setMade] = useState<Made | null>(null);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const all = enrolmentWords(words);
  const t = all.links;
  const make = async (asked: Asked) => {
    const begins = Math.floor(asked.begins ?? now);
    const ends = begins + asked.hours * HOUR_S;
    const wrong = troubleOf(begins, ends, practice.endsAt, now);
    if (wrong !== null) {
      setTrouble(wrong);
      return;
    }
    try {
      const url = await practice.link({ begins, ends, uses: asked.uses });
      setTrouble(url === null ? "no-handle" : null);
      setMade(url === null ? null : { url, begins, ends, uses: asked.uses });
    } catch {
      setTrouble("impossible");
    }
  };
  if (made !== null) {
    const validity = t.validity(
      momentOf(made.begins, words),
      momentOf(made.ends, words),
      t.consultations(made.uses),
    );
    const sms = t.emergencySms(validity, made.url);
    return (
      <>
        <h1>{t.madeTitle}</h1>
        <Status>{validity}</Status>
        <p>{t.life(t.hours((made.ends - made.begins) / HOUR_S), t.consultations(made.uses))}</p>
        <Qr text={made.url} label={all.qr} />
        <Handing
          id="link"
          label={t.address}
          text={made.url}
          isAddress
          words={all}
          notShared={t.notShared}
          onPrint={() => globalThis.print()}
        />
        <Handing id="link-sms" label={t.sms} text={sms} words={all} notShared={t.notShared} />
        <p class="small">{t.smsText}</p>
        <p>
          <a class="text-it" href={`sms:?&body=${encodeURIComponent(sms)}`}>
            {t.smsOpen}
          </a>
        </p>
        <p class="small">{t.gone}</p>
        <div class="actions">
          <Button id="link-again" onClick={() => setMade(null)}>
            {t.again}
          </Button>
        </div>
        <Sheet url={made.url} validity={validity} words={words} />
      </>
    );
  }
  const troubles = {
    past: t.past,
    "too-late": t.tooLate(momentOf(practice.endsAt, words)),
    "no-handle": t.noHandle,
    impossible: t.impossible,
  };
  return (
    <>
      <h1>{t.title}</h1>
      <p>{t.what}</p>
      {trouble !== null && (
        <p role="alert" class="notice">
          {troubles[trouble]}
        </p>
      )}
      <LinkForm words={words} now={now} onMake={(asked) => void make(asked)} />
    </>
  );
}

/** Why no such link is made; null where it is. */
export function troubleOf(
  begins: number,
  ends: number,
  endsAt: number,
  now: number,
): "past" | "too-late" | null {
  return ends <= now ? "past" : begins >= endsAt ? "too-late" : null;
}

interface Asked {
  /** Null for now. */
  readonly begins: number | null;
  readonly hours: number;
  readonly uses: number;
}

function LinkForm(props: { words: Words; now: number; onMake: (asked: Asked) => void }) {
  const [isLater, setLater] = useState(false);
  const all = enrolmentWords(props.words);
  const t = all.links;
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (!(event.currentTarget instanceof HTMLFormElement)) return;
    const form = new FormData(event.currentTarget);
    const field = (name: string) => {
      const value = form.get(name);
      return typeof value === "string" ? value : "";
    };
    // What the field says is the clock on the wall here.
    const begins = isLater ? new Date(field("link-day")).getTime() / 1000 : null;
    props.onMake({ begins, hours: Number(field("link-hours")), uses: Number(field("link-uses")) });
  };
  return (
    <form onSubmit={submit}>
      <fieldset>
        <legend>{t.begins}</legend>
        <label class="choice">
          <input
            type="radio"
            id="link-now"
            name="link-begins"
            checked={!isLater}
            onChange={() => setLater(false)}
          />
          {t.beginsNow}
        </label>
        <label class="choice">
          <input
            type="radio"
            id="link-later"
            name="link-begins"
            checked={isLater}
            onChange={() => setLater(true)}
          />
          {t.beginsLater}
        </label>
      </fieldset>
      {isLater && (
        <>
          <label for="link-day">{t.day}</label>
          <input
            id="link-day"
            name="link-day"
            type="datetime-local"
            required
            min={localOf(props.now)}
          />
        </>
      )}
      <label for="link-hours">{t.lasts}</label>
      <select id="link-hours" name="link-hours">
        {HOURS.map((count) => (
          <option key={count} value={count} selected={count === 2}>
            {t.hours(count)}
          </option>
        ))}
      </select>
      <label for="link-uses">{t.uses}</label>
      <select id="link-uses" name="link-uses">
        {USES.map((count) => (
          <option key={count} value={count}>
            {t.consultations(count)}
          </option>
        ))}
      </select>
      <div class="actions">
        <button type="submit" id="link-make" data-testid="link-make" class="primary">
          {t.make}
        </button>
      </div>
    </form>
  );
}

/** What goes on paper: not shown on a screen, and alone on the page. */
function Sheet({ url, validity, words }: { url: string; validity: string; words: Words }) {
  const all = enrolmentWords(words);
  return (
    <section class="sheet" aria-hidden="true">
      <h1>{all.links.sheetTitle}</h1>
      <Qr text={url} label={all.qr} />
      <p>{all.links.sheetText}</p>
      <p class="address" dir="ltr">
        {url}
      </p>
      <p>{validity}</p>
      <p>
        <b>{all.links.sheetEmergency}</b>
      </p>
    </section>
  );
}

function momentOf(seconds: number, words: Words): string {
  const form = { dateStyle: "long", timeStyle: "short" } as const;
  return new Intl.DateTimeFormat(localeOf(words), form).format(seconds * 1000);
}

/** A moment as `datetime-local` writes it, by the clock on the wall here. */
function localOf(seconds: number): string {
  const moment = new Date(seconds * 1000);
  const local = new Date(moment.getTime() - moment.getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 16);
}
