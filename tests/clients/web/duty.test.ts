/** The doctor's three controls, and what the server and a reload are told of them. */
import fc from "fast-check";
import type { Wish } from "../../../clients/web/src/duty.ts";
import { begin } from "../../../clients/web/src/rounds.ts";
import {
  accepted,
  back,
  calling,
  hello,
  id,
  joined,
  live,
  m3,
  off,
  onDuty,
  Page,
} from "./doctor-page.ts";

const QUEUES = ["north", "south"];
const ON = { type: "duty", state: "on", queues: QUEUES };
const DRAINING = { type: "duty", state: "draining", queues: QUEUES };
const OFF = { type: "duty", state: "off", queues: [] };

const wants = (page: Page, duty: Wish) => page.told({ e: "duty", duty });
const ended = (
  what: "call" | "session" | "duty",
  outcome: "left" | "declined" | "drained",
) => ({ type: "ended", what, outcome }) as const;

describe("pause", () => {
  test("the server is told off, so that nobody counts on whoever takes nobody", () => {
    const page = wants(onDuty(), "pause");

    expect(page.shows).toBe("paused");
    expect(page.says).toEqual([OFF]);
  });

  test("one tap leads back, with the queues as they were", () => {
    const page = onDuty().told({ e: "serve", queue: "north", isServed: false });
    wants(page, "pause");

    wants(page, "on");

    expect(page.shows).toBe("on");
    expect(page.says).toEqual([{ ...ON, queues: ["south"] }]);
  });

  test("nobody is called in a pause", () => {
    const page = wants(onDuty(), "pause").told({ e: "call-next" });

    expect(page.shows).toBe("paused");
    expect(page.todos).toEqual([]);
  });

  test("while a patient is being asked it begins at once, and holds if that call ends", () => {
    const page = wants(calling(), "pause");
    expect(page.shows).toBe("calling");
    expect(page.says).toEqual([DRAINING]);

    page.hears(ended("call", "declined"));
    expect(page.shows).toBe("paused");
    page.hears(ended("duty", "drained"));

    expect(page.shows).toBe("paused");
    expect(page.says).toEqual([]);
  });

  test("in a session it means none after this one, until the doctor is back", () => {
    const page = wants(live(), "pause");
    expect(page.says).toEqual([DRAINING]);

    page.hears(ended("session", "left"));
    expect(page.shows).toBe("paused");
    page.hears(ended("duty", "drained"));
    expect(page.shows).toBe("paused");

    expect(wants(page, "on").says).toEqual([ON]);
  });

  test("who thinks better of it in the session is on duty after it", () => {
    const page = wants(wants(live(), "pause"), "on");
    expect(page.says).toEqual([ON]);

    expect(page.hears(ended("session", "left")).shows).toBe("on");
  });

  test("a lost socket does not end it: the server is told again", () => {
    const page = back(wants(onDuty(), "pause"));

    expect(page.shows).toBe("paused");
    expect(page.says).toEqual([OFF]);
  });

  test("a socket lost in the session leads back to none after this one", () => {
    const page = back(wants(live(), "pause"), accepted);
    expect(page.state.told?.state).toBe("draining");

    expect(page.hears(ended("session", "left")).shows).toBe("paused");
  });

  test("a call lost with the socket ends in the pause", () => {
    const page = back(wants(calling(), "pause"));

    expect(page.shows).toBe("paused");
    expect(page.says).toEqual([OFF]);
  });
});

describe("last patient", () => {
  test("one more is taken first: until then the server counts the doctor", () => {
    const page = wants(onDuty(), "draining");
    expect(page.shows).toBe("on");
    expect(page.says).toEqual([]);

    page.told({ e: "call-next" }).called().offers();
    expect(page.says).toEqual([]);
    page.accepted(m3());

    expect(page.says).toEqual([DRAINING]);
  });

  test("after it the duty is over, and the page says so", () => {
    const page = wants(live(), "draining").hears(ended("session", "left"));

    expect(page.shows).toBe("off");
    expect(page.state.notice).toBe("drained");
    expect(page.hears(ended("duty", "drained")).says).toEqual([]);
    expect(page.shows).toBe("off");
  });

  test("a patient who declined was not the last: another may be called", () => {
    const page = wants(calling(), "draining");
    expect(page.says).toEqual([]);

    page.hears(ended("call", "declined"));

    expect(page.shows).toBe("on");
    expect(page.state.duty).toBe("draining");
  });

  test("what the server answers to it in a session is not answered again, without an end", () => {
    const page = wants(live(), "draining");

    expect(page.hears(ended("duty", "drained")).says).toEqual([]);
    expect(page.hears(ended("duty", "drained")).says).toEqual([]);
  });

  test("a lost socket in the session does not make it forgotten", () => {
    const page = back(wants(live(), "draining"), accepted);
    expect(page.state.told?.state).toBe("draining");

    expect(page.hears(ended("session", "left")).shows).toBe("off");
  });
});

