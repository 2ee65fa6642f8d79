/**
 * Figures of use, each a range, and how many doctors are on duty, as a band.
 *
 * View: draws what the server told. No figure is shown without its range.
 */
import { Chart } from "./status-chart.tsx";
import { epochsOf, isPartialAt, latest, rangeOf, relayShare, valueAt } from "./status-figures.ts";
import { RangeBar, rangeText, Sign, type Speech } from "./status-parts.tsx";
import type { Column } from "./status-plot.ts";
import { BANDS, type Figure, type StatusState } from "./status-state.ts";

const EPOCHS_SHOWN = 48;

type Speaks = { readonly told: StatusState; readonly speech: Speech };

export function Usage({ told, speech }: Speaks) {
  const { t, times } = speech;
  const { usage } = told;
  const isReleased = usage.figures.some((figure) => epochsOf(figure).length > 0);
  return (
    <section aria-labelledby="usage">
      <h2 id="usage">{t.usage}</h2>
      <p class="small">{t.usageText}</p>
      {!isReleased && <p>{t.usageNone}</p>}
      <div class="figures">
        {usage.figures.map((figure) =>
          epochsOf(figure).length === 0 ? null : figure.figure === "consultations" ? (
            <Hourly key={figure.figure} figure={figure} told={told} speech={speech} />
          ) : (
            <Daily key={figure.figure} figure={figure} speech={speech} />
          ),
        )}
      </div>
      <p class="small">
        {t.epsilon(usage.epsilon)}{" "}
        {usage.since !== null && t.usageSince(times.moment(usage.since, told.at))}
      </p>
    </section>
  );
}

/** Consultations, hour by hour. */
function Hourly({ figure, told, speech }: { figure: Figure } & Speaks) {
  const { t, times } = speech;
  const [bin] = figure.bins;
  const last = bin === undefined ? null : latest(bin);
  if (bin === undefined || last === null) return null;
  const columns: Column[] = bin.t.slice(-EPOCHS_SHOWN).map((at) => {
    const value = valueAt(bin, at) ?? 0;
    const { low, high, isBelow } = rangeOf(value, figure);
    return { t: at, low, high, value: isBelow ? null : value, isPartial: isPartialAt(figure, at) };
  });
  return (
    <article class="card figure wide" data-figure={figure.figure}>
      <h3>{t.figure[figure.figure]}</h3>
      <p class="latest">
        {t.latestHour(
          times.isSameDay(last.t, told.at) ? "" : t.ofDay(times.day(last.t)),
          times.clock(last.t),
          times.clock(last.t + figure.epoch_s),
          rangeText(rangeOf(last.value, figure), speech),
        )}
        {last.isPartial && <Partial speech={speech} />}
      </p>
      <Chart
        id="consultations-chart"
        label={t.chart.consultations}
        plot={{ kind: "ranges", columns, epoch_s: figure.epoch_s }}
        look={{ clock: (at) => times.clock(at), count: (value) => times.number(value) }}
        missing={t.noChart}
      />
      <ChartLegend columns={columns} figure={figure} speech={speech} />
      <details>
        <summary>{t.asTable}</summary>
        <table>
          <caption class="hidden">{t.figure[figure.figure]}</caption>
          <thead>
            <tr>
              <th scope="col">{t.when}</th>
              <th scope="col">{t.count}</th>
            </tr>
          </thead>
          <tbody>
            {[...bin.t]
              .slice(-EPOCHS_SHOWN)
              .reverse()
              .map((at) => (
                <tr key={at}>
                  <th scope="row">{times.moment(at, told.at)}</th>
                  <td>
                    {rangeText(rangeOf(valueAt(bin, at) ?? 0, figure), speech)}
                    {isPartialAt(figure, at) && <Partial speech={speech} />}
                  </td>
                </tr>
              ))}
          </tbody>
        </table>
      </details>
      <Guarantee figure={figure} speech={speech} />
    </article>
  );
}

function ChartLegend(props: { columns: readonly Column[]; figure: Figure; speech: Speech }) {
  const { columns, figure, speech } = props;
  const { t, times } = speech;
  const has = {
    band: columns.some(({ value }) => value !== null),
    below: columns.some(({ value }) => value === null),
    partial: columns.some(({ isPartial }) => isPartial),
  };
  return (
    <p class="small legend" aria-hidden="true">
      {has.band && (
        <span class="key">
          <Key is="band" />
          {t.chart.range}
        </span>
      )}
      {has.below && (
        <span class="key">
          <Key is="below" />
          {t.chart.below(times.number(rangeOf(0, figure).high))}
        </span>
      )}
      {has.partial && (
        <span class="key">
          <Key is="partial" />
          {t.chart.partial}
        </span>
      )}
    </p>
  );
}

