/**
 * Looks after a running call: how good it is, how large a picture it carries, what the two pages
 * tell each other of picture and sound.
 *
 * Door. It outlives the connections of a session, of which one follows the other. It decides
 * nothing: `quality.ts`, `ladder.ts` and `exchange.ts` do. What it learns stays in the page, and
 * goes with the session.
 */
import { AT_VIDEO, clicked, type Exchange, type ExchangeEvent, heard } from "./exchange.ts";
import { climbed, isPictureOff, type Ladder, LAST, pictureOf, stepOf, TOP } from "./ladder.ts";
import type { Meeting } from "./meeting.ts";
import type { OwnMedia } from "./own-media.ts";
import { observed, type Quality, sampleOf, UNKNOWN } from "./quality.ts";
import { admitted, read, type Tiding, write } from "./tidings.ts";
import type { Common } from "./todo.ts";
import { lift, type Lifted, lower } from "./veil.ts";

/** For so long it is said what became of a proposal. */
const NEWS_LOOKS = 12;

const FIRST_LOOKS = 4;
/** A picture that comes back counts the time without it as frozen, and begins slowly. */
const WARM_LOOKS = 6;

/** What the far end last said of itself; null before it did, and of ends that never do. */
export type FarState = Omit<Extract<Tiding, { t: "state" }>, "t">;

export class Steward {
  far: FarState | null = null;
  exchange: Exchange = AT_VIDEO;
  quality: Quality = UNKNOWN;
  /** The pictures that a doctor wants to see. */
  lifted: Lifted = [];
  /** Our camera was left off: the far end went back to video, or left in sound alone. */
  isLeftDark = false;
  /** Sound alone begins, or is over: it holds for whoever came along, too. */
  ongivenup: (isGivenUp: boolean) => void = () => undefined;

  readonly #own: OwnMedia;
  readonly #draw: () => void;
  #meeting: Meeting | null = null;
  #ladder: Ladder = TOP;
  #applied = "";
  #heard: readonly number[] = [];
  #told = "";
  #isVeiled = false;
  /** Looks at this connection. */
  #looks = 0;
  /** Looks since a picture of the far end's was due. */
  #due = 0;
  /** Looks since the last word on sound alone. */
  #age = 0;
  #isOver = true;

  constructor(own: OwnMedia, draw: () => void) {
    this.#own = own;
    this.#draw = draw;
  }

