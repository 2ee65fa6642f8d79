/**
 * Handing a patient over on the screen: the first doctor's, the colleague's, the patient's.
 *
 * View: draws, and tells the desk what was clicked. The patient chooses; nobody is led anywhere
 * without a click.
 */
import { useState } from "preact/hooks";
import "./company.css";
import { type Company, pairWith } from "./company.ts";
import type { CompanyEvent } from "./company-todo.ts";
import { canInvite, type CompanyProps, Countdown, namedIn } from "./company-view.tsx";
import type { HandOver } from "./hand-over.ts";
import { NOTE_MAX } from "./gathering-letters.ts";
import type { Pair } from "./pairs.ts";
import { Button, EmergencyLine, Status, VouchedIcon } from "./parts.tsx";
import { companyWords } from "./words/company.ts";
import type { Words } from "./words/fr.ts";

type Tell = (event: CompanyEvent) => void;

/** The first doctor's: the button. */
export function HandOverButton({ larger, words, isMet }: CompanyProps & { isMet: boolean }) {
  const { company } = larger;
  if ((company?.handOver ?? null) !== null || !canInvite(company, isMet)) return null;
  return (
    <Button id="hand-over" onClick={() => void larger.tell({ e: "hand-over" })}>
      {companyWords(words).handOver}
    </Button>
  );
}

/** The first doctor's: how far it is. */
export function HandingOver(props: CompanyProps) {
  const { larger, words } = props;
  const tell: Tell = (event) => void larger.tell(event);
  const handOver = larger.company?.handOver ?? null;
  if (handOver === null) return null;
  return (
    <section class="card over" aria-labelledby="handing" data-hand-over={handOver.name}>
      <h2 id="handing">{companyWords(words).handing.title}</h2>
      {handOver.name === "choosing" ? (
        <Choosing handOver={handOver} words={words} tell={tell} />
      ) : (
        <Underway handOver={handOver} words={words} tell={tell} />
      )}
    </section>
  );
}

function Choosing(props: {
  handOver: Extract<HandOver, { name: "choosing" }>;
  words: Words;
  tell: Tell;
}) {
  const { handOver, tell } = props;
  const { colleagues } = handOver;
  const t = companyWords(props.words);
  const [key, setKey] = useState("");
  const [text, setText] = useState("");
  const isChosen = colleagues?.some((one) => one.key === key) === true;
  return (
    <>
      {colleagues === null && <Status>{t.handing.looking}</Status>}
      {colleagues?.length === 0 && <Status>{t.handing.nobody}</Status>}
      {colleagues !== null && colleagues.length > 0 && (
        <>
          <fieldset>
            <legend>{t.handing.choose}</legend>
            {colleagues.map((one) => (
              <label class="choice" key={one.key}>
                <input
                  type="radio"
                  name="colleague"
                  value={one.key}
                  checked={one.key === key}
                  onChange={() => setKey(one.key)}
                />
                <span>
                  <b>{t.titled(one.name)}</b>, <bdi>{one.specialty}</bdi>
                </span>
              </label>
            ))}
          </fieldset>
          <label for="message">{t.handing.message}</label>
          <textarea
            id="message"
            dir="auto"
            rows={3}
            maxLength={NOTE_MAX}
            value={text}
            onInput={(event) => setText(event.currentTarget.value)}
          />
        </>
      )}
      <div class="actions">
        {colleagues !== null && colleagues.length > 0 && (
          <Button
            id="hand-to"
            kind="primary"
            disabled={!isChosen}
            onClick={() => tell({ e: "hand-to", key, note: text.trim(), at_s: Date.now() / 1000 })}
          >
            {t.handing.ring}
          </Button>
        )}
        {colleagues !== null && (
          <Button id="hand-to-nobody" onClick={() => tell({ e: "hand-to-nobody" })}>
            {t.handing.alone}
          </Button>
        )}
        <Button id="keep" onClick={() => tell({ e: "keep" })}>
          {t.handing.cancel}
        </Button>
      </div>
    </>
  );
}

function Underway(props: {
  handOver: Exclude<HandOver, { name: "choosing" }>;
  words: Words;
  tell: Tell;
}) {
  const { handOver, tell } = props;
  const t = companyWords(props.words);
  const who = handOver.colleague === null ? "" : t.titled(handOver.colleague.name);
  return (
    <>
      <Status>
        {handOver.name === "ringing"
          ? t.handing.ringing(who)
          : handOver.colleague === null
            ? t.handing.offeredAlone
            : t.handing.offered(who)}
      </Status>
      {handOver.name === "ringing" ? (
        <p class="small">
          {t.handing.ringingText}{" "}
          <Countdown until_s={handOver.until_s} text={t.inviting.remaining} />
        </p>
      ) : (
        <p class="small">{t.handing.stay}</p>
      )}
      {handOver.colleague !== null && (
        <div class="actions">
          <Button id="keep" onClick={() => tell({ e: "keep" })}>
            {t.handing.cancel}
          </Button>
        </div>
      )}
    </>
  );
}

