/** The patient's page, state by state: what it shows, and what it lets out and when. */
import { begin, step } from "../../../clients/web/src/consultation.ts";
import type { Event, State } from "../../../clients/web/src/consultation.ts";
import { readAs, write } from "../../../clients/web/src/letters.ts";
import type { Letter, LetterOf } from "../../../clients/web/src/letters.ts";
import type { ServerMessage } from "../../../clients/web/src/messages.ts";
import type { Todo } from "../../../clients/web/src/todo.ts";

const NOW = 1_790_000_000;
const id = (letter: string) => letter.repeat(22);
const [CALL, SESSION, DOCTOR, PATIENT] = [id("c"), id("s"), id("d"), id("p")];
const CARD = { name: "Camille Martin", specialty: "Médecine générale" };

/** A patient's page without its outside: says what it is told, remembers what it asks. */
class Page {
  state: State;
  todos: Todo[];
  #rolls = 0;

  constructor(isBack = false, resume: string | null = null) {
    [this.state, this.todos] = begin(null, isBack, resume);
  }

  told(event: Event): this {
    const dice = () => `${id("n")}${String((this.#rolls += 1))}`.slice(-22);
    [this.state, this.todos] = step(this.state, event, dice);
    return this;
  }

  hears(message: ServerMessage): this {
    return this.told({ e: "wire", message, at_s: NOW - 3 });
  }

  reads(letter: Letter): this {
    return this.hears({
      type: "envelope",
      member: DOCTOR,
      body: write(letter),
    });
  }

