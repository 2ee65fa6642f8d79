/** What both pages do about the relay: who tries it when, and with which password. */
import type { ServerMessage } from "../../../clients/web/src/messages.ts";
import * as doctor from "./doctor-page.ts";
import { relay } from "./passwords.ts";
import * as patient from "./patient-page.ts";

/** The server's clock at the start; what follows is so many seconds later. */
const at = (s: number) => patient.NOW + s;

function joined(s: number, password = "password"): ServerMessage {
  const given = relay({ password }, at(s));
  return { type: "joined", now: at(s), relay: given };
}

function passwordOf(todo: {
  relay: { relay: { password: string } } | null;
}): string | undefined {
  return todo.relay?.relay.password;
}

describe("a patient who waits", () => {
  const waiting = () => patient.waiting().hears(joined(0));

  test("tries the relay once, and says what came of it", () => {
    const page = waiting();
    expect(page.todo("check-relay")?.relay?.password).toBe("password");
    expect(page.state.check).toMatchObject({ isRunning: true, found: null });

    page.told({ e: "checked", by: "tcp" });
    expect(page.state.check).toMatchObject({ isRunning: false, found: "tcp" });

    for (const s of [15, 600]) page.hears(joined(s));
    expect(page.todos).toEqual([]);
  });

  test("tries no relay where there is none", () => {
    expect(patient.waiting().told({ e: "check-again" }).todos).toEqual([]);
  });

  test("tries an unreachable one again after a minute, and meanwhile says so", () => {
    const page = waiting().told({ e: "checked", by: null });
    expect(page.state.check).toMatchObject({ found: "unreachable" });

    expect(page.hears(joined(59)).does).toEqual([]);
    expect(page.hears(joined(60, "newer")).todo("check-relay")?.relay).toEqual(
      relay({ password: "newer" }, at(60)),
    );
    expect(page.state.check).toMatchObject({
      isRunning: true,
      found: "unreachable",
    });
  });

  test.each(["udp", null] as const)(
    "tries it again when asked to, whatever was found (%s)",
    (by) => {
      const page = waiting().told({ e: "checked", by });

      expect(page.told({ e: "check-again" }).does).toEqual(["check-relay"]);
    },
  );

  test("tries it again on the network that comes after a lost one", () => {
    const page = waiting().told({ e: "checked", by: "udp" });

    page.told({ e: "offline" });
    expect(page.state.check).toBeNull();

    page.hears({
      type: "hello",
      challenge: patient.id("h"),
      now: patient.NOW,
    });
    expect(page.hears(joined(30)).does).toContain("check-relay");
  });

  test("stops trying when a doctor calls, and begins again in the waiting room", () => {
    const page = patient.proposed(waiting());
    expect(page.todos).toContainEqual({ do: "check-relay", relay: null });

    page.told({ e: "decline" });
    expect(page.todo("check-relay")?.relay).not.toBeNull();
  });

  test("is not told what a trial found that was stopped", () => {
    const page = patient.proposed(waiting()).told({ e: "checked", by: null });

    expect(page.state.check).toBeNull();
  });
});

describe("a patient who is next in line", () => {
  const board = (place: number, doctors = 1): ServerMessage => ({
    type: "board",
    doctors,
    place,
  });
  const next = () =>
    patient
      .waiting()
      .hears(joined(0))
      .told({ e: "checked", by: "udp" })
      .hears(board(1));

  test("has a connection ready, and before that has none", () => {
    const page = patient.waiting().hears(joined(0));
    expect(page.todo("keep-ready")).toBeUndefined();

    page.hears(board(1));
    expect(page.todo("keep-ready")?.relay).toEqual({
      relay: relay({}, at(0)),
      since_s: at(0),
    });
  });

  test("has it made anew when half of the password's life is over, not before", () => {
    const page = next();

    expect(page.hears(joined(299, "early")).does).toEqual([]);
    const ready = page.hears(joined(300, "newer")).todo("keep-ready");
    expect(ready && passwordOf(ready)).toBe("newer");
  });

  test.each([
    ["somebody else is next", board(2)],
    ["nobody is on duty", board(1, 0)],
  ])("needs none any more when %s", (_, message) => {
    expect(next().hears(message).todos).toEqual([
      { do: "keep-ready", relay: null },
    ]);
  });

  test.each([
    ["gives up", { e: "give-up" }],
    ["loses the server", { e: "offline" }],
  ] as const)("needs none any more when he %s", (_, event) => {
    expect(next().told(event).todos).toContainEqual({
      do: "keep-ready",
      relay: null,
    });
  });

  test("meets the doctor on it, and it is nobody's afterwards", () => {
    const page = patient.proposed(next());

    expect(page.does.indexOf("meet")).toBeLessThan(
      page.does.indexOf("keep-ready"),
    );
    expect(page.state.spare).toBeNull();
  });

  test("has another ready after a call that came to nothing", () => {
    const page = patient.proposed(next()).told({ e: "decline" });

    expect(page.todo("keep-ready")?.relay).not.toBeNull();
  });
});

