/**
 * What a guest's page needs beyond its first screen: its own key, and with what it asks.
 *
 * Door to the seal. A guest began the session with nobody: every pair of his is larger company's.
 *
 * `clients/SCEAU.md` §11.
 */
import type { Invitation } from "./invites.ts";
import { encode } from "./letters.ts";
import { roll } from "./primitives.ts";
import { holderOf } from "./proof.ts";
import { fetchUnions } from "./published.ts";
import type { Loaded, Seal } from "./seal.ts";
import { loadHpke, Refused } from "./sealed.ts";

const SEED_BYTES = 32;

/** Load it. `seed` is of a page that was in before. Rejects: trouble of the network. */
export async function loadGuest(
  invitation: Invitation,
  seed: string | null,
): Promise<Loaded & { readonly holderSeed: string }> {
  const holderSeed = seed ?? encode(roll(SEED_BYTES));
  const [hpke, unions, holder] = await Promise.all([
    loadHpke(),
    fetchUnions(),
    holderOf(holderSeed),
  ]);
  if (holder === null) {
    throw new Refused("form");
  }
  let ahead_s = 0;
  const entry = { token: invitation.pass, holder };
  return {
    seal: nobodys((ahead) => {
      ahead_s = ahead;
    }),
    entry: () => Promise.resolve(entry),
    holderSeed,
    own: () =>
      Promise.resolve({
        tools: { hpke, roll },
        role: "guest",
        holder,
        key: holder.thumbprint,
        unions,
        papers: () => Promise.resolve({ member: "guest", holderKey: holder }),
        now: () => Math.floor(Date.now() / 1000 + Math.max(0, ahead_s)),
        firstKey: () => Promise.resolve(null),
        invitation,
      }),
  };
}

/** The seal of the pair that began the session, where there is none. */
function nobodys(onAhead: (ahead_s: number) => void): Seal {
  return {
    open(message) {
      if (message.type === "hello" || message.type === "joined") {
        onAhead(message.now - Date.now() / 1000);
      }
      return Promise.resolve(null);
    },
    write: () => Promise.resolve(null),
    m1: () => Promise.reject(new Refused("twice")),
    m2: () => Promise.resolve(null),
    m3: () => Promise.resolve(null),
    binding: () => null,
    forget: () => undefined,
  };
}
