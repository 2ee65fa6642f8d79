/**
 * One connection to the far end: tracks, the data channel, and finding a lost path again.
 *
 * Door. Knows nothing of queues or handshakes; says what it sees through fields set once. It
 * may not send or show a track before both certificates are bound to the handshake. A connection
 * is never repaired by replacing it here: that is the doctor's to offer.
 *
 * Letters are in `clients/README.md`; the binding is in `clients/SCEAU.md` §7.
 */
import { certificateOf } from "./description.ts";
import type { LetterOf } from "./letters.ts";
import { Negotiation } from "./negotiation.ts";
import { Refused } from "./refused.ts";
import { type Held, isDue } from "./relays.ts";
import type { Binding } from "./seal.ts";
import { configured, type Spare } from "./standby.ts";

export type Flow = "connecting" | "live" | "interrupted";
type Sent = LetterOf<"description"> | LetterOf<"candidates">;

// A path may stutter on a train; after this long a restart costs less than waiting.
const DISCONNECTED_MS = 3_000;
// Both ends see a path break at the same time; the polite one lets the other try first.
const POLITENESS_MS = 2_000;
// The good-bye is one small message on a path that works: it needs one way, not an answer.
const GOOD_BYE_MS = 200;
// A first or restarted path that is not found by then needs another way.
const PATIENCE_MS = 10_000;

export class Meeting {
  /** What comes from the far end. */
  readonly remote = new MediaStream();
  /** Both ends said so; until then a broken path is `onstuck`'s affair. */
  mayRestart = false;
  onflow: (flow: Flow) => void = () => undefined;
  onstuck: () => void = () => undefined;
  onbye: (isSaid: boolean) => void = () => undefined;
  /** The connection ends where the handshake does: what comes may be shown. */
  onbound: () => void = () => undefined;
  /** It does not: nothing was sent, and nothing may be shown. */
  onunbound: () => void = () => undefined;

