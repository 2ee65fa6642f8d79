/**
 * The credential with which staff enter: of the address, or of this device.
 *
 * Door: the device's store and the published files, by `practice.ts`. A key in the address stays
 * in its fragment, which no server is told.
 */
import { fromBase64url } from "./bytes.ts";
import { parseDoctor } from "./link.ts";
import { Refused } from "./refused.ts";
import type { Keys } from "./status-desk.ts";

/** Find the credential of `now`. Rejects where a file of the network cannot be had. */
export async function keysHere(hash: string, now: number): Promise<Keys> {
  if (!isSecureContext) return "insecure";
  const link = parseDoctor(hash);
  if (link === null) return "no-key";
  try {
    const { practiceOfDevice, practiceOfSeed } = await import("./practice.ts");
    const found =
      link.keyring === null
        ? await practiceOfDevice(now)
        : await practiceOfSeed(fromBase64url(link.keyring), now);
    if (typeof found === "string") {
      return link.keyring !== null ? "no-credential" : "device";
    }
    // A doctor's, or a probe's: each is vouched for to others than this page.
    if (found.role !== "staff") return "other-union";
    return (await found.entry(now)) ?? "expired";
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return link.keyring !== null ? "other-union" : "device";
  }
}
