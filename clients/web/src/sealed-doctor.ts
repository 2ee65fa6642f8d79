/**
 * The doctor's end of the handshake: M1 in, M2 out, M3 in, M4 out.
 *
 * Pure but for WebCrypto: HPKE, randomness and the check of tokens are arguments. One object is
 * one run: each step is taken once and in order, and any refusal ends it and forgets its keys.
 *
 * In a session of more than two it is the end of each who answers (§11), with a credential or
 * without.
 *
 * `clients/SCEAU.md` §3 to §5 decides; `tests/vectors/sealed.json` ties it to the headless
 * peer's.
 */
import { type Bytes, same } from "./bytes.ts";
import { agree, Channel, confirmation, digitsOf } from "./channel.ts";
import { certificateOf } from "./description.ts";
import type { KemPair } from "./hpke.ts";
import { encode } from "./letters.ts";
import { commitment, readM1 } from "./m1.ts";
import { hash, sign, type Signer, thumb } from "./primitives.ts";
import { Refused } from "./refused.ts";
import { type MemberRole, NONCE_BYTES, padded, readM3, writeJson } from "./sealed-letters.ts";
import type { Assertion } from "./sealed-passkey.ts";
import { Steps } from "./steps.ts";
import type { Tools } from "./tools.ts";

const MAC_BYTES = 32;
/** M1 that a doctor's page answers in a call: retries after lost networks. */
export const ANSWERS_MAX = 3;

/** What a doctor shows to patients, and signs with. */
export interface Papers {
  readonly deviceKey: Signer;
  readonly identity: string;
  readonly list: string;
  /** The gesture of the day, exactly where the identity names a passkey. */
  readonly passkey?: Assertion | null;
}

/** What a patient or a guest answers with: a key, and nobody who vouches for it. */
export interface MemberPapers {
  readonly member: MemberRole;
  readonly holderKey: Signer;
}

/**
 * The PSK where the token is of the doctor's own link, null where it is of a trusted pool.
 * Throws `Refused`: `token`, also where it names another holder.
 */
export type CheckToken = (token: string, holderThumb: Bytes) => Promise<Bytes | null>;

/** What the doctor's page proposes. */
export interface Offer {
  readonly connection: string;
  readonly restarts: boolean;
  readonly offer: string;
}

/** M4, which goes out first, and the session that it opens. */
export interface Confirmation {
  readonly m4: Bytes;
  readonly channel: Channel;
  readonly digits: string;
  readonly restarts: boolean;
  readonly answer: string;
}

/** Which M1 a doctor's page answered in one call: each once, and few. */
export class Answers {
  readonly #answered = new Set<string>();

  /** Note an M1 that is about to be answered. Throws `Refused`: `twice`. */
  async admit(m1: Bytes): Promise<void> {
    const name = encode(await hash("m1", m1));
    if (this.#answered.has(name) || this.#answered.size >= ANSWERS_MAX) {
      throw new Refused("twice");
    }
    this.#answered.add(name);
  }
}

interface Waiting {
  readonly at: "waiting";
}
interface Answered {
  readonly at: "answered";
  readonly commitment: Bytes;
  readonly patientKey: Bytes;
  readonly m1: Bytes;
  readonly m2: Bytes;
  readonly json: Bytes;
  readonly psk: Bytes | null;
  readonly pair: KemPair;
  readonly nonce: Bytes;
  readonly seed: Bytes;
}

/** A doctor's run: `answer` M1 with M2, `confirm` M3 with M4. */
export class DoctorHandshake {
  readonly #tools: Tools;
  readonly #papers: Papers | MemberPapers;
  readonly #checkToken: CheckToken;
  readonly #answers: Answers;
  readonly #resume: Bytes | null;
  readonly #steps = new Steps<Waiting | Answered>({ at: "waiting" });

