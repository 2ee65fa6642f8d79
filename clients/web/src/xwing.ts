/**
 * X-Wing as the browser has it, in the shape that the HPKE library asks for.
 *
 * Uses WebCrypto and nothing else of the outside. Only what the suite needs is here: keys
 * are made, used once and never read.
 *
 * `MLKEM768-X25519` of WICG's Modern Algorithms in the Web Cryptography API; KEM 0x647a.
 */
import type { KemInterface, RecipientContextParams, SenderContextParams } from "@hpke/core";

const NAME = "MLKEM768-X25519";
const X_WING = 0x647a;

/** What TypeScript does not know of `crypto.subtle` yet. */
interface Encapsulating {
  generateKey(name: string, extractable: boolean, usages: string[]): Promise<CryptoKeyPair>;
  importKey(
    format: string,
    bytes: BufferSource,
    name: string,
    extractable: boolean,
    usages: string[],
  ): Promise<CryptoKey>;
  exportKey(format: string, key: CryptoKey): Promise<ArrayBuffer>;
  encapsulateBits(
    name: string,
    key: CryptoKey,
  ): Promise<{ ciphertext: ArrayBuffer; sharedKey: ArrayBuffer }>;
  decapsulateBits(name: string, key: CryptoKey, ciphertext: BufferSource): Promise<ArrayBuffer>;
}

const subtle = (): Encapsulating => crypto.subtle as unknown as Encapsulating;

/** Whether this browser makes such a pair, encapsulates to it and opens again. */
export async function hasNativeXWing(): Promise<boolean> {
  try {
    const { publicKey, privateKey } = await NATIVE_X_WING.generateKeyPair();
    const bytes = await NATIVE_X_WING.serializePublicKey(publicKey);
    const recipientPublicKey = await NATIVE_X_WING.deserializePublicKey(bytes);
    const { enc, sharedSecret } = await NATIVE_X_WING.encap({ recipientPublicKey });
    const shared = await NATIVE_X_WING.decap({ recipientKey: privateKey, enc });
    return (
      bytes.byteLength === NATIVE_X_WING.publicKeySize &&
      enc.byteLength === NATIVE_X_WING.encSize &&
      shared.byteLength === sharedSecret.byteLength
    );
  } catch {
    return false;
  }
}

const unused = (): Promise<never> => Promise.reject(new Error("The suite does not need this."));

export const NATIVE_X_WING: KemInterface = {
  id: X_WING,
  secretSize: 32,
  encSize: 1120,
  publicKeySize: 1216,
  privateKeySize: 32,

  generateKeyPair: () => subtle().generateKey(NAME, false, ["encapsulateBits", "decapsulateBits"]),

  serializePublicKey: (key) => subtle().exportKey("raw-public", key),

  deserializePublicKey: (bytes) =>
    subtle().importKey("raw-public", bytes as BufferSource, NAME, true, ["encapsulateBits"]),

  async encap({ recipientPublicKey }: SenderContextParams) {
    const { ciphertext, sharedKey } = await subtle().encapsulateBits(NAME, recipientPublicKey);
    return { enc: ciphertext, sharedSecret: sharedKey };
  },

  decap({ recipientKey, enc }: RecipientContextParams) {
    const key = recipientKey instanceof CryptoKey ? recipientKey : recipientKey.privateKey;
    return subtle().decapsulateBits(NAME, key, enc as BufferSource);
  },

  serializePrivateKey: unused,
  deserializePrivateKey: unused,
  importKey: unused,
  deriveKeyPair: unused,
};
