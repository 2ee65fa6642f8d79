/**
 * The seal in larger company: a handshake and a channel with each far end beyond the first.
 *
 * Door to the seal: it holds keys, expectations and the roster of one session, in memory. Whom to
 * ask, and whether to let a colleague in, is for `company.ts` to say.
 *
 * `clients/SCEAU.md` §11.
 */
import type { Bytes } from "./bytes.ts";
import type { Colleague } from "./cards.ts";
import {
  colleagueAsks,
  colleagueExpected,
  guestAsks,
  guestExpected,
  introducedAsks,
  introducedExpected,
  Expectations,
  type Expected,
  checkIntroduction,
  introduce,
  inviteOf,
  type Ask,
  type Entry,
  type Expect,
  Roster,
  type RosterLetter,
  type SeatRole,
} from "./gathering.ts";
import type { Addressed } from "./introductions.ts";
import { INVITE_SECRET_BYTES, writeInvitation } from "./invites.ts";
import {
  encode,
  type Heard,
  type Letter,
  type LetterOf,
  type Said,
  type Vouched,
  write,
} from "./letters.ts";
import { thumb } from "./primitives.ts";
import type { RefusalCode } from "./refused.ts";
import type { Binding, Own } from "./seal.ts";
import {
  bindingOf,
  envelopeOf,
  type InForce,
  named,
  nameOf,
  recordOf,
  unnamed,
} from "./sealed-frames.ts";
import type { Offer } from "./sealed-doctor.ts";
import { PatientHandshake, Refused, type SealedLink, writeEnvelope } from "./sealed.ts";

/** What was read of a far end. `nonce` names the handshake. */
export type CompanyHeard =
  | LetterOf<"description">
  | LetterOf<"candidates">
  | LetterOf<"again">
  | LetterOf<"about">
  | Said
  | { t: "knock" }
  /** M1 of somebody expected; `isOwn`: on our own invitation. */
  | { t: "m1"; nonce: string; role: SeatRole; isOwn: boolean }
  | {
      t: "m2";
      nonce: string;
      doctor: Vouched | null;
      digits: string;
      connection: string;
      restarts: boolean;
      offer: string;
    }
  | { t: "m3"; nonce: string; digits: string; restarts: boolean; answer: string }
  | { t: "ready" }
  | { t: "refused"; code: RefusalCode };

/** What an envelope held, what goes back first, and whom the roster is to be said to. */
export interface Opened {
  readonly heard: CompanyHeard | null;
  readonly m4: string | null;
  readonly told: readonly string[];
}

/** With what a far end is asked, as long as it is there. */
interface Link {
  readonly sealed: SealedLink;
  readonly role: SeatRole;
  /** Null where a colleague asks who invited him: known once M2 is read. */
  key: string | null;
  resume: Bytes | null;
}

interface Shaking {
  readonly nonce: string;
  readonly name: string;
  readonly run: PatientHandshake;
  coming: Bytes | null;
}

// M1 that were read and not answered yet; more wait for nothing.
const ASKED_MAX = 9;

const NOTHING: Opened = { heard: null, m4: null, told: [] };

export class CompanySeal {
  readonly roster: Roster;
  readonly #own: Own;
  readonly #expectations: Expectations;
  readonly #links = new Map<string, Link>();
  readonly #shaking = new Map<string, Shaking>();
  readonly #asked = new Map<string, { readonly from: string; readonly m1: Bytes }>();
  readonly #channels = new Map<string, InForce>();
  /** Ids of our own invitations. */
  readonly #invited = new Set<string>();
  /** Thumbprint of a colleague's day key, by which he is introduced, and what his card says. */
  #colleague: { readonly invite: string; readonly holder: string } | null = null;

  constructor(own: Own, seat: string, first: Entry | null) {
    this.#own = own;
    this.roster = new Roster({ member: seat, role: own.role, key: own.key }, first);
    this.#expectations = new Expectations(own.tools);
  }

  // --- whom to expect, and whom to ask ------------------------------------------------------

