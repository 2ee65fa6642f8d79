/**
 * Out of which loudspeaker the far end speaks, and a sound to try it by.
 *
 * Door. Where the browser lets nobody choose (all of Apple's telephones, older Firefox), the system's
 * own choice holds. The choice is in memory alone.
 *
 * W3C Audio Output Devices API, `setSinkId`.
 */

/** Pitch in Hz and begin in seconds: three notes that rise, and no alarm. */
const TUNE = [
  [392, 0],
  [494, 0.35],
  [587, 0.7],
] as const;
const NOTE_S = 0.8;
const LENGTH_MS = 1_600;

// Newer than some browsers that the pages serve, whatever the types say.
type Sinking = Omit<HTMLMediaElement, "setSinkId"> & Partial<Pick<HTMLMediaElement, "setSinkId">>;

let chosen = "";

export function canChoose(): boolean {
  return "setSinkId" in HTMLMediaElement.prototype;
}

/** Have an element speak where the person wants it to. */
export function route(element: HTMLMediaElement): void {
  // Rejected where that loudspeaker is gone: then the system's own goes on.
  if (chosen !== "") speakBy(element, chosen);
}

/** From now on, and for all that speak already. Empty: the system's own. */
export function choose(id: string): void {
  chosen = id;
  for (const element of document.querySelectorAll<HTMLMediaElement>("video:not(#self), audio")) {
    speakBy(element, id);
  }
}

function speakBy(element: Sinking, id: string): void {
  void element.setSinkId?.(id).catch(() => undefined);
}

/** Play the sound; ends when it has. */
export async function playTest(): Promise<void> {
  const context = new AudioContext();
  const out = context.createMediaStreamDestination();
  for (const [pitch, begin] of TUNE) {
    const note = context.createOscillator();
    const volume = context.createGain();
    const at = context.currentTime + 0.1 + begin;
    note.frequency.value = pitch;
    volume.gain.setValueAtTime(0, at);
    volume.gain.linearRampToValueAtTime(0.25, at + 0.05);
    volume.gain.exponentialRampToValueAtTime(0.001, at + NOTE_S);
    note.connect(volume).connect(out);
    note.start(at);
    note.stop(at + NOTE_S);
  }
  // By an element, as the far end speaks: only that can be sent to another loudspeaker everywhere.
  const element = new Audio();
  element.srcObject = out.stream;
  route(element);
  try {
    await context.resume();
    await element.play();
    await new Promise((resolve) => setTimeout(resolve, LENGTH_MS));
  } catch {
    // No sound at all here: the question that follows is the way to find out.
  }
  element.srcObject = null;
  await context.close();
}
