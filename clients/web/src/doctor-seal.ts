/**
 * The doctor's side of the seal: which M1 are answered, and which channel is in force.
 *
 * Door to the seal: it holds the keys of a consultation, in memory. Whether somebody who opened
 * the link again is let in is the machine's to say, `rounds.ts`.
 *
 * `clients/SCEAU.md`; what is kept of it is in `clients/README.md`.
 */
import { type Bytes, fromBase64url, same } from "./bytes.ts";
import type { Heard, M2Written, Written } from "./letters.ts";
import { encode, write } from "./letters.ts";
import type { DoctorLink } from "./link.ts";
import { readM1 } from "./m1.ts";
import type { EnvelopeKind } from "./envelopes.ts";
import type { ServerMessage } from "./messages.ts";
import { OwnBoard } from "./own-board.ts";
import type { Practice } from "./practice.ts";
import { roll, thumb } from "./primitives.ts";
import type { Binding, Loaded, Seal } from "./seal.ts";
import {
  bindingOf,
  type Clock,
  envelopeOf,
  heard,
  type InForce,
  named,
  nameOf,
  recordOf,
  unnamed,
} from "./sealed-frames.ts";
import {
  Answers,
  ANSWERS_MAX,
  DoctorHandshake,
  loadHpke,
  type Papers,
  Refused,
  type Tools,
  writeEnvelope,
} from "./sealed.ts";

// Each handshake whose M4 got lost leaves one secret that the patient may still sign under;
// more in a row than this is not a network.
const EARLIER_MAX = 4;

/** An M1 that was read, and not answered yet. */
interface Asked {
  readonly m1: Bytes;
  readonly holder: Bytes;
  readonly isInside: boolean;
  /** The resume secret that it carries the MAC of. */
  readonly resume: Bytes | null;
}

/** Of a practice, what patients are shown and checked by. */
export type Credentials = Pick<Practice, "papers" | "checkToken">;

export class DoctorSeal implements Seal {
  readonly #tools: Tools;
  readonly #practice: Credentials;
  readonly #clock: Clock;
  readonly #keep: (kept: { readonly resume: string | null }) => void;
  #ahead_s = 0;
  #call: string | null = null;
  /** Since when the patient's link need not hold any more: it was in time when he was called. */
  #calledAt: number | null = null;
  #holder: Bytes | null = null;
  #answers = new Answers();
  /** Names of all M1 of this call and its session that held. */
  readonly #known = new Set<string>();
  /** By name; few, and the oldest go first. */
  readonly #asked = new Map<string, Asked>();
  readonly #runs = new Map<string, { readonly run: DoctorHandshake; readonly holder: Bytes }>();
  /** Thumbprint of the patient's holder key, of the handshake in force. */
  #far: Bytes | null = null;
  /** Of the newest M3. */
  #resume: Bytes | null;
  /** Before it: the patient's page signs under one of these until M4 has come. */
  #earlier: Bytes[] = [];
  #m4: Bytes | null = null;
  #channel: InForce | null = null;
  /** Counts calls, and good-byes: what is under way then is not kept when it is done. */
  #lives = 0;

  constructor(
    tools: Tools,
    practice: Credentials,
    clock: Clock,
    keep: (kept: { readonly resume: string | null }) => void,
    resume: string | null,
  ) {
    this.#tools = tools;
    this.#practice = practice;
    this.#clock = clock;
    this.#keep = keep;
    this.#resume = resume === null ? null : fromBase64url(resume);
  }

