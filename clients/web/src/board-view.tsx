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
import { type Keys, KeysSwitch } from "./keys-view.tsx";
import { countOf, ownTickets, served } from "./queues.ts";
import type { Event, State } from "./rounds.ts";
import { boardWords } from "./words/board.ts";
import { doctorWords } from "./words/doctor.ts";
import type { Words } from "./words/fr.ts";
import { wardWords } from "./words/ward.ts";

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
  keys: Keys;
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
        {!isLater && (
          <Button id="off-duty" onClick={() => tell({ e: "duty", duty: "off" })}>
            {t.off}
          </Button>
        )}
      </div>
      {duty !== "off" && <p class="small why">{isLater ? t.later[duty] : t.now[duty]}</p>}
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

function Bell({ words, isLoud, onLoud, notes, onNotes, keys }: BoardProps) {
  const t = boardWords(words);
  return (
    <>
      <div class="bell">
        <label title={t.loud}>
          <input type="checkbox" id="loud" checked={isLoud} onChange={() => onLoud(!isLoud)} />
          <span>
            {wardWords(words).sound}
            <span class="hidden"> – {t.loud}</span>
          </span>
        </label>
        <KeysSwitch keys={keys} words={words} />
      </div>
      {notes === "default" && (
        <div class="bell">
          <Button id="notes" onClick={onNotes}>
            {t.notes}
          </Button>
        </div>
      )}
      {notes === "granted" && <p class="small why">{t.notesOn}</p>}
    </>
  );
}

/** What the page stands on, in one line: network, keys, who else is on duty. */
export function Line(props: { state: State; words: Words; keysUntil: string; isDue: boolean }) {
  const { state, words, keysUntil, isDue } = props;
  const t = wardWords(words).line;
  const found = state.check?.found ?? null;
  const network = !state.isOnline
    ? t.offline
    : found === null
      ? t.checking
      : found === "unreachable"
        ? t.unreachable
        : found === "udp"
          ? t.good
          : t.slow;
  const isBad = !state.isOnline || found === "unreachable";
  return (
    <ul class="line" aria-label={t.label}>
      <li class={isBad ? "bad" : ""} data-relay={found ?? "checking"}>
        <span class="dot" aria-hidden="true" /> {network}
      </li>
      <li class={isDue ? "bad" : ""}>{t.keys(keysUntil)}</li>
      <li>{t.doctors(state.doctors)}</li>
    </ul>
  );
}

/** On duty, or in a pause: what is there to do, and who waits. */
export function Board(props: BoardProps) {
  const { state, words, keys, tell } = props;
  const t = doctorWords(words);
  const isPaused = state.page.name === "paused";
  return (
    <div class="board">
      <div class="desk">
        <div class="bar-top">
          <p class="number" aria-hidden="true">
            {state.waiting}
          </p>
          <div>
            <h1>{isPaused ? boardWords(words).pausedTitle : t.onTitle}</h1>
            <Count {...props} />
          </div>
          {isPaused ? (
            <Button
              id="resume"
              kind="primary"
              shortcut={keys.isOn ? "P" : undefined}
              onClick={() => tell({ e: "duty", duty: "on" })}
            >
              {boardWords(words).resume}
              {keys.isOn && <kbd aria-hidden="true">P</kbd>}
            </Button>
          ) : (
            <Button
              id="call-next"
              kind="primary"
              shortcut={keys.isOn ? "N Control+Enter" : "Control+Enter"}
              disabled={!state.isJoined || state.waiting === 0}
              onClick={() => tell({ e: "call-next" })}
            >
              {t.callNext}
              <kbd aria-hidden="true">{keys.isOn ? "N" : wardWords(words).keys.both}</kbd>
            </Button>
          )}
        </div>
        {!isPaused && <Arrived state={state} words={words} tell={tell} />}
        <Duty duty={state.duty} words={words} isLater={false} tell={tell} />
        <Bell {...props} />
      </div>
      <div class="queue">
        <Tickets {...props} />
        <Queues {...props} />
      </div>
    </div>
  );
}

/** How many wait, and how long the next of them has. */
function Count({ state, words, now_s }: BoardProps) {
  const t = wardWords(words);
  const first = state.tickets.find(({ awake }) => awake) ?? state.tickets[0];
  return (
    <p class="count-of">
      {/* What is read aloud changes with who comes, and not with the minutes. */}
      <span class="hidden" role="status" aria-live="polite">
        {doctorWords(words).waiting(state.waiting)}
      </span>
      <span aria-hidden="true">{t.waiting}</span>
      {first !== undefined && (
        <>
          {" · "}
          {t.next(
            doctorWords(words).minutes(Math.floor((now_s + state.ahead_s - first.since) / 60)),
          )}
        </>
      )}
    </p>
  );
}

function Tickets({ state, words, now_s, titleOf, tell }: BoardProps) {
  const t = doctorWords(words);
  const more = state.waiting - state.tickets.length;
  const isOne = state.queues.length < 2;
  const isOn = state.page.name === "on";
  return (
    <section class="card tickets" aria-labelledby="queue-title">
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
                  <span>
                    <span class="dot" aria-hidden="true" /> {awake ? t.awake : t.asleep}
                  </span>
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