  /** What the page sends, by type and what is left. */
  get says(): string[] {
    return this.todos.flatMap((todo) =>
      todo.do !== "send"
        ? []
        : [
            todo.message.type === "leave"
              ? `leave ${todo.message.what}`
              : todo.message.type,
          ],
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

  get nonce(): string {
    return this.state.nonce ?? "";
  }
}

function waiting(): Page {
  return new Page()
    .told({ e: "consent" })
    .told({ e: "devices", trouble: null })
    .told({ e: "devices-ready" })
    .hears({ type: "hello", challenge: id("h"), now: NOW })
    .hears({ type: "joined", now: NOW, pass: "pass" })
    .hears({ type: "board", doctors: 1, place: 2 });
}

function m2(page: Page, changes: Partial<LetterOf<"m2">> = {}): LetterOf<"m2"> {
  const connection = id("k");
  const { nonce } = page;
  return {
    t: "m2",
    nonce,
    card: CARD,
    connection,
    restarts: true,
    offer: "o",
    ...changes,
  };
}

function proposed(page = waiting()): Page {
  return page.hears({
    type: "proposed",
    call: CALL,
    m2: write(m2(page)),
    deadline: NOW + 30,
  });
}

function accepted(): ServerMessage {
  const members = [
    { member: DOCTOR, role: "doctor" as const },
    { member: PATIENT, role: "patient" as const },
  ];
  return {
    type: "accepted",
    session: SESSION,
    pass: "seat",
    member: PATIENT,
    members,
  };
}

function inSession(): Page {
  return proposed()
    .told({ e: "described", connection: id("k"), sdp: "answer" })
    .told({ e: "accept" })
    .hears(accepted())
    .reads({ t: "ready" });
}

function live(): Page {
  return inSession().told({ e: "flow", connection: id("k"), flow: "live" });
}

describe("on the way in", () => {
  test("nothing is asked for and nobody is told before consent", () => {
    const page = new Page();

    expect(page.shows).toBe("welcome");
    expect(page.todos).toEqual([]);
  });

  test("a page that cannot work says why and does nothing", () => {
    const [state, todos] = begin("insecure", true, null);

    expect(state.page).toEqual({ name: "unable", why: "insecure" });
    expect(todos).toEqual([]);
  });

  test("consent leads to the devices, and only then to the server", () => {
    const page = new Page().told({ e: "consent" });

    expect(page.shows).toBe("devices");
    expect(page.does).toEqual(["open-devices"]);
    expect(page.told({ e: "devices-ready" }).does).toEqual(["connect"]);
  });

  test("trouble with the devices is shown and may be tried again without the camera", () => {
    const page = new Page()
      .told({ e: "consent" })
      .told({ e: "devices", trouble: "denied" });
    expect(page.state.trouble).toBe("denied");

    page.told({ e: "try-devices", video: false });

    expect(page.state.trouble).toBeNull();
    expect(page.todo("open-devices")?.video).toBe(false);
  });

  test("a reloaded page comes back by itself", () => {
    const page = new Page(true);

    expect(page.shows).toBe("entering");
    expect(page.does).toEqual(["connect", "open-devices"]);
  });

  test("every join brings a fresh M1, and the pass when there is one", () => {
    const page = waiting();
    const first = page.nonce;

    page
      .told({ e: "offline" })
      .hears({ type: "hello", challenge: id("h"), now: NOW });

    const join = page.todo("join");
    expect(join?.pass).toBe("pass");
    expect(readAs("m1", join?.m1 ?? "")?.nonce).toBe(page.nonce);
    expect(page.nonce).not.toBe(first);
  });

  test("a refused pass falls back to the link, once", () => {
    const page = waiting().hears({
      type: "hello",
      challenge: id("h"),
      now: NOW,
    });

    page.hears({ type: "refused", code: "expired", text: "", of: "join" });

    expect(page.shows).toBe("entering");
    expect(page.does).toContain("reconnect");
    page.hears({ type: "hello", challenge: id("h"), now: NOW });
    expect(page.todo("join")?.pass).toBeNull();
    page.hears({ type: "refused", code: "ended", text: "", of: "join" });
    expect(page.state.page).toEqual({ name: "refused", code: "ended" });
    expect(page.does).toContain("disconnect");
  });

  test.each(["full", "too-fast", "internal"] as const)(
    "%s is tried again later",
    (code) => {
      const page = new Page(true).hears({
        type: "hello",
        challenge: id("h"),
        now: NOW,
      });

      page.hears({ type: "refused", code, text: "", of: "join", retry_s: 7 });

      expect(page.todos).toEqual([{ do: "reconnect", after_s: 7 }]);
      expect(page.state.notice).toBe(code);
    },
  );
});

describe("in the waiting room", () => {
  test("place and doctors are the board's", () => {
    const page = waiting();

    expect(page.shows).toBe("waiting");
    expect([page.state.place, page.state.doctors]).toEqual([2, 1]);
  });

  test("a lost socket keeps the page where it is", () => {
    const page = waiting().told({ e: "offline" });

    expect(page.shows).toBe("waiting");
    expect(page.state.isOnline).toBe(false);
  });

  test("giving up leaves the queue and clears the link", () => {
    const page = waiting().told({ e: "give-up" });

    expect(page.state.page).toEqual({ name: "ended", why: "gave-up" });
    expect(page.says).toEqual(["leave queue"]);
    expect(page.does).toEqual(
      expect.arrayContaining(["close-devices", "disconnect", "clear-link"]),
    );
  });

  test("a newer window takes over, and this one does not fight back", () => {
    const page = waiting().hears({
      type: "ended",
      what: "socket",
      outcome: "replaced",
    });

    expect(page.shows).toBe("replaced");
    expect(page.does).toEqual(["disconnect", "drop-media", "close-devices"]);
    expect(page.told({ e: "take-back" }).does).toContain("connect");
  });

  test("a server that stops is waited for", () => {
    const page = waiting().hears({
      type: "ended",
      what: "socket",
      outcome: "closing",
    });

    expect(page.shows).toBe("waiting");
    expect(page.todos).toEqual([]);
  });
});

describe("when a doctor calls", () => {
  test("the card is shown and the answer made ready, but nothing is sent", () => {
    const page = proposed();

    expect(page.shows).toBe("proposed");
    expect(page.does).toEqual(["meet", "chime"]);
    expect(
      page.told({ e: "described", connection: id("k"), sdp: "a" }).todos,
    ).toEqual([]);
  });

  test("an M2 for another M1 is not shown", () => {
    const page = waiting();

    page.hears({
      type: "proposed",
      call: CALL,
      m2: write(m2(page, { nonce: id("x") })),
      deadline: NOW,
    });

    expect(page.shows).toBe("waiting");
  });

  test("one M1 opens one M2", () => {
    const page = waiting();
    const first = write(m2(page));
    page.hears({ type: "proposed", call: CALL, m2: first, deadline: NOW });
    page.told({ e: "decline" });

    page.hears({ type: "proposed", call: CALL, m2: first, deadline: NOW });

    expect(page.shows).toBe("waiting");
  });

  test("accepting keeps the resume secret before M3 is under way", () => {
    const page = proposed().told({
      e: "described",
      connection: id("k"),
      sdp: "answer",
    });
    const nonce =
      page.state.page.name === "proposed" ? page.state.page.proposal.nonce : "";

    page.told({ e: "accept" });

    expect(page.does).toEqual(["keep", "send"]);
    const sent = page.todo("send")?.message;
    const m3 = sent?.type === "accept" ? readAs("m3", sent.m3) : null;
    expect(m3).toMatchObject({
      nonce,
      answer: "answer",
      resume: page.state.resume,
    });
  });

  test("accepting before the answer is ready sends it as soon as it is", () => {
    const page = proposed().told({ e: "accept" });
    expect(page.says).toEqual([]);

    page.told({ e: "described", connection: id("k"), sdp: "answer" });

    expect(page.says).toEqual(["accept"]);
  });

  test("declining keeps the place, and the end of the call brings a fresh M1", () => {
    const page = proposed().told({ e: "decline" });
    expect(page.shows).toBe("waiting");
    expect(page.says).toEqual(["leave call"]);

    page.hears({ type: "ended", what: "call", outcome: "declined" });

    expect(page.says).toEqual(["renew"]);
    expect(page.state.notice).toBe("declined");
  });

  test("coming back on a new socket voids the proposal, and a fresh one is shown", () => {
    const page = proposed().hears({
      type: "hello",
      challenge: id("h"),
      now: NOW,
    });
    expect(page.shows).toBe("waiting");

    expect(proposed(page).shows).toBe("proposed");
  });

  test("an offer that this browser cannot read is declined, not waited out", () => {
    const page = proposed().told({ e: "stuck", connection: id("k") });

    expect(page.shows).toBe("waiting");
    expect(page.says).toEqual(["leave call"]);
  });

  test("an acceptance that was lost leads back to the waiting room", () => {
    const page = proposed()
      .told({ e: "described", connection: id("k"), sdp: "answer" })
      .told({ e: "accept" })
      .hears({ type: "board", doctors: 1, place: 1 });
    expect(page.shows).toBe("accepting");

    page
      .hears({ type: "hello", challenge: id("h"), now: NOW })
      .hears({ type: "board", doctors: 1, place: 1 });

    expect(page.shows).toBe("waiting");
  });
});

/** The socket is lost and found again; the server has not yet said where we are. */
function back(page: Page): Page {
  return page
    .told({ e: "offline" })
    .hears({ type: "hello", challenge: id("h"), now: NOW })
    .hears({ type: "joined", now: NOW, pass: "pass" });
}

describe("without a socket", () => {
  test("a call declined offline is declined when it is proposed again, and not shown", () => {
    const page = proposed().told({ e: "offline" }).told({ e: "decline" });

    proposed(back(page));

    expect(page.shows).toBe("waiting");
    expect(page.says).toEqual(["leave call"]);
    page.hears({ type: "ended", what: "call", outcome: "declined" });
    expect(page.says).toEqual(["renew"]);
    expect(page.state.declined).toBeNull();
  });

  test("another doctor's call after it is shown", () => {
    const page = proposed().told({ e: "offline" }).told({ e: "decline" });
    back(page);

    page.hears({
      type: "proposed",
      call: id("o"),
      m2: write(m2(page)),
      deadline: NOW + 30,
    });

    expect(page.shows).toBe("proposed");
  });

  test("giving up offline is carried out on return, and nobody may call meanwhile", () => {
    const page = waiting().told({ e: "offline" }).told({ e: "give-up" });
    expect(page.shows).toBe("leaving");
    expect(page.does).toEqual(["drop-media", "close-devices", "clear-link"]);

    page.hears({ type: "hello", challenge: id("h"), now: NOW });
    expect(page.todo("join")).toMatchObject({ pass: "pass", m1: null });
    page.hears({ type: "joined", now: NOW, pass: "pass" });
    expect(page.says).toEqual(["leave queue"]);

    page.hears({ type: "ended", what: "queue", outcome: "left" });
    expect(page.state.page).toEqual({ name: "ended", why: "gave-up" });
    expect(page.does).toContain("disconnect");
  });

  test("a place that ended meanwhile needs no giving up", () => {
    const page = waiting().told({ e: "offline" }).told({ e: "give-up" });
    page.hears({ type: "hello", challenge: id("h"), now: NOW });

    page.hears({ type: "refused", code: "expired", text: "", of: "join" });

    expect(page.shows).toBe("ended");
  });

  test("a server that is busy is told later", () => {
    const page = waiting().told({ e: "offline" }).told({ e: "give-up" });
    page.hears({ type: "hello", challenge: id("h"), now: NOW });

    page.hears({ type: "refused", code: "full", text: "", of: "join" });

    expect(page.shows).toBe("leaving");
    expect(page.does).toEqual(["reconnect"]);
  });

  test("hanging up offline leaves the session on return", () => {
    const page = live().told({ e: "offline" }).told({ e: "hang-up" });
    expect(page.shows).toBe("leaving");
    expect(page.does[0]).toBe("bye");

    expect(back(page).hears(accepted()).says).toEqual(["leave session"]);

    page.hears({ type: "ended", what: "session", outcome: "left" });
    expect(page.state.page).toEqual({ name: "ended", why: "left" });
  });

  test("hanging up while the acceptance is under way leaves what comes of it", () => {
    const page = proposed().told({ e: "accept" }).told({ e: "hang-up" });
    expect(page.says).toEqual(["leave queue"]);

    page.hears({ type: "refused", code: "out-of-turn", text: "", of: "leave" });

    expect(page.hears(accepted()).says).toEqual(["leave session"]);
  });

  test("while leaving, a window that took over goes on by itself", () => {
    const page = waiting().told({ e: "offline" }).told({ e: "give-up" });

    page.hears({ type: "ended", what: "socket", outcome: "replaced" });

    expect(page.shows).toBe("replaced");
  });
});

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

    expect(page.todo("write-m1")?.nonce).toBe(page.nonce);
  });

  test("an acceptance whose ready was lost with the socket brings a fresh M1", () => {
    const page = proposed()
      .told({ e: "described", connection: id("k"), sdp: "answer" })
      .told({ e: "accept" });

    back(page).hears(accepted());

    expect(page.todo("write-m1")?.resume).toBe(page.state.resume);
  });

  test("an M3 is waited for, and its silence leads to a fresh M1", () => {
    const page = shaking();
    expect(page.todo("expect")?.connection).toBe(id("q"));

    page.told({ e: "stuck", connection: id("q") });

    expect(page.does).toEqual(["write-m1"]);
  });

  test("the accepted answer is waited for too", () => {
    const page = proposed()
      .told({ e: "described", connection: id("k"), sdp: "answer" })
      .told({ e: "accept" })
      .hears(accepted());

    expect(page.does).toEqual(["expect"]);
  });

  test("until ready an M1 is signed under the secret that the doctor surely has", () => {
    const page = inSession();
    const known = page.state.resume;
    page.reads({ t: "knock" }).reads(m2(page, { connection: id("q") }));
    page.told({ e: "described", connection: id("q"), sdp: "answer" });
    expect(page.todo("keep")).toBeUndefined();

    expect(page.reads({ t: "knock" }).todo("write-m1")?.resume).toBe(known);
  });

  test("with ready the new secret counts, and is kept", () => {
    const page = shaking();
    const [sent] = page.writes;
    const resume = sent?.t === "m3" ? sent.resume : "";

    page.reads({ t: "ready" });

    expect(page.todo("keep")?.resume).toBe(resume);
    expect(page.reads({ t: "knock" }).todo("write-m1")?.resume).toBe(resume);
  });

  test("a ready of before says nothing about an M3 that is being made", () => {
    const page = inSession().reads({ t: "knock" });
    page.reads(m2(page, { connection: id("q") }));

    page.reads({ t: "ready" });

    expect(page.does).toEqual(["flush"]);
    expect(page.state.page).toMatchObject({ session: { isReady: false } });
  });

  test("an offer without a handshake shows that our M1 was lost", () => {
    const page = live().reads({ t: "knock" });

    page.reads({
      t: "description",
      connection: id("q"),
      type: "offer",
      sdp: "o2",
    });

    expect(page.does).toEqual(["flush", "write-m1"]);
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

    page.hears({
      type: "envelope",
      member: id("z"),
      body: write({ t: "knock" }),
    });

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

  test("a page without its keys shakes hands anew under the resume secret", () => {
    const page = new Page(true, id("r"))
      .hears({ type: "hello", challenge: id("h"), now: NOW })
      .hears({ type: "joined", now: NOW, pass: "seat" })
      .hears(accepted());
    const m1 = page.todo("write-m1");
    expect(m1).toMatchObject({ to: DOCTOR, resume: id("r") });

    page.reads(m2(page));
    expect(page.todo("meet")?.connection).toBe(id("k"));

    page.told({ e: "described", connection: id("k"), sdp: "answer" });
    expect(page.does).toEqual(["write", "expect"]);
    expect(page.writes[0]).toMatchObject({
      t: "m3",
      nonce: m1?.nonce,
      answer: "answer",
    });
  });

  test("a knock is answered by a fresh M1", () => {
    const page = live().reads({ t: "knock" });

    expect(page.todo("write-m1")?.resume).toBe(page.state.resume);
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

  test("hanging up says good-bye both ways and leaves nothing", () => {
    const page = live().told({ e: "hang-up" });

    expect(page.does[0]).toBe("bye");
    expect(page.says).toEqual(["leave session"]);
    expect(page.does).toContain("clear-link");
    expect(page.state).toMatchObject({
      pass: null,
      resume: null,
      nonce: null,
      relay: null,
    });
  });

  test("being put back in the queue keeps the link and brings a fresh M1", () => {
    const page = live().hears({
      type: "ended",
      what: "session",
      outcome: "requeued",
    });

    expect(page.shows).toBe("waiting");
    expect(page.says).toEqual(["renew"]);
    expect(page.does).not.toContain("clear-link");
  });
});

test("the server's clock is used for deadlines, not ours", () => {
  expect(waiting().state.ahead_s).toBe(3);
});

test("after the end nothing that comes changes the page", () => {
  const page = live().told({ e: "hang-up" });

  page.hears({ type: "ended", what: "session", outcome: "left" });
  page.hears({ type: "refused", code: "no-session", text: "" });

  expect(page.state.page).toEqual({ name: "ended", why: "left" });
});
