/** How those in a call are named: as they were proven, and by whom they came. */
import { namedIn } from "../../../clients/web/src/company-view.tsx";
import { companyFr } from "../../../clients/web/src/words/company.fr.ts";
import { atThePatients, COLLEAGUE, DOCTOR, GUEST } from "./company-page.ts";
import { DOCTOR_SHOWN, id } from "./patient-page.ts";

const introduced = (member: string, role: "guest" | "doctor") => ({
  t: "ask" as const,
  member,
  role,
  key: id("k"),
  invite: id("i"),
  psk: new Uint8Array(32),
});

test("a guest is said to be invited by whoever that was, as proven", () => {
  const page = atThePatients().sits(DOCTOR, GUEST);
  page.reads(DOCTOR, introduced(GUEST, "guest"));

  const named = namedIn(page.company, GUEST, companyFr, DOCTOR_SHOWN);

  expect(named.by).toBe("invité par Dr Camille Martin");
});

test("once the inviter has left, nobody else is named in his place", () => {
  const page = atThePatients().sits(DOCTOR, COLLEAGUE);
  page.reads(DOCTOR, introduced(COLLEAGUE, "doctor")).sits(COLLEAGUE);

  expect(namedIn(page.company, COLLEAGUE, companyFr, null).by).toBe("");
});
