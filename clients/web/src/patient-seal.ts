/**
 * The patient's side of the seal: one handshake at a time, one channel in force.
 *
 * Door to the seal: it holds the keys of a consultation, in memory, and hands out what was read.
 * Whether a doctor is taken is the machine's to say, `consultation.ts`.
 *
 * `clients/SCEAU.md`; what is kept of it is in `clients/README.md`.
 */
import { type Bytes, fromBase64url, same } from "./bytes.ts";
import { destinationOf } from "./capability.ts";
import type { Heard, Written } from "./letters.ts";
import { encode, write } from "./letters.ts";
import type { Link } from "./link.ts";
import { type EnvelopeKind, writeEnvelope } from "./envelopes.ts";
import { loadHpke } from "./hpke.ts";
import type { Union } from "./identity.ts";
import { linkSecrets } from "./link-secrets.ts";
import type { ServerMessage } from "./messages.ts";
import { hash, mac, roll, thumb } from "./primitives.ts";
import { holderOf } from "./proof.ts";
import { fetchDirectory, fetchUnions, idOf } from "./published.ts";
import { Refused } from "./refused.ts";
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
import { PatientHandshake, type SealedLink } from "./sealed-patient.ts";
import type { Tools } from "./tools.ts";

interface Shaking {
  readonly nonce: string;
  readonly name: string;
  readonly run: PatientHandshake;
  /** Its M1 went as an envelope: nothing is written under the keys before it. */
  readonly isInside: boolean;
  /** The resume secret that counts once M4 is there. */
  coming: Bytes | null;
  /** Of the doctor whose M2 was read. */
  deviceKey: Bytes | null;
}

/** What a page finds in its address when it is loaded anew, base64url. */
export interface Kept {
  readonly resume: string | null;
  readonly doctor: string | null;
}

export type Keep = (kept: Kept) => void;

export class PatientSeal implements Seal {
  readonly #tools: Tools;
  readonly #link: SealedLink;
  readonly #unions: readonly Union[];
  readonly #clock: Clock;
  readonly #keep: Keep;
  #ahead_s = 0;
  #resume: Bytes | null;
  /** Of the doctor who was accepted: nobody else goes on with the consultation. */
  #deviceKey: Bytes | null = null;
  /** What a page that was loaded anew still knows of that doctor. */
  #mark: Bytes | null;
  #shaking: Shaking | null = null;
  #channel: InForce | null = null;
  /** Counts how often all was forgotten: what is under way then is not kept when it is done. */
  #lives = 0;

  constructor(
    tools: Tools,
    link: SealedLink,
    unions: readonly Union[],
    clock: Clock,
    keep: Keep,
    kept: Kept,
  ) {
    this.#tools = tools;
    this.#link = link;
    this.#unions = unions;
    this.#clock = clock;
    this.#keep = keep;
    this.#resume = kept.resume === null ? null : fromBase64url(kept.resume);
    this.#mark = kept.doctor === null ? null : fromBase64url(kept.doctor);
  }

