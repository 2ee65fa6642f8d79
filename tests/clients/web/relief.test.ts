/** The doctor's page as a colleague: rung, seated, and never the last who leaves a patient alone. */
import { whereabouts } from "../../../clients/web/src/relief.ts";
import type { ServerMessage } from "../../../clients/web/src/messages.ts";
import { id, NOW, Page, PATIENT } from "./doctor-page.ts";

const OWN = id("o");
const invited = {
  type: "invited",
  role: "colleague",
  pass: "pass1.x",
} as const satisfies ServerMessage;

function seated(...others: ("doctor" | "patient")[]): ServerMessage {
  const members = others.map((role) => ({
    member: role === "patient" ? PATIENT : id("d"),
    role,
  }));
  return {
    type: "accepted",
    session: id("s"),
    member: OWN,
    members: [...members, { member: OWN, role: "colleague" }],
  };
}

/** On duty, with nobody called. */
function free(): Page {
  return new Page()
    .told({ e: "devices", trouble: null })
    .told({ e: "devices-ready" })
    .hears({ type: "hello", challenge: id("h"), now: NOW })
    .hears({ type: "joined", queues: ["medecine-generale"], now: NOW })
    .hears({ type: "joined", now: NOW })
    .told({ e: "go-on-duty" });
}

test("who is on duty takes the seat at once, and is in that session", () => {
  const page = free().hears(invited);
  expect(page.todos).toContainEqual({ do: "join", pass: "pass1.x", m1: null });

  page.hears(seated("patient", "doctor"));
  expect(whereabouts(page.state)).toMatchObject({
    session: id("s"),
    first: null,
  });
});

test("an invitation that is none any more leaves the doctor on duty", () => {
  const page = free()
    .hears(invited)
    .hears({ type: "refused", code: "ended", text: "" });

  expect(page.state.page.name).toBe("on");
});

test("who is not free for a patient is not rung", () => {
  const page = new Page().hears(invited);

  expect(page.todos).toEqual([]);
});

test("the server's end of that session leads back to duty", () => {
  const page = free()
    .hears(invited)
    .hears(seated("patient", "doctor"))
    .hears({ type: "ended", what: "session", outcome: "left" });

  expect(page.state.page.name).toBe("on");
});

test("a page loaded anew as the last doctor gives the patient the old place", () => {
  const page = free().hears(seated("patient"));

  expect(page.says).toContainEqual({
    type: "leave",
    what: "session",
    then: "requeue",
  });
});
