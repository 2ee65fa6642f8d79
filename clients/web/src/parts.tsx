/**
 * Pieces of the pages that patient and doctor share.
 *
 * View: draws, and tells the desk what was clicked. It may not decide anything.
 */
import type { ComponentChildren } from "preact";
import type { Banner } from "./banner.ts";
import { isLocked, type Proven, spoken } from "./lock.ts";
import { watchLevel } from "./media.ts";
import type { Trouble } from "./media.ts";
import type { Flow } from "./meeting.ts";
import type { Check } from "./relays.ts";
import type { Words } from "./words/fr.ts";

type Click = () => void;

export function Button(props: {
  id: string;
  kind?: "primary" | "plain" | "danger" | undefined;
  onClick: Click;
  disabled?: boolean;
  pressed?: boolean;
  label?: string;
  shortcut?: string;
  children: ComponentChildren;
}) {
  return (
    <button
      type="button"
      id={props.id}
      data-testid={props.id}
      class={props.kind ?? "plain"}
      disabled={props.disabled ?? false}
      aria-pressed={props.pressed}
      aria-label={props.label}
      aria-keyshortcuts={props.shortcut}
      title={props.label}
      onClick={props.onClick}
    >
      {props.children}
    </button>
  );
}

export function Header(props: { words: Words; onLanguage: Click; children?: ComponentChildren }) {
  const { words } = props;
  return (
    <header>
      <p class="brand">
        <svg viewBox="0 0 32 32" width="28" height="28" aria-hidden="true">
          <rect width="32" height="32" rx="8" fill="var(--accent)" />
          <path
            d="M8 9h16a2 2 0 0 1 2 2v8a2 2 0 0 1-2 2h-9l-5 4v-4H8a2 2 0 0 1-2-2v-8a2 2 0 0 1 2-2z"
            fill="var(--on-accent)"
          />
          <path
            d="M16 11.5v7M12.5 15h7"
            stroke="var(--accent)"
            stroke-width="2.2"
            stroke-linecap="round"
          />
        </svg>
        {words.name}
      </p>
      {props.children}
      <button
        type="button"
        id="language"
        data-testid="language"
        class="language"
        lang={words.otherLang}
        onClick={props.onLanguage}
      >
        {words.other}
      </button>
    </header>
  );
}

/** The three numbers, large: the first thing a patient sees. */
export function Emergency({ words }: { words: Words }) {
  return (
    <section class="emergency" aria-labelledby="emergency">
      <h2 id="emergency">
        {words.emergency} <span>{words.emergencyText}</span>
      </h2>
      <div class="numbers">
        <a href="tel:15" aria-label={words.call15}>
          <b>15</b> SAMU
        </a>
        <a href="tel:112" aria-label={words.call112}>
          <b>112</b> Europe
        </a>
        <a href="sms:114" aria-label={words.call114}>
          <b>114</b> SMS
        </a>
      </div>
    </section>
  );
}

/** The same in one line, on every screen where somebody waits. */
export function EmergencyLine({ words }: { words: Words }) {
  return (
    <p class="emergency-line">
      <span>{words.orCall}</span>
      <a href="tel:15" aria-label={words.call15}>
        15
      </a>
      <a href="tel:112" aria-label={words.call112}>
        112
      </a>
      <a href="sms:114" aria-label={words.call114}>
        {words.sms114}
      </a>
    </p>
  );
}

/** What is happening, spoken too. */
export function Status(props: { kind?: "warning"; children: ComponentChildren }) {
  return (
    <p role="status" aria-live="polite" class={props.kind === "warning" ? "notice" : "status"}>
      {props.children}
    </p>
  );
}

/** Whether picture and sound would get through; nobody is kept from waiting by it. */
export function Network(props: {
  words: Words;
  check: Check | null;
  kept: string;
  onAgain: Click;
}) {
  const { check } = props;
  const t = props.words.relay;
  if (check === null) return null;
  const { isRunning, found } = check;
  if (found === "unreachable") {
    return (
      <section class="notice" data-relay={found}>
        <div role="status">
          <h2>{t.title}</h2>
          <p>
            {t.text} <b>{props.kept}</b>
          </p>
          <p>{t.todo}</p>
        </div>
        {/* Outside of what is spoken: it changes each minute. */}
        <Button id="check-again" disabled={isRunning} onClick={props.onAgain}>
          {isRunning ? t.running : t.again}
        </Button>
      </section>
    );
  }
  return (
    <p class="small" role="status" data-relay={found ?? "checking"}>
      {found === null ? t.checking : found === "udp" ? t.works : t.slow}
    </p>
  );
}

