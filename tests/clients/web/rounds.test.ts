/** The doctor's page, state by state: the queue, the call, and whom it answers. */
import type { Heard, Written } from "../../../clients/web/src/letters.ts";
import { isLocked } from "../../../clients/web/src/lock.ts";
import type { ServerMessage } from "../../../clients/web/src/messages.ts";
import { M1_PER_CALL } from "../../../clients/web/src/agreed.ts";
import { begin, step } from "../../../clients/web/src/rounds.ts";
import type { Event, State } from "../../../clients/web/src/rounds.ts";
import { REFUSALS_MAX } from "../../../clients/web/src/todo.ts";
import type { Todo } from "../../../clients/web/src/todo.ts";

const NOW = 1_790_000_000;
const id = (letter: string) => letter.repeat(22);
const [CALL, SESSION, DOCTOR, PATIENT] = [id("c"), id("s"), id("d"), id("p")];
const DIGITS = "012345";

/** A doctor's page without its outside: says what it is told, remembers what it asks. */
class Page {
  state: State;
  todos: Todo[];
  #rolls = 0;

  constructor(canResume = false) {
    [this.state, this.todos] = begin(null, canResume);
  }

  told(event: Event): this {
    const dice = () => `${id("n")}${String((this.#rolls += 1))}`.slice(-22);
    [this.state, this.todos] = step(this.state, event, dice);
    return this;
  }

  /** The server says this; `heard` is what the seal made of it. */
  hears(message: ServerMessage, heard: Heard | null = null): this {
    return this.told({ e: "wire", message, heard, at_s: NOW });
  }

  /** An envelope of the patient's. */
  reads(heard: Heard | null, member = PATIENT): this {
    return this.hears({ type: "envelope", member, body: "sealed" }, heard);
  }

  /** The server brings an M1 for a call. */
  called(nonce = id("m"), call = CALL, deadline = NOW + 30): this {
    const message = {
      type: "called",
      call,
      ticket: id("t"),
      deadline,
    } as const;
    return this.hears(
      { ...message, m1: "m1" },
      { t: "m1", nonce, isSame: false },
    );
  }

  /** The session begins, or runs. */
  accepted(heard: Heard | null = null): this {
    return this.hears(accepted, heard);
  }

  /** Our offer is made. */
  offers(): this {
    const connection = this.todo("meet")?.connection ?? "";
    return this.told({ e: "described", connection, sdp: "offer" });
  }

  get says(): unknown[] {
    return this.todos.flatMap((todo) =>
      todo.do === "send" ? [todo.message] : [],
    );
  }

  get does(): string[] {
    return this.todos.map((todo) => todo.do);
  }

  get writes(): Written[] {
    return this.todos.flatMap((todo) =>
      todo.do === "write" ? [todo.letter] : [],
    );
  }

  todo<D extends Todo["do"]>(name: D): Extract<Todo, { do: D }> | undefined {
    return this.todos.find(
      (todo): todo is Extract<Todo, { do: D }> => todo.do === name,
    );
  }

  get shows(): string {
    return this.state.page.name;
  }

  get isLocked(): boolean {
    const { page } = this.state;
    return page.name === "session" && isLocked(page.session);
  }
}

const hello: ServerMessage = { type: "hello", challenge: id("h"), now: NOW };
const joined: ServerMessage = {
  type: "joined",
  now: NOW,
  queues: ["north", "south"],
};

function off(): Page {
  return new Page()
    .told({ e: "devices", trouble: null })
    .told({ e: "devices-ready" })
    .hears(hello)
    .hears(joined)
    .hears(joined);
}

function onDuty(): Page {
  const waiting = {
    ticket: id("t"),
    queue: "south",
    place: 1,
    since: NOW - 60,
    awake: true,
  };
  return off()
    .told({ e: "go-on-duty" })
    .hears({ type: "board", doctors: 1, waiting: 1, tickets: [waiting] });
}

function calling(): Page {
  return onDuty().told({ e: "call-next" }).called().offers();
}

const accepted: ServerMessage = {
  type: "accepted",
  session: SESSION,
  pass: "seat",
  member: DOCTOR,
  members: [
    { member: DOCTOR, role: "doctor" as const },
    { member: PATIENT, role: "patient" as const },
  ],
};

function m3(nonce = id("m")): Heard {
  return { t: "m3", nonce, digits: DIGITS, restarts: true, answer: "answer" };
}

/** A fresh M1 inside the session: of the page that was here, or of another. */
function m1(isSame: boolean, nonce = id("o")): Heard {
  return { t: "m1", nonce, isSame };
}

/** The socket is lost and found again; where a session runs, `accepted` comes too. */
function back(page: Page, ...found: ServerMessage[]): Page {
  page.told({ e: "offline" }).hears(hello).hears(joined);
  for (const message of found) page.hears(message);
  return page;
}

function live(): Page {
  const page = calling().accepted(m3());
  const connection = page.todo("release")?.connection ?? "";
  return page
    .told({ e: "bound", connection })
    .told({ e: "flow", connection, flow: "live" });
}

function connectionOf(page: Page): string {
  const { page: shown } = page.state;
  return (shown.name === "session" && shown.session.connection) || "";
}

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
    const page = live().told({ e: "draining" });
    expect(page.says).toMatchObject([{ state: "draining" }]);
    expect(page.told({ e: "draining" }).says).toMatchObject([{ state: "on" }]);

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
      if (before === "draining") page.told({ e: "draining" });
      page.told({ e: "offline" }).told({ e: "draining" });

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
    expect(page.says).toEqual([{ type: "call" }]);
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
    expect(page.says).toEqual([]);

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
    expect(page.does).toEqual(["forget", "send"]);
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
