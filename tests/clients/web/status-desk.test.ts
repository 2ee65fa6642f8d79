/** The desk of the status page: what it shows after each answer, and what it never asks. */
import { holderOf } from "../../../clients/web/src/proof.ts";
import {
  type Keys,
  OLD_S,
  StatusDesk,
} from "../../../clients/web/src/status-desk.ts";
import example from "../../probe/state.example.json";

const ORIGIN = "https://etat.example.fr";
const PASS = "P".repeat(43);

interface Server {
  told: Record<string, unknown>;
  isPublic: boolean;
  refused: [number, string] | null;
  state: Response | null;
  asked: string[];
}
let server: Server;
let now: number;
let keys: Keys | Error;

function answered(path: string, init: RequestInit = {}): Promise<Response> {
  server.asked.push(path);
  const sent = new Headers(init.headers).get("authorization");
  if (path === "/status/challenge")
    return Promise.resolve(Response.json({ challenge: "C".repeat(43) }));
  if (path === "/status/enter") {
    const [status, code] = server.refused ?? [200, ""];
    const said =
      server.refused === null ? { pass: PASS, expires_at: 1 } : { code };
    return Promise.resolve(Response.json(said, { status }));
  }
  if (path === "/status/leave")
    return Promise.resolve(new Response(null, { status: 204 }));
  if (server.state !== null) return Promise.resolve(server.state);
  return Promise.resolve(
    server.isPublic || sent === `Bearer ${PASS}`
      ? Response.json(server.told)
      : Response.json({ code: "staff-only" }, { status: 401 }),
  );
}

function desk(): StatusDesk {
  return new StatusDesk({
    keys: () =>
      keys instanceof Error ? Promise.reject(keys) : Promise.resolve(keys),
    origin: ORIGIN,
    now: () => now,
    draw: () => undefined,
  });
}

async function someKeys(): Promise<Keys> {
  const holder = await holderOf("A".repeat(43));
  if (holder === null) throw new Error("no key");
  return { token: "a.credential.text", holder };
}

beforeEach(async () => {
  server = {
    told: { ...example },
    isPublic: false,
    refused: null,
    state: null,
    asked: [],
  };
  now = example.at;
  keys = await someKeys();
  vi.stubGlobal("fetch", answered);
});
afterEach(() => {
  vi.unstubAllGlobals();
});

test("where everybody may look, nobody is asked who he is", async () => {
  server.isPublic = true;
  const own = desk();

  await own.ask();

  expect(own.screen.name).toBe("board");
  expect([own.isIn, server.asked]).toEqual([false, ["/status/state"]]);
});

test("staff enter once, and again when the pass is over", async () => {
  const own = desk();

  await own.ask();
  await own.ask();
  expect(own.screen.name).toBe("board");
  expect(server.asked.filter((path) => path === "/status/enter")).toHaveLength(
    1,
  );
  await own.leave();
  expect([own.screen.name, own.isIn]).toEqual(["left", false]);
  await own.ask();

  expect([own.screen.name, own.isIn]).toEqual(["board", true]);
});

test.each([
  [403, "expired", "expired"],
  [403, "early", "early"],
  [403, "revoked", "revoked"],
  [403, "not-admitted", "other-union"],
  [403, "origin", "origin"],
  [403, "unproven", "unproven"],
  [400, "malformed", "unproven"],
  [429, "too-fast", "busy"],
  [503, "full", "busy"],
])("a refusal by %i %s is told as %s", async (status, code, why) => {
  server.refused = [status, code];
  const own = desk();

  await own.ask();

  expect(own.screen).toEqual({ name: "refused", why });
});

test.each<[Keys, string]>([
  ["device", "device"],
  ["no-key", "refused"],
  ["expired", "refused"],
])(
  "without a credential (%s) nothing is sent, and it is said",
  async (found, name) => {
    keys = found;
    const own = desk();

    await own.ask();

    expect(own.screen.name).toBe(name);
    expect(server.asked).toEqual(["/status/state"]);
  },
);

test("keys that cannot be looked for are the network's fault", async () => {
  keys = new Error("offline");
  const own = desk();

  await own.ask();

  expect(own.screen).toEqual({ name: "unanswered", why: "away" });
});

test("who is taken back while he looks sees the board no longer", async () => {
  const own = desk();
  await own.ask();

  server.state = Response.json({ code: "staff-only" }, { status: 401 });
  server.refused = [403, "revoked"];
  await own.ask();

  expect(own.screen).toEqual({ name: "refused", why: "revoked" });
});

test.each<[string, () => Response]>([
  ["away", () => new Response("", { status: 502 })],
  ["unreadable", () => Response.json({ v: 2 })],
  ["unreadable", () => new Response("<html>")],
  ["away", () => new Response("x".repeat(3 * 1024 * 1024))],
])("what was shown stays when the server is %s", async (trouble, answer) => {
  const own = desk();
  await own.ask();

  server.state = answer();
  await own.ask();

  expect(own.screen).toMatchObject({
    name: "board",
    trouble,
    told: { at: example.at },
  });
});

test("an answer that does not change grows old, and a new one ends that", async () => {
  const own = desk();
  await own.ask();
  now += OLD_S + 1;
  await own.ask();
  expect(own.screen).toMatchObject({ trouble: "old" });

  server.told = { ...example, at: now };
  await own.ask();

  expect(own.screen).toMatchObject({ trouble: null });
});
