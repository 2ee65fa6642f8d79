/**
 * The doctor's board: duty, the queues that are served, who waits, and who came just now.
 *
 * View: draws the state and tells the desk what was clicked. Out of a pool nobody can be picked:
 * there is no button for it.
 */
import { isOwn } from "./directory.ts";
import type { Wish } from "./duty.ts";
import type { Notes } from "./herald.ts";
import { Button, Spoken } from "./parts.tsx";
import { countOf, ownTickets, served } from "./queues.ts";
import type { Event, State } from "./rounds.ts";
import { boardWords } from "./words/board.ts";
import type { Words } from "./words/fr.ts";

type Tell = (event: Event) => void;

export interface BoardProps {
  state: State;
  words: Words;
  now_s: number;
  /** What a queue is called; its name where nobody gave it a title. */
  titleOf: (queue: string) => string;
  isLoud: boolean;
  onLoud: (isLoud: boolean) => void;
  /** Whether the system's own notes may be asked for, are shown, or cannot be. */
  notes: Notes;
  onNotes: () => void;
  tell: Tell;
}

const WISHES = ["on", "pause", "draining"] as const;

/** Three plain controls; inside a call they are for what comes after. */
export function Duty(props: { duty: Wish; words: Words; isLater: boolean; tell: Tell }) {
  const { duty, words, isLater, tell } = props;
  const t = boardWords(words);
  const label = isLater ? t.after : t.duty;
  return (
    <div class="duty">
      {isLater && <p class="small">{label}</p>}
      <div class="segments" role="group" aria-label={label}>
        {WISHES.map((wish) => (
          <Button
            key={wish}
            id={`duty-${wish}`}
            pressed={duty === wish}
            onClick={() => tell({ e: "duty", duty: wish })}
          >
            {t.wishes[wish]}
          </Button>
        ))}
      </div>
      {duty !== "off" && <p class="small">{isLater ? t.later[duty] : t.now[duty]}</p>}
    </div>
  );
}

/** Which queues, and how many wait in each. Nobody is asked where there is one. */
export function Queues(props: Pick<BoardProps, "state" | "words" | "titleOf" | "tell">) {
  const { state, words, titleOf, tell } = props;
  const t = boardWords(words);
  const taken = served(state);
  if (state.queues.length < 2) return null;
  return (
    <fieldset class="queues">
      <legend>{t.queues}</legend>
      {state.queues.map((queue) => {
        const isServed = taken.includes(queue);
        const isLast = isServed && taken.length === 1 && state.page.name !== "off";
        const { count, isAll } = countOf(state, queue);
        // On duty the board is of the served queues alone.
        const isCounted = isServed || state.page.name !== "on";
        return (
          <label key={queue}>
            <input
              type="checkbox"
              data-queue={queue}
              checked={isServed}
              disabled={isLast}
              onChange={() => tell({ e: "serve", queue, isServed: !isServed })}
            />
            <span>{isOwn(queue) ? t.own : titleOf(queue)}</span>
            {isCounted && <span class="count">{t.count(count, isAll)}</span>}
          </label>
        );
      })}
    </fieldset>
  );
}

/** Somebody came: in words, not by a colour alone. It goes when somebody is called. */
function Arrived({ state, words, tell }: Pick<BoardProps, "state" | "words" | "tell">) {
  const t = boardWords(words);
  const [first, ...others] = ownTickets(state.tickets).filter(({ awake }) => awake);
  if (first !== undefined) {
    return (
      <section class="notice arrival" data-arrival="own">
        <Spoken>
          <p>{t.ownWaits(others.length + 1)}</p>
        </Spoken>
        <Button
          id="call-own"
          disabled={!state.isJoined}
          onClick={() => tell({ e: "pick", ticket: first.ticket })}
        >
          {t.pick}
        </Button>
      </section>
    );
  }
  return state.arrival === null ? null : (
    <section class="notice arrival" data-arrival={state.arrival}>
      <Spoken>
        <p>{t.firstWaits}</p>
      </Spoken>
    </section>
  );
}

function Bell({ words, isLoud, onLoud, notes, onNotes }: BoardProps) {
  const t = boardWords(words);
  return (
    <div class="bell">
      <label>
        <input type="checkbox" id="loud" checked={isLoud} onChange={() => onLoud(!isLoud)} />
        <span>{t.loud}</span>
      </label>
      {notes === "default" && (
        <Button id="notes" onClick={onNotes}>
          {t.notes}
        </Button>
      )}
      {notes === "granted" && <p class="small">{t.notesOn}</p>}
    </div>
  );
}

/** On duty, or in a pause: what is there to do, and who waits. */
export function Board(props: BoardProps) {
  const { state, words, tell } = props;
  const t = words.doctor;
  const isPaused = state.page.name === "paused";
  return (
    <>
      <div class="bar-top">
        <div>
          <h1>{isPaused ? boardWords(words).pausedTitle : t.onTitle}</h1>
          <p class="status" role="status" aria-live="polite">
            {t.waiting(state.waiting)} · {t.doctors(state.doctors)}
          </p>
        </div>
        {isPaused ? (
          <Button id="resume" kind="primary" onClick={() => tell({ e: "duty", duty: "on" })}>
            {boardWords(words).resume}
          </Button>
        ) : (
          <Button
            id="call-next"
            kind="primary"
            shortcut="Control+Enter"
            disabled={!state.isJoined || state.waiting === 0}
            onClick={() => tell({ e: "call-next" })}
          >
            {t.callNext}
          </Button>
        )}
      </div>
      {!isPaused && <p class="small shortcut">{boardWords(words).shortcut}</p>}
      <Duty duty={state.duty} words={words} isLater={false} tell={tell} />
      {!isPaused && <Arrived state={state} words={words} tell={tell} />}
      <Tickets {...props} />
      <Queues {...props} />
      <Bell {...props} />
      <div class="actions side">
        <Button id="off-duty" onClick={() => tell({ e: "duty", duty: "off" })}>
          {t.offDuty}
        </Button>
      </div>
    </>
  );
}

function Tickets({ state, words, now_s, titleOf, tell }: BoardProps) {
  const t = words.doctor;
  const more = state.waiting - state.tickets.length;
  const isOne = state.queues.length < 2;
  const isOn = state.page.name === "on";
  return (
    <section class="card" aria-labelledby="queue-title">
      <h2 id="queue-title">{t.queue}</h2>
      {state.tickets.length === 0 ? (
        <p>{t.empty}</p>
      ) : (
        <table>
          <thead>
            <tr>
              <th scope="col">{t.place}</th>
              {!isOne && <th scope="col">{boardWords(words).from}</th>}
              <th scope="col">{t.since}</th>
              <th scope="col">{t.state}</th>
            </tr>
          </thead>
          <tbody>
            {state.tickets.map(({ ticket, queue, place, since, awake }) => (
              <tr key={ticket} class={awake ? "" : "asleep"} data-ticket={ticket}>
                <td>{place}</td>
                {!isOne && (
                  <td class="from">{isOwn(queue) ? boardWords(words).own : titleOf(queue)}</td>
                )}
                <td>{t.minutes(Math.floor((now_s + state.ahead_s - since) / 60))}</td>
                <td>
                  <span class="dot" aria-hidden="true" /> {awake ? t.awake : t.asleep}
                  {isOn && awake && isOwn(queue) && (
                    <Button
                      id={`pick-${ticket}`}
                      disabled={!state.isJoined}
                      onClick={() => tell({ e: "pick", ticket })}
                    >
                      {boardWords(words).pick}
                    </Button>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {more > 0 && <p class="small">{t.more(more)}</p>}
    </section>
  );
}
