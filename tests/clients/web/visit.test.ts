/** The patient's page in a session: whose letters count, and what becomes of lost ones. */
import {
  KNOCKS_MAX,
  REFUSALS_MAX,
  UNCONFIRMED_MAX,
} from "../../../clients/web/src/todo.ts";
import {
  accepted,
  back,
  DOCTOR,
  DOCTOR_SHOWN,
  id,
  inSession,
  live,
  m2,
  NOW,
  Page,
  proposed,
  waiting,
} from "./patient-page.ts";

describe("when a letter of the handshake is lost", () => {
  /** A page whose M3 inside the session is written, and its `ready` not heard. */
  function shaking(): Page {
    const page = inSession().reads({ t: "knock" });
    page.reads(m2(page, { connection: id("q") }));
    return page.told({ e: "described", connection: id("q"), sdp: "answer" });
  }

  test("a page that comes back without ready brings a fresh M1", () => {
    const page = shaking();

    back(page).hears(accepted());

    expect(page.asks).toBe(page.nonce);
  });

  test("an acceptance whose ready was lost with the socket brings a fresh M1", () => {
    const page = proposed()
      .told({ e: "described", connection: id("k"), sdp: "answer" })
      .told({ e: "accept" });

    back(page).hears(accepted());

    expect(page.asks).toBe(page.nonce);
  });

  test("an M3 is waited for, and its silence leads to a fresh M1", () => {
    const page = shaking();
    expect(page.todo("expect")?.connection).toBe(id("q"));

    page.told({ e: "stuck", connection: id("q") });

    expect(page.writes).toEqual([{ t: "m1", nonce: page.nonce }]);
  });

  test("the accepted answer is waited for too", () => {
    const page = proposed()
      .told({ e: "described", connection: id("k"), sdp: "answer" })
      .told({ e: "accept" })
      .hears(accepted());

    expect(page.does).toEqual(["expect"]);
  });

  test("the digits of a handshake count with its M4, and those before are gone", () => {
    const page = inSession().reads({ t: "knock" });
    expect(page.state.page).toMatchObject({ session: { digits: null } });

    page.reads(m2(page, { connection: id("q"), digits: "999999" }));
    page.told({ e: "described", connection: id("q"), sdp: "answer" });
    expect(page.state.page).toMatchObject({
      session: { digits: null, coming: { digits: "999999" } },
    });

    page.reads({ t: "ready" });
    expect(page.state.page).toMatchObject({
      session: { digits: "999999", coming: null, doctor: DOCTOR_SHOWN },
    });
    // Before any candidate: what the patient said of himself.
    expect(page.does).toEqual(["flush", "write", "release"]);
  });

  test("an M2 for an M1 of before is not answered", () => {
    const page = inSession().reads({ t: "knock" });
    const first = m2(page, { connection: id("q") });
    page.reads({ t: "knock" });

    page.reads(first);

    expect(page.does).toEqual(["flush"]);
  });

  test("an M4 that crossed our fresh M1 lets nothing out", () => {
    const page = inSession().reads({ t: "knock" });

    page.reads({ t: "ready" });

    expect(page.does).toEqual(["flush"]);
    expect(page.state.page).toMatchObject({ session: { digits: null } });
  });

  test("an offer without a handshake shows that our M1 was lost", () => {
    const page = live().reads({ t: "knock" });

    page.reads({
      t: "description",
      connection: id("q"),
      type: "offer",
      sdp: "o2",
    });

    expect(page.does).toEqual(["flush", "write"]);
    expect(page.asks).toBe(page.nonce);
  });
});

