/** However many come and ask, few are expected and few are answered. */
import {
  EXPECTATIONS_MAX,
  EXPECTED_S,
  guestAsks,
  guestExpected,
  IDS_MAX,
} from "../../../clients/web/src/gathering.ts";
import { ANSWERS_MAX } from "../../../clients/web/src/sealed.ts";
import {
  asked,
  book,
  doctorsPapers,
  entered,
  id,
  opening,
  pair,
  T0,
  thumbOf,
} from "./gathering-cast.ts";
import { seed, signer } from "./seal.ts";

const SECRET = seed(7).slice(0, 16);
const STRANGER = id(9);

test("three M1 are answered, and after each M3 three more", async () => {
  const one = await pair();
  const expectations = await book(one.expected);
  for (let count = 1; count < ANSWERS_MAX; count++) {
    expect(await asked(expectations, one)).toBe("none");
  }
  const { resume } = await entered(
    expectations,
    one.link,
    one.seat,
    one.papers,
  );
  for (let count = 1; count <= ANSWERS_MAX; count++) {
    expect(await asked(expectations, one, { resume })).toBe("none");
  }

  expect(await asked(expectations, one, { resume })).toBe("twice");
});

test("each has a count of its own", async () => {
  const [one, other] = [await pair(), await pair({ of: 51, seat: STRANGER })];
  const expectations = await book(one.expected, other.expected);
  for (let count = 1; count <= ANSWERS_MAX; count++) {
    await asked(expectations, one);
  }

  expect(await asked(expectations, one)).toBe("twice");
  expect(await asked(expectations, other)).toBe("none");
});

test("no more are expected than may sit, until they go or their time is over", async () => {
  const several = await Promise.all(
    Array.from({ length: EXPECTATIONS_MAX }, (_, at) =>
      pair({ of: 60 + at, seat: id(60 + at) }),
    ),
  );
  const { expected } = await pair({ of: 70, seat: id(70) });
  const full = await book(...several.map((one) => one.expected));

  expect(opening(full, expected)).toBe("form");
  expect(opening(full, expected, T0 + EXPECTED_S + 1)).toBe("none");
  const left = await book(...several.map((one) => one.expected));
  left.forget(id(60));
  expect(opening(left, expected)).toBe("none");
});

test("who is introduced again is expected by that alone", async () => {
  const one = await pair();
  const again = await pair({ of: 51 });
  const expectations = await book(one.expected);
  const { resume } = await entered(
    expectations,
    one.link,
    one.seat,
    one.papers,
  );
  expectations.open(again.expected, T0);

  expect(await asked(expectations, one, { resume })).toBe("token");
  expect(await asked(expectations, again)).toBe("none");
});

test("who comes by a fresh address to the old seat, too", async () => {
  const one = await pair();
  const expectations = await book(one.expected, await guestExpected(SECRET));
  const papers = await doctorsPapers();
  const key = await thumbOf(papers.deviceKey);
  const link = await guestAsks(
    { secret: SECRET, key },
    "doctor",
    await signer(21),
  );
  const { resume } = await entered(
    expectations,
    one.link,
    one.seat,
    one.papers,
  );
  await entered(expectations, link, one.seat, papers);

  expect(await asked(expectations, one, { resume })).toBe("token");
});

test("no session has any number of invitations", async () => {
  const expectations = await book();
  const told = async (of: number) => {
    const secret = seed(of).slice(0, 16);
    return opening(expectations, await guestExpected(secret), T0 + of * 301);
  };
  for (let of = 1; of <= IDS_MAX; of++) {
    expect(await told(of)).toBe("none");
  }

  expect(await told(IDS_MAX + 1)).toBe("form");
});
