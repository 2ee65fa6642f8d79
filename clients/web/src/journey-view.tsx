/**
 * What the patient says on the way in, and may change while waiting: place, person, call-back.
 *
 * View: what is typed stays in this page. On the way in it waits for the button; in the waiting
 * room it counts as it is typed, once there is consent.
 */
import { useState } from "preact/hooks";
import {
  isPhone,
  type Person,
  PERSONS,
  PHONE_MAX,
  type Place,
  PLACES,
  type Said,
  USUAL,
  WHEREABOUTS_MAX,
} from "./about.ts";
import type { Event, State } from "./consultation.ts";
import { find, inWords, isOpen, isOwn, others } from "./directory.ts";
import { tellable } from "./journey.ts";
import { Button } from "./parts.tsx";
import { aboutWords } from "./words/about.ts";
import type { Words } from "./words/fr.ts";
import { journeyWords } from "./words/journey.ts";

interface Props {
  state: State;
  words: Words;
  tell: (event: Event) => void;
}

const AMELI = "https://www.ameli.fr/assure/remboursements/rembourse/consultations/teleconsultation";

/** On the way in: everything has its usual answer, and one tap goes on. */
export function AboutScreen({ state, words, tell }: Props) {
  const w = journeyWords(words);
  const { directory, own } = state.circle;
  const [said, setSaid] = useState(USUAL);
  const [isWrong, setWrong] = useState(false);
  const [queue, setQueue] = useState<string | null>(null);
  const title = titleOf(state, own, words);
  const asksPlace =
    directory !== null && own !== null && !isOwn(own) && others(directory, own).length > 0;
  const goOn = (to: string | null) => {
    const isUnfit = said.phone.trim() !== "" && !isPhone(said.phone);
    setWrong(isUnfit);
    if (isUnfit) document.getElementById("phone")?.focus();
    else tell({ e: "about", said, queue: to });
  };
  return (
    <>
      <h1>{w.about.title}</h1>
      <p role="status">
        {own !== null && isOwn(own) && w.about.ownDoctor}
        {title !== null && w.about.queue(title)}
      </p>
      {asksPlace && (
        <Territory
          state={state}
          words={words}
          queue={queue}
          onQueue={setQueue}
          onRather={() => goOn(null)}
        />
      )}
      <Fields said={said} isWrong={isWrong} words={words} onSaid={setSaid} />
      <p class="small">{w.about.sealed}</p>
      <div class="actions">
        <Button id="about-ready" kind="primary" onClick={() => goOn(queue)}>
          {w.about.next}
        </Button>
      </div>
    </>
  );
}

/** In the waiting room: filled or changed at leisure; after a reload it says that it is empty. */
export function AboutCard({ state, words, tell }: Props) {
  const w = journeyWords(words).room;
  const { known } = state;
  const [said, setSaid] = useState(known.said ?? USUAL);
  const [isWrong, setWrong] = useState(false);
  const [isSaved, setSaved] = useState(false);
  // Of when the room was entered: it stays open while it is filled.
  const [isLost] = useState(known.said === null);
  return (
    <details class="card" data-testid="about-card" open={isLost}>
      <summary>{w.about}</summary>
      {isLost && known.said === null && <p>{w.lost}</p>}
      <Fields
        said={said}
        isWrong={isWrong}
        words={words}
        onSaid={(next) => {
          setSaid(next);
          setSaved(false);
          // A doctor may call before the button is tapped.
          const told = tellable(next, known);
          if (told !== null) tell({ e: "say", said: told, at_s: Date.now() / 1000 });
        }}
      />
      {known.consent === null && <p class="small">{w.agreeing}</p>}
      <Button
        id="about-save"
        onClick={() => {
          const isUnfit = said.phone.trim() !== "" && !isPhone(said.phone);
          setWrong(isUnfit);
          setSaved(!isUnfit);
          if (isUnfit) document.getElementById("phone")?.focus();
          else tell({ e: "say", said, at_s: Date.now() / 1000 });
        }}
      >
        {w.save}
      </Button>
      <p role="status" class="small">
        {isSaved && w.saved}
      </p>
    </details>
  );
}

