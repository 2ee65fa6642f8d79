/** For whom a doctor is called to the page: once each, and not for every change. */
import type { Ticket } from "../../../clients/web/src/messages.ts";
import { title } from "../../../clients/web/src/doctor-view.tsx";
import { fr } from "../../../clients/web/src/words/fr.ts";
import { id, live, NOW, off, onDuty, type Page } from "./doctor-page.ts";

const OWN = `${"h".repeat(21)}A`;

function ticket(letter: string, queue = "south"): Ticket {
  return { ticket: id(letter), queue, place: 1, since: NOW, awake: true };
}

function board(page: Page, ...tickets: Ticket[]): string | undefined {
  page.hears({ type: "board", doctors: 1, waiting: tickets.length, tickets });
  return page.todo("announce")?.arrival;
}

test("who comes to an empty queue is announced, and nobody after him", () => {
  const page = onDuty();
  board(page);

  expect(board(page, ticket("a"))).toBe("first");
  expect(board(page, ticket("a"), ticket("b"))).toBeUndefined();
  expect(board(page, ticket("b"))).toBeUndefined();
});

test("each who comes by the doctor's own link is announced, whoever else waits", () => {
  const page = onDuty();

  expect(board(page, ticket("t"), ticket("a", OWN))).toBe("own");
  expect(board(page, ticket("t"), ticket("a", OWN))).toBeUndefined();
  expect(board(page, ticket("t"), ticket("a", OWN), ticket("b", OWN))).toBe(
    "own",
  );
});

test("who was called and is back in the queue is no arrival", () => {
  const page = onDuty();
  board(page);
  board(page, ticket("a"));
  board(page);

  expect(board(page, ticket("a"))).toBeUndefined();
});

test("who was there before the page is no arrival: a reload rings for nobody", () => {
  const page = off().told({ e: "go-on-duty" });

  expect(board(page, ticket("t"), ticket("a", OWN))).toBeUndefined();
  expect(board(page, ticket("t"), ticket("a", OWN), ticket("b", OWN))).toBe(
    "own",
  );
});

test.each([
  ["off duty", () => off()],
  ["in a pause", () => onDuty().told({ e: "duty", duty: "pause" })],
  ["in a session", () => live()],
] as const)(
  "nobody is announced to a doctor who is not free: %s",
  (_, begins) => {
    const page = begins();
    board(page);

    expect(board(page, ticket("a"), ticket("b", OWN))).toBeUndefined();
  },
);

test("an arrival is shown until somebody is called or the queue is empty", () => {
  const page = onDuty();
  board(page);
  board(page, ticket("a"));
  expect(page.state.arrival).toBe("first");
  expect(page.told({ e: "call-next" }).state.arrival).toBeNull();

  const emptied = onDuty();
  board(emptied);
  board(emptied, ticket("b"));
  board(emptied);

  expect(emptied.state.arrival).toBeNull();
});

test("the title counts those who wait, and says that somebody came", () => {
  const page = off();
  board(page, ticket("t"));
  page.told({ e: "go-on-duty" });
  expect(title(page.state, fr)).toBe("(1) Téléconsultation – médecins");
  board(page);
  expect(title(page.state, fr)).toBe("Téléconsultation – médecins");

  board(page, ticket("a"), ticket("b"));

  expect(title(page.state, fr)).toBe("(2) Un patient attend");
  page.told({ e: "duty", duty: "off" });
  expect(title(page.state, fr)).toBe("Téléconsultation – médecins");
});

describe("picking", () => {
  test("one of the own link is called by name", () => {
    const page = onDuty();
    board(page, ticket("t"), ticket("a", OWN));

    page
      .told({ e: "pick", ticket: id("a") })
      .told({ e: "prepared", code: null });

    expect(page.says).toEqual([{ type: "call", ticket: id("a") }]);
  });

  test("nobody is picked out of a pool, nor out of thin air", () => {
    const page = onDuty();
    board(page, ticket("t"), ticket("a", OWN));

    for (const other of [id("t"), id("z")]) {
      expect(page.told({ e: "pick", ticket: other }).todos).toEqual([]);
      expect(page.shows).toBe("on");
    }
  });
});
