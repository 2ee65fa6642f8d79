/**
 * Camera, microphone and screen, as the browser gives them.
 *
 * Door. Nothing is recorded and nothing is sent from here. What went wrong comes back as
 * a value that the page has a sentence for (`faults.ts`).
 */
import {
  type Failed,
  hearing,
  isBlack,
  type Kind,
  loudness,
  type Trouble,
  troubleOf,
  type Why,
  whyOf,
} from "./faults.ts";
import { cameraWish, type Facing, type Gear, gearOf, microphoneWish, type Picks } from "./picks.ts";

export type { Trouble } from "./faults.ts";

export interface Wish {
  /** Which of the two a person wants at all. */
  wants: Readonly<Record<Kind, boolean>>;
  picks: Picks;
  facing: Facing;
}

export interface Opened {
  tracks: Readonly<Record<Kind, MediaStreamTrack | null>>;
  trouble: Trouble | null;
}

const NOTHING = { camera: null, microphone: null };

/** Ask for the devices; the person's "no" is an answer, not an exception. What works is given. */
export async function openDevices(wish: Wish): Promise<Opened> {
  const { wants } = wish;
  if (!isSecureContext) return { tracks: NOTHING, trouble: "insecure" };
  if (!wants.camera && !wants.microphone) return { tracks: NOTHING, trouble: null };
  if (mediaDevices() === undefined) return { tracks: NOTHING, trouble: "no-webrtc" };
  if (!wants.camera || !wants.microphone) {
    const kind = wants.camera ? "camera" : "microphone";
    const got = await openOne(wish, kind);
    return typeof got === "string"
      ? { tracks: NOTHING, trouble: `${kind}-${got}` }
      : { tracks: { ...NOTHING, [kind]: got }, trouble: null };
  }
  const both = await ask({
    video: cameraWish(wish.picks, wish.facing),
    audio: microphoneWish(wish.picks),
  });
  if (!("name" in both)) {
    const [camera = null, microphone = null] = [both.getVideoTracks()[0], both.getAudioTracks()[0]];
    return { tracks: { camera, microphone }, trouble: null };
  }
  const [mayCamera, mayMicrophone] = await Promise.all([
    permissionOf("camera"),
    permissionOf("microphone"),
  ]);
  const why = whyOf(both, mayCamera);
  // Who just said no to both is not asked again for one; where one is allowed that needs no asking.
  const isRefused = why === "denied" || why === "blocked" || why === "system";
  if (isRefused && mayMicrophone !== "granted" && mayCamera !== "granted") {
    return { tracks: NOTHING, trouble: why };
  }
  // The voice first; the camera only where there is none, to know which of the two it is.
  const microphone =
    isRefused && mayMicrophone !== "granted"
      ? whyOf(both, mayMicrophone)
      : await openOne(wish, "microphone");
  if (typeof microphone !== "string") {
    return { tracks: { camera: null, microphone }, trouble: troubleOf(why, null) };
  }
  const camera = isRefused && mayCamera !== "granted" ? why : await openOne(wish, "camera");
  return typeof camera === "string"
    ? { tracks: NOTHING, trouble: troubleOf(camera, microphone) }
    : { tracks: { camera, microphone: null }, trouble: troubleOf(null, microphone) };
}

/** One of the two alone, or why not. */
export async function openOne(wish: Wish, kind: Kind): Promise<MediaStreamTrack | Why> {
  const got = await ask(
    kind === "camera"
      ? { video: cameraWish(wish.picks, wish.facing) }
      : { audio: microphoneWish(wish.picks) },
  );
  if ("name" in got) return whyOf(got, await permissionOf(kind));
  return got.getTracks()[0] ?? "missing";
}

/** A screen or a window that the person chooses; null where none was chosen. */
export async function openScreen(): Promise<MediaStreamTrack | Why | null> {
  try {
    const got = await navigator.mediaDevices.getDisplayMedia({
      // Text stands still: sharp is more than smooth.
      video: { frameRate: { max: 15 } },
      audio: false,
    });
    const [track = null] = got.getVideoTracks();
    if (track !== null) track.contentHint = "detail";
    return track;
  } catch (error) {
    const why = whyOf(failed(error), null);
    return why === "denied" ? null : why;
  }
}

/** Telephones have no such thing. */
export function canShareScreen(): boolean {
  return typeof mediaDevices()?.getDisplayMedia === "function";
}

