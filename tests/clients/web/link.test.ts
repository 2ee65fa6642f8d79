/** The fragment: what a person opened, and what the page adds. */
import { compose, demoSecret, parse } from "../../../clients/web/src/link.ts";

const SEED = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
const SECRET = "EBESExQVFhcYGRobHB0eHw";

test("a link as it was sent has a token and nothing else", () => {
  const link = parse("#demo1.p.demo.1790000000.yMnKy8zNzs_Q0dLT1NXW1w");

  expect(link).toEqual({
    token: "demo1.p.demo.1790000000.yMnKy8zNzs_Q0dLT1NXW1w",
    holder: null,
    resume: null,
  });
});

test("what the page added is read back as it was written", () => {
  const link = { token: "demo1.p.demo.1.x", holder: SEED, resume: SECRET };

  const hash = compose(link);

  expect(hash).toBe(`#demo1.p.demo.1.x~h=${SEED}~r=${SECRET}`);
  expect(parse(hash)).toEqual(link);
});

test.each(["", "#", "#~h=abc", "#a b", "#<script>", `#${"a".repeat(1025)}`])(
  "a fragment without a token is no link: %j",
  (hash) => {
    expect(parse(hash)).toBeNull();
  },
);

test("a damaged addition is as if it were not there", () => {
  expect(parse("#token~h=short~r=also-short")).toEqual({
    token: "token",
    holder: null,
    resume: null,
  });
});

test("only a doctor's link holds a secret", () => {
  expect(demoSecret(`demo1.d.${SEED}`)).toBe(SEED);
  expect(demoSecret("demo1.p.demo.1.x")).toBeNull();
});
