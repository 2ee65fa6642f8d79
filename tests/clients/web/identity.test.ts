/** What a union says of a doctor is believed only where every word of it is in order. */
import { encode } from "../../../clients/web/src/letters.ts";
import {
  type Union,
  verifyIdentity,
} from "../../../clients/web/src/identity.ts";
import {
  AUDIENCE,
  DAY_S,
  jwk,
  jws,
  NOW,
  Office,
  refusalOf,
  type Said,
  seed,
  signer,
} from "./seal.ts";

const HANDLE = encode(new Uint8Array(16).fill(4));

async function judged(
  said: Said,
  now = NOW,
  unions?: readonly Union[],
): Promise<string> {
  const office = await Office.of();
  const { identity, list } = await office.papers(await signer(3), HANDLE, said);
  return refusalOf(
    verifyIdentity(identity, list, unions ?? [office.union], now),
  );
}

test("a credential in order says who the doctor is", async () => {
  const office = await Office.of();
  const device = await signer(3);
  const { identity, list } = await office.papers(device, HANDLE);
  const said = await verifyIdentity(identity, list, [office.union], NOW);

  expect(said).toEqual({
    union: office.union,
    card: { name: "Dr Camille Essai", specialty: "Médecine générale" },
    handle: HANDLE,
    deviceKey: device.publicKey,
    passkey: null,
    expiresAt: NOW + 30 * DAY_S,
  });
});

test("several unions may be trusted, and one is not taken for another", async () => {
  const other = (await Office.of(11, 12)).union;
  const own = (await Office.of()).union;

  expect(await judged({}, NOW, [other, own])).toBe("none");
  expect(await judged({}, NOW, [other])).toBe("identity");
  expect(await judged({}, NOW, [])).toBe("identity");
});

test.each([
  ["just begun, by a clock that is a minute late", { nbf: NOW + 60 }, "none"],
  ["not begun", { nbf: NOW + 61 }, "identity"],
  ["in its last second", { exp: NOW + 1 }, "none"],
  ["over", { exp: NOW }, "identity"],
  ["without a beginning", { nbf: undefined }, "identity"],
  ["with an end that is text", { exp: "never" }, "identity"],
  ["with an end that is no whole second", { exp: NOW + 0.5 }, "identity"],
  ["for another audience", { aud: "https://elsewhere.example" }, "identity"],
  ["for several audiences", { aud: [AUDIENCE] }, "identity"],
  ["of another issuer", { iss: HANDLE }, "identity"],
  ["without an id", { jti: undefined }, "identity"],
  ["without a card", { card: undefined }, "identity"],
  ["without a name", { card: { specialty: "x" } }, "identity"],
  ["with a handle of another length", { handle: "AAAA" }, "identity"],
  ["without a key", { cnf: undefined }, "identity"],
  [
    "with a key of another kind",
    { cnf: { jwk: { kty: "EC", crv: "P-256", x: HANDLE } } },
    "identity",
  ],
  [
    "with a key of small order",
    { cnf: { jwk: { kty: "OKP", crv: "Ed25519", x: encode(seed(0)) } } },
    "identity",
  ],
] as const)("a credential %s", async (_, identity, code) => {
  expect(await judged({ identity })).toBe(code);
});

test.each([
  ["another type", { typ: "teleconsult-access+jwt" }],
  ["no type", { typ: undefined }],
  ["another algorithm", { alg: "ES256" }],
  ["none", { alg: "none" }],
  ["a key of its own", { jwk: { kty: "OKP" } }],
  ["an address", { jku: "https://elsewhere.example" }],
  ["something critical", { crit: ["b64"], b64: false }],
  ["another key's name", { kid: HANDLE }],
])("a header with %s is refused", async (_, header) => {
  expect(await judged({ identityHeader: header })).toBe("identity");
  expect(await judged({ listHeader: header })).toBe("revoked");
  expect(await judged({ delegationHeader: header })).toBe("revoked");
});

test.each([
  ["fresh", {}, "none"],
  ["of a clock that is a minute early", { iat: NOW + 60 }, "none"],
  ["of tomorrow", { iat: NOW + 61 }, "revoked"],
  ["stale", { exp: NOW }, "revoked"],
  ["for a day and a second", { iat: NOW - 1, exp: NOW + DAY_S }, "revoked"],
  ["without a number", { seq: undefined }, "revoked"],
  ["of another union", { iss: HANDLE }, "revoked"],
  ["for another audience", { aud: "https://elsewhere.example" }, "revoked"],
  ["without a delegation", { key: undefined }, "revoked"],
  ["without what is revoked", { revoked: undefined }, "revoked"],
  ["of things that are no ids", { revoked: [1] }, "revoked"],
  ["that names the credential", { revoked: ["x", "id-1"] }, "revoked"],
])("a list %s", async (_, list, code) => {
  expect(await judged({ list })).toBe(code);
});

test.each([
  ["over", { exp: NOW }],
  ["to come", { nbf: NOW + 61 }],
  ["for another audience", { aud: "https://elsewhere.example" }],
  ["without a key", { cnf: undefined }],
])("a delegation %s is refused", async (_, delegation) => {
  expect(await judged({ delegation })).toBe("revoked");
});

test("a delegation to another key is refused", async () => {
  const delegation = { cnf: jwk(await signer(4)) };

  expect(await judged({ delegation })).toBe("revoked");
});

test("whoever holds the list key can sign no credential", async () => {
  const office = await Office.of();
  const [listKey, device] = [await signer(2), await signer(3)];
  const { list } = await office.papers(device);
  const forged = await jws(listKey, "teleconsult-identity+jwt", {
    aud: AUDIENCE,
    nbf: NOW,
    exp: NOW + 1,
    jti: "id-2",
    card: { name: "a", specialty: "b" },
    cnf: jwk(device),
  });

  expect(
    await refusalOf(verifyIdentity(forged, list, [office.union], NOW)),
  ).toBe("identity");
});

test("a name is shown without what could make it another, and cut", async () => {
  const office = await Office.of();
  const card = { name: `Dr \u202eA\n${"x".repeat(200)}`, specialty: "b" };
  const papers = await office.papers(await signer(3), HANDLE, {
    identity: { card },
  });
  const said = await verifyIdentity(
    papers.identity,
    papers.list,
    [office.union],
    NOW,
  );

  expect(said.card.name).toMatch(/^Dr Ax+$/);
  expect(said.card.name).toHaveLength(80);
});