  readonly connection: string;
  #pc: RTCPeerConnection;
  #isReady: boolean;
  #polite: boolean;
  /** The password that the path was made with, and the newest. */
  #used: Held | null;
  #newest: Held | null;
  #negotiation: Negotiation;
  #channel: RTCDataChannel;
  #stream: MediaStream | null = null;
  #isHeld = false;
  #isBound = false;
  #isClosed = false;
  #head_ms: number;
  #wasLive = false;
  #isReleased = false;
  #restarts = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    polite: boolean,
    connection: string,
    { pc, relay, isReady }: Spare,
    binding: () => Binding | null,
    send: (letter: Sent) => void,
  ) {
    this.connection = connection;
    this.#polite = polite;
    this.#head_ms = polite ? POLITENESS_MS : 0;
    this.#used = this.#newest = relay;
    this.#pc = pc;
    this.#isReady = isReady;
    const isOnly = relay?.relay.only === true;
    this.#negotiation = new Negotiation(pc, polite, connection, isOnly, send);
    // Chromium (seen in 156) shows no further picture after a rollback, although
    // it decodes all of them: only a new connection helps.
    this.#negotiation.onrollback = () => this.onstuck();
    this.#channel = this.#pc.createDataChannel("teleconsult", { negotiated: true, id: 0 });
    this.#channel.binaryType = "arraybuffer";
    this.#channel.onopen = () => void this.#bind(binding());
    this.#channel.onclose = () => this.onbye(false);
    this.#pc.ontrack = ({ track }) => this.remote.addTrack(track);
    this.#pc.onconnectionstatechange = () => this.#look();
    this.#pc.oniceconnectionstatechange = () => this.#look();
  }

  async offer(stream: MediaStream | null): Promise<string> {
    this.#stream = stream;
    this.#pc.addTransceiver("audio", { direction: "sendrecv" });
    this.#pc.addTransceiver("video", { direction: "sendrecv" });
    this.#attach();
    return this.#negotiation.offer();
  }

  async answer(offer: string, stream: MediaStream | null): Promise<string> {
    this.#stream = stream;
    const attach = () => {
      for (const transceiver of this.#pc.getTransceivers()) {
        transceiver.direction = "sendrecv";
      }
      this.#attach();
    };
    return this.#negotiation.answer(offer, attach, this.#isReady);
  }

  async settle(answer: string): Promise<void> {
    await this.#negotiation.settle(answer);
  }

  /** Our answer is on its way; should it be lost, nothing else would tell. */
  expect(): void {
    if (!this.#isReleased) this.#beStuckAfter(PATIENCE_MS);
  }

  release(): void {
    this.#isReleased = true;
    this.#negotiation.release();
    this.#beStuckAfter(PATIENCE_MS);
  }

  async hear(letter: Sent): Promise<void> {
    // Should it be a restart of the far end's, our answer to it looks for paths anew.
    if (letter.t === "description" && letter.type === "offer") this.#useNewest();
    await this.#negotiation.hear(letter);
  }

  /**
   * A newer password of the relay's. Browsers never change that of a living path: where it ends
   * soon, ICE is restarted, and the old path carries on until the new one is found.
   */
  lend(relay: Held): void {
    this.#newest = relay;
    const isReady = this.mayRestart && this.#isReleased && this.#isLive();
    if (this.#used !== null && isReady && isDue(this.#used, relay, this.#polite)) {
      this.#restart();
    }
  }

  /** Other devices, or the first, without a new offer. */
  use(stream: MediaStream | null): void {
    this.#stream = stream;
    this.#attach();
  }

  /** Stop sending, without closing; the far end keeps sending. */
  hold(isHeld: boolean): void {
    this.#isHeld = isHeld;
    this.#attach();
  }

  bye(): void {
    if (this.#channel.readyState === "open") {
      this.#channel.send(JSON.stringify({ t: "bye" }));
    }
  }

  close(): void {
    clearTimeout(this.#timer);
    this.onbye = () => undefined;
    this.onflow = () => undefined;
    this.onstuck = () => undefined;
    this.onbound = () => undefined;
    this.onunbound = () => undefined;
    this.#isClosed = true;
    const pc = this.#pc;
    // Closing at once would overtake the good-bye, which travels on the same connection.
    setTimeout(() => pc.close(), this.#channel.readyState === "open" ? GOOD_BYE_MS : 0);
    for (const sender of pc.getSenders()) {
      void sender.replaceTrack(null).catch(() => undefined);
    }
    this.remote.getTracks().forEach((track) => track.stop());
  }

  #attach(): void {
    const isSilent = this.#isHeld || !this.#isBound;
    for (const transceiver of this.#pc.getTransceivers()) {
      const kind = transceiver.receiver.track.kind;
      const track = this.#stream?.getTracks().find((mine) => mine.kind === kind) ?? null;
      // Rejected only when the connection closed meanwhile.
      void transceiver.sender.replaceTrack(isSilent ? null : track).catch(() => undefined);
    }
  }

  /** First thing in the channel, both ways: between which certificates each end talks. */
  async #bind(binding: Binding | null): Promise<void> {
    try {
      if (binding === null) throw new Refused("certificate");
      const given = new Promise<unknown>((resolve) => {
        this.#channel.onmessage = (event) => resolve(event.data);
      });
      const own = certificateOf(this.#pc.localDescription?.sdp ?? "");
      const farEnd = await this.#farCertificate();
      this.#channel.send(await binding.prove(own, farEnd));
      const mac = await given;
      if (!(mac instanceof ArrayBuffer)) throw new Refused("certificate");
      await binding.check(new Uint8Array(mac), own, farEnd);
    } catch {
      if (!this.#isClosed) this.onunbound();
      return;
    }
    if (this.#isClosed) return;
    this.#channel.onmessage = (event) => this.#read(event.data);
    this.#isBound = true;
    this.#attach();
    this.onbound();
    this.#look();
  }

  /** SHA-256 of the certificate at the far end of the live connection. */
  async #farCertificate(): Promise<Uint8Array<ArrayBuffer>> {
    const transport = this.#pc.sctp?.transport;
    if (transport !== undefined && !("getRemoteCertificates" in transport)) {
      // Firefox before 138 does not tell; it holds the transport to this very line.
      return certificateOf(this.#pc.remoteDescription?.sdp ?? "");
    }
    const [certificate] = transport?.getRemoteCertificates() ?? [];
    if (certificate === undefined) throw new Refused("certificate");
    return new Uint8Array(await crypto.subtle.digest("SHA-256", certificate));
  }

  #read(data: unknown): void {
    try {
      const said = typeof data === "string" ? (JSON.parse(data) as { t?: unknown } | null) : null;
      if (said?.t === "bye") this.onbye(true);
    } catch {
      // Not for us: the channel will carry more than good-byes one day.
    }
  }

  #look(): void {
    const { connectionState, iceConnectionState } = this.#pc;
    if (connectionState === "connected" && iceConnectionState !== "disconnected") {
      // Until it is bound nothing flows, and should the far end stay silent this waits no longer.
      if (!this.#isBound) return;
      clearTimeout(this.#timer);
      this.#wasLive = true;
      this.#restarts = 0;
      this.onflow("live");
    } else if (iceConnectionState === "disconnected") {
      this.onflow("interrupted");
      this.#beStuckAfter(DISCONNECTED_MS + this.#head_ms);
    } else if (iceConnectionState === "failed" || connectionState === "failed") {
      this.onflow("interrupted");
      this.#beStuckAfter(this.#head_ms);
    } else if (this.#wasLive && iceConnectionState === "checking") {
      // A restart is under way, ours or the far end's.
      this.#beStuckAfter(PATIENCE_MS);
    } else if (!this.#wasLive) {
      this.onflow("connecting");
    }
  }

  #beStuckAfter(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#findAnother(), ms);
  }

  #findAnother(): void {
    if (this.#isLive()) return;
    // One restart, then a new connection: a restart cannot cure what DTLS has lost, nor
    // what the far end has never heard of.
    if (this.mayRestart && this.#isReleased && this.#restarts === 0) {
      this.#restarts += 1;
      this.#restart();
      this.#beStuckAfter(PATIENCE_MS);
    } else {
      this.#beStuckAfter(PATIENCE_MS);
      this.onstuck();
    }
  }

  #isLive(): boolean {
    return (
      this.#isBound &&
      this.#pc.connectionState === "connected" &&
      this.#pc.iceConnectionState !== "disconnected"
    );
  }

  #restart(): void {
    this.#useNewest();
    this.#negotiation.restart();
  }

  /** What is gathered from now on is asked for with the newest password. */
  #useNewest(): void {
    if (this.#used === null || this.#newest === null || this.#newest === this.#used) return;
    this.#used = this.#newest;
    try {
      this.#pc.setConfiguration(configured(this.#newest.relay, this.#isReady));
    } catch {
      // Firefox before 119 cannot: its path ends with the password, and a new connection follows.
    }
  }
}
