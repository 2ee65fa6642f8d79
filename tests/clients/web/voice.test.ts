/** Opus repairs itself, and never tells the relay who speaks. */
import fc from "fast-check";
import { asked, granted } from "../../../clients/web/src/voice.ts";

const sdp = (...lines: string[]) =>
  [
    "v=0",
    "m=audio 9 UDP/TLS/RTP/SAVPF 111 0",
    "a=rtpmap:111 opus/48000/2",
    ...lines,
    "a=rtpmap:0 PCMU/8000",
    "",
  ].join("\r\n");

const parametersOf = (text: string) =>
  (/a=fmtp:111 (.*)/.exec(text)?.[1] ?? "").trim().split(";").sort();

test("what we ask for has its own repair and a constant pace, and no silence", () => {
  const text = asked(
    sdp("a=fmtp:111 minptime=10;useinbandfec=0; usedtx=1;stereo=0"),
  );

  expect(parametersOf(text)).toEqual([
    "cbr=1",
    "minptime=10",
    "stereo=0",
    "useinbandfec=1",
  ]);
});

test("a far end that asks us to fall silent does not get it", () => {
  const text = granted(sdp("a=fmtp:111 usedtx=1;useinbandfec=1"));

  expect(parametersOf(text)).toEqual(["cbr=1", "useinbandfec=1"]);
});

test("where nothing was said of Opus there is a line for it", () => {
  expect(parametersOf(asked(sdp()))).toEqual(["cbr=1", "useinbandfec=1"]);
  expect(parametersOf(granted(sdp()))).toEqual(["cbr=1"]);
});

test("whatever else a description holds stays as it is", () => {
  const others = fc.array(
    fc.oneof(
      fc.string().filter((line) => !/[\r\n]/.test(line)),
      fc.constantFrom(
        "a=fmtp:0 usedtx=1",
        "a=fingerprint:sha-256 AB",
        "a=mid:0",
      ),
    ),
  );
  fc.assert(
    fc.property(others, (lines) => {
      const isFree = lines.every((line) => !/opus|111/i.test(line));
      fc.pre(isFree);
      const text = sdp(...lines, "a=fmtp:111 cbr=1;useinbandfec=1");

      expect(asked(text)).toBe(text);
      expect(granted(text)).toBe(text);
    }),
  );
});
