/**
 * This page's own camera and microphone: opened, silenced, darkened, given back.
 *
 * Door. Whoever sends the tracks is told by `onstream`; whoever draws, by `onchange`.
 */
import { closeDevices, openDevices, type Trouble } from "./media.ts";

export class OwnMedia {
  stream: MediaStream | null = null;
  isMuted = false;
  isDark = false;
  /** Something that is drawn is another than before. */
  onchange: () => void = () => undefined;
  /** Other tracks are to be sent. */
  onstream: (stream: MediaStream) => void = () => undefined;
  /** A picture is wanted where the devices gave sound only. */
  onwanted: () => void = () => undefined;

  #opening = 0;

  /** Ask for the devices. What is wrong, or null; undefined where a later asking took over. */
  async open(video: boolean): Promise<Trouble | null | undefined> {
    const turn = (this.#opening += 1);
    const found = await openDevices(video);
    if (turn !== this.#opening) {
      if (typeof found !== "string") closeDevices(found);
      return undefined;
    }
    if (typeof found === "string") return found;
    closeDevices(this.stream);
    this.stream = found;
    this.isDark = !video;
    this.#enable();
    this.onstream(found);
    return null;
  }

  close(): void {
    this.#opening += 1;
    closeDevices(this.stream);
    this.stream = null;
  }

  mute(isMuted: boolean): void {
    this.isMuted = isMuted;
    this.#enable();
    this.onchange();
  }

  darken(isDark: boolean): void {
    this.isDark = isDark;
    this.#enable();
    this.onchange();
    if (!isDark && this.stream?.getVideoTracks().length === 0) this.onwanted();
  }

  #enable(): void {
    this.stream?.getAudioTracks().forEach((track) => (track.enabled = !this.isMuted));
    this.stream?.getVideoTracks().forEach((track) => (track.enabled = !this.isDark));
  }
}
