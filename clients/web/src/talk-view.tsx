/**
 * Text and documents on the screen: what was written, what is being written, what is sent.
 *
 * View: draws, and tells its desk what was typed, chosen or clicked. Text of the far end stays
 * text. Finished lines are read out, letters are not.
 */
import { useEffect, useRef, useState } from "preact/hooks";
import "./talk.css";
import { PaperList } from "./papers-view.tsx";
import { Button } from "./parts.tsx";
import { type Entry, TAKEN_KINDS, type TalkDesk } from "./talk-desk.ts";
import { LINE_MAX } from "./talk-letters.ts";
import { FIRST } from "./talking.ts";
import type { TalkProps } from "./talking-view.tsx";
import { talkWords, type TalkWords } from "./words/talk.ts";

type Props = TalkProps & { readonly desk: TalkDesk };

/** The button in the bar of the call: not there where nobody at the far end reads. */
export function Tool({ desk, words }: Props) {
  const t = talkWords(words);
  if (!isUseful(desk)) return null;
  const onClick = () => {
    desk.open(!desk.isOpen);
    // Who opened it wants to write; who was shown it may be about something else.
    if (desk.isOpen) setTimeout(() => document.getElementById("talk-text")?.focus());
  };
  return (
    <button
      type="button"
      id="talk"
      data-testid="talk"
      class="plain talk-tool"
      aria-expanded={desk.isOpen}
      aria-controls="talk-panel"
      aria-label={t.open(desk.unread)}
      title={t.open(desk.unread)}
      onClick={onClick}
    >
      <Sign path="M4 5h16v11h-9l-5 4v-4H4zM8 9h8M8 12.5h5" />
      {desk.unread > 0 && <span class="badge">{desk.unread}</span>}
    </button>
  );
}

/** Whether there is, or was, somebody to write to. */
function isUseful({ readers, takers, entries, items }: TalkDesk): boolean {
  return readers.length + takers.length + entries.length + items.length > 0;
}

export function Panel(props: Props) {
  const { desk, words } = props;
  const t = talkWords(words);
  const { notice } = desk;
  const isOpen = desk.isOpen && isUseful(desk);
  const isNone = !isUseful(desk) && desk.isLate && notice === null;
  return (
    <>
      {isNone && <p class="small talk-none">{t.none}</p>}
      {/* There before its words, and also while the panel is closed: a document is answered. */}
      <p role="status" data-testid="talk-notice" class={notice === null ? "hidden" : "talk-notice"}>
        {notice !== null && t.notices[notice.what](notice.name)}
      </p>
      {isOpen && <Open {...props} t={t} />}
    </>
  );
}

function Open(props: Props & { t: TalkWords }) {
  const { desk, t, nameOf } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const [opened] = useState(desk.entries.at(-1)?.id ?? 0);
  const before = desk.entries.filter(({ id }) => id <= opened);
  const since = desk.entries.filter(({ id }) => id > opened);
  const line = (entry: Entry) => (
    <p key={entry.id} class={entry.from === null ? "line mine" : "line"} data-testid="talk-line">
      <b>{entry.from === null ? t.you : (nameOf(entry.from) ?? t.gone)}</b>
      <span dir="auto">{entry.text}</span>
      {desk.isLateAt(entry) && <small>{t.late}</small>}
    </p>
  );
  const far = [...desk.strands].map(([key, { talk }]) => `${key} ${talk.far?.draft ?? ""}`);
  useEffect(() => {
    const { current } = scroller;
    if (current !== null) current.scrollTop = current.scrollHeight;
  }, [desk.entries.at(-1)?.id, far.join(), desk.items.at(-1)?.id]);
  const close = () => {
    desk.open(false);
    document.getElementById("talk")?.focus();
  };
  return (
    <section
      id="talk-panel"
      class="talk"
      aria-labelledby="talk-title"
      onKeyDown={(event) => {
        if (event.key === "Escape") close();
      }}
    >
      <div class="talk-head">
        <h2 id="talk-title">{t.title}</h2>
        <Button id="talk-close" label={t.close} onClick={close}>
          <Sign path="M5 5l14 14M19 5L5 19" />
        </Button>
      </div>
      <div ref={scroller} class="talk-scroll" role="region" aria-label={t.lines} tabIndex={0}>
        <p class="small">{t.where}</p>
        {/* What was said before it was opened is there to be read, and not read out. */}
        {before.map(line)}
        <div role="log" aria-live="polite" aria-label={t.lines}>
          {since.map(line)}
        </div>
        <PaperList {...props} />
        {/* Last, where it is always in sight. Not in the log: letters are not read out one by one. */}
        {[...desk.strands].map(([key, { talk }]) => {
          const draft = talk.far?.draft ?? "";
          if (draft === "") return null;
          return (
            <p key={key} class="line draft" data-testid="talk-draft">
              <b>{t.writes(nameOf(key) ?? t.gone)}</b>
              <span dir="auto">{draft}</span>
            </p>
          );
        })}
      </div>
      <div class="talk-row">
        <Sending {...props} />
        <Composer {...props} />
      </div>
      <p class="small" id="talk-hint">
        {desk.readers.length === 0 ? t.unread : desk.isFull ? t.full : t.hint}
      </p>
      <details class="talk-more">
        <summary>{desk.takers.length === 0 ? t.noPapers : t.limits}</summary>
        <p class="small">{t.drop}</p>
        <label class="talk-loud">
          <input
            type="checkbox"
            checked={desk.isLoud}
            onChange={(event) => desk.loud(event.currentTarget.checked)}
          />
          {t.loud}
        </label>
      </details>
    </section>
  );
}

