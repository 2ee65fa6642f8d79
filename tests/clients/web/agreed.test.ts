/** What the pages restate of the server is what the server does, and what people are told. */
import * as agreed from "../../../clients/web/src/agreed.ts";
import { en } from "../../../clients/web/src/words/en.ts";
import { fr } from "../../../clients/web/src/words/fr.ts";
import messages from "../../../signaling/messages.py?raw";
import published from "../../../signaling/published.py?raw";
import settings from "../../../signaling/settings.py?raw";
import store from "../../../signaling/store.py?raw";

function setting(name: string): number {
  const found = new RegExp(
    `^    ${name}: \\w+ = Field\\(\\s*([\\d._]+)`,
    "m",
  ).exec(settings);
  return Number(found?.[1]?.replaceAll("_", ""));
}

test.each([
  ["wait_pass_s", agreed.WAIT_PASS_S],
  ["awake_s", agreed.AWAKE_S],
  ["heartbeat_s", agreed.HEARTBEAT_S],
  ["faults_to_tail", agreed.FAULTS_TO_TAIL],
  ["invite_s", agreed.INVITE_S],
])("%s is the server's", (name, value) => {
  expect(setting(name)).toBe(value);
});

test("as many M1 are answered as the server forwards in one call", () => {
  expect(Number(/^M1S_MAX = (\d+)$/m.exec(store)?.[1])).toBe(
    agreed.M1_PER_CALL,
  );
});

test("as many may sit in a session as the server seats", () => {
  expect(Number(/^MEMBERS_MAX = (\d+)$/m.exec(messages)?.[1])).toBe(
    agreed.MEMBERS_MAX,
  );
});

test("a list may be as large as the server hands out", () => {
  const found = /^LIST_MAX_BYTES = (\d+) \* 1024$/m.exec(published);

  expect(Number(found?.[1]) * 1024).toBe(agreed.LIST_MAX_BYTES);
});

test("a setting that is not there is found missing", () => {
  expect(setting("no_such_s")).toBeNaN();
});

test.each([fr, en])(
  "$lang: a place is promised for as long as it is kept",
  (words) => {
    const minutes = setting("wait_pass_s") / 60;

    for (const text of [
      words.waiting.keep,
      words.offline,
      words.leaving.offline,
    ]) {
      expect(text).toContain(`${minutes} minutes`);
    }
  },
);

test.each([fr, en])("$lang: what declining costs is said", (words) => {
  expect(words.proposed.declineText).toContain(`${setting("faults_to_tail")} `);
});

test.each([
  [fr, "historique"],
  [en, "history"],
] as const)("the browser's own history is not kept quiet", (words, history) => {
  expect(words.welcome.trustText).toContain(history);
  expect(words.ended.nothing).toContain(history);
});
