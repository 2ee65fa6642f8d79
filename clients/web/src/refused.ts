/**
 * The one failure of the seal.
 *
 * Pure. Its sentence holds nothing of what was refused; what the page says of a code is in
 * `words/`.
 *
 * `clients/SCEAU.md` §8.
 */

const SENTENCES = {
  form: "The message is not in the form that was agreed.",
  sealed: "The message does not open.",
  signature: "The signature is not of who must have signed.",
  token: "The link does not let its bearer in.",
  identity: "No trusted union vouches for this doctor.",
  revoked: "It cannot be shown that the union still vouches for this doctor.",
  handle: "This is another doctor than the link's.",
  passkey: "The doctor did not unlock this device today, and the union asks for it.",
  commitment: "The nonce is not the one that was promised.",
  confirmation: "The two ends do not have the same key.",
  record: "The record was changed, repeated, dropped or put out of order.",
  resume: "The link was opened again by somebody who was not here.",
  certificate: "The connection does not end where the handshake does.",
  twice: "This message was had already, or is not expected now.",
  description: "The description of the connection allows more than one far end.",
  card: "No colleague who is on duty in these queues made this card.",
  roster: "Not everybody in the consultation knows the same people.",
} as const;

export type RefusalCode = keyof typeof SENTENCES;

/** A message, a handshake or a session is refused; after it, it is over. */
export class Refused extends Error {
  override readonly name = "Refused";
  readonly code: RefusalCode;

  constructor(code: RefusalCode) {
    super(SENTENCES[code]);
    this.code = code;
  }
}

export const REFUSAL_CODES = Object.keys(SENTENCES) as readonly RefusalCode[];