  /** Our own picture is given up for the voice. */
  get isPictureOff(): boolean {
    return this.exchange.name !== "audio" && isPictureOff(this.#ladder);
  }

  get step(): string {
    return stepOf(this.#ladder).name;
  }

  /** Another connection, of this session or of the next. */
  attend(meeting: Meeting): void {
    if (this.#isOver) this.#begin();
    this.#meeting = meeting;
    this.#applied = this.#told = "";
    this.#looks = 0;
    this.quality = { ...UNKNOWN, incoming: this.quality.incoming, outgoing: this.quality.outgoing };
    this.#giveUpPicture();
    meeting.oncounted = (report) => this.#look(report);
    meeting.ontiding = (text) => this.#hear(text);
  }

  /** What the connection says of itself. */
  heed(event: Common): void {
    if (event.e === "bound") {
      this.#exchanges("bound");
      this.tellState();
      void this.#apply();
    }
  }

  /** The session is over. */
  leave(): void {
    this.#meeting = null;
    this.#isOver = true;
    this.lifted = [];
    if (this.exchange.name === "audio") this.#staysUnseen();
    this.exchange = AT_VIDEO;
    this.#ladder = TOP;
    this.#giveUpPicture();
  }

  // --- what is clicked ------------------------------------------------------------------

  /** Sound alone: asked for, agreed to, refused, given up. */
  clicks(event: Exclude<ExchangeEvent, "bound">): void {
    this.#exchanges(event);
    this.#draw();
  }

  /** Our camera again, which stayed off when the far end went back to video. */
  light(): void {
    this.isLeftDark = false;
    this.#own.darken(false);
  }

  /** A picture is wanted, or not any more. */
  lift(key: string, isWanted: boolean): void {
    this.lifted = isWanted ? lift(this.lifted, key) : lower(this.lifted, key);
    this.#draw();
  }

  /** Whether the far picture is veiled here; the far end is told. */
  veil(isVeiled: boolean): void {
    if (isVeiled === this.#isVeiled) return;
    this.#isVeiled = isVeiled;
    this.tellState();
  }

  /** Our own state, where the far end has not heard it yet. */
  tellState(): void {
    const { stream, isMuted, isDark, isSharing } = this.#own;
    if (!isDark) this.isLeftDark = false;
    const mic = !isMuted && (stream?.getAudioTracks().length ?? 0) > 0;
    const isSeen = (!isDark || isSharing) && this.exchange.name !== "audio";
    const cam = isSeen && (stream?.getVideoTracks().length ?? 0) > 0;
    const text = write({ t: "state", mic, cam, veiled: this.#isVeiled });
    if (text !== this.#told && this.#meeting?.say(text) === true) this.#told = text;
    // Another track begins with the browser's own settings.
    void this.#apply();
  }

  // --- what is heard and seen -----------------------------------------------------------

  #begin(): void {
    this.#isOver = false;
    this.far = null;
    this.exchange = AT_VIDEO;
    this.quality = UNKNOWN;
    if (!this.#own.isDark) this.isLeftDark = false;
    this.#ladder = TOP;
    this.#heard = [];
  }

  #hear(text: string): void {
    const tiding = read(text);
    if (tiding === null) return;
    const lately = admitted(this.#heard, performance.now());
    if (lately === null) return;
    this.#heard = lately;
    if (tiding.t === "state") {
      const { mic, cam, veiled } = tiding;
      this.far = { mic, cam, veiled };
    } else {
      this.#moves(heard(this.exchange, tiding));
    }
    this.#draw();
  }

  #exchanges(event: ExchangeEvent): void {
    this.#moves(clicked(this.exchange, event));
  }

  #moves([exchange, tiding]: ReturnType<typeof heard>): void {
    const before = this.exchange.name;
    this.exchange = exchange;
    this.#age = 0;
    if (tiding !== null) this.#meeting?.say(write(tiding));
    if ((exchange.name === "audio") === (before === "audio")) return;
    // Nobody's camera comes on by another's click.
    if (exchange.last === "returned" && !this.#own.isDark) {
      this.isLeftDark = true;
      this.#own.darken(true);
    }
    // Back at video it begins small, whatever led to sound alone.
    this.#ladder = { ...TOP, at: LAST - 1 };
    this.#giveUpPicture();
    this.tellState();
  }

  #look(report: RTCStatsReport): void {
    const stats = report as unknown as ReadonlyMap<string, Partial<Record<string, unknown>>>;
    const sample = sampleOf(stats.values(), performance.now());
    const isAudio = this.exchange.name === "audio";
    this.#looks += 1;
    // Sound and picture find their pace first.
    if (this.#looks <= FIRST_LOOKS) return;
    const isDue = !isAudio && this.far?.cam !== false && sample.received.frames > 0;
    this.#due = isDue ? this.#due + 1 : 0;
    this.quality = observed(this.quality, sample, {
      isPictureDue: this.#due > WARM_LOOKS,
      step: isAudio ? 0 : this.#ladder.at,
      isPictureOff: this.isPictureOff,
    });
    if (this.quality.rates !== null && !isAudio) {
      this.#ladder = climbed(this.#ladder, this.quality.rates);
    }
    this.#age += 1;
    if (this.#age > NEWS_LOOKS) this.exchange = { ...this.exchange, last: null };
    void this.#apply();
    this.#draw();
  }

  // --- what is sent ---------------------------------------------------------------------

  /** Sound alone ends with its session; whoever is there still sees nobody who has not clicked. */
  #staysUnseen(): void {
    this.#own.unshare();
    if (this.#own.isDark) return;
    this.isLeftDark = true;
    this.#own.darken(true);
  }

  #giveUpPicture(): void {
    const isGivenUp = this.exchange.name === "audio";
    this.#meeting?.giveUpPicture(isGivenUp);
    this.ongivenup(isGivenUp);
  }

  /** Voice before picture, and the picture as large as the step allows. */
  async #apply(): Promise<void> {
    const senders = this.#meeting?.senders ?? [];
    const step = stepOf(this.#ladder);
    const picture = senders.find(({ track }) => track?.kind === "video")?.track ?? null;
    const { height = 0, displaySurface } = picture?.getSettings() ?? {};
    const wanted = [step.name, height, displaySurface, picture?.id, senders.length].join(" ");
    if (wanted === this.#applied || senders.length === 0) return;
    this.#applied = wanted;
    try {
      for (const sender of senders) {
        const kind = sender.track?.kind;
        const parameters = sender.getParameters();
        const [encoding] = parameters.encodings;
        if (encoding === undefined || kind === undefined) continue;
        if (kind === "audio") {
          Object.assign(encoding, HIGH, { maxBitrate: step.voice_bps });
        } else {
          Object.assign(encoding, LOW, pictureOf(step, height, displaySurface !== undefined));
        }
        await sender.setParameters(parameters);
      }
    } catch {
      // Closed meanwhile, or a browser that cannot: it then weighs voice and picture by itself.
      this.#applied = "";
    }
  }
}

const HIGH = { priority: "high", networkPriority: "high" } as const;
const LOW = { priority: "low", networkPriority: "low" } as const;
