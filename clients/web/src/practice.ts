/**
 * A doctor's practice: what the keys and the bundle of this page let a doctor do.
 *
 * Door: fetches what unions publish, and throws the dice for links. It keeps keys and
 * credentials in memory, and tells nobody more than each is meant for: the server one day's
 * credential, the patient the identity.
 *
 * `clients/README.md`, *Keyring* and *Published files*; `clients/union/README.md`.
 */
import type { Bytes } from "./bytes.ts";
import type { CardOf, QueueKeys } from "./cards.ts";
import { checkCapability, NONCE_BYTES, personalLink, type Window } from "./capability.ts";
import { accessAt, checked, type Credentials, type Role } from "./credentials.ts";
import { findBundle, keepUp, lookForBundle } from "./device.ts";
import { credentialsOf, type Kept } from "./device-keys.ts";
import { type Union, verifyIdentity } from "./identity.ts";
import { type Keyring, keyringOfSeed, linkKeyOf } from "./keyring.ts";
import { load, NothingKept } from "./keyring-store.ts";
import type { Card } from "./letters.ts";
import { assert, NoPasskey, type Passkey } from "./passkey.ts";
import { roll } from "./primitives.ts";
import type { Holder } from "./proof.ts";
import { fetchList, fetchUnions, idOf } from "./published.ts";
import { Refused } from "./refused.ts";
import type { CheckToken, Papers } from "./sealed.ts";
import { type Assertion, dayOf } from "./sealed-passkey.ts";

export interface Practice {
  /** What the union lets this device do: staff has an entry, to the status page, and no patients. */
  readonly role: Role;
  readonly card: Card;
  readonly union: Union;
  /** Seconds since 1970 at which the last credential ends. */
  readonly endsAt: number;
  /**
   * The day's access credential and its key, for `join`; null where none is valid now. In the
   * hours when two are, `key` is the thumbprint of the one whose seat is to be found again.
   */
  entry(now: number, key?: string | null): Promise<{ token: string; holder: Holder } | null>;
  /** The union asks for the gesture of this device's passkey. */
  readonly hasPasskey: boolean;
  /**
   * Ask for the gesture of the day, where there is one to be asked for and it was not made yet.
   * Best from a click: some browsers ask at no other time. Throws `NoPasskey`.
   *
   * `own` is the device's own clock: no server chooses the day for which a gesture is made.
   */
  unlock(own: number): Promise<void>;
  /** Papers cannot be had without asking for the gesture, by the device's own clock. */
  needsGesture(own: number): boolean;
  /**
   * Identity, device key, the gesture of the day, and a list younger than an hour; where no fresh
   * one can be had, the one before, to its own end. Without a gesture it asks for it, and throws
   * `NoPasskey` where there is none.
   *
   * Throws `Refused`, `revoked` or `identity`, where the list of the union does not let this
   * doctor be shown any more; any other error means that the list cannot be had: the network.
   * The list is judged at `now`; `own` as in `unlock`.
   */
  papers(now: number, own?: number): Promise<Papers>;
  /**
   * Checks what patients show, at `now`: the PSK of one's own link, null for a pool of a trusted
   * union. `Refused`: `token`.
   */
  checkToken(now: number): CheckToken;
  /** Keys of one's own queues on a day; none where there are none. */
  queueKeys(day: number): QueueKeys;
  /**
   * Whom the board shows to colleagues at `now`, of those of one's own queues that are named, by
   * the day's key of this thumbprint; null where no credential holds.
   */
  cardOf(now: number, queues: readonly string[], key: string | null): Promise<CardOf | null>;
  /**
   * Make the address of a personal link; null where the union signed no handle. Throws
   * `RangeError` for a window that no link may have.
   */
  link(window: Window): Promise<string | null>;
}

/** A list is shown to patients for so long before it is fetched again. */
export const LIST_KEPT_S = 3600;
// Who could not fetch one shows the old one so long: a call should not wait for a server in vain.
const LIST_AGAIN_S = 60;

