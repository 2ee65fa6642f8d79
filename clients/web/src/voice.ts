/**
 * How a voice is sent: repaired within itself, and at a pace that tells nobody who speaks.
 *
 * Pure: a description in, a description out. It touches the parameters of Opus alone, and nothing
 * that `description.ts` reads.
 *
 * RFC 7587 §6.1. `useinbandfec`: a lost packet is made up from the next. `usedtx` is never asked
 * for nor granted, `cbr` always is: packets that stop or shrink in a pause would tell the relay,
 * beside the encrypted sound, who speaks and when (RFC 6562 §3 and §4). On the smallest step that
 * costs some 15 kbit/s in silence, which is what the rest of the house pays to keep that to itself.
 */

/** A description of ours: how the far end is to send its voice to us. */
export function asked(sdp: string): string {
  return withOpus(sdp, (given) => ({ ...without(given), useinbandfec: "1", cbr: "1" }));
}

/** A description of the far end's: whatever it asks, we do not fall silent. */
export function granted(sdp: string): string {
  return withOpus(sdp, (given) => ({ ...without(given), cbr: "1" }));
}

type Parameters = Partial<Record<string, string>>;

function without(given: Parameters): Parameters {
  return Object.fromEntries(Object.entries(given).filter(([name]) => name !== "usedtx"));
}

function withOpus(sdp: string, change: (given: Parameters) => Parameters): string {
  const lines = sdp.split(/\r?\n/);
  const named = lines.flatMap((line) => /^a=rtpmap:(\d+) opus\//i.exec(line)?.[1] ?? []);
  const changed = lines.flatMap((line) => {
    const [, at = "", text = ""] = /^a=(?:fmtp|rtpmap):(\d+) (.*)$/.exec(line) ?? [];
    if (!named.includes(at)) return [line];
    if (line.startsWith("a=fmtp:")) return [`a=fmtp:${at} ${written(change(parsed(text)))}`];
    // Without parameters of its own it gets a line for them.
    const isTold = lines.some((one) => one.startsWith(`a=fmtp:${at} `));
    return isTold ? [line] : [line, `a=fmtp:${at} ${written(change({}))}`];
  });
  return changed.join("\r\n");
}

function parsed(text: string): Parameters {
  const pairs = text.split(";").map((one) => one.trim());
  return Object.fromEntries(
    pairs
      .filter((one) => one !== "")
      .map((one) => {
        const [name = "", ...value] = one.split("=");
        return [name.toLowerCase(), value.join("=")];
      }),
  );
}

function written(parameters: Parameters): string {
  return Object.entries(parameters)
    .map(([name, value]) => `${name}=${value ?? ""}`)
    .join(";");
}