function Composer({ desk, t }: Props & { t: TalkWords }) {
  const field = useRef<HTMLTextAreaElement>(null);
  if (desk.readers.length === 0) return null;
  const finish = () => {
    desk.finish();
    // Now, and not when all is drawn: the next letter may be typed before that.
    if (field.current !== null) field.current.value = desk.draft;
  };
  return (
    <form
      class="talk-write"
      onSubmit={(event) => {
        event.preventDefault();
        finish();
      }}
    >
      <label class="hidden" for="talk-text">
        {t.label}
      </label>
      <textarea
        ref={field}
        id="talk-text"
        rows={1}
        maxLength={LINE_MAX}
        dir="auto"
        enterkeyhint="send"
        placeholder={t.label}
        aria-describedby="talk-hint"
        value={desk.draft}
        onInput={(event) => desk.write(event.currentTarget.value)}
        onKeyDown={(event) => {
          // In the midst of composing a character Enter belongs to that.
          if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
          event.preventDefault();
          finish();
        }}
        onPaste={(event) => {
          const files = [...(event.clipboardData?.files ?? [])];
          const to = desk.takers[0];
          if (files.length === 0 || to === undefined) return;
          event.preventDefault();
          desk.send(to, files);
        }}
      />
      <button
        type="submit"
        id="talk-send"
        class="primary round"
        aria-label={t.send}
        title={t.send}
        disabled={desk.isFull}
      >
        <Sign path="M5 12h13M12 5l7 7-7 7" />
      </button>
    </form>
  );
}

function Sending({ desk, t, nameOf }: Props & { t: TalkWords }) {
  const [chosen, choose] = useState(FIRST);
  const chooser = useRef<HTMLInputElement>(null);
  const camera = useRef<HTMLInputElement>(null);
  const { takers } = desk;
  const to = takers.includes(chosen) ? chosen : takers[0];
  const send = (files: FileList | null | undefined) => {
    if (to !== undefined && files) desk.send(to, [...files]);
  };
  useEffect(() => {
    // Dropped beside the panel, a browser would open the file in the place of the call.
    const over = (event: DragEvent) => event.preventDefault();
    const drop = (event: DragEvent) => {
      event.preventDefault();
      send(event.dataTransfer?.files);
    };
    addEventListener("dragover", over);
    addEventListener("drop", drop);
    return () => {
      removeEventListener("dragover", over);
      removeEventListener("drop", drop);
    };
  });
  if (to === undefined) return null;
  const onChange = (event: { currentTarget: HTMLInputElement }) => {
    send(event.currentTarget.files);
    // The same file may be chosen once more.
    event.currentTarget.value = "";
  };
  return (
    <div class="talk-send">
      {takers.length > 1 && (
        <label>
          {t.to}
          <select value={to} onChange={(event) => choose(event.currentTarget.value)}>
            {takers.map((key) => (
              <option key={key} value={key}>
                {nameOf(key) ?? t.gone}
              </option>
            ))}
          </select>
        </label>
      )}
      <input
        ref={chooser}
        id="paper-file"
        type="file"
        multiple
        hidden
        accept={TAKEN_KINDS}
        onChange={onChange}
      />
      <input
        ref={camera}
        type="file"
        hidden
        accept="image/*"
        capture="environment"
        onChange={onChange}
      />
      <Button id="paper-send" label={t.file} onClick={() => chooser.current?.click()}>
        <Sign path="M20 11l-8.5 8.5a5 5 0 0 1-7-7L13 4a3.4 3.4 0 0 1 5 5l-8.5 8.5a1.7 1.7 0 0 1-2.5-2.5L15 7.5" />
      </Button>
      {matchMedia("(pointer: coarse)").matches && (
        <Button id="paper-camera" label={t.camera} onClick={() => camera.current?.click()}>
          <Sign path="M4 8h4l1.5-3h5L16 8h4v11H4zM12 10a3.2 3.2 0 1 0 0 6.4 3.2 3.2 0 0 0 0-6.4z" />
        </Button>
      )}
    </div>
  );
}

/** A sign for a button whose words are its label. */
function Sign({ path }: { path: string }) {
  return (
    <svg viewBox="0 0 24 24" width="24" height="24" aria-hidden="true" class="icon">
      <path d={path} />
    </svg>
  );
}
