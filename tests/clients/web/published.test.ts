/** Published files come whole, in time and not too large, or they are not had. */
import { LIST_MAX_BYTES } from "../../../clients/web/src/agreed.ts";
import {
  fetchBundles,
  fetchDirectory,
  fetchList,
  fetchUnions,
  NotHad,
} from "../../../clients/web/src/published.ts";
import { UNION } from "./union-vectors.ts";

// The browser's own, however often a test answers.
const timeout = AbortSignal.timeout.bind(AbortSignal);

/** A server with one answer; gives the milliseconds that each request was allowed. */
function answering(answer: () => Response): number[] {
  const allowed: number[] = [];
  vi.spyOn(AbortSignal, "timeout").mockImplementation((ms) => {
    allowed.push(ms);
    return timeout(ms);
  });
  vi.stubGlobal("fetch", () => Promise.resolve(answer()));
  return allowed;
}

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

const unions = () => Response.json({ v: 1, unions: [{ v: 1, ...UNION }] });

test("a file of bundles has two minutes to come, a small file twenty seconds", async () => {
  const allowed = answering(unions);

  await fetchUnions();
  await fetchList(UNION);
  await fetchBundles(UNION, 0);

  expect(allowed).toEqual([20_000, 20_000, 120_000]);
});

test("a list is as large as the server's may be, and no larger", async () => {
  answering(() => new Response("x".repeat(LIST_MAX_BYTES)));
  expect(await fetchList(UNION)).toHaveLength(LIST_MAX_BYTES);

  answering(() => new Response("x".repeat(LIST_MAX_BYTES + 1)));
  await expect(fetchList(UNION)).rejects.toThrow(NotHad);
});

test("a union without bundles has none; one without a list cannot be had", async () => {
  answering(() => new Response("", { status: 404 }));

  expect(await fetchBundles(UNION, 0)).toHaveLength(0);
  await expect(fetchList(UNION)).rejects.toThrow(NotHad);
});

test("a directory that is not there is empty, one that cannot be had is none", async () => {
  answering(() => Response.json({ v: 1, queues: { a: {} } }));
  expect([...((await fetchDirectory()) ?? []).keys()]).toEqual(["a"]);

  answering(() => new Response("", { status: 404 }));
  expect(await fetchDirectory()).toEqual(new Map());

  for (const broken of [
    () => new Response("", { status: 503 }),
    () => new Response("<html>"),
    () => new Response("x".repeat(1024 * 1024 + 1)),
  ]) {
    answering(broken);
    expect(await fetchDirectory()).toBeNull();
  }
});

test("a browser may keep a directory, and nothing else of these", async () => {
  const asked: unknown[] = [];
  vi.stubGlobal("fetch", (path: string, { cache }: RequestInit) => {
    asked.push([path, cache]);
    return Promise.resolve(unions());
  });

  await fetchDirectory();
  await fetchUnions();

  expect(asked).toEqual([
    ["/queues.json", "default"],
    ["/unions.json", "no-store"],
  ]);
});

test.each([
  ["a server that is busy", () => new Response("", { status: 503 })],
  ["no JSON", () => new Response("<html>")],
  ["another version", () => Response.json({ v: 2, unions: [] })],
  ["a union without a root", () => Response.json({ v: 1, unions: [{ v: 1 }] })],
  [
    "no network",
    () => {
      throw new TypeError("Failed to fetch");
    },
  ],
])("%s is the network's trouble, not the doctor's", async (_, answer) => {
  answering(answer);

  await expect(fetchUnions()).rejects.toThrow(NotHad);
});
