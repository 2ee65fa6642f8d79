/**
 * The link's fragment: what a person opened, and what the page added to it.
 *
 * Pure. The fragment never reaches a server; a capability in it is sent as it is, a
 * doctor's secret never.
 *
 * The table is in `clients/README.md`: `token~h=<holder seed>~r=<resume secret>`.
 */

export interface Link {
  /** The capability of a patient, or `demo1.d.<secret>` of a doctor. */
  token: string;
  /** Seed of the holder key, 32 bytes, base64url; null until the page has made one. */
  holder: string | null;
  /** Resume secret of the running session, 16 bytes, base64url. */
  resume: string | null;
}

const SEED = /^[A-Za-z0-9_-]{43}$/;
const SECRET = /^[A-Za-z0-9_-]{22}$/;

/** Read `location.hash`; null when there is no token in it. */
export function parse(hash: string): Link | null {
  const [token = "", ...added] = hash.replace(/^#/, "").split("~");
  if (!/^[A-Za-z0-9_.-]{1,1024}$/.test(token)) {
    return null;
  }
  const value = (name: string, form: RegExp): string | null => {
    const text = added.find((part) => part.startsWith(`${name}=`))?.slice(2);
    return text !== undefined && form.test(text) ? text : null;
  };
  return { token, holder: value("h", SEED), resume: value("r", SECRET) };
}

/** Write the fragment, with its `#`. */
export function compose(link: Link): string {
  const parts = [link.token];
  if (link.holder !== null) parts.push(`h=${link.holder}`);
  if (link.resume !== null) parts.push(`r=${link.resume}`);
  return `#${parts.join("~")}`;
}

/** The secret of a doctor's demo link; null for any other token. */
export function demoSecret(token: string): string | null {
  return /^demo1\.d\.([A-Za-z0-9_-]{43})$/.exec(token)?.[1] ?? null;
}
