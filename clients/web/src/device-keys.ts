/**
 * The keys of a doctor's own device: made here, and taken out by nobody where the browser has the
 * curves.
 *
 * Pure but for WebCrypto; it keeps nothing itself. Days have two sets of keys while a renewal is
 * under way: those that the union vouched for serve until the bundle for the fresh ones is there.
 *
 * `clients/union/README.md`, *Enrolment request and bundle*.
 */
import { type Bundle, openSlot } from "./bundle.ts";
import { type Bytes, same } from "./bytes.ts";
import { checked, type Credentials } from "./credentials.ts";
import { generate, type KeyPair } from "./curves.ts";
import type { Union } from "./identity.ts";
import { DAY_BEGINS_S, DAY_S, type Keyring, linkKeyOf, masterOf } from "./keyring.ts";
import { PUBLIC_KEY_BYTES, roll, type Signer } from "./primitives.ts";
import { type Holder, thumbprintOf } from "./proof.ts";
import type { Passkey } from "./passkey.ts";
import { Refused } from "./refused.ts";
import { writeRequest } from "./request.ts";

/** The keys of some days in a row, counted from 1970. */
export interface DayKeys {
  readonly firstDay: number;
  readonly keys: readonly Signer[];
}

/** All that a device keeps. */
export interface Kept {
  readonly device: Signer;
  /** X25519. */
  readonly encryption: KeyPair;
  readonly linkMaster: CryptoKey;
  readonly passkey: Passkey | null;
  /** Days that the union vouched for, and its bundle, sealed as it came. */
  readonly current: (DayKeys & { readonly slot: Bytes }) | null;
  /** Days that it was asked to vouch for, and how. */
  readonly next: (DayKeys & { readonly request: string }) | null;
}

/** A month, and a day for the office to answer; still a QR code that a telephone reads. */
export const DAYS = 31;
/** From here on a bundle that ends asks for the next. */
export const RENEW_BEFORE_S = 7 * DAY_S;

/**
 * Make the keys of a device and ask for its first month; null where the browser cannot.
 *
 * Where the browser has the curves, a private half never is in the page's own hands, but for the
 * link master while it is made.
 */
export async function makeDevice(now: number, passkey: Passkey | null): Promise<Kept | null> {
  try {
    const [device, encryption, linkMaster] = await Promise.all([
      generate("Ed25519"),
      generate("X25519"),
      masterOf(roll(PUBLIC_KEY_BYTES)),
    ]);
    const keys = { device, encryption, linkMaster, passkey };
    return await asking({ ...keys, current: null, next: null }, now);
  } catch (error) {
    if (error instanceof DOMException && error.name === "NotSupportedError") {
      return null;
    }
    throw error;
  }
}

/** Ask for the month that begins today, by fresh keys of its days. */
export async function asking(kept: Kept, now: number): Promise<Kept> {
  // The day that is on: it began at four.
  const firstDay = Math.floor((now - DAY_BEGINS_S) / DAY_S);
  const keys = await Promise.all(Array.from({ length: DAYS }, () => generate("Ed25519")));
  const request = await writeRequest({
    device: await holder(kept.device),
    encryptionKey: kept.encryption.publicKey,
    link: await linkHolder(kept.linkMaster),
    firstDay,
    dayKeys: keys.map(({ publicKey }) => publicKey),
    passkey: kept.passkey,
  });
  return { ...kept, next: { firstDay, keys, request } };
}

/** Whether what was asked for ends so soon that it is better asked anew. */
export function isStale({ firstDay, keys }: DayKeys, now: number): boolean {
  return (firstDay + keys.length) * DAY_S - now < RENEW_BEFORE_S;
}

/** The keyring of a device with these days. */
export async function keyringOfDevice(kept: Kept, days: DayKeys): Promise<Keyring> {
  return {
    device: await holder(kept.device),
    encryption: kept.encryption,
    linkMaster: kept.linkMaster,
    day: async (day) => {
      const key = days.keys[day - days.firstDay];
      return key === undefined ? null : holder(key);
    },
  };
}

/** What a slot brought. */
export type Adopted =
  | { readonly came: "news" | "nothing-new"; readonly kept: Kept }
  /** The union answered a request that this device replaced by a later one. */
  | { readonly came: "earlier" };

/**
 * Take a slot that the union wrote: for the days that were asked for, or for those that serve.
 * Throws `Refused` where it does not hold: `sealed`, `form`, `identity`.
 */
export async function adopted(kept: Kept, slot: Bytes, unions: readonly Union[]): Promise<Adopted> {
  const { current, next } = kept;
  const bundle = await openSlot(slot, kept.encryption);
  if (next !== null && (await isFor(kept, next, bundle, unions))) {
    const { firstDay, keys } = next;
    return { came: "news", kept: { ...kept, current: { firstDay, keys, slot }, next: null } };
  }
  if (current !== null && (await isFor(kept, current, bundle, unions))) {
    const came = same(slot, current.slot) ? "nothing-new" : "news";
    return { came, kept: { ...kept, current: { ...current, slot } } };
  }
  return { came: "earlier" };
}

/** The credentials that serve, checked; null where the union gave none yet. */
export async function credentialsOf(
  kept: Kept,
  unions: readonly Union[],
): Promise<{ keyring: Keyring; credentials: Credentials } | null> {
  if (kept.current === null) {
    return null;
  }
  const keyring = await keyringOfDevice(kept, kept.current);
  const bundle = await openSlot(kept.current.slot, kept.encryption);
  return { keyring, credentials: await checked(bundle, keyring, unions) };
}

/** The name of a device, as its union's register has it. */
export function nameOf(kept: Kept): Promise<string> {
  return thumbprintOf(kept.device.publicKey);
}

/** Whether each credential is for the key that this device made for its day. */
async function isFor(
  kept: Kept,
  days: DayKeys,
  bundle: Bundle,
  unions: readonly Union[],
): Promise<boolean> {
  const keyring = await keyringOfDevice(kept, days);
  const { access } = await checked(bundle, keyring, unions);
  const keys = await Promise.all(access.map(({ day }) => keyring.day(day)));
  return access.length > 0 && access.every(({ key }, at) => keys[at]?.thumbprint === key);
}

async function holder({ key, publicKey }: Signer): Promise<Holder> {
  return { key, publicKey, thumbprint: await thumbprintOf(publicKey) };
}

async function linkHolder(linkMaster: CryptoKey): Promise<Holder> {
  const link = await linkKeyOf(linkMaster);
  if (link === null) {
    throw new Refused("identity");
  }
  return link;
}
