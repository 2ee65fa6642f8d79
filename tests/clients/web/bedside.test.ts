/** The doctor's page in a session: whom it answers, and what becomes of lost letters. */
import type { Heard } from "../../../clients/web/src/letters.ts";
import { REFUSALS_MAX } from "../../../clients/web/src/todo.ts";
import {
  accepted,
  back,
  calling,
  connectionOf,
  DIGITS,
  hello,
  id,
  joined,
  live,
  m1,
  m3,
  onDuty,
  Page,
  PATIENT,
} from "./doctor-page.ts";

describe("in a session", () => {
  test("the right M3 starts it, and M4 goes first", () => {
    const page = calling().accepted(m3());

    expect(page.shows).toBe("session");
    expect(page.does).toEqual(["write", "settle", "release"]);
    expect(page.writes).toEqual([{ t: "ready" }]);
    expect(page.state.page).toMatchObject({ session: { digits: DIGITS } });
  });

  test("an M3 for another M1 is not believed", () => {
    const page = calling().accepted(m3(id("x")));

    expect(page.does).not.toContain("settle");
    expect(page.writes).toEqual([{ t: "knock" }]);
    expect(page.isLocked).toBe(false);
  });

  test("an M3 that is refused ends the session, and says why", () => {
    const page = calling().accepted({ t: "refused", code: "confirmation" });

    expect(page.shows).toBe("on");
    expect(page.says).toEqual([{ type: "leave", what: "session" }]);
    expect(page.state.notice).toBe("seal-confirmation");
    expect(page.does).toEqual(expect.arrayContaining(["drop-media", "forget"]));
  });

  test("a fresh M1 of the page that was here is answered without a question", () => {
    const page = live().reads(m1(true)).offers();

    expect(page.writes).toMatchObject([
      { t: "m2", nonce: id("o"), isAllowed: false },
    ]);
    expect(page.state.page).toMatchObject({ session: { digits: null } });
  });

  test("the M3 of a fresh handshake brings its digits, and M4 goes first", () => {
    const page = live().reads(m1(true)).offers();

    page.reads(m3(id("x")));
    expect(page.does).toEqual(["flush"]);
    page.reads({ ...m3(id("o")), digits: "999999" } as Heard);

    expect(page.does).toEqual(["flush", "write", "settle", "release"]);
    expect(page.writes).toEqual([{ t: "ready" }]);
    expect(page.state.page).toMatchObject({ session: { digits: "999999" } });
  });

  test("an M3 that comes after a fresh M1 is late", () => {
    const page = live().reads(m1(true)).offers();
    const { connection } = page.reads(m1(true, id("u"))).todo("meet") ?? {};

    expect(page.reads(m3(id("o"))).does).toEqual(["flush"]);

    page.told({ e: "described", connection: connection ?? "", sdp: "offer" });
    expect(page.writes).toMatchObject([{ t: "m2", nonce: id("u") }]);
    expect(page.state.page).toMatchObject({ session: { digits: null } });
  });

  test("a fresh M1 of another page stops our picture and waits for a click", () => {
    const page = live().reads(m1(false));
    expect(page.does).toEqual(["flush", "hold"]);
    expect(page.todo("hold")?.held).toBe(true);
    const stuck = { e: "stuck", connection: connectionOf(page) } as const;
    expect(page.told(stuck).does).not.toContain("meet");

    page.told({ e: "continue" });
    expect(page.does).toEqual(["hold", "meet"]);
    expect(page.todo("hold")?.held).toBe(false);

    expect(page.offers().writes).toMatchObject([
      { t: "m2", nonce: id("o"), isAllowed: true },
    ]);
  });

  test("a fourth M1 of the same page waits for a click too", () => {
    const page = live().reads(m1(true)).offers();

    page.told({ e: "unwritten", nonce: id("o"), code: "twice" });

    expect(page.todo("hold")?.held).toBe(true);
    page.told({ e: "continue" });
    expect(page.offers().writes).toMatchObject([
      { t: "m2", nonce: id("o"), isAllowed: true },
    ]);
  });

  test("a reloaded page knocks, and answers the M1 that comes", () => {
    const page = new Page(true);
    expect(page.does).toEqual(["connect", "open-devices"]);
    page.hears(hello).hears(joined).accepted();
    expect(page.writes).toEqual([{ t: "knock" }]);

    expect(page.reads(m1(true)).does).toContain("meet");
  });

  test("a page without the secret comes back to the session, and the doctor is asked", () => {
    const page = new Page()
      .told({ e: "devices", trouble: null })
      .told({ e: "devices-ready" })
      .hears(hello)
      .hears(joined);
    expect(page.shows).toBe("entering");

    page.accepted();
    expect(page.shows).toBe("session");
    expect(page.writes).toEqual([{ t: "knock" }]);
    expect(page.says).toEqual([{ type: "duty", state: "off", queues: [] }]);

    page.reads(m1(false));
    expect(page.todo("hold")?.held).toBe(true);
    expect(page.told({ e: "continue" }).does).toContain("meet");
  });

  test("who was called is answered where his M3 was lost: there is no secret to ask for", () => {
    const page = calling().accepted();
    expect(page.writes).toEqual([{ t: "knock" }]);

    page.reads(m1(false)).offers();

    expect(page.writes).toMatchObject([{ t: "m2", isAllowed: false }]);
  });

  test("but once an M3 was read, the secret is asked for", () => {
    const page = calling().accepted().reads(m1(false)).offers();
    page.reads(m3(id("o")));

    expect(page.reads(m1(false, id("u"))).todo("hold")?.held).toBe(true);
  });

  test("a page reloaded after the session's end begins the day, and forgets the secret", () => {
    const page = new Page(true).hears(hello).hears(joined);
    expect(page.says).toEqual([{ type: "renew" }]);

    page.hears(joined);

    expect(page.shows).toBe("devices");
    expect(page.does).toEqual(["send", "forget"]);
  });

  test("what the seal passes over is nothing, and letters of anybody else too", () => {
    expect(live().reads(null).todos).toEqual([]);
    expect(live().reads({ t: "again" }, id("z")).todos).toEqual([]);
  });

  test("letters of another connection are ignored", () => {
    const letter: Heard = {
      t: "candidates",
      connection: id("z"),
      candidates: [],
    };

    expect(live().reads(letter).does).toEqual(["flush"]);
  });

  test("what is refused is knocked at, and the digits count no more", () => {
    const page = live();
    expect(page.isLocked).toBe(true);

    page.reads({ t: "refused", code: "record" });

    expect(page.writes).toEqual([{ t: "knock" }]);
    expect(page.isLocked).toBe(false);
  });

  test("a patient's page that breaks one handshake after the other is left", () => {
    const page = live();
    for (let times = 0; times < REFUSALS_MAX; times += 1)
      page.reads({ t: "refused", code: "confirmation" });
    expect(page.shows).toBe("session");

    page.reads({ t: "refused", code: "confirmation" });

    expect(page.shows).toBe("on");
    expect(page.says).toEqual([{ type: "leave", what: "session" }]);
    expect(page.state.notice).toBe("seal-confirmation");
  });

  test("an M2 that cannot be made inside a session is knocked for anew", () => {
    const page = live().reads(m1(true)).offers();

    page.told({ e: "unwritten", nonce: id("o"), code: "network" });

    expect(page.writes).toEqual([{ t: "knock" }]);
  });

  test("a record that cannot be written ends its keys: a fresh handshake", () => {
    const page = live();

    page.told({ e: "unwritten", nonce: "", code: "form" });

    expect(page.writes).toEqual([{ t: "knock" }]);
  });

  test("a connection that does not end where the handshake does is the end", () => {
    const page = calling().accepted(m3());
    const connection = connectionOf(page);
    page.told({ e: "unbound", connection: id("z") });
    expect(page.shows).toBe("session");

    page.told({ e: "unbound", connection });

    expect(page.shows).toBe("on");
    expect(page.says).toEqual([{ type: "leave", what: "session" }]);
    expect(page.state.notice).toBe("seal-certificate");
  });

  test("but not while a fresh handshake is asked for, which brings another", () => {
    const page = calling().accepted(m3());
    const connection = connectionOf(page);
    page.reads({ t: "refused", code: "record" });

    page.told({ e: "unbound", connection });

    expect(page.shows).toBe("session");
    expect(page.todos).toEqual([]);
  });

  test("again is answered by a new offer", () => {
    const page = live().reads({ t: "again" });
    const connection = page.todo("meet")?.connection;

    page.offers();

    expect(page.writes).toEqual([
      { t: "description", connection, type: "offer", sdp: "offer" },
    ]);
  });

  test("hanging up leads back on duty, with nothing of the session left", () => {
    const page = live().told({ e: "hang-up" });

    expect(page.shows).toBe("on");
    expect(page.does[0]).toBe("bye");
    expect(page.says).toEqual([{ type: "leave", what: "session" }]);
    expect(page.does).toEqual(expect.arrayContaining(["drop-media", "forget"]));
    expect(page.state.canResume).toBe(false);
  });

  test("a patient who hangs up gives the doctor back to the queue", () => {
    const page = live().hears({
      type: "ended",
      what: "session",
      outcome: "left",
    });

    expect(page.shows).toBe("on");
    expect(page.state.notice).toBe("left");
  });

  test("a session that we left while the server could not hear us is left again", () => {
    const page = live().told({ e: "offline" }).told({ e: "hang-up" });

    page.hears(hello).hears(joined).accepted();

    expect(page.says).toEqual([{ type: "leave", what: "session" }]);
    expect(page.shows).toBe("on");
  });

  test("a call taken back as the patient accepted it is left", () => {
    const page = calling().told({ e: "withdraw" }).accepted(m3());

    expect(page.says).toEqual([{ type: "leave", what: "session" }]);
    expect(page.shows).toBe("on");
  });

  test("a session that began while the socket was lost is not left, but asks", () => {
    const page = back(calling(), accepted);

    expect(page.shows).toBe("session");
    expect(page.writes).toEqual([{ t: "knock" }]);
    expect(page.state.page).toMatchObject({ session: { isUnmet: false } });
  });

  test("a lost M3 is asked for by a knock when the socket is back", () => {
    const page = live().reads(m1(true)).offers();

    expect(back(page, accepted).writes).toEqual([{ t: "knock" }]);
  });

  test("a page that comes back shows that it is there, and no more", () => {
    const page = back(live(), accepted);

    expect(page.does).toEqual(["flush", "write"]);
    expect(page.writes).toMatchObject([{ t: "candidates", candidates: [] }]);
  });

  test("a page that waits for the doctor's click waits on", () => {
    const page = live().reads(m1(false));

    expect(back(page, accepted).does).toEqual(["flush"]);
    expect(page.reads({ t: "again" }).does).toEqual(["flush"]);
  });

  test("a patient who asks again before the handshake is done is knocked at", () => {
    const page = live().reads(m1(true)).offers();

    expect(page.reads({ t: "again" }).writes).toEqual([{ t: "knock" }]);
  });

  test("a session that the server forgot leaves a flowing call alone, and a silent one ends", () => {
    const flowing = back(live()).hears(joined);
    expect(flowing.state.page).toMatchObject({
      name: "session",
      session: { isAlone: true },
    });
    expect(flowing.does).toEqual(["disconnect"]);

    const silent = back(calling().accepted(m3())).hears(joined);

    expect(silent.shows).toBe("on");
    expect(silent.state.notice).toBe("lost");
  });

  test("a refused credential leaves a flowing call alone, and a silent one ends", () => {
    const refusal = {
      type: "refused",
      code: "expired",
      text: "",
      of: "join",
    } as const;

    expect(live().hears(hello).hears(refusal).state.page).toMatchObject({
      name: "session",
      session: { isAlone: true },
    });
    expect(calling().accepted(m3()).hears(hello).hears(refusal).shows).toBe(
      "refused",
    );
  });
});

describe("a patient who is shown out", () => {
  test("hears it of the server, and the doctor is back at the board", () => {
    const page = live().told({ e: "show-out" });

    expect(page.shows).toBe("on");
    expect(page.says).toEqual([
      { type: "leave", what: "session", member: PATIENT },
    ]);
    // A good-bye over the channel would be read first, as any good-bye.
    expect(page.does).not.toContain("bye");
    expect(page.does).toEqual(expect.arrayContaining(["drop-media", "forget"]));
    expect(page.state.notice).toBe("shown-out");
  });

  test("is left all the same where the server knows the session no more", () => {
    const page = back(live(), {
      type: "refused",
      code: "ended",
      text: "",
      of: "renew",
    });
    expect(page.state.page).toMatchObject({ session: { isAlone: true } });

    page.told({ e: "show-out" });

    expect(page.does).toContain("bye");
    expect(page.shows).toBe("on");
  });

  test("is nobody where no session runs", () => {
    const page = onDuty().told({ e: "show-out" });

    expect(page.shows).toBe("on");
    expect(page.todos).toEqual([]);
  });
});
