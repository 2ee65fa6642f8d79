/** Pages that lost the server come back soon, but not all at once. */
import { backoffMs } from "../../../clients/web/src/socket.ts";

test("the first attempt comes within half a second", () => {
  expect(backoffMs(0, 0)).toBe(250);
  expect(backoffMs(0, 1)).toBe(500);
});

test("no attempt waits longer than a quarter of a minute", () => {
  expect(backoffMs(50, 1)).toBe(15_000);
});

test("the dice spread the pages over half of the wait", () => {
  expect(backoffMs(3, 0)).toBe(backoffMs(3, 1) / 2);
});
