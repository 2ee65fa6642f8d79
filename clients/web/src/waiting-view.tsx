/**
 * The waiting room: place, wait, who is there; and where nobody is, what helps.
 *
 * View: draws the state and tells what was clicked. What somebody types to find a queue stays in
 * the field that he types it into.
 */
import { useEffect, useRef, useState } from "preact/hooks";
import type { Event, State } from "./consultation.ts";
import { Fault } from "./devices-view.tsx";
import {
  type Alternative,
  find,
  helpsEverywhere,
  inWords,
  isOpen,
  isOwn,
  langOf,
  others,
  type Queue,
  widerOf,
} from "./directory.ts";
import type { OwnMedia } from "./own-media.ts";
import { Button, EmergencyLine, Network, Spoken, Status } from "./parts.tsx";
import { AboutCard } from "./journey-view.tsx";
import { OwnPicture, StillThere } from "./room-view.tsx";
import type { Words } from "./words/fr.ts";
import { journeyWords } from "./words/journey.ts";
import { type WaitingWords, waitingWords } from "./words/waiting.ts";

interface RoomProps {
  state: State;
  words: Words;
  tell: (event: Event) => void;
}

export function Waiting(props: RoomProps & { notice: string; own: OwnMedia }) {
  const { state, words, tell } = props;
  const { place, doctors, circle } = state;
  const t = words.waiting;
  const w = waitingWords(words);
  const queue = circle.queue === null ? undefined : circle.directory?.get(circle.queue);
  useStartAtTop(circle.own);
  const isOwnQueue = circle.queue !== null && isOwn(circle.queue);
  const title = isOwnQueue ? w.ownTitle : queue?.title ? inWords(queue.title, words) : null;
  return (
    <>
      <EmergencyLine words={words} />
      <h1>{t.title}</h1>
      <p class="queue" data-testid="queue" role="status">
        {title !== null && (isOwnQueue ? title : <bdi lang={langOf(words)}>{title}</bdi>)}
      </p>
      {!state.isOnline && <Status kind="warning">{words.offline}</Status>}
      {state.isOnline && props.notice !== "" && <Status kind="warning">{props.notice}</Status>}
      {state.trouble !== null && (
        <Fault
          words={words}
          trouble={state.trouble}
          onAgain={() => tell({ e: "try-devices", video: true })}
        />
      )}
      <StillThere state={state} words={words} tell={tell} />
      <div class="card place" role="status" aria-live="polite">
        <p>{t.place}</p>
        <p class="number">{place ?? "–"}</p>
        {place !== null && <p>{before(place, doctors, isOwnQueue, words)}</p>}
        {doctors !== null && doctors > 0 && (
          <>
            <p class="chip">{t.doctors(doctors)}</p>
            <p class="wait">
              {w.band.title}
              {colon(words)}
              <b>{bandOf(circle.band, w)}</b>
            </p>
          </>
        )}
      </div>
      {doctors === 0 && <Nobody {...props} queue={queue} isOwnQueue={isOwnQueue} />}
      {circle.isClosed && (
        <section class="notice">
          <Spoken>
            <h2>{w.closed}</h2>
            <p>{w.closedText}</p>
          </Spoken>
        </section>
      )}
      <Wider {...props} isOwnQueue={isOwnQueue} />
      <Network
        words={words}
        check={state.check}
        kept={words.relay.kept}
        onAgain={() => tell({ e: "check-again" })}
      />
      <OwnPicture own={props.own} words={words} />
      <AboutCard state={state} words={words} tell={tell} />
      <p>{journeyWords(words).room.keeps}</p>
      <p class="small">{t.keep}</p>
      {doctors !== null && doctors > 0 && (
        <details>
          <summary>{w.band.how}</summary>
          <p>{w.band.howText}</p>
          <p>{w.order}</p>
        </details>
      )}
      <div class="actions">
        <Button id="give-up" onClick={() => tell({ e: "give-up" })}>
          {t.giveUp}
        </Button>
      </div>
    </>
  );
}

/** Who stands at the head is next only where somebody is there to call. */
function before(place: number, doctors: number | null, isOwnQueue: boolean, words: Words): string {
  const { room } = journeyWords(words);
  if (place > 1) return words.waiting.before(place - 1);
  if (doctors !== null && doctors > 0) return words.waiting.next;
  return isOwnQueue ? room.firstOwn : room.first;
}

/** In another queue keyboard and screen reader start anew: what was tapped is gone. */
function useStartAtTop(own: string | null): void {
  const before = useRef(own);
  useEffect(() => {
    if (before.current !== null && own !== before.current) {
      document.querySelector("main")?.focus();
      scrollTo(0, 0);
    }
    before.current = own;
  }, [own]);
}

/** French has a space before it that does not break. */
function colon(words: Words): string {
  return words.lang === "fr" ? "\u00a0: " : ": ";
}

/** A word of a newer server is one that we do not know. */
function bandOf(band: string | null, { band: words }: WaitingWords): string {
  return band === "under-10" || band === "10-to-30" || band === "over-30"
    ? words[band]
    : words.unknown;
}