describe("in a session", () => {
  test("no candidate leaves before the doctor says that M3 was in order", () => {
    const page = proposed()
      .told({ e: "described", connection: id("k"), sdp: "answer" })
      .told({ e: "accept" })
      .hears(accepted());
    expect(page.does).not.toContain("release");

    expect(page.reads({ t: "ready" }).does).toContain("release");
  });

  test("letters of anybody but the doctor are ignored", () => {
    const page = inSession();

    page.reads({ t: "knock" }, id("z"));

    expect(page.todos).toEqual([]);
  });

  test("letters of another connection are ignored", () => {
    const page = inSession();

    page.reads({ t: "candidates", connection: id("z"), candidates: [] });

    expect(page.does).toEqual(["flush"]);
  });

  test("a lost socket does not end the call, and the seat comes back with the pass", () => {
    const page = live().told({ e: "offline" });
    expect(page.shows).toBe("session");

    page
      .hears({ type: "hello", challenge: id("h"), now: NOW })
      .hears(accepted());

    expect(page.shows).toBe("session");
    // Whoever kept letters for us hears that we are there.
    expect(page.does).toEqual(["flush", "write"]);
    expect(page.writes).toMatchObject([{ t: "candidates", candidates: [] }]);
  });

  test("a pass refused while picture and sound flow leaves the call alone", () => {
    const page = live().hears({ type: "hello", challenge: id("h"), now: NOW });

    page.hears({ type: "refused", code: "ended", text: "", of: "join" });

    expect(page.state.page).toMatchObject({
      name: "session",
      session: { isAlone: true },
    });
    page.told({ e: "bye", isSaid: false });
    expect(page.state.page).toEqual({ name: "ended", why: "far-left" });
  });

  test("the mere end of the channel is not a good-bye while there is a server", () => {
    expect(live().told({ e: "bye", isSaid: false }).shows).toBe("session");
    expect(live().told({ e: "bye", isSaid: true }).shows).toBe("ended");
  });

  test("a page without its keys shakes hands anew", () => {
    const page = new Page(true)
      .hears({ type: "hello", challenge: id("h"), now: NOW })
      .hears({ type: "joined", now: NOW, pass: "seat" })
      .hears(accepted());
    const nonce = page.asks ?? "";
    expect(page.todos).toEqual([
      { do: "write", to: DOCTOR, letter: { t: "m1", nonce } },
    ]);

    page.reads(m2(page));
    expect(page.todo("meet")?.connection).toBe(id("k"));

    page.told({ e: "described", connection: id("k"), sdp: "answer" });
    expect(page.does).toEqual(["write", "expect"]);
    expect(page.writes).toEqual([
      { t: "m3", nonce, restarts: true, answer: "answer" },
    ]);
  });

  test("a knock is answered by a fresh M1", () => {
    const page = live();

    page.reads({ t: "knock" });

    expect(page.writes).toEqual([{ t: "m1", nonce: page.nonce }]);
  });

  test("what the seal passes over is nothing", () => {
    expect(live().reads(null).todos).toEqual([]);
  });

  test("what is refused is answered by a fresh M1, and the digits count no more", () => {
    const page = live();
    expect(page.isLocked).toBe(true);

    page.reads({ t: "refused", code: "record" });

    expect(page.writes).toEqual([{ t: "m1", nonce: page.nonce }]);
    expect(page.isLocked).toBe(false);
  });

  test("a record that cannot be written ends its keys: a fresh M1", () => {
    const page = live().told({ e: "unwritten", nonce: "", code: "form" });

    expect(page.asks).toBe(page.nonce);
  });

  test("a far end that breaks one handshake after the other is left", () => {
    const page = live();
    for (let times = 0; times < REFUSALS_MAX; times += 1)
      page.reads({ t: "refused", code: "confirmation" });
    expect(page.shows).toBe("session");

    page.reads({ t: "refused", code: "confirmation" });

    expect(page.state.page).toEqual({ name: "ended", why: "unsafe" });
    expect(page.says).toEqual(["leave session"]);
  });

  test("a handshake that holds begins the count of refusals anew", () => {
    const page = live();
    for (let times = 0; times < 2 * REFUSALS_MAX; times += 1) {
      page.reads({ t: "refused", code: "record" });
      page.reads(m2(page, { connection: id("q") })).reads({ t: "ready" });
    }

    expect(page.shows).toBe("session");
  });

  test("a connection that does not end where the handshake does is the end", () => {
    const page = inSession().told({ e: "unbound", connection: id("z") });
    expect(page.shows).toBe("session");

    page.told({ e: "unbound", connection: id("k") });

    expect(page.state.page).toEqual({ name: "ended", why: "unsafe" });
    expect(page.says).toEqual(["leave session"]);
    expect(page.does).toEqual(
      expect.arrayContaining(["drop-media", "forget", "close-devices"]),
    );
  });

  test("a new offer of the doctor's replaces the connection", () => {
    const page = live();

    page.reads({
      t: "description",
      connection: id("q"),
      type: "offer",
      sdp: "o2",
    });
    expect(page.todo("meet")).toMatchObject({
      connection: id("q"),
      offer: "o2",
    });

    page.told({ e: "described", connection: id("q"), sdp: "a2" });
    expect(page.writes).toEqual([
      { t: "description", connection: id("q"), type: "answer", sdp: "a2" },
    ]);
    expect(page.does).toContain("release");
  });

  test("a path that cannot be found again is asked for anew", () => {
    expect(live().told({ e: "stuck", connection: id("k") }).writes).toEqual([
      { t: "again" },
    ]);
  });

  test("but not while a fresh handshake is under way, which brings another", () => {
    const page = inSession().reads({ t: "refused", code: "record" });

    page.told({ e: "unbound", connection: id("k") });

    expect(page.shows).toBe("session");
    expect(page.todos).toEqual([]);
    expect(page.isLocked).toBe(false);
  });

  test("hanging up says good-bye both ways and leaves nothing", () => {
    const page = live().told({ e: "hang-up" });

    expect(page.does[0]).toBe("bye");
    expect(page.says).toEqual(["leave session"]);
    expect(page.does).toEqual(expect.arrayContaining(["forget", "clear-link"]));
    expect(page.state).toMatchObject({ pass: null, nonce: null, relay: null });
  });

  test("being put back in the queue keeps the link and brings a fresh M1", () => {
    const page = live().hears({
      type: "ended",
      what: "session",
      outcome: "requeued",
    });

    expect(page.shows).toBe("waiting");
    expect(page.does).toEqual(["drop-media", "forget", "renew"]);
  });
});

