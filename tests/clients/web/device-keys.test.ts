/** A device makes keys that nobody takes out, and goes from month to month without a gap. */
import {
  adopted,
  asking,
  credentialsOf,
  DAYS,
  isStale,
  type Kept,
  keyringOfDevice,
  makeDevice,
  RENEW_BEFORE_S,
} from "../../../clients/web/src/device-keys.ts";
import { readRequest, unionOf } from "./union.ts";
import { NOW, refusal } from "./union-vectors.ts";

const DAY_S = 86_400;
const TODAY = Math.floor(NOW / DAY_S);
const { union, answer } = await unionOf(7);
const foreign = await unionOf(8);

async function device(): Promise<Kept> {
  const made = await makeDevice(NOW, null);
  if (made === null) {
    throw new Error("This engine lacks a curve.");
  }
  return made;
}

async function enrolled(kept: Kept): Promise<Kept> {
  const brought = await adopted(kept, await answer(requestOf(kept)), [union]);
  if (brought.came !== "news") {
    throw new Error(brought.came);
  }
  return brought.kept;
}

function requestOf(kept: Kept): string {
  return kept.next?.request ?? "";
}

test("no key of a device can be taken out of the page", async () => {
  const { device: own, encryption, linkMaster, next } = await device();
  const keys = [
    own.key,
    encryption.key,
    linkMaster,
    ...(next?.keys ?? []).map(({ key }) => key),
  ] as CryptoKey[];

  expect(keys).toHaveLength(3 + DAYS);
  expect(keys.some((key) => key.extractable)).toBe(false);
  await expect(
    crypto.subtle.exportKey("pkcs8", own.key as CryptoKey),
  ).rejects.toThrow();
});

test("a request names the month that begins today, and each key once", async () => {
  const { device: own, next } = await device();
  const { device: named, firstDay, dayKeys } = readRequest(next?.request ?? "");

  expect([named, firstDay]).toEqual([own.publicKey, TODAY]);
  expect(new Set(dayKeys.map(String)).size).toBe(DAYS);
});

test("the answer to the request makes a practice of it", async () => {
  const kept = await enrolled(await device());
  const held = await credentialsOf(kept, [union]);

  expect(kept.next).toBeNull();
  expect(held?.credentials.card.name).toBe("Dr Ada Essai");
  expect(held?.credentials.hasLinks).toBe(true);
  expect((await held?.keyring.day(TODAY))?.thumbprint).toBe(
    held?.credentials.access[0]?.key,
  );
});

test("a device that nobody vouched for has no credentials", async () => {
  expect(await credentialsOf(await device(), [union])).toBeNull();
});

test("while a renewal is under way the old days serve, then the fresh ones", async () => {
  const before = await enrolled(await device());
  const renewing = await asking(before, NOW + 25 * DAY_S);
  expect(renewing.current).toEqual(before.current);

  const after = await enrolled(renewing);

  const held = await credentialsOf(after, [union]);
  expect(held?.credentials.endsAt).toBe(
    (TODAY + 25 + DAYS - 1) * DAY_S + 34 * 3600,
  );
  expect([after.device, after.encryption, after.linkMaster]).toEqual([
    before.device,
    before.encryption,
    before.linkMaster,
  ]);
  const days = [
    ...(before.current?.keys ?? []),
    ...(after.current?.keys ?? []),
  ];
  expect(new Set(days.map(({ publicKey }) => String(publicKey))).size).toBe(
    2 * DAYS,
  );
});

test("a bundle of the serving days, written anew, takes the place of the old", async () => {
  const first = await device();
  const kept = await enrolled(first);
  const renewing = await asking(kept, NOW);
  const again = await answer(requestOf(first));

  const brought = await adopted(renewing, again, [union]);

  expect(brought).toMatchObject({
    came: "news",
    kept: { current: { slot: again }, next: renewing.next },
  });
  expect(await adopted(kept, kept.current?.slot ?? again, [union])).toEqual({
    came: "nothing-new",
    kept,
  });
});

test("the answer to a request that was replaced is told from no answer", async () => {
  const first = await device();
  const slot = await answer(requestOf(first));

  expect(await adopted(await asking(first, NOW), slot, [union])).toEqual({
    came: "earlier",
  });
});

test("what a stranger or an unknown union wrote is refused", async () => {
  const [own, other] = [await device(), await device()];
  const of = (slot: Promise<Uint8Array<ArrayBuffer>>) =>
    refusal(slot.then((bytes) => adopted(own, bytes, [union])));

  expect(await of(foreign.answer(requestOf(own)))).toBe("identity");
  expect(await of(answer(requestOf(other)))).toBe("sealed");
});

test("a request is stale when a week of it is left", async () => {
  const { next } = await device();
  const end = (TODAY + DAYS) * DAY_S;
  const at = (now: number) => next !== null && isStale(next, now);

  expect(at(end - RENEW_BEFORE_S)).toBe(false);
  expect(at(end - RENEW_BEFORE_S + 1)).toBe(true);
});

test("a day outside the month has no key", async () => {
  const kept = await device();
  if (kept.next === null) throw new Error("no days");
  const { day } = await keyringOfDevice(kept, kept.next);

  expect(await day(TODAY + DAYS)).toBeNull();
  expect(await day(TODAY - 1)).toBeNull();
  expect(await day(TODAY + DAYS - 1)).not.toBeNull();
});
