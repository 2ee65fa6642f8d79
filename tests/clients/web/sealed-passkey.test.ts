/** The gesture of the day; `sealed.json` has whole handshakes with it, and what is refused. */
import { fromBase64url } from "../../../clients/web/src/bytes.ts";
import {
  challengeOf,
  checkPasskey,
  dayOf,
  readAssertion,
} from "../../../clients/web/src/sealed-passkey.ts";
import { verifyIdentity } from "../../../clients/web/src/sealed.ts";
import { encode } from "../../../clients/web/src/letters.ts";
import { refusalOf, seed } from "./seal.ts";
import { runs, trust } from "./seal-vectors.ts";

const MIDNIGHT = dayOf(trust.now) * 86_400;
const DEVICE = fromBase64url(runs[0]?.doctor.device);
const AUDIENCE = trust.unions[0]?.audience ?? "";

/** How a gesture that was made on `MIDNIGHT`'s day is judged. */
async function judged(
  name: string,
  { now = trust.now, device = DEVICE, audience = AUDIENCE } = {},
): Promise<string> {
  const run = runs.find((one) => one.name === `passkey ${name}`);
  const gesture = readAssertion(run?.doctor.passkey);
  const { passkey } = await verifyIdentity(
    run?.doctor.identity,
    trust.list,
    trust.unions,
    trust.now,
  );
  return refusalOf(checkPasskey(gesture, passkey, device, audience, now));
}

describe.each(["ES256", "EDDSA"])("a gesture by %s", (name) => {
  test.each([
    [-61, "passkey"],
    [-60, "none"],
    [0, "none"],
    [2 * 86_400 - 61, "none"],
    [2 * 86_400 - 60, "passkey"],
  ])("%i seconds after its day began is %s", async (after, code) => {
    expect(await judged(name, { now: MIDNIGHT + after })).toBe(code);
  });

  test("is for one device and one audience", async () => {
    expect(await judged(name)).toBe("none");
    expect(await judged(name, { device: seed(9) })).toBe("passkey");
    for (const audience of ["https://autre.fr", `${AUDIENCE}/`, "exemple.fr"]) {
      expect(await judged(name, { audience })).toBe("passkey");
    }
  });
});

test("a challenge is of the day and the device", async () => {
  const seen = new Set<string>();
  for (const day of [0, 1, 20_000]) {
    for (const device of [seed(1), seed(2)]) {
      seen.add(encode(await challengeOf(day, device)));
    }
  }
  expect(seen.size).toBe(6);
  const gesture = readAssertion(
    runs.find(({ name }) => name === "passkey ES256")?.doctor.passkey,
  );
  const text = new TextDecoder().decode(gesture.client);
  expect(text).toContain(encode(await challengeOf(dayOf(trust.now), DEVICE)));
});

test("there is none where the union names none", async () => {
  const check = checkPasskey(null, null, DEVICE, AUDIENCE, trust.now);
  expect(await refusalOf(check)).toBe("none");
});
