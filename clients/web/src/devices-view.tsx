/**
 * The check of camera and microphone, before anybody sees or hears anything.
 *
 * View: draws, and tells the desk what was clicked.
 */
import { watchLevel } from "./media.ts";
import type { Trouble } from "./media.ts";
import { Button, show, Status } from "./parts.tsx";
import type { Words } from "./words/fr.ts";

type Click = () => void;

export function Preview(props: {
  words: Words;
  stream: MediaStream | null;
  trouble: Trouble | null;
  ready: string;
  onReady: Click;
  onTry: (video: boolean) => void;
}) {
  const { words, stream, trouble } = props;
  const hasPicture = stream !== null && stream.getVideoTracks().length > 0;
  return (
    <>
      <h1>{words.devices.title}</h1>
      {trouble !== null && (
        <p role="alert" class="notice">
          {words.devices[trouble]}
        </p>
      )}
      {trouble === null && stream === null && <Status>{words.devices.asking}</Status>}
      {stream !== null && (
        <>
          <div class="preview">
            {hasPicture ? (
              <video
                id="self"
                autoplay
                playsInline
                muted
                ref={show(stream)}
                aria-label={words.devices.preview}
              />
            ) : (
              <p>{words.devices.noPicture}</p>
            )}
          </div>
          <Level key={stream.id} words={words} stream={stream} />
          <p class="small">{words.devices.seen}</p>
        </>
      )}
      <div class="actions">
        {trouble === null ? (
          <Button
            id="devices-ready"
            kind="primary"
            disabled={stream === null}
            onClick={props.onReady}
          >
            {props.ready}
          </Button>
        ) : (
          <>
            <Button id="devices-again" kind="primary" onClick={() => props.onTry(true)}>
              {words.devices.again}
            </Button>
            {trouble !== "insecure" && trouble !== "no-webrtc" && (
              <Button id="sound-only" onClick={() => props.onTry(false)}>
                {words.devices.soundOnly}
              </Button>
            )}
          </>
        )}
      </div>
    </>
  );
}

/** One meter a stream: a new function at every drawing would start a new meter each time. */
const meters = new WeakMap<MediaStream, (bar: HTMLElement | null) => void>();

function meter(stream: MediaStream): (bar: HTMLElement | null) => void {
  let stop: (() => void) | null = null;
  const attach = (bar: HTMLElement | null) => {
    stop?.();
    stop =
      bar &&
      watchLevel(stream, (level) => {
        // Through the object model: the page's policy allows no style attribute.
        bar.style.transform = `scaleX(${level.toFixed(3)})`;
      });
  };
  meters.set(stream, attach);
  return attach;
}

function Level({ words, stream }: { words: Words; stream: MediaStream }) {
  return (
    <div class="level">
      <p>{words.devices.speak}</p>
      <div class="bar" role="img" aria-label={words.devices.level}>
        <div ref={meters.get(stream) ?? meter(stream)} />
      </div>
    </div>
  );
}
