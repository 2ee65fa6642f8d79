/** One suite, keys that are keys, and nothing that opens for another purpose. */
import { join, utf8 } from "../../../clients/web/src/bytes.ts";
import {
  ENCAPSULATED_BYTES,
  isKemPublicKey,
  KEM_PUBLIC_KEY_BYTES,
  loadHpke,
} from "../../../clients/web/src/hpke.ts";
import { flipped, hpke, refusalOf, seed } from "./seal.ts";

const INFO = utf8("what for");

test("what is sealed opens, and is 1136 bytes longer", async () => {
  const { generate, seal, open } = await hpke;
  const pair = await generate();

  const sealed = await seal(pair.publicKey, INFO, utf8("bonjour"));

  expect(sealed).toHaveLength(ENCAPSULATED_BYTES + 7 + 16);
  expect(await open(pair, INFO, sealed)).toEqual(utf8("bonjour"));
});

test("it opens for its key and its purpose, as it was sealed, and not otherwise", async () => {
  const { generate, seal, open } = await hpke;
  const [pair, other] = [await generate(), await generate()];
  const sealed = await seal(pair.publicKey, INFO, utf8("bonjour"));

  const codes = await Promise.all(
    [
      open(other, INFO, sealed),
      open(pair, utf8("what else"), sealed),
      open(pair, INFO, flipped(sealed, 0)),
      open(pair, INFO, flipped(sealed, 1100)),
      open(pair, INFO, flipped(sealed, -1)),
      open(pair, INFO, sealed.slice(0, -1)),
      open(pair, INFO, sealed.slice(0, ENCAPSULATED_BYTES)),
      open(pair, INFO, new Uint8Array()),
    ].map(refusalOf),
  );

  expect(new Set(codes)).toEqual(new Set(["sealed"]));
});

test("two key pairs, and two sealings, are never the same", async () => {
  const { generate, seal } = await hpke;
  const [pair, other] = [await generate(), await generate()];
  const [one, two] = [
    await seal(pair.publicKey, INFO, seed(0)),
    await seal(pair.publicKey, INFO, seed(0)),
  ];

  expect(pair.publicKey).not.toEqual(other.publicKey);
  expect(one).not.toEqual(two);
});

test("a key of another length, or with numbers that ML-KEM does not have, is none", async () => {
  const { generate, seal } = await hpke;
  const { publicKey } = await generate();
  const beyond = publicKey.slice();
  // 3329, the first number that is too large, in both halves of three bytes.
  beyond.set([0x01, 0x1d, 0xd0]);
  const largest = publicKey.slice();
  largest.set([0x00, 0x0d, 0xd0]);

  expect(isKemPublicKey(publicKey)).toBe(true);
  expect(isKemPublicKey(largest)).toBe(true);
  for (const bytes of [
    new Uint8Array(),
    publicKey.slice(1),
    join(publicKey, seed(0)),
    beyond,
    new Uint8Array(KEM_PUBLIC_KEY_BYTES).fill(0xff),
  ]) {
    expect(isKemPublicKey(bytes)).toBe(false);
    expect(await refusalOf(seal(bytes, INFO, seed(0)))).toBe("form");
  }
});

test.each([
  "00".repeat(32),
  `01${"00".repeat(31)}`,
  `ec${"ff".repeat(30)}7f`,
  `ed${"ff".repeat(30)}7f`,
  `ee${"ff".repeat(31)}`,
  "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
  "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f11d7",
])("a point that shares zeros with everybody is no key: %s", async (hex) => {
  const point = Uint8Array.from(hex.match(/../g) ?? [], (byte) =>
    Number.parseInt(byte, 16),
  );
  const { generate } = await hpke;
  const { publicKey } = await generate();
  const own = await crypto.subtle.generateKey("X25519", false, ["deriveBits"]);
  const far = await crypto.subtle.importKey("raw", point, "X25519", true, []);
  publicKey.set(point, publicKey.length - 32);

  expect(isKemPublicKey(publicKey)).toBe(false);
  await expect(
    crypto.subtle.deriveBits(
      { name: "X25519", public: far },
      own.privateKey,
      256,
    ),
  ).rejects.toThrow();
});

test("where the browser does not have X-Wing the library is loaded", async () => {
  expect((await loadHpke("library")).isNative).toBe(false);
  // Node 22 has none; a browser that has it is tested in the browser.
  expect(typeof (await loadHpke()).isNative).toBe("boolean");
});
