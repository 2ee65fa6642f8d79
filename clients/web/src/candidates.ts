/**
 * Candidates of a path that goes through the relay, and no other.
 *
 * Pure. Where only the relay may be used, no address of ours leaves the page and none of the
 * far end's is tried, whatever a browser or the far end may say.
 *
 * RFC 8839 §5.1.
 */

const RELAYED =
  /^(candidate:[\w+/]{1,32} \d{1,3} \w{1,8} \d{1,10} ([\w.:-]{1,255}) \d{1,5} typ relay)(?: [ -~]*)?$/i;
const RELATED = / raddr \S+| rport \S+/gi;

/**
 * The candidate, if it is one of a relay, without the address from which its relay was asked;
 * null for any other.
 */
export function relayed(candidate: string): string | null {
  const found = RELAYED.exec(candidate);
  if (found === null) {
    return null;
  }
  const [, head = "", address = ""] = found;
  const rest = candidate.slice(head.length).replace(RELATED, "");
  // RFC 8839 §5.1: this is how a related address is kept back.
  return `${head} raddr ${address.includes(":") ? "::" : "0.0.0.0"} rport 9${rest}`;
}
