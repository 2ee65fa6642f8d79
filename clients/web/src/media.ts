/**
 * Camera, microphone, sound and the little things of the device.
 *
 * Door. Nothing is recorded and nothing is sent from here. What went wrong comes back as
 * a value that the page has a sentence for.
 */

export type Trouble = "insecure" | "denied" | "not-found" | "busy" | "no-webrtc";

/** Ask for the devices; the person's "no" is an answer, not an exception. */
export async function openDevices(video: boolean): Promise<MediaStream | Trouble> {
  // Outside a secure context browsers have no `mediaDevices`, whatever their types say.
  const devices = (navigator as Partial<Navigator>).mediaDevices;
  if (!isSecureContext) return "insecure";
  if (devices === undefined) return "no-webrtc";
  try {
    return await devices.getUserMedia({
      audio: { echoCancellation: true, noiseSuppression: true, autoGainControl: true },
      video: video && { facingMode: "user", width: { ideal: 1280 }, height: { ideal: 720 } },
    });
  } catch (error) {
    switch (error instanceof DOMException ? error.name : "") {
      case "NotAllowedError":
      case "SecurityError":
        return "denied";
      case "NotFoundError":
      case "OverconstrainedError":
        return "not-found";
      default:
        return "busy";
    }
  }
}

export function closeDevices(stream: MediaStream | null): void {
  stream?.getTracks().forEach((track) => track.stop());
}

/** Report the microphone's level, 0 to 1, until the returned function is called. */
export function watchLevel(stream: MediaStream, report: (level: number) => void): () => void {
  if (stream.getAudioTracks().length === 0) {
    return () => undefined;
  }
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  analyser.fftSize = 512;
  context.createMediaStreamSource(stream).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  let frame = 0;
  const look = () => {
    analyser.getFloatTimeDomainData(samples);
    const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
    // -60 dB is a quiet room, -10 dB a voice close by.
    report(Math.min(1, Math.max(0, (10 * Math.log10(power + 1e-9) + 60) / 50)));
    frame = requestAnimationFrame(look);
  };
  look();
  return () => {
    cancelAnimationFrame(frame);
    void context.close();
  };
}

/** Two soft notes and a short vibration: a doctor calls. */
export function chime(): void {
  if (navigator.userActivation.hasBeenActive) {
    // Desktop browsers and iPhones have no `vibrate`.
    (navigator as Partial<Navigator>).vibrate?.([200, 150, 200]);
  }
  const context = new AudioContext();
  for (const [index, pitch] of [523, 659].entries()) {
    const at = context.currentTime + index * 0.35;
    const note = context.createOscillator();
    const volume = context.createGain();
    note.frequency.value = pitch;
    volume.gain.setValueAtTime(0, at);
    volume.gain.linearRampToValueAtTime(0.15, at + 0.05);
    volume.gain.exponentialRampToValueAtTime(0.001, at + 0.7);
    note.connect(volume).connect(context.destination);
    note.start(at);
    note.stop(at + 0.7);
  }
  setTimeout(() => void context.close(), 2000);
}

/** The screen, kept lit during a call where the browser lets us. */
export class Screen {
  #lock: WakeLockSentinel | null = null;
  #isWanted = false;

  /** On the side: some browsers answer late, and the call does not wait for the screen. */
  async keepLit(): Promise<void> {
    this.#isWanted = true;
    if (this.#lock !== null) return;
    try {
      this.#take(await navigator.wakeLock.request("screen"));
    } catch {
      // Some browsers cannot, and some do not while the battery is low.
    }
  }

  #take(lock: WakeLockSentinel): void {
    if (!this.#isWanted || this.#lock !== null) {
      // The call is over by now, or another connection of it was faster.
      void lock.release();
    } else {
      this.#lock = lock;
    }
  }

  letGo(): void {
    this.#isWanted = false;
    void this.#lock?.release();
    this.#lock = null;
  }
}
