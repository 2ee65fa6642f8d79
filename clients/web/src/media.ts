/**
 * Camera and microphone.
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
