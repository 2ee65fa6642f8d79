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
import type { MediaPath } from "./messages.ts";
import { Negotiation } from "./negotiation.ts";
import {
  type Counts,
  FIRST_PATH,
  FIRST_WATCH,
  type Flow,
  type Ice,
  isDark,
  isSilent,
  type Sign,
  step,
  watched,
} from "./path.ts";
import { Refused } from "./refused.ts";
import { type Held, isDue } from "./relays.ts";
import type { Binding } from "./seal.ts";
import type { NetworkSign } from "./signs.ts";
import { configured, type Spare } from "./standby.ts";
import { TIDING_CHARS } from "./tidings.ts";
import type { Common } from "./todo.ts";
import { Wire } from "./wire.ts";

export type { Flow } from "./path.ts";
type Sent = LetterOf<"description"> | LetterOf<"candidates">;
type SentOrAsked = Sent | LetterOf<"again">;

// Both ends see a path break at the same time; the polite one lets the other try first.
const POLITENESS_MS = 1_500;
// The good-bye is one small message on a path that works: it needs one way, not an answer.
const GOOD_BYE_MS = 200;
const LOOK_EVERY_MS = 1_000;
// What the far end says while this end still checks its certificate.
const EARLY_MAX = 16;

export class Meeting {
  /** What comes from the far end. */
  readonly remote = new MediaStream();
  /** Both ends said so; until then a broken path is `onstuck`'s affair. */
  mayRestart = false;
  onflow: (flow: Flow) => void = () => undefined;
  onstuck: () => void = () => undefined;
  /** All was tried: nothing more by itself until something happens. */
  onrest: () => void = () => undefined;
  /** Pictures come, or do not come any more while sound does. */
  onpicture: (isComing: boolean) => void = () => undefined;
  onbye: (isSaid: boolean) => void = () => undefined;
  /** The connection ends where the handshake does: what comes may be shown. */
  onbound: () => void = () => undefined;
  /** It does not: nothing was sent, and nothing may be shown. */
  onunbound: () => void = () => undefined;
  /** What was counted, once a second from the first picture or sound on. */
  oncounted: (report: RTCStatsReport) => void = () => undefined;
  /** What the far end says of its picture and sound. */
  ontiding: (text: string) => void = () => undefined;

  readonly connection: string;
  /** As the pair in use says; undefined where the browser does not tell. */
  mediaPath: MediaPath | undefined = "unconnected";
  /** Text and documents, once it is bound. */
  readonly wire: Wire;
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
  #isPictureOff = false;
  #isBound = false;
  #isClosed = false;
  #isReleased = false;
  #path = FIRST_PATH;
  #watch = FIRST_WATCH;
  #send: (letter: SentOrAsked) => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #looks: ReturnType<typeof setInterval> | undefined;

