/**
 * A doctor's own device: makes its keys, asks the union, finds what the union answered.
 *
 * Door: the browser's store and the published files. It tells nobody who asks: whole files are
 * fetched, and the request leaves by the doctor's own hand.
 */
import { type Bundle, fileOf, openSlot, slotIn } from "./bundle.ts";
import type { Bytes } from "./bytes.ts";
import {
  adopted,
  asking,
  credentialsOf,
  isStale,
  type Kept,
  makeDevice,
  nameOf,
  RENEW_BEFORE_S,
} from "./device-keys.ts";
import type { Look, Summary } from "./enrolment.ts";
import type { Union } from "./identity.ts";
import type { KeyPair } from "./curves.ts";
import type { Keyring } from "./keyring.ts";
import { load, persist, update } from "./keyring-store.ts";
import { create, isOffered, NoPasskey, type Passkey } from "./passkey.ts";
import { fetchBundles, fetchUnions } from "./published.ts";
import { Refused } from "./refused.ts";

/** What this device has; null where it has nothing. Rejects where the unions cannot be had. */
export async function summaryOf(kept: Kept | null, now: number): Promise<Summary | null> {
  if (kept === null) {
    return null;
  }
  const unions = kept.current === null ? [] : await fetchUnions();
  const held = await credentialsOf(kept, unions);
  const { next } = kept;
  const endsAt = held?.credentials.endsAt ?? 0;
  return {
    device: await nameOf(kept),
    asked: next === null ? null : { request: next.request, isStale: isStale(next, now) },
    vouched:
      held === null || endsAt <= now
        ? null
        : { card: held.credentials.card, union: held.credentials.union.name, endsAt },
    isOver: held !== null && endsAt <= now,
    isDue: held !== null && endsAt - now < RENEW_BEFORE_S,
  };
}

/**
 * Make this device's keys, if it has none, and its request; null where the browser cannot. Rejects
 * where the browser keeps nothing. `name` is what the device calls the passkey.
 */
export async function enrol(now: number, name: string): Promise<Kept | null> {
  const kept = await load();
  const made = kept ?? (await makeDevice(now, await passkeyHere(name)));
  if (made === null) {
    return null;
  }
  const stands = await update((held) => (held === null ? made : null));
  // On the side: some browsers ask the person, who may take his time.
  void persist();
  return stands;
}

/** A passkey where the device has one to offer, and the doctor wants it. */
async function passkeyHere(name: string): Promise<Passkey | null> {
  try {
    return (await isOffered()) ? await create(name) : null;
  } catch (error) {
    if (error instanceof NoPasskey) {
      return null;
    }
    throw error;
  }
}

/** Ask for another month: device, encryption and link keys stay, those of the days are fresh. */
export async function askAnew(now: number): Promise<Kept | null> {
  const kept = await load();
  if (kept === null) {
    return null;
  }
  const { next } = await asking(kept, now);
  // Another window may have asked meanwhile, and shown that: of two requests the first stands.
  return update((held) =>
    held !== null && held.next?.request === kept.next?.request ? { ...held, next } : null,
  );
}

/**
 * What a device with a practice does by itself when it is opened: it looks for the answer that it
 * waits for, and asks for the next month when that is due. The request lies ready then.
 */
export async function keepUp(endsAt: number, now: number): Promise<void> {
  const next = (await load())?.next ?? null;
  const isDue =
    next === null
      ? endsAt - now < RENEW_BEFORE_S
      : // Only after a look: the answer to an old request would be lost by making a new one.
        (await lookForBundle()) === "not-yet" && isStale(next, now);
  if (isDue) {
    await askAnew(now);
  }
}

/** Look whether the union answered, and keep its answer. Rejects where the network does not let. */
export async function lookForBundle(): Promise<Exclude<Look, "none" | "looking"> | "found"> {
  const kept = await load();
  const unions = await fetchUnions();
  const slot = kept === null ? null : await findSlot(kept.encryption, unions);
  if (kept === null || slot === null) {
    return "not-yet";
  }
  try {
    const brought = await adopted(kept, slot, unions);
    if (brought.came === "earlier") {
      return "earlier";
    }
    if (brought.came === "nothing-new") {
      return "not-yet";
    }
    const { current, next } = brought.kept;
    // Another window may have asked anew meanwhile: that request stands.
    const isAsked = (held: Kept) => held.next?.request === kept.next?.request;
    await update((held) => held && { ...held, current, next: isAsked(held) ? next : held.next });
    return "found";
  } catch (error) {
    if (error instanceof Refused) {
      return "refused";
    }
    throw error;
  }
}

/** Look for a keyring's bundle with every union that the pages trust. */
export async function findBundle(
  { encryption }: Keyring,
  unions: readonly Union[],
): Promise<Bundle | null> {
  const slot = await findSlot(encryption, unions);
  return slot === null ? null : openSlot(slot, encryption);
}

async function findSlot({ publicKey }: KeyPair, unions: readonly Union[]): Promise<Bytes | null> {
  const file = await fileOf(publicKey);
  for (const union of unions) {
    const slot = await slotIn(await fetchBundles(union, file), publicKey);
    if (slot !== null) {
      return slot;
    }
  }
  return null;
}
