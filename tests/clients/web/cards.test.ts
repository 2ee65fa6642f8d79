/** Cards: a colleague is recognised, and nobody can pass for one; `gathering.json` has forgeries. */
import fc from "fast-check";
import { fromBase64url, join, utf8 } from "../../../clients/web/src/bytes.ts";
import {
  CARD_BYTES,
  type CardOf,
  colleagueAsks,
  colleagueExpected,
  readCard,
  writeCard,
} from "../../../clients/web/src/gathering.ts";
import { encode } from "../../../clients/web/src/letters.ts";
import { Extracted, hash, sign } from "../../../clients/web/src/primitives.ts";
import {
  type Papers,
  roll,
  type Signer,
} from "../../../clients/web/src/sealed.ts";
import {
  book,
  COLLEAGUE,
  doctorsPapers,
  entered,
  thumbOf,
} from "./gathering-cast.ts";
import {
  DAY_S,
  flipped,
  NOW,
  Office,
  refusalOf,
  type Said,
  seed,
  signer,
} from "./seal.ts";

// NOW is at 08:00 (UTC).
const DAY = Math.floor(NOW / DAY_S);
const keyOf = (queue: string, day = DAY) => hash(queue, utf8(String(day)));

async function queueKeys(queues: readonly string[], day = DAY) {
  const keys = await Promise.all(queues.map((queue) => keyOf(queue, day)));
  return new Map(queues.map((queue, at) => [queue, keys[at] ?? seed(0)]));
}

interface Wanted {
  readonly queues?: readonly string[];
  readonly day?: number;
  readonly papers?: Papers;
  readonly of?: CardOf;
}

async function written({
  queues = ["garde"],
  day = DAY,
  papers,
  of,
}: Wanted = {}) {
  const card = of ?? {
    day,
    dayKey: (await signer(31)).publicKey,
    queueKeys: await queueKeys(queues, day),
  };
  return writeCard(card, papers ?? (await doctorsPapers()), roll);
}

interface Reading {
  readonly queues?: readonly string[];
  readonly now?: number;
  readonly said?: Said;
}

/** As a colleague reads it who serves these queues. */
async function read(
  card: string,
  { queues = ["garde"], now = NOW, said }: Reading = {},
) {
  const office = await Office.of();
  const { list } = await office.papers(await signer(3), undefined, said);
  const tables = new Map<number, Map<string, Uint8Array<ArrayBuffer>>>();
  for (const day of [DAY - 1, DAY, DAY + 1]) {
    tables.set(day, await queueKeys(queues, day));
  }
  return readCard(
    card,
    (day) => tables.get(day) ?? new Map(),
    list,
    [office.union],
    now,
  );
}

test("a colleague of the queue reads who it is, and by which key to invite", async () => {
  const { card, secret } = await written();
  const colleague = await read(card);

  expect(colleague.identity.card.name).toBe("Dr Camille Essai");
  expect(colleague.secret).toEqual(secret);
  expect(colleague.dayKey).toEqual((await signer(31)).publicKey);
  expect(colleague.deviceKey).toEqual((await signer(3)).publicKey);
});

test("from the card to the handshake: the colleague comes in as who was read", async () => {
  const { card, secret } = await written();
  const colleague = await read(card);
  const expectations = await book(await colleagueExpected(colleague));
  const inviter = await (await Office.of()).papers(await signer(4));
  const link = await colleagueAsks(secret, await signer(31));

  const { entered: far } = await entered(
    expectations,
    link,
    COLLEAGUE.member,
    inviter,
  );

  expect(far.entry.key).toBe(await thumbOf(await signer(3)));
});

test("every card is as long as any other, and says no queue's name", async () => {
  const sizes = [];
  for (const queues of [["a"], ["a", "b"], Array.from("abcdefghij")]) {
    const { card } = await written({ queues });
    sizes.push(fromBase64url(card).length);
  }

  expect(sizes).toEqual([CARD_BYTES, CARD_BYTES, CARD_BYTES]);
});

test.each(Array.from("abcdefgh"))(
  "it opens by each of eight queues: %s",
  async (queue) => {
    const { card } = await written({ queues: Array.from("ihgfedcba") });

    expect(await refusalOf(read(card, { queues: [queue] }))).toBe("none");
    expect(await refusalOf(read(card, { queues: ["i"] }))).toBe("card");
  },
);

test("who shares no queue reads nothing", async () => {
  const { card } = await written();

  expect(await refusalOf(read(card, { queues: ["jour"] }))).toBe("card");
  expect(await refusalOf(read(card, { queues: [] }))).toBe("card");
});

test.each([
  [-1, 4 * 3600 - 61, "card"],
  [0, 4 * 3600 - 60, "none"],
  [1, 34 * 3600 - 1, "none"],
  [2, 34 * 3600, "card"],
])("its day begins and ends: %d", async (_, at, expected) => {
  const { card } = await written();
  const now = DAY * DAY_S + at;
  const said = { list: { iat: now - 1, exp: now + 1 } };

  expect(await refusalOf(read(card, { now, said }))).toBe(expected);
});

test("a day that the text does not say is none", async () => {
  const dayKey = (await signer(31)).publicKey;
  const of = { day: DAY - 1, dayKey, queueKeys: await queueKeys(["garde"]) };
  const { card } = await written({ of });

  expect(await refusalOf(read(card))).toBe("card");
});

