/**
 * This page's own camera, microphone and screen: opened, silenced, changed, given back.
 *
 * Door. Whoever sends the tracks is told by `onstream`; whoever draws, by `onchange`. A track
 * takes the place of another without a new offer. What a person picked is in memory alone.
 *
 * What happens by itself in mid-call is decided in `mishaps.ts`, and seen here.
 */
import type { Kind, Trouble } from "./faults.ts";
import { choose } from "./loudspeaker.ts";
import {
  canShareScreen,
  listen,
  listGear,
  looksBlack,
  openDevices,
  openOne,
  openScreen,
  permission,
  permissionOf,
} from "./media.ts";
import { type Health, lineOf, type Line, type Sign, step, WELL } from "./mishaps.ts";
import {
  type Facing,
  type Gear,
  NO_PICKS,
  ofRole,
  type Picks,
  type Role,
  stillThere,
} from "./picks.ts";

const KINDS: readonly Kind[] = ["microphone", "camera"];
// Long enough to be read twice by somebody who reads slowly.
const READ_MS = 20_000;
const AWAKE_MS = 2_000;

export class OwnMedia {
  /** What is sent; without tracks where a person goes on in writing. */
  stream: MediaStream | null = null;
  isMuted = false;
  isDark = false;
  /** The check listens and looks. */
  isTrying = false;
  /** Which of the two a person wants at all. Who declined one is not asked for it again. */
  wants: Readonly<Record<Kind, boolean>> = { camera: true, microphone: true };
  picks: Picks = NO_PICKS;
  facing: Facing = "user";
  gear: Gear[] = [];
  isSharing = false;
  /** Why the screen could not be shared; null where nothing is to be said. */
  screenTrouble: "system" | "busy" | null = null;
  /** Something that is drawn is another than before. */
  onchange: () => void = () => undefined;
  /** Other tracks are to be sent. */
  onstream: (stream: MediaStream) => void = () => undefined;
  /** A picture, or a voice, is wanted where the devices gave none. */
  onwanted: () => void = () => undefined;
  /** Whether the page shows the check; a call may come in between. */
  isInCheck: () => boolean = () => false;
  /** The check knows more than it said. */
  ontrouble: (trouble: Trouble | null) => void = () => undefined;

  #tracks: Record<Kind, MediaStreamTrack | null> = { camera: null, microphone: null };
  /** Which device was in use last, to tell when another does its work. */
  #last: Record<Kind, string | undefined> = { camera: undefined, microphone: undefined };
  #screen: MediaStreamTrack | null = null;
  /** A picker stays open over whatever happens below it: what it gives may come too late. */
  #asking = 0;
  #session: string | null = null;
  #health: Health = WELL;
  #granted: Record<Kind, boolean> = { camera: false, microphone: false };
  #opening = 0;
  /** From the first question to the last answer. */
  #isOpening = false;
  /** By a person, as opposed to there being no picture: nothing but a person lights it again. */
  #isDarkened = false;
  #reopening: Record<Kind, number> = { camera: 0, microphone: 0 };
  #trouble: Trouble | null = null;
  #isWatching = false;
  #isOpen = false;
  #stopListening: () => void = () => undefined;