  async open(message: ServerMessage): Promise<Heard | null> {
    switch (message.type) {
      case "hello":
      case "joined":
        this.#ahead_s = message.now - this.#clock();
        return null;
      case "proposed": {
        const { m2 } = message;
        return m2 === undefined ? null : heard(() => this.#m2(fromBase64url(m2)));
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
      case "m1":
        return encode(writeEnvelope("m1", await this.#start(letter.nonce, true)));
      case "m3": {
        const m3 = await this.#m3(letter.nonce, letter.restarts, letter.answer);
        return m3 === null ? null : encode(writeEnvelope("m3", m3));
      }
      case "description":
      case "candidates":
      case "said":
      case "about":
      case "after":
      case "again": {
        if (this.#channel === null || this.#shaking?.isInside === true) return null;
        const { name, keys } = this.#channel;
        return encode(writeEnvelope("record", named(name, await keys.seal(write(letter)))));
      }
      case "m2":
      case "ready":
      case "knock":
        return null;
    }
  }

  async m1(nonce: string): Promise<string> {
    return encode(await this.#start(nonce, false));
  }

  m2(): Promise<null> {
    return Promise.resolve(null);
  }

  async m3(nonce: string, restarts: boolean, answer: string): Promise<string | null> {
    const m3 = await this.#m3(nonce, restarts, answer);
    return m3 === null ? null : encode(m3);
  }

  binding(): Binding | null {
    return this.#channel === null ? null : bindingOf(this.#channel.keys);
  }

  /** Thumbprint of the doctor who was accepted, base64url; null where this page knows of none. */
  async farKey(): Promise<string | null> {
    return this.#deviceKey === null ? null : encode(await thumb(this.#deviceKey));
  }

  /** The later of this page's clock and the server's, in whole seconds. */
  now(): number {
    return Math.floor(this.#clock() + Math.max(0, this.#ahead_s));
  }

  forget(): void {
    this.#lives += 1;
    this.#channel?.keys.close();
    this.#channel = null;
    this.#shaking = null;
    this.#resume = null;
    this.#deviceKey = null;
    this.#mark = null;
    this.#keep({ resume: null, doctor: null });
  }

  /** A fresh M1, inside a session with the MAC that shows the same page. */
  async #start(nonce: string, isInside: boolean): Promise<Bytes> {
    const resume = isInside ? this.#resume : null;
    const run = await PatientHandshake.start(this.#tools, this.#link, resume);
    this.#shaking = {
      nonce,
      name: await nameOf(run.m1),
      run,
      isInside,
      coming: null,
      deviceKey: null,
    };
    return run.m1;
  }

  async #m2(bytes: Bytes): Promise<Heard | null> {
    const [name, m2] = unnamed(bytes);
    const shaking = this.#shaking;
    if (shaking?.name !== name) return null;
    const proposal = await shaking.run.read(m2, this.#unions, this.now());
    const { doctor, digits, connection, restarts, offer } = proposal;
    const isKnown = shaking.isInside && (await this.#isAccepted(doctor.deviceKey));
    shaking.deviceKey = doctor.deviceKey;
    return {
      t: "m2",
      nonce: shaking.nonce,
      doctor: { card: doctor.card, union: doctor.union.name },
      isKnown,
      digits,
      connection,
      restarts,
      offer,
    };
  }

  async #m3(nonce: string, restarts: boolean, answer: string): Promise<Bytes | null> {
    const shaking = this.#shaking;
    if (shaking?.nonce !== nonce) return null;
    const life = this.#lives;
    const { m3, resume } = await shaking.run.accept(restarts, answer);
    if (life !== this.#lives) return null;
    if (shaking.isInside && this.#resume !== null) {
      // Should this M3 get lost, the doctor's page has only the secret before it.
      shaking.coming = resume;
    } else {
      await this.#hold(resume, shaking.deviceKey);
    }
    return named(shaking.name, m3);
  }

  async #envelope(kind: EnvelopeKind, body: Bytes): Promise<Heard | null> {
    switch (kind) {
      case "knock":
        return { t: "knock" };
      case "m2":
        return this.#m2(body);
      case "m4":
        return this.#m4(...unnamed(body));
      case "record":
        return recordOf(this.#channel, body, () => {
          this.#channel = null;
        });
      case "m1":
      case "m3":
        return null;
    }
  }

  async #m4(name: string, m4: Bytes): Promise<Heard | null> {
    const shaking = this.#shaking;
    if (shaking?.name !== name) return null;
    const life = this.#lives;
    const keys = await shaking.run.confirm(m4);
    if (life !== this.#lives) return null;
    this.#channel?.keys.close();
    this.#channel = { name, keys };
    this.#shaking = null;
    if (shaking.coming !== null) {
      await this.#hold(shaking.coming, shaking.deviceKey);
    }
    return { t: "ready" };
  }

  /** Into the address: the secret to come back with, and by what the doctor is known again. */
  async #hold(resume: Bytes, deviceKey: Bytes | null): Promise<void> {
    this.#resume = resume;
    this.#deviceKey = deviceKey;
    const life = this.#lives;
    const mark = deviceKey === null ? null : await markOf(resume, deviceKey);
    if (life !== this.#lives) return;
    this.#keep({ resume: encode(resume), doctor: mark === null ? null : encode(mark) });
  }

  /**
   * Whether this is the doctor who was accepted. False where this page knows of none; another one
   * than that is refused as `handle`.
   */
  async #isAccepted(deviceKey: Bytes): Promise<boolean> {
    const [known, given] =
      this.#deviceKey !== null
        ? [this.#deviceKey, deviceKey]
        : [this.#mark, this.#resume === null ? deviceKey : await markOf(this.#resume, deviceKey)];
    if (known === null || (this.#deviceKey === null && this.#resume === null)) return false;
    if (!same(known, given)) throw new Refused("handle");
    return true;
  }
}

/** Load what a patient's page needs beyond its first screen. Rejects: trouble of the network. */
export async function loadPatient(
  link: Link,
  keep: Keep,
): Promise<Loaded & { readonly holderSeed: string }> {
  const secret = link.secret === null ? null : await linkSecrets(fromBase64url(link.secret));
  const { queue, handle, union } = await destinationOf(link.token);
  const holderSeed =
    secret === null ? (link.holder ?? encode(roll(32))) : encode(secret.holderSeed);
  const [hpke, all, holder] = await Promise.all([loadHpke(), fetchUnions(), holderOf(holderSeed)]);
  if (holder === null) {
    throw new Refused("form");
  }
  const unions = await vouching(all, link.union ?? union);
  const sealedLink: SealedLink = {
    token: link.token,
    holder,
    // A counted link to a queue has a secret for its holder only.
    psk: handle === null ? null : (secret?.psk ?? null),
    handle,
  };
  const clock: Clock = () => Date.now() / 1000;
  const entry = { token: link.token, holder };
  const tools = { hpke, roll };
  const seal = new PatientSeal(tools, sealedLink, unions, clock, keep, link);
  return {
    seal,
    entry: () => Promise.resolve(entry),
    around: async () => ({ directory: await fetchDirectory(), own: queue }),
    holderSeed,
    own: () =>
      Promise.resolve({
        tools,
        role: "patient",
        holder,
        key: holder.thumbprint,
        unions,
        papers: () => Promise.resolve({ member: "patient", holderKey: holder }),
        now: () => seal.now(),
        firstKey: () => seal.farKey(),
      }),
  };
}

/** By what a doctor is known again, and by nobody who lacks the resume secret. */
export async function markOf(resume: Bytes, deviceKey: Bytes): Promise<Bytes> {
  return (await mac(resume, await hash("doctor", deviceKey))).slice(0, 16);
}

/**
 * Of the unions that the pages trust, those that may vouch here: a union's link leads to its own
 * doctors only, whatever others the pages are told to trust.
 */
export async function vouching(
  all: readonly Union[],
  wanted: string | null,
): Promise<readonly Union[]> {
  const ids = await Promise.all(all.map(idOf));
  return all.filter((_, at) => wanted === null || ids[at] === wanted);
}
