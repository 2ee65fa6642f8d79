/**
 * Pieces of the status page: its header, signs, strips and ranges.
 *
 * View: draws. Each sign has a shape of its own, and words beside it: no colour is needed.
 */
import { breakable } from "./brand.ts";
import { LanguageMissing, type OnLanguage, useLanguage } from "./language-view.tsx";
import { NAMES } from "./languages.ts";
import { Logo } from "./parts.tsx";
import type { Cell, Range } from "./status-figures.ts";
import type { Times } from "./status-times.ts";
import type { StatusWords } from "./words/status.ts";
import type { Words } from "./words/fr.ts";

export interface Speech {
  readonly words: Words;
  readonly t: StatusWords;
  readonly times: Times;
}

/** Languages of staff. */
export const LANGS = ["fr", "en"] as const;

export function StaffHeader(props: { words: Words; onLanguage: OnLanguage }) {
  const { words } = props;
  const { missing, choose } = useLanguage(words, props.onLanguage);
  return (
    <>
      <header>
        <p class="brand">
          <Logo />
          {breakable(words.name)}
        </p>
        <div class="language">
          <label for="language" class="hidden">
            {words.language}
          </label>
          <select
            id="language"
            value={words.lang}
            onChange={({ currentTarget }) => void choose(currentTarget)}
          >
            {LANGS.map((lang) => (
              <option key={lang} value={lang} lang={lang}>
                {NAMES[lang]}
              </option>
            ))}
          </select>
        </div>
      </header>
      <LanguageMissing words={words} missing={missing} />
    </>
  );
}

export type SignName = "up" | "some" | "down" | "unknown";

const SHAPES: Readonly<Record<SignName, string>> = {
  up: "M12 2a10 10 0 1 0 0 20a10 10 0 0 0 0-20zM7 12.5l3.5 3.5L17 9",
  some: "M12 3L22 21H2zM12 10v5M12 17.6v.6",
  down: "M3 3h18v18H3zM8 8l8 8M16 8l-8 8",
  unknown: "M12 2l10 10l-10 10L2 12zM9.5 10a2.5 2.5 0 1 1 3.6 2.2c-.7.4-1.1.8-1.1 1.6M12 16.2v.6",
};

/** A round, a triangle, a square, a diamond: told apart in black and white. */
export function Sign({ is }: { is: SignName }) {
  return (
    <svg class="sign" data-is={is} viewBox="0 0 24 24" width="24" height="24" aria-hidden="true">
      <path d={SHAPES[is]} />
    </svg>
  );
}

const STRIP = { width: 480, up: 24, base: 26, height: 40 };

/**
 * A day as bars: upward what succeeded, downward what did not, a dot where nothing is known.
 * What it says in words stands in the table of the same card.
 */
export function Strip({
  cells,
  piece_s,
  end,
}: {
  cells: readonly Cell[];
  piece_s: number;
  end: number;
}) {
  const { width, up, base, height } = STRIP;
  const day = 86_400;
  const slot = (width * piece_s) / day;
  const at = (time: number) => width - ((end - time) * width) / day;
  return (
    <svg
      class="strip"
      viewBox={`0 0 ${width} ${height}`}
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      <path class="base" d={`M0 ${base}H${width}`} />
      {cells.map((cell) => {
        const x = Math.max(0, at(cell.t)) + slot * 0.12;
        const w = slot * 0.76;
        if (cell.up === null) {
          return (
            <rect
              key={cell.t}
              class="unknown"
              x={x + w / 3}
              y={base - 4}
              width={w / 3}
              height={4}
            />
          );
        }
        const good = cell.up * up;
        const bad = cell.up === 1 ? 0 : Math.max(4, (1 - cell.up) * (height - base - 1));
        return (
          <g key={cell.t}>
            {good > 0 && <rect class="up" x={x} y={base - 2 - good} width={w} height={good} />}
            {bad > 0 && <rect class="down" x={x} y={base + 1} width={w} height={bad} />}
          </g>
        );
      })}
    </svg>
  );
}

/** What is sure as a bar, what may be as its outlined end; dashed where it may be nothing at all. */
export function RangeBar({
  range,
  value,
  max,
}: {
  range: Range;
  value: number | null;
  max: number;
}) {
  const width = 200;
  const at = (count: number) => (max === 0 ? 0 : (count / max) * (width - 4)) + 2;
  const [from, until] = [at(range.low), Math.max(at(range.high), at(range.low) + 3)];
  return (
    <svg class="range" viewBox={`0 0 ${width} 20`} preserveAspectRatio="none" aria-hidden="true">
      <path class="base" d={`M2 10H${width - 2}`} />
      {range.low > 0 && <rect class="sure" x={2} y={5} width={from - 2} height={10} />}
      <rect
        class={range.isBelow ? "below" : "band"}
        x={from}
        y={3}
        width={until - from}
        height={14}
      />
      {value !== null && !range.isBelow && <path class="value" d={`M${at(value)} 1V19`} />}
    </svg>
  );
}

/** "entre 12 et 24", "moins de 10". */
export function rangeText(range: Range, { t, times }: Speech): string {
  return range.isBelow
    ? t.below(times.number(range.high))
    : t.between(times.number(range.low), times.number(range.high));
}
