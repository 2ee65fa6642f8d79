/** The request of a page is byte for byte the one that the union's tool would write. */
import { linkKeyOf } from "../../../clients/web/src/keyring.ts";
import type { Holder } from "../../../clients/web/src/proof.ts";
import { DAYS_MAX, writeRequest } from "../../../clients/web/src/request.ts";
import type { PasskeyKey } from "../../../clients/web/src/sealed-passkey.ts";
import { bytes, keyringOf, vectors } from "./union-vectors.ts";

async function written(
  firstDay: number,
  days: number,
  passkey: PasskeyKey | null,
) {
  const { device, encryption, linkMaster, day } = await keyringOf();
  const dayKeys = await Promise.all(
    Array.from({ length: days }, async (_, at) => {
      return ((await day(firstDay + at)) as Holder).publicKey;
    }),
  );
  return writeRequest({
    device,
    encryptionKey: encryption.publicKey,
    link: (await linkKeyOf(linkMaster)) as Holder,
    firstDay,
    dayKeys,
    passkey,
  });
}

test.each(vectors.requests)(
  "a request with passkey $passkey.alg is the union tool's",
  async ({ first_day: firstDay, days, passkey, text }) => {
    const key =
      passkey === null
        ? null
        : { alg: passkey.alg as 1 | 2, key: bytes(passkey.key) };

    expect(await written(firstDay, days, key)).toBe(text);
  },
);

test("a request names at least a day, and no more than the union reads", async () => {
  await expect(written(1, 0, null)).rejects.toThrow(RangeError);
  await expect(written(1, DAYS_MAX + 1, null)).rejects.toThrow(RangeError);
});
