/** The same proofs as the headless peer makes: one file of vectors for both. */
import {
  demoToken,
  holderOf,
  isResume,
  prove,
  resumeMac,
} from "../../../clients/web/src/proof.ts";
import vectors from "../../vectors/letters.json";

test("a proof is the one of the vectors", async () => {
  const { seed, challenge, origin, token, proof, thumbprint } = vectors.proof;

  const holder = await holderOf(seed);

  expect(holder?.thumbprint).toBe(thumbprint);
  expect(holder && (await prove(holder, challenge, origin, token))).toBe(proof);
});

test("the holder key cannot be taken out of the page's key store", async () => {
  const holder = await holderOf(vectors.proof.seed);

  expect(holder?.key.extractable).toBe(false);
});

test.each(["", "short", "*".repeat(43)])(
  "a damaged seed gives no holder: %j",
  async (seed) => {
    expect(await holderOf(seed)).toBeNull();
  },
);

test("the resume MAC is the one of the vectors, and only that one passes", async () => {
  const { secret, nonce, mac } = vectors.resume;

  expect(await resumeMac(secret, nonce)).toBe(mac);
  expect(await isResume(secret, nonce, mac)).toBe(true);
  expect(await isResume(secret, vectors.proof.challenge, mac)).toBe(false);
  expect(await isResume(vectors.proof.challenge, nonce, mac)).toBe(false);
  expect(await isResume(secret, nonce, "")).toBe(false);
  expect(await isResume(secret, nonce, "*")).toBe(false);
});

test("a doctor's token shows the thumbprint, never the secret", async () => {
  const { secret, thumbprint, token } = vectors.demo;

  expect(await demoToken(secret, thumbprint)).toBe(token);
  expect(token).not.toContain(secret);
});
