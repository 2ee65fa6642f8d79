/** What a bundle says is used only where the union signed it, for these very keys. */
import type { Bundle } from "../../../clients/web/src/bundle.ts";
import { accessAt, checked } from "../../../clients/web/src/credentials.ts";
import {
  makeDevice,
  keyringOfDevice,
} from "../../../clients/web/src/device-keys.ts";
import { encode } from "../../../clients/web/src/letters.ts";
import { type Said, unionOf } from "./union.ts";
import {
  bundleWith,
  FOREIGN,
  keyringOf,
  NOW,
  refusal,
  UNION,
  vectors,
} from "./union-vectors.ts";

const { others, bundle } = vectors;
const [today = "", tomorrow = ""] = bundle.says.access;
const BEGINS = vectors.day * 86_400 + 4 * 3600;

async function check(changes: Partial<Bundle> = {}, unions = [FOREIGN, UNION]) {
  return checked(bundleWith(changes), await keyringOf(), unions);
}

test("a bundle of a trusted union gives card, credentials and their end", async () => {
  const credentials = await check();

  expect(credentials).toMatchObject({
    union: UNION,
    card: bundle.card,
    hasLinks: true,
    endsAt: (vectors.day + 1) * 86_400 + 34 * 3600,
  });
  expect(credentials.access.map(({ day }) => day)).toEqual([
    vectors.day,
    vectors.day + 1,
  ]);
});

test("a union that gave no handle gives no links", async () => {
  expect((await check({ access: others.no_links })).hasLinks).toBe(false);
});

test.each([
  ["an identity of another device", { identity: others.identity }],
  ["an identity by another union", { identity: others.foreign_identity }],
  ["a handle of another doctor", { access: [others.foreign_handle] }],
  ["an access credential as identity", { identity: today }],
  ["an identity as access credential", { access: [bundle.says.identity] }],
  ["a root that the pages do not trust", { root: "A".repeat(43) }],
  ["a changed signature", { access: [`${today.slice(0, -4)}AAAA`] }],
  ["a token in four parts", { access: [`${today}.x`] }],
  ["no token", { identity: "" }],
])("%s is refused", async (_, changes: Partial<Bundle>) => {
  expect(await refusal(check(changes))).toBe("identity");
});

const OTHER_KEY = {
  jwk: { kty: "OKP", crv: "Ed25519", x: encode(new Uint8Array(32).fill(9)) },
};
const ELSEWHERE = { aud: "https://elsewhere.example" };

test.each<[string, Said, "identity" | null]>([
  ["nothing", {}, null],
  ["the device key", { identity: { cnf: OTHER_KEY } }, "identity"],
  ["the audience of the identity", { identity: ELSEWHERE }, "identity"],
  ["the audience of the days", { access: ELSEWHERE }, "identity"],
  ["the role of the days", { access: { role: "patient" } }, "identity"],
  [
    "a role that every object has",
    { access: { role: "toString" } },
    "identity",
  ],
  [
    "the role of the days, a probe's",
    { access: { role: "probe" } },
    "identity",
  ],
  ["the role of the days, staff's", { access: { role: "staff" } }, "identity"],
  ["the role of all, staff's", { role: "staff" }, null],
])("where only %s is another's", async (_, said, code) => {
  const { union, bundleFor } = await unionOf(7);
  const kept = await makeDevice(NOW, null);
  if (kept === null || kept.next === null) throw new Error("no days");
  const { identity, access } = await bundleFor(kept.next.request, said);
  const bundle = bundleWith({ identity, access, root: union.root });

  const outcome = refusal(
    checked(bundle, await keyringOfDevice(kept, kept.next), [union]).then(
      () => null,
    ),
  );

  expect(await outcome).toEqual(code ?? { came: null });
});

test.each(["probe", "staff"] as const)(
  "what the union's tool signs for %s is that, and no doctor's",
  async (role) => {
    const { identity, access } = vectors.roles[role];
    const says = { identity, access, root: FOREIGN.root };
    const doctors = { ...says, identity: others.foreign_identity };

    expect((await check(says)).role).toBe(role);
    expect(await refusal(check(doctors))).toBe("identity");
  },
);

test("credentials of two roles are nobody's", async () => {
  const { union, bundleFor } = await unionOf(7);
  const kept = await makeDevice(NOW, null);
  if (kept === null || kept.next === null) throw new Error("no days");
  const { request } = kept.next;
  const doctor = await bundleFor(request);
  const staff = await bundleFor(request, { role: "staff" });
  const keyring = await keyringOfDevice(kept, kept.next);
  const whose = (identity: string, access: string[]) =>
    refusal(
      checked(bundleWith({ identity, access, root: union.root }), keyring, [
        union,
      ]).then(({ role }) => role),
    );

  const mixed = [...staff.access, ...doctor.access];
  expect(await whose(staff.identity, mixed)).toBe("identity");
  expect(await whose(staff.identity, staff.access)).toEqual({ came: "staff" });
});

test("a union that the pages no longer trust is refused", async () => {
  expect(await refusal(check({}, [FOREIGN]))).toBe("identity");
});

test("of two credentials that hold, the later one is shown", async () => {
  const { access } = await check();
  const at = (now: number) => accessAt(access, now)?.token ?? null;

  expect(at(BEGINS - 61)).toBeNull();
  expect(at(BEGINS - 60)).toBe(today);
  expect(at(NOW)).toBe(today);
  expect(at(BEGINS + 86_400 - 61)).toBe(today);
  expect(at(BEGINS + 86_400)).toBe(tomorrow);
  expect(at(BEGINS + 86_400 + 30 * 3600 - 1)).toBe(tomorrow);
  expect(at(BEGINS + 86_400 + 30 * 3600)).toBeNull();
});

test("whose seat is to be found again goes on with the earlier one, while it holds", async () => {
  const { access } = await check();
  const key = accessAt(access, NOW)?.key ?? null;
  const at = (now: number) => accessAt(access, now, key)?.token ?? null;

  expect(at(BEGINS + 86_400)).toBe(today);
  expect(at(BEGINS + 30 * 3600 - 1)).toBe(today);
  expect(at(BEGINS + 30 * 3600)).toBe(tomorrow);
});
