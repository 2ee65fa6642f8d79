/**
 * Pieces of the pages that patient and doctor share.
 *
 * View: draws, and tells the desk what was clicked. It may not decide anything.
 */
import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { brand, breakable } from "./brand.ts";
import { LanguageChoice, LanguageMissing, type OnLanguage, useLanguage } from "./language-view.tsx";
import type { Check } from "./relays.ts";
import type { Words } from "./words/fr.ts";
import { informationWords } from "./words/information.ts";

type Click = () => void;

const LOGO_HEIGHT = 28;

export function Button(props: {
  id: string;
  kind?: "primary" | "plain" | "danger" | undefined;
  onClick: Click;
  disabled?: boolean;
  pressed?: boolean;
  expanded?: boolean;
  label?: string;
  shortcut?: string | undefined;
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
      aria-expanded={props.expanded}
      aria-label={props.label}
      aria-keyshortcuts={props.shortcut}
      title={props.label}
      onClick={props.onClick}
    >
      {props.children}
    </button>
  );
}

/** The organisation's logo, or the pages' own. Its size is known beforehand: nothing jumps. */
export function Logo() {
  const { logo } = brand;
  if (logo !== null) {
    const width = Math.round(LOGO_HEIGHT * logo.ratio);
    return <img class="logo" src={logo.path} alt="" width={width} height={LOGO_HEIGHT} />;
  }
  return (
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
  );
}

export function Header(props: {
  words: Words;
  onLanguage: OnLanguage;
  children?: ComponentChildren;
}) {
  const { words } = props;
  const { missing, choose } = useLanguage(words, props.onLanguage);
  return (
    <>
      <header>
        <p class="brand">
          <Logo />
          {breakable(words.name)}
        </p>
        {props.children}
        <LanguageChoice words={words} choose={choose} />
      </header>
      <LanguageMissing words={words} missing={missing} />
    </>
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
          <b>112</b> {words.europe}
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

/** Where to read more, on every screen but in a call; in a tab of its own, so that no place is lost. */
export function Information({ words }: { words: Words }) {
  const t = informationWords(words);
  const pages = [
    ["confidentialite", t.privacy],
    ["mentions-legales", t.legal],
    ["comment-ca-marche", t.how],
    ["accessibilite", t.accessibility[brand.conformity]],
  ] as const;
  return (
    <nav class="information" aria-label={t.label}>
      <ul>
        {pages.map(([page, text]) => (
          <li key={page}>
            <a
              href={t.path + page}
              hreflang={t.path === "/" ? "fr" : words.lang}
              target="_blank"
              rel="noopener"
            >
              {text} <span class="hidden">{t.newTab}</span>
            </a>
          </li>
        ))}
        {brand.team !== null && (
          <li>
            <a href={`mailto:${brand.team}`}>{t.write}</a>
          </li>
        )}
      </ul>
    </nav>
  );
}

/** False at the first drawing: what appears together with its region is not read out everywhere. */
export function useStanding(): boolean {
  const [stands, setStands] = useState(false);
  useEffect(() => setStands(true), []);
  return stands;
}

/** What is happening, spoken too. */
export function Status(props: { kind?: "warning" | undefined; children: ComponentChildren }) {
  return (
    <p role="status" aria-live="polite" class={props.kind === "warning" ? "notice" : "status"}>
      {useStanding() && props.children}
    </p>
  );
}

/** The same, of more than one sentence. */
export function Spoken(props: { children: ComponentChildren }) {
  return (
    <div role="status" aria-live="polite">
      {useStanding() && props.children}
    </div>
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
        <Spoken>
          <h2>{t.title}</h2>
          <p>
            {t.text} <b>{props.kept}</b>
          </p>
          <p>{t.todo}</p>
        </Spoken>
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

/** Have a video element show a stream. */
export function show(stream: MediaStream | null) {
  return (video: HTMLVideoElement | null) => {
    if (video !== null && video.srcObject !== stream) video.srcObject = stream;
  };
}

/** Beside a name for which a union stands: no lock, which says that nobody is in between. */
export function VouchedIcon() {
  return (
    <svg viewBox="0 0 24 24" width="20" height="20" aria-hidden="true" class="icon lock">
      <path d="M12 3l7 3v5c0 5-3 8-7 10-4-2-7-5-7-10V6zM8.5 12l2.5 2.5 4.5-5" />
    </svg>
  );
}

/** Seconds that have passed, as m:ss or h:mm:ss. */
export function elapsed(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (count: number) => String(count).padStart(2, "0");
  const minutes = Math.floor(whole / 60);
  return whole < 3600
    ? `${minutes}:${two(whole % 60)}`
    : `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(whole % 60)}`;
}

/** Seconds as m:ss, never below zero. */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.ceil(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}
