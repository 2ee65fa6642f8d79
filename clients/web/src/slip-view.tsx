/**
 * The call slip above the board: to copy into the doctor's own software, or to erase.
 *
 * View, with the browser's clipboard. It keeps nothing itself.
 */
import { useState } from "preact/hooks";
import { localeOf } from "./languages.ts";
import { Button } from "./parts.tsx";
import { type Calendar, lengthOf, type Slip, textOf } from "./slip.ts";
import type { Words } from "./words/fr.ts";
import { wardWords } from "./words/ward.ts";

// Below, the board's own controls need the room.
const TALL = "(min-height: 45rem)";

export function SlipPanel(props: { slip: Slip; words: Words; onErase: () => void }) {
  const { slip, words } = props;
  const [isOpen, setOpen] = useState(() => matchMedia(TALL).matches);
  const [said, setSaid] = useState("");
  const all = wardWords(words);
  const t = all.slip;
  const calendar = calendarOf(words);
  const text = textOf(slip, all.slipText, calendar);
  const select = () => {
    const field = document.getElementById("slip-text");
    if (field instanceof HTMLTextAreaElement) {
      field.focus();
      field.select();
    }
  };
  const copy = () => {
    navigator.clipboard.writeText(text).then(
      () => setSaid(t.copied),
      () => {
        setOpen(true);
        setSaid(t.notCopied);
        // The field is drawn first.
        setTimeout(select);
      },
    );
  };
  const to_s = slip.ended_s ?? slip.began_s;
  return (
    <section class="card slip" aria-labelledby="slip-title" data-slip>
      <div class="slip-head">
        <h2 id="slip-title">
          {t.title}{" "}
          <span class="soft">
            {calendar.hour(slip.began_s)}, {lengthOf(to_s - slip.began_s, all.slipText)}
          </span>
        </h2>
        <div class="slip-actions">
          <Button id="slip-copy" kind="primary" onClick={copy}>
            {t.copy}
          </Button>
          <Button id="slip-show" expanded={isOpen} onClick={() => setOpen(!isOpen)}>
            {isOpen ? t.hide : t.show}
          </Button>
          <Button id="slip-erase" onClick={props.onErase}>
            {t.erase}
          </Button>
        </div>
      </div>
      <p role="status" aria-live="polite" class="small said">
        {said}
      </p>
      {isOpen && (
        <div class="slip-body">
          <label class="hidden" for="slip-text">
            {t.text}
          </label>
          <textarea
            id="slip-text"
            class="handed"
            readonly
            rows={text.split("\n").length}
            spellcheck={false}
            value={text}
          />
          <div>
            <Button
              id="slip-all"
              onClick={() => {
                select();
                setSaid(t.selected);
              }}
            >
              {t.all}
            </Button>
            <p class="small">{t.kept}</p>
            <p class="small report">{t.report}</p>
          </div>
        </div>
      )}
    </section>
  );
}

/** The wall clock here, in the language of the page. */
export function calendarOf(words: Pick<Words, "lang">): Calendar {
  const day = new Intl.DateTimeFormat(localeOf(words), { dateStyle: "full" });
  const hour = new Intl.DateTimeFormat(localeOf(words), { hour: "2-digit", minute: "2-digit" });
  return {
    day: (at_s) => day.format(at_s * 1000),
    hour: (at_s) => hour.format(at_s * 1000),
  };
}
