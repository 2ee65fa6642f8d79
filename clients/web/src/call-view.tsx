/**
 * The call as all three see it: the far end large, ourselves small, what can be done beneath.
 *
 * View: draws, and tells the desk what was clicked. It may not decide anything.
 */
import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Banner } from "./banner.ts";
import { OwnLine } from "./in-call-devices.tsx";
import { route } from "./loudspeaker.ts";
import type { Flow } from "./meeting.ts";
import type { OwnMedia } from "./own-media.ts";
import { Button, show, useStanding } from "./parts.tsx";
import { QualityMark } from "./quality-view.tsx";
import type { Steward } from "./steward.ts";
import { StageTools, TileView, toggleFull } from "./tile-view.tsx";
import { isVeiled } from "./veil.ts";
import { AudioAsked, AudioLabel, ProposeAudio, VoiceLine } from "./voice-view.tsx";
import { callWords } from "./words/call.ts";
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
  /** Of the pair that began the session. */
  steward: Steward;
  /** A doctor's page: pictures of others than doctors are blurred until they are wanted. */
  isVeiling?: boolean;
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

/** The call: the far end large, ourselves small, a few things to do. */
export function CallView(props: CallProps) {
  const { words, own, steward, isVeiling = false } = props;
  const { isMuted, isDark, stream } = own;
  const stands = useStanding();
  const t = words.session;
  const { far, who, remote, tiles: others = [] } = props;
  const first: Tile = {
    key: "first",
    role: "first",
    label: far,
    caption: who,
    status: "",
    remote: remote ?? null,
  };
  const tiles: Tile[] = remote === undefined ? others : [first, ...others];
  const isMany = tiles.length > 1;
  const veiled = (tile: Tile) => isVeiling && isVeiled(steward.lifted, tile);
  const lead = tiles[0];
  const isLeadVeiled = lead !== undefined && veiled(lead);
  const isAudio = steward.exchange.name === "audio";
  const hasPicture =
    stream !== null && stream.getVideoTracks().length > 0 && (!isDark || own.isSharing) && !isAudio;
  const farWord = remote === undefined ? null : steward.far;
  const [isAside, setAside] = useState(false);
  const turn = () => {
    if (isVeiling && lead !== undefined) steward.lift(lead.key, isLeadVeiled);
  };
  useEffect(() => steward.veil(remote !== undefined && isLeadVeiled));
  useEffect(() => {
    const heed = (event: KeyboardEvent) => {
      if (!event.ctrlKey || event.altKey || event.shiftKey || event.key.toLowerCase() !== "i")
        return;
      event.preventDefault();
      turn();
    };
    if (isVeiling) document.addEventListener("keydown", heed);
    return () => document.removeEventListener("keydown", heed);
  });
  return (
    <div class="call" data-flow={props.flow}>
      <h1 class="hidden">{t.title}</h1>
      <div
        class={isMany ? "stage many" : "stage"}
        data-aside={isAside}
        onDblClick={({ target }) => {
          if (target instanceof Element && target.closest("button, details") === null) toggleFull();
        }}
      >
        {tiles.map((tile, at) => (
          <TileView
            key={tile.key}
            t={callWords(words)}
            tile={tile}
            at={at}
            isVeiled={veiled(tile)}
            isDark={tile === first && !isAudio && farWord?.cam === false}
            onLift={() => steward.lift(tile.key, true)}
            show={showFar(tile.remote)}
          >
            {isMany && tile.caption !== "" && (
              <p class="name">
                {tile.caption}
                {tile.status !== "" && ` – ${tile.status}`}
              </p>
            )}
          </TileView>
        ))}
        {remote !== undefined && <AudioLabel words={words} steward={steward} />}
        <video
          id="self"
          class={`${hasPicture ? "" : "off"} ${own.isAsItIs ? "as-it-is" : ""}`}
          autoplay
          playsInline
          muted
          ref={show(stream)}
          aria-label={t.self}
        />
        <StageTools
          t={callWords(words)}
          mayFloat={lead !== undefined && !isLeadVeiled && !isAudio}
          onLower={isVeiling && lead !== undefined && !isLeadVeiled && !isAudio ? turn : null}
          onMove={() => setAside(!isAside)}
        />
        <div class="caption">
          {!isMany && lead !== undefined && lead.caption !== "" && <b>{lead.caption}</b>}
          {/* What is interrupted the banner says, once. */}
          <span role="status" aria-live="polite" class={props.flow === "live" ? "live" : ""}>
            {stands && props.flow !== "interrupted" && props.status}
          </span>
          {farWord?.mic === false && (
            <span class="silent" aria-hidden="true">
              <Icon name="microphone" crossed />
              {callWords(words).far.micShort}
            </span>
          )}
          {remote !== undefined && props.flow === "live" && (
            <QualityMark words={words} quality={steward.quality} />
          )}
        </div>
        <button type="button" id="sound" class="primary" hidden onClick={playFar}>
          {t.sound}
        </button>
      </div>
      <div class="beside">
        <BannerLine
          {...props}
          banner={bannerFor(props.banner, farWord?.cam !== false && !isAudio)}
        />
        {remote !== undefined && (
          <VoiceLine words={words} steward={steward} isLost={props.banner === "sound"} />
        )}
        {remote !== undefined && <AudioAsked words={words} steward={steward} />}
        <OwnLine words={words} own={own} />
        {props.proof}
        {props.children}
      </div>
      <div class="controls">
        <Button
          id="mute"
          pressed={isMuted}
          label={isMuted ? t.unmute : t.mute}
          onClick={() => own.mute(!isMuted)}
        >
          <Icon name="microphone" crossed={isMuted} />
        </Button>
        {!isAudio && (
          <Button
            id="camera"
            pressed={isDark}
            label={isDark ? t.light : t.dark}
            onClick={() => own.darken(!isDark)}
          >
            <Icon name="camera" crossed={isDark} />
          </Button>
        )}
        {props.tools}
        {(props.more !== undefined || farWord !== null) && (
          <details class="more" onFocusOut={foldBehind} onKeyDown={foldByEscape}>
            <summary data-testid="more" aria-label={t.more} title={t.more}>
              <Icon name="more" />
            </summary>
            <div class="sheet">
              {farWord !== null && <ProposeAudio words={words} steward={steward} />}
              {props.more}
            </div>
          </details>
        )}
        <Button id="hang-up" kind="danger" label={t.hangUp} onClick={props.onHangUp}>
          <Icon name="hangUp" />
          <span>{t.hangUp}</span>
        </Button>
      </div>
    </div>
  );
}

