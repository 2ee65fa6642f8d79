/** The doctor's page, state by state: the duty, the queue and the call. */
import { M1_PER_CALL } from "../../../clients/web/src/agreed.ts";
import {
  CALL,
  calling,
  hello,
  id,
  joined,
  live,
  m3,
  NOW,
  off,
  onDuty,
  Page,
} from "./doctor-page.ts";

test("the time shown is the patient's, once the server has passed the offer on", () => {
  const page = calling().hears({
    type: "proposed",
    call: CALL,
    deadline: NOW + 60,
  });

  expect(page.state.page).toMatchObject({
    calling: { isProposed: true, deadline: NOW + 60 },
  });
  const other = { type: "proposed", call: id("o"), deadline: NOW } as const;
  expect(page.hears(other).state.page).toMatchObject({
    calling: { deadline: NOW + 60 },
  });
});

describe("on and off duty", () => {
  test("the server is joined only after the devices", () => {
    const page = new Page();
    expect(page.does).toEqual(["open-devices"]);

    expect(page.told({ e: "devices-ready" }).does).toEqual(["connect"]);
  });

  test("going on duty names the queues that the server gave", () => {
    const page = off().told({ e: "go-on-duty" });

    expect(page.says).toEqual([
      { type: "duty", state: "on", queues: ["north", "south"] },
    ]);
  });

  test("after a lost socket the duty is told again", () => {
    const page = onDuty().told({ e: "offline" }).hears(hello).hears(joined);

    expect(page.says).toEqual([
      { type: "duty", state: "on", queues: ["north", "south"] },
    ]);
    expect(page.shows).toBe("on");
  });

  test("the last patient may be taken back, and ends the duty by itself when seen", () => {
    const page = live().told({ e: "duty", duty: "draining" });
    expect(page.says).toMatchObject([{ state: "draining" }]);
    const back = page.told({ e: "duty", duty: "on" }).says;
    expect(back).toMatchObject([{ state: "on" }]);

    page.told({ e: "duty", duty: "draining" });
    page.hears({ type: "ended", what: "session", outcome: "left" });
    page.hears({ type: "ended", what: "duty", outcome: "drained" });

    expect(page.shows).toBe("off");
    expect(page.state.notice).toBe("drained");
  });

  test.each([
    ["on", "draining"],
    ["draining", "on"],
  ] as const)(
    "after a loss in a session the server is told the duty that changed meanwhile: from %s",
    (before, after) => {
      const page = live();
      page.told({ e: "duty", duty: before });
      page.told({ e: "offline" }).told({ e: "duty", duty: after });

      page.hears(hello).hears(joined);

      expect(page.says).toEqual([
        { type: "duty", state: after, queues: ["north", "south"] },
        { type: "renew" },
      ]);
    },
  );

  test("a renewal in a session does not take the queues away", () => {
    const page = live().hears({ type: "joined", now: NOW, queues: [] });

    expect(page.state.queues).toEqual(["north", "south"]);
  });

  test("the socket is always joined by the credential, which names the queues", () => {
    expect(live().hears(hello).todo("join")?.pass).toBeNull();
  });

  test("a page that begins anew tells the server that its doctor is off duty", () => {
    expect(off().says).toEqual([{ type: "duty", state: "off", queues: [] }]);
  });

  test("a duty that ran out is said, and not as the end of a consultation", () => {
    const page = onDuty().hears({
      type: "ended",
      what: "duty",
      outcome: "expired",
    });

    expect(page.shows).toBe("off");
    expect(page.state.notice).toBe("duty-expired");
  });

  test("a duty that ran out during a call is over after it", () => {
    const page = calling()
      .hears({ type: "ended", what: "duty", outcome: "expired" })
      .hears({ type: "ended", what: "call", outcome: "declined" });

    expect(page.shows).toBe("off");
  });

  test("without a credential of the day nobody goes on duty", () => {
    const page = off().told({ e: "unentitled" });

    expect(page.state.page).toEqual({ name: "refused", code: "expired" });
    expect(page.does).toEqual(["disconnect", "drop-media", "close-devices"]);
  });

  test("a page whose other half cannot be had says so", () => {
    expect(new Page().told({ e: "unloaded" }).state.notice).toBe("unloaded");
  });
});

