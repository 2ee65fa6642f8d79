/**
 * Perfect negotiation of one connection, with a politeness fixed by role.
 *
 * Works on one `RTCPeerConnection`, or what looks like one; it never makes one. It may not
 * send a candidate before `release`: until the far end is known to be in order, no
 * address leaves the page. Where only the relay may be used (`only`) no other candidate leaves it
 * at all, and none of the far end's is tried.
 *
 * RFC 9429 (JSEP) §4.1; the pattern is in WebRTC 1.0 §10.7, the names are kept.
 */
import { relayed } from "./candidates.ts";
import { CANDIDATES_MAX, withoutAddresses, withoutLevels } from "./letters.ts";
import type { Candidate, LetterOf } from "./letters.ts";
import * as voice from "./voice.ts";

export type Connection = Pick<
  RTCPeerConnection,
  | "signalingState"
  | "localDescription"
  | "setLocalDescription"
  | "setRemoteDescription"
  | "addIceCandidate"
  | "restartIce"
  | "onnegotiationneeded"
  | "onicecandidate"
> & { createAnswer: () => Promise<RTCSessionDescriptionInit> };

type Sent = LetterOf<"description"> | LetterOf<"candidates">;

// Candidates found within this time travel in one envelope.
const GATHER_MS = 20;

export class Negotiation {
  readonly connection: string;
  makingOffer = false;
  ignoreOffer = false;
  /** Both ends offered at once, and ours gave way. */
  onrollback: () => void = () => undefined;

  #pc: Connection;
  #polite: boolean;
  #only: boolean;
  #send: (letter: Sent) => void;
  #isSettingRemoteAnswer = false;
  /** The first offer and answer travel in M2 and M3, not as descriptions. */
  #begun = false;
  #released = false;
  #found: Candidate[] = [];
  /** Those that went with our present description. */
  #told: Candidate[] = [];
  #heard = Promise.resolve();
  #batch: ReturnType<typeof setTimeout> | undefined;

  constructor(
    pc: Connection,
    polite: boolean,
    connection: string,
    only: boolean,
    send: (letter: Sent) => void,
  ) {
    this.#pc = pc;
    this.#polite = polite;
    this.#only = only;
    this.connection = connection;
    this.#send = send;
    pc.onnegotiationneeded = () => void this.#offerAgain();
    pc.onicecandidate = ({ candidate }) => {
      // A null or empty candidate ends the gathering; the far end does not need to know.
      if (candidate !== null && candidate.candidate !== "") {
        const { sdpMid, sdpMLineIndex } = candidate;
        const allowed = this.#allowed(candidate.candidate);
        if (allowed === null) return;
        this.#found.push({ candidate: allowed, sdpMid, sdpMLineIndex });
        this.#batch ??= setTimeout(() => this.#sendFound(), GATHER_MS);
      }
    };
  }

  /** The first offer, for M2. */
  async offer(): Promise<string> {
    await this.#pc.setLocalDescription();
    return this.#description().sdp;
  }

  /**
   * Take the offer of M2 and give the answer for M3; `attach` brings our tracks between. `isReady`:
   * candidates were gathered ahead.
   */
  async answer(offer: string, attach: () => void, isReady = false): Promise<string> {
    await this.#take("offer", offer);
    attach();
    if (isReady) await this.#useReady();
    await this.#pc.setLocalDescription();
    this.#begun = true;
    return this.#description().sdp;
  }

