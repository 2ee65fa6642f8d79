/**
 * The patient's end of the handshake: M1 out, M2 in, M3 out, M4 in.
 *
 * Pure but for WebCrypto: HPKE, randomness and clock are arguments. One object is one run: each
 * step is taken once and in order, and any refusal ends it and forgets its keys.
 *
 * In a session of more than two it is the end of each who asks (§11).
 *
 * `clients/SCEAU.md` §3 to §5 decides; `tests/vectors/sealed.json` ties it to the headless
 * peer's.
 */
import { type Bytes, join, same } from "./bytes.ts";
import { agree, Channel, confirmation, digitsOf } from "./channel.ts";
import { certificateOf } from "./description.ts";
import type { KemPair } from "./hpke.ts";
import type { Identity, Union } from "./identity.ts";
import { encode } from "./letters.ts";
import { commitment, writeM1 } from "./m1.ts";
import { hash, type Signer, thumb, verify } from "./primitives.ts";
import { Refused } from "./refused.ts";
import {
  type MemberRole,
  NONCE_BYTES,
  padded,
  readM2,
  readMemberM2,
  writeJson,
} from "./sealed-letters.ts";
import { checkPasskey } from "./sealed-passkey.ts";
import { Steps } from "./steps.ts";
import type { Tools } from "./tools.ts";

/**
 * Who must answer, and nobody else: by the thumbprint of a doctor's device key, of anybody
 * else's holder key, base64url. Null only where a colleague asks who invited him.
 */
export type Named =
  | { readonly role: "doctor"; readonly key: string | null }
  | { readonly role: MemberRole; readonly key: string };

/** What a patient has of a link, and who was invited of an invitation. */
export interface SealedLink {
  /** The capability, as the server sees it. */
  readonly token: string;
  readonly holder: Signer;
  /** Of a doctor's own link; null on a pool link. */
  readonly psk: Bytes | null;
  /** The doctor whose own link it is, base64url; null on a pool link. */
  readonly handle: string | null;
  /** Of an invitation; a link names nobody but by its handle. */
  readonly named?: Named;
}

/** What a patient may be shown, and say yes to. The doctor has been vouched for. */
export interface Proposal {
  readonly doctor: Identity;
  readonly digits: string;
  readonly connection: string;
  readonly restarts: boolean;
  readonly offer: string;
}

/** What a patient or a guest answers with: vouched for by nobody but who named the key. */
export interface MemberProposal {
  readonly role: MemberRole;
  readonly digits: string;
  readonly connection: string;
  readonly restarts: boolean;
  readonly offer: string;
}

/** M3, and the resume secret that goes into the address before it is sent. */
export interface Acceptance {
  readonly m3: Bytes;
  readonly resume: Bytes;
}

interface Asked {
  readonly at: "asked";
  readonly pair: KemPair;
  readonly nonce: Bytes;
}
interface Proposed {
  readonly at: "proposed";
  readonly nonce: Bytes;
  readonly m2: Bytes;
  readonly doctorKey: Bytes;
  readonly doctorSeed: Bytes;
}
interface Accepted {
  readonly at: "accepted";
  readonly channel: Channel;
  readonly m4: Bytes;
}

/** A patient's run: `m1`, then `read` M2, `accept` with M3, `confirm` M4. */
export class PatientHandshake {
  readonly m1: Bytes;
  readonly #tools: Tools;
  readonly #link: SealedLink;
  readonly #steps: Steps<Asked | Proposed | Accepted>;

  private constructor(tools: Tools, link: SealedLink, m1: Bytes, asked: Asked) {
    this.m1 = m1;
    this.#tools = tools;
    this.#link = link;
    this.#steps = new Steps<Asked | Proposed | Accepted>(asked);
  }

  /** Make a fresh M1; `resume` is the secret of the session that the page comes back into. */
  static async start(
    tools: Tools,
    link: SealedLink,
    resume: Bytes | null = null,
  ): Promise<PatientHandshake> {
    const pair = await tools.hpke.generate();
    const nonce = tools.roll(NONCE_BYTES);
    const m1 = {
      mixesPsk: link.psk !== null,
      kemKey: pair.publicKey,
      commitment: await commitment(nonce, pair.publicKey),
      token: link.token,
    };
    const bytes = await writeM1(m1, link.holder, resume);
    return new PatientHandshake(tools, link, bytes, { at: "asked", pair, nonce });
  }