function Key({ is }: { is: "band" | "below" | "partial" }) {
  return (
    <svg class="swatch" viewBox="0 0 14 20" width="14" height="20" aria-hidden="true">
      <rect class={is} x="1.5" y="1.5" width="11" height="17" />
      {is === "band" && <path class="value" d="M1 10H13" />}
      {is === "below" && <path class="hatch" d="M1.5 10L10 1.5M1.5 18L12.5 7M6 18.5L12.5 13" />}
    </svg>
  );
}

/** How long people waited, or how it ended, of the last day; the days before as a table. */
function Daily({ figure, speech }: { figure: Figure; speech: Speech }) {
  const { t, times } = speech;
  const epochs = epochsOf(figure);
  const last = epochs.at(-1);
  if (last === undefined) return null;
  const rows = figure.bins.map((bin) => ({ bin: bin.bin, value: valueAt(bin, last) }));
  const ranges = rows.map(({ value }) => rangeOf(value ?? 0, figure));
  const max = Math.max(1, ...ranges.map(({ high }) => high));
  const isOf = figure.figure;
  return (
    <article class="card figure" data-figure={isOf}>
      <h3>{t.figure[isOf]}</h3>
      <table class="daily">
        <caption>
          {t.latestDay(times.universalDay(last))}
          {isPartialAt(figure, last) && <Partial speech={speech} />}
        </caption>
        <tbody>
          {rows.map(({ bin, value }, index) => {
            const range = ranges[index];
            return (
              <tr key={bin} data-bin={bin}>
                <th scope="row">{t.bin[bin]}</th>
                <td>
                  {value === null || range === undefined ? (
                    t.unknown
                  ) : (
                    <>
                      {rangeText(range, speech)}
                      <RangeBar range={range} value={value} max={max} />
                    </>
                  )}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
      {isOf === "endings" && <RelayShare figure={figure} at={last} speech={speech} />}
      {epochs.length > 1 && <Days figure={figure} epochs={epochs} speech={speech} />}
      <Guarantee figure={figure} speech={speech} />
    </article>
  );
}

function RelayShare({ figure, at, speech }: { figure: Figure; at: number; speech: Speech }) {
  const { t, times } = speech;
  const share = relayShare(figure, at);
  if (share === null) return <p data-relay-share="none">{t.noRelayShare}</p>;
  const percent = (value: number) => t.percent(times.number(Math.round(value * 100)));
  const range = { low: share.low, high: share.high, isBelow: false };
  return (
    <div data-relay-share="known" class="share">
      <p>{t.relayShare(percent(share.low), percent(share.high))}</p>
      <RangeBar range={range} value={null} max={1} />
    </div>
  );
}

function Days(props: { figure: Figure; epochs: readonly number[]; speech: Speech }) {
  const { figure, speech } = props;
  const { t, times } = speech;
  return (
    <details>
      <summary>{t.asTable}</summary>
      <table class="days">
        <caption class="hidden">{t.figure[figure.figure]}</caption>
        {[...props.epochs].reverse().map((at) => (
          <tbody key={at}>
            <tr>
              <th scope="rowgroup" colSpan={2} class="of-day">
                {times.universalDay(at)}
                {isPartialAt(figure, at) && <Partial speech={speech} />}
              </th>
            </tr>
            {figure.bins.map((bin) => {
              const value = valueAt(bin, at);
              return (
                <tr key={bin.bin}>
                  <th scope="row">{t.bin[bin.bin]}</th>
                  <td>{value === null ? t.unknown : rangeText(rangeOf(value, figure), speech)}</td>
                </tr>
              );
            })}
          </tbody>
        ))}
      </table>
    </details>
  );
}

function Partial({ speech: { t } }: { speech: Speech }) {
  return (
    <>
      {" "}
      <b class="flag">{t.partial}</b>
      <span class="hidden">{t.partialText}</span>
    </>
  );
}

function Guarantee({ figure, speech: { t, times } }: { figure: Figure; speech: Speech }) {
  return (
    <p class="small guarantee">
      {t.figureEpsilon(
        figure.epsilon,
        times.number(figure.threshold),
        times.number(figure.uncertainty),
      )}
    </p>
  );
}

/** Four steps, of which one is taken: a band and never a number. */
export function Doctors({ told, speech }: Speaks) {
  const { t, times } = speech;
  const { doctors } = told;
  return (
    <section class="card doctors" aria-labelledby="doctors" data-band={doctors?.band}>
      <h2 id="doctors">{t.doctors}</h2>
      {doctors === null ? (
        <p>{t.bandNone}</p>
      ) : (
        <>
          <p class="band-name">
            {doctors.band === "none" && <Sign is="some" />}
            {t.band[doctors.band]}
          </p>
          <div class="bands" aria-hidden="true">
            {BANDS.map((band) => (
              <span key={band} data-is={band === doctors.band}>
                {t.band[band]}
              </span>
            ))}
          </div>
          <p class="small">{t.bandAt(times.clock(doctors.at))}</p>
        </>
      )}
    </section>
  );
}
