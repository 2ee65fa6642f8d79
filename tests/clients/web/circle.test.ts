/** Widening is the patient's word alone, costs no place, and is told truly when it fails. */
import { USUAL } from "../../../clients/web/src/about.ts";
import { parse } from "../../../clients/web/src/directory.ts";
import type { ServerMessage } from "../../../clients/web/src/messages.ts";
import { back, id, NOW, Page, proposed, waiting } from "./patient-page.ts";

const title = { fr: "x", en: "x" };
const DIRECTORY = parse(
  new TextEncoder().encode(
    JSON.stringify({
      v: 1,
      queues: {
        near: { title, link: "cap1.near", wider: ["wide"] },
        wide: { title, link: "cap1.wide" },
        closed: { title, link: "cap1.closed", closed: true },
        bare: { title },
      },
    }),
  ),
);

const joined = (queue: string): ServerMessage => ({
  type: "joined",
  now: NOW,
  pass: `pass in ${queue}`,
  queues: [queue],
});
const refused = (
  code: "spent" | "out-of-turn",
  of = "join",
): ServerMessage => ({
  type: "refused",
  code,
  text: "",
  of,
});

/** Waits in the queue of the link, and knows the directory. */
function inNear(): Page {
  return waiting()
    .hears(joined("near"))
    .told({ e: "directory", directory: DIRECTORY, own: "near" });
}

test("which queues there are is asked once, when the page is in", () => {
  const page = new Page()
    .told({ e: "consent", at_s: NOW })
    .told({ e: "about", said: USUAL, queue: null })
    .told({ e: "devices-ready" })
    .hears({ type: "hello", challenge: id("h"), now: NOW });
  expect(page.does).not.toContain("load-directory");

  expect(page.hears(joined("near")).does).toContain("load-directory");
  expect(page.hears(joined("near")).does).not.toContain("load-directory");
  page.told({ e: "directory", directory: DIRECTORY, own: "near" });
  expect(page.hears(joined("near")).does).not.toContain("load-directory");
});

test("what cannot be had is asked again at the next sign of life", () => {
  const page = waiting().told({ e: "directory", directory: null, own: "near" });

  expect(page.hears(joined("near")).does).toContain("load-directory");
});

test("a tap moves the ticket, with a fresh M1 and the pass that keeps the place", () => {
  const page = inNear();
  const before = page.nonce;

  page.told({ e: "widen", queue: "wide" });

  expect(page.todo("move")).toEqual({
    do: "move",
    token: "cap1.wide",
    join: { pass: "pass in near", m1: page.nonce },
  });
  expect(page.nonce).not.toBe(before);
});

test("the page is there when the server says so", () => {
  const page = inNear().told({ e: "widen", queue: "wide" });

  expect(page.hears(joined("near")).does).not.toContain("move-over");
  page.hears(joined("wide"));

  expect(page.todo("move-over")).toEqual({ do: "move-over", isThere: true });
  expect(page.state.circle).toMatchObject({
    queue: "wide",
    own: "wide",
    moving: null,
  });
});

test.each(["near", "closed", "bare", "unknown"])(
  "nobody is moved to « %s »",
  (queue) => {
    expect(inNear().told({ e: "widen", queue }).does).not.toContain("move");
  },
);

test("one move at a time, none without the server, none while a doctor calls", () => {
  const widen = { e: "widen", queue: "wide" } as const;

  expect(inNear().told(widen).told(widen).does).not.toContain("move");
  expect(inNear().told({ e: "offline" }).told(widen).does).not.toContain(
    "move",
  );
  expect(proposed(inNear()).told(widen).does).not.toContain("move");
});

test("nothing but the patient's tap widens", () => {
  const page = inNear();

  for (const doctors of [0, 3, 0]) {
    page.hears({ type: "board", doctors, place: 9, band: "unknown" });
    expect(page.does).not.toContain("move");
  }
});

test.each(["spent", "out-of-turn"] as const)(
  "a move that is refused as %s leaves all as it was, with a fresh M1",
  (code) => {
    const page = inNear().told({ e: "widen", queue: "wide" });
    const moving = page.nonce;

    page.hears(refused(code));

    expect(page.does).toEqual(["move-over", "renew"]);
    expect(page.todo("move-over")?.isThere).toBe(false);
    expect(page.todo("renew")?.m1).toBe(page.nonce);
    expect(page.nonce).not.toBe(moving);
    expect(page.state.notice).toBeNull();
    expect(page.state.circle).toMatchObject({
      queue: "near",
      own: "near",
      moving: null,
      isRefused: true,
    });
  },
);

test("another refusal meanwhile is not the move's", () => {
  const page = inNear().told({ e: "widen", queue: "wide" });

  page.hears(refused("out-of-turn", "leave"));

  expect(page.state.circle.moving?.queue).toBe("wide");
});

test("a half that cannot be loaded is said, and may be tried again", () => {
  const page = inNear()
    .told({ e: "widen", queue: "wide" })
    .told({ e: "moved", isThere: false });

  expect(page.state.circle).toMatchObject({ moving: null, isRefused: true });
  expect(page.told({ e: "widen", queue: "wide" }).does).toContain("move");
});

test("a socket lost while moving: the server says where we are, and the page follows", () => {
  const page = back(inNear().told({ e: "widen", queue: "wide" }));
  expect(page.state.circle.moving).toBeNull();

  page.hears(joined("wide"));
  expect(page.todo("move")).toEqual({
    do: "move",
    token: "cap1.wide",
    join: null,
  });
  page.told({ e: "moved", isThere: true });

  expect(page.todo("renew")?.m1).toBe(page.nonce);
  expect(page.state.circle).toMatchObject({ own: "wide", moving: null });
});

test("the first link opened again after widening finds the ticket where it is", () => {
  const page = waiting().hears(joined("wide"));

  page.told({ e: "directory", directory: DIRECTORY, own: "near" });

  expect(page.todo("move")?.token).toBe("cap1.wide");
  expect(page.hears(joined("wide")).does).not.toContain("move");
});

test("where the directory has no way there the page stays as it is", () => {
  const page = waiting()
    .hears(joined("bare"))
    .told({ e: "directory", directory: DIRECTORY, own: "near" });

  expect(page.does).not.toContain("move");
});

test("a queue that closes is seen, and what is known of it asked anew", () => {
  const page = inNear().hears({
    type: "board",
    doctors: 0,
    place: 1,
    closed: true,
  });

  expect(page.state.circle.isClosed).toBe(true);
  expect(page.does).toContain("load-directory");
  page.told({ e: "directory", directory: null, own: "near" });
  expect(page.state.circle.directory).toBe(DIRECTORY);
});

test("the wait is what the server says last", () => {
  const page = inNear().hears({
    type: "board",
    doctors: 1,
    place: 1,
    band: "under-10",
  });
  expect(page.state.circle.band).toBe("under-10");

  page.hears({ type: "board", doctors: 0, place: 1 });
  expect(page.state.circle.band).toBeNull();
});
