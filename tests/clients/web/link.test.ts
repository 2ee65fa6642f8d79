/** The fragment: what a person opened, and what the page adds. */
import fc from "fast-check";
import { compose, parse, parseDoctor } from "../../../clients/web/src/link.ts";

const SEED = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
const SHORT = "EBESExQVFhcYGRobHB0eHw";
const UNION = "AAECAwQFBgcICQoLDA0ODw";
const CAPABILITY = `cap1.${"Ab-_9".repeat(40)}`;

const NOTHING = {
  secret: null,
  union: null,
  holder: null,
  resume: null,
  doctor: null,
};

test("a link for anybody is a capability and nothing else", () => {
  expect(parse(`#${CAPABILITY}`)).toEqual({
    ...NOTHING,
    opened: CAPABILITY,
    token: CAPABILITY,
  });
});

test("a link's secret and its doctor's union never are part of the token", () => {
  expect(parse(`#${CAPABILITY}.${SHORT}`)).toMatchObject({
    token: CAPABILITY,
    secret: SHORT,
    union: null,
  });
  expect(parse(`#${CAPABILITY}.${SHORT}.${UNION}`)).toMatchObject({
    token: CAPABILITY,
    secret: SHORT,
    union: UNION,
  });
});

test("what the page added is read back as it was written", () => {
  const opened = `${CAPABILITY}.${SHORT}.${UNION}`;

  const hash = compose({
    opened,
    holder: SEED,
    resume: SHORT,
    doctor: UNION,
  });

  expect(hash).toBe(`#${opened}~h=${SEED}~r=${SHORT}~d=${UNION}`);
  expect(parse(hash)).toEqual({
    opened,
    token: CAPABILITY,
    secret: SHORT,
    union: UNION,
    holder: SEED,
    resume: SHORT,
    doctor: UNION,
  });
});

test.each([
  "",
  "#",
  `#~h=${SEED}`,
  "#cap1.",
  "#cap2.abc",
  "#demo1.p.demo.1790000000.yMnKy8zNzs",
  `#${CAPABILITY}.short`,
  `#${CAPABILITY}.${SHORT}.${UNION}.${UNION}`,
  `#${CAPABILITY} `,
  `#cap1.${"a".repeat(1001)}`,
  "#<script>",
])("a fragment without a link is none: %j", (hash) => {
  expect(parse(hash)).toBeNull();
});

test("a damaged addition is as if it were not there", () => {
  expect(parse(`#${CAPABILITY}~h=short~r=also-short~d=x`)).toEqual({
    ...NOTHING,
    opened: CAPABILITY,
    token: CAPABILITY,
  });
});

test("a doctor's address holds a keyring, what a session needs, both or nothing", () => {
  const nothing = { opened: "", keyring: null, resume: null, key: null };
  const session = { resume: SHORT, key: SHORT };
  const opened = `key1.${SEED}`;

  expect(parseDoctor("")).toEqual(nothing);
  expect(parseDoctor(`#~r=${SHORT}`)).toEqual({ ...nothing, resume: SHORT });
  expect(parseDoctor(`#${opened}~r=${SHORT}~k=${SHORT}`)).toEqual({
    ...session,
    opened,
    keyring: SEED,
  });
  expect(compose({ opened, ...session })).toBe(
    `#${opened}~r=${SHORT}~k=${SHORT}`,
  );
});

test.each(["#key1.short", `#${CAPABILITY}`, "#demo1.d.x"])(
  "what is no doctor's address is refused: %j",
  (hash) => {
    expect(parseDoctor(hash)).toBeNull();
  },
);

test("an enrolled doctor's address shows nothing, but for what is running", () => {
  expect(compose({ opened: "", resume: null })).toBe("");
  expect(compose({ opened: "", resume: SHORT })).toBe(`#~r=${SHORT}`);
});

test("any fragment is a link that is written as it was read, or none", () => {
  const piece = fc.constantFrom(
    CAPABILITY,
    SHORT,
    SEED,
    ".",
    "~",
    "h=",
    "r=",
    "key1.",
  );
  const text = fc.oneof(
    fc.string(),
    fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join("")),
  );
  fc.assert(
    fc.property(text, (fragment) => {
      const link = parse(`#${fragment}`);
      expect(link === null ? null : parse(compose(link))).toEqual(link);
      const doctors = parseDoctor(`#${fragment}`);
      expect(doctors === null ? null : parseDoctor(compose(doctors))).toEqual(
        doctors,
      );
    }),
  );
});
