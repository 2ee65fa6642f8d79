/** Whom a member lets in: who was told of, by what was told, once. */
import {
  colleagueExpected,
  EXPECTED_S,
  type Expectations,
  guestAsks,
  guestExpected,
  colleagueAsks,
  introducedExpected,
} from "../../../clients/web/src/gathering.ts";
import {
  accepted,
  asked,
  asks,
  book,
  COLLEAGUE,
  doctorsPapers,
  entered,
  GUEST,
  id,
  opening,
  pair,
  PATIENT,
  T0,
  thumbOf,
} from "./gathering-cast.ts";
import { flipped, OFFER, refusalOf, seed, signer } from "./seal.ts";

type Pair = Awaited<ReturnType<typeof pair>>;

const SECRET = seed(7).slice(0, 16);
const STRANGER = id(9);

test("who was told of comes in, as the one who was told of", async () => {
  const { expected, link, seat, papers } = await pair();
  const expectations = await book(expected);

  const { entered: far, channel } = await entered(
    expectations,
    link,
    seat,
    papers,
  );

  expect(far.entry).toEqual({
    member: seat,
    role: "guest",
    key: await thumbOf(await signer(21)),
  });
  expect(await channel.open(await far.channel.seal("bonjour"))).toBe("bonjour");
});

test("a guest comes in by the address alone, from any seat, under the key that comes", async () => {
  const holder = await signer(23);
  const inviter = await doctorsPapers();
  const key = await thumbOf(inviter.deviceKey);
  const link = await guestAsks({ secret: SECRET, key }, "doctor", holder);
  const expectations = await book(await guestExpected(SECRET));

  const { entered: far } = await entered(expectations, link, STRANGER, inviter);

  expect(far.entry).toEqual({
    member: STRANGER,
    role: "guest",
    key: await thumbOf(holder),
  });
});

test("a colleague comes in by the day key of the card, under its device key", async () => {
  const [dayKey, device] = [await signer(31), await signer(32)];
  const card = {
    secret: SECRET,
    deviceKey: device.publicKey,
    dayKey: dayKey.publicKey,
  };
  const link = await colleagueAsks(SECRET, dayKey);
  const papers = await doctorsPapers();
  const expectations = await book(await colleagueExpected(card));
  const other = await colleagueAsks(SECRET, await signer(33));

  expect(
    await asked(expectations, {
      link: other,
      seat: STRANGER,
      papers: papers as never,
    }),
  ).toBe("token");
  const { entered: far } = await entered(
    expectations,
    link,
    COLLEAGUE.member,
    papers,
  );
  expect(far.entry).toEqual({
    member: COLLEAGUE.member,
    role: "doctor",
    key: await thumbOf(device),
  });
});

test("a doctor who was introduced signs with the day key, not with what is in the roster", () => {
  const letter = {
    t: "expect",
    ...COLLEAGUE,
    invite: id(5),
    psk: seed(5),
  } as const;

  expect(introducedExpected({ ...letter, holder: id(6) }).holder).toBe(id(6));
  expect(introducedExpected({ ...letter, ...GUEST, holder: null }).holder).toBe(
    GUEST.key,
  );
});