function Fields(props: {
  said: Said;
  isWrong: boolean;
  words: Words;
  onSaid: (said: Said) => void;
}) {
  const { said, isWrong, words, onSaid } = props;
  const w = journeyWords(words).about;
  const a = aboutWords(words);
  return (
    <>
      <Choice
        name="place"
        title={w.place}
        all={PLACES}
        said={said.place}
        labels={a.places}
        onSaid={(place: Place) => onSaid({ ...said, place })}
      />
      <Choice
        name="person"
        title={w.person}
        all={PERSONS}
        said={said.person}
        labels={a.persons}
        onSaid={(person: Person) => onSaid({ ...said, person })}
      />
      <details class="reach" open={isWrong || said.phone !== "" || said.whereabouts !== ""}>
        <summary>{w.reach}</summary>
        <p class="small">{w.reachText}</p>
        <label for="phone">{w.phone}</label>
        <input
          id="phone"
          type="tel"
          dir="ltr"
          autocomplete="tel"
          maxLength={PHONE_MAX}
          value={said.phone}
          aria-invalid={isWrong}
          aria-describedby="phone-wrong"
          onInput={(event) => onSaid({ ...said, phone: event.currentTarget.value })}
        />
        <div id="phone-wrong" role="alert">
          {isWrong && <p class="notice">{w.phoneWrong}</p>}
        </div>
        <label for="whereabouts">{w.whereabouts}</label>
        <input
          id="whereabouts"
          dir="auto"
          type="text"
          autocomplete="street-address"
          maxLength={WHEREABOUTS_MAX}
          value={said.whereabouts}
          aria-describedby="whereabouts-text"
          onInput={(event) => onSaid({ ...said, whereabouts: event.currentTarget.value })}
        />
        <p id="whereabouts-text" class="small">
          {w.whereaboutsText}
        </p>
      </details>
    </>
  );
}

/** One of a few, as large as a thumb. */
function Choice<T extends string>(props: {
  name: string;
  title: string;
  all: readonly T[];
  said: T | null;
  labels: Readonly<Record<T, string>>;
  onSaid: (one: T) => void;
}) {
  return (
    <fieldset class="chips">
      <legend>{props.title}</legend>
      {props.all.map((one) => (
        <label key={one}>
          <input
            type="radio"
            name={props.name}
            id={`${props.name}-${one}`}
            checked={props.said === one}
            onChange={() => props.onSaid(one)}
          />
          <span>{props.labels[one]}</span>
        </label>
      ))}
    </fieldset>
  );
}

/** Looked up here: a place never leaves the page, only the queue that it leads to does. */
function Territory(props: {
  state: State;
  words: Words;
  queue: string | null;
  onQueue: (queue: string | null) => void;
  onRather: () => void;
}) {
  const { state, words, queue, onQueue } = props;
  const { directory } = state.circle;
  const w = journeyWords(words).territory;
  const [typed, setTyped] = useState("");
  const found = directory === null ? [] : find(directory, typed);
  const chosen = titleOf(state, queue, words);
  const heard = typed.trim().length >= 2;
  return (
    <section class="card" aria-labelledby="territory">
      <label for="territory-where" id="territory">
        {w.title}
      </label>
      <input
        id="territory-where"
        type="text"
        autocomplete="off"
        enterkeyhint="done"
        maxLength={60}
        value={typed}
        aria-describedby="territory-why"
        onInput={(event) => {
          const next = event.currentTarget.value;
          const [first, ...more] = directory === null ? [] : find(directory, next);
          setTyped(next);
          onQueue(first !== undefined && more.length === 0 ? first : null);
        }}
      />
      <div role="status">
        {chosen !== null && <p class="chosen">{w.kept(chosen)}</p>}
        {heard && found.length === 0 && <p>{w.notFound}</p>}
        {found.length > 1 && <p>{w.choose}</p>}
      </div>
      {found.length > 1 && (
        <div class="choices">
          {found.map((name) => (
            <Button
              key={name}
              id={`territory-${name}`}
              pressed={queue === name}
              onClick={() => onQueue(name)}
            >
              {titleOf(state, name, words)}
            </Button>
          ))}
        </div>
      )}
      <div class="small" id="territory-why">
        <p>{w.why}</p>
        <p>{w.refusing}</p>
        <p>
          {w.coverage}{" "}
          <a href={AMELI} target="_blank" rel="noopener noreferrer">
            {w.ameli} <span class="hidden">{w.newTab}</span>
          </a>
        </p>
      </div>
      <Button id="territory-rather" onClick={props.onRather}>
        {w.rather}
      </Button>
    </section>
  );
}

/** The title of a queue that is open; null for any other. */
function titleOf({ circle }: State, name: string | null, words: Words): string | null {
  const queue = name === null ? undefined : circle.directory?.get(name);
  return isOpen(queue) ? inWords(queue.title, words) : null;
}
