/** From the first screen into the queue: two taps, by itself, and what is said stays in the page. */
import { agreed, USUAL } from "../../../clients/web/src/about.ts";
import { parse } from "../../../clients/web/src/directory.ts";
import { tellable, UNKNOWN } from "../../../clients/web/src/journey.ts";
import { waiting, back, id, inSession, NOW, Page } from "./patient-page.ts";

const MINUTE = Math.floor(NOW / 60);
const title = { fr: "x", en: "x" };
const DIRECTORY = parse(
  new TextEncoder().encode(
    JSON.stringify({
      v: 1,
      queues: {
        near: { title, link: "cap1.near" },
        wide: { title, link: "cap1.wide" },
        closed: { title, link: "cap1.closed", closed: true },
      },
    }),
  ),
);
const SAID = { ...USUAL, phone: "0612345678", whereabouts: "3 rue des Lilas" };

function asked(): Page {
  return new Page()
    .told({ e: "consent", at_s: NOW })
    .told({ e: "directory", directory: DIRECTORY, own: "near" });
}

function ready(queue: string | null): Page {
  return asked()
    .told({ e: "about", said: SAID, queue })
    .told({ e: "devices", trouble: null });
}

describe("on the way in", () => {
  test("consent and one tap lead to the devices, and working devices to the server", () => {
    const page = asked();
    expect(page.shows).toBe("about");

    page.told({ e: "about", said: USUAL, queue: null });
    expect([page.shows, page.does]).toEqual(["devices", ["open-devices"]]);

    page.told({ e: "devices", trouble: null });
    expect([page.shows, page.does]).toEqual(["entering", ["connect"]]);
  });

  test("a fault keeps the person on its screen until something works", () => {
    const page = asked()
      .told({ e: "about", said: USUAL, queue: null })
      .told({ e: "devices", trouble: "denied" });
    expect([page.shows, page.does]).toEqual(["devices", []]);

    page
      .told({ e: "try-devices", video: false })
      .told({ e: "devices", trouble: null });

    expect(page.shows).toBe("entering");
  });

  test("the place leads to its queue before the server is told of any", () => {
    const page = ready("wide");
    expect(page.todos).toEqual([
      { do: "move", token: "cap1.wide", join: null },
    ]);
    expect(page.does).not.toContain("connect");

    page.told({ e: "moved", isThere: true });

    expect(page.does).toEqual(["connect"]);
    expect(page.state.circle.own).toBe("wide");
  });

  test("where that cannot be had the link's own queue is entered, and it is said", () => {
    const page = ready("wide").told({ e: "moved", isThere: false });

    expect(page.does).toContain("connect");
    expect(page.state.circle).toMatchObject({ own: "near", isRefused: true });
  });

  test.each([null, "near", "closed", "unknown"])(
    "%s leads where the link does",
    (queue) => {
      expect(ready(queue).does).toEqual(["connect"]);
    },
  );
});

describe("what is said", () => {
  test("goes out with each M4, to the doctor, before any candidate", () => {
    const page = inSession();

    const about = page.todos.find((todo) => todo.do === "write");
    expect(about).toMatchObject({
      letter: { t: "about", consent: { text: "c1", minute: MINUTE } },
    });
    expect(page.does.indexOf("write")).toBeLessThan(
      page.does.indexOf("release"),
    );
  });

  test("a reload has lost it, says so and asks again; a fresh word agrees anew", () => {
    const page = back(new Page(true)).hears({
      type: "board",
      doctors: 1,
      place: 1,
    });
    expect(page.state.known).toMatchObject({ said: null, consent: null });

    page.told({ e: "say", said: SAID, at_s: NOW + 60 });

    expect(page.state.known).toMatchObject({
      said: SAID,
      consent: { minute: MINUTE + 1 },
    });
  });

  test("what is changed while waiting keeps the first agreement", () => {
    const page = waiting().told({ e: "say", said: SAID, at_s: NOW + 600 });

    expect(page.state.known).toMatchObject({
      said: SAID,
      consent: { minute: MINUTE },
    });
  });
});

describe("are you still there", () => {
  test("is asked aloud, once, and nothing ends without an answer", () => {
    const page = waiting().told({ e: "are-you-there" });
    expect([page.shows, page.does]).toEqual(["waiting", ["chime"]]);

    expect(page.told({ e: "are-you-there" }).does).toEqual([]);
    expect(page.told({ e: "still-here" }).state.isAsked).toBe(false);
    expect(page.shows).toBe("waiting");
  });

  test("is asked of nobody who talks", () => {
    expect(inSession().told({ e: "are-you-there" }).does).toEqual([]);
  });
});

describe("ways on", () => {
  test("a place that expired while the page was away is taken again, and it is said", () => {
    const page = waiting()
      .told({ e: "offline" })
      .hears({ type: "hello", challenge: id("h"), now: NOW })
      .hears({ type: "refused", code: "expired", text: "", of: "join" });
    expect([page.shows, page.state.notice]).toEqual(["entering", "behind"]);

    page
      .hears({ type: "hello", challenge: id("h"), now: NOW })
      .hears({ type: "joined", now: NOW, pass: "new" })
      .hears({ type: "board", doctors: 1, place: 7 });

    expect([page.shows, page.state.notice]).toEqual(["waiting", "behind"]);
  });

  test("an expired place leaves the link, and one tap enters again", () => {
    const page = waiting().hears({
      type: "ended",
      what: "queue",
      outcome: "expired",
    });
    expect(page.state.page).toEqual({ name: "ended", why: "expired" });
    expect(page.does).not.toContain("clear-link");

    page.told({ e: "return" });

    expect(page.does).toEqual(["connect", "open-devices"]);
  });
});

describe("what is being typed in the waiting room", () => {
  const known = { ...UNKNOWN, consent: agreed(NOW) };

  test("counts as it is, for a doctor who calls before it is saved", () => {
    const { known: asItWas } = waiting().state;
    const typed = { ...SAID, whereabouts: "3 rue des Lilas, 2e étage" };

    expect(tellable(typed, asItWas)).toEqual(typed);
  });

  test.each(["", "06", "06 12 34 56 78 appeler après"])(
    "has no telephone number where it is %j",
    (phone) => {
      expect(tellable({ ...SAID, phone }, known)).toEqual({
        ...SAID,
        phone: "",
      });
    },
  );

  test("stays in its field before consent, which the button gives", () => {
    expect(tellable(SAID, UNKNOWN)).toBeNull();
  });
});