describe("refused as an invitation that is none", () => {
  test("an id that nobody told of, and a token of another kind", async () => {
    const one = await pair();
    const other = await pair({ of: 51 });
    const expectations = await book(one.expected);

    expect(await asked(expectations, other)).toBe("token");
    for (const token of [
      "inv1.",
      "cap1.AAAA",
      one.expected.invite,
      `inv1.${one.expected.invite}A`,
      `inv2.${one.expected.invite}`,
    ]) {
      const link = { ...one.link, token };
      expect(await asked(expectations, { ...one, link })).toBe("token");
    }
    expect(await asked(expectations, one)).toBe("none");
  });

  test("another holder, another seat", async () => {
    const one = await pair();
    const expectations = await book(one.expected);
    const link = { ...one.link, holder: await signer(24) };

    expect(await asked(expectations, { ...one, link })).toBe("token");
    expect(await asked(expectations, { ...one, seat: STRANGER })).toBe("token");
    expect(await asked(expectations, one)).toBe("none");
  });

  test("no PSK said to be mixed in", async () => {
    const one = await pair();
    const expectations = await book(one.expected);
    const link = { ...one.link, psk: null };

    expect(await asked(expectations, { ...one, link })).toBe("token");
  });

  test("what was told too long ago", async () => {
    const one = await pair();
    const [early, late] = [await book(one.expected), await book(one.expected)];

    expect(await asked(early, one, { now: T0 + EXPECTED_S })).toBe("none");
    expect(await asked(late, one, { now: T0 + EXPECTED_S + 0.1 })).toBe(
      "token",
    );
  });

  test("whoever left, and everybody once the session is over", async () => {
    for (const forget of [
      (one: Expectations) => {
        one.forget(GUEST.member);
      },
      (one: Expectations) => {
        one.forgetAll();
      },
    ]) {
      const one = await pair();
      const [unspent, spent] = [
        await book(one.expected),
        await book(one.expected),
      ];
      const { resume } = await entered(spent, one.link, one.seat, one.papers);
      forget(unspent);
      forget(spent);

      expect(await asked(unspent, one)).toBe("token");
      expect(await asked(spent, one, { resume })).toBe("token");
    }
  });

  test("nobody else's departure", async () => {
    const one = await pair();
    const expectations = await book(one.expected);
    expectations.forget(STRANGER);

    expect(await asked(expectations, one)).toBe("none");
  });
});

test("with another PSK nobody comes in", async () => {
  const one = await pair();
  const expectations = await book(one.expected);
  const link = { ...one.link, psk: seed(99) };
  const { name, m3 } = await accepted(expectations, link, one.seat, one.papers);

  expect(await refusalOf(expectations.confirm(name, one.seat, m3, T0))).toBe(
    "confirmation",
  );
  // It was not spent by that.
  expect(await asked(expectations, one)).toBe("none");
});

describe("once", () => {
  test("the first M3 settles who it is: the true guest finds it used", async () => {
    const key = await thumbOf((await doctorsPapers()).deviceKey);
    const papers = await doctorsPapers();
    const links = await Promise.all(
      [41, 42].map(async (of) =>
        guestAsks({ secret: SECRET, key }, "doctor", await signer(of)),
      ),
    );
    const [thief, guest] = links as [Pair["link"], Pair["link"]];
    const expectations = await book(await guestExpected(SECRET));
    const late = await accepted(expectations, guest, id(8), papers);
    const { resume } = await entered(expectations, thief, STRANGER, papers);

    expect(
      await refusalOf(expectations.confirm(late.name, id(8), late.m3, T0)),
    ).toBe("twice");
    for (const seat of [id(8), STRANGER]) {
      const { m1 } = await asks(guest, resume);
      expect(
        await refusalOf(expectations.answer(m1, seat, papers, OFFER, T0)),
      ).toBe("token");
    }
    const { m1 } = await asks(thief, resume);
    expect(
      await refusalOf(expectations.answer(m1, id(8), papers, OFFER, T0)),
    ).toBe("token");
  });

  test("two M3 at the same time: one comes in", async () => {
    const one = await pair();
    const expectations = await book(one.expected);
    const [first, second] = [
      await accepted(expectations, one.link, one.seat, one.papers),
      await accepted(expectations, one.link, one.seat, one.papers),
    ];
    const ended = await Promise.all(
      [first, second].map(({ name, m3 }) =>
        refusalOf(expectations.confirm(name, one.seat, m3, T0)),
      ),
    );

    expect(ended.sort()).toEqual(["none", "twice"]);
  });

  test("later it opens to the resume secret of that pair alone", async () => {
    const one = await pair();
    const expectations = await book(one.expected);
    const { resume } = await entered(
      expectations,
      one.link,
      one.seat,
      one.papers,
    );

    expect(await asked(expectations, one)).toBe("resume");
    expect(await asked(expectations, one, { resume: SECRET })).toBe("resume");
    // Long after: who is in stays in.
    const now = T0 + 10 * EXPECTED_S;
    expect(await asked(expectations, one, { resume, now })).toBe("none");
  });

  test("before, a resume MAC is not looked at", async () => {
    const one = await pair();
    const expectations = await book(one.expected);

    expect(await asked(expectations, one, { resume: SECRET })).toBe("none");
  });

  test("an earlier secret holds until the first record of the newest", async () => {
    const one = await pair();
    const expectations = await book(one.expected);
    const { link, seat, papers } = one;
    const first = await entered(expectations, link, seat, papers);
    const second = await entered(
      expectations,
      link,
      seat,
      papers,
      first.resume,
    );
    expect(await asked(expectations, one, { resume: first.resume })).toBe(
      "none",
    );

    expectations.arrived(STRANGER);
    expect(await asked(expectations, one, { resume: first.resume })).toBe(
      "none",
    );
    expectations.arrived(seat);

    expect(await asked(expectations, one, { resume: first.resume })).toBe(
      "resume",
    );
    expect(await asked(expectations, one, { resume: second.resume })).toBe(
      "none",
    );
  });

  test("an id is had once in a session, whatever became of it", async () => {
    const one = await pair();
    const open = await book(one.expected);
    const expired = await book(one.expected);
    const left = await book(one.expected);
    left.forget(one.seat);
    const spent = await book(one.expected);
    await entered(spent, one.link, one.seat, one.papers);

    expect(opening(open, one.expected)).toBe("twice");
    expect(opening(expired, one.expected, T0 + EXPECTED_S + 1)).toBe("twice");
    expect(opening(left, one.expected)).toBe("twice");
    expect(opening(spent, one.expected)).toBe("twice");
    expect(opening(await book(), one.expected)).toBe("none");
  });
});

