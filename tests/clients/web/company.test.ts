/** Larger company: who is let in, who asks whom, and when picture and sound may flow. */
import { INVITE_S } from "../../../clients/web/src/agreed.ts";
import { mayInvite } from "../../../clients/web/src/company.ts";
import {
  AT_S,
  atTheDoctors,
  atThePatients,
  Circle,
  COLLEAGUE,
  DOCTOR,
  GUEST,
  OTHER,
  PATIENT,
} from "./company-page.ts";
import { id } from "./patient-page.ts";

const psk = new Uint8Array(32);
const pairOf = { invite: id("i"), psk };

test("who is in a call asks the server for a seat, then makes an address", () => {
  const page = atThePatients().told({ e: "invite-guest" });
  expect(page.todos).toEqual([
    { do: "send", message: { type: "invite", role: "guest" } },
  ]);

  page.told({ e: "invited", pass: "pass1.x", at_s: AT_S });
  expect(page.todos).toEqual([{ do: "invite-guest", pass: "pass1.x" }]);

  page.told({ e: "opened", address: "https://a/#inv1" });
  expect(page.company.invitation).toMatchObject({
    address: "https://a/#inv1",
    until_s: AT_S + INVITE_S,
  });
});

test("an address that nobody used is over in time, and said to be", () => {
  const page = atThePatients()
    .told({ e: "invite-guest" })
    .told({ e: "invited", pass: "pass1.x", at_s: AT_S });

  page.told({ e: "tick", at_s: AT_S + INVITE_S - 1 });
  expect(page.company.invitation).not.toBeNull();

  page.told({ e: "tick", at_s: AT_S + INVITE_S });
  expect(page.company).toMatchObject({ invitation: null, notice: "not-come" });
});

test("where no seat is left it is said, and the button is there again", () => {
  const page = atThePatients()
    .told({ e: "invite-guest" })
    .told({ e: "refused", code: "full" });

  expect(page.company).toMatchObject({ invitation: null, notice: "no-seat" });
  expect(mayInvite(page.company)).toBe(true);
});

test("a guest who asks on our invitation is answered, and brought to the others", () => {
  const page = atTheDoctors().sits(PATIENT, GUEST);

  page.isAskedBy(GUEST, "guest");

  expect(page.does).toEqual(["settle", "release", "introduce"]);
  expect(page.todo("introduce")).toMatchObject({
    newcomer: GUEST,
    to: PATIENT,
  });
  expect(page.pair(GUEST)).toMatchObject({ by: DOCTOR, role: "guest" });
});

test("who asks and was not expected is not answered", () => {
  const page = atTheDoctors().sits(PATIENT, GUEST);

  page.hears(GUEST, { t: "m1", nonce: id("m"), role: "guest", isOwn: false });

  expect(page.todos).toEqual([]);
  expect(page.pair(GUEST)).toBeUndefined();
});

test("a guest of somebody else's is asked or answered as that one says", () => {
  const page = atThePatients().sits(DOCTOR, GUEST);
  page.reads(DOCTOR, {
    t: "expect",
    member: GUEST,
    role: "guest",
    key: id("k"),
    holder: null,
    ...pairOf,
  });

  page.isAskedBy(GUEST, "guest", false);

  expect(page.pair(GUEST)).toMatchObject({ by: DOCTOR, digits: "012345" });
  expect(page.does).not.toContain("introduce");
});

test("a newcomer asks who invited him, and nobody else before he is introduced", () => {
  const page = new Circle(GUEST, null, [PATIENT, DOCTOR], PATIENT);

  expect(page.todos).toMatchObject([{ do: "come-to", member: PATIENT }]);

  page.answers(PATIENT).isConfirmedBy(PATIENT);
  page.reads(PATIENT, {
    t: "ask",
    member: DOCTOR,
    role: "doctor",
    key: id("k"),
    ...pairOf,
  });
  expect(page.todos).toMatchObject([{ do: "ask", member: DOCTOR }]);
});

test("no candidate goes out before the last confirmation of that pair", () => {
  const page = new Circle(GUEST, null, [PATIENT, DOCTOR], PATIENT);

  page.answers(PATIENT);
  expect(page.does).toEqual(["meet"]);
  page.told({
    e: "described",
    member: PATIENT,
    connection: id("v"),
    sdp: "answer",
  });
  expect(page.does).toEqual(["m3", "expect"]);
  page.hears(PATIENT, { t: "ready" });
  expect(page.does).toEqual(["release"]);
});