function Nobody(props: RoomProps & { queue: Queue | undefined; isOwnQueue: boolean }) {
  const { words, queue, isOwnQueue } = props;
  const { directory } = props.state.circle;
  const w = waitingWords(words);
  const everywhere = isOwnQueue && directory !== null ? helpsEverywhere(directory) : [];
  const helps = queue?.alternatives ?? everywhere;
  const text = isOwnQueue
    ? w.ownNobodyText
    : helps.length > 0
      ? w.nobodyText
      : words.waiting.nobodyText;
  return (
    <section class="notice nobody" data-testid="nobody">
      <Spoken>
        <h2>{isOwnQueue ? w.ownNobody : words.waiting.nobody}</h2>
        <p>{text}</p>
      </Spoken>
      {queue?.hours && (
        <p>
          {w.hours}
          {colon(words)}
          <bdi lang={langOf(words)}>{inWords(queue.hours, words)}</bdi>
        </p>
      )}
      {helps.length > 0 && (
        <>
          <h3>{w.helps}</h3>
          <ul class="helps">
            {helps.map((help) => (
              <Help key={help.text.fr} help={help} words={words} />
            ))}
          </ul>
        </>
      )}
    </section>
  );
}

function Help({ help, words }: { help: Alternative; words: Words }) {
  const w = waitingWords(words);
  return (
    <li>
      <bdi lang={langOf(words)}>{inWords(help.text, words)}</bdi>
      <span class="ways">
        {help.phone !== null && (
          <a href={`tel:${help.phone.replace(/[ .]/g, "")}`}>{w.call(help.phone)}</a>
        )}
        {help.url !== null && (
          <a href={help.url} target="_blank" rel="noopener noreferrer">
            {w.open} <span class="hidden">{w.newTab}</span>
          </a>
        )}
      </span>
    </li>
  );
}

/** Nobody is moved but by his own tap, with what it changes above the button. */
function Wider(props: RoomProps & { isOwnQueue: boolean }) {
  const { state, words, isOwnQueue } = props;
  const { directory, queue, moving, isRefused } = state.circle;
  const w = waitingWords(words).wider;
  if (directory === null || queue === null) return null;
  const near = widerOf(directory, queue);
  const all = isOwnQueue ? others(directory, queue) : [];
  if (near.length + all.length === 0) return null;
  const content = (
    <>
      <p>{isOwnQueue ? w.ownChanges : w.changes}</p>
      {isRefused && <Status kind="warning">{w.refused}</Status>}
      {moving !== null && <Status>{w.moving}</Status>}
      {isOwnQueue ? <Somewhere {...props} all={all} /> : <Choices {...props} names={near} />}
    </>
  );
  return state.doctors === 0 || state.circle.isClosed ? (
    <section class="card" data-testid="wider">
      <h2>{w.title}</h2>
      {content}
    </section>
  ) : (
    <details class="card" data-testid="wider">
      <summary>{w.title}</summary>
      {content}
    </details>
  );
}

function Choices(props: RoomProps & { names: readonly string[]; by?: string }) {
  const { state, words, tell, names, by = "widen" } = props;
  const { directory, moving } = state.circle;
  return (
    <div class="choices">
      {names.map((name) => {
        const queue = directory?.get(name);
        return isOpen(queue) ? (
          <Button
            key={name}
            id={`${by}-${name}`}
            disabled={moving !== null || !state.isJoined}
            onClick={() => tell({ e: "widen", queue: name })}
          >
            {waitingWords(words).wider.to(inWords(queue.title, words))}
          </Button>
        ) : null;
      })}
    </div>
  );
}

/** From a doctor's own link, which says nothing of a place: the patient says it, or does not. */
function Somewhere(props: RoomProps & { all: readonly string[] }) {
  const { state, words, all } = props;
  const { directory } = state.circle;
  const w = waitingWords(words).wider;
  const [typed, setTyped] = useState("");
  const [chosen, setChosen] = useState("");
  const found = directory === null ? [] : find(directory, typed);
  return (
    <>
      <label for="where">{w.where}</label>
      <input
        id="where"
        type="text"
        autocomplete="off"
        enterkeyhint="search"
        maxLength={60}
        dir="auto"
        value={typed}
        aria-describedby="where-text"
        onInput={(event) => setTyped(event.currentTarget.value)}
      />
      <p class="small" id="where-text">
        {w.whereText}
      </p>
      <div role="status">
        {typed.trim().length >= 3 && found.length === 0 && <p>{w.notFound}</p>}
      </div>
      <Choices {...props} names={found} />
      <details>
        <summary>{w.rather}</summary>
        <p class="small">{w.ratherText}</p>
        <label for="which">{w.choose}</label>
        <select
          id="which"
          value={chosen}
          onChange={(event) => setChosen(event.currentTarget.value)}
        >
          <option value="">–</option>
          {all.map((name) => {
            const queue = directory?.get(name);
            return isOpen(queue) ? (
              <option key={name} value={name}>
                {inWords(queue.title, words)}
              </option>
            ) : null;
          })}
        </select>
        <Choices {...props} names={chosen === "" ? [] : [chosen]} by="chosen" />
      </details>
    </>
  );
}