describe("calling", () => {
  test("the next patient is the first who may be called over all queues", () => {
    const page = onDuty().told({ e: "call-next" });
    expect(page.shows).toBe("asking");
    expect(page.does).toEqual(["prepare"]);

    page.told({ e: "prepared", code: null });

    expect(page.shows).toBe("asking");
    expect(page.says).toEqual([{ type: "call" }]);
  });

  test.each(["network", "revoked", "passkey"] as const)(
    "nobody is called, and made to rest, while our own papers are missing: %s",
    (code) => {
      const page = onDuty().told({ e: "call-next" });

      page.told({ e: "prepared", code });

      expect(page.says).toEqual([]);
      expect(page.shows).toBe("on");
      expect(page.state.notice).toBe(`seal-${code}`);
    },
  );

  test("papers that are there after a click was taken back call nobody", () => {
    const page = onDuty().told({ e: "call-next" }).told({ e: "withdraw" });

    expect(page.told({ e: "prepared", code: null }).says).toEqual([]);
  });

  test("an M1 is answered by an offer under its name, that no click of its own let in", () => {
    expect(calling().todo("propose")).toMatchObject({
      call: CALL,
      m2: { t: "m2", nonce: id("m"), offer: "offer", isAllowed: false },
    });
  });

  test("a fresh M1 of the same call is answered anew, without a longer deadline", () => {
    const page = calling();

    page.called(id("o"), CALL, NOW + 999).offers();

    expect(page.todo("propose")?.m2.nonce).toBe(id("o"));
    expect(page.state.page).toMatchObject({
      calling: { nonce: id("o"), deadline: NOW + 30 },
    });
  });

  test("no more than three M1 of one click are answered", () => {
    const page = calling();
    for (let more = 1; more < M1_PER_CALL; more += 1) page.called(id("o"));

    page.called(id("x"));

    expect(page.todos).toEqual([]);
  });

  test.each(["token", "signature", "form"] as const)(
    "a patient whose M1 does not hold is not called: %s",
    (code) => {
      const page = onDuty()
        .told({ e: "call-next" })
        .hears(
          {
            type: "called",
            call: CALL,
            ticket: id("t"),
            m1: "m1",
            deadline: NOW,
          },
          { t: "refused", code },
        );

      expect(page.shows).toBe("on");
      expect(page.says).toEqual([{ type: "leave", what: "call" }]);
      expect(page.state.notice).toBe(`seal-${code}`);
    },
  );

  test.each(["revoked", "network", "twice"] as const)(
    "an M2 that cannot be made gives the patient back, and says why: %s",
    (code) => {
      const page = calling().told({ e: "unwritten", nonce: id("x"), code });
      expect(page.shows).toBe("calling");

      page.told({ e: "unwritten", nonce: id("m"), code });

      expect(page.shows).toBe("on");
      expect(page.says).toEqual([{ type: "leave", what: "call" }]);
      expect(page.state.notice).toBe(`seal-${code}`);
    },
  );

  test("a call given back as the patient accepted it is left", () => {
    const page = calling().told({
      e: "unwritten",
      nonce: id("m"),
      code: "revoked",
    });

    expect(page.accepted(m3()).says).toEqual([
      { type: "leave", what: "session" },
    ]);
    expect(page.does).toContain("forget");
    expect(page.shows).toBe("on");
  });

  test("a call that nobody asked for any more is given back", () => {
    const page = onDuty().told({ e: "call-next" }).told({ e: "withdraw" });
    expect(page.says).toEqual([]);

    page.called();

    expect(page.says).toEqual([{ type: "leave", what: "call" }]);
    expect(page.shows).toBe("on");
  });

  test.each(["declined", "late", "lost"] as const)(
    "%s leads back to the queue",
    (outcome) => {
      const page = calling().hears({ type: "ended", what: "call", outcome });

      expect(page.shows).toBe("on");
      expect(page.state.notice).toBe(outcome);
      expect(page.does).toContain("drop-media");
    },
  );

  test("an empty queue is said", () => {
    const page = onDuty().told({ e: "call-next" });

    page.hears({ type: "refused", code: "no-patient", text: "", of: "call" });

    expect(page.shows).toBe("on");
    expect(page.state.notice).toBe("no-patient");
  });
});