/** Who has gone on by keys finds nothing covered by what is unfolded. */
function foldBehind({ currentTarget: more, relatedTarget: next }: FocusEvent): void {
  if (!(more instanceof HTMLDetailsElement) || !(next instanceof Node)) return;
  // A tap on bare words of the sheet gives the focus to what is around all of it.
  if (!more.contains(next) && !next.contains(more)) more.open = false;
}

function foldByEscape({ currentTarget: more, key }: KeyboardEvent): void {
  if (key !== "Escape" || !(more instanceof HTMLDetailsElement)) return;
  more.open = false;
  more.querySelector("summary")?.focus();
}

/** That no picture comes is no news where none is to come. */
function bannerFor(banner: Banner | null, isPictureDue: boolean): Banner | null {
  return banner === "sound" && !isPictureDue ? null : banner;
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
  hangUp: "M3 15v-2c0-6 18-6 18 0v2h-5v-3.2M3 15h5v-3.2",
  veil: "M2 12s4-6 10-6 10 6 10 6-4 6-10 6S2 12 2 12zM12 9.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5M4 3l16 18",
  float: "M3 5h18v14H3zM12 12h7v5h-7z",
  full: "M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5",
  small: "M9 4v5H4M15 4v5h5M9 20v-5H4M15 20v-5h5",
  move: "M4 12h16M8 8l-4 4 4 4M16 8l4 4-4 4",
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
