/** The doctor's page, state by state: the queue, the call, and whom it answers. */
import { read, readAs, write } from "../../../clients/web/src/letters.ts";
import type { Letter } from "../../../clients/web/src/letters.ts";
import type { ServerMessage } from "../../../clients/web/src/messages.ts";
import { M1_PER_CALL } from "../../../clients/web/src/agreed.ts";
import { begin, step } from "../../../clients/web/src/rounds.ts";
import type { Event, State } from "../../../clients/web/src/rounds.ts";
import type { Todo } from "../../../clients/web/src/todo.ts";

const NOW = 1_790_000_000;
const id = (letter: string) => letter.repeat(22);
const [CALL, SESSION, DOCTOR, PATIENT] = [id("c"), id("s"), id("d"), id("p")];
const CARD = { name: "Camille Martin", specialty: "Médecine générale" };

/** A doctor's page without its outside: says what it is told, remembers what it asks. */
class Page {
  state: State;
  todos: Todo[];
  #rolls = 0;

  constructor(resume: string | null = null) {
    [this.state, this.todos] = begin(null, resume);
  }

  told(event: Event): this {
    const dice = () => `${id("n")}${String((this.#rolls += 1))}`.slice(-22);
    [this.state, this.todos] = step(this.state, event, dice);
    return this;
  }

  hears(message: ServerMessage): this {
    return this.told({ e: "wire", message, at_s: NOW });
  }

