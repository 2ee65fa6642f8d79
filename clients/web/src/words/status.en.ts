/** The English words of the status page, with the keys of `status.fr.ts`. */
import type { Band, FigureName, PathName, StepName, Why } from "../status-state.ts";
import type { StatusWords } from "./status.fr.ts";

const s = (count: number) => (count === 1 ? "" : "s");

const paths: Readonly<Record<PathName, string>> = {
  direct: "direct",
  udp: "UDP",
  tcp: "TCP",
  tls: "TLS",
};
const steps: Readonly<Record<StepName, string>> = {
  page: "loading the page",
  socket: "connecting to the server",
  queue: "entering the queue",
  claim: "calling the patient",
  seal: "sealing",
  ice: "finding the path",
  dtls: "encrypting picture and sound",
  frame: "first picture",
  media: "five seconds of picture and sound",
  "hang-up": "hanging up",
  "nothing-left": "nothing left behind",
};
const whys: Readonly<Record<Why, string>> = {
  refused: "refused",
  timeout: "took too long",
  closed: "connection cut",
  unreached: "nobody answers at this address",
  "relay-full": "relay full",
  certificate: "certificate not valid",
  "wrong-picture": "the picture received is not the one that was sent",
  unsealed: "the seal between the two ends did not hold",
  "not-empty": "something is left in the test queue",
  "no-relay": "the relay has no address for this path",
  expired: "the credential of the probe is over",
  internal: "the probe itself failed",
  other: "another cause",
};