/** The colleague's, before he takes over: who calls, as his handshake proves it. */
export function Rung(props: CompanyProps) {
  const { larger, words } = props;
  const { company } = larger;
  const t = companyWords(words).taking;
  const rung = company === null ? null : rungIn(company);
  const doctor = rung?.doctor ?? null;
  return (
    <div class="middle">
      <div class="pulse" aria-hidden="true" />
      <div role="alert">
        <h1>{doctor === null ? t.title : t.from(companyWords(words).titled(doctor.card.name))}</h1>
      </div>
      {doctor === null ? (
        <Status>{t.opening}</Status>
      ) : (
        <>
          <p>{doctor.card.specialty}</p>
          <p class="vouched">
            <VouchedIcon />
            {words.proposed.vouched(doctor.union)}
          </p>
          <p>{t.text}</p>
        </>
      )}
      <div class="actions">
        {(rung?.asked ?? null) !== null && (
          <Button
            id="take-over"
            kind="primary"
            onClick={() => void larger.tell({ e: "take-over" })}
          >
            {t.take}
          </Button>
        )}
        <Button id="decline-hand-over" onClick={() => void larger.tell({ e: "decline" })}>
          {t.decline}
        </Button>
      </div>
    </div>
  );
}

/** The pair with who calls, until we have taken over. */
function rungIn({ pairs }: Company): Pair | null {
  return pairs.find(({ doctor, asked }) => doctor !== null || asked !== null) ?? null;
}

/** Whether a colleague still has to say yes. */
export function isRinging(company: Company | null): boolean {
  return (
    company === null ||
    (company.role === "colleague" &&
      company.pairs.every(({ digits, connection }) => digits === null && connection === null))
  );
}

/** The colleague's, once he has taken over: what he was told, and that the patient chooses. */
export function TakenOver(props: CompanyProps) {
  const { larger, words, firstDoctor } = props;
  const { company } = larger;
  if (company === null || company.role !== "colleague") return null;
  const t = companyWords(words);
  const patient = company.pairs.find(({ role }) => role === "patient");
  const first = company.pairs.find(({ role, by }) => role === "doctor" && by === null);
  const who =
    first === undefined ? t.colleague : namedIn(company, first.member, t, firstDoctor).who;
  return (
    <>
      {patient?.isAgreed !== true && <Status>{t.taking.waiting}</Status>}
      {company.note !== null && (
        <section class="card over" aria-labelledby="told" data-told>
          <h2 id="told">{t.taking.message(who)}</h2>
          <p class="told">{company.note}</p>
        </section>
      )}
    </>
  );
}

/** The patient's: by name, the queue, or leaving. */
export function Chosen(props: CompanyProps & { onLeave: () => void }) {
  const { larger, words, firstDoctor, onLeave } = props;
  const { company } = larger;
  if (company === null || company.role !== "patient" || company.offer === null) return null;
  const { offer } = company;
  const t = companyWords(words);
  const first = namedIn(company, offer.from, t, firstDoctor).who;
  const who = offer.colleague === null ? "" : t.titled(offer.colleague.name);
  const isReady = offer.colleague !== null && pairWith(company, offer.colleague.member) !== null;
  if (offer.choice !== null) {
    return (
      <Status>{offer.choice === "queue" ? t.choice.chosenQueue : t.choice.chosen(who)}</Status>
    );
  }
  return (
    <section class="card over" role="alertdialog" aria-labelledby="choice" data-choice>
      <h2 id="choice">{t.choice.title(first)}</h2>
      {offer.colleague === null ? (
        <p>{t.choice.alone}</p>
      ) : (
        <>
          <p>{t.choice.with(who)}</p>
          <p class="small">{offer.colleague.specialty}</p>
        </>
      )}
      <p class="small">{t.choice.stays(first)}</p>
      <div class="actions">
        {offer.colleague !== null && (
          <Button
            id="choose-colleague"
            kind="primary"
            disabled={!isReady}
            onClick={() => void larger.tell({ e: "choose", to: "colleague" })}
          >
            {t.choice.colleague(who)}
          </Button>
        )}
        <Button id="choose-queue" onClick={() => void larger.tell({ e: "choose", to: "queue" })}>
          {t.choice.queue}
        </Button>
        <Button id="choose-leaving" kind="danger" onClick={onLeave}>
          {t.choice.leave}
        </Button>
      </div>
      <p class="small">{t.choice.leaveText}</p>
      <EmergencyLine words={words} />
    </section>
  );
}

/** The patient's, once no doctor is to be heard any more. */
export function NoDoctor(props: CompanyProps) {
  const { larger, words } = props;
  const { company } = larger;
  const doctors = company?.pairs.filter(({ role }) => role === "doctor") ?? [];
  const isLost =
    company !== null &&
    company.role === "patient" &&
    company.first === null &&
    doctors.every(({ flow }) => flow === "interrupted");
  if (!isLost) return null;
  const t = companyWords(words).lost;
  return (
    <section class="card over" role="alertdialog" aria-labelledby="lost" data-lost>
      <h2 id="lost">{t.title}</h2>
      <p>{t.text}</p>
      <div class="actions">
        <Button
          id="back-to-queue"
          kind="primary"
          onClick={() => void larger.tell({ e: "back-to-queue" })}
        >
          {t.queue}
        </Button>
      </div>
    </section>
  );
}
