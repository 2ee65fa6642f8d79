/** Both machines when a path, a server or a far end is lost and found: the same call goes on. */
import type { Flow } from "../../../clients/web/src/path.ts";
import type { ServerMessage } from "../../../clients/web/src/messages.ts";
import * as doctors from "./doctor-page.ts";
import * as patients from "./patient-page.ts";

type Page = doctors.Page | patients.Page;

/** A server begun anew, to whom one end came back alone. */
function alone(page: Page): ServerMessage {
  const isPatient = page instanceof patients.Page;
  const [member, role] = isPatient
    ? ([patients.PATIENT, "patient"] as const)
    : ([doctors.DOCTOR, "doctor"] as const);
  return {
    type: "accepted",
    session: patients.SESSION,
    pass: "anew",
    member,
    members: [{ member, role }],
  };
}

/** The far end joins him: no pass comes with that. */
function joinedBy(page: Page): ServerMessage {
  const whole =
    page instanceof patients.Page ? patients.accepted() : doctors.accepted;
  if (whole.type !== "accepted") throw new Error("not a session");
  return {
    type: "accepted",
    session: whole.session,
    member: whole.member,
    members: whole.members,
  };
}

function session(page: Page) {
  const shown = page.state.page;
  if (shown.name !== "session") throw new Error(`it is ${shown.name}`);
  return shown.session;
}

function flows(page: Page, flow: Flow): void {
  page.told({ e: "flow", connection: session(page).connection ?? "", flow });
}

function comesBack(page: Page): void {
  page
    .told({ e: "offline" })
    .hears({ type: "hello", challenge: patients.id("h"), now: patients.NOW });
  page.hears({ type: "joined", now: patients.NOW });
}

const both: [string, () => Page][] = [
  ["patient", patients.live],
  ["doctor", doctors.live],
];

describe.each(both)("a %s", (name, live) => {
  test("who is back before the other in a lost session waits, and the call goes on", () => {
    const page = live();
    const { connection, digits } = session(page);
    comesBack(page);

    page.hears(alone(page));
    expect(session(page)).toMatchObject({ connection, digits, isAlone: false });
    expect(page.does).toEqual(["reach"]);
    expect(page.todo("reach")?.is).toBe(false);

    page.hears(joinedBy(page));
    expect(session(page)).toMatchObject({ connection, digits, flow: "live" });
    expect(page.writes).toEqual([
      { t: "candidates", connection, candidates: [] },
    ]);
    expect(page.todo("reach")?.is).toBe(true);
  });

  test("a change of members without a pass is asked for one", () => {
    const page = live();

    page.hears(joinedBy(page));

    expect(JSON.stringify(page.todos)).toContain('"renew"');
  });

  test("what is refused for one who is not back yet is no end", () => {
    const page = live();
    comesBack(page);
    page.hears(alone(page));

    page.hears({ type: "refused", code: "no-session", text: "" });

    expect(session(page).isAlone).toBe(false);
    expect(page.shows).toBe("session");
  });

  test("a far end without a socket is not offered a path before he is heard again", () => {
    const page = live();
    flows(page, "interrupted");

    page.hears({ type: "refused", code: "away", text: "" });
    expect(session(page).signs.isAway).toBe(true);
    expect(page.todo("reach")?.is).toBe(false);

    const here = {
      t: "candidates" as const,
      connection: session(page).connection ?? "",
      candidates: [],
    };
    page.reads(here);
    expect(page.todo("reach")?.is).toBe(true);
    expect(page.does.at(-1)).toBe("reach");
  });

  test("without the server no path is sought, and with it at once", () => {
    const page = live();

    page.told({ e: "offline" });
    expect(page.todo("reach")?.is).toBe(false);
    page
      .hears({ type: "hello", challenge: patients.id("h"), now: patients.NOW })
      .hears({ type: "joined", now: patients.NOW });
    expect(page.todo("reach")?.is).toBe(true);
  });

  test("a person's click seeks a path once more, and the button goes", () => {
    const page = live();
    const connection = session(page).connection ?? "";
    flows(page, "interrupted");
    page.told({ e: "spent", connection });
    expect(session(page).signs.isSpent).toBe(true);

    page.told({ e: "retry" });

    expect(page.does).toEqual(["retry"]);
    expect(session(page).signs.isSpent).toBe(false);
  });

  test("what another connection tells does not count", () => {
    const page = live();
    const connection = patients.id("x");

    page
      .told({ e: "spent", connection })
      .told({ e: "picture", connection, isComing: false });

    expect(Object.values(session(page).signs)).not.toContain(true);
  });

  test("pictures that stay away are told, and so is their return", () => {
    const page = live();
    const connection = session(page).connection ?? "";

    page.told({ e: "picture", connection, isComing: false });
    expect(session(page).signs.isDark).toBe(true);
    page.told({ e: "picture", connection, isComing: true });
    expect(session(page).signs.isDark).toBe(false);
  });

  test("who reloads into a session in which nobody else is waits for the other", () => {
    const page =
      name === "patient" ? new patients.Page(true) : new doctors.Page(true);
    page.told({ e: "devices", trouble: null });
    comesBack(page);

    page.hears(alone(page));
    expect(page.shows).toBe("session");
    expect(page.writes).toEqual([]);

    page.hears(joinedBy(page));
    expect(page.writes).toHaveLength(1);
    expect(page.writes[0]?.t).toBe(name === "patient" ? "m1" : "knock");
  });
});

describe("the doctor's seat", () => {
  const join = (page: doctors.Page) =>
    page.told({ e: "offline" }).hears(doctors.hello).todo("join");

  test("is shown beside the credential, by the newest pass", () => {
    const page = doctors.live();
    expect(join(page)).toMatchObject({ pass: null, keep: "seat" });

    page.hears({ ...doctors.joined, pass: "newer" } as ServerMessage);
    page.hears(doctors.accepted);
    page.hears({ type: "joined", now: doctors.NOW, pass: "newest" });

    expect(join(page)).toMatchObject({ pass: null, keep: "newest" });
  });

  test("is nobody's once the session is over", () => {
    const page = doctors.live().told({ e: "hang-up" });

    expect(join(page)?.keep ?? null).toBeNull();
    expect(page.state.pass).toBeNull();
  });
});

test("the patient's word that the path is lost goes to that connection, and opens no other", () => {
  const page = doctors.live();
  const connection = session(page).connection ?? "";

  page.reads({ t: "again", connection });
  expect(page.does).toEqual(["flush", "hear"]);

  page.reads({ t: "again" });
  expect(page.does).toContain("meet");
});