  /** An answer makes Chromium throw ready candidates away; a provisional one uses them. */
  async #useReady(): Promise<void> {
    try {
      const { sdp = "" } = await this.#pc.createAnswer();
      await this.#pc.setLocalDescription({ type: "pranswer", sdp });
    } catch {
      // Firefox knows no provisional answers, and has no candidates ready.
    }
  }

  /** Take the answer of M3. */
  async settle(answer: string): Promise<void> {
    await this.#take("answer", answer);
    this.#begun = true;
  }

  /** From now on candidates go to the far end, those already found at once. */
  release(): void {
    this.#released = true;
    this.#sendFound();
  }

  /** Look for a path anew; the present one, if any, carries on until a better is found. */
  restart(): void {
    this.#pc.restartIce();
  }

  /**
   * Say our offer once more, with what was found for it: it may be lost. False where none waits for
   * its answer. A far end that has it answers again, and the second answer changes nothing.
   */
  repeat(): boolean {
    if (!this.#begun || this.#pc.signalingState !== "have-local-offer") return false;
    this.#send(this.#description());
    this.#found = [...this.#told.splice(0), ...this.#found];
    this.#sendFound();
    return true;
  }

  /** One after the other: an offer that was said twice must not meet its own answer half made. */
  hear(letter: Sent): Promise<void> {
    const heard = this.#heard.then(() => this.#hear(letter));
    this.#heard = heard.catch(() => undefined);
    return heard;
  }

  async #hear(letter: Sent): Promise<void> {
    if (letter.t === "candidates") {
      for (const candidate of letter.candidates) {
        await this.#addCandidate(candidate);
      }
      return;
    }
    // To an offer that was said twice there are two answers.
    if (letter.type === "answer" && this.#pc.signalingState !== "have-local-offer") return;
    const isReady =
      !this.makingOffer && (this.#pc.signalingState === "stable" || this.#isSettingRemoteAnswer);
    const isCollision = letter.type === "offer" && !isReady;
    this.ignoreOffer = !this.#polite && isCollision;
    if (this.ignoreOffer) {
      return;
    }
    this.#isSettingRemoteAnswer = letter.type === "answer";
    try {
      // The polite end's own offer is rolled back by this, if there is one.
      await this.#take(letter.type, letter.sdp);
    } finally {
      this.#isSettingRemoteAnswer = false;
    }
    this.#begun = true;
    if (letter.type === "offer") {
      this.#told = [];
      await this.#pc.setLocalDescription();
      this.#send(this.#description());
      if (isCollision) this.onrollback();
    }
  }

  async #offerAgain(): Promise<void> {
    if (!this.#begun) {
      return;
    }
    try {
      this.makingOffer = true;
      this.#told = [];
      await this.#pc.setLocalDescription();
      this.#send(this.#description());
    } catch {
      // Closed meanwhile, or overtaken by the far end's offer: that one leads on.
    } finally {
      this.makingOffer = false;
    }
  }

  /** The far end's description; candidates come in letters of their own. */
  async #take(type: "offer" | "answer", sdp: string): Promise<void> {
    const taken = this.#only ? withoutAddresses(sdp) : withoutLevels(sdp);
    await this.#pc.setRemoteDescription({ type, sdp: voice.granted(taken) });
  }

  /** The candidate as it may be told or tried, ours and the far end's alike. */
  #allowed(candidate: string): string | null {
    return this.#only ? relayed(candidate) : candidate;
  }

  async #addCandidate(candidate: Candidate): Promise<void> {
    const allowed = this.#allowed(candidate.candidate);
    if (allowed === null) return;
    try {
      await this.#pc.addIceCandidate({ ...candidate, candidate: allowed });
    } catch {
      // A candidate of an offer that we ignored, or one that this browser cannot read:
      // either way the others decide.
    }
  }

  #sendFound(): void {
    clearTimeout(this.#batch);
    this.#batch = undefined;
    if (this.#released && this.#found.length > 0) {
      const candidates = this.#found.splice(0);
      this.#told = [...this.#told, ...candidates].slice(-CANDIDATES_MAX);
      this.#send({ t: "candidates", connection: this.connection, candidates });
    }
  }

  #description(): LetterOf<"description"> {
    const local = this.#pc.localDescription;
    const type = local?.type === "answer" ? "answer" : "offer";
    const sdp = voice.asked(withoutAddresses(local?.sdp ?? ""));
    return { t: "description", connection: this.connection, type, sdp };
  }
}
