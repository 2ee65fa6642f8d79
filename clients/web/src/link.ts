/**
 * The fragment of an address: what a person opened, and what the page added to it.
 *
 * Pure. The fragment never reaches a server; a capability in it is sent as it is, a secret
 * and a keyring never.
 *
 * `clients/README.md`, *Tokens, proofs and the fragment*; `clients/union/README.md`, *Links*.
 */

export interface Link {
  /** As opened, and as it goes back into the address. */
  opened: string;
  /** The capability: what the server is shown. */
  token: string;
  /** The link's own secret, 16 bytes, base64url; null on a link for anybody. */
  secret: string | null;
  /** Id of the union that must vouch for the doctor; null where the link does not say. */
  union: string | null;
  /** Seed of the holder key, 32 bytes, base64url; null until the page was in. */
  holder: string | null;
  /** Resume secret of the running session, 16 bytes, base64url. */
  resume: string | null;
  /** By what the doctor of that session is known again, 16 bytes, base64url. */
  doctor: string | null;
}

/** What a doctor's address holds. */
export interface DoctorLink {
  opened: string;
  /** Seed of a keyring, 32 bytes, base64url; null where the device is enrolled by itself. */
  keyring: string | null;
  resume: string | null;
  /** Thumbprint of the day's key whose seat it is. */
  key: string | null;
}

const SEED = /^[A-Za-z0-9_-]{43}$/;
const SHORT = /^[A-Za-z0-9_-]{22}$/;
const PATIENT =
  /^(?<token>cap1\.[A-Za-z0-9_-]{1,1000})(?:\.(?<secret>[A-Za-z0-9_-]{22})(?:\.(?<union>[A-Za-z0-9_-]{22}))?)?$/;
const DOCTOR = /^(?:key1\.(?<keyring>[A-Za-z0-9_-]{43}))?$/;

/** Read `location.hash` of a patient's page; null when it is no link. */
export function parse(hash: string): Link | null {
  const [opened, added] = apart(hash);
  const parts = PATIENT.exec(opened)?.groups;
  if (parts === undefined) {
    return null;
  }
  const { token = "", secret = null, union = null } = parts;
  return {
    opened,
    token,
    secret,
    union,
    holder: added("h", SEED),
    resume: added("r", SHORT),
    doctor: added("d", SHORT),
  };
}

/** The link to a wider queue, of who came by another: nothing but the holder goes along. */
export function movedTo({ token, holder }: { token: string; holder: string | null }): Link {
  return { opened: token, token, secret: null, union: null, holder, resume: null, doctor: null };
}

/** Read `location.hash` of a doctor's page; null when it is something else. */
export function parseDoctor(hash: string): DoctorLink | null {
  const [opened, added] = apart(hash);
  const parts = DOCTOR.exec(opened);
  if (parts === null) {
    return null;
  }
  const keyring = parts.groups?.keyring ?? null;
  return { opened, keyring, resume: added("r", SHORT), key: added("k", SHORT) };
}

/** Read `location.hash` of a guest's page; null when it is no invitation (`invites.ts`). */
export function parseGuest(hash: string): Pick<Link, "opened" | "holder"> | null {
  const [opened, added] = apart(hash);
  return opened.startsWith("inv1.") ? { opened, holder: added("h", SEED) } : null;
}

/** Write the fragment, with its `#`; nothing where there is nothing to say. */
export function compose(link: {
  opened: string;
  holder?: string | null;
  resume: string | null;
  doctor?: string | null;
  key?: string | null;
}): string {
  const { opened, holder = null, resume, doctor = null, key = null } = link;
  const added = Object.entries({ h: holder, r: resume, d: doctor, k: key }).flatMap(
    ([name, value]) => (value === null ? [] : [`${name}=${value}`]),
  );
  const text = [opened, ...added].join("~");
  return text === "" ? "" : `#${text}`;
}

function apart(hash: string): [string, (name: string, form: RegExp) => string | null] {
  const [opened = "", ...added] = hash.replace(/^#/, "").split("~");
  return [
    opened,
    (name, form) => {
      const text = added.find((part) => part.startsWith(`${name}=`))?.slice(2);
      return text !== undefined && form.test(text) ? text : null;
    },
  ];
}
