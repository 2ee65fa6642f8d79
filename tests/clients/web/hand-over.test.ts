/** Handing a patient over: he chooses, the first doctor stays until then, nobody is left alone. */
import { RINGS_S } from "../../../clients/web/src/hand-over.ts";
import {
  AT_S,
  atTheDoctors,
  atThePatients,
  CARD,
  Circle,
  COLLEAGUE,
  DOCTOR,
  PATIENT,
} from "./company-page.ts";
import { id } from "./patient-page.ts";

const NOTE = "Fièvre depuis trois jours.";
const BY_NAME = {
  member: COLLEAGUE,
  name: CARD.name,
  specialty: CARD.specialty,
};

/** The doctor's page, which calls a colleague. */
function ringing(): Circle {
  return atTheDoctors()
    .told({ e: "hand-over" })
    .told({ e: "colleagues", list: [CARD] })
    .told({ e: "hand-to", key: CARD.key, note: NOTE, at_s: AT_S });
}

/** The same, once he has taken over. */
function offered(): Circle {
  return ringing().sits(PATIENT, COLLEAGUE).isAskedBy(COLLEAGUE, "doctor");
}

/** The patient's page, which is asked. */
function asked(): Circle {
  return atThePatients()
    .sits(DOCTOR, COLLEAGUE)
    .reads(DOCTOR, { t: "handover", colleague: BY_NAME })
    .reads(DOCTOR, {
      t: "ask",
      member: COLLEAGUE,
      role: "doctor",
      key: id("k"),
      invite: id("i"),
      psk: new Uint8Array(32),
    });
}

/** The colleague's page, whose inviter has proven who he is. */
function rung(): Circle {
  return new Circle(COLLEAGUE, null, [PATIENT, DOCTOR]).answers(
    DOCTOR,
    "Camille Martin",
  );
}

test("a colleague is called by his card's key, and nothing is told of the patient", () => {
  const page = ringing();

  expect(page.todos).toEqual([{ do: "invite-colleague", key: CARD.key }]);
});

test("once he takes over the patient is asked, by his name, before he is introduced", () => {
  const page = offered();

  expect(page.todos).toMatchObject([
    { do: "settle" },
    { do: "release" },
    { do: "say", to: PATIENT, letter: { t: "handover", colleague: BY_NAME } },
    { do: "introduce", newcomer: COLLEAGUE, to: PATIENT },
  ]);
});

test("what the doctor wrote goes to the colleague after the patient chose him, once", () => {
  const page = offered();
  const choice = { t: "choice", colleague: COLLEAGUE } as const;

  page.reads(PATIENT, choice);
  expect(page.todos).toEqual([
    { do: "say", to: COLLEAGUE, letter: { t: "note", text: NOTE } },
  ]);
  page.reads(PATIENT, choice);
  expect(page.todos).toEqual([]);
});

test("the first doctor leaves when everybody knows the colleague, and not before", () => {
  const page = offered().reads(PATIENT, { t: "choice", colleague: COLLEAGUE });
  expect(page.does).not.toContain("leave");

  page.agrees(PATIENT, COLLEAGUE);

  expect(page.todo("leave")).toEqual({ do: "leave", then: "handed-over" });
});

test("a patient who chooses the queue is sent back to it by the doctor", () => {
  const page = offered().reads(PATIENT, { t: "choice", colleague: null });

  expect(page.todos).toEqual([{ do: "leave", then: "requeue" }]);
});

test("the choice is the patient's alone, and of nobody else than was named", () => {
  const page = offered();

  page.reads(COLLEAGUE, { t: "choice", colleague: null });
  expect(page.todos).toEqual([]);
  page.reads(PATIENT, { t: "choice", colleague: id("z") });
  expect(page.todos).toEqual([]);
});

test("with nobody on duty the patient is asked all the same: the queue, or leaving", () => {
  const page = atTheDoctors()
    .told({ e: "hand-over" })
    .told({ e: "colleagues", list: [] })
    .told({ e: "hand-to-nobody" });
  expect(page.todos).toEqual([
    { do: "say", to: PATIENT, letter: { t: "handover", colleague: null } },
  ]);

  page.reads(PATIENT, { t: "choice", colleague: null });
  expect(page.todos).toEqual([{ do: "leave", then: "requeue" }]);
});