export async function listGear(): Promise<Gear[]> {
  return gearOf(
    (await mediaDevices()
      ?.enumerateDevices()
      .catch(() => [])) ?? [],
  );
}

/** What the browser says of this permission; null where it does not tell. */
export async function permissionOf(kind: Kind): Promise<PermissionState | null> {
  return (await permission(kind))?.state ?? null;
}

export async function permission(kind: Kind): Promise<PermissionStatus | null> {
  try {
    return await navigator.permissions.query({ name: kind });
  } catch {
    // Firefox knew neither of the two names before 132.
    return null;
  }
}

/** Outside a secure context, and in some applications, there are none, whatever the types say. */
function mediaDevices():
  (Partial<MediaDevices> & Pick<MediaDevices, "enumerateDevices">) | undefined {
  return (navigator as Partial<Navigator>).mediaDevices;
}

async function ask(constraints: MediaStreamConstraints): Promise<MediaStream | Failed> {
  try {
    return await navigator.mediaDevices.getUserMedia(constraints);
  } catch (error) {
    return failed(error);
  }
}

function failed(error: unknown): Failed {
  return error instanceof DOMException
    ? { name: error.name, message: error.message }
    : { name: "", message: "" };
}

export function closeDevices(stream: MediaStream | null): void {
  stream?.getTracks().forEach((track) => track.stop());
}

// --- what they hear and see -----------------------------------------------------------

/** Tell the loudness in dB at each look; null while the browser lets nobody listen. */
function watchLoudness(stream: MediaStream, report: (db: number | null) => void): () => void {
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  analyser.fftSize = 512;
  context.createMediaStreamSource(stream).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  let frame = 0;
  const look = () => {
    analyser.getFloatTimeDomainData(samples);
    report(context.state === "running" ? loudness(samples) : null);
    frame = requestAnimationFrame(look);
  };
  look();
  // Before the page was touched some browsers keep it silent.
  void context.resume().catch(() => undefined);
  return () => {
    cancelAnimationFrame(frame);
    if (context.state !== "closed") void context.close();
  };
}

/** Report the microphone's level, 0 to 1, until the returned function is called. */
export function watchLevel(stream: MediaStream, report: (level: number) => void): () => void {
  if (stream.getAudioTracks().length === 0) return () => undefined;
  // -60 dB is a quiet room, -10 dB a voice close by.
  return watchLoudness(stream, (db) => report(Math.min(1, Math.max(0, ((db ?? -60) + 60) / 50))));
}

// A browser that lets nobody listen before a touch says nothing against the microphone.
const DEAF_MS = 1_500;

/** Listen to a microphone until it is known; `onheard` also later, until it is stopped. */
export function listen(
  track: MediaStreamTrack,
  told: (is: "heard" | "silent" | "unknown") => void,
): () => void {
  const begin = performance.now();
  let loudest = -Infinity;
  let last = "";
  const stop = watchLoudness(new MediaStream([track]), (db) => {
    const passed_ms = performance.now() - begin;
    loudest = Math.max(loudest, db ?? -Infinity);
    const isDeaf = loudest === -Infinity;
    const is = isDeaf
      ? passed_ms < DEAF_MS
        ? "listening"
        : "unknown"
      : hearing(loudest, passed_ms);
    if (is === "listening" || is === last) return;
    last = is;
    told(is);
  });
  return stop;
}

// Cameras begin in the dark, and find their exposure within two seconds.
const DARK_MS = 2_500;
const LOOK_EVERY_MS = 150;
const SMALL = 24;

/** Whether a camera shows nothing but black. */
export async function looksBlack(track: MediaStreamTrack): Promise<boolean> {
  const video = document.createElement("video");
  video.muted = true;
  video.playsInline = true;
  video.srcObject = new MediaStream([track]);
  void video.play().catch(() => undefined);
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = SMALL;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  let isDark = false;
  for (let passed_ms = 0; passed_ms < DARK_MS; passed_ms += LOOK_EVERY_MS) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    // No picture yet is no black picture.
    if (context === null || video.videoWidth === 0) continue;
    context.drawImage(video, 0, 0, SMALL, SMALL);
    isDark = isBlack(context.getImageData(0, 0, SMALL, SMALL).data);
    if (!isDark) break;
  }
  video.srcObject = null;
  return isDark;
}
