/**
 * The call as all three see it: the far end large, ourselves small, what can be done beneath.
 *
 * View: draws, and tells the desk what was clicked. It may not decide anything.
 */
import type { ComponentChildren } from "preact";
import type { Banner } from "./banner.ts";
import { OwnLine } from "./in-call-devices.tsx";
import { route } from "./loudspeaker.ts";
import type { Flow } from "./meeting.ts";
import type { OwnMedia } from "./own-media.ts";
import { Button, show, useStanding } from "./parts.tsx";
import type { Words } from "./words/fr.ts";

type Click = () => void;

/** A far end's picture, and whose it is. */
export interface Tile {
  key: string;
  role: string;
  label: string;
  caption: string;
  status: string;
  remote: MediaStream | null;
}

export interface CallProps {
  words: Words;
  far: string;
  who: string;
  flow: Flow;
  status: string;
  /** Of the pair that began the session; undefined where this page has none. */
  remote: MediaStream | null | undefined;
  /** Everybody beyond that pair. */
  tiles?: Tile[];
  /** Our own camera and microphone. */
  own: OwnMedia;
  onHangUp: Click;
  proof: ComponentChildren;
  banner: Banner | null;
  /** What the far end is called in the banner's sentences. */
  farEnd: "doctor" | "patient";
  onRetry: Click;
  /** Further buttons of the bar, icons all of them. */
  tools?: ComponentChildren;
  /** What is seldom wanted, behind one button of the bar. */
  more?: ComponentChildren;
  children?: ComponentChildren;
}

/** The call: the far end large, ourselves small, four things to do. */
export function CallView(props: CallProps) {
  const { words, own } = props;
  const { isMuted, isDark, stream } = own;
  const stands = useStanding();
  const t = words.session;
  const hasPicture =
    stream !== null && stream.getVideoTracks().length > 0 && (!isDark || own.isSharing);
  const { far, who, remote, tiles: others = [] } = props;
  const first = { key: "first", role: "first", label: far, caption: who, status: "" };
  const tiles: Tile[] = remote === undefined ? others : [{ ...first, remote }, ...others];
  const isMany = tiles.length > 1;
  return (
    <div class="call" data-flow={props.flow}>
      <h1 class="hidden">{t.title}</h1>
      <div class={isMany ? "stage many" : "stage"}>
        {tiles.map((tile, at) => (
          <div class="tile" key={tile.key} data-role={tile.role}>
            <video
              id={at === 0 ? "far" : `far-${at}`}
              autoplay
              playsInline
              ref={showFar(tile.remote)}
              aria-label={tile.label}
            />
            {isMany && tile.caption !== "" && (
              <p class="name">
                {tile.caption}
                {tile.status !== "" && ` – ${tile.status}`}
              </p>
            )}
          </div>
        ))}
        <video
          id="self"
          class={`${hasPicture ? "" : "off"} ${own.isAsItIs ? "as-it-is" : ""}`}
          autoplay
          playsInline
          muted
          ref={show(stream)}
          aria-label={t.self}
        />
        <div class="caption">
          {!isMany && tiles[0] !== undefined && tiles[0].caption !== "" && (
            <b>{tiles[0].caption}</b>
          )}
          {/* What is interrupted the banner says, once. */}
          <span role="status" aria-live="polite" class={props.flow === "live" ? "live" : ""}>
            {stands && props.flow !== "interrupted" && props.status}
          </span>
        </div>
        <button type="button" id="sound" class="primary" hidden onClick={playFar}>
          {t.sound}
        </button>
      </div>
      <BannerLine {...props} />
      <OwnLine words={words} own={own} />
      {props.proof}
      {props.children}
      <div class="controls">
        <Button
          id="mute"
          pressed={isMuted}
          label={isMuted ? t.unmute : t.mute}
          onClick={() => own.mute(!isMuted)}
        >
          <Icon name="microphone" crossed={isMuted} />
        </Button>
        <Button
          id="camera"
          pressed={isDark}
          label={isDark ? t.light : t.dark}
          onClick={() => own.darken(!isDark)}
        >
          <Icon name="camera" crossed={isDark} />
        </Button>
        {props.tools}
        {props.more !== undefined && (
          <details class="more">
            <summary data-testid="more" aria-label={t.more} title={t.more}>
              <Icon name="more" />
            </summary>
            <div class="sheet">{props.more}</div>
          </details>
        )}
        <Button id="hang-up" kind="danger" onClick={props.onHangUp}>
          {t.hangUp}
        </Button>
      </div>
    </div>
  );
}

/** One line at a time about the path. It is always there: only what changes in it is spoken. */
function BannerLine(props: CallProps) {
  const { banner } = props;
  const t = props.words.banner;
  const sentence = banner === null ? "" : t.of(banner, props.farEnd);
  return (
    <div class="banner-line" data-banner={banner ?? undefined}>
      <p role="status" aria-live="polite" class={banner === null ? "" : "notice"}>
        {sentence}
      </p>
      {banner === "spent" && (
        <Button id="retry" kind="primary" onClick={props.onRetry}>
          {t.retry}
        </Button>
      )}
    </div>
  );
}

const ICONS = {
  microphone: "M12 3a3 3 0 0 0-3 3v5a3 3 0 0 0 6 0V6a3 3 0 0 0-3-3zM5 11a7 7 0 0 0 14 0M12 18v3",
  camera: "M3 7h12v10H3zM15 11l6-3v8l-6-3",
  more: "M5 12h.01M12 12h.01M19 12h.01",
};

/** A sign for a button whose words are its label. */
export function Icon(props: { name: keyof typeof ICONS; crossed?: boolean }) {
  return (
    <svg viewBox="0 0 24 24" width="26" height="26" aria-hidden="true" class="icon">
      <path d={ICONS[props.name]} />
      {props.crossed === true && <path d="M4 3l17 18" />}
    </svg>
  );
}

/** Show the far end, mark its first picture, and ask for a touch where sound needs one. */
function showFar(stream: MediaStream | null) {
  return (video: HTMLVideoElement | null) => {
    if (video === null || video.srcObject === stream) return;
    video.srcObject = stream;
    route(video);
    if (stream === null) return;
    const mark = () => performance.mark("first-frame");
    // Older Firefox has no frame callback.
    if ("requestVideoFrameCallback" in video) {
      video.requestVideoFrameCallback(mark);
    } else {
      (video as HTMLVideoElement).addEventListener("loadeddata", mark, { once: true });
    }
    video.play().catch((error: unknown) => {
      const sound = document.getElementById("sound");
      // After a reload nobody has touched the page yet, and browsers keep it silent.
      if (error instanceof DOMException && error.name === "NotAllowedError" && sound !== null) {
        sound.hidden = false;
      }
    });
  };
}

function playFar(event: MouseEvent): void {
  for (const far of document.querySelectorAll<HTMLVideoElement>(".tile video")) void far.play();
  if (event.currentTarget instanceof HTMLElement) event.currentTarget.hidden = true;
}