  reads(letter: Letter): this {
    return this.hears({
      type: "envelope",
      member: PATIENT,
      body: write(letter),
    });
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

  get writes(): Letter[] {
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
}

const hello: ServerMessage = { type: "hello", challenge: id("h"), now: NOW };
const joined: ServerMessage = {
  type: "joined",
  now: NOW,
  queues: ["north", "south"],
};

function off(): Page {
  return new Page()
    .told({ e: "card", card: CARD })
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

function called(nonce = id("m"), call = CALL): ServerMessage {
  const m1 = write({ t: "m1", nonce });
  return { type: "called", call, ticket: id("t"), m1, deadline: NOW + 30 };
}

function calling(): Page {
  return onDuty().told({ e: "call-next" }).hears(called()).offers();
}

function accepted(m3?: Letter): ServerMessage {
  const members = [
    { member: DOCTOR, role: "doctor" as const },
    { member: PATIENT, role: "patient" as const },
  ];
  const message = {
    type: "accepted",
    session: SESSION,
    pass: "seat",
    member: DOCTOR,
  } as const;
  return m3 ? { ...message, members, m3: write(m3) } : { ...message, members };
}

function m3(nonce = id("m")): Letter {
  return { t: "m3", nonce, resume: id("r"), restarts: true, answer: "answer" };
}

/** The socket is lost and found again; where a session runs, `accepted` comes too. */
function back(page: Page, ...found: ServerMessage[]): Page {
  page.told({ e: "offline" }).hears(hello).hears(joined);
  for (const message of found) page.hears(message);
  return page;
}

function live(): Page {
  const page = calling().hears(accepted(m3()));
  const connection = page.todo("release")?.connection ?? "";
  return page.told({ e: "flow", connection, flow: "live" });
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
  test("the server is joined only after the card and the devices", () => {
    const page = new Page().told({ e: "card", card: CARD });
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

  test("a name is never asked for twice, but may be changed", () => {
    const page = off().told({ e: "edit-card" });
    expect(page.shows).toBe("card");

    expect(page.told({ e: "card", card: CARD }).shows).toBe("off");
  });
});

describe("calling", () => {
  test("the next patient is the first who may be called over all queues", () => {
    const page = onDuty().told({ e: "call-next" });

    expect(page.shows).toBe("asking");
    expect(page.says).toEqual([{ type: "call" }]);
  });

  test("an M1 is answered by an offer under its nonce and our card", () => {
    const page = calling();

    expect(page.says).toMatchObject([{ type: "propose", call: CALL }]);
    const [said] = page.says as { m2: string }[];
    expect(readAs("m2", said?.m2 ?? "")).toMatchObject({
      nonce: id("m"),
      card: CARD,
      offer: "offer",
    });
  });

  test("a fresh M1 of the same call is answered anew, without a longer deadline", () => {
    const page = calling();

    page
      .hears({ ...called(id("o")), deadline: NOW + 999 } as ServerMessage)
      .offers();

    expect(page.says).toMatchObject([{ type: "propose" }]);
    expect(page.state.page).toMatchObject({
      calling: { nonce: id("o"), deadline: NOW + 30 },
    });
  });

  test("no more than three M1 of one click are answered", () => {
    const page = calling();
    for (let more = 1; more < M1_PER_CALL; more += 1)
      page.hears(called(id("o")));

    page.hears(called(id("x")));

    expect(page.todos).toEqual([]);
  });

  test("a call that nobody asked for any more is given back", () => {
    const page = onDuty().told({ e: "call-next" }).told({ e: "withdraw" });
    expect(page.says).toEqual([]);

    page.hears(called());

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
  test("the right M3 starts it, and ready goes first", () => {
    const page = calling().hears(accepted(m3()));

    expect(page.shows).toBe("session");
    expect(page.does).toEqual(["write", "keep", "settle", "release"]);
    expect(page.writes).toEqual([{ t: "ready" }]);
  });

  test("an M3 for another M1 is not believed", () => {
    const page = calling().hears(accepted(m3(id("x"))));

    expect(page.does).not.toContain("settle");
    expect(page.writes).toEqual([{ t: "knock" }]);
  });

  test("a fresh M1 under the resume secret is answered without a question", () => {
    const page = live().reads({ t: "m1", nonce: id("o"), resume: "mac" });
    expect(page.todo("check")).toMatchObject({
      nonce: id("o"),
      mac: "mac",
      resumes: [id("r")],
    });

    page.told({ e: "checked", nonce: id("o"), isSame: true }).offers();

    expect(page.writes).toMatchObject([{ t: "m2", nonce: id("o") }]);
  });

  test("a fresh M1 without it stops our picture and waits for a click", () => {
    const page = live().told({ e: "checked", nonce: id("o"), isSame: false });
    expect(page.todos).toEqual([{ do: "hold", held: true }]);
    expect(page.told({ e: "stuck", connection: id("k") }).does).not.toContain(
      "meet",
    );

    page.told({ e: "continue" });
    expect(page.does).toEqual(["hold", "meet"]);

    expect(page.offers().writes).toMatchObject([{ t: "m2", nonce: id("o") }]);
  });

  test("a reloaded page knocks, and answers the M1 that comes", () => {
    const page = new Page(id("r"));
    expect(page.does).toEqual(["connect", "open-devices"]);
    page.hears(hello).hears(joined).hears(accepted());
    expect(page.writes).toEqual([{ t: "knock" }]);

    page.reads({ t: "m1", nonce: id("o"), resume: "mac" });

    expect(page.todo("check")?.resumes).toEqual([id("r")]);
  });

  test("a page without the secret comes back to the session, and the doctor is asked", () => {
    const page = new Page()
      .told({ e: "card", card: CARD })
      .told({ e: "devices", trouble: null })
      .told({ e: "devices-ready" })
      .hears(hello)
      .hears(joined);
    expect(page.shows).toBe("entering");

    page.hears(accepted());
    expect(page.shows).toBe("session");
    expect(page.writes).toEqual([{ t: "knock" }]);
    expect(page.says).toEqual([]);

    page.reads({ t: "m1", nonce: id("o"), resume: "mac" });
    expect(page.todo("check")?.resumes).toEqual([]);
    page.told({ e: "checked", nonce: id("o"), isSame: false });
    expect(page.todo("hold")?.held).toBe(true);
    expect(page.told({ e: "continue" }).does).toContain("meet");
  });

  test("a page reloaded after the session's end asks for the name", () => {
    const page = new Page(id("r")).hears(hello).hears(joined);
    expect(page.says).toEqual([{ type: "renew" }]);

    page.hears(joined);

    expect(page.shows).toBe("card");
    expect(page.todo("keep")?.resume).toBeNull();
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
    expect(page.state).toMatchObject({ resume: null, earlier: [] });
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

    page.hears(hello).hears(joined).hears(accepted());

    expect(page.says).toEqual([{ type: "leave", what: "session" }]);
    expect(page.shows).toBe("on");
  });

  test("a call taken back as the patient accepted it is left", () => {
    const page = calling().told({ e: "withdraw" }).hears(accepted(m3()));

    expect(page.says).toEqual([{ type: "leave", what: "session" }]);
    expect(page.shows).toBe("on");
  });

  test("a session that began while the socket was lost is not left, but asks", () => {
    const page = back(calling(), accepted());

    expect(page.shows).toBe("session");
    expect(page.writes).toEqual([{ t: "knock" }]);
    expect(page.state.page).toMatchObject({ session: { isUnmet: false } });
  });

  test("a lost M3 is asked for by a knock when the socket is back", () => {
    const page = live()
      .told({ e: "checked", nonce: id("o"), isSame: true })
      .offers();

    expect(back(page, accepted()).writes).toEqual([{ t: "knock" }]);
  });

  test("a page that comes back shows that it is there, and no more", () => {
    const page = back(live(), accepted());

    expect(page.does).toEqual(["flush", "write"]);
    expect(page.writes).toMatchObject([{ t: "candidates", candidates: [] }]);
  });

  test("a page that waits for the doctor's click waits on", () => {
    const page = live().told({ e: "checked", nonce: id("o"), isSame: false });

    expect(back(page, accepted()).does).toEqual(["flush"]);
    expect(page.reads({ t: "again" }).does).toEqual(["flush"]);
  });

  test("a patient who asks again before the handshake is done is knocked at", () => {
    const page = live()
      .told({ e: "checked", nonce: id("o"), isSame: true })
      .offers();

    expect(page.reads({ t: "again" }).writes).toEqual([{ t: "knock" }]);
  });

  test("the secret before the newest holds until the patient is known to have ready", () => {
    const page = live()
      .told({ e: "checked", nonce: id("o"), isSame: true })
      .offers();
    const { connection } = readAs("m2", write(page.writes[0] as Letter)) ?? {};
    page.reads({ ...m3(id("o")), resume: id("q") } as Letter);

    page.reads({ t: "m1", nonce: id("u"), resume: "mac" });
    expect(page.todo("check")?.resumes).toEqual([id("q"), id("r")]);

    page.reads({
      t: "candidates",
      connection: connection ?? "",
      candidates: [],
    });
    page.reads({ t: "m1", nonce: id("v"), resume: "mac" });
    expect(page.todo("check")?.resumes).toEqual([id("q")]);
  });

  test("a session that the server forgot leaves a flowing call alone, and a silent one ends", () => {
    const flowing = back(live()).hears(joined);
    expect(flowing.state.page).toMatchObject({
      name: "session",
      session: { isAlone: true },
    });
    expect(flowing.does).toEqual(["disconnect"]);

    const silent = back(calling().hears(accepted(m3()))).hears(joined);

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
    expect(
      calling().hears(accepted(m3())).hears(hello).hears(refusal).shows,
    ).toBe("refused");
  });

  test("any body from the patient is read or ignored", () => {
    for (const body of [
      "",
      "AAAA",
      write({ t: "knock" }),
      write({ t: "ready" }),
    ]) {
      const page = live().hears({ type: "envelope", member: PATIENT, body });

      expect(page.shows).toBe("session");
      expect(read(body) === null ? [] : ["flush"]).toEqual(page.does);
    }
  });
});
