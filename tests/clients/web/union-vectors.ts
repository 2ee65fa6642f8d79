/** The union's vectors, for the tests of what a doctor's page holds. */
import { type Bytes, fromBase64url } from "../../../clients/web/src/bytes.ts";
import type { Bundle } from "../../../clients/web/src/bundle.ts";
import type { Union } from "../../../clients/web/src/identity.ts";
import {
  type Keyring,
  keyringOfSeed,
} from "../../../clients/web/src/keyring.ts";
import { Refused, type RefusalCode } from "../../../clients/web/src/refused.ts";
import vectors from "../../vectors/union.json";

export { vectors };

export const NOW = vectors.now;
export const UNION: Union = vectors.union;
export const FOREIGN: Union = vectors.foreign;

export function bytes(text: string): Bytes {
  return fromBase64url(text);
}

export async function keyringOf(row = vectors.keyrings[0]): Promise<Keyring> {
  const keyring = await keyringOfSeed(bytes(row?.seed ?? ""));
  if (keyring === null) {
    throw new Error("This engine lacks a curve.");
  }
  return keyring;
}

export const otherKeyring = () => keyringOf(vectors.keyrings[1]);

/** What the first keyring's bundle says, with changes. */
export function bundleWith(changes: Partial<Bundle> = {}): Bundle {
  const { identity, access, queue_keys: queueKeys, root } = vectors.bundle.says;
  const tables = queueKeys as unknown as Bundle["queueKeys"];
  return { identity, access, queueKeys: tables, root, ...changes };
}

/** The code of what is refused, else what came out. */
export async function refusal(
  work: Promise<unknown>,
): Promise<RefusalCode | { came: unknown }> {
  try {
    return { came: await work };
  } catch (error) {
    if (error instanceof Refused) {
      return error.code;
    }
    throw error;
  }
}

export function flipped(of: Bytes, at: number): Bytes {
  const changed = of.slice();
  const index = at < 0 ? of.length + at : at;
  changed[index] = (of[index] ?? 0) ^ 1;
  return changed;
}