test("in a session the patient's page gives each newer password to the connection", () => {
  const page = patient.live().hears(joined(15, "newer"));

  expect(page.todos).toEqual([
    {
      do: "lend",
      relay: { relay: relay({ password: "newer" }, at(15)), since_s: at(15) },
    },
  ]);
});

test("the patient's seat has a password of its own", () => {
  const seat = { relay: relay({ password: "seat" }) };
  const accepted = Object.assign(patient.accepted(), seat);
  const page = patient
    .proposed(patient.waiting().hears(joined(0)))
    .told({ e: "described", connection: patient.id("k"), sdp: "answer" })
    .told({ e: "accept" })
    .hears(accepted);

  const lent = page.todo("lend");
  expect(lent && passwordOf(lent)).toBe("seat");
});

describe("a doctor", () => {
  test.each([
    ["off duty", doctor.off],
    ["on duty", doctor.onDuty],
  ])("%s tries the relay, and meets nobody by that password", (_, made) => {
    const page = made().hears(joined(0, "trial"));
    expect(page.todo("check-relay")?.relay?.password).toBe("trial");
    expect(page.state.relay).toBeNull();
  });

  test("stops trying when he asks for the next patient", () => {
    const page = doctor.onDuty().hears(joined(0)).told({ e: "call-next" });

    expect(page.todos).toContainEqual({ do: "check-relay", relay: null });
  });

  const called: ServerMessage = {
    type: "called",
    call: doctor.CALL,
    ticket: doctor.id("t"),
    m1: "m1",
    deadline: doctor.NOW + 30,
    relay: relay({ password: "call" }, doctor.NOW),
  };
  const m1 = { t: "m1", nonce: doctor.id("m"), isSame: false } as const;

  test("meets the patient by the password of that call", () => {
    const page = doctor
      .onDuty()
      .hears(joined(0, "trial"))
      .told({ e: "call-next" })
      .hears(called, m1);
    const meet = page.todo("meet");
    expect(meet && passwordOf(meet)).toBe("call");

    page.hears(joined(15, "trial"));
    expect(page.state.relay?.relay.password).toBe("call");
    expect(page.todos).toEqual([]);
  });

  test("does not use the password of one call in the next", () => {
    const page = doctor.onDuty().told({ e: "call-next" }).hears(called, m1);
    page.told({ e: "withdraw" }).told({ e: "call-next" });

    page.called(doctor.id("n"), doctor.id("C"));

    expect(page.todo("meet")?.relay).toBeNull();
  });

  test("in a session gives each newer password to the connection", () => {
    const page = doctor.live().hears(joined(15, "newer"));

    const lent = page.todo("lend");
    expect(lent && passwordOf(lent)).toBe("newer");
    expect(page.todo("check-relay")).toBeUndefined();
  });

  test("who reloaded meets by the password that comes with the seat", () => {
    const page = new doctor.Page(true)
      .hears(doctor.hello)
      .hears(joined(0, "trial"))
      .hears({
        ...(doctor.accepted as object),
        relay: relay({ password: "seat" }),
      } as ServerMessage);

    expect(page.state.relay?.relay.password).toBe("seat");
  });
});

test("a session that was live is interrupted, not begun, while its new path is sought", () => {
  const page = doctor.live();
  const connection = doctor.connectionOf(page);
  page.told({ e: "flow", connection, flow: "interrupted" });

  page.told({ e: "flow", connection, flow: "connecting" });

  expect(page.state.page).toMatchObject({ session: { flow: "interrupted" } });
});
