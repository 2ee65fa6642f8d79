/** The waiting room asks whether anybody is there: after long, in time, and not twice. */
import { WAIT_PASS_S } from "../../../clients/web/src/agreed.ts";
import {
  AWAKE,
  BEFORE_S,
  LONG_S,
  type Vigil,
  watched,
} from "../../../clients/web/src/vigil.ts";

/** Look at these times, and tell at which of them it is asked. */
function asks(seen: [now: number, isHidden: boolean, isOnline: boolean][]) {
  let vigil: Vigil = AWAKE;
  return seen.flatMap(([now, isHidden, isOnline]) => {
    const [next, isDue] = watched(vigil, { isHidden, isOnline }, now);
    vigil = next;
    return isDue ? [now] : [];
  });
}

test("whoever comes back after long is asked when he is back", () => {
  expect(
    asks([
      [0, true, true],
      [LONG_S + 1, true, true],
      [LONG_S + 2, false, true],
      [LONG_S + 3, false, true],
    ]),
  ).toEqual([LONG_S + 2]);
});

test("a short look elsewhere is nobody's affair", () => {
  expect(
    asks([
      [0, true, true],
      [LONG_S - 1, false, true],
    ]),
  ).toEqual([]);
});

test("without the server it is asked once while there is time, and anew next time", () => {
  const due = WAIT_PASS_S - BEFORE_S;

  expect(
    asks([
      [0, true, false],
      [due - 1, true, false],
      [due, true, false],
      [due + 1, true, false],
      [due + 2, true, true],
      [due + 3, true, false],
      [2 * due + 3, true, false],
    ]),
  ).toEqual([due, 2 * due + 3]);
});
