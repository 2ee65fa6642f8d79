/**
 * Moving to a wider queue: the page's other half once more, for another link, with the same holder.
 *
 * Door to the seal. The half that is in force stays until the server has said where we are.
 */
import type { Address } from "./role.ts";
import type { Join } from "./messages.ts";
import { prove } from "./proof.ts";
import { Refused } from "./refused.ts";
import type { Loaded } from "./seal.ts";

type Half = Loaded & { holderSeed?: string };

/** Of the link that a patient moves to, and the holder key that his pass is bound to. */
export interface Wider {
  readonly token: string;
  readonly holder: string | null;
}

export class Moving {
  #coming: { token: string; half: Half } | null = null;

  /** Have the half for a link ready. Rejects as loading does. `now` is the server's. */
  async prepare(load: (wider: Wider) => Promise<Half>, wider: Wider, now: number): Promise<void> {
    const half = await load(wider);
    // It has heard no greeting: without this it would judge credentials by our clock alone.
    await half.seal.open({ type: "joined", now });
    this.#coming = { token: wider.token, half };
  }

  /** What moves the ticket; `now` is in seconds since 1970. */
  async join(pass: string, m1: string, challenge: string, now: number): Promise<Join> {
    const coming = this.#coming;
    const entry = (await coming?.half.entry(now)) ?? null;
    if (coming === null || entry === null) throw new Refused("token");
    const { token, half } = coming;
    const proof = await prove(entry.holder, challenge, location.origin, token);
    return { type: "join", token, proof, keep_pass: pass, m1: await half.seal.m1(m1) };
  }

  /** We are there: the half in force from now on, and what the address has to hold. */
  over(): { half: Half; address: Address } | null {
    const coming = this.#coming;
    this.#coming = null;
    if (coming === null) return null;
    const { token, half } = coming;
    const holder = half.holderSeed ?? null;
    return { half, address: { opened: token, holder, resume: null, doctor: null } };
  }

  stay(): void {
    this.#coming = null;
  }
}
