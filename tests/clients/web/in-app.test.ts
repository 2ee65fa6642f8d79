/** Inside other applications: which one it is, and an address that leads out whole. */
import fc from "fast-check";
import { browserAddress, inAppOf } from "../../../clients/web/src/in-app.ts";

const ON_ANDROID =
  "Mozilla/5.0 (Linux; Android 14; SM-S911B; wv) AppleWebKit/537.36";
const ON_IPHONE =
  "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148";

test.each([
  ["whatsapp", `${ON_IPHONE} WhatsApp/2.24.1`],
  [
    "facebook",
    `${ON_ANDROID} Chrome/140 Mobile Safari/537.36 [FB_IAB/FB4A;FBAV/400.0;]`,
  ],
  ["facebook", `${ON_IPHONE} [FBAN/FBIOS;FBAV/400.0;FBBV/1]`],
  ["messenger", `${ON_IPHONE} [FBAN/MessengerForiOS;FBAV/400.0]`],
  ["messenger", `${ON_ANDROID} Chrome/140 [FB_IAB/Orca-Android;FBAV/400.0;]`],
  [
    "instagram",
    `${ON_ANDROID} Chrome/140 Mobile Safari/537.36 Instagram 300.0 Android`,
  ],
  ["instagram", `${ON_IPHONE} Instagram 300.0 (iPhone15,2; iOS 18_5) [FBAN/x]`],
  ["google", `${ON_IPHONE} GSA/300.0 Safari/604.1`],
  ["other", `${ON_ANDROID} Version/4.0 Chrome/140.0.0.0 Mobile Safari/537.36`],
  ["other", ON_IPHONE],
] as const)("%s is known by what it says, or leaves out", (app, agent) => {
  expect(inAppOf(agent)).toBe(app);
});

test.each([
  "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36",
  `${ON_IPHONE} Version/18.5 Safari/604.1`,
  "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15",
  "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
  "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/140 Mobile/15E148 Safari/604.1",
])("a browser is no application: %s", (agent) => {
  expect(inAppOf(agent)).toBeNull();
});

test("a page on the home screen of an iPhone is none either", () => {
  expect(inAppOf(ON_IPHONE, true)).toBeNull();
});

/** As Android's `Intent.parseUri` reads it: what is after the last `#` is for itself. */
function asAndroidReads(address: string): string {
  const at = address.lastIndexOf("#");
  expect(address.slice(at)).toMatch(/^#Intent;.*;end$/);
  const scheme = /;scheme=([^;]+);/.exec(address.slice(at))?.[1] ?? "";
  return address.slice(0, at).replace(/^intent:/, `${scheme}:`);
}

test("the way out of an Android application keeps the whole link", () => {
  const link = "https://tele.example:8443/#cap.AAAA-_.root~h=BBBB~r=CC~d=DD";

  const address = browserAddress(link, ON_ANDROID) ?? "";

  expect(address).toMatch(/^intent:\/\/tele\.example:8443\/#cap/);
  expect(asAndroidReads(address)).toBe(link);
});

test("no link can say more than an address", () => {
  for (const end of [";S.x=y", "#Intent;end", " ", '"', "'", "\n", "\\", "<"]) {
    expect(
      browserAddress(`https://tele.example/#a${end}`, ON_ANDROID),
    ).toBeNull();
  }
  expect(browserAddress("javascript:alert(1)", ON_ANDROID)).toBeNull();
  expect(browserAddress("https:", ON_ANDROID)).toBeNull();
});

const SIGNS = [
  "a",
  "Z",
  "0",
  "-",
  "_",
  ".",
  "~",
  "=",
  "%",
  ";",
  "#",
  "'",
  '"',
  " ",
  "\n",
  "é",
];

test("any link is kept whole, or there is no way out by it", () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...SIGNS) }), (fragment) => {
      const link = `https://tele.example/#${fragment}`;
      const address = browserAddress(link, ON_ANDROID);
      if (address !== null) expect(asAndroidReads(address)).toBe(link);
    }),
  );
});

test("an iPhone has no such address", () => {
  expect(browserAddress("https://tele.example/#a", ON_IPHONE)).toBeNull();
});