/**
 * The practice of a keyring in an address. Throws `Refused` where a bundle is there and does not
 * hold: `sealed`, `form` (also where the seed is none), `identity`. Any other error is trouble of the network.
 */
export async function practiceOfSeed(seed: Bytes, now: number): Promise<Practice | "no-bundle"> {
  const keyring = await keyringOfSeed(seed);
  if (keyring === null) {
    throw new Refused("form");
  }
  const unions = await fetchUnions();
  const bundle = await findBundle(keyring, unions);
  const practice =
    bundle === null
      ? null
      : await practiceOf(keyring, await checked(bundle, keyring, unions), unions, null);
  return practice === null || practice.endsAt <= now ? "no-bundle" : practice;
}

/**
 * The practice of this device, from the keys that it keeps and the bundle beside them. Throws as
 * `practiceOfSeed` does.
 *
 * What a union publishes later is fetched by who enrols and renews (`enrolment-desk.ts`), and here
 * only where a renewal is under way. One that is due begins here.
 */
export async function practiceOfDevice(
  now: number,
): Promise<Practice | "not-enrolled" | "no-bundle" | "ended"> {
  // A browser that keeps nothing has no keys of this device either.
  const kept = await load().catch(none);
  if (kept === null) {
    return "not-enrolled";
  }
  const unions = await fetchUnions();
  const practice = await practiceOfKept(kept, unions);
  if (practice !== null && practice.endsAt > now) {
    // On the side: what it finds serves from the next opening on.
    void keepUp(practice.endsAt, now).catch(() => undefined);
    return practice;
  }
  const renewed = (await lookForBundle()) === "found" ? await load() : null;
  const fresh = renewed === null ? null : await practiceOfKept(renewed, unions);
  if (fresh !== null && fresh.endsAt > now) {
    return fresh;
  }
  return practice === null ? "no-bundle" : "ended";
}

function none(error: unknown): null {
  if (error instanceof NothingKept) {
    return null;
  }
  throw error;
}

async function practiceOfKept(kept: Kept, unions: readonly Union[]): Promise<Practice | null> {
  const held = await credentialsOf(kept, unions);
  return held === null ? null : practiceOf(held.keyring, held.credentials, unions, kept.passkey);
}

async function practiceOf(
  keyring: Keyring,
  credentials: Credentials,
  unions: readonly Union[],
  passkey: Passkey | null,
): Promise<Practice> {
  const linkKey = await linkKeyOf(keyring.linkMaster);
  if (linkKey === null) {
    throw new Refused("identity");
  }
  return new OwnPractice(keyring, linkKey, credentials, unions, passkey);
}

class OwnPractice implements Practice {
  readonly #keyring: Keyring;
  readonly #linkKey: Holder;
  readonly #credentials: Credentials;
  readonly #unions: readonly Union[];
  readonly #passkey: Passkey | null;
  #gesture: { readonly assertion: Assertion; readonly day: number } | null = null;
  #asking: Promise<void> | null = null;
  #list: { readonly text: string; readonly at: number; readonly kept_s: number } | null = null;

  constructor(
    keyring: Keyring,
    linkKey: Holder,
    credentials: Credentials,
    unions: readonly Union[],
    passkey: Passkey | null,
  ) {
    this.#keyring = keyring;
    this.#linkKey = linkKey;
    this.#credentials = credentials;
    this.#unions = unions;
    this.#passkey = passkey;
  }

  get role(): Role {
    return this.#credentials.role;
  }

  get card(): Card {
    return this.#credentials.card;
  }

  get union(): Union {
    return this.#credentials.union;
  }

  get endsAt(): number {
    return this.#credentials.endsAt;
  }

