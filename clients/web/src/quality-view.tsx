/**
 * How good the call is: a word on the picture, a sentence and the numbers behind it.
 *
 * View. Nothing of it leaves the page.
 */
import { type Grade, type Quality, type Rates, sideOf, type Way, worse } from "./quality.ts";
import { callWords, type CallWords } from "./words/call.ts";
import type { Words } from "./words/fr.ts";

/** Bars and a word; behind them which way, on whose side, and what can be done. */
export function QualityMark({ words, quality }: { words: Words; quality: Quality }) {
  const t = callWords(words).quality;
  const { incoming, outgoing, rates } = quality;
  if (rates === null) return null;
  const grade = worse(incoming.grade, outgoing.grade);
  const side = sideOf(quality);
  return (
    <details class="quality" data-grade={grade} data-side={side ?? undefined}>
      <summary data-testid="quality">
        <Bars grade={grade} />
        <span class="hidden">{t.title} : </span>
        <span>{t.words[grade]}</span>
      </summary>
      <div class="panel">
        <h2>{t.title}</h2>
        <dl class="ways">
          <dt>{t.received}</dt>
          <dd data-testid="incoming">{t.grades[incoming.grade]}</dd>
          <dt>{t.sent}</dt>
          <dd data-testid="outgoing">{t.grades[outgoing.grade]}</dd>
        </dl>
        <p>{side === null ? t.good : t.sides[side]}</p>
        <details>
          <summary>{t.numbers}</summary>
          <Numbers t={t} rates={rates} />
        </details>
        <p class="small">{t.kept}</p>
      </div>
    </details>
  );
}

const BARS: Record<Grade, number> = { poor: 1, fair: 2, good: 3 };

function Bars({ grade }: { grade: Grade }) {
  return (
    <svg viewBox="0 0 24 20" width="22" height="18" aria-hidden="true" class="bars">
      {[0, 1, 2].map((at) => (
        <rect
          key={at}
          x={2 + 8 * at}
          y={13 - 5 * at}
          width="5"
          height={6 + 5 * at}
          rx="1.5"
          class={at < BARS[grade] ? "on" : ""}
        />
      ))}
    </svg>
  );
}

function Numbers({ t, rates }: { t: CallWords["quality"]; rates: Rates }) {
  const { received, sent, rtt_s, available_bps, limit } = rates;
  return (
    <>
      <h3>{t.received}</h3>
      <WayNumbers t={t} way={received}>
        <Row name={t.concealed} value={percent(t, received.concealed)} />
        <Row name={t.frozen} value={percent(t, received.frozen)} />
      </WayNumbers>
      <h3>{t.sent}</h3>
      <WayNumbers t={t} way={sent}>
        {available_bps !== null && <Row name={t.available} value={bitrate(available_bps)} />}
        {rtt_s !== null && <Row name={t.rtt} value={milliseconds(rtt_s)} />}
        {limit !== "none" && <Row name={t.limited.title} value={t.limited[limit]} />}
      </WayNumbers>
    </>
  );
}

function WayNumbers(props: {
  t: CallWords["quality"];
  way: Way;
  children: preact.ComponentChildren;
}) {
  const { t, way } = props;
  const { width, height, fps } = way;
  return (
    <dl class="numbers-of">
      <Row name={t.loss} value={percent(t, way.loss)} />
      <Row name={t.jitter} value={milliseconds(way.jitter_s)} />
      {fps > 0 && height > 0 && (
        <Row name={t.picture} value={`${width} × ${height}, ${Math.round(fps)}/s`} />
      )}
      <Row name={t.rate} value={bitrate(way.bps)} />
      {props.children}
    </dl>
  );
}

function Row(props: { name: string; value: string }) {
  return (
    <div>
      <dt>{props.name}</dt>
      <dd>
        <bdi>{props.value}</bdi>
      </dd>
    </div>
  );
}

function percent(t: CallWords["quality"], share: number): string {
  return `${(100 * share).toFixed(1).replace(".", t.decimal)} %`;
}

function milliseconds(seconds: number): string {
  return `${Math.round(1000 * seconds)} ms`;
}

function bitrate(bps: number): string {
  return `${Math.round(bps / 1000)} kbit/s`;
}
