/** A description is read where it leaves one certificate to be bound, and not otherwise. */
import { certificateOf } from "../../../clients/web/src/description.ts";
import { Refused } from "../../../clients/web/src/refused.ts";
import { sdp } from "./seal.ts";

const OTHER = `a=fingerprint:sha-256 ${Array(32).fill("CD").join(":")}`;

test("the certificate is the one of all fingerprints, however they are spelled", () => {
  const upper = Array<string>(32).fill("AB").join(":");

  expect(certificateOf(sdp(upper))).toEqual(new Uint8Array(32).fill(0xab));
  expect(certificateOf(sdp(upper).replace("AB", "ab"))).toHaveLength(32);
  expect(certificateOf(sdp(upper).replaceAll("\r\n", "\n"))).toHaveLength(32);
});

test.each([
  ["a second certificate", `${sdp()}${OTHER}\r\n`],
  ["one behind a lone return", `${sdp()}a=x\r${OTHER}\r\n`],
  ["one behind a line separator", `${sdp()}a=x\u2028${OTHER}\r\n`],
  ["one after a space", `${sdp()} ${OTHER}\r\n`],
  ["one in capitals", `${sdp()}${OTHER.toUpperCase()}\r\n`],
  ["keys in the text", `${sdp()}a=crypto:1 x inline:y\r\n`],
  ["a second bundle", sdp().replace("m=audio", "a=group:BUNDLE 1\r\nm=audio")],
  [
    "two sections of one name",
    sdp().replace("a=mid:1", "a=mid:0").replace("BUNDLE 0 1", "BUNDLE 0"),
  ],
  [
    "a section with two names",
    sdp()
      .replace("a=mid:1", "a=mid:1\r\na=mid:2")
      .replace("BUNDLE 0 1", "BUNDLE 0 1 2"),
  ],
  ["a stranger in the bundle", sdp().replace("BUNDLE 0 1", "BUNDLE 0 1 2")],
  ["a section outside of it", sdp().replace("BUNDLE 0 1", "BUNDLE 0")],
])("a description with %s is refused", (_, text) => {
  expect(() => certificateOf(text)).toThrow(new Refused("description"));
});
