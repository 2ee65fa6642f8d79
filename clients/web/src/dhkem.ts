/**
 * HPKE with X25519, mode base, single shot: what opens a doctor's bundle.
 *
 * A door: it loads the library's parts when it is first asked, those in JavaScript only where
 * the key is not the browser's own.
 *
 * RFC 9180: KEM 0x0020, KDF 0x0001, AEAD 0x0002. `clients/union/README.md`.
 */
import type { KemInterface } from "@hpke/core";
import type { Bytes } from "./bytes.ts";
import type { PrivateKey } from "./curves.ts";
import { Refused } from "./refused.ts";

const ENCAPSULATED_BYTES = 32;

/**
 * Open enc ‖ ct. Throws `Refused`: `sealed`. Where a file cannot be had it rejects with the
 * browser's own error, which is trouble of the network.
 */
export async function openX25519(
  privateKey: PrivateKey,
  publicKey: Bytes,
  info: Bytes,
  sealed: Bytes,
): Promise<Bytes> {
  const isOurs = "seed" in privateKey;
  const [{ Aes256Gcm, CipherSuite, HkdfSha256 }, kem] = await Promise.all([
    import("./suite.ts"),
    isOurs
      ? import("@hpke/dhkem-x25519").then((part): KemInterface => new part.DhkemX25519HkdfSha256())
      : import("./dhkem-native.ts").then((part): KemInterface => new part.DhkemX25519HkdfSha256()),
  ]);
  const suite = new CipherSuite({ kem, kdf: new HkdfSha256(), aead: new Aes256Gcm() });
  const enc = sealed.slice(0, ENCAPSULATED_BYTES);
  const ct = sealed.slice(ENCAPSULATED_BYTES);
  try {
    const recipientKey = {
      privateKey: isOurs ? await kem.deserializePrivateKey(privateKey.seed) : privateKey,
      publicKey: await kem.deserializePublicKey(publicKey),
    };
    return new Uint8Array(await suite.open({ recipientKey, enc, info }, ct));
  } catch {
    throw new Refused("sealed");
  }
}