describe("an M3", () => {
  test("of no handshake, or from another seat, is passed over", async () => {
    const one = await pair();
    const expectations = await book(one.expected);
    const { name, m3 } = await accepted(
      expectations,
      one.link,
      one.seat,
      one.papers,
    );

    expect(await expectations.confirm(id(1), one.seat, m3, T0)).toBeNull();
    expect(await expectations.confirm(name, STRANGER, m3, T0)).toBeNull();
    expect(await expectations.confirm(name, one.seat, m3, T0)).not.toBeNull();
    expect(await expectations.confirm(name, one.seat, m3, T0)).toBeNull();
  });

  test("that was changed lets nobody in, and spends nothing", async () => {
    const one = await pair();
    const expectations = await book(one.expected);
    const { name, m3 } = await accepted(
      expectations,
      one.link,
      one.seat,
      one.papers,
    );

    expect(
      await refusalOf(
        expectations.confirm(name, one.seat, flipped(m3, -1), T0),
      ),
    ).toBe("confirmation");
    expect(await asked(expectations, one)).toBe("none");
  });

  test.each([
    ["left", 0],
    ["took too long", EXPECTED_S + 1],
  ] as const)("of who %s meanwhile is passed over", async (why, later) => {
    const one = await pair();
    const expectations = await book(one.expected);
    const { name, m3 } = await accepted(
      expectations,
      one.link,
      one.seat,
      one.papers,
    );
    if (why === "left") expectations.forget(one.seat);

    expect(
      await expectations.confirm(name, one.seat, m3, T0 + later),
    ).toBeNull();
  });

  test("of who leaves while it is read lets nobody in", async () => {
    const one = await pair();
    const expectations = await book(one.expected);
    const { name, m3 } = await accepted(
      expectations,
      one.link,
      one.seat,
      one.papers,
    );
    const reading = refusalOf(expectations.confirm(name, one.seat, m3, T0));
    expectations.forget(one.seat);

    expect(await reading).toBe("token");
  });
});

test("the patient's seat is not the guest's", async () => {
  const one = await pair();
  const expectations = await book(one.expected);

  expect(await asked(expectations, { ...one, seat: PATIENT.member })).toBe(
    "token",
  );
});
