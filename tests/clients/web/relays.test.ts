/** Passwords of the relay: which are old, and in which order its addresses are tried. */
import { hold, isDue, routesOf } from "../../../clients/web/src/relays.ts";
import { held, LIFE_S, relay } from "./passwords.ts";

test("a message without a relay leaves the password that is held", () => {
  expect(hold(held(), undefined, 15)).toEqual(held());
  expect(hold(held(), relay({}, 15), 15)).toEqual(held({}, 15));
});

test.each([
  ["the doctor's, at three quarters", 450, false, false],
  ["the doctor's, after three quarters", 451, false, true],
  ["the patient's, after three quarters", 451, true, false],
  ["the patient's, after seven eighths", 526, true, true],
  ["one that has ended", LIFE_S + 60, false, true],
])("a path of a password's life: %s", (_, now_s, polite, due) => {
  expect(isDue(held(), held({}, now_s), polite)).toBe(due);
});

test("a path is not renewed with a password that ends no later", () => {
  const same = held({ expires_at: LIFE_S }, 590);

  expect(isDue(held(), same, false)).toBe(false);
});

test("addresses go by transport, in the order in which they came", () => {
  const urls = [
    "turn:r:1?transport=udp",
    "turn:[::1]:1?transport=udp",
    "turn:r:1?transport=tcp",
    "turns:r:2?transport=tcp",
  ];

  expect(routesOf(urls)).toEqual([
    ["udp", urls.slice(0, 2)],
    ["tcp", urls.slice(2, 3)],
    ["tls", urls.slice(3)],
  ]);
});