export const statusEn: StatusWords = {
  name: "Service status",

  overall: {
    up: "Every path works",
    some: (down, all) =>
      down === 1 ? `1 path of ${all} does not work` : `${down} paths of ${all} do not work`,
    down: "No path works",
    unknown: (unknown, all) =>
      unknown === all
        ? "Nothing is measured yet"
        : `${unknown} path${s(unknown)} of ${all} without a recent measurement`,
    upText: "Every minute a whole test consultation passes through each of them.",
    someText:
      "People whose network has no other way may be without picture and sound. The other paths work. Details are below: tell whoever runs the service.",
    restUnknownText:
      "The others are not measured at the moment. What was measured is kept below. Tell whoever runs the service.",
    downText:
      "No test consultation succeeds at the moment. What was measured is kept below. Tell whoever runs the service at once.",
    unknownText:
      "The probe has brought no recent measurement. What it measured before is kept. If this lasts longer than five minutes, tell whoever runs the service.",
  },
  measured: (when) => `Last answer: ${when}.`,
  refreshes: "The page refreshes every 15 seconds.",
  paused: "Refreshing is paused.",
  pause: "Pause",
  resume: "Refresh again",
  since: {
    memory: (when) =>
      `History since ${when}, in the probe’s memory: it begins anew when the probe restarts.`,
    prometheus: (when) => `History since ${when}, kept by Prometheus.`,
    away: "Prometheus does not answer: what it keeps is not lost, but cannot be shown here. Tell whoever runs the service.",
  },
  trouble: {
    away: (when) =>
      `The status server does not answer. What is shown stays (last answer: ${when}). It says nothing about the consultations themselves. We try again every 15 seconds; if it lasts, tell whoever runs the service.`,
    unreadable: (when) =>
      `The status server answered something that this page cannot read. What is shown stays (last answer read: ${when}). Reload the page; if it comes back, tell whoever runs the service.`,
    old: (when) =>
      `These data do not change any more (last measurement: ${when}). They stay, but no longer say what happens now. We keep asking; if it lasts, tell whoever runs the service.`,
  },

  unread: (count) =>
    count === 1
      ? "One row of the answer could not be read and is not shown. What is shown holds. Tell whoever runs the service."
      : `${count} rows of the answer could not be read and are not shown. What is shown holds. Tell whoever runs the service.`,

  now: "Now",
  nowText:
    "A path is the way that picture and sound take: from browser to browser, or through the relay by UDP, TCP or TLS.",
  node: (node) => `Node ${node}`,
  path: {
    direct: "Direct",
    udp: "Relay by UDP",
    tcp: "Relay by TCP",
    tls: "Relay by TLS",
  } satisfies Record<PathName, string>,
  pathText: {
    direct: "from browser to browser",
    udp: "the ordinary case",
    tcp: "networks without UDP",
    tls: "networks of hospitals and firms",
  } satisfies Record<PathName, string>,
  state: { up: "Works", down: "Does not work", unknown: "Unknown" },
  failed: (step, why) => `At the step “${steps[step]}”: ${whys[why]}.`,
  stateSince: (when) => `Since ${when}.`,
  uptime: {
    caption: "Share of the tests held that succeeded",
    measured:
      "Percentages are of the tests that were held: what was not measured has no part in them.",
    now: "Now",
    day: "24 h",
    week: "7 d",
    quarter: "90 d",
    dayLong: "last 24 hours",
    weekLong: "last 7 days",
    quarterLong: "last 90 days",
    unknown: "unknown",
    short: (when) => `History is shorter than 90 days (since ${when}): longer spans end there.`,
  },
  percent: (value) => `${value}%`,
  strip: { begins: "24 h ago", ends: "now" },
  legend: {
    title: "How to read the strip",
    up: "all succeeded",
    some: "some succeeded",
    down: "none succeeded",
    unknown: "not measured",
  },
  details: "Steps and durations",
  steps: {
    caption: "Duration of each step of the last test",
    step: "Step",
    now: "Last",
    usual: "Usual",
    none: "No test has come this far yet.",
    slow: "slower than usual",
    failed: "failed",
    unmeasured: "not measured",
  },
  step: steps,
  media: (loss, jitter) => `Over five seconds: ${loss} of packets lost, jitter of ${jitter}.`,
  took: "From opening the page to the first picture, last 24 hours",
  tookTable: "The same durations as a table",
  hour: "Hour",
  held: "Succeeded",
  duration: "Duration",
  ms: (value) => `${value} ms`,
  seconds: (value) => `${value} s`,

  incidents: "Incidents",
  noIncident: (when) => `No incident since ${when}.`,
  going: "Going on",
  over: "Over",
  incident: (path, node, when, step, why) =>
    `The ${paths[path]} path through node ${node} ${when}, at the step “${steps[step]}”${why === null ? "" : `: ${whys[why]}`}.`,
  incidentWhen: {
    going: (from) => `has not worked since ${from}`,
    within: (day, from, until) => `did not work ${day}from ${from} to ${until}`,
    across: (from, until) => `did not work from ${from} to ${until}`,
  },
  on: (day) => `on ${day} `,
  rounds: (count) => `${count} test${s(count)}`,
  more: (count) => `Show ${count} more incident${s(count)}`,

  usage: "Usage",
  usageText:
    "These figures are blurred on purpose, and published once the hour or the day is over: one consultation more or less changes next to nothing. Each is therefore a range, in which the true figure lies at least 95 times of 100.",
  usageNone:
    "No figure is published yet. The first appears at the end of this hour, whether or not anybody consulted.",
  usageSince: (when) => `Counted since ${when}.`,
  between: (low, high) => `between ${low} and ${high}`,
  below: (high) => `${high} or fewer`,
  partial: "incomplete",
  partialText: "The service started in the middle of it: the beginning is missing.",
  figure: {
    consultations: "Consultations per hour",
    waits: "Wait before the call",
    endings: "Outcome",
  } satisfies Record<FigureName, string>,
  latestHour: (day, from, until, range) =>
    `${day}From ${from} to ${until}: ${range} consultations.`,
  ofDay: (day) => `${day}. `,
  latestDay: (day) => `Day of ${day} (universal time)`,
  chart: {
    consultations: "Ranges of the number of consultations, hour by hour",
    range: "range",
    below: (high) => `${high} or fewer`,
    partial: "incomplete hour",
    value: "published figure",
  },
  noChart: "The chart could not be loaded. The table below says the same.",
  asTable: "The same figures as a table",
  when: "Hour",
  day: "Day",
  count: "Consultations",
  bin: {
    "under-1": "under 1 min",
    "1-5": "1 to 5 min",
    "5-15": "5 to 15 min",
    "15-30": "15 to 30 min",
    "over-30": "over 30 min",
    direct: "Consultation, direct path",
    relayed: "Consultation, through the relay",
    unconnected: "No picture and no sound",
    untold: "Consultation, path not told",
    left: "The patient gave up",
    lost: "The patient did not come back",
  },
  relayShare: (low, high) =>
    `Share of the relay: between ${low} and ${high} of the consultations whose path is known, about 90 times of 100.`,
  noRelayShare: "Share of the relay: too few consultations to tell.",
  epsilon: (epsilon) =>
    `Guarantee: differential privacy, ε = ${epsilon} in all for a consultation, once and for ever.`,
  figureEpsilon: (epsilon, threshold, uncertainty) =>
    `ε = ${epsilon}; range of ± ${uncertainty}; a blurred figure below ${threshold} is not published.`,

  doctors: "Doctors on duty",
  band: {
    none: "None",
    few: "1 to 4",
    some: "5 to 19",
    many: "20 or more",
  } satisfies Record<Band, string>,
  bandAt: (clock) => `Taken at ${clock}. A band, never a number; taken once every ten minutes.`,
  bandNone: "Not taken yet.",

  nodes: "Servers",
  nodesText: (version) => `This page: version ${version}.`,
  up: "Answers",
  away: "Does not answer",
  awayText: "The probe cannot read its measurements. The rest is unknown.",
  version: "Version",
  started: "Started",
  store: "Memory of the queues",
  storeKind: {
    memory: "in the server",
    redis: "Redis",
    sentinel: "Redis with Sentinel",
    cluster: "Redis Cluster",
    other: "other",
  },
  memoryOnly: "nothing on disk",
  onDisk: "may write to disk: to be mended",
  closed: "refused: nobody can enter",
  relay: "Relay",
  relayKind: {
    own: "our own",
    coturn: "coturn",
    elsewhere: "elsewhere",
    none: "none",
    other: "other",
  },
  relayOnly: "always used",
  relayUp: "answers",
  relayDown: "does not answer",
  certificate: "Certificate",
  until: (day, days) => (days < 0 ? `ended on ${day}` : `until ${day} (${days} day${s(days)})`),
  soon: "to be renewed",
  lists: "Lists of the unions",
  fresh: "up to date",
  stale: "not up to date: doctors may be refused",
  unknown: "unknown",

  opening: "Asking how the service is…",
  entering: "Checking your credential…",
  awayTitle: "The status server does not answer",
  awayFirst:
    "Nothing could be read, and that says nothing about the consultations themselves. We try again every 15 seconds. If it lasts, tell whoever runs the service.",
  unreadableTitle: "The answer cannot be read",
  unreadableFirst:
    "The status server answered something that this page cannot read. Nothing is lost. Reload the page; if it comes back, tell whoever runs the service.",
  again: "Try again now",
  refusedTitle: "This page is for the staff of your union",
  refused: {
    expired:
      "The credential of this device holds no more: its time is over. Your keys are kept. Ask your union to renew it, then try again.",
    early:
      "The credential of this device is not valid yet, or the server’s clock is late. Your keys are kept. Try again later; if it lasts, tell whoever runs the service.",
    unproven:
      "The server could not verify this page: the answer may have taken too long. Your credential is not at fault, and your keys are kept. Try again.",
    revoked:
      "Your union has taken this device back, or its list is not up to date. Your keys are kept. Contact whoever enrols the devices.",
    "other-union":
      "The credential of this device is of a union that this service does not know, or not one of staff: a doctor’s credential does not open this page. Your keys are kept. Ask your union for a staff credential.",
    "no-credential":
      "No credential that holds belongs to the key in this address: its time is over, or this service does not know the union that signed it. Your keys are kept. Ask your union for a staff credential.",
    "no-key":
      "The key in this address is not complete. Nothing was sent. Open the address that you were given again, all of it.",
    insecure:
      "This page was not opened by a secure address (https): browsers forbid keys there. Nothing was sent. Open it by its https address.",
    origin:
      "This page was not opened by the address that the service expects. Your keys are kept. Ask whoever runs the service for the right address, or to declare this one (--origin).",
    busy: "The status server has too many requests at the moment. Your keys are kept. Try again in a minute.",
  },
  device: "My device",
  back: "Back to the status",
  leave: "Close the access",
  leftTitle: "The access is closed",
  left: "The pass of this page is destroyed, and the keys of your device are kept. To come back, enter again.",
  enter: "Enter again",

  enrolment: {
    what: "Your union gives you access to the status of the service, device by device. This page prepares the keys of this one; they never leave it.",
    gesture:
      "If this device can, it first asks for your fingerprint, your face or its code: a stolen device is not enough.",
    others:
      "Another device is enrolled in the same way, on this same page. Device lost or stolen? Tell your union at once: it revokes it.",
    forgetText:
      "The keys of this device will be destroyed. To see the status of the service here again, it has to be enrolled anew.",
  },
};