function show(stream: MediaStream | null) {
  return (video: HTMLVideoElement | null) => {
    if (video !== null && video.srcObject !== stream) video.srcObject = stream;
  };
}

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
  stream: MediaStream | null;
  isMuted: boolean;
  isDark: boolean;
  onMute: Click;
  onDark: Click;
  onHangUp: Click;
  proof: ComponentChildren;
  banner: Banner | null;
  /** What the far end is called in the banner's sentences. */
  farEnd: "doctor" | "patient";
  onRetry: Click;
  children?: ComponentChildren;
}

/** The call: the far end large, ourselves small, four things to do. */
export function CallView(props: CallProps) {
  const { words, isMuted, isDark } = props;
  const t = words.session;
  const hasPicture = props.stream !== null && props.stream.getVideoTracks().length > 0 && !isDark;
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
          class={hasPicture ? "" : "off"}
          autoplay
          playsInline
          muted
          ref={show(props.stream)}
          aria-label={t.self}
        />
        <div class="caption">
          {!isMany && tiles[0] !== undefined && tiles[0].caption !== "" && (
            <b>{tiles[0].caption}</b>
          )}
          {/* What is interrupted the banner says, once. */}
          <span role="status" aria-live="polite" class={props.flow === "live" ? "live" : ""}>
            {props.flow === "interrupted" ? "" : props.status}
          </span>
        </div>
        <button type="button" id="sound" class="primary" hidden onClick={playFar}>
          {t.sound}
        </button>
      </div>
      <BannerLine {...props} />
      {props.proof}
      {props.children}
      <div class="controls">
        <Button
          id="mute"
          pressed={isMuted}
          label={isMuted ? t.unmute : t.mute}
          onClick={props.onMute}
        >
          <Icon name="microphone" crossed={isMuted} />
        </Button>
        <Button
          id="camera"
          pressed={isDark}
          label={isDark ? t.light : t.dark}
          onClick={props.onDark}
        >
          <Icon name="camera" crossed={isDark} />
        </Button>
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

/** A lock that says what was proven, and nothing else; what it says is in words too. */
function LockIcon(props: { isLocked: boolean }) {
  return (
    <svg viewBox="0 0 24 24" width="20" height="20" aria-hidden="true" class="icon lock">
      <path d="M5 11h14v9H5z" />
      <path d={props.isLocked ? "M8 11V7a4 4 0 0 1 8 0v4" : "M8 11V7a4 4 0 0 1 7.5-2"} />
    </svg>
  );
}

/** Beside a name for which a union stands: no lock, which says that nobody is in between. */
export function VouchedIcon() {
  return (
    <svg viewBox="0 0 24 24" width="20" height="20" aria-hidden="true" class="icon lock">
      <path d="M12 3l7 3v5c0 5-3 8-7 10-4-2-7-5-7-10V6zM8.5 12l2.5 2.5 4.5-5" />
    </svg>
  );
}

/** Whether both ends are proven, and the digits by which two people can make sure themselves. */
export function Proof(props: {
  words: Words;
  proven: Proven;
  vouched: string | null;
  text: (digits: string) => string;
}) {
  const { words, proven } = props;
  const locked = isLocked(proven);
  return (
    <details class="proof" data-locked={locked} data-digits={locked ? proven.digits : undefined}>
      <summary>
        <LockIcon isLocked={locked} />
        <span>{locked ? (props.vouched ?? words.proof.locked) : words.proof.open}</span>
        {locked && (
          <span class="digits">
            {words.proof.code} <b>{spoken(proven.digits ?? "")}</b>
          </span>
        )}
      </summary>
      <p>{locked ? props.text(spoken(proven.digits ?? "")) : words.proof.openText}</p>
    </details>
  );
}

function Icon({ name, crossed }: { name: "microphone" | "camera"; crossed: boolean }) {
  const shape =
    name === "microphone"
      ? "M12 3a3 3 0 0 0-3 3v5a3 3 0 0 0 6 0V6a3 3 0 0 0-3-3zM5 11a7 7 0 0 0 14 0M12 18v3"
      : "M3 7h12v10H3zM15 11l6-3v8l-6-3";
  return (
    <svg viewBox="0 0 24 24" width="26" height="26" aria-hidden="true" class="icon">
      <path d={shape} />
      {crossed && <path d="M4 3l17 18" />}
    </svg>
  );
}

/** Show the far end, mark its first picture, and ask for a touch where sound needs one. */
function showFar(stream: MediaStream | null) {
  return (video: HTMLVideoElement | null) => {
    if (video === null || video.srcObject === stream) return;
    video.srcObject = stream;
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

/** Seconds as m:ss, never below zero. */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.ceil(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}