test("a colleague who declines, or vanishes, costs nothing: another may be called", () => {
  const page = offered().sits(PATIENT);

  expect(page.company).toMatchObject({
    handOver: { name: "choosing" },
    notice: "colleague-gone",
  });
  expect(page.does).toContain("look-for-colleagues");
});

test("a colleague who does not answer is let go, and that is said", () => {
  const page = ringing().sits(PATIENT, COLLEAGUE);

  page.told({ e: "tick", at_s: AT_S + RINGS_S - 1 });
  expect(page.todos).toEqual([]);
  page.told({ e: "tick", at_s: AT_S + RINGS_S });

  expect(page.company.notice).toBe("colleague-silent");
  expect(page.todo("send")?.message).toEqual({
    type: "leave",
    what: "session",
    member: COLLEAGUE,
  });
});

test.each([
  ["off-duty", "colleague-off"],
  ["full", "no-seat"],
] as const)(
  "a server that answers %s leaves the doctor choosing",
  (code, notice) => {
    const page = ringing().told({ e: "refused", code });

    expect(page.company).toMatchObject({
      handOver: { name: "choosing" },
      notice,
    });
  },
);

test("the first doctor may stay after all, and the colleague is shown out", () => {
  const page = offered().told({ e: "keep" });

  expect(page.company.handOver).toBeNull();
  expect(page.does).toEqual(["uninvite-colleague", "send"]);
});

test("a patient asks the colleague only after he chose him, and says so first", () => {
  const page = asked();
  expect(page.does).not.toContain("ask");

  page.told({ e: "choose", to: "colleague" });

  expect(page.todos).toMatchObject([
    { do: "say", to: DOCTOR, letter: { t: "choice", colleague: COLLEAGUE } },
    { do: "ask", member: COLLEAGUE },
  ]);
});

test("a patient who chooses the queue says that, and nothing to the colleague", () => {
  const page = asked().told({ e: "choose", to: "queue" });

  expect(page.todos).toEqual([
    { do: "say", to: DOCTOR, letter: { t: "choice", colleague: null } },
  ]);
  page.told({ e: "choose", to: "colleague" });
  expect(page.todos).toEqual([]);
});

test("a colleague who goes before the choice is no choice any more, and that is said", () => {
  const page = asked().sits(DOCTOR);

  expect(page.company).toMatchObject({ offer: null, notice: "colleague-gone" });
});

test("only a doctor asks the patient to choose", () => {
  const page = atThePatients().sits(DOCTOR, id("g"));

  page.reads(id("g"), { t: "handover", colleague: null });

  expect(page.company.offer).toBeNull();
});

test("a colleague sees who calls, proven, and says nothing before his click", () => {
  const page = rung();
  expect(page.does).toEqual(["chime"]);
  expect(page.pair(DOCTOR)?.doctor?.card.name).toBe("Camille Martin");

  page.told({ e: "take-over" });

  expect(page.todos).toMatchObject([{ do: "meet", member: DOCTOR }]);
});

test("a colleague who declines leaves; as the last doctor he gives the place back", () => {
  expect(rung().told({ e: "decline" }).todos).toEqual([
    { do: "leave", then: "declined" },
  ]);

  const alone = rung().sits(PATIENT);

  expect(alone.todos).toContainEqual({ do: "leave", then: "requeue" });
});

test("what the first doctor wrote is read from a doctor, once", () => {
  const page = rung().told({ e: "take-over" });

  page.reads(PATIENT, { t: "note", text: "rien" });
  expect(page.company.note).toBeNull();
  page.reads(DOCTOR, { t: "note", text: NOTE });
  page.reads(DOCTOR, { t: "note", text: "autre" });
  expect(page.company.note).toBe(NOTE);
});

test("a patient without any doctor may ask for his place, and is told if one is there", () => {
  const page = atThePatients().told({ e: "back-to-queue" });
  expect(page.todo("send")?.message).toEqual({
    type: "leave",
    what: "session",
    then: "requeue",
  });

  page.told({ e: "refused", code: "no-session" });
  expect(page.company.notice).toBe("still-there");
});
