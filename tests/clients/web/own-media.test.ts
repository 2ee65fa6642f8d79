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
    // Nothing is seen in it.
    createElement: () => ({
      play: () => Promise.resolve(),
      getContext: () => null,
    }),
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
  const track = given.filter((one) => one.kind === kind).at(-1);
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

// --- what a person turned off -------------------------------------------------------------

test("who is muted stays so, however fast one microphone follows another", async () => {
  const own = await inSession();
  own.mute(true);

  await Promise.all([
    own.pick("microphone", "headset"),
    own.pick("microphone", "mic"),
  ]);

  expect([own.isMuted, sends(own)]).toEqual([true, ["cam"]]);
});

test("who is unseen stays so, however fast one camera follows another", async () => {
  const own = await inSession();
  own.darken(true);

  await Promise.all([own.pick("camera", "other"), own.flip()]);

  expect([own.isDark, sends(own)]).toEqual([true, ["mic"]]);
});

test("what was turned off stays so where another takes the place of what was unplugged", async () => {
  const own = await inSession();
  own.mute(true);
  own.darken(true);
  plugged = {};
  last("audio").isUnplugged();
  last("video").isUnplugged();
  await settled();
  expect([own.has("microphone"), own.has("camera")]).toEqual([false, false]);

  plugged = ALL;
  await own.pick("microphone", "headset");
  await own.pick("camera", "other");

  expect([own.has("microphone"), own.has("camera")]).toEqual([true, true]);
  expect([own.isMuted, own.isDark, sends(own)]).toEqual([true, true, []]);
});

test("who went on without one and picks it now is heard and seen", async () => {
  const own = await inSession();
  own.settle({ camera: false, microphone: false });
  expect(sends(own)).toEqual([]);

  await own.pick("microphone", "headset");
  await own.pick("camera", "other");

  expect([own.isMuted, own.isDark]).toEqual([false, false]);
  expect(sends(own)).toEqual(["headset", "other"]);
});

test("a camera that was turned off does not come on with whatever is asked for again", async () => {
  const own = await inSession();
  own.darken(true);

  own.again();
  await settled();

  expect([own.has("camera"), own.isDark, sends(own)]).toEqual([
    true,
    true,
    ["mic"],
  ]);
  own.darken(false);
  expect(sends(own)).toEqual(["mic", "cam"]);
});

test("a camera that was turned off does not come on with the voice", async () => {
  const own = await inSession();
  own.darken(true);
  own.mute(true);
  plugged = {};
  last("audio").isUnplugged();
  last("video").isUnplugged();
  await settled();

  plugged = ALL;
  own.mute(false);
  await settled();

  expect([own.isDark, sends(own)]).toEqual([true, ["mic"]]);
});

test("a camera that was turned off stays so where a person goes on with what there is", async () => {
  const own = await inSession();
  own.darken(true);

  own.settle({ camera: true, microphone: true });

  expect([own.isDark, sends(own)]).toEqual([true, ["mic"]]);
});

// --- the check ----------------------------------------------------------------------------

/** In the check, with whatever is plugged in; `leaves` is for a session that comes in between. */
async function inCheck(): Promise<{ own: OwnMedia; leaves: () => void }> {
  const own = new OwnMedia();
  let isIn = true;
  own.isInCheck = () => isIn;
  own.onwanted = () => void own.open(true);
  void own.open(true);
  await settled();
  return { own, leaves: () => (isIn = false) };
}

test("the check begins anew with the microphone that is picked while it runs", async () => {
  plugged = MICROPHONES;
  const { own } = await inCheck();
  expect([own.isTrying, heard]).toEqual([true, ["mic live"]]);

  await own.pick("microphone", "headset");
  await settled();

  expect([own.isTrying, heard]).toEqual([true, ["mic live", "headset live"]]);
  expect(own.inUse("microphone")).toBe("headset");
});

test("of two that are picked while the check opens the last one is checked", async () => {
  plugged = MICROPHONES;
  const { own } = await inCheck();

  void own.pick("microphone", "mic");
  void own.pick("microphone", "headset");
  await settled();

  expect(heard.at(-1)).toBe("headset live");
  expect(own.inUse("microphone")).toBe("headset");
  expect(given.filter(({ readyState }) => readyState === "live")).toHaveLength(
    1,
  );
});

test("what was missing in the check is tried once it is there", async () => {
  plugged = MICROPHONES;
  await inCheck();

  plugged = ALL;
  changed();
  await settled();

  expect(last("video").readyState).toBe("live");
});

test("what was missing in the check is not turned on by itself in a call", async () => {
  plugged = MICROPHONES;
  const { own, leaves } = await inCheck();
  leaves();
  const before = given.length;

  plugged = ALL;
  changed();
  await settled();

  expect([own.has("camera"), given.length]).toEqual([false, before]);
});
