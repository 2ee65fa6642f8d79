/** Which queues a doctor serves, and how many wait in each. */
import { attentionOf } from "../../../clients/web/src/attention.ts";
import { countOf, served } from "../../../clients/web/src/queues.ts";
import { id, NOW } from "./doctor-page.ts";

test("a queue that the credential allows no more is not served, however it was chosen", () => {
  expect(served({ queues: ["a", "b"], without: ["b", "c"] })).toEqual(["a"]);
});

test("a count of a board that was cut is a least, and says so", () => {
  const tickets = ["a", "b"].map((letter) => ({
    ticket: id(letter),
    queue: "north",
    place: 1,
    since: NOW,
    awake: true,
  }));

  expect(countOf({ tickets, waiting: 2 }, "north")).toEqual({
    count: 2,
    isAll: true,
  });
  expect(countOf({ tickets, waiting: 60 }, "north")).toEqual({
    count: 2,
    isAll: false,
  });
  expect(countOf({ tickets, waiting: 2 }, "south").count).toBe(0);
});

test.each([
  ["waiting", true, false],
  ["proposed", true, true],
  ["session", true, false],
  ["on", true, false],
  ["paused", false, false],
  ["ended", false, false],
] as const)("screen and bell follow the page: %s", (page, isLit, isRinging) => {
  expect(attentionOf(page)).toEqual({ isLit, isRinging });
});
