/** The pure part of the door to passkeys; a browser's own are in `test_passkeys_browser.py`. */
import { join } from "../../../clients/web/src/bytes.ts";
import { keyOf, NoPasskey } from "../../../clients/web/src/passkey.ts";
import { EDDSA, ES256 } from "../../../clients/web/src/sealed-passkey.ts";

const exported = async (
  algorithm: EcKeyGenParams | Algorithm,
): Promise<Uint8Array<ArrayBuffer>> => {
  const pair = (await crypto.subtle.generateKey(algorithm, true, [
    "sign",
    "verify",
  ])) as CryptoKeyPair;
  return new Uint8Array(await crypto.subtle.exportKey("spki", pair.publicKey));
};

test("a passkey's key is cut out of what the browser gives", async () => {
  const es256 = await exported({ name: "ECDSA", namedCurve: "P-256" });
  const eddsa = await exported({ name: "Ed25519" });

  expect(keyOf(es256)).toEqual({ alg: ES256, key: es256.slice(-64) });
  expect(keyOf(eddsa)).toEqual({ alg: EDDSA, key: eddsa.slice(-32) });
});

test("a key of another kind is none", async () => {
  const es256 = await exported({ name: "ECDSA", namedCurve: "P-256" });
  const other = await exported({ name: "ECDSA", namedCurve: "P-384" });

  for (const spki of [
    other,
    es256.slice(1),
    join(es256, es256),
    new Uint8Array(),
  ]) {
    expect(keyOf(spki)).toBeNull();
  }
});

test("a failure says nothing of the doctor", () => {
  expect(new NoPasskey("dismissed").message).toBe("The gesture was not made.");
});
