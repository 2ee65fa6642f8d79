/** A page's own devices: what a person turned off stays off, and a screen is for one session. */
import { OwnMedia } from "../../../clients/web/src/own-media.ts";

type Kind = "audio" | "video";

class FakeTrack {
  enabled = true;
  readyState: "live" | "ended" = "live";
  onended: (() => void) | null = null;
  onmute: (() => void) | null = null;
  onunmute: (() => void) | null = null;
  readonly kind: Kind;
  readonly id: string;

  constructor(kind: Kind, id: string) {
    this.kind = kind;
    this.id = id;
  }
  stop(): void {
    this.readyState = "ended";
  }
  getSettings(): { deviceId: string } {
    return { deviceId: this.id };
  }
  /** Pulled out by somebody. */
  isUnplugged(): void {
    this.stop();
    this.onended?.();
  }
}

class FakeStream {
  readonly #tracks: FakeTrack[];
  constructor(tracks: FakeTrack[]) {
    this.#tracks = tracks;
  }
  getTracks = () => this.#tracks;
  getAudioTracks = () => this.#tracks.filter(({ kind }) => kind === "audio");
  getVideoTracks = () => this.#tracks.filter(({ kind }) => kind === "video");
}

/** What is plugged in: the kind of each device by its id. The first of a kind is the usual one. */
let plugged: Record<string, Kind>;
/** Every track that was given, the last one last. */
let given: FakeTrack[];
/** The screen that the picker gives, once somebody chose. */
let screens: ((screen: FakeTrack) => void)[];
/** The microphones that somebody listens to, or did. */
let heard: string[];
let changed: () => void;

const MICROPHONES = { mic: "audio", headset: "audio" } as const;
const ALL = { ...MICROPHONES, cam: "video", other: "video" } as const;

function getUserMedia(wanted: MediaStreamConstraints): Promise<FakeStream> {
  const tracks = (["audio", "video"] as const).flatMap((kind) => {
    const wish = wanted[kind] as { deviceId?: { ideal: string } } | undefined;
    if (wish === undefined) return [];
    const ids = Object.keys(plugged).filter((id) => plugged[id] === kind);
    const id = ids.find((one) => one === wish.deviceId?.ideal) ?? ids[0];
    if (id === undefined) throw new DOMException("", "NotFoundError");
    return [new FakeTrack(kind, id)];
  });
  given.push(...tracks);
  return Promise.resolve(new FakeStream(tracks));
}

const devices = {
  getUserMedia: async (wanted: MediaStreamConstraints) => getUserMedia(wanted),
  getDisplayMedia: () =>
    new Promise<FakeStream>((resolve) =>
      screens.push((screen) => resolve(new FakeStream([screen]))),
    ),
  enumerateDevices: () =>
    Promise.resolve(
      Object.entries(plugged).map(([deviceId, kind]) => ({
        kind: `${kind}input`,
        deviceId,
        label: deviceId,
        groupId: "",
      })),
    ),
  addEventListener: (_: string, then: () => void) => (changed = then),
};

/** Nobody speaks: whoever listens goes on listening. */
class FakeContext {
  state = "running";
  createAnalyser = () => ({
    fftSize: 0,
    getFloatTimeDomainData: () => undefined,
  });
  createMediaStreamSource(stream: FakeStream): { connect: () => void } {
    heard.push(
      ...stream.getTracks().map(({ id, readyState }) => `${id} ${readyState}`),
    );
    return { connect: () => undefined };
  }
  resume = () => Promise.resolve();
  close = () => Promise.resolve();
}

beforeEach(() => {
  vi.useFakeTimers();
  plugged = ALL;
  given = [];
  screens = [];
  heard = [];
  changed = () => undefined;
  vi.stubGlobal("isSecureContext", true);
  vi.stubGlobal("navigator", {
    mediaDevices: devices,
    permissions: { query: () => Promise.reject(new TypeError()) },
  });
  vi.stubGlobal("document", {
    hidden: false,
    addEventListener: () => undefined,
  });
  vi.stubGlobal("MediaStream", FakeStream);
  vi.stubGlobal("AudioContext", FakeContext);
  vi.stubGlobal("requestAnimationFrame", () => 0);
  vi.stubGlobal("cancelAnimationFrame", () => undefined);
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** Whatever waits for nothing but its turn is done. */
const settled = () => vi.advanceTimersByTimeAsync(0);

/** In a session, with whatever is plugged in. */
async function inSession(): Promise<OwnMedia> {
  const own = new OwnMedia();
  own.onwanted = () => void own.open(true);
  await own.open(true);
  own.follow("first");
  return own;
}

function sends(own: OwnMedia): string[] {
  const tracks = (own.stream?.getTracks() ?? []) as unknown as FakeTrack[];
  return tracks
    .filter(({ enabled, readyState }) => enabled && readyState === "live")
    .map(({ id }) => id);
}

function last(kind: Kind): FakeTrack {
  const track = given.findLast((one) => one.kind === kind);
  if (track === undefined) throw new Error(`no ${kind} was given`);
  return track;
}

/** Somebody chooses in the picker that was opened last. */
async function chooses(): Promise<FakeTrack> {
  const screen = new FakeTrack("video", "screen");
  screens.at(-1)?.(screen);
  await settled();
  return screen;
}

// --- the screen -------------------------------------------------------------------------

test("a shared screen ends with its session, and the next one gets the camera", async () => {
  const own = await inSession();
  void own.share();
  const screen = await chooses();
  expect(sends(own)).toEqual(["mic", "screen"]);

  own.follow(null);

  expect([own.isSharing, screen.readyState]).toEqual([false, "ended"]);
  own.follow("second");
  expect(sends(own)).toEqual(["mic", "cam"]);
});

test("a shared screen goes on while its session does, whatever its connections do", async () => {
  const own = await inSession();
  void own.share();
  await chooses();

  own.follow("first");

  expect(sends(own)).toEqual(["mic", "screen"]);
});

test("a screen that is chosen after the session is not shared with the next", async () => {
  const own = await inSession();
  void own.share();

  own.follow(null);
  own.follow("second");
  const screen = await chooses();

  expect([own.isSharing, screen.readyState]).toEqual([false, "ended"]);
  expect(sends(own)).toEqual(["mic", "cam"]);
});

test("a screen that is chosen after the devices were given back is let go", async () => {
  const own = await inSession();
  void own.share();

  own.close();
  await own.open(true);
  const screen = await chooses();

  expect([own.isSharing, screen.readyState]).toEqual([false, "ended"]);
});