  /**
   * Wait for an M1. `answers` are of the present call, or of the way back into a session;
   * `resume` is the secret of the running session that the M1 must come back into.
   */
  constructor(
    tools: Tools,
    papers: Papers | MemberPapers,
    checkToken: CheckToken,
    answers: Answers,
    resume: Bytes | null = null,
  ) {
    this.#tools = tools;
    this.#papers = papers;
    this.#checkToken = checkToken;
    this.#answers = answers;
    this.#resume = resume;
  }

  /**
   * Check the patient's M1 and make M2.
   *
   * Throws `Refused`: `form`, `signature`, `token`, `resume`, `twice`.
   */
  answer(bytes: Bytes, { connection, restarts, offer }: Offer): Promise<Bytes> {
    return this.#steps.take("waiting", async () => {
      const { hpke, roll } = this.#tools;
      const m1 = await readM1(bytes.slice());
      const psk = await this.#checkToken(m1.token, await thumb(m1.holder));
      if (m1.mixesPsk !== (psk !== null)) {
        throw new Refused("token");
      }
      if (this.#resume !== null && !(await m1.resumes(this.#resume))) {
        throw new Refused("resume");
      }
      await this.#answers.admit(m1.bytes);
      const pair = await hpke.generate();
      const nonce = roll(NONCE_BYTES);
      const seed = roll(NONCE_BYTES);
      const { by, label, shown, passkey } = shownOf(this.#papers);
      const pk = pair.publicKey;
      const json = writeJson({
        ...shown,
        pk,
        r: nonce,
        seed,
        connection,
        restarts,
        offer,
        passkey,
      });
      const signature = await sign(by, await hash(label, m1.bytes, json));
      const info = await hash("m2", m1.bytes);
      const m2 = await hpke.seal(m1.kemKey, info, padded(json, signature));
      const next = {
        at: "answered",
        commitment: m1.commitment,
        patientKey: m1.kemKey,
        m1: m1.bytes,
        m2,
        json,
        psk,
        pair,
        nonce,
        seed,
      } as const;
      // A copy: what the caller does with its M2 does not change the transcript.
      return [next, m2.slice()];
    });
  }

  /**
   * Check the patient's M3 and make M4.
   *
   * Throws `Refused`: `sealed`, `form`, `commitment`, `confirmation`, `description`, `twice`.
   */
  confirm(m3: Bytes): Promise<Confirmation> {
    return this.#steps.take("answered", async (held) => {
      const sealed = m3.slice(0, -MAC_BYTES);
      const given = m3.slice(-MAC_BYTES);
      const info = await hash("m3", held.m1, held.m2);
      const letter = await this.#tools.hpke.open(held.pair, info, sealed);
      const { nonce, seed, restarts, answer } = readM3(letter);
      if (!same(await commitment(nonce, held.patientKey), held.commitment)) {
        throw new Refused("commitment");
      }
      const agreed = await agree([held.m1, held.m2, sealed], held.psk, held.seed, seed);
      if (!same(await confirmation(agreed, "patient"), given)) {
        throw new Refused("confirmation");
      }
      certificateOf(answer);
      const digits = await digitsOf(nonce, held.nonce, held.m1, held.json);
      const m4 = await confirmation(agreed, "doctor");
      const channel = await Channel.of(agreed, "doctor");
      return [null, { m4, channel, digits, restarts, answer }];
    });
  }
}

/** What M2 shows of who answers, and how that is signed. */
function shownOf(papers: Papers | MemberPapers) {
  if ("member" in papers) {
    const { member, holderKey } = papers;
    return {
      by: holderKey,
      // Another label than a doctor's: neither can be taken for the other.
      label: "m2 member signature",
      shown: { member, holder: holderKey.publicKey },
      passkey: undefined,
    };
  }
  const { deviceKey, identity, list, passkey = null } = papers;
  const shown = { identity, list };
  return { by: deviceKey, label: "m2 signature", shown, passkey: passkey ?? undefined };
}
