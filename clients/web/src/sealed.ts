/**
 * The seal, Sceau/1, as pages use it: both roles of the handshake, the channel that it opens, and
 * what it needs.
 *
 * A page imports this file alone, and only when it has something to seal: it and what it brings
 * stay out of the first paint. HPKE itself is loaded by `loadHpke`.
 *
 * `clients/SCEAU.md`.
 */
export { Channel, type Role } from "./channel.ts";
export { certificateOf } from "./description.ts";
export { type EnvelopeKind, readEnvelope, writeEnvelope } from "./envelopes.ts";
export { type Hpke, loadHpke } from "./hpke.ts";
export { type Identity, type Union, verifyIdentity } from "./identity.ts";
export { roll, type Roll, type Signer, signerOf, thumb } from "./primitives.ts";
export { type RefusalCode, Refused } from "./refused.ts";
export {
  Answers,
  ANSWERS_MAX,
  type CheckToken,
  type Confirmation,
  DoctorHandshake,
  type Offer,
  type Papers,
} from "./sealed-doctor.ts";
export {
  type Acceptance,
  PatientHandshake,
  type Proposal,
  type SealedLink,
} from "./sealed-patient.ts";
export type { Assertion, PasskeyKey } from "./sealed-passkey.ts";
export type { Tools } from "./tools.ts";
export { linkSecrets } from "./link-secrets.ts";
