/**
 * The server's numbers that the pages speak of or live by.
 *
 * Pure: values. Their home is `signaling/settings.py` (`store.py` for the M1, `published.py` for
 * files); a test compares. An installation that changes them changes the pages' words here.
 */

// A patient may be away this long and keep the place.
export const WAIT_PASS_S = 600;
// Silent longer than this is asleep, or off duty.
export const AWAKE_S = 40;
// The server says something at least this often.
export const HEARTBEAT_S = 15;
// After so many declined or missed calls a patient goes to the end of the queue.
export const FAULTS_TO_TAIL = 3;
// One click of the doctor's answers no more than this many M1.
export const M1_PER_CALL = 3;
// A revocation list is no larger: what carries it to a patient's page holds no more.
export const LIST_MAX_BYTES = 16 * 1024;
// From one call to the next, as the server takes it where it says how long a wait may be.
export const CONSULTATION_MIN = 12;
// An invitation is to be used within this time.
export const INVITE_S = 300;
// So many may sit in a session, open invitations among them.
export const MEMBERS_MAX = 4;