  async open(message: ServerMessage): Promise<Heard | null> {
    switch (message.type) {
      case "hello":
      case "joined":
        this.#ahead_s = message.now - this.#clock();
        // Loaded anew in a session: the patient's link was in time when it began.
        if (this.#resume !== null) this.#calledAt ??= this.now();
        return null;
      case "called":
        if (message.call !== this.#call) this.#begin(message.call);
        return heard(() => this.#hearM1(fromBase64url(message.m1), false));
      case "accepted": {
        const { m3 } = message;
        return m3 === undefined ? null : heard(() => this.#confirm(fromBase64url(m3)));
      }
      case "envelope": {
        const envelope = envelopeOf(message.body);
        return envelope === null ? null : heard(() => this.#envelope(...envelope));
      }
      default:
        return null;
    }
  }

  async write(letter: Written): Promise<string | null> {
    switch (letter.t) {
      case "knock":
        return encode(writeEnvelope("knock"));
      case "m2": {
        const m2 = await this.#answer(letter);
        return m2 === null ? null : encode(writeEnvelope("m2", m2));
      }
      case "ready": {
        const m4 = this.#m4;
        this.#m4 = null;
        return m4 === null || this.#channel === null
          ? null
          : encode(writeEnvelope("m4", named(this.#channel.name, m4)));
      }
      case "description":
      case "candidates":
      case "said":
      case "about":
      case "after":
      case "again": {
        if (this.#channel === null) return null;
        const { name, keys } = this.#channel;
        return encode(writeEnvelope("record", named(name, await keys.seal(write(letter)))));
      }
      case "m1":
      case "m3":
        return null;
    }
  }

  m1(): Promise<never> {
    return Promise.reject(new Refused("twice"));
  }

  async m2(letter: M2Written): Promise<string | null> {
    const m2 = await this.#answer(letter);
    return m2 === null ? null : encode(m2);
  }

  m3(): Promise<null> {
    return Promise.resolve(null);
  }

  binding(): Binding | null {
    return this.#channel === null ? null : bindingOf(this.#channel.keys);
  }

  /** Thumbprint of the patient, base64url; null before a handshake is done. */
  farKey(): string | null {
    return this.#far === null ? null : encode(this.#far);
  }

  /** By the later clock; the gesture of the day is made by the device's own. */
  papers(): Promise<Papers> {
    return this.#practice.papers(this.now(), Math.floor(this.#clock()));
  }

  /** The later of this page's clock and the server's, in whole seconds. */
  now(): number {
    return Math.floor(this.#clock() + Math.max(0, this.#ahead_s));
  }

  forget(): void {
    this.#far = null;
    this.#begin(null);
    this.#channel?.keys.close();
    this.#channel = null;
    this.#resume = null;
    this.#earlier = [];
    this.#keep({ resume: null });
  }

  /** Another call, or none: what was answered in the one before counts no more. */
  #begin(call: string | null): void {
    this.#lives += 1;
    this.#call = call;
    this.#calledAt = call === null ? null : this.now();
    this.#holder = null;
    this.#answers = new Answers();
    this.#known.clear();
    this.#asked.clear();
    this.#runs.clear();
    this.#m4 = null;
  }

  /** What a call needs of the doctor is there: nobody is called for nothing. */
  async prepare(): Promise<void> {
    await this.papers();
  }

  async #hearM1(bytes: Bytes, isInside: boolean): Promise<Heard> {
    const m1 = await readM1(bytes);
    const holder = await thumb(m1.holder);
    await this.#practice.checkToken(this.#calledAt ?? this.now())(m1.token, holder);
    if (isInside && this.#holder !== null && !same(holder, this.#holder)) {
      throw new Refused("token");
    }
    if (!isInside) {
      this.#holder = holder;
      this.#known.add(await nameOf(bytes));
    }
    let resume: Bytes | null = null;
    if (isInside && this.#resume !== null) {
      for (const secret of [this.#resume, ...this.#earlier]) {
        if (await m1.resumes(secret)) resume = secret;
      }
    }
    const name = await nameOf(bytes);
    remember(this.#asked, name, { m1: bytes, holder, isInside, resume });
    return { t: "m1", nonce: name, isSame: resume !== null };
  }

  /** One that does not hold, or was had before, is not this session's: it stops nothing. */
  async #hearM1Inside(bytes: Bytes): Promise<Heard | null> {
    const name = await nameOf(bytes);
    if (this.#known.has(name)) return null;
    try {
      const m1 = await this.#hearM1(bytes, true);
      this.#known.add(name);
      return m1;
    } catch (error) {
      if (error instanceof Refused) return null;
      throw error;
    }
  }

  async #answer({
    nonce,
    connection,
    restarts,
    offer,
    isAllowed,
  }: M2Written): Promise<Bytes | null> {
    const asked = this.#asked.get(nonce);
    if (asked === undefined) return null;
    const life = this.#lives;
    const papers = await this.papers();
    // Another call has begun, or none is left: this M1 is answered by nobody.
    if (life !== this.#lives) return null;
    if (isAllowed) {
      this.#answers = new Answers();
      this.#holder = asked.holder;
    }
    const asks = asked.isInside && !isAllowed;
    const run = new DoctorHandshake(
      this.#tools,
      papers,
      this.#practice.checkToken(this.#calledAt ?? this.now()),
      this.#answers,
      // Where there is one, an M1 inside that carries none of them is refused here too.
      asks ? (asked.resume ?? this.#resume) : null,
    );
    const m2 = await run.answer(asked.m1, { connection, restarts, offer });
    if (life !== this.#lives) return null;
    this.#asked.delete(nonce);
    remember(this.#runs, nonce, { run, holder: asked.holder });
    return named(nonce, m2);
  }

  async #envelope(kind: EnvelopeKind, body: Bytes): Promise<Heard | null> {
    switch (kind) {
      case "m1":
        return this.#hearM1Inside(body);
      case "m3":
        return this.#confirm(body);
      case "record": {
        const letter = await recordOf(this.#channel, body, () => {
          this.#channel = null;
        });
        // The first record of the newest keys: the patient's page has our M4.
        if (letter !== null) this.#earlier = [];
        return letter;
      }
      case "m2":
      case "m4":
      case "knock":
        return null;
    }
  }

  async #confirm(bytes: Bytes): Promise<Heard | null> {
    const [name, m3] = unnamed(bytes);
    const answered = this.#runs.get(name);
    if (answered === undefined) return null;
    this.#runs.delete(name);
    const life = this.#lives;
    const { m4, channel, digits, restarts, answer } = await answered.run.confirm(m3);
    if (life !== this.#lives) return null;
    this.#runs.clear();
    this.#far = answered.holder;
    this.#channel?.keys.close();
    this.#channel = { name, keys: channel };
    this.#m4 = m4;
    if (this.#resume !== null) {
      this.#earlier = [this.#resume, ...this.#earlier].slice(0, EARLIER_MAX);
    }
    this.#resume = channel.resume;
    this.#keep({ resume: encode(channel.resume) });
    this.#answers = new Answers();
    return { t: "m3", nonce: name, digits, restarts, answer };
  }
}

/** Load what a doctor's page needs to see patients. Rejects: trouble of the network. */
export async function loadDoctor(
  practice: Practice,
  link: DoctorLink,
  keep: (kept: { readonly resume: string | null; readonly key: string | null }) => void,
): Promise<Loaded> {
  const hpke = await loadHpke();
  const clock: Clock = () => Date.now() / 1000;
  // A session outlives the day: its seat is its key's.
  let seat = link.resume === null ? null : link.key;
  let key = seat;
  const keepBoth = ({ resume }: { readonly resume: string | null }) => {
    seat = resume === null ? null : key;
    keep({ resume, key: seat });
  };
  const tools = { hpke, roll };
  const seal = new DoctorSeal(tools, practice, clock, keepBoth, link.resume);
  const board = new OwnBoard(practice, seal, (queues) => practice.cardOf(seal.now(), queues, key));
  return {
    seal,
    prepare: () => seal.prepare(),
    async entry(now) {
      const entry = await practice.entry(now, seat);
      key = entry?.holder.thumbprint ?? null;
      return entry;
    },
    card: (queues) => board.card(queues),
    async own() {
      const entry = await practice.entry(seal.now(), key);
      const { deviceKey } = await seal.papers();
      if (entry === null) throw new Refused("identity");
      return {
        tools,
        role: "doctor",
        holder: entry.holder,
        key: encode(await thumb(deviceKey.publicKey)),
        unions: [practice.union],
        papers: () => seal.papers(),
        now: () => seal.now(),
        firstKey: () => Promise.resolve(seal.farKey()),
        colleagues: board,
      };
    },
  };
}

function remember<T>(map: Map<string, T>, name: string, value: T): void {
  map.set(name, value);
  for (const oldest of map.keys()) {
    if (map.size > ANSWERS_MAX) map.delete(oldest);
  }
}