  /** Expect a guest; the address for him, without its `#`. */
  async inviteGuest(pass: string): Promise<string> {
    const secret = this.#own.tools.roll(INVITE_SECRET_BYTES);
    const expected = await guestExpected(secret);
    this.#expectations.open(expected, this.#own.now());
    this.#invited.add(expected.invite);
    return writeInvitation({ pass, secret, member: this.roster.own.member, key: this.#own.key });
  }

  /** Expect the colleague of this card, as who is handed a patient. */
  async inviteColleague(colleague: Colleague): Promise<void> {
    const expected = await colleagueExpected(colleague);
    this.#expectations.open(expected, this.#own.now());
    this.#invited.add(expected.invite);
    this.#colleague = { invite: expected.invite, holder: expected.holder ?? "" };
  }

  /** The colleague is not waited for any more. */
  uninviteColleague(): void {
    if (this.#colleague !== null) this.#expectations.close(this.#colleague.invite);
  }

  /** A card lets its doctor be called once in a session. */
  async hasHad({ secret }: Colleague): Promise<boolean> {
    return this.#expectations.hasHad((await inviteOf(secret)).invite);
  }

  /** Follow an introduction. Throws `Refused`: `token`, `form`, `roster`, `twice`. */
  expect(letter: Expect, from: string): void {
    checkIntroduction(letter, from, this.roster);
    this.#expectations.open(introducedExpected(letter), this.#own.now());
  }

  /** Have at hand what an introduction says. Throws `Refused`: `token`, `form`, `roster`. */
  introduced(letter: Ask, from: string): void {
    checkIntroduction(letter, from, this.roster);
    const { role, key } = letter;
    this.#links.set(letter.member, {
      sealed: introducedAsks(letter, this.#own.holder),
      role,
      key,
      resume: null,
    });
  }

  /** The letters that bring a newcomer together with one who was there. */
  introduce(newcomer: Entry, before: Entry): readonly Addressed<Ask | Expect>[] {
    const { holder } = this.#colleague ?? {};
    return introduce(
      before,
      newcomer.role === "doctor" && holder !== undefined ? { ...newcomer, holder } : newcomer,
      this.#own.tools.roll,
    );
  }

  /** As a newcomer: have at hand with what the inviter is asked. False where that is nobody. */
  async comesTo(member: string, role: SeatRole): Promise<boolean> {
    const { invitation, holder, colleagues } = this.#own;
    if (invitation !== undefined) {
      if (member !== invitation.member) return false;
      const sealed = await guestAsks(invitation, role, holder);
      this.#links.set(member, { sealed, role, key: invitation.key, resume: null });
      return true;
    }
    const secret = colleagues?.secret() ?? null;
    if (role !== "doctor" || secret === null) return false;
    const sealed = await colleagueAsks(secret, holder);
    this.#links.set(member, { sealed, role, key: null, resume: null });
    return true;
  }

  // --- what is said -------------------------------------------------------------------------

  /** A fresh M1, as an envelope; null where nothing is at hand to ask with. */
  async m1(member: string, nonce: string): Promise<string | null> {
    const link = this.#links.get(member);
    if (link === undefined) return null;
    const run = await PatientHandshake.start(this.#own.tools, link.sealed, link.resume);
    this.#shaking.set(member, { nonce, name: await nameOf(run.m1), run, coming: null });
    return encode(writeEnvelope("m1", run.m1));
  }

  /** M2; null where its M1 is no more. Throws `Refused`, and trouble of the network. */
  async m2(nonce: string, offer: Offer): Promise<string | null> {
    const asked = this.#asked.get(nonce);
    if (asked === undefined) return null;
    this.#asked.delete(nonce);
    const papers = await this.#own.papers();
    const { from, m1 } = asked;
    const m2 = await this.#expectations.answer(m1, from, papers, offer, this.#own.now());
    return encode(writeEnvelope("m2", named(nonce, m2)));
  }

  /** M3; null where its handshake is no more. */
  async m3(
    member: string,
    nonce: string,
    restarts: boolean,
    answer: string,
  ): Promise<string | null> {
    const shaking = this.#shaking.get(member);
    const link = this.#links.get(member);
    if (shaking?.nonce !== nonce || link === undefined) return null;
    const { m3, resume } = await shaking.run.accept(restarts, answer);
    // Should this M3 get lost, the far end has only the secret before it.
    if (link.resume === null) link.resume = resume;
    else shaking.coming = resume;
    return encode(writeEnvelope("m3", named(shaking.name, m3)));
  }

  knock(): string {
    return encode(writeEnvelope("knock"));
  }

  /** A record; null where no keys are in force, or fresh ones are under way. */
  async record(member: string, letter: Letter | Said): Promise<string | null> {
    const channel = this.#channels.get(member);
    if (channel === undefined || this.#shaking.has(member)) return null;
    const record = await channel.keys.seal(write(letter));
    return encode(writeEnvelope("record", named(channel.name, record)));
  }

  binding(member: string): Binding | null {
    const channel = this.#channels.get(member);
    return channel === undefined ? null : bindingOf(channel.keys);
  }

  // --- what is heard ------------------------------------------------------------------------

  /** Open an envelope of this seat's. One without form is passed over. */
  async open(from: string, body: string): Promise<Opened> {
    const envelope = envelopeOf(body);
    if (envelope === null) return NOTHING;
    const [kind, bytes] = envelope;
    try {
      switch (kind) {
        case "m1":
          return { ...NOTHING, heard: await this.#m1(from, bytes) };
        case "m2":
          return { ...NOTHING, heard: await this.#m2(from, ...unnamed(bytes)) };
        case "m3":
          return await this.#m3(from, ...unnamed(bytes));
        case "m4":
          return await this.#m4(from, ...unnamed(bytes));
        case "knock":
          return { ...NOTHING, heard: { t: "knock" } };
        case "record":
          return { ...NOTHING, heard: await this.#record(from, bytes) };
      }
    } catch (error) {
      if (error instanceof Refused) {
        return { ...NOTHING, heard: { t: "refused", code: error.code } };
      }
      throw error;
    }
  }

  /** Hear whom a far end knows. Throws `Refused`: `roster`. */
  hear(letter: RosterLetter, from: string): void {
    this.roster.hear(letter, from, this.#own.now());
  }

  /** The two who began have shaken hands anew: each says again whom it knows. */
  enterFirst(first: Entry): readonly string[] {
    return this.roster.enter(first, this.#own.now());
  }

  /** Somebody is gone, and with him all that is kept of him. To whom the roster is to be said. */
  leave(member: string): readonly string[] {
    this.#channels.get(member)?.keys.close();
    this.#channels.delete(member);
    this.#links.delete(member);
    this.#shaking.delete(member);
    this.#expectations.forget(member);
    return this.roster.leave(member, this.#own.now());
  }

  overdue(): readonly string[] {
    return this.roster.overdue(this.#own.now());
  }

  forget(): void {
    for (const { keys } of this.#channels.values()) keys.close();
    this.#channels.clear();
    this.#links.clear();
    this.#shaking.clear();
    this.#asked.clear();
    this.#expectations.forgetAll();
  }

  /** Whoever is not expected is passed over, and learns nothing of why. */
  async #m1(from: string, m1: Bytes): Promise<CompanyHeard | null> {
    let expected: Expected;
    try {
      expected = await this.#expectations.expected(m1, from, this.#own.now());
    } catch (error) {
      if (error instanceof Refused) return null;
      throw error;
    }
    const nonce = await nameOf(m1);
    this.#asked.set(nonce, { from, m1 });
    for (const oldest of this.#asked.keys()) {
      if (this.#asked.size > ASKED_MAX) this.#asked.delete(oldest);
    }
    const { invite, role } = expected;
    return { t: "m1", nonce, role, isOwn: this.#invited.has(invite) };
  }

  async #m2(from: string, name: string, m2: Bytes): Promise<CompanyHeard | null> {
    const shaking = this.#shaking.get(from);
    const link = this.#links.get(from);
    if (shaking?.name !== name || link === undefined) return null;
    const { nonce, run } = shaking;
    if (link.role === "doctor") {
      const read = await run.read(m2, this.#own.unions, this.#own.now());
      const { digits, connection, restarts, offer } = read;
      const { card, union, deviceKey } = read.doctor;
      link.key = encode(await thumb(deviceKey));
      const doctor = { card, union: union.name };
      return { t: "m2", nonce, doctor, digits, connection, restarts, offer };
    }
    const { digits, connection, restarts, offer } = await run.readMember(m2);
    return { t: "m2", nonce, doctor: null, digits, connection, restarts, offer };
  }

  async #m3(from: string, name: string, m3: Bytes): Promise<Opened> {
    const entered = await this.#expectations.confirm(name, from, m3, this.#own.now());
    if (entered === null) return NOTHING;
    const { entry, channel, digits, restarts, answer } = entered;
    const told = this.roster.enter(entry, this.#own.now());
    this.#inForce(from, { name, keys: channel });
    return {
      heard: { t: "m3", nonce: name, digits, restarts, answer },
      m4: encode(writeEnvelope("m4", named(name, entered.m4))),
      told,
    };
  }

  async #m4(from: string, name: string, m4: Bytes): Promise<Opened> {
    const shaking = this.#shaking.get(from);
    const link = this.#links.get(from);
    if (shaking?.name !== name || link === undefined) return NOTHING;
    const keys = await shaking.run.confirm(m4);
    const { role, key } = link;
    this.#shaking.delete(from);
    const told = this.roster.enter({ member: from, role, key: key ?? "" }, this.#own.now());
    this.#inForce(from, { name, keys });
    if (shaking.coming !== null) link.resume = shaking.coming;
    return { heard: { t: "ready" }, m4: null, told };
  }

  async #record(from: string, bytes: Bytes): Promise<CompanyHeard | null> {
    const channel = this.#channels.get(from) ?? null;
    const letter = await recordOf(channel, bytes, () => this.#channels.delete(from));
    if (letter !== null) this.#expectations.arrived(from);
    return letter === null || isOfRecords(letter) ? letter : null;
  }

  #inForce(member: string, channel: InForce): void {
    this.#channels.get(member)?.keys.close();
    this.#channels.set(member, channel);
  }
}

/** What a record may hold, and nothing that an envelope of another kind does. */
function isOfRecords(
  heard: Heard,
): heard is
  LetterOf<"description"> | LetterOf<"candidates"> | LetterOf<"again"> | LetterOf<"about"> | Said {
  return ["description", "candidates", "again", "about", "said"].includes(heard.t);
}
