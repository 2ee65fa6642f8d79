/**
 * Handing a patient over, as all three see it: who gives, who takes, and the patient, who chooses.
 *
 * Pure, and part of `company.ts`. The first doctor stays until everybody agrees that the colleague
 * is there; whatever else happens, the patient keeps a doctor, or his old place in the queue.
 *
 * `clients/SCEAU.md` §11, *Hand over*.
 */
import type { Choosable, CompanyEvent, CompanyTodo } from "./company-todo.ts";
import type { Company, CompanyStep } from "./company.ts";
import { inPair, otherDoctors, pairWith, seatRole, showOut } from "./company.ts";
import type { ByName } from "./gathering-letters.ts";
import type { Member } from "./messages.ts";
import { ask, type Pair, taken } from "./pairs.ts";
import type { Dice } from "./todo.ts";

/** How far the first doctor is with it. */
export type HandOver =
  /** Null while the cards are being read. */
  | { readonly name: "choosing"; readonly colleagues: readonly Choosable[] | null }
  | {
      readonly name: "ringing";
      readonly colleague: Choosable;
      readonly note: string;
      readonly until_s: number;
      /** The seat that the colleague took. */
      readonly member: string | null;
    }
  /** The patient is asked; `colleague` is null where there is nobody to go on with. */
  | {
      readonly name: "offered";
      readonly colleague: Choosable | null;
      readonly member: string | null;
      readonly note: string;
      readonly isChosen: boolean;
    };

/** What the patient is asked. */
export interface Offer {
  /** Seat of the first doctor. */
  readonly from: string;
  readonly colleague: ByName | null;
  readonly choice: "colleague" | "queue" | null;
}

/** A colleague who has not taken over by then is busy. */
export const RINGS_S = 60;

type Decided = Extract<
  CompanyEvent,
  | { e: "colleagues" | "hand-over" | "hand-to" | "hand-to-nobody" | "keep" | "refused" }
  | { e: "take-over" | "decline" | "choose" | "letter" | "back-to-queue" }
>;

export function decided(company: Company, event: Decided, dice: Dice): CompanyStep {
  const { handOver } = company;
  switch (event.e) {
    case "hand-over":
      return [
        { ...company, handOver: { name: "choosing", colleagues: null }, notice: null },
        [{ do: "look-for-colleagues" }],
      ];
    case "colleagues":
      return handOver?.name === "choosing"
        ? [{ ...company, handOver: { ...handOver, colleagues: event.list } }, []]
        : [company, []];
    case "hand-to": {
      const list = handOver?.name === "choosing" ? (handOver.colleagues ?? []) : [];
      const colleague = list.find(({ key }) => key === event.key);
      if (colleague === undefined) return [company, []];
      const until_s = event.at_s + RINGS_S;
      const ringing = {
        name: "ringing",
        colleague,
        note: event.note,
        until_s,
        member: null,
      } as const;
      return [
        { ...company, handOver: ringing, notice: null },
        [{ do: "invite-colleague", key: event.key }],
      ];
    }
    case "hand-to-nobody":
      return toPatient(company, null, { ...NOBODY });
    case "keep":
      return keep(company);
    case "refused":
      return handOver?.name === "ringing"
        ? again(company, event.code === "full" ? "no-seat" : "colleague-off")
        : event.code === "no-session" && company.role === "patient"
          ? [{ ...company, notice: "still-there" }, []]
          : [company, []];
    case "take-over": {
      const rung = company.pairs.find(({ asked }) => asked !== null);
      const by = rung?.asked ?? null;
      return rung === undefined || by === null
        ? [company, []]
        : inPair(company, rung.member, (pair) => taken(pair, by));
    }
    case "decline":
      return [company, [leaving(company)]];
    case "choose":
      return choose(company, event.to, dice);
    case "back-to-queue":
      return [
        { ...company, notice: null },
        [{ do: "send", message: { type: "leave", what: "session", then: "requeue" } }],
      ];
    case "letter":
      return letter(company, event);
  }
}

const NOBODY = {
  name: "offered",
  colleague: null,
  member: null,
  note: "",
  isChosen: false,
} as const;

/** Our newcomer took over, if that is who he is: the patient is asked, by his name. */
export function said(company: Company, pair: Pair): CompanyStep {
  const { handOver } = company;
  if (pair.role !== "doctor" || handOver?.name !== "ringing") return [company, []];
  const { colleague, note } = handOver;
  const { name, specialty } = colleague;
  const { member } = pair;
  const doctor = { card: { name, specialty }, union: "" };
  const pairs = company.pairs.map((one) => (one.member === member ? { ...one, doctor } : one));
  return toPatient(
    { ...company, pairs },
    { member, name, specialty },
    { name: "offered", colleague, member, note, isChosen: false },
  );
}

function toPatient(company: Company, colleague: ByName | null, handOver: HandOver): CompanyStep {
  const patient = company.members.find(({ role }) => role === "patient");
  return patient === undefined
    ? [company, []]
    : [
        { ...company, handOver, notice: null },
        [{ do: "say", to: patient.member, letter: { t: "handover", colleague } }],
      ];
}

/** The first doctor stays after all, and whoever was rung is let go. */
function keep(company: Company): CompanyStep {
  const { handOver } = company;
  const next = { ...company, handOver: null };
  if (handOver === null || handOver.name === "choosing") return [next, []];
  return [next, [{ do: "uninvite-colleague" }, ...outOf(handOver.member)]];
}

