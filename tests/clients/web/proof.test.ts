/** The same proofs as the headless peer makes: one file of vectors for both. */
import { holderOf, prove } from "../../../clients/web/src/proof.ts";
import vectors from "../../vectors/letters.json";

test("a proof is the one of the vectors", async () => {
  const { seed, challenge, origin, token, proof, thumbprint } = vectors.proof;

  const holder = await holderOf(seed);

  expect(holder?.thumbprint).toBe(thumbprint);
  expect(holder && (await prove(holder, challenge, origin, token))).toBe(proof);
});

test("the holder key cannot be taken out of the page's key store", async () => {
  const holder = await holderOf(vectors.proof.seed);

  expect(holder?.key).toBeInstanceOf(CryptoKey);
  expect(holder?.key).toMatchObject({ extractable: false });
});

test.each(["", "short", "*".repeat(43)])(
  "a damaged seed gives no holder: %j",
  async (seed) => {
    expect(await holderOf(seed)).toBeNull();
  },
);