test("tracks are held until everybody agrees, and again when somebody does not", () => {
  const page = atTheDoctors().sits(PATIENT, GUEST).isAskedBy(GUEST, "guest");
  expect(page.pair(GUEST)?.isAgreed).toBe(false);

  page.agrees(PATIENT, GUEST);
  expect(page.todos).toEqual([{ do: "hold", member: GUEST, held: false }]);
  page.agrees(PATIENT, GUEST);
  expect(page.todos).toEqual([]);
  page.agrees(PATIENT);
  expect(page.todos).toEqual([{ do: "hold", member: GUEST, held: true }]);
});

test("nobody else is asked to join while somebody is still coming in", () => {
  const page = atTheDoctors().sits(PATIENT, GUEST);
  expect(mayInvite(page.company)).toBe(false);

  page.isAskedBy(GUEST, "guest");
  expect(mayInvite(page.company)).toBe(false);

  page.agrees(PATIENT, GUEST);
  expect(mayInvite(page.company)).toBe(true);
});

test("four are as many as there may be", () => {
  const page = atTheDoctors()
    .sits(PATIENT, GUEST)
    .isAskedBy(GUEST, "guest")
    .sits(PATIENT, GUEST, OTHER)
    .isAskedBy(OTHER, "guest")
    .agrees(PATIENT, GUEST, OTHER);

  expect(mayInvite(page.company)).toBe(false);
});

test("who has left is parted from, and forgotten", () => {
  const page = atTheDoctors().sits(PATIENT, GUEST).isAskedBy(GUEST, "guest");

  page.sits(PATIENT);

  expect(page.todos).toEqual([{ do: "part", member: GUEST }]);
  expect(page.company.pairs).toEqual([]);
});

test("who cannot be agreed on is shown out by a doctor, and only parted from by others", () => {
  const doctor = atTheDoctors().sits(PATIENT, GUEST).isAskedBy(GUEST, "guest");
  const patient = atThePatients().sits(DOCTOR, GUEST).isAskedBy(GUEST, "guest");

  doctor.told({ e: "disagreed", members: [GUEST] });
  patient.told({ e: "disagreed", members: [GUEST] });

  expect(doctor.does).toEqual(["part", "send"]);
  expect(patient.does).toEqual(["part"]);
  expect(patient.company.notice).toBe("roster");
});

test("a pair whose path is lost shakes hands anew, on the word of who asks", () => {
  const asks = new Circle(GUEST, null, [PATIENT, DOCTOR], PATIENT);
  asks.answers(PATIENT).isConfirmedBy(PATIENT);
  asks.told({ e: "stuck", member: PATIENT, connection: id("v") });
  expect(asks.todos).toMatchObject([{ do: "ask", member: PATIENT }]);

  const answers = atTheDoctors().sits(PATIENT, GUEST).isAskedBy(GUEST, "guest");
  const connection = answers.pair(GUEST)?.connection ?? "";
  answers.told({ e: "stuck", member: GUEST, connection });
  expect(answers.todos).toEqual([{ do: "knock", member: GUEST }]);
});

test("what a connection that was replaced still says is passed over", () => {
  const page = atTheDoctors().sits(PATIENT, GUEST).isAskedBy(GUEST, "guest");
  const event = { member: GUEST, connection: id("x") };

  page.told({ e: "bound", ...event });
  expect(page.pair(GUEST)?.isBound).toBe(false);
  page.told({ e: "stuck", ...event });
  expect(page.todos).toEqual([]);
});

test("a connection that ends elsewhere than the handshake ends the pair", () => {
  const page = atTheDoctors().sits(PATIENT, GUEST).isAskedBy(GUEST, "guest");
  const connection = page.pair(GUEST)?.connection ?? "";

  page.told({ e: "unbound", member: GUEST, connection });

  expect(page.pair(GUEST)).toBeUndefined();
  expect(page.does).toContain("part");
});

test("a guest asks nobody to join, and a newcomer without an inviter is told", () => {
  const guest = new Circle(GUEST, null, [PATIENT, DOCTOR], OTHER);

  expect(guest.company.notice).toBe("nobody-asks");
  expect(mayInvite(guest.company)).toBe(false);
  expect(new Circle(COLLEAGUE, null, [PATIENT, DOCTOR]).todos).toMatchObject([
    { do: "come-to", member: DOCTOR },
  ]);
});
