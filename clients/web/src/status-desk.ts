/**
 * The desk between the status page and its server: enters, asks again and again, says how it stands.
 *
 * Door: timers and requests. It keeps a pass in memory, and the keys where they were; it decides
 * nothing but which screen it is.
 */
import type { Holder } from "./proof.ts";
import { prove } from "./proof.ts";
import { askChallenge, askState, enter, leave } from "./status-post.ts";
import type { StatusState } from "./status-state.ts";

export const ASK_EVERY_MS = 15_000;
/** An answer that stays the same for so long is told to be old: the probe measures each minute. */
export const OLD_S = 180;

export type RefusedWhy =
  | "expired"
  | "early"
  | "revoked"
  | "unproven"
  | "other-union"
  | "no-key"
  | "no-credential"
  | "insecure"
  | "origin"
  | "busy";
export type Trouble = "away" | "unreadable" | "old";

export type Screen =
  | { readonly name: "opening" | "entering" | "device" | "left" }
  | { readonly name: "unanswered"; readonly why: "away" | "unreadable" }
  | { readonly name: "refused"; readonly why: RefusedWhy }
  | {
      readonly name: "board";
      readonly told: StatusState;
      /** When that was first had, in seconds since 1970, by the device. */
      readonly got_s: number;
      readonly trouble: Trouble | null;
    };

/** A credential and its key; or why there is none, "device" where one may be made here. */
export type Keys = { readonly token: string; readonly holder: Holder } | RefusedWhy | "device";

export interface Outside {
  /** Finds the credential of now. Rejects where the network does not let it. */
  keys(): Promise<Keys>;
  origin: string;
  /** Seconds since 1970. */
  now(): number;
  draw(): void;
}

/** What the codes of a refused entry mean to a person. */
const CODES: Readonly<Record<string, RefusedWhy>> = {
  expired: "expired",
  early: "early",
  revoked: "revoked",
  origin: "origin",
  unproven: "unproven",
  malformed: "unproven",
  full: "busy",
  "too-fast": "busy",
};

export class StatusDesk {
  screen: Screen = { name: "opening" };
  isPaused = false;
  /** The page entered with a credential, and can close its access. */
  isIn = false;
  readonly #outside: Outside;
  #pass: string | null = null;
  #timer: ReturnType<typeof setInterval> | null = null;
  #isAsking = false;

  constructor(outside: Outside) {
    this.#outside = outside;
  }

  /** From now on it asks by itself. */
  start(): void {
    this.#timer ??= setInterval(() => {
      if (!this.isPaused && asksItself(this.screen)) void this.ask();
    }, ASK_EVERY_MS);
    void this.ask();
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }

  pause(isPaused: boolean): void {
    this.isPaused = isPaused;
    this.#outside.draw();
    if (!isPaused) void this.ask();
  }

  /** Ask once, and enter where that is asked for. One at a time. */
  async ask(): Promise<void> {
    if (this.#isAsking) return;
    this.#isAsking = true;
    try {
      await this.#ask();
    } finally {
      this.#isAsking = false;
    }
  }

  async leave(): Promise<void> {
    const pass = this.#pass;
    this.#pass = null;
    this.isIn = false;
    this.#show({ name: "left" });
    if (pass !== null) await leave(pass);
  }

  /** Show the screens of enrolment, or come back from them. */
  device(isShown: boolean): void {
    this.#show({ name: isShown ? "device" : "opening" });
    if (!isShown) void this.ask();
  }

  async #ask(): Promise<void> {
    const asked = this.screen;
    let answer = await askState(this.#pass);
    if (answer === "staff-only") {
      if (!(await this.#enter())) return;
      answer = await askState(this.#pass);
    }
    // The person went elsewhere meanwhile.
    const { name } = this.screen;
    if (this.screen !== asked && (name === "left" || name === "device")) return;
    if (typeof answer === "object") this.#board(answer.told);
    else if (answer === "staff-only") this.#show({ name: "refused", why: "other-union" });
    else this.#trouble(answer);
  }

  #board(told: StatusState): void {
    const now = this.#outside.now();
    const { screen } = this;
    const isSame = screen.name === "board" && screen.told.at === told.at;
    const got_s = isSame ? screen.got_s : now;
    const trouble = now - got_s > OLD_S ? "old" : null;
    this.#show({ name: "board", told, got_s, trouble });
  }

  #trouble(why: "away" | "unreadable"): void {
    const { screen } = this;
    this.#show(screen.name === "board" ? { ...screen, trouble: why } : { name: "unanswered", why });
  }

  /** Whether a pass is held now; where none is, the screen says why. */
  async #enter(): Promise<boolean> {
    this.#pass = null;
    // Whoever sees the board keeps seeing it while a new pass is fetched.
    if (this.screen.name !== "board") this.#show({ name: "entering" });
    const keys = await this.#outside.keys().catch(() => null);
    if (keys === null) return this.#gaveUp();
    if (keys === "device") return this.#refuse({ name: "device" });
    if (typeof keys === "string") return this.#refuse({ name: "refused", why: keys });
    const challenge = await askChallenge();
    if (challenge === null) return this.#gaveUp();
    const { origin } = this.#outside;
    const proof = await prove(keys.holder, challenge, origin, keys.token);
    const entered = await enter(challenge, keys.token, proof);
    if (entered === null) return this.#gaveUp();
    if (typeof entered === "string") {
      return this.#refuse({ name: "refused", why: CODES[entered] ?? "other-union" });
    }
    this.#pass = entered.pass;
    this.isIn = true;
    return true;
  }

  #gaveUp(): false {
    this.#trouble("away");
    return false;
  }

  #refuse(screen: Screen): false {
    this.isIn = false;
    this.#show(screen);
    return false;
  }

  #show(screen: Screen): void {
    this.screen = screen;
    this.#outside.draw();
  }
}

/** Screens that wait for a person ask nobody. */
function asksItself({ name }: Screen): boolean {
  return name === "board" || name === "unanswered";
}
