/**
 * Expectations: who may ask a member of a session, and how often. Each lets one newcomer in, once.
 *
 * Pure but for WebCrypto: HPKE, randomness and the clock are arguments. Holds the PSK of open
 * invitations and the resume secrets of pairs, in memory; what is spent comes back under its
 * resume secret or not at all. It sends nothing.
 *
 * `clients/SCEAU.md` §11, *M1 and M2 of a pair* and *Once*.
 */
import type { Bytes } from "./bytes.ts";
import type { Entry, Expect, SeatRole } from "./gathering-letters.ts";
import { type Invite, inviteOf, inviteOfToken } from "./invites.ts";
import { encode } from "./letters.ts";
import { readM1, type ReadM1 } from "./m1.ts";
import { thumb } from "./primitives.ts";
import { Refused } from "./refused.ts";
import { nameOf } from "./sealed-frames.ts";
import {
  Answers,
  type Confirmation,
  DoctorHandshake,
  type MemberPapers,
  type Offer,
  type Papers,
} from "./sealed-doctor.ts";
import type { Tools } from "./tools.ts";

/** How long an invitation may be used for the first time. */
export const EXPECTED_S = 300;
/** A session has four members: three others. */
export const EXPECTATIONS_MAX = 3;
/** Had in one session; more are no consultation. */
export const IDS_MAX = 64;
// Each handshake whose M4 was lost leaves one secret that the far end may still sign under; more
// in a row than this is not a network.
const SECRETS_MAX = 5;

/** Who may come by an invitation; what is null is not known before he comes. */
export interface Expected extends Invite {
  readonly role: SeatRole;
  readonly member: string | null;
  readonly key: string | null;
  /** Thumbprint of the key that signs M1. */
  readonly holder: string | null;
}

/** What opens with an M3: who enters the roster, which may refuse, and only then M4 for him. */
export interface Entered extends Confirmation {
  readonly entry: Entry;
}

/** Where an end sits, and the thumbprint of the key by which it asked. */
interface Far {
  readonly member: string;
  readonly holder: string;
}

interface Spent extends Far {
  /** Of the newest M3, then of those before it whose M4 may have been lost. */
  readonly secrets: readonly Bytes[];
}

interface Held {
  readonly expected: Expected;
  readonly toldAt: number;
  /** Another count after each M3: handshakes of the one before are void. */
  answers: Answers;
  spent: Spent | null;
}

interface Run {
  readonly held: Held;
  readonly answers: Answers;
  readonly far: Far;
  readonly handshake: DoctorHandshake;
}

/** The expectation of who invites a guest: whoever comes first with the secret. */
export async function guestExpected(secret: Bytes): Promise<Expected> {
  const any = { member: null, key: null, holder: null };
  return { ...(await inviteOf(secret)), role: "guest", ...any };
}

/** The expectation of who hands over: the colleague of this card. All three come out of it. */
export async function colleagueExpected(card: {
  readonly secret: Bytes;
  readonly deviceKey: Bytes;
  readonly dayKey: Bytes;
}): Promise<Expected> {
  return {
    ...(await inviteOf(card.secret)),
    role: "doctor",
    member: null,
    key: encode(await thumb(card.deviceKey)),
    holder: encode(await thumb(card.dayKey)),
  };
}

/** The expectation of who was told of a newcomer; `checkIntroduction` comes first. */
export function introducedExpected(letter: Expect): Expected {
  const { invite, psk, member, role, key, holder } = letter;
  return { invite, psk, role, member, key, holder: role === "doctor" ? holder : key };
}

/** Whoever may ask this end, in one session. */
export class Expectations {
  readonly #tools: Tools;
  /** By id. */
  readonly #held = new Map<string, Held>();
  readonly #had = new Set<string>();
  /** By name of their M1. */
  readonly #runs = new Map<string, Run>();

  constructor(tools: Tools) {
    this.#tools = tools;
  }

  /**
   * Expect somebody from now on, in seconds; whoever is introduced again, by this alone.
   *
   * Throws `Refused`: `twice`, `form`.
   */
  open(expected: Expected, now: number): void {
    this.#expire(now);
    const { invite, member } = expected;
    if (this.#had.has(invite)) {
      throw new Refused("twice");
    }
    if (member !== null) {
      this.forget(member);
    }
    if (this.#held.size >= EXPECTATIONS_MAX || this.#had.size >= IDS_MAX) {
      throw new Refused("form");
    }
    this.#had.add(invite);
    this.#held.set(invite, { expected, toldAt: now, answers: new Answers(), spent: null });
  }

  /** Whether somebody was expected by this id before: it lets nobody in again. */
  hasHad(invite: string): boolean {
    return this.#had.has(invite);
  }

  /** Nobody is waited for any more by this id. */
  close(invite: string): void {
    const held = this.#held.get(invite);
    if (held?.spent === null) {
      this.#drop(held);
    }
  }

