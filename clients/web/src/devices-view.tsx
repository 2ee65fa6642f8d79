/**
 * The check of camera and microphone, before anybody sees or hears anything.
 *
 * View: draws, and tells the desk what was clicked. Nobody is stopped by a fault: with sound alone,
 * or in writing, everybody may go on.
 */
import { useState } from "preact/hooks";
import type { Trouble } from "./faults.ts";
import { browserAddress, inAppOf } from "./in-app.ts";
import { watchLevel } from "./media.ts";
import type { OwnMedia } from "./own-media.ts";
import { Button, show, Status } from "./parts.tsx";
import { Choice } from "./picking.tsx";
import { devicesWords, faultIn } from "./words/devices.ts";
import type { Words } from "./words/fr.ts";

type Click = () => void;

interface PreviewProps {
  words: Words;
  own: OwnMedia;
  trouble: Trouble | null;
  /** Null where the page goes on by itself. */
  ready: string | null;
  onReady: Click;
  onTry: (video: boolean) => void;
}

export function Preview(props: PreviewProps) {
  const { words, own, trouble } = props;
  const { stream } = own;
  const t = devicesWords(words);
  const hasPicture = own.has("camera");
  const hasSound = own.has("microphone");
  const isIdle = stream !== null && !hasPicture && !hasSound;
  return (
    <>
      <h1>{words.devices.title}</h1>
      <WayOut words={words} />
      {trouble !== null && <Fault words={words} trouble={trouble} />}
      <Status>
        {trouble !== null
          ? ""
          : stream === null
            ? words.devices.asking
            : own.isTrying
              ? t.trying
              : isIdle
                ? t.onlyWritingNow
                : hasPicture
                  ? t.works
                  : t.onlySoundNow}
      </Status>
      {/* Room for what comes, so that nothing moves under a finger. */}
      {stream === null && trouble === null && <div class="preview awaited" aria-hidden="true" />}
      {stream !== null && !isIdle && (
        <>
          {/* Without a picture the ways on are nearer than an empty box. */}
          {hasPicture && (
            <div class="preview">
              <video
                id="self"
                class={own.isAsItIs ? "as-it-is" : ""}
                autoplay
                playsInline
                muted
                ref={show(stream)}
                aria-label={words.devices.preview}
              />
            </div>
          )}
          {hasSound && <Level key={stream.id} words={words} stream={stream} />}
          <Choice words={words} own={own} />
        </>
      )}
      <p class="small">{t.kept}</p>
      <div class="actions">
        {trouble === null ? (
          props.ready !== null && (
            <Button
              id="devices-ready"
              kind="primary"
              disabled={stream === null}
              onClick={props.onReady}
            >
              {props.ready}
            </Button>
          )
        ) : (
          <WaysOn {...props} trouble={trouble} />
        )}
      </div>
    </>
  );
}

/** Try again, or go on with what there is. */
function WaysOn({ words, own, trouble, onTry }: PreviewProps & { trouble: Trouble }) {
  const t = devicesWords(words);
  const hasPicture = own.has("camera");
  const hasSound = own.has("microphone");
  const again = () => {
    own.wants = { camera: true, microphone: true };
    onTry(true);
  };
  // Where nothing was asked for, both were refused: the sound alone may still be allowed.
  const mayHear = hasSound || trouble === "denied" || trouble === "busy";
  const listens = () => {
    if (hasSound) own.settle({ camera: false, microphone: true });
    else {
      own.wants = { camera: false, microphone: true };
      onTry(false);
    }
  };
  return (
    <>
      {trouble !== "insecure" && trouble !== "no-webrtc" && (
        <Button id="devices-again" kind="primary" onClick={again}>
          {t.again}
        </Button>
      )}
      {(trouble === "silent" || trouble === "camera-dark") && (
        <Button
          id="devices-anyway"
          onClick={() => own.settle({ camera: hasPicture, microphone: hasSound })}
        >
          {t.anyway}
        </Button>
      )}
      {mayHear && trouble !== "silent" && (
        <Button id="sound-only" onClick={listens}>
          {t.onlySound}
        </Button>
      )}
      {hasPicture && !hasSound && (
        <Button id="no-voice" onClick={() => own.settle({ camera: true, microphone: false })}>
          {t.noVoice}
        </Button>
      )}
      {trouble !== "insecure" && !hasPicture && (
        <Button id="text-only" onClick={() => own.settle({ camera: false, microphone: false })}>
          {t.onlyWriting}
        </Button>
      )}
    </>
  );
}

/** What happened, and what to do about it in this very browser. */
export function Fault(props: { words: Words; trouble: Trouble; onAgain?: Click }) {
  const { words, trouble, onAgain } = props;
  const { what, todo } = faultIn(words, trouble, navigator.userAgent, navigator.maxTouchPoints);
  return (
    <section role="alert" class="notice" data-trouble={trouble}>
      <h2>{what}</h2>
      <p>{todo}</p>
      {onAgain !== undefined && (
        <Button id="devices-again" onClick={onAgain}>
          {devicesWords(words).again}
        </Button>
      )}
    </section>
  );
}

/** Safari's own property of a page on the home screen. */
interface OnApple {
  standalone?: boolean;
}

/** Out of another application's window, with the link as it is. */
export function WayOut({ words }: { words: Words }) {
  const [copied, setCopied] = useState<"no" | "yes" | "refused">("no");
  const app = inAppOf(navigator.userAgent, (navigator as OnApple).standalone === true);
  if (app === null) return null;
  const t = devicesWords(words).inApp;
  const address = browserAddress(location.href, navigator.userAgent);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(location.href);
      setCopied("yes");
    } catch {
      setCopied("refused");
    }
  };
  return (
    <section class="notice" data-app={app} data-testid="way-out">
      <h2>{t.title(t.names[app])}</h2>
      <p>{t.text}</p>
      {address === null ? (
        <p>{t.menu[app]}</p>
      ) : (
        <a class="button" data-testid="open-in-browser" href={address}>
          {t.open}
        </a>
      )}
      <Button id="copy-link" onClick={() => void copy()}>
        {t.copy}
      </Button>
      <p role="status">{copied === "no" ? "" : copied === "yes" ? t.copied : t.notCopied}</p>
      {copied === "refused" && (
        <input readOnly value={location.href} aria-label={t.link} data-testid="link" />
      )}
    </section>
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

export function Level({ words, stream }: { words: Words; stream: MediaStream }) {
  return (
    <div class="level">
      <p>{words.devices.speak}</p>
      <div class="bar" role="img" aria-label={words.devices.level}>
        <div ref={meters.get(stream) ?? meter(stream)} />
      </div>
    </div>
  );
}
