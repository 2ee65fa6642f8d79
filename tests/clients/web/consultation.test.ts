/** The patient's page, state by state: what it shows, and what it lets out and when. */
import { USUAL } from "../../../clients/web/src/about.ts";
import { begin } from "../../../clients/web/src/consultation.ts";
import {
  accepted,
  back,
  CALL,
  DIGITS,
  DOCTOR_SHOWN,
  id,
  live,
  m2,
  NOW,
  Page,
  proposed,
  waiting,
} from "./patient-page.ts";

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
    const page = new Page()
      .told({ e: "consent", at_s: NOW })
      .told({ e: "about", said: USUAL, queue: null });

    expect(page.shows).toBe("devices");
    expect(page.does).toEqual(["open-devices"]);
    page.told({ e: "devices", trouble: null });
    expect(page.does).toEqual(["connect"]);
    expect(page.shows).toBe("entering");
  });

  test("trouble with the devices is shown and may be tried again without the camera", () => {
    const page = new Page()
      .told({ e: "consent", at_s: NOW })
      .told({ e: "about", said: USUAL, queue: null })
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
    expect(page.does).toEqual(["meet"]);
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

test("the server's clock is used for deadlines, not ours", () => {
  expect(waiting().state.ahead_s).toBe(3);
});

test("after the end nothing that comes changes the page", () => {
  const page = live().told({ e: "hang-up" });

  page.hears({ type: "ended", what: "session", outcome: "left" });
  page.hears({ type: "refused", code: "no-session", text: "" });

  expect(page.state.page).toEqual({ name: "ended", why: "left" });
});