  /** Who is expected with this M1, before anything is made for him. Throws as `answer` does. */
  async expected(m1: Bytes, member: string, now: number): Promise<Expected> {
    const asked = await readM1(m1.slice());
    const far = { member, holder: encode(await thumb(asked.holder)) };
    return this.#asked(asked.token, far, now).expected;
  }

  /**
   * Check an M1 that came from this seat and make M2.
   *
   * Throws `Refused`: `form`, `signature`, `token`, `resume`, `twice`.
   */
  async answer(
    m1: Bytes,
    member: string,
    papers: Papers | MemberPapers,
    offer: Offer,
    now: number,
  ): Promise<Bytes> {
    const asked = await readM1(m1.slice());
    const far = { member, holder: encode(await thumb(asked.holder)) };
    const held = this.#asked(asked.token, far, now);
    const { answers, spent } = held;
    const handshake = new DoctorHandshake(
      this.#tools,
      papers,
      () => Promise.resolve(held.expected.psk),
      answers,
      spent === null ? null : await signedUnder(asked, spent.secrets),
    );
    const m2 = await handshake.answer(asked.bytes, offer);
    this.#runs.set(await nameOf(asked.bytes), { held, answers, far, handshake });
    return m2;
  }

  /**
   * Check an M3 that came from this seat, of the handshake of this name (§6): the expectation is
   * spent, and every other handshake under it void. Null where none such is under way any more.
   *
   * Throws `Refused`: `sealed`, `form`, `commitment`, `confirmation`, `description`; `twice`
   * where another M3 came first; `token` where the expectation was forgotten meanwhile.
   */
  async confirm(name: string, member: string, m3: Bytes, now: number): Promise<Entered | null> {
    this.#expire(now);
    const run = this.#runs.get(name);
    if (run?.far.member !== member) {
      return null;
    }
    this.#runs.delete(name);
    const confirmation = await run.handshake.confirm(m3);
    // Only now: another M3 may have been read meanwhile.
    this.#checkIsInForce(run);
    const { held, far } = run;
    const { invite, role, key } = held.expected;
    this.#forget(member, invite);
    this.#endRuns(held, ({ answers }) => answers !== run.answers);
    const secrets = [confirmation.channel.resume, ...(held.spent?.secrets ?? [])];
    held.spent = { ...far, secrets: secrets.slice(0, SECRETS_MAX) };
    held.answers = new Answers();
    return { ...confirmation, entry: { member, role, key: key ?? far.holder } };
  }

  /** The first record of the newest handshake with this seat came: its M4 has arrived. */
  arrived(member: string): void {
    for (const held of this.#held.values()) {
      if (held.spent?.member === member) {
        held.spent = { ...held.spent, secrets: held.spent.secrets.slice(0, 1) };
      }
    }
  }

  /** A member left or was shown out. Whoever comes back must be introduced again. */
  forget(member: string): void {
    this.#forget(member, null);
  }

  /** The session is over. */
  forgetAll(): void {
    this.#held.clear();
    this.#had.clear();
    this.#runs.clear();
  }

  /** The expectation that lets this far end ask. Throws `Refused`: `token`. */
  #asked(token: string, far: Far, now: number): Held {
    this.#expire(now);
    const held = this.#held.get(inviteOfToken(token));
    const { member, holder } = held?.spent ?? held?.expected ?? {};
    if (
      held === undefined ||
      (holder ?? far.holder) !== far.holder ||
      (member ?? far.member) !== far.member
    ) {
      throw new Refused("token");
    }
    return held;
  }

  /** Introduced again, a member has this expectation alone: the pair as it was is no more. */
  #forget(member: string, but: string | null): void {
    for (const held of this.#held.values()) {
      const { expected, spent } = held;
      if ((spent ?? expected).member === member && expected.invite !== but) {
        this.#drop(held);
      }
    }
  }

  #expire(now: number): void {
    for (const held of this.#held.values()) {
      if (held.spent === null && now - held.toldAt > EXPECTED_S) {
        this.#drop(held);
      }
    }
  }

  #checkIsInForce({ held, answers }: Run): void {
    if (this.#held.get(held.expected.invite) !== held) {
      throw new Refused("token");
    }
    if (held.answers !== answers) {
      throw new Refused("twice");
    }
  }

  #drop(held: Held): void {
    this.#held.delete(held.expected.invite);
    this.#endRuns(held);
  }

  #endRuns(held: Held, which: (run: Run) => boolean = () => true): void {
    for (const [name, run] of this.#runs) {
      if (run.held === held && which(run)) {
        this.#runs.delete(name);
      }
    }
  }
}

/** The secret that an M1 carries the MAC of; the newest, which will refuse it, where it has none. */
async function signedUnder(m1: ReadM1, secrets: readonly Bytes[]): Promise<Bytes | null> {
  for (const secret of secrets) {
    if (await m1.resumes(secret)) {
      return secret;
    }
  }
  return secrets[0] ?? null;
}