  constructor(
    polite: boolean,
    connection: string,
    { pc, relay, isReady }: Spare,
    binding: () => Binding | null,
    send: (letter: SentOrAsked) => void,
  ) {
    this.connection = connection;
    this.#polite = polite;
    this.#send = send;
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
    this.wire = new Wire(this.#pc, this.#channel);
    this.#pc.ontrack = ({ track }) => this.remote.addTrack(track);
    this.#pc.onconnectionstatechange = () => this.#look();
    this.#pc.oniceconnectionstatechange = () => this.#look();
    this.#looks = setInterval(() => void this.#count(), LOOK_EVERY_MS);
  }

  /** Tell all of it as the machines' events. */
  tells(tell: (event: Common) => void): void {
    const { connection } = this;
    this.onbound = () => tell({ e: "bound", connection });
    this.onunbound = () => tell({ e: "unbound", connection });
    this.onflow = (flow) => tell({ e: "flow", connection, flow });
    this.onpicture = (isComing) => tell({ e: "picture", connection, isComing });
    this.onstuck = () => tell({ e: "stuck", connection });
    this.onrest = () => tell({ e: "spent", connection });
    this.onbye = (isSaid) => tell({ e: "bye", isSaid });
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
    if (!this.#isReleased) this.#takes({ s: "begin" });
  }

  release(): void {
    this.#isReleased = true;
    this.#negotiation.release();
    this.#takes({ s: "begin" });
  }

  /** Whether what we say reaches the far end now. */
  reach(is: boolean): void {
    this.#takes({ s: "reach", is });
  }

  /** Another network: a way over it is sought while the old one lasts. */
  heed(sign: NetworkSign): void {
    if (sign === "awake") this.retry();
    else this.#takes({ s: "changed" });
  }

  /** A new connection in the place of one that found no path: what was tried counts on. */
  follow(before: Meeting): void {
    const { tries, isReachable, flow } = before.#path;
    this.#path = { ...this.#path, isReachable, tries: flow === "live" ? 0 : tries };
    this.mediaPath = before.mediaPath;
  }

  /** Try once more: a person says so, or this page was asleep. */
  retry(): void {
    this.#takes({ s: "again" });
  }

  async hear(letter: SentOrAsked): Promise<void> {
    if (letter.t === "again") {
      // The far end's word that the path is lost. Our offer may be on its way, or be lost as well.
      if (!this.#negotiation.repeat()) this.#takes({ s: "changed" });
      return;
    }
    if (letter.t === "candidates" && letter.candidates.length === 0) {
      // The far end is back, and has not heard what we said meanwhile.
      if (this.#path.flow === "interrupted" && !this.#negotiation.repeat()) {
        this.#takes({ s: "again" });
      }
      return;
    }
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
    const isReady = this.mayRestart && this.#isReleased && this.#path.flow === "live";
    if (this.#used !== null && isReady && isDue(this.#used, relay, this.#polite)) {
      this.#seek();
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
    this.wire.hold(isHeld);
    this.#attach();
  }

  /** Send no picture, only sound. */
  giveUpPicture(isPictureOff: boolean): void {
    this.#isPictureOff = isPictureOff;
    this.#attach();
  }

  /** Where how much is sent can be set. */
  get senders(): readonly RTCRtpSender[] {
    return this.#isClosed ? [] : this.#pc.getSenders();
  }

  /** A tiding; false where there is nobody to hear it. */
  say(text: string): boolean {
    if (!this.#isBound || this.#channel.readyState !== "open") return false;
    this.#channel.send(text);
    return true;
  }

  bye(): void {
    if (this.#channel.readyState === "open") {
      this.#channel.send(JSON.stringify({ t: "bye" }));
    }
  }

  close(): void {
    clearTimeout(this.#timer);
    clearInterval(this.#looks);
    this.onbye = () => undefined;
    this.onflow = () => undefined;
    this.onstuck = () => undefined;
    this.onrest = () => undefined;
    this.onpicture = () => undefined;
    this.onbound = () => undefined;
    this.onunbound = () => undefined;
    this.oncounted = () => undefined;
    this.ontiding = () => undefined;
    this.#isClosed = true;
    this.wire.close();
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
      const isOff = isSilent || (kind === "video" && this.#isPictureOff);
      const track = this.#stream?.getTracks().find((mine) => mine.kind === kind) ?? null;
      // Rejected only when the connection closed meanwhile.
      void transceiver.sender.replaceTrack(isOff ? null : track).catch(() => undefined);
    }
  }

  /** First thing in the channel, both ways: between which certificates each end talks. */
  async #bind(binding: Binding | null): Promise<void> {
    // The far end may be through before us, and speak: that waits until we are.
    const early: unknown[] = [];
    try {
      if (binding === null) throw new Refused("certificate");
      const given = new Promise<unknown>((resolve) => {
        this.#channel.onmessage = ({ data }) => {
          if (early.length < EARLY_MAX) early.push(data);
          resolve(data);
        };
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
    this.wire.open();
    this.#attach();
    this.onbound();
    this.#look();
    for (const data of early.slice(1)) this.#read(data);
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
    if (typeof data !== "string" || this.#isClosed) return;
    const t = shortKindOf(data);
    if (t === "bye") this.onbye(true);
    else if (t === "state" || t === "audio") this.ontiding(data);
    else this.wire.hear(data);
  }

  #look(): void {
    this.#takes({ s: "ice", ice: this.#ice() });
  }

  #ice(): Ice {
    const { connectionState, iceConnectionState } = this.#pc;
    if (iceConnectionState === "failed" || connectionState === "failed") return "broken";
    if (iceConnectionState === "disconnected") return "doubtful";
    // Until it is bound nothing flows, and should the far end stay silent this waits no longer.
    if (connectionState === "connected") return this.#isBound ? "carries" : this.#path.ice;
    return this.#path.flow !== "connecting" && iceConnectionState === "checking"
      ? "seeking"
      : this.#path.ice;
  }

  /** Look once at what came: it tells of a lost path seconds before the browser does. */
  async #count(): Promise<void> {
    if (this.#path.flow === "connecting") return;
    const report = await this.#report();
    if (report === null || this.#isClosed) return;
    const counts = countsOf(report);
    this.oncounted(report);
    const before = this.#watch;
    this.#watch = watched(before, counts);
    const is = isSilent(this.#watch);
    if (is !== this.#path.isSilent) this.#takes({ s: "silent", is });
    if (isDark(before) !== isDark(this.#watch)) this.onpicture(!isDark(this.#watch));
  }

  async #report(): Promise<RTCStatsReport | null> {
    const report = await this.#pc.getStats().catch(() => null);
    if (report !== null) this.mediaPath = pathIn(report);
    return report;
  }

  #takes(sign: Sign): void {
    if (this.#isClosed) return;
    const canRestart = this.mayRestart && this.#isReleased;
    const head_ms = this.#polite ? POLITENESS_MS : 0;
    const now_ms = performance.now();
    const before = this.#path;
    const [path, move] = step(before, sign, now_ms, { canRestart, head_ms });
    this.#path = path;
    clearTimeout(this.#timer);
    if (path.due_ms !== null) {
      const left_ms = Math.max(0, path.due_ms - now_ms);
      this.#timer = setTimeout(() => this.#takes({ s: "tick" }), left_ms);
    }
    if (path.flow !== before.flow) {
      this.onflow(path.flow);
      if (path.flow === "live") {
        if (this.mediaPath === "unconnected") this.mediaPath = undefined;
        void this.#report();
      }
    }
    if (move === "restart") this.#seek();
    if (move === "anew") this.onstuck();
    if (move === "rest") this.onrest();
  }

  /** Only the doctor's page offers a restart: two at once would break the path. */
  #seek(): void {
    if (this.#polite) {
      this.#send({ t: "again", connection: this.connection });
    } else if (!this.#negotiation.repeat()) {
      this.#restart();
    }
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

function countsOf(report: RTCStatsReport): Counts {
  const counts = { pair: "", bytes: 0, packets: 0, frames: 0 };
  report.forEach((stats: Partial<Record<string, unknown>>) => {
    // Firefox marks the pair itself; all others name it in the transport.
    if (stats.type === "transport") counts.pair = nameOf(stats.selectedCandidatePairId);
    if (stats.type === "candidate-pair" && stats.selected === true) counts.pair = nameOf(stats.id);
    if (stats.type === "inbound-rtp") {
      counts.packets += Number(stats.packetsReceived ?? 0);
      counts.frames += Number(stats.framesDecoded ?? 0);
    }
  });
  const pair = report.get(counts.pair) as { bytesReceived?: number } | undefined;
  return { ...counts, bytes: pair?.bytesReceived ?? 0 };
}

function pathIn(report: RTCStatsReport): MediaPath | undefined {
  const get = (name = "") => report.get(name) as Partial<Record<string, string>> | undefined;
  const { localCandidateId, remoteCandidateId } = get(countsOf(report).pair) ?? {};
  const kinds = [localCandidateId, remoteCandidateId].map((end) => get(end)?.candidateType);
  if (kinds.includes("relay")) return "relayed";
  return kinds.includes(undefined) ? undefined : "direct";
}

/** Which letter a short text is: those that are no text and no document are all short. */
function shortKindOf(text: string): unknown {
  if (text.length > TIDING_CHARS) return null;
  try {
    return (JSON.parse(text) as { t?: unknown } | null)?.t;
  } catch {
    return null;
  }
}

function nameOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
