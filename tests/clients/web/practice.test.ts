/** A practice shows what patients would believe, for as long as they would. */
import type { Bytes } from "../../../clients/web/src/bytes.ts";
import { keyringOfSeed, linkKeyOf } from "../../../clients/web/src/keyring.ts";
import {
  LIST_KEPT_S,
  practiceOfSeed,
} from "../../../clients/web/src/practice.ts";
import { NotHad } from "../../../clients/web/src/published.ts";
import { writeRequest } from "../../../clients/web/src/request.ts";
import { AUDIENCE, type Said, unionOf } from "./union.ts";
import { NOW, refusal } from "./union-vectors.ts";

const DAY_S = 86_400;
const SEED = new Uint8Array(32).fill(5);
const union = await unionOf(7);

/** What the server publishes: a test changes it. */
const published: { list: string | null; slot: Bytes } = {
  list: null,
  slot: new Uint8Array(),
};
let lists = 0;

async function answered(path: string): Promise<Response> {
  if (path === "/unions.json") {
    return Response.json({ v: 1, unions: [{ v: 1, ...union.union }] });
  }
  if (path.endsWith("list.jwt")) {
    lists += 1;
    return published.list === null
      ? Promise.reject(new TypeError("Failed to fetch"))
      : new Response(published.list);
  }
  return new Response(published.slot);
}

async function slotOf(seed: Bytes, said: Said = {}): Promise<Bytes> {
  const keyring = await keyringOfSeed(seed);
  const firstDay = Math.floor(NOW / DAY_S);
  const day = (await keyring?.day(firstDay)) ?? null;
  const link = keyring === null ? null : await linkKeyOf(keyring.linkMaster);
  if (keyring === null || link === null || day === null) {
    throw new Error("This engine lacks a curve.");
  }
  const { device, encryption } = keyring;
  const [encryptionKey, dayKeys] = [encryption.publicKey, [day.publicKey]];
  return union.answer(
    await writeRequest({
      device,
      encryptionKey,
      link,
      firstDay,
      dayKeys,
      passkey: null,
    }),
    said,
  );
}

async function practice() {
  const found = await practiceOfSeed(SEED, NOW);
  if (typeof found === "string") throw new Error(found);
  return found;
}

beforeAll(async () => {
  published.slot = await slotOf(SEED);
});
beforeEach(async () => {
  lists = 0;
  published.list = await union.list(NOW);
  vi.stubGlobal("fetch", answered);
});
afterEach(() => {
  vi.unstubAllGlobals();
});

test.each<[string, object, "revoked" | null]>([
  ["nothing", {}, null],
  ["whom it takes back", { revoked: ["jti"] }, "revoked"],
  ["its end", { exp: NOW }, "revoked"],
  ["its beginning", { iat: NOW + 61 }, "revoked"],
  ["for whom it is", { aud: `${AUDIENCE}.other` }, "revoked"],
  ["who wrote it", { iss: "A".repeat(22) }, "revoked"],
])(
  "a fetched list in which only %s is changed is judged before it is shown",
  async (_, said, code) => {
    published.list = await union.list(NOW, said);
    const own = await practice();

    expect(await refusal(own.papers(NOW).then(() => null))).toEqual(
      code ?? { came: null },
    );
  },
);

test.each(["staff", "probe"] as const)(
  "a device of %s has an entry, by the key of the day, and no links",
  async (role) => {
    const doctors = published.slot;
    published.slot = await slotOf(SEED, { role });

    const own = await practice();
    published.slot = doctors;

    const entry = await own.entry(NOW);
    const keyring = await keyringOfSeed(SEED);
    const day = await keyring?.day(Math.floor(NOW / DAY_S));
    expect(own.role).toBe(role);
    expect(entry?.holder.thumbprint).toBe(day?.thumbprint);
    expect(await own.link({ begins: NOW, ends: NOW + 60, uses: 1 })).toBeNull();
    expect((await practice()).role).toBe("doctor");
  },
);

test("what staff has shows no patient who that is", async () => {
  const doctors = published.slot;
  published.slot = await slotOf(SEED, { role: "staff" });

  const own = await practice();
  published.slot = doctors;

  expect(await refusal(own.papers(NOW))).toBe("identity");
});

test("a list is fetched again when it is an hour old", async () => {
  const own = await practice();

  await own.papers(NOW);
  await own.papers(NOW + LIST_KEPT_S - 1);
  expect(lists).toBe(1);
  await own.papers(NOW + LIST_KEPT_S);
  expect(lists).toBe(2);
});

test("without network the list that is held serves to its own end", async () => {
  const own = await practice();
  const first = (await own.papers(NOW)).list;
  published.list = null;

  expect((await own.papers(NOW + LIST_KEPT_S)).list).toBe(first);
  expect((await own.papers(NOW + 2 * 3600 - 1)).list).toBe(first);
  await expect(own.papers(NOW + 2 * 3600)).rejects.toThrow(NotHad);
});

test("a server that gives no list is not asked at every call", async () => {
  const own = await practice();
  await own.papers(NOW);
  published.list = null;

  await own.papers(NOW + LIST_KEPT_S);
  await own.papers(NOW + LIST_KEPT_S + 59);
  expect(lists).toBe(2);
  published.list = await union.list(NOW + LIST_KEPT_S);
  const fresh = (await own.papers(NOW + LIST_KEPT_S + 60)).list;

  expect(fresh).toBe(published.list);
});

test("who was taken back once is not shown by an older list", async () => {
  const own = await practice();
  await own.papers(NOW);
  published.list = await union.list(NOW, { revoked: ["jti"] });
  expect(await refusal(own.papers(NOW + LIST_KEPT_S))).toBe("revoked");
  published.list = null;

  await expect(own.papers(NOW + LIST_KEPT_S)).rejects.toThrow(NotHad);
});

test("without network and without a list nobody is shown", async () => {
  const own = await practice();
  published.list = null;

  await expect(own.papers(NOW)).rejects.toThrow(NotHad);
});

test("a bundle that does not open is refused, and no trouble of the network", async () => {
  const whole = published.slot;
  published.slot = whole.map((byte, at) =>
    at === whole.length - 1 ? byte ^ 1 : byte,
  );

  expect(await refusal(practiceOfSeed(SEED, NOW))).toBe("sealed");
  published.slot = whole;
});
