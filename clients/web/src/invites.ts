/**
 * Invitations: what follows from an invite secret, and with what a newcomer asks.
 *
 * Pure but for WebCrypto; holder keys and what was read elsewhere are arguments. It keeps nothing,
 * and believes nothing: who answers is checked by the handshake, against who is named here.
 *
 * `clients/SCEAU.md` §11; the address is in `clients/README.md`, *Tokens, proofs and the fragment*.
 */
import { type Bytes, Cutter, fromBase64url, join, utf8 } from "./bytes.ts";
import {
  type Ask,
  INVITE_BYTES,
  PSK_BYTES,
  SEAT_BYTES,
  type SeatRole,
  THUMB_BYTES,
} from "./gathering-letters.ts";
import { encode } from "./letters.ts";
import { Extracted, type Signer } from "./primitives.ts";
import { Refused } from "./refused.ts";
import type { Named, SealedLink } from "./sealed-patient.ts";

export const INVITE_SECRET_BYTES = 16;

const PREFIX = "inv1.";
// A server's pass is short (signaling/PROTOCOL.md); what is longer is none.
const FRAGMENT = /^inv1\.(?<pass>[A-Za-z0-9_.-]{1,1024})\.(?<rest>[A-Za-z0-9_-]{64})$/;

/** What both ends of a pair have of an invitation. */
export interface Invite {
  /** 16 bytes, base64url. */
  readonly invite: string;
  readonly psk: Bytes;
}

/** What a guest's address holds. */
export interface Invitation {
  /** The server's pass: what the server is shown. */
  readonly pass: string;
  readonly secret: Bytes;
  /** Seat of who invites. */
  readonly member: string;
  /** Thumbprint of who invites. */
  readonly key: string;
}

/** Id and PSK of an invite secret, 16 bytes. */
export async function inviteOf(secret: Bytes): Promise<Invite> {
  const extracted = await Extracted.of(utf8("sceau/1"), secret);
  const id = await extracted.expand("invite", INVITE_BYTES);
  return { invite: encode(id), psk: await extracted.expand("psk", PSK_BYTES) };
}

/** The token of an M1 that asks by an invitation. */
export function tokenOf(invite: string): string {
  return PREFIX + invite;
}

/** The id that a token names. Throws `Refused`: `token`, where it is of no invitation. */
export function inviteOfToken(token: string): string {
  try {
    if (!token.startsWith(PREFIX)) {
      throw new Refused("token");
    }
    return encode(fromBase64url(token.slice(PREFIX.length), INVITE_BYTES));
  } catch {
    throw new Refused("token");
  }
}

/** Write a guest's fragment, without its `#`. */
export function writeInvitation({ pass, secret, member, key }: Invitation): string {
  const rest = join(secret, fromBase64url(member, SEAT_BYTES), fromBase64url(key, THUMB_BYTES));
  return `${PREFIX}${pass}.${encode(rest)}`;
}

/** Read a fragment as it was opened; null where it is no invitation. */
export function readInvitation(opened: string): Invitation | null {
  const { pass, rest } = FRAGMENT.exec(opened)?.groups ?? {};
  if (pass === undefined || rest === undefined) {
    return null;
  }
  const cutter = new Cutter(fromBase64url(rest));
  return {
    pass,
    secret: cutter.take(INVITE_SECRET_BYTES),
    member: encode(cutter.take(SEAT_BYTES)),
    key: encode(cutter.take(THUMB_BYTES)),
  };
}

/**
 * With what a guest asks who invited him. `role` is the server's word: where it lies, the far
 * end's key is not the one that is named.
 */
export async function guestAsks(
  { secret, key }: Pick<Invitation, "secret" | "key">,
  role: SeatRole,
  holder: Signer,
): Promise<SealedLink> {
  return asking(await inviteOf(secret), { role, key }, holder);
}

/** With what a colleague asks who opened the card: some doctor, not known beforehand. */
export async function colleagueAsks(secret: Bytes, dayKey: Signer): Promise<SealedLink> {
  return asking(await inviteOf(secret), { role: "doctor", key: null }, dayKey);
}

/** With what a newcomer asks whom an inviter names. */
export function introducedAsks({ invite, psk, role, key }: Ask, holder: Signer): SealedLink {
  return asking({ invite, psk }, { role, key }, holder);
}

function asking({ invite, psk }: Invite, named: Named, holder: Signer): SealedLink {
  return { token: tokenOf(invite), holder, psk, handle: null, named };
}