  /** What is to be said of them in a call. */
  get line(): Line | null {
    return lineOf(this.#health);
  }

  /** Not as in a mirror: what is before a telephone, and a screen, are read. */
  get isAsItIs(): boolean {
    return this.isSharing || this.facing === "environment";
  }

  get canShare(): boolean {
    return canShareScreen();
  }

  has(kind: Kind): boolean {
    return this.#tracks[kind] !== null;
  }

  /**
   * Ask for the devices, and in the check try them. What is wrong, or null; undefined where a
   * later asking took over. What works is there in either case.
   */
  async open(video: boolean): Promise<Trouble | null | undefined> {
    const isCheck = this.isInCheck();
    const turn = (this.#opening += 1);
    if (!video) this.wants = { ...this.wants, camera: false };
    this.#isOpen = this.#isOpening = true;
    // A camera that is open already may be refused to whoever asks for another.
    this.#release();
    this.#trouble = null;
    const { tracks, trouble } = await openDevices(this);
    if (turn !== this.#opening) {
      for (const kind of KINDS) tracks[kind]?.stop();
      return undefined;
    }
    for (const kind of KINDS) {
      this.#take(kind, tracks[kind]);
      this.#last[kind] = tracks[kind]?.getSettings().deviceId;
    }
    this.#health = WELL;
    this.isDark = this.#isDarkened || tracks.camera === null;
    if (!this.wants.microphone) this.isMuted = true;
    const isAny = tracks.camera !== null || tracks.microphone !== null;
    if (isAny || trouble === null) this.#compose();
    else this.stream = null;
    await this.#look();
    if (turn !== this.#opening) return undefined;
    this.#trouble = trouble;
    if (isCheck && isAny) {
      const found = await this.#try(turn);
      if (turn !== this.#opening) return undefined;
      this.#trouble ??= found;
    }
    this.#isOpening = false;
    return this.#trouble;
  }

  close(): void {
    this.#opening += 1;
    this.#isOpen = this.#isOpening = false;
    this.isTrying = false;
    this.#release();
    this.#asking += 1;
    this.#screen?.stop();
    this.#screen = null;
    this.isSharing = false;
    this.screenTrouble = null;
    this.#health = WELL;
    this.stream = null;
  }

  mute(isMuted: boolean): void {
    this.isMuted = isMuted;
    this.#enable();
    this.onchange();
    if (!isMuted && this.#isOpen && !this.has("microphone")) this.want("microphone");
  }

  darken(isDark: boolean): void {
    this.isDark = this.#isDarkened = isDark;
    this.#enable();
    this.onchange();
    if (!isDark && this.#isOpen && !this.has("camera")) this.want("camera");
  }

  /** A person says so, who may have said otherwise before. */
  want(kind: Kind): void {
    this.wants = { ...this.wants, [kind]: true };
    if (kind === "microphone") this.isMuted = false;
    else this.isDark = this.#isDarkened = false;
    // Where the other one works it is left alone.
    if (KINDS.some((other) => this.has(other))) this.#sees({ s: "asked", kind });
    else this.onwanted();
  }

  /** Ask for whatever is wanted once more. */
  again(): void {
    this.onwanted();
  }

  /** Go on with these alone; the rest is not asked for again by itself. */
  settle(wants: Readonly<Record<Kind, boolean>>): void {
    this.#opening += 1;
    this.#isOpening = false;
    this.wants = wants;
    for (const kind of KINDS) if (!wants[kind]) this.#drop(kind);
    this.isDark = this.#isDarkened || !this.has("camera");
    if (!wants.microphone) this.isMuted = true;
    this.#stopTrying();
    this.#trouble = null;
    this.#compose();
    this.ontrouble(null);
  }

  // --- other devices --------------------------------------------------------------------

  async pick(role: Role, id: string): Promise<void> {
    this.picks = { ...this.picks, [role]: id === "" ? null : id };
    if (role === "loudspeaker") {
      choose(id);
      this.onchange();
    } else {
      await this.#change(role);
    }
  }

  /** The other side of a telephone. */
  async flip(): Promise<void> {
    this.picks = { ...this.picks, camera: null };
    this.facing = this.facing === "user" ? "environment" : "user";
    await this.#change("camera");
  }

  /**
   * A person takes another. One that was cut off stays so; one that was declined is wanted. Which
   * tracks there are says nothing of what a person wants: between two devices there is none.
   */
  async #change(kind: Kind): Promise<void> {
    const isWanted = this.wants[kind];
    this.wants = { ...this.wants, [kind]: true };
    if (kind === "camera") this.isDark = this.#isDarkened;
    else if (!isWanted) this.isMuted = false;
    if (this.isInCheck() && (this.#isOpening || this.#trouble !== null)) {
      // What is checked is the one that was picked.
      this.onwanted();
      return;
    }
    await this.#reopen(kind, true);
  }

  /** Which device is in use; null where the browser does not say. */
  inUse(role: Role): string | null {
    if (role === "loudspeaker") return this.picks.loudspeaker;
    return this.#tracks[role]?.getSettings().deviceId ?? null;
  }

  /** A button beside the line. */
  ask(kind: Kind): void {
    this.#sees({ s: "asked", kind });
  }

  /** The page is seen again, or the machine awoke: what was lost meanwhile is asked for. */
  heed(): void {
    if (this.stream === null) return;
    for (const kind of KINDS) {
      const track = this.#tracks[kind];
      if (track?.readyState === "ended") void this.#ended(kind, track);
      // Most come back by themselves, in a moment.
      else setTimeout(() => this.#sees({ s: "awake", kind }), AWAKE_MS);
    }
  }

  // --- the screen -----------------------------------------------------------------------

  /** A screen is shown to the members of one session, and to nobody after them. */
  follow(session: string | null): void {
    if (session === this.#session) return;
    this.#session = session;
    this.screenTrouble = null;
    this.unshare();
  }

  async share(): Promise<void> {
    const turn = (this.#asking += 1);
    this.screenTrouble = null;
    const got = await openScreen();
    if (turn !== this.#asking) {
      if (got !== null && typeof got !== "string") got.stop();
      return;
    }
    if (typeof got === "string") {
      this.screenTrouble = got === "system" || got === "blocked" ? "system" : "busy";
    } else if (got !== null && this.stream !== null) {
      this.#screen?.stop();
      this.#screen = got;
      // The browser's own bar has a button to stop as well.
      got.onended = () => this.unshare();
      this.isSharing = true;
      this.#compose();
    } else {
      got?.stop();
    }
    this.onchange();
  }

  unshare(): void {
    this.#asking += 1;
    if (this.#screen === null) return;
    this.#screen.onended = null;
    this.#screen.stop();
    this.#screen = null;
    this.isSharing = false;
    if (this.stream !== null) this.#compose();
    this.onchange();
  }

  // --- tracks ---------------------------------------------------------------------------

  #compose(): void {
    const { microphone, camera } = this.#tracks;
    const tracks = [microphone, this.#screen ?? camera].filter((track) => track !== null);
    this.stream = new MediaStream(tracks);
    this.#enable();
    this.onstream(this.stream);
    this.onchange();
  }

  #enable(): void {
    const { microphone, camera } = this.#tracks;
    if (microphone !== null) microphone.enabled = !this.isMuted;
    if (camera !== null) camera.enabled = !this.isDark;
  }

  #take(kind: Kind, track: MediaStreamTrack | null): void {
    this.#drop(kind);
    this.#tracks[kind] = track;
    if (track === null) return;
    track.onended = () => void this.#ended(kind, track);
    track.onmute = () => this.#sees({ s: "muted", kind });
    track.onunmute = () => this.#sees({ s: "unmuted", kind });
  }

  #drop(kind: Kind): void {
    const track = this.#tracks[kind];
    if (track === null) return;
    track.onended = track.onmute = track.onunmute = null;
    track.stop();
    this.#tracks[kind] = null;
  }

  #release(): void {
    this.#stopTrying();
    for (const kind of KINDS) this.#drop(kind);
  }

  /** One of the two anew, while the other goes on. */
  async #reopen(kind: Kind, isAsked: boolean): Promise<void> {
    const opening = this.#opening;
    const turn = (this.#reopening[kind] += 1);
    // Telephones open one camera at a time, and a microphone that is silent has to be let go.
    this.#drop(kind);
    const got = await openOne(this, kind);
    if (opening !== this.#opening || turn !== this.#reopening[kind]) {
      if (typeof got !== "string") got.stop();
      return;
    }
    if (typeof got === "string") {
      this.#compose();
      this.#sees({ s: "failed", kind, why: got });
      return;
    }
    this.#take(kind, got);
    this.#compose();
    await this.#look();
    const isOther = !isAsked && got.getSettings().deviceId !== this.#last[kind];
    this.#last[kind] = got.getSettings().deviceId;
    this.#sees({ s: "opened", kind, isOther });
  }

  // --- what happens by itself -------------------------------------------------------------

  #sees(sign: Sign): void {
    if (this.stream === null || !this.wants[sign.kind]) return;
    const [health, todos] = step(this.#health, sign);
    const isNews = health[sign.kind] !== this.#health[sign.kind];
    this.#health = health;
    if (isNews) {
      // What is well again need not be said for ever; what is wrong stays.
      setTimeout(() => this.#sees({ s: "read", kind: sign.kind }), READ_MS);
      this.onchange();
    }
    for (const { kind } of todos) void this.#reopen(kind, sign.s === "asked");
  }

  async #ended(kind: Kind, track: MediaStreamTrack): Promise<void> {
    const [may] = await Promise.all([permissionOf(kind), this.#look()]);
    if (this.#tracks[kind] !== track) return;
    this.#drop(kind);
    this.#compose();
    this.#sees({
      s: "ended",
      kind,
      // Firefox says "prompt" of what it granted for this once: that alone means nothing.
      isRevoked: may === "denied" || (this.#granted[kind] && may !== "granted"),
      isAnyThere: ofRole(this.gear, kind).length > 0,
    });
  }

  /** Which devices there are now; and from the first time on, whatever changes. */
  async #look(): Promise<void> {
    this.gear = await listGear();
    const { loudspeaker } = this.picks;
    this.picks = stillThere(this.picks, this.gear);
    if (loudspeaker !== null && this.picks.loudspeaker === null) choose("");
    if (!this.#isWatching) {
      this.#isWatching = true;
      (navigator as Partial<Navigator>).mediaDevices?.addEventListener("devicechange", () => {
        if (this.#isOpen) void this.#listed();
      });
      document.addEventListener("visibilitychange", () => {
        if (!document.hidden) this.heed();
      });
      for (const kind of KINDS) void this.#watchPermission(kind);
    }
    this.onchange();
  }

  async #listed(): Promise<void> {
    await this.#look();
    for (const kind of KINDS) {
      const isAnyThere = ofRole(this.gear, kind).length > 0;
      this.#sees({ s: "listed", kind, isAnyThere });
    }
    // In the check what was missing may be there now.
    if (this.isInCheck() && this.#trouble?.endsWith("missing") === true) this.onwanted();
  }

  async #watchPermission(kind: Kind): Promise<void> {
    const status = await permission(kind);
    if (status === null) return;
    this.#granted[kind] = status.state === "granted";
    status.onchange = () => {
      const isGranted = status.state === "granted";
      if (isGranted !== this.#granted[kind]) this.#sees({ s: "permission", kind, isGranted });
      this.#granted[kind] = isGranted;
    };
  }

  // --- the check ------------------------------------------------------------------------

  /** Whether there is sound, and light. A microphone that is heard later says so then. */
  async #try(turn: number): Promise<Trouble | null> {
    this.isTrying = true;
    this.onchange();
    const { microphone, camera } = this.#tracks;
    const sound = new Promise<boolean>((resolve) => {
      if (microphone === null) {
        resolve(true);
        return;
      }
      this.#stopListening = listen(microphone, (is) => {
        if (is !== "silent") this.#stopListening();
        resolve(is !== "silent");
        if (is === "heard" && this.#trouble === "silent" && turn === this.#opening) {
          this.#trouble = null;
          this.ontrouble(null);
        }
      });
    });
    const [isHeard, isDark] = await Promise.all([sound, camera !== null && looksBlack(camera)]);
    if (turn !== this.#opening) return null;
    this.isTrying = false;
    return isHeard ? (isDark ? "camera-dark" : null) : "silent";
  }

  #stopTrying(): void {
    this.#stopListening();
    this.#stopListening = () => undefined;
    this.isTrying = false;
  }
}
