/** The patient's page, state by state: what it shows, and what it lets out and when. */
import { begin, step } from "../../../clients/web/src/consultation.ts";
import type { Event, State } from "../../../clients/web/src/consultation.ts";
import type { Heard, Written } from "../../../clients/web/src/letters.ts";
import { isLocked } from "../../../clients/web/src/lock.ts";
import type { ServerMessage } from "../../../clients/web/src/messages.ts";
import { REFUSALS_MAX } from "../../../clients/web/src/todo.ts";
import type { Todo } from "../../../clients/web/src/todo.ts";

const NOW = 1_790_000_000;
const id = (letter: string) => letter.repeat(22);
const [CALL, SESSION, DOCTOR, PATIENT] = [id("c"), id("s"), id("d"), id("p")];
const DOCTOR_SHOWN = {
  card: { name: "Camille Martin", specialty: "Médecine générale" },
  union: "Union d’essai",
};
const DIGITS = "012345";

/** A patient's page without its outside: says what it is told, remembers what it asks. */
class Page {
  state: State;
  todos: Todo[];
  #rolls = 0;

  constructor(isBack = false) {
    [this.state, this.todos] = begin(null, isBack);
  }

  told(event: Event): this {
    const dice = () => `${id("n")}${String((this.#rolls += 1))}`.slice(-22);
    [this.state, this.todos] = step(this.state, event, dice);
    return this;
  }

  /** The server says this; `heard` is what the seal made of it. */
  hears(message: ServerMessage, heard: Heard | null = null): this {
    return this.told({ e: "wire", message, heard, at_s: NOW - 3 });
  }