describe("after a reload", () => {
  const reloaded = (duty: Wish, canResume: boolean) => {
    const page = new Page();
    [page.state, page.todos] = begin(null, canResume, {
      duty,
      without: ["north"],
    });
    return page;
  };

  test.each(["pause", "draining", "on"] as const)(
    "in a session the doctor still wants what he wanted: %s",
    (duty) => {
      const page = reloaded(duty, true).hears(hello).hears(joined).accepted();

      const state = duty === "on" ? "on" : "draining";
      expect(page.says).toEqual([{ type: "duty", state, queues: ["south"] }]);
      expect(page.state.duty).toBe(duty);
    },
  );

  test.each([
    ["on", "on"],
    ["pause", "paused"],
    ["draining", "on"],
    ["off", "off"],
  ] as const)(
    "outside of one the doctor is where he was, once the devices work: %s",
    (duty, shown) => {
      const page = reloaded(duty, false)
        .told({ e: "devices-ready" })
        .hears(hello)
        .hears(joined);

      page.hears(joined);

      expect(page.shows).toBe(shown);
      expect(page.state.without).toEqual(["north"]);
    },
  );

  test("until the devices are seen to work nobody is sent to him", () => {
    const page = reloaded("on", true).hears(hello).hears(joined).hears(joined);

    expect(page.shows).toBe("devices");
    expect(page.says).toEqual([OFF]);
    expect(page.told({ e: "devices-ready" }).says).toEqual([
      { ...ON, queues: ["south"] },
    ]);
  });

  test("what a reload should find is kept at each change, and not otherwise", () => {
    const page = onDuty();
    expect(wants(page, "pause").todo("remember")?.kept).toEqual({
      duty: "pause",
      without: [],
    });
    expect(wants(page, "pause").todo("remember")).toBeUndefined();

    page.told({ e: "serve", queue: "north", isServed: false });

    expect(page.todo("remember")?.kept.without).toEqual(["north"]);
  });
});

describe("several queues", () => {
  test("a queue that is left out is told at once, and so is one taken again", () => {
    const page = onDuty().told({ e: "serve", queue: "north", isServed: false });
    expect(page.says).toEqual([{ ...ON, queues: ["south"] }]);

    expect(
      page.told({ e: "serve", queue: "north", isServed: true }).says,
    ).toEqual([ON]);
  });

  test("the last one is not left out by somebody on duty: that would be a pause", () => {
    const page = onDuty()
      .told({ e: "serve", queue: "north", isServed: false })
      .told({ e: "serve", queue: "south", isServed: false });

    expect(page.says).toEqual([]);
    expect(page.state.without).toEqual(["north"]);
  });

  test("before the duty they are chosen and nobody is told", () => {
    const page = off().told({ e: "serve", queue: "south", isServed: false });
    expect(page.says).toEqual([]);

    expect(page.told({ e: "go-on-duty" }).says).toEqual([
      { ...ON, queues: ["north"] },
    ]);
  });
});

describe("two windows of one doctor", () => {
  const replaced = {
    type: "ended",
    what: "socket",
    outcome: "replaced",
  } as const;

  test.each([
    ["on duty", onDuty],
    ["calling", calling],
    ["in a session", live],
  ] as const)(
    "the older one lets go of everything and does not fight: %s",
    (_, begins) => {
      const page = begins().hears(replaced);

      expect(page.shows).toBe("replaced");
      expect(page.does).toEqual(["disconnect", "drop-media", "close-devices"]);
      expect(page.told({ e: "offline" }).todos).toEqual([]);
    },
  );

  test("it is taken back by the doctor's tap alone, to the duty that he wanted here", () => {
    const page = onDuty().hears(replaced).told({ e: "offline" });

    page.told({ e: "take-back" });
    expect(page.does).toContain("connect");
    page.hears(hello).hears(joined).hears(joined);

    expect(page.shows).toBe("on");
    expect(page.says).toEqual([ON]);
  });

  test("a session that runs is found again by it", () => {
    const page = live().hears(replaced).told({ e: "take-back" });

    page.hears(hello).hears(joined).accepted();

    expect(page.shows).toBe("session");
    expect(page.writes).toEqual([{ t: "knock" }]);
  });
});

test("whatever is clicked and heard, the server is told what the page shows", () => {
  const happenings: ((page: Page) => unknown)[] = [
    ...(["on", "pause", "draining", "off"] as const).map(
      (duty) => (page: Page) => wants(page, duty),
    ),
    (page) => page.told({ e: "go-on-duty" }),
    (page) => page.told({ e: "call-next" }).told({ e: "prepared", code: null }),
    (page) => page.called(),
    (page) => page.told({ e: "withdraw" }),
    (page) => page.accepted(m3()),
    (page) => page.told({ e: "hang-up" }),
    (page) => page.hears(ended("call", "declined")),
    (page) => page.hears(ended("session", "left")),
    (page) => page.hears(ended("duty", "drained")),
    (page) => back(page),
    (page) => page.told({ e: "serve", queue: id("q"), isServed: false }),
  ];
  const shown = { on: "on", asking: "on", off: "off", paused: "off" } as Record<
    string,
    string
  >;

  fc.assert(
    fc.property(
      fc.array(fc.nat(happenings.length - 1), { maxLength: 30 }),
      (choices) => {
        const page = onDuty();
        for (const choice of choices) {
          happenings[choice]?.(page);
          const { told, duty } = page.state;
          if (!page.state.isJoined || told === null) continue;
          const wanted = shown[page.shows];
          if (wanted !== undefined) expect(told.state).toBe(wanted);
          if (page.shows === "session" && duty === "on")
            expect(told.state).toBe("on");
          if (page.shows === "paused") expect(duty).toBe("pause");
        }
      },
    ),
  );
});