  async entry(
    now: number,
    key: string | null = null,
  ): Promise<{ token: string; holder: Holder } | null> {
    const access = accessAt(this.#credentials.access, now, key);
    const holder = access === null ? null : await this.#keyring.day(access.day);
    // A credential of somebody else's key would be refused by every server.
    return access === null || holder?.thumbprint !== access.key
      ? null
      : { token: access.token, holder };
  }

  get hasPasskey(): boolean {
    return this.#credentials.hasPasskey;
  }

  unlock(own: number): Promise<void> {
    // Whoever comes while the person is being asked waits for the same gesture.
    this.#asking ??= this.#unlock(own).finally(() => {
      this.#asking = null;
    });
    return this.#asking;
  }

  needsGesture(own: number): boolean {
    // Patients take the gesture of the day before too: a night is one duty.
    const isMade = this.#gesture !== null && dayOf(own) - this.#gesture.day <= 1;
    return this.hasPasskey && !isMade;
  }

  async #unlock(own: number): Promise<void> {
    const day = dayOf(own);
    if (!this.needsGesture(own)) {
      return;
    }
    if (this.#passkey === null) {
      throw new NoPasskey("gone");
    }
    const assertion = await assert(this.#passkey, this.#keyring.device.publicKey, own);
    this.#gesture = { assertion, day };
  }

  async papers(now: number, own = now): Promise<Papers> {
    const { identity } = this.#credentials;
    await this.unlock(own);
    const list = await this.#listAt(now);
    const deviceKey = this.#keyring.device;
    const passkey = this.#gesture?.assertion ?? null;
    return { deviceKey, identity, list, passkey };
  }

  async #listAt(now: number): Promise<string> {
    const held = this.#list;
    const isYoung = held !== null && Math.abs(now - held.at) < held.kept_s;
    if (isYoung && (await this.#holds(held.text, now))) {
      return held.text;
    }
    const fetched = await this.#fetchedOr(held?.text ?? null, now);
    // What patients would refuse, the doctor hears first; and what they refused once is not held.
    this.#list = null;
    await this.#check(fetched.text, now);
    this.#list = { ...fetched, at: now };
    return fetched.text;
  }

  /** A list from the server; where it gives none the one that we hold, if that holds still. */
  async #fetchedOr(held: string | null, now: number): Promise<{ text: string; kept_s: number }> {
    try {
      return { text: await fetchList(this.union), kept_s: LIST_KEPT_S };
    } catch (error) {
      if (held === null || !(await this.#holds(held, now))) {
        throw error;
      }
      return { text: held, kept_s: LIST_AGAIN_S };
    }
  }

  #holds(list: string, now: number): Promise<boolean> {
    return this.#check(list, now).then(
      () => true,
      () => false,
    );
  }

  async #check(list: string, now: number): Promise<void> {
    const { identity, union } = this.#credentials;
    await verifyIdentity(identity, list, [union], now);
  }

  checkToken(now: number): CheckToken {
    const { linkMaster } = this.#keyring;
    return (token, holderThumb) =>
      checkCapability(token, holderThumb, this.#linkKey, linkMaster, this.#unions, now);
  }

  queueKeys(day: number): QueueKeys {
    return this.#credentials.queueKeys.get(day) ?? new Map<string, Bytes>();
  }

  async cardOf(now: number, queues: readonly string[], key: string | null): Promise<CardOf | null> {
    const access = accessAt(this.#credentials.access, now, key);
    const holder = access === null ? null : await this.#keyring.day(access.day);
    if (access === null || holder === null) return null;
    const own = [...this.queueKeys(access.day)].filter(([queue]) => queues.includes(queue));
    return { day: access.day, dayKey: holder.publicKey, queueKeys: new Map(own) };
  }

  async link(window: Window): Promise<string | null> {
    if (!this.#credentials.hasLinks) {
      return null;
    }
    const root = await idOf(this.union);
    return personalLink(this.#keyring.linkMaster, roll(NONCE_BYTES), window, location.origin, root);
  }
}
