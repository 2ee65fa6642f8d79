/** A bundle opens for the keys that asked for it, whole, and for nobody else. */
import { fileOf, openSlot, slotIn } from "../../../clients/web/src/bundle.ts";
import { join } from "../../../clients/web/src/bytes.ts";
import {
  bundleWith,
  bytes,
  flipped,
  keyringOf,
  otherKeyring,
  refusal,
  vectors,
} from "./union-vectors.ts";

const SLOT = bytes(vectors.bundle.slot);
const NOISE = new Uint8Array(SLOT.length).fill(7);

test("one's own slot is found in its file and says what the union wrote", async () => {
  const { encryption } = await keyringOf();

  const slot = await slotIn(join(NOISE, SLOT, NOISE), encryption.publicKey);

  expect(await fileOf(encryption.publicKey)).toBe(vectors.bundle.file);
  expect(slot).toEqual(SLOT);
  expect(await openSlot(SLOT, encryption)).toEqual(bundleWith());
});

test("a file without one's slot has no bundle, and a torn file is told", async () => {
  const { publicKey } = (await otherKeyring()).encryption;

  expect(await slotIn(join(NOISE, SLOT), publicKey)).toBeNull();
  expect(await slotIn(new Uint8Array(), publicKey)).toBeNull();
  expect(await refusal(slotIn(SLOT.slice(1), publicKey))).toBe("form");
});

test("a slot that was changed, or is somebody else's, does not open", async () => {
  const { encryption } = await keyringOf();
  const other = (await otherKeyring()).encryption;

  for (const at of [16, 60, -1]) {
    expect(await refusal(openSlot(flipped(SLOT, at), encryption))).toBe(
      "sealed",
    );
  }
  expect(await refusal(openSlot(SLOT, other))).toBe("sealed");
});