  /** An envelope of the doctor's. */
  reads(heard: Heard | null, member = DOCTOR): this {
    return this.hears({ type: "envelope", member, body: "sealed" }, heard);
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

  get nonce(): string {
    return this.state.nonce ?? "";
  }

  /** The name of the M1 that is written now. */
  get asks(): string | undefined {
    return this.writes.find((letter) => letter.t === "m1")?.nonce;
  }

  get isLocked(): boolean {
    const { page } = this.state;
    return page.name === "session" && isLocked(page.session);
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

type M2 = Extract<Heard, { t: "m2" }>;

function m2(page: Page, changes: Partial<M2> = {}): M2 {
  return {
    t: "m2",
    nonce: page.nonce,
    doctor: DOCTOR_SHOWN,
    digits: DIGITS,
    connection: id("k"),
    restarts: true,
    offer: "o",
    ...changes,
  };
}

/** A doctor's page proposes; by default with what the seal found in order. */
function proposed(
  page = waiting(),
  heard: Heard | null = m2(page),
  call = CALL,
): Page {
  return page.hears(
    { type: "proposed", call, m2: "sealed", deadline: NOW + 30 },
    heard,
  );
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
  return inSession()
    .told({ e: "bound", connection: id("k") })
    .told({ e: "flow", connection: id("k"), flow: "live" });
}

describe("on the way in", () => {
  test("nothing is asked for and nobody is told before consent", () => {
    const page = new Page();

    expect(page.shows).toBe("welcome");
    expect(page.todos).toEqual([]);
  });

  test("a page that cannot work says why and does nothing", () => {
    const [state, todos] = begin("insecure", true);

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
    expect(join?.m1).toBe(page.nonce);
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

  test("a page whose other half cannot be had says so, and goes on when it is there", () => {
    const page = new Page(true).told({ e: "unloaded" });
    expect(page.state.notice).toBe("unloaded");
    expect(page.shows).toBe("entering");

    page.hears({ type: "hello", challenge: id("h"), now: NOW });

    expect(page.does).toEqual(["join"]);
  });

  test("a link that cannot be one is told, and opens nothing", () => {
    const page = new Page(true).told({ e: "unentitled" });

    expect(page.state.page).toEqual({ name: "refused", code: "not-admitted" });
    expect(page.does).toEqual(["disconnect", "drop-media", "close-devices"]);
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

  test("who calls is shown as the union vouched for him, with the digits", () => {
    expect(proposed().state.page).toMatchObject({
      proposal: { doctor: DOCTOR_SHOWN, digits: DIGITS },
    });
  });

  test("an M2 for another M1 is not shown", () => {
    const page = waiting();

    proposed(page, m2(page, { nonce: id("x") }));

    expect(page.shows).toBe("waiting");
    expect(page.todos).toEqual([]);
  });

  test.each(["identity", "revoked", "handle", "signature", "sealed"] as const)(
    "a doctor who cannot be believed is not shown, and the call is left: %s",
    (code) => {
      const page = proposed(waiting(), { t: "refused", code });

      expect(page.shows).toBe("waiting");
      expect(page.says).toEqual(["leave call"]);
      expect(page.does).not.toContain("meet");
      expect(page.state.notice).toBe(`seal-${code}`);
    },
  );

  test("why a doctor was not believed is still said when the call is over", () => {
    const page = proposed(waiting(), { t: "refused", code: "revoked" });

    page.hears({ type: "ended", what: "call", outcome: "declined" });

    expect(page.state.notice).toBe("seal-revoked");
    expect(page.todo("renew")?.m1).toBe(page.nonce);
  });

  test("a refusal does not take away a doctor who is shown already", () => {
    const page = proposed(proposed(), { t: "refused", code: "twice" });

    expect(page.shows).toBe("proposed");
    expect(page.todos).toEqual([]);
  });

  test("one M1 opens one M2", () => {
    const page = waiting();
    const first = m2(page);
    proposed(page, first);
    page.told({ e: "decline" });

    proposed(page, first, id("o"));

    expect(page.shows).toBe("waiting");
  });

  test("accepting asks for the M3 of the handshake that was shown", () => {
    const page = waiting();
    const { nonce } = page;
    proposed(page).told({
      e: "described",
      connection: id("k"),
      sdp: "answer",
    });

    page.told({ e: "accept" });

    expect(page.todos).toEqual([
      { do: "accept", call: CALL, nonce, answer: "answer" },
    ]);
  });

  test("an M3 that cannot be made leaves the call, and says why", () => {
    const page = waiting();
    const { nonce } = page;
    proposed(page)
      .told({ e: "described", connection: id("k"), sdp: "answer" })
      .told({ e: "accept" })
      .told({ e: "unwritten", nonce: id("x"), code: "form" });
    expect(page.shows).toBe("accepting");

    page.told({ e: "unwritten", nonce, code: "form" });

    expect(page.shows).toBe("waiting");
    expect(page.says).toEqual(["leave call"]);
    expect(page.state.notice).toBe("seal-form");
  });

  test("accepting before the answer is ready sends it as soon as it is", () => {
    const page = proposed().told({ e: "accept" });
    expect(page.todos).toEqual([]);

    page.told({ e: "described", connection: id("k"), sdp: "answer" });

    expect(page.does).toEqual(["accept"]);
  });

  test("declining keeps the place, and the end of the call brings a fresh M1", () => {
    const page = proposed().told({ e: "decline" });
    expect(page.shows).toBe("waiting");
    expect(page.says).toEqual(["leave call"]);

    page.hears({ type: "ended", what: "call", outcome: "declined" });

    expect(page.does).toEqual(["drop-media", "forget", "renew"]);
    expect(page.todo("renew")?.m1).toBe(page.nonce);
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
    expect(page.does).toContain("renew");
    expect(page.state.declined).toBeNull();
  });

  test("another doctor's call after it is shown", () => {
    const page = proposed().told({ e: "offline" }).told({ e: "decline" });
    back(page);

    proposed(page, m2(page), id("o"));

    expect(page.shows).toBe("proposed");
  });

  test("giving up offline is carried out on return, and nobody may call meanwhile", () => {
    const page = waiting().told({ e: "offline" }).told({ e: "give-up" });
    expect(page.shows).toBe("leaving");
    expect(page.does).toEqual([
      "drop-media",
      "forget",
      "close-devices",
      "clear-link",
    ]);

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
    expect(page.does).toEqual(["flush", "release"]);
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

test("the server's clock is used for deadlines, not ours", () => {
  expect(waiting().state.ahead_s).toBe(3);
});

test("after the end nothing that comes changes the page", () => {
  const page = live().told({ e: "hang-up" });

  page.hears({ type: "ended", what: "session", outcome: "left" });
  page.hears({ type: "refused", code: "no-session", text: "" });

  expect(page.state.page).toEqual({ name: "ended", why: "left" });
});
