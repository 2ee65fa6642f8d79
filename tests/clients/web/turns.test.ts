/** What a page says keeps its order, and waits for nothing that is not before it. */
import { Turns } from "../../../clients/web/src/turns.ts";

function noting() {
  const done: string[] = [];
  const turns = new Turns();
  return { done, turns, note: (what: string) => () => void done.push(what) };
}

test("what waits for nothing is done at once", () => {
  const { done, turns, note } = noting();

  turns.take(note("a"));

  expect(done).toEqual(["a"]);
});

test("what comes after something slow waits for it", async () => {
  const { done, turns, note } = noting();
  let finish: () => void = () => undefined;
  turns.take(() => new Promise<void>((resolve) => (finish = resolve)));
  turns.take(note("b"));
  turns.take(note("c"));
  expect(done).toEqual([]);

  finish();
  await new Promise((resolve) => setTimeout(resolve));

  expect(done).toEqual(["b", "c"]);
});

test("what goes wrong is told, and stops nothing", async () => {
  const { done, turns, note } = noting();
  const told: unknown[] = [];
  vi.stubGlobal("reportError", (error: unknown) => told.push(error));

  turns.take(() => Promise.reject(new Error("slow")));
  turns.take(() => {
    throw new Error("quick");
  });
  turns.take(note("after"));
  await new Promise((resolve) => setTimeout(resolve));

  expect(done).toEqual(["after"]);
  expect(told).toHaveLength(2);
  vi.unstubAllGlobals();
});
