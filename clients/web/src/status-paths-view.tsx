/**
 * Each path through each node: now, over time, step by step; and what went wrong, in sentences.
 *
 * View: draws what the server told.
 */
import { useState } from "preact/hooks";
import { Chart } from "./status-chart.tsx";
import { byNode, cellsOf, inOrder, isShort, isSlow, percentOf, tookIn } from "./status-figures.ts";
import { Sign, type SignName, type Speech, Strip } from "./status-parts.tsx";
import type { Incident, PathState, StatusState } from "./status-state.ts";

const DAY_S = 86_400;
const STRIP_PIECE_S = 1800;
const HOUR_S = 3600;
const INCIDENTS_FIRST = 4;
const LONGER_THAN_S = 90 * DAY_S;
const LEGEND = ["up", "some", "down", "unknown"] as const;

type Speaks = { readonly told: StatusState; readonly speech: Speech };

export function Paths({ told, speech }: Speaks) {
  const { t, times } = speech;
  return (
    <section aria-labelledby="now">
      <h2 id="now">{t.now}</h2>
      <p class="small">{t.nowText}</p>
      {[...byNode(told.paths)].map(([node, paths]) => (
        <section key={node} class="node" aria-label={t.node(node)}>
          <h3>{t.node(node)}</h3>
          <ul class="paths">
            {paths.map((path) => (
              <PathCard
                key={path.path}
                place={told.paths.indexOf(path)}
                path={path}
                told={told}
                speech={speech}
              />
            ))}
          </ul>
        </section>
      ))}
      <p class="small legend" id="legend">
        <span>{t.legend.title}</span>
        {LEGEND.map((name) => (
          <span key={name} class="key">
            <Swatch is={name} />
            {t.legend[name]}
          </span>
        ))}
      </p>
      <p class="small">{t.uptime.measured}</p>
      {isShort(told, LONGER_THAN_S) && (
        <p class="small">{t.uptime.short(times.moment(told.history.since, told.at))}</p>
      )}
    </section>
  );
}

function Swatch({ is }: { is: SignName }) {
  const piece_s = DAY_S / 3;
  const up = { up: 1, some: 0.5, down: 0, unknown: null }[is];
  const cells = [0, 1, 2].map((index) => ({ t: index * piece_s, up }));
  return <Strip cells={cells} piece_s={piece_s} end={DAY_S} />;
}

function PathCard({ path, place, told, speech }: { path: PathState; place: number } & Speaks) {
  const { t, times } = speech;
  const { state, failed } = path;
  // Nodes may have any name, and an id may not.
  const id = `path-${place}`;
  return (
    <li class="card path" data-path={path.path} data-node={path.node} data-is={state}>
      <div class="path-head">
        <Sign is={state} />
        <h4 id={id}>
          {t.path[path.path]}
          <span class="small">{t.pathText[path.path]}</span>
        </h4>
        <p class="is" data-is={state}>
          {t.state[state]}
        </p>
      </div>
      {state !== "up" && (
        <p class="why">
          {failed !== null && t.failed(failed.step, failed.why)}{" "}
          {t.stateSince(times.moment(path.since, told.at))}
        </p>
      )}
      <Strip cells={cellsOf(path.series, STRIP_PIECE_S)} piece_s={STRIP_PIECE_S} end={told.at} />
      <p class="ends small" aria-hidden="true">
        <span>{t.strip.begins}</span>
        <span>{t.strip.ends}</span>
      </p>
      <Uptimes path={path} speech={speech} />
      <PathDetails path={path} speech={speech} labelled={id} />
    </li>
  );
}

