/**
 * What the waiting room shows of the person who waits: own picture and voice, and the question
 * whether anybody is still there.
 *
 * View: draws, and tells what was clicked.
 */
import type { Event, State } from "./consultation.ts";
import { Level } from "./devices-view.tsx";
import type { OwnMedia } from "./own-media.ts";
import { Button, show } from "./parts.tsx";
import { Choice } from "./picking.tsx";
import type { Words } from "./words/fr.ts";
import { journeyWords } from "./words/journey.ts";

/** Small: so that nobody is surprised by what the doctor will see. */
export function OwnPicture({ own, words }: { own: OwnMedia; words: Words }) {
  const w = journeyWords(words).room;
  const { stream } = own;
  const hasPicture = own.has("camera");
  const hasSound = own.has("microphone");
  if (stream === null || (!hasPicture && !hasSound)) return null;
  return (
    <>
      <div class="place-self" data-testid="self">
        {hasPicture && (
          <video
            class={own.isAsItIs ? "as-it-is" : ""}
            autoplay
            playsInline
            muted
            ref={show(stream)}
            aria-label={words.devices.preview}
          />
        )}
        <div class="level">
          <p class="small">{hasPicture ? w.self : w.selfNone}</p>
          {hasSound && <Level key={stream.id} words={words} stream={stream} />}
        </div>
      </div>
      <Choice words={words} own={own} />
    </>
  );
}

/** Asked kindly, and answered or not: nobody loses a place by it. */
export function StillThere(props: { state: State; words: Words; tell: (event: Event) => void }) {
  const { state, words, tell } = props;
  const w = journeyWords(words).there;
  return (
    <div role="alert">
      {state.isAsked && (
        <section class="notice" data-testid="still-there">
          <h2>{w.title}</h2>
          <p>{state.isOnline ? w.text : w.offline}</p>
          <div class="actions">
            <Button id="still-here" kind="primary" onClick={() => tell({ e: "still-here" })}>
              {w.yes}
            </Button>
            <Button id="not-here" onClick={() => tell({ e: "give-up" })}>
              {w.no}
            </Button>
          </div>
        </section>
      )}
    </div>
  );
}
