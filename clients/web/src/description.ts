/**
 * What a session description must be before it is read: all of it ends at one certificate.
 *
 * Pure. It decides nothing about media.
 *
 * `clients/SCEAU.md` §7; RFC 8122 §5 (fingerprints), RFC 9143 (BUNDLE).
 */
import { type Bytes } from "./bytes.ts";
import { Refused } from "./refused.ts";

const FINGERPRINT = /^a=fingerprint:sha-256 ([0-9A-F]{2}(?::[0-9A-F]{2}){31})$/i;
// A browser could read a line apart where we do not, or join what we see apart.
const UNSEEN = /[\p{Cc}\p{Zl}\p{Zp}]/u;

/** The SHA-256 of the one certificate that the description allows. Anything else is refused. */
export function certificateOf(sdp: string): Bytes {
  const lines = sdp.split(/\r?\n/);
  if (lines.some((line) => UNSEEN.test(line) || means(line, "a=crypto"))) {
    throw new Refused("description");
  }
  const [session = [], ...media] = sections(lines);
  const [certificate, ...others] = new Set([session, ...media].flatMap(fingerprints));
  if (certificate === undefined || others.length > 0 || !isBundle(session, media)) {
    throw new Refused("description");
  }
  return Uint8Array.from(certificate.split(":"), (byte) => Number.parseInt(byte, 16));
}

/** Whether a browser might take this for such a line, though it is not spelled like one. */
function means(line: string, name: string): boolean {
  return line.trim().toLowerCase().startsWith(name);
}

/** The session's own lines, then those of each `m=` line. */
function sections(lines: readonly string[]): string[][] {
  const found: string[][] = [[]];
  for (const line of lines) {
    if (line.startsWith("m=")) {
      found.push([]);
    }
    found.at(-1)?.push(line);
  }
  return found;
}

function fingerprints(lines: readonly string[]): string[] {
  return lines
    .filter((line) => means(line, "a=fingerprint"))
    .map((line) => {
      const value = FINGERPRINT.exec(line)?.[1];
      if (value === undefined) {
        throw new Refused("description");
      }
      return value.toUpperCase();
    });
}

/** Whether one group holds every section that is switched on. */
function isBundle(session: readonly string[], media: readonly string[][]): boolean {
  const groups = session.filter((line) => line.startsWith("a=group:BUNDLE"));
  const bundled = groups[0]?.split(" ").slice(1) ?? [];
  const mids = media.map((lines) => lines.filter((line) => line.startsWith("a=mid:")));
  const names = mids.flat().map((line) => line.slice("a=mid:".length));
  return (
    groups.length === 1 &&
    media.length > 0 &&
    mids.every((lines) => lines.length === 1) &&
    new Set(names).size === names.length &&
    bundled.every((name) => names.includes(name)) &&
    // Port 0 is a section that is switched off, and may be left out.
    names.every((name, at) => bundled.includes(name) || media[at]?.[0]?.split(" ")[1] === "0")
  );
}
