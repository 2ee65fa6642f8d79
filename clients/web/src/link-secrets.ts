/**
 * What a personal link's secret stands for.
 *
 * Pure but for WebCrypto. `clients/SCEAU.md`.
 */
import { type Bytes, utf8 } from "./bytes.ts";
import { Extracted } from "./primitives.ts";

/** The seed of the holder key, and the PSK, of a personal link's secret (16 bytes). */
export async function linkSecrets(secret: Bytes): Promise<{ holderSeed: Bytes; psk: Bytes }> {
  const key = await Extracted.of(utf8("sceau/1"), secret);
  return { holderSeed: await key.expand("holder", 32), psk: await key.expand("psk", 32) };
}