  /**
   * Check the doctor's answer: union, doctor, this handshake, this link. `now` is the later
   * of the page's clock and the server's, in seconds since 1970.
   *
   * Throws `Refused`: `sealed`, `form`, `identity`, `revoked`, `signature`, `handle`,
   * `passkey`, `description`, `twice`.
   */
  read(m2: Bytes, unions: readonly Union[], now: number): Promise<Proposal> {
    return this.#steps.take("asked", async ({ pair, nonce }) => {
      const sealed = m2.slice();
      const { named } = this.#link;
      const plain = await this.#opened(pair, sealed);
      if (named !== undefined && named.role !== "doctor") {
        throw new Refused("form");
      }
      const letter = readM2(plain);
      // Loaded when a doctor answers, or while somebody waits: not before.
      const { verifyIdentity } = await import("./identity.ts");
      const doctor = await verifyIdentity(letter.identity, letter.list, unions, now);
      const signed = await hash("m2 signature", this.m1, letter.json);
      if (!(await verify(doctor.deviceKey, letter.signature, signed))) {
        throw new Refused("signature");
      }
      if (this.#link.handle !== null && doctor.handle !== this.#link.handle) {
        throw new Refused("handle");
      }
      const key = named?.key ?? null;
      if (key !== null && encode(await thumb(doctor.deviceKey)) !== key) {
        throw new Refused("handle");
      }
      const { audience } = doctor.union;
      await checkPasskey(letter.passkey, doctor.passkey, doctor.deviceKey, audience, now);
      certificateOf(letter.offer);
      const { connection, restarts, offer } = letter;
      const digits = await digitsOf(nonce, letter.nonce, this.m1, letter.json);
      return [proposed(nonce, sealed, letter), { doctor, digits, connection, restarts, offer }];
    });
  }

  /**
   * Check the answer of a patient or a guest: read only where one was named, and only his.
   *
   * Throws `Refused`: `sealed`, `form`, `handle`, `signature`, `description`, `twice`.
   */
  readMember(m2: Bytes): Promise<MemberProposal> {
    return this.#steps.take("asked", async ({ pair, nonce }) => {
      const sealed = m2.slice();
      const { named } = this.#link;
      const letter = readMemberM2(await this.#opened(pair, sealed));
      if (letter.member !== named?.role) {
        throw new Refused("form");
      }
      if (encode(await thumb(letter.holder)) !== named.key) {
        throw new Refused("handle");
      }
      const signed = await hash("m2 member signature", this.m1, letter.json);
      if (!(await verify(letter.holder, letter.signature, signed))) {
        throw new Refused("signature");
      }
      certificateOf(letter.offer);
      const { member: role, connection, restarts, offer } = letter;
      const digits = await digitsOf(nonce, letter.nonce, this.m1, letter.json);
      return [proposed(nonce, sealed, letter), { role, digits, connection, restarts, offer }];
    });
  }

  /** Make M3. Throws `Refused`: `twice`; `form` for an answer that is too long. */
  accept(restarts: boolean, answer: string): Promise<Acceptance> {
    return this.#steps.take("proposed", async ({ nonce, m2, doctorKey, doctorSeed }) => {
      const { hpke, roll } = this.#tools;
      const seed = roll(NONCE_BYTES);
      const json = writeJson({ r: nonce, seed, restarts, answer });
      const info = await hash("m3", this.m1, m2);
      const sealed = await hpke.seal(doctorKey, info, padded(json));
      const agreed = await agree([this.m1, m2, sealed], this.#link.psk, doctorSeed, seed);
      const channel = await Channel.of(agreed, "patient");
      const m3 = join(sealed, await confirmation(agreed, "patient"));
      const m4 = await confirmation(agreed, "doctor");
      return [
        { at: "accepted", channel, m4 },
        { m3, resume: channel.resume },
      ];
    });
  }

  /**
   * Check M4; only then may anything that names or locates the patient be sent.
   *
   * Throws `Refused`: `confirmation`, `twice`.
   */
  confirm(m4: Bytes): Promise<Channel> {
    return this.#steps.take("accepted", (accepted) => {
      if (!same(accepted.m4, m4)) {
        return Promise.reject(new Refused("confirmation"));
      }
      return Promise.resolve([null, accepted.channel] as const);
    });
  }

  async #opened(pair: KemPair, m2: Bytes): Promise<Bytes> {
    return this.#tools.hpke.open(pair, await hash("m2", this.m1), m2);
  }
}

function proposed(nonce: Bytes, m2: Bytes, letter: { kemKey: Bytes; seed: Bytes }): Proposed {
  return { at: "proposed", nonce, m2, doctorKey: letter.kemKey, doctorSeed: letter.seed };
}
