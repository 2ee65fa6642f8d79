/**
 * What the desk asks of the seal: open what comes, close what goes, bind the connection.
 *
 * Types only. `patient-seal.ts` and `doctor-seal.ts` are the two of them; a page loads its own
 * when it first connects.
 */
import type { Directory } from "./directory.ts";
import type { Heard, M2Written, Written } from "./letters.ts";
import type { ServerMessage } from "./messages.ts";
import type { Colleague } from "./cards.ts";
import type { SeatRole } from "./gathering-letters.ts";
import type { Union } from "./identity.ts";
import type { Invitation } from "./invites.ts";
import type { Signer } from "./primitives.ts";
import type { Holder } from "./proof.ts";
import type { MemberPapers, Papers } from "./sealed-doctor.ts";
import type { Tools } from "./tools.ts";

/** What is shown to the server, and the key that proves it. */
export interface Entry {
  readonly token: string;
  readonly holder: Holder;
}

export interface Binding {
  /** What shows the far end between which certificates we talk; each is a SHA-256. */
  prove(own: Bytes, farEnd: Bytes): Promise<Bytes>;
  /** Throws `Refused`: `certificate`. */
  check(given: Bytes, own: Bytes, farEnd: Bytes): Promise<void>;
}

export interface Seal {
  /**
   * What a message carries for us, once opened; null where it carries nothing, or something of
   * a handshake that is no more. Messages are opened one after the other.
   */
  open(message: ServerMessage): Promise<Heard | null>;
  /** The body of an envelope; null where its handshake is no more. Throws `Refused`. */
  write(letter: Written): Promise<string | null>;
  /** M1 as `join` and `renew` carry it. */
  m1(nonce: string): Promise<string>;
  /** Name and M2 as `propose` carries it. Throws `Refused`, and the browser's own errors. */
  m2(letter: M2Written): Promise<string | null>;
  /** Name and M3 as `accept` carries it; the resume secret is in the address when it returns. */
  m3(nonce: string, restarts: boolean, answer: string): Promise<string | null>;
  /** Under the keys in force; null where there are none. */
  binding(): Binding | null;
  /** The session is over. */
  forget(): void;
}

type Bytes = Uint8Array<ArrayBuffer>;

/** What a patient's page knows of the queues, and to which of them its link leads. */
export interface Around {
  readonly directory: Directory | null;
  readonly own: string;
}

/** What a page has once it is loaded. */
export interface Loaded {
  readonly seal: Seal;
  /** Null where nothing of ours holds now; in seconds since 1970. */
  entry(now: number): Promise<Entry | null>;
  /** What a call needs is fetched; rejects with why it cannot be had. */
  prepare?(): Promise<void>;
  /** Which queues there are; a patient's page has it. */
  around?(): Promise<Around>;
  /** What larger company needs of this page, once a session runs. */
  own(): Promise<Own>;
  /** A card for the board, by which colleagues hand over; null where none can be made. */
  card?(queues: readonly string[]): Promise<string | null>;
}

/** This page's own end in a session of more than two. */
export interface Own {
  readonly tools: Tools;
  readonly role: SeatRole;
  /** Signs what it asks. */
  readonly holder: Signer;
  /** Thumbprint, base64url: of a doctor's device key, of anybody else's holder key. */
  readonly key: string;
  /** Who may vouch for doctors here. */
  readonly unions: readonly Union[];
  /** What it answers with. */
  papers(): Promise<Papers | MemberPapers>;
  /** The later of this page's clock and the server's, in whole seconds. */
  now(): number;
  /** Key of the other of the two who began; null before their handshake. */
  firstKey(): Promise<string | null>;
  /** Of a guest: by what he was invited. */
  readonly invitation?: Pick<Invitation, "secret" | "member" | "key">;
  /** Of a doctor: those to whom a patient may be handed over. */
  readonly colleagues?: Colleagues;
}

/** What a doctor's page knows of colleagues on duty. */
export interface Colleagues {
  /** Secret of the card that is on the board; null where there is none. */
  secret(): Bytes | null;
  /** Those of these cards that hold, but for one's own. */
  read(cards: readonly string[]): Promise<readonly Colleague[]>;
}
