/** One seed makes the same keys here as in the union's tool, and the page reads none of them. */
import { keyringOfSeed, linkKeyOf } from "../../../clients/web/src/keyring.ts";
import { encode } from "../../../clients/web/src/letters.ts";
import { bytes, keyringOf, vectors } from "./union-vectors.ts";

test.each(vectors.keyrings)("a seed makes the keys of $device", async (row) => {
  const keyring = await keyringOf(row);
  const days = await Promise.all(
    Object.keys(row.days).map((day) => keyring.day(Number(day))),
  );

  expect(encode(keyring.device.publicKey)).toBe(row.device);
  expect(encode(keyring.encryption.publicKey)).toBe(row.encryption);
  expect(
    encode((await linkKeyOf(keyring.linkMaster))?.publicKey ?? bytes("")),
  ).toBe(row.link);
  expect(days.map((key) => encode(key?.publicKey ?? bytes("")))).toEqual(
    Object.values(row.days),
  );
});

test("no private half can be taken out of the page", async () => {
  const { device, encryption, linkMaster, day } = await keyringOf();
  const keys = [device.key, encryption.key, linkMaster, (await day(1))?.key];

  expect(keys.map((key) => (key as CryptoKey).extractable)).toEqual(
    Array(4).fill(false),
  );
});

test("another seed makes other keys", async () => {
  const [one, other] = await Promise.all(
    [1, 2].map((of) => keyringOfSeed(new Uint8Array(32).fill(of))),
  );

  expect(one?.device.thumbprint).not.toBe(other?.device.thumbprint);
});