function Uptimes({ path, speech }: { path: PathState; speech: Speech }) {
  const { t, times } = speech;
  const spans = [
    ["day", t.uptime.day, t.uptime.dayLong],
    ["week", t.uptime.week, t.uptime.weekLong],
    ["quarter", t.uptime.quarter, t.uptime.quarterLong],
  ] as const;
  return (
    <table class="uptimes">
      <caption class="hidden">{t.uptime.caption}</caption>
      <thead>
        <tr>
          {spans.map(([span, short, long]) => (
            <th key={span} scope="col">
              <abbr title={long}>{short}</abbr>
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        <tr>
          {spans.map(([span]) => {
            const share = path.uptime[span];
            return (
              <td key={span} data-span={span} data-known={share !== null}>
                {share === null ? t.uptime.unknown : t.percent(times.number(percentOf(share), 2))}
              </td>
            );
          })}
        </tr>
      </tbody>
    </table>
  );
}

function PathDetails(props: { path: PathState; speech: Speech; labelled: string }) {
  const { path, speech } = props;
  const { t, times } = speech;
  // A chart is drawn for who looks at it.
  const [isOpen, setOpen] = useState(false);
  const chart = `${props.labelled}-took`;
  return (
    <details onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary aria-describedby={props.labelled}>{t.details}</summary>
      <Steps path={path} speech={speech} />
      {path.media !== null && (
        <p class="small">
          {t.media(
            t.percent(times.number(path.media.loss * 100, 2)),
            t.ms(times.number(path.media.jitter_ms, 1)),
          )}
        </p>
      )}
      <h5>{t.took}</h5>
      {isOpen && (
        <Chart
          id={chart}
          label={`${t.path[path.path]} : ${t.took}`}
          plot={{ kind: "line", t: path.series.t, y: path.series.ms }}
          look={{
            clock: (at) => times.clock(at),
            count: (value) => t.ms(times.number(value)),
          }}
          missing={t.noChart}
        />
      )}
      <details>
        <summary>{t.tookTable}</summary>
        <Hours path={path} speech={speech} />
      </details>
    </details>
  );
}

function Steps({ path, speech }: { path: PathState; speech: Speech }) {
  const { t } = speech;
  const { failed, steps } = path;
  if (steps.length === 0) return <p>{t.steps.none}</p>;
  // Five seconds of media always take five seconds, and would hide all others.
  const timed = steps.filter(({ step }) => step !== "media");
  const most = Math.max(1, ...timed.map(({ ms, usual_ms }) => Math.max(ms ?? 0, usual_ms ?? 0)));
  return (
    <table class="steps">
      <caption>{t.steps.caption}</caption>
      <thead>
        <tr>
          <th scope="col">{t.steps.step}</th>
          <th scope="col">{t.steps.now}</th>
          <th scope="col">{t.steps.usual}</th>
        </tr>
      </thead>
      <tbody>
        {steps.map((step) => (
          <tr key={step.step} data-step={step.step} data-failed={failed?.step === step.step}>
            <th scope="row">
              {t.step[step.step]}
              {isSlow(step) && <b class="flag">{t.steps.slow}</b>}
              {failed?.step === step.step && <b class="flag">{t.steps.failed}</b>}
              <svg class="bar" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
                <rect class="took" width={Math.min(1, (step.ms ?? 0) / most) * 100} height={4} />
              </svg>
            </th>
            <td>{duration(step.ms, speech)}</td>
            <td>{duration(step.usual_ms, speech)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function duration(ms: number | null, { t, times }: Speech): string {
  if (ms === null) return t.steps.unmeasured;
  return ms < 1000 ? t.ms(times.number(ms)) : t.seconds(times.number(ms / 1000, 1));
}

/** The last day, hour by hour: the strip and the chart in words. */
function Hours({ path, speech }: { path: PathState; speech: Speech }) {
  const { t, times } = speech;
  const took = tookIn(path.series, HOUR_S);
  return (
    <table>
      <caption class="hidden">{t.took}</caption>
      <thead>
        <tr>
          <th scope="col">{t.hour}</th>
          <th scope="col">{t.held}</th>
          <th scope="col">{t.duration}</th>
        </tr>
      </thead>
      <tbody>
        {cellsOf(path.series, HOUR_S).map(({ t: at, up }) => {
          const ms = took.get(at) ?? null;
          return (
            <tr key={at}>
              <th scope="row">{times.clock(at)}</th>
              <td>{up === null ? t.unknown : t.percent(times.number(percentOf(up), 2))}</td>
              <td>{duration(ms, speech)}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

export function Incidents({ told, speech }: Speaks) {
  const { t, times } = speech;
  const all = inOrder(told.incidents);
  const [first, more] = [all.slice(0, INCIDENTS_FIRST), all.slice(INCIDENTS_FIRST)];
  return (
    <section aria-labelledby="incidents">
      <h2 id="incidents">{t.incidents}</h2>
      {all.length === 0 ? (
        <p class="none">
          <Sign is="up" />
          {t.noIncident(times.moment(told.history.since, told.at))}
        </p>
      ) : (
        <IncidentList incidents={first} told={told} speech={speech} />
      )}
      {more.length > 0 && (
        <details>
          <summary>{t.more(more.length)}</summary>
          <IncidentList incidents={more} told={told} speech={speech} />
        </details>
      )}
    </section>
  );
}

function IncidentList(props: { incidents: readonly Incident[] } & Speaks) {
  const { speech, told } = props;
  const { t } = speech;
  return (
    <ul class="incidents">
      {props.incidents.map((incident) => {
        const isOver = incident.until !== null;
        return (
          <li
            key={`${incident.path} ${incident.node} ${incident.from}`}
            data-over={isOver}
            class="incident"
          >
            <Sign is={isOver ? "some" : "down"} />
            <p>
              {incidentText(incident, told.at, speech)}{" "}
              <span class="small">
                {isOver ? t.over : <b>{t.going}</b>}, {t.rounds(incident.rounds)}
              </span>
            </p>
          </li>
        );
      })}
    </ul>
  );
}

/** One sentence: which path, from when to when, at which step, why. */
export function incidentText(incident: Incident, now: number, { t, times }: Speech): string {
  const { from, until } = incident;
  const words = t.incidentWhen;
  const when =
    until === null
      ? words.going(times.moment(from, now))
      : times.isSameDay(from, until)
        ? words.within(
            times.isSameDay(from, now) ? "" : t.on(times.day(from)),
            times.clock(from),
            times.clock(until),
          )
        : words.across(
            `${times.day(from)}, ${times.clock(from)}`,
            `${times.day(until)}, ${times.clock(until)}`,
          );
  return t.incident(incident.path, incident.node, when, incident.step, incident.why);
}
