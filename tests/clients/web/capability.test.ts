/** Links are those of the union's tool, and a patient's token is believed only where it holds. */
import fc from "fast-check";
import type { Bytes } from "../../../clients/web/src/bytes.ts";
import {
  checkCapability,
  destinationOf,
  personalLink,
  USES_MAX,
  WINDOW_MAX_S,
  WAITED_MAX_S,
} from "../../../clients/web/src/capability.ts";
import { linkKeyOf } from "../../../clients/web/src/keyring.ts";
import { encode } from "../../../clients/web/src/letters.ts";
import { vouching } from "../../../clients/web/src/patient-seal.ts";
import { idOf } from "../../../clients/web/src/published.ts";
import type { Holder } from "../../../clients/web/src/proof.ts";
import {
  bytes,
  flipped,
  FOREIGN,
  keyringOf,
  NOW,
  refusal,
  UNION,
  vectors,
} from "./union-vectors.ts";

const { links } = vectors;
const [own, later] = links.personal;
const [pool, counted] = links.pools;
const NONCE = new Uint8Array(8);

async function check(
  token: string | undefined,
  holder: string | null | undefined,
  now = NOW,
  unions = [UNION],
) {
  const { linkMaster } = await keyringOf();
  const linkKey = (await linkKeyOf(linkMaster)) as Holder;
  const thumb = holder ? bytes(holder) : new Uint8Array(16).fill(9);
  return checkCapability(token ?? "", thumb, linkKey, linkMaster, unions, now);
}

async function made(
  begins: number,
  ends: number,
  uses: number,
  nonce: Bytes = NONCE,
) {
  const { linkMaster } = await keyringOf();
  const window = { begins, ends, uses };
  return personalLink(
    linkMaster,
    nonce,
    window,
    links.origin,
    vectors.union.id,
  );
}

test.each(links.personal)(
  "the link of nonce $nonce is the union tool's",
  async (row) => {
    const { begins, ends, uses, nonce, url } = row;

    expect(await made(begins, ends, uses, bytes(nonce))).toBe(url);
  },
);

test("where the address would be too long the union is left out of it", async () => {
  const { linkMaster } = await keyringOf();
  const window = { begins: NOW, ends: NOW + 1, uses: 1 };
  const at = (origin: string) =>
    personalLink(linkMaster, NONCE, window, origin, vectors.union.id);

  expect((await at(`https://${"a".repeat(24)}`))?.split(".")).toHaveLength(4);
  expect((await at(`https://${"a".repeat(25)}`))?.split(".")).toHaveLength(3);
  await expect(at(`https://${"a".repeat(60)}`)).rejects.toThrow(RangeError);
});

test.each([
  ["ends before it begins", NOW, NOW, 1],
  ["is open for more than a day", NOW, NOW + WINDOW_MAX_S + 1, 1],
  ["is not counted", NOW, NOW + 1, 0],
  ["is counted too often", NOW, NOW + 1, USES_MAX + 1],
  ["begins in the middle of a second", NOW + 0.5, NOW + 2, 1],
])("no link is made that %s", async (_, begins, ends, uses) => {
  await expect(made(begins, ends, uses)).rejects.toThrow(RangeError);
});

test("a patient's token of one's own link gives the PSK of its secret", async () => {
  expect(encode((await check(own?.token, own?.holder)) ?? NONCE)).toBe(
    own?.psk,
  );
});

test("a token of a trusted union's pool gives none, and takes the holder it names", async () => {
  expect(await check(pool?.token, null)).toBeNull();
  expect(await check(counted?.token, counted?.holder)).toBeNull();
  expect(await refusal(check(counted?.token, null))).toBe("token");
});

test("a link holds from a minute before it opens until nobody who came can wait", async () => {
  const at = (now: number) => refusal(check(later?.token, later?.holder, now));
  const { begins, ends } = later ?? { begins: 0, ends: 0 };

  expect(await at(begins - 61)).toBe("token");
  expect(await at(begins - 60)).toHaveProperty("came");
  expect(await at(ends + WAITED_MAX_S - 1)).toHaveProperty("came");
  expect(await at(ends + WAITED_MAX_S)).toBe("token");
});

test.each([
  ["somebody else's holder", own?.token, links.others.holder],
  ["another doctor's link", links.others.token, links.others.holder],
  ["a pool of another union", links.foreign_pool, null],
  ["no capability", "access-token", null],
  ["nothing", "", null],
])("%s is refused", async (_, token, holder) => {
  expect(await refusal(check(token, holder))).toBe("token");
});

test("the same pool of another union holds for who trusts it", async () => {
  expect(await check(links.foreign_pool, null, NOW, [FOREIGN])).toBeNull();
});

test("a token that was changed anywhere is refused", async () => {
  const data = bytes((own?.token ?? "").slice(5));
  const at = fc.integer({ min: 0, max: data.length - 1 });

  await fc.assert(
    fc.asyncProperty(at, async (index) => {
      const token = `cap1.${encode(flipped(data, index))}`;
      expect(await refusal(check(token, own?.holder))).toBe("token");
    }),
    { numRuns: 40 },
  );
});

test("any text is a token that is refused, never another error", async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (data) => {
      const token = `cap1.${encode(data)}`;
      expect(await refusal(check(token, own?.holder))).toBe("token");
    }),
    { numRuns: 200 },
  );
});

test("a probe's link leads no person anywhere", async () => {
  expect(await refusal(destinationOf(vectors.roles.probe.link))).toBe("token");
});

test("a link says to whom it leads: a doctor's own handle, or a union", async () => {
  const { queue, handle, union } = await destinationOf(own?.token ?? "");
  expect([handle?.length, union, queue]).toEqual([22, null, handle]);

  const pool = await destinationOf(links.foreign_pool);
  expect(pool).toEqual({
    queue: "medecine-generale",
    handle: null,
    union: await idOf(FOREIGN),
  });
  expect(await vouching([UNION, FOREIGN], pool.union)).toEqual([FOREIGN]);
  expect(await vouching([UNION, FOREIGN], null)).toHaveLength(2);
  expect(await vouching([UNION], pool.union)).toEqual([]);
});