/** A card that somebody makes over who can open it: a colleague of the queue. */
async function madeOver(
  card: string,
  queues: readonly string[],
  by: Signer | null,
  change: (text: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer> = (text) =>
    text,
) {
  const bytes = fromBase64url(card);
  const [nonce, slots, body] = [
    bytes.slice(1, 17),
    bytes.slice(17, 273),
    bytes.slice(273),
  ];
  const mask = async (queue: string) =>
    (await Extracted.of(nonce, await keyOf(queue))).expand("card slot", 32);
  const opening = await mask("garde");
  const cardKey = slots
    .slice(0, 32)
    .map((byte, at) => byte ^ (opening[at] ?? 0));
  const additionalData = join(utf8("sceau/1"), utf8("card"), nonce);
  const how = { name: "AES-GCM", iv: new Uint8Array(12), additionalData };
  const key = await crypto.subtle.importKey("raw", cardKey, "AES-GCM", false, [
    "encrypt",
    "decrypt",
  ]);
  const padded = new Uint8Array(await crypto.subtle.decrypt(how, key, body));
  const end = padded.lastIndexOf(0x80);
  const others = [];
  for (const queue of queues) {
    const own = await mask(queue);
    others.push(cardKey.map((byte, at) => byte ^ (own[at] ?? 0)));
  }
  const fresh = join(...others, slots.slice(32 * others.length));
  let text = change(padded.slice(0, end - 64));
  const given = padded.slice(end - 64, end);
  const signature =
    by === null
      ? given
      : await sign(by, await hash("card", nonce, fresh, text));
  text = join(text, signature, Uint8Array.of(0x80));
  const whole = join(text, new Uint8Array(1247 - text.length));
  const sealed = new Uint8Array(await crypto.subtle.encrypt(how, key, whole));
  return encode(join(bytes.slice(0, 17), fresh, sealed));
}

describe("who shares a queue, and can open a card,", () => {
  test("can write what was there", async () => {
    const { card } = await written();

    expect(await madeOver(card, ["garde"], null)).toBe(card);
  });

  test("cannot put it into another queue", async () => {
    const { card } = await written();
    const forged = await madeOver(card, ["nuit"], null);

    expect(await refusalOf(read(forged, { queues: ["nuit"] }))).toBe("card");
    const own = await madeOver(card, ["nuit"], await signer(3));
    expect(await refusalOf(read(own, { queues: ["nuit"] }))).toBe("none");
  });

  test("cannot put another day key into it, signed with a key of his own", async () => {
    const { card } = await written();
    const dayKey = (await signer(66)).publicKey;
    const change = (text: Uint8Array<ArrayBuffer>) =>
      join(text.slice(0, 4), dayKey, text.slice(36));

    for (const by of [null, await signer(66)]) {
      const forged = await madeOver(card, ["garde"], by, change);
      expect(await refusalOf(read(forged))).toBe("card");
    }
    const own = await madeOver(card, ["garde"], await signer(3), change);
    expect((await read(own)).dayKey).toEqual(dayKey);
  });

  test("cannot make one of a copied credential", async () => {
    const papers = { ...(await doctorsPapers()), deviceKey: await signer(66) };
    const { card } = await written({ papers });

    expect(await refusalOf(read(card))).toBe("card");
  });

  test("cannot add to it", async () => {
    const { card } = await written();
    const change = (text: Uint8Array<ArrayBuffer>) => join(text, seed(0));
    const forged = await madeOver(card, ["garde"], await signer(3), change);

    expect(await refusalOf(read(forged))).toBe("form");
  });
});

test("whom the union took back, or never knew, is no colleague", async () => {
  const { card } = await written();
  const foreign = await Office.of(11, 12);
  const other = await written({
    papers: await foreign.papers(await signer(3)),
  });

  expect(
    await refusalOf(read(card, { said: { list: { revoked: ["id-1"] } } })),
  ).toBe("revoked");
  expect(await refusalOf(read(other.card))).toBe("identity");
});

test("a gesture that nobody asks for, and one that is missing, are refused", async () => {
  const papers = await doctorsPapers();
  const passkey = {
    data: new Uint8Array(37),
    client: utf8("{}"),
    signature: new Uint8Array(8),
  };
  const { card } = await written({ papers: { ...papers, passkey } });
  const jwk = { kty: "OKP", crv: "Ed25519", x: encode(seed(5)) };
  const said = { identity: { passkey: { jwk } } };
  const asked = await (
    await Office.of()
  ).papers(await signer(3), undefined, said);
  const without = await written({ papers: asked });

  expect(await refusalOf(read(card))).toBe("passkey");
  expect(await refusalOf(read(without.card))).toBe("passkey");
});

test("a credential that does not fit makes no card", async () => {
  const said = {
    identity: { card: { name: "x".repeat(900), specialty: "y" } },
  };
  const papers = await (
    await Office.of()
  ).papers(await signer(3), undefined, said);

  expect(await refusalOf(written({ papers }))).toBe("form");
});

test("a card that was changed anywhere, or is anything else, is none", async () => {
  const { card } = await written();
  const bytes = fromBase64url(card);
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(fc.nat(48), fc.integer({ min: 273, max: CARD_BYTES - 1 })),
      fc.string(),
      async (at, text) => {
        const changed = await refusalOf(read(encode(flipped(bytes, at))));
        expect(changed).toBe(at === 0 ? "form" : "card");
        expect(await refusalOf(read(text))).toBe("form");
      },
    ),
    { numRuns: 40 },
  );
  // Slots that are nobody's are signed too.
  expect(await refusalOf(read(encode(flipped(bytes, 200))))).toBe("card");
});
