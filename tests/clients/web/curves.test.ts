/** The browser's own curves and the library's are the same curves. */
import { utf8 } from "../../../clients/web/src/bytes.ts";
import type * as Curves from "../../../clients/web/src/curves.ts";
import type * as Dhkem from "../../../clients/web/src/dhkem.ts";
import { flipped, seed } from "./seal.ts";

type World = typeof Curves & typeof Dhkem;

/** The modules anew, in a world that has these curves or has them not. */
async function world(hasCurves: boolean): Promise<World> {
  vi.resetModules();
  vi.restoreAllMocks();
  if (!hasCurves) {
    for (const name of ["generateKey", "importKey"] as const) {
      const own = crypto.subtle[name].bind(crypto.subtle) as (
        ...words: unknown[]
      ) => unknown;
      vi.spyOn(crypto.subtle, name).mockImplementation(((
        ...words: unknown[]
      ) =>
        /25519/.test(JSON.stringify(words))
          ? Promise.reject(new DOMException("", "NotSupportedError"))
          : own(...words)) as never);
    }
  }
  return {
    ...(await import("../../../clients/web/src/curves.ts")),
    ...(await import("../../../clients/web/src/dhkem.ts")),
  };
}

afterEach(() => {
  vi.restoreAllMocks();
});

const TEXT = utf8("text");
const NEUTRAL = new Uint8Array(32);

test("the browser's own are used where there are any", async () => {
  const own = await world(true);
  expect(await own.isNative("Ed25519")).toBe(true);
  expect(await own.isNative("X25519")).toBe(true);
  expect((await own.generate("Ed25519")).key).toBeInstanceOf(CryptoKey);
  const { key } = await own.ofSeed("X25519", seed(1));
  expect(key).toBeInstanceOf(CryptoKey);
  expect((key as CryptoKey).extractable).toBe(false);

  const without = await world(false);
  expect(await without.isNative("Ed25519")).toBe(false);
  expect(await without.isNative("X25519")).toBe(false);
  expect((await without.generate("Ed25519")).key).not.toBeInstanceOf(CryptoKey);
  expect((await without.generate("Ed25519")).key).not.toEqual(
    (await without.generate("Ed25519")).key,
  );
});

test.each(["Ed25519", "X25519"] as const)(
  "%s: one seed, one public key",
  async (curve) => {
    const own = (await (await world(true)).ofSeed(curve, seed(7))).publicKey;
    const without = (await (await world(false)).ofSeed(curve, seed(7)))
      .publicKey;

    expect(without).toEqual(own);
  },
);

test("what one signs the other verifies, and nothing else", async () => {
  const made = [];
  for (const hasCurves of [true, false]) {
    const here = await world(hasCurves);
    const { key, publicKey } = await here.ofSeed("Ed25519", seed(3));
    made.push({ publicKey, signature: await here.signed(key, TEXT) });
  }
  expect(made[1]).toEqual(made[0]);
  const { publicKey, signature } = made[0] ?? {
    publicKey: NEUTRAL,
    signature: NEUTRAL,
  };
  for (const hasCurves of [true, false]) {
    const { isSignedBy } = await world(hasCurves);
    expect(await isSignedBy(publicKey, signature, TEXT)).toBe(true);
    expect(await isSignedBy(publicKey, flipped(signature, 0), TEXT)).toBe(
      false,
    );
    expect(await isSignedBy(publicKey, signature, utf8("another"))).toBe(false);
    expect(await isSignedBy(flipped(publicKey, 0), signature, TEXT)).toBe(
      false,
    );
    expect(await isSignedBy(publicKey, signature.slice(1), TEXT)).toBe(false);
    expect(await isSignedBy(publicKey.slice(1), signature, TEXT)).toBe(false);
  }
});

test("a bundle opens with either", async () => {
  const info = utf8("info");
  const { CipherSuite, Aes256Gcm, HkdfSha256 } =
    await import("../../../clients/web/src/suite.ts");
  const { DhkemX25519HkdfSha256 } =
    await import("../../../clients/web/src/dhkem-native.ts");
  const kem = new DhkemX25519HkdfSha256();
  const suite = new CipherSuite({
    kem,
    kdf: new HkdfSha256(),
    aead: new Aes256Gcm(),
  });
  const { publicKey: raw } = await (
    await world(true)
  ).ofSeed("X25519", seed(5));
  const recipientPublicKey = await kem.deserializePublicKey(raw);
  const { enc, ct } = await suite.seal({ recipientPublicKey, info }, TEXT);
  const sealed = new Uint8Array([
    ...new Uint8Array(enc),
    ...new Uint8Array(ct),
  ]);

  for (const hasCurves of [true, false]) {
    const here = await world(hasCurves);
    const { key, publicKey } = await here.ofSeed("X25519", seed(5));
    expect(await here.openX25519(key, publicKey, info, sealed)).toEqual(TEXT);
    await expect(
      here.openX25519(key, publicKey, info, flipped(sealed, -1)),
    ).rejects.toMatchObject({ code: "sealed" });
    await expect(
      here.openX25519(key, publicKey, TEXT, sealed),
    ).rejects.toMatchObject({
      code: "sealed",
    });
  }
});

test("the seal's own refusals are refusals there too", async () => {
  vi.resetModules();
  const { verify } = await import("../../../clients/web/src/primitives.ts");
  const neutral = Uint8Array.of(1, ...new Uint8Array(31));
  const anyhow = new Uint8Array([...neutral, ...new Uint8Array(32)]);

  expect(await verify(neutral, anyhow, TEXT)).toBe(false);
});