describe("nobody is answered in a session whom the patient did not accept", () => {
  /** A page that is led into a session without its doing. */
  function led(page: Page): Page {
    return page.hears(accepted());
  }

  test.each([
    ["waiting", waiting],
    ["reading a card", proposed],
  ])("a patient who is %s, and led into one, is asked first", (_, begin) => {
    const page = led(begin());
    page.reads(m2(page, { connection: id("q"), isKnown: false }));

    expect(page.todo("meet")).toBeUndefined();
    expect(page.writes).toEqual([]);

    page.told({ e: "accept" });
    expect(page.todo("meet")?.connection).toBe(id("q"));
    page.told({ e: "described", connection: id("q"), sdp: "answer" });
    expect(page.writes).toMatchObject([{ t: "m3", answer: "answer" }]);
  });

  test("hanging up instead answers nobody", () => {
    const page = led(waiting());
    page.reads(m2(page, { isKnown: false }));

    page.told({ e: "hang-up" });

    expect(page.shows).toBe("ended");
    expect(page.writes).toEqual([]);
  });

  test("handshakes that come to nothing need a tap after a few", () => {
    const page = live();
    for (let round = 0; round < UNCONFIRMED_MAX; round += 1) {
      page.reads({ t: "knock" }).reads(m2(page, { connection: id("q") }));
      page.told({ e: "described", connection: id("q"), sdp: "answer" });
      expect(page.writes).toMatchObject([{ t: "m3" }]);
    }
    page.reads({ t: "knock" }).reads(m2(page, { connection: id("q") }));

    expect(page.todo("meet")).toBeUndefined();
    expect(page.told({ e: "accept" }).todo("meet")).toBeDefined();
  });

  test("a far end that knocks and answers no M1 gets no more of them", () => {
    const page = live();
    for (let round = 0; round < KNOCKS_MAX; round += 1) {
      expect(page.reads({ t: "knock" }).asks).toBe(page.nonce);
    }

    expect(page.reads({ t: "knock" }).writes).toEqual([]);
    page.reads(m2(page));
    expect(page.reads({ t: "knock" }).asks).toBe(page.nonce);
  });
});
