/** Text and documents, loaded late: one that cannot be loaded is said, and tried again. */
import { TalkDesk } from "../../../clients/web/src/talk-desk.ts";
import {
  FIRST,
  type Half,
  Talking,
  type TalkView,
} from "../../../clients/web/src/talking.ts";
import type { Wire } from "../../../clients/web/src/wire.ts";

const HALF: Half = { Desk: TalkDesk, view: {} as TalkView };
const WIRE = { listen: () => undefined } as unknown as Wire;

/** In a session, on a network that fails so many times. */
function begun(failures: number): {
  talking: Talking;
  tries: () => number;
  drawn: () => number;
} {
  let [tries, drawn] = [0, 0];
  const host = {
    isHere: () => true,
    isVoiceless: () => true,
    draw: () => (drawn += 1),
    chime: () => undefined,
  };
  const talking = new Talking(host, () => {
    tries += 1;
    return tries > failures
      ? Promise.resolve(HALF)
      : Promise.reject(new TypeError("Importing a module script failed."));
  });
  talking.look("session");
  return { talking, tries: () => tries, drawn: () => drawn };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("what cannot be loaded is drawn as missing, and is there on a later try", async () => {
  const { talking, tries, drawn } = begun(2);
  talking.link(FIRST, WIRE);
  await vi.advanceTimersByTimeAsync(0);
  expect([talking.isMissing, talking.now, drawn()]).toEqual([true, null, 1]);

  await vi.advanceTimersByTimeAsync(2_999);
  expect(tries()).toBe(1);
  await vi.advanceTimersByTimeAsync(3_001);

  expect(tries()).toBe(3);
  expect(talking.isMissing).toBe(false);
  expect(talking.now?.desk.strands.has(FIRST)).toBe(true);
});

test("with the session the trying ends, and the next begins without the sentence", async () => {
  const { talking, tries } = begun(1);
  talking.link(FIRST, WIRE);
  await vi.advanceTimersByTimeAsync(0);

  talking.look(null);
  expect(talking.isMissing).toBe(false);
  await vi.advanceTimersByTimeAsync(60_000);

  expect([tries(), talking.now]).toEqual([1, null]);
});

test("connections that come in the meantime load it once", async () => {
  const { talking, tries } = begun(1);
  talking.link(FIRST, WIRE);
  await vi.advanceTimersByTimeAsync(1_000);
  talking.link("guest", WIRE);
  await vi.advanceTimersByTimeAsync(10_000);

  expect(tries()).toBe(2);
  expect([...(talking.now?.desk.strands.keys() ?? [])]).toEqual([
    FIRST,
    "guest",
  ]);
});
