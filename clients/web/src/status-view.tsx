/**
 * The status page: how the service stands, and the screens before that.
 *
 * View: draws the desk's screen and tells it what was clicked.
 */
import type { ComponentChildren } from "preact";
import type { EnrolmentDesk } from "./enrolment-desk.ts";
import { EnrolmentView } from "./enrolment-view.tsx";
import type { OnLanguage } from "./language-view.tsx";
import { Button, Spoken, Status } from "./parts.tsx";
import type { StatusDesk, Screen } from "./status-desk.ts";
import { overallOf } from "./status-figures.ts";
import { Nodes } from "./status-nodes-view.tsx";
import { Sign, type Speech, StaffHeader } from "./status-parts.tsx";
import { Incidents, Paths } from "./status-paths-view.tsx";
import { Doctors, Usage } from "./status-usage-view.tsx";
import { toStaff } from "./words/status.ts";

export interface ViewProps {
  desk: StatusDesk;
  device: EnrolmentDesk;
  /** The keys are this device's own, and not in the address. */
  hasDevice: boolean;
  speech: Speech;
  onLanguage: OnLanguage;
}

export function StatusView(props: ViewProps) {
  const { desk, device, speech } = props;
  const { screen } = desk;
  return (
    <>
      <StaffHeader words={speech.words} onLanguage={props.onLanguage} />
      <main
        tabIndex={-1}
        data-state={screen.name}
        data-why={"why" in screen ? screen.why : undefined}
        data-enrolment={screen.name === "device" ? device.state.name : undefined}
        data-trouble={screen.name === "board" ? screen.trouble : undefined}
      >
        <Shown {...props} />
      </main>
    </>
  );
}

/** What the tab is called: how the service stands, too, for whoever looks at another one. */
export function title(screen: Screen, { t, words }: Speech): string {
  const name = `${t.name} – ${words.name}`;
  return screen.name === "board" ? `${sentence(screen, t)} – ${name}` : name;
}

function sentence({ told }: Extract<Screen, { name: "board" }>, t: Speech["t"]): string {
  const { state, down, unknown, all } = overallOf(told.paths, told.unread.paths);
  if (state === "some") return t.overall.some(down, all);
  return state === "unknown" ? t.overall.unknown(unknown, all) : t.overall[state];
}

function Shown(props: ViewProps) {
  const { desk, device, speech } = props;
  const { t, words } = speech;
  const { screen } = desk;
  switch (screen.name) {
    case "opening":
    case "entering":
      return (
        <div class="middle">
          <div class="pulse" aria-hidden="true" />
          <h1 class="hidden">{t.name}</h1>
          <Status>{t[screen.name]}</Status>
        </div>
      );
    case "unanswered": {
      const isAway = screen.why === "away";
      return (
        <Before title={isAway ? t.awayTitle : t.unreadableTitle}>
          <p role="alert">{isAway ? t.awayFirst : t.unreadableFirst}</p>
          <Again {...props} />
        </Before>
      );
    }
    case "refused":
      return (
        <Before title={t.refusedTitle}>
          <p role="alert">{t.refused[screen.why]}</p>
          <Again {...props} />
        </Before>
      );
    case "left":
      return (
        <Before title={t.leftTitle}>
          <p>{t.left}</p>
          <div class="actions">
            <Button id="enter" kind="primary" onClick={() => void desk.ask()}>
              {t.enter}
            </Button>
          </div>
        </Before>
      );
    case "device":
      return (
        <>
          {desk.isIn && (
            <p>
              <Button id="back" onClick={() => desk.device(false)}>
                {t.back}
              </Button>
            </p>
          )}
          <EnrolmentView desk={device} words={toStaff(words, t)} onGo={() => desk.device(false)} />
        </>
      );
    case "board":
      return <Board {...props} screen={screen} />;
  }
}

function Before(props: { title: string; children: ComponentChildren }) {
  return (
    <div class="before">
      <h1>{props.title}</h1>
      {props.children}
    </div>
  );
}

function Again({ desk, hasDevice, speech: { t } }: ViewProps) {
  return (
    <div class="actions">
      <Button id="again" kind="primary" onClick={() => void desk.ask()}>
        {t.again}
      </Button>
      {hasDevice && desk.screen.name === "refused" && (
        <Button id="device" onClick={() => desk.device(true)}>
          {t.device}
        </Button>
      )}
    </div>
  );
}

function Board(props: ViewProps & { screen: Extract<Screen, { name: "board" }> }) {
  const { desk, screen, speech } = props;
  const { t } = speech;
  const { told } = screen;
  return (
    <>
      <h1>{t.name}</h1>
      <Overall screen={screen} speech={speech} />
      <Trouble screen={screen} speech={speech} />
      <Freshness {...props} />
      {told.unread.all > 0 && (
        <p class="notice" id="unread">
          {t.unread(told.unread.all)}
        </p>
      )}
      <Paths told={told} speech={speech} />
      <Incidents told={told} speech={speech} />
      <Usage told={told} speech={speech} />
      <Doctors told={told} speech={speech} />
      <Nodes told={told} speech={speech} />
      <Origin screen={screen} speech={speech} />
      <div class="actions side">
        {props.hasDevice && desk.isIn && (
          <Button id="device" onClick={() => desk.device(true)}>
            {t.device}
          </Button>
        )}
        {desk.isIn && (
          <Button id="leave" onClick={() => void desk.leave()}>
            {t.leave}
          </Button>
        )}
      </div>
    </>
  );
}

type OfBoard = { screen: Extract<Screen, { name: "board" }>; speech: Speech };

/** One sentence, read out when it changes and only then. */
function Overall({ screen, speech: { t } }: OfBoard) {
  const { state, up } = overallOf(screen.told.paths, screen.told.unread.paths);
  const texts = {
    up: t.overall.upText,
    some: up > 0 ? t.overall.someText : t.overall.restUnknownText,
    down: t.overall.downText,
    unknown: t.overall.unknownText,
  };
  const isOld = screen.trouble !== null;
  return (
    <section class="overall" data-is={isOld ? "unknown" : state}>
      <Sign is={isOld ? "unknown" : state} />
      <div>
        <Spoken>
          <p class="sentence">{sentence(screen, t)}</p>
        </Spoken>
        {!isOld && <p>{texts[state]}</p>}
      </div>
    </section>
  );
}

/** Stands empty from the first drawing on, so that what comes into it is read out. */
function Trouble({ screen, speech: { t, times } }: OfBoard) {
  const { trouble } = screen;
  return (
    <div class={trouble === null ? "hidden" : "notice"}>
      <Spoken>
        {trouble !== null && (
          <p id="trouble">{t.trouble[trouble](times.moment(screen.told.at, screen.got_s))}</p>
        )}
      </Spoken>
    </div>
  );
}

function Freshness({ desk, screen, speech }: ViewProps & OfBoard) {
  const { t, times } = speech;
  return (
    <div class="freshness">
      <p class="small">
        {t.measured(times.moment(screen.told.at, screen.got_s))}{" "}
        {desk.isPaused ? t.paused : t.refreshes}
      </p>
      <Button id="pause" onClick={() => desk.pause(!desk.isPaused)}>
        {desk.isPaused ? t.resume : t.pause}
      </Button>
    </div>
  );
}

/** From where the history is, and since when. */
function Origin({ screen, speech: { t, times } }: OfBoard) {
  const { history, at } = screen.told;
  return (
    <>
      <p class="small" id="history">
        {t.since[history.source](times.moment(history.since, at))}
      </p>
      {history.away && <p class="notice">{t.since.away}</p>}
    </>
  );
}