/** It came to nothing: another colleague, or none. */
function again(company: Company, notice: Company["notice"]): CompanyStep {
  const { handOver } = company;
  const member = handOver === null || handOver.name === "choosing" ? null : handOver.member;
  return [
    { ...company, handOver: { name: "choosing", colleagues: null }, notice },
    [{ do: "uninvite-colleague" }, ...outOf(member), { do: "look-for-colleagues" }],
  ];
}

function outOf(member: string | null): CompanyTodo[] {
  return member === null ? [] : [showOut(member)];
}

// --- what is told ---------------------------------------------------------------------------

function letter(
  company: Company,
  { letter: told, from }: Extract<CompanyEvent, { e: "letter" }>,
): CompanyStep {
  const sender = company.members.find(({ member }) => member === from);
  const isDoctor = sender !== undefined && seatRole(sender) === "doctor";
  switch (told.t) {
    case "handover":
      if (company.role !== "patient" || !isDoctor) return [company, []];
      return [
        { ...company, offer: { from, colleague: told.colleague, choice: null }, notice: null },
        [{ do: "chime" }],
      ];
    case "choice":
      return sender?.role === "patient" ? chosen(company, told.colleague) : [company, []];
    case "note":
      return company.role === "colleague" && isDoctor && company.note === null
        ? [{ ...company, note: told.text }, []]
        : [company, []];
    default:
      return [company, []];
  }
}

/** The patient's word, at the first doctor's. */
function chosen(company: Company, colleague: string | null): CompanyStep {
  const { handOver } = company;
  if (handOver?.name !== "offered") return [company, []];
  if (colleague === null) return [company, [{ do: "leave", then: "requeue" }]];
  if (colleague !== handOver.member || handOver.isChosen) return [company, []];
  const { note } = handOver;
  return handedOver(
    { ...company, handOver: { ...handOver, isChosen: true } },
    note === "" ? [] : [{ do: "say", to: colleague, letter: { t: "note", text: note } }],
  );
}

/** Everybody knows the colleague: the first doctor may go. */
export function handedOver(company: Company, todos: CompanyTodo[]): CompanyStep {
  const { handOver } = company;
  const member = handOver?.name === "offered" ? handOver.member : null;
  const isDone = member !== null && pairWith(company, member)?.isAgreed === true;
  return [company, isDone ? [...todos, { do: "leave", then: "handed-over" }] : todos];
}

/** The patient's choice, at the patient's. */
function choose(company: Company, to: "colleague" | "queue", dice: Dice): CompanyStep {
  const { offer } = company;
  if (offer === null || offer.choice !== null) return [company, []];
  const colleague = to === "queue" ? null : (offer.colleague?.member ?? null);
  if (to === "colleague" && (colleague === null || pairWith(company, colleague) === null)) {
    return [company, []];
  }
  const next = { ...company, offer: { ...offer, choice: to } };
  const word: CompanyTodo = {
    do: "say",
    to: offer.from,
    letter: { t: "choice", colleague },
  };
  if (colleague === null) return [next, [word]];
  const [asking, todos] = inPair(next, colleague, (pair) => ask(pair, dice));
  return [asking, [word, ...todos]];
}

// --- who goes, and what takes too long --------------------------------------------------------

/** Some have left: nobody is left waiting for them. */
export function gone(company: Company, left: readonly Member[], todos: CompanyTodo[]): CompanyStep {
  const hasLeft = (member: string | null) => left.some((one) => one.member === member);
  const { handOver, offer } = company;
  if (handOver !== null && handOver.name !== "choosing" && hasLeft(handOver.member)) {
    const [next, more] = again(
      { ...company, handOver: { ...handOver, member: null } },
      "colleague-gone",
    );
    return [next, [...todos, ...more]];
  }
  if (offer !== null && hasLeft(offer.colleague?.member ?? null)) {
    // The first doctor is there, and may ask another.
    return [{ ...company, offer: null, notice: "colleague-gone" }, todos];
  }
  if (offer !== null && hasLeft(offer.from)) {
    return [{ ...company, offer: null }, todos];
  }
  if (isStranded(company)) return [company, [...todos, { do: "leave", then: "requeue" }]];
  return expected(company, todos);
}

/** A colleague whom nobody brings to the patient any more: the patient gets his place back. */
function isStranded(company: Company): boolean {
  const patient = company.members.find(({ role }) => role === "patient");
  return (
    company.role === "colleague" &&
    otherDoctors(company).length === 0 &&
    (patient === undefined || pairWith(company, patient.member) === null)
  );
}

/** A colleague took a seat: who is rung, or who comes too late. */
function expected(company: Company, todos: CompanyTodo[]): CompanyStep {
  const { handOver } = company;
  const isNew = ({ member, role }: Member) =>
    role === "colleague" &&
    member !== company.seat &&
    !company.before.includes(member) &&
    pairWith(company, member) === null;
  const come = company.members.find(isNew);
  if (come === undefined || handOver?.name !== "ringing") return [company, todos];
  return [{ ...company, handOver: { ...handOver, member: come.member } }, todos];
}

export function ticked(company: Company, at_s: number): CompanyStep {
  const { handOver } = company;
  if (handOver?.name === "ringing" && at_s >= handOver.until_s) {
    return again(company, "colleague-silent");
  }
  return [company, []];
}

/** A colleague goes: where no other doctor is there, the patient gets his place back. */
function leaving(company: Company): CompanyTodo {
  return { do: "leave", then: otherDoctors(company).length === 0 ? "requeue" : "declined" };
}
