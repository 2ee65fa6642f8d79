/**
 * What the data channels of a connection carry beside proof and good-bye: text, and documents.
 *
 * Door. Nothing is said or heard over it before both certificates are bound, nor while its
 * connection is on hold. It knows no letter.
 *
 * Documents have a channel of their own, `clients/README.md`: in one ordered channel each letter
 * typed would stand behind all of a document that is on its way already.
 */

export interface Ears {
  /** It carries, from now on or once more. */
  opened(): void;
  said(text: string): void;
  paper(data: string | ArrayBuffer): void;
  /** There is room again in the channel of documents. */
  room(): void;
  closed(): void;
}

// The far end's first word may be here before the half of the page that reads it: one or two.
const KEPT_MAX = 8;
// One frame of a document fits in beside another that leaves: more would only wait here.
const LOW_BYTES = 32 * 1024;

export class Wire {
  readonly #text: RTCDataChannel;
  readonly #papers: RTCDataChannel;
  readonly #kept: string[] = [];
  #ears: Ears | null = null;
  #isBound = false;
  #isHeld = false;

  constructor(pc: RTCPeerConnection, text: RTCDataChannel) {
    this.#text = text;
    this.#papers = pc.createDataChannel("papers", { negotiated: true, id: 1 });
    this.#papers.binaryType = "arraybuffer";
    this.#papers.bufferedAmountLowThreshold = LOW_BYTES;
    this.#papers.onmessage = ({ data }) => {
      const isOne = typeof data === "string" || data instanceof ArrayBuffer;
      if (this.#carries && isOne) this.#ears?.paper(data);
    };
    this.#papers.onbufferedamountlow = () => this.#ears?.room();
  }

  /** Both certificates are bound. */
  open(): void {
    this.#changes(() => (this.#isBound = true));
  }

  /** Say and hear nothing for a while, as the tracks of a connection that is held. */
  hold(isHeld: boolean): void {
    this.#changes(() => (this.#isHeld = isHeld));
  }

  close(): void {
    this.#changes(() => (this.#isBound = false));
    this.#ears = null;
  }

  /** A text of the far end's that is no good-bye. */
  hear(text: string): void {
    if (this.#ears !== null && this.#carries) this.#ears.said(text);
    else if (this.#kept.length < KEPT_MAX) this.#kept.push(text);
  }

  /** Somebody listens from now on, to what was kept first. */
  listen(ears: Ears): void {
    this.#ears = ears;
    if (this.#carries) this.#begin(ears);
  }

  /** What waits to leave: a path that carries nothing is not written on further. */
  get waiting_bytes(): { text: number; papers: number } {
    return { text: this.#text.bufferedAmount, papers: this.#papers.bufferedAmount };
  }

  /** Say it; what does not leave is said again on the next connection. */
  say(text: string): void {
    if (this.#carries) sent(this.#text, text);
  }

  sendPaper(data: string | Uint8Array<ArrayBuffer>): void {
    if (this.#carries) sent(this.#papers, data);
  }

  get #carries(): boolean {
    return this.#isBound && !this.#isHeld;
  }

  #changes(change: () => void): void {
    const did = this.#carries;
    change();
    if (this.#ears === null || did === this.#carries) return;
    if (did) this.#ears.closed();
    else this.#begin(this.#ears);
  }

  #begin(ears: Ears): void {
    ears.opened();
    for (const text of this.#kept.splice(0)) ears.said(text);
  }
}

function sent(channel: RTCDataChannel, data: string | Uint8Array<ArrayBuffer>): void {
  if (channel.readyState !== "open") return;
  try {
    if (typeof data === "string") channel.send(data);
    else channel.send(data);
  } catch {
    // The browser's own buffer is full, or the channel closes at this moment.
  }
}
