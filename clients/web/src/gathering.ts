/**
 * More than two in a session, as pages use it: cards, invitations, introductions, rosters.
 *
 * A page imports this file alone, and only when somebody is to join: it stays out of what two need.
 * The handshake of each pair is in `sealed.ts`.
 *
 * `clients/SCEAU.md` §11.
 */
export {
  CARD_BYTES,
  type CardOf,
  type Colleague,
  type QueueKeys,
  readCard,
  writeCard,
  type WrittenCard,
} from "./cards.ts";
export {
  colleagueExpected,
  type Entered,
  EXPECTATIONS_MAX,
  Expectations,
  type Expected,
  EXPECTED_S,
  guestExpected,
  IDS_MAX,
  introducedExpected,
} from "./expectations.ts";
export {
  type Ask,
  type Entry,
  type Expect,
  type GatheringLetter,
  readGathering,
  type SeatRole,
  writeGathering,
} from "./gathering-letters.ts";
export { checkIntroduction, introduce, type Introduced } from "./introductions.ts";
export {
  colleagueAsks,
  guestAsks,
  introducedAsks,
  type Invitation,
  type Invite,
  inviteOf,
  readInvitation,
  writeInvitation,
} from "./invites.ts";
export { DIFFERS_S, MEMBERS_MAX, Roster, type RosterLetter } from "./rosters.ts";
