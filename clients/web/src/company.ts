/**
 * Larger company as a machine: everybody in a session beyond the pair that began it.
 *
 * Pure: (company, event) -> company and things to do. The pair that began it stays with the page's
 * own machine (`consultation.ts`, `rounds.ts`); a guest and a colleague have none, and after a hand
 * over the patient has none any more. Handing over itself is in `hand-over.ts`.
 *
 * `clients/SCEAU.md` §11; what is heard when is in `signaling/PROTOCOL.md`.
 */
import { INVITE_S, MEMBERS_MAX } from "./agreed.ts";
import type { CompanyEvent, CompanyTodo } from "./company-todo.ts";
import type { SeatRole } from "./gathering-letters.ts";
import { decided, gone, type HandOver, handedOver, type Offer, said, ticked } from "./hand-over.ts";
import type { FromServer, Member, RefusalCode } from "./messages.ts";
import {
  ask,
  describedOf,
  flowOf,
  heardOf,
  type Pair,
  pairOf,
  refusedIn,
  stuckIn,
} from "./pairs.ts";
import type { Dice } from "./todo.ts";
import { send } from "./todo.ts";

/** An address for one guest. */
export type Invitation =
  | { readonly name: "asked" }
  | {
      readonly name: "open";
      readonly pass: string;
      readonly address: string | null;
      readonly until_s: number;
    };

/** What went otherwise than somebody here wished. */
export type CompanyNotice =
  | "no-seat"
  | "not-come"
  | "colleague-off"
  | "colleague-gone"
  | "colleague-silent"
  | "nobody-asks"
  | "still-there"
  | "roster";

export interface Company {
  readonly session: string;
  /** One's own. */
  readonly seat: string;
  readonly role: Member["role"];
  /** By the server's word. */
  readonly members: readonly Member[];
  /** Seats of who was there when this page came: nobody here invited them. */
  readonly before: readonly string[];
  readonly first: { readonly member: string; readonly isReady: boolean } | null;
  readonly pairs: readonly Pair[];
  /** Newcomers of ours who were introduced. */
  readonly introduced: readonly string[];
  readonly invitation: Invitation | null;
  /** A doctor who hands the patient over. */
  readonly handOver: HandOver | null;
  /** A patient who is handed over. */
  readonly offer: Offer | null;
  /** What the first doctor wrote to us. */
  readonly note: string | null;
  readonly notice: CompanyNotice | null;
}

export type CompanyStep = readonly [Company, CompanyTodo[]];

/**
 * Company begins. `first` is who began the session with this page; a newcomer has none, and asks
 * his `inviter`: a guest the seat that his address names, a colleague (null) every doctor there.
 */
export function begin(
  message: FromServer<"accepted">,
  first: string | null,
  inviter: string | null,
  dice: Dice,
): CompanyStep {
  const { session, member: seat, members } = message;
  const others = members.filter(({ member }) => member !== seat);
  const role = members.find(({ member }) => member === seat)?.role ?? "guest";
  const company: Company = {
    session,
    seat,
    role,
    members,
    before: first === null ? others.map(({ member }) => member) : [first],
    first: first === null ? null : { member: first, isReady: false },
    pairs: [],
    introduced: [],
    invitation: null,
    handOver: null,
    offer: null,
    note: null,
    notice: null,
  };
  if (first !== null) return [company, []];
  const asked = others.filter((other) =>
    inviter === null ? seatRole(other) === "doctor" : other.member === inviter,
  );
  const todos: CompanyTodo[] = [];
  const pairs = asked.map((other) => {
    const nonce = dice();
    todos.push({ do: "come-to", member: other.member, nonce });
    return { ...pairOf(other.member, seatRole(other), "asks", null), nonce };
  });
  const notice = pairs.length === 0 ? "nobody-asks" : null;
  return [{ ...company, pairs, notice }, todos];
}

export function step(company: Company, event: CompanyEvent, dice: Dice): CompanyStep {
  switch (event.e) {
    case "seated":
      return seated(company, event.message.members);
    case "first":
      return first(company, event.member, event.isReady);
    case "heard": {
      const { from, heard } = event;
      const known = pairWith(company, from);
      if (known === null && heard.t === "m1" && heard.isOwn) {
        const brought = { ...pairOf(from, heard.role, "answers", company.seat) };
        const next = { ...company, pairs: [...company.pairs, brought] };
        return inPair(heard.role === "guest" ? { ...next, invitation: null } : next, from, (pair) =>
          heardOf(pair, heard, dice, false),
        );
      }
      const isRung = company.role === "colleague" && known?.digits === null && known.by === null;
      const [next, todos] = inPair(company, from, (pair) =>
        heardOf(pair, heard, dice, isRung && !hasTakenOver(company)),
      );
      if (heard.t === "m2" && (pairWith(next, from)?.asked ?? null) !== null) {
        return [next, [...todos, { do: "chime" }]];
      }
      return heard.t === "m3" ? introductions(next, from, todos) : [next, todos];
    }
    case "letter":
      return letter(company, event, dice);
    case "agreed":
      return agreed(company, event.members);
    case "disagreed":
      return disagreed(company, event.members);
    case "described":
      return inPair(company, event.member, (pair) =>
        describedOf(pair, event.connection, event.sdp),
      );
    case "said":
      return inPair(company, event.member, (pair) =>
        pair.connection === event.connection
          ? [pair, [{ do: "write", member: pair.member, letter: event.letter }]]
          : [pair, []],
      );
    case "flow":
      return onConnection(company, event, (pair) => [flowOf(pair, event.flow), []]);
    case "bound":
      return onConnection(company, event, (pair) => [{ ...pair, isBound: true }, []]);
    case "unbound":
      return onConnection(company, event, (pair) =>
        pair.digits === null ? [pair, []] : [null, []],
      );
    case "stuck":
      return onConnection(company, event, (pair) => stuckIn(pair, dice));
    case "unwritten":
      return inPair(company, event.member, (pair) => refusedIn(pair, dice));
    case "invite-guest":
      return mayInvite(company)
        ? [
            { ...company, invitation: { name: "asked" }, notice: null },
            [send({ type: "invite", role: "guest" }) as CompanyTodo],
          ]
        : [company, []];
    case "close-invitation":
      // The address still leads in until its time is over: who holds it is shown when he comes.
      return [{ ...company, invitation: null }, []];
    case "show-out":
      return [company, [showOut(event.member)]];
    case "invited":
      return company.invitation?.name === "asked"
        ? [
            {
              ...company,
              invitation: {
                name: "open",
                pass: event.pass,
                address: null,
                until_s: event.at_s + INVITE_S,
              },
            },
            [{ do: "invite-guest", pass: event.pass }],
          ]
        : [company, []];
    case "opened":
      return company.invitation?.name === "open"
        ? [{ ...company, invitation: { ...company.invitation, address: event.address } }, []]
        : [company, []];
    case "refused":
      return refused(company, event.code);
    case "tick":
      return tick(company, event.at_s);
    case "colleagues":
    case "hand-over":
    case "hand-to":
    case "hand-to-nobody":
    case "keep":
    case "take-over":
    case "decline":
    case "choose":
    case "back-to-queue":
      return decided(company, event, dice);
  }
}

// --- who is here --------------------------------------------------------------------------

export function seatRole({ role }: Member): SeatRole {
  return role === "colleague" ? "doctor" : role;
}

export function pairWith(company: Company, member: string): Pair | null {
  return company.pairs.find((pair) => pair.member === member) ?? null;
}

/** Everybody here knows everybody: only then may somebody come. */
export function isSettled({ pairs, first, members }: Company): boolean {
  return (
    first?.isReady !== false &&
    pairs.every(({ isAgreed }) => isAgreed) &&
    members.length === pairs.length + (first === null ? 1 : 2)
  );
}

export function mayInvite(company: Company): boolean {
  return (
    company.role !== "guest" &&
    company.invitation === null &&
    company.handOver === null &&
    company.offer === null &&
    company.members.length < MEMBERS_MAX &&
    isSettled(company)
  );
}

/** Doctors beside this page's own person. */
export function otherDoctors({ members, seat }: Company): readonly Member[] {
  return members.filter((one) => seatRole(one) === "doctor" && one.member !== seat);
}

function hasTakenOver({ pairs }: Company): boolean {
  return pairs.some(({ digits }) => digits !== null);
}

function seated(company: Company, members: readonly Member[]): CompanyStep {
  const isHere = (member: string) => members.some((one) => one.member === member);
  const left = company.members.filter(({ member }) => !isHere(member));
  const pairs = company.pairs.filter(({ member }) => isHere(member));
  const stays = company.first !== null && isHere(company.first.member);
  const next: Company = { ...company, members, pairs, first: stays ? company.first : null };
  const todos: CompanyTodo[] = left.map(({ member }) => ({ do: "part", member }));
  return gone(next, left, todos);
}

function first(company: Company, member: string | null, isReady: boolean): CompanyStep {
  const next = member === null ? null : { member, isReady };
  return [{ ...company, first: next }, []];
}

function agreed(company: Company, members: readonly string[]): CompanyStep {
  const todos: CompanyTodo[] = [];
  const pairs = company.pairs.map((pair) => {
    const isAgreed = members.includes(pair.member);
    if (isAgreed !== pair.isAgreed) {
      todos.push({ do: "hold", member: pair.member, held: !isAgreed });
    }
    return { ...pair, isAgreed };
  });
  return handedOver({ ...company, pairs }, todos);
}

/** These are not let in: who brought them, or any doctor, shows them out. */
function disagreed(company: Company, members: readonly string[]): CompanyStep {
  const isDoctor = company.role === "doctor" || company.role === "colleague";
  const pairs = company.pairs.filter(({ member }) => !members.includes(member));
  return [
    { ...company, pairs, notice: "roster" },
    members.flatMap((member): CompanyTodo[] => [
      { do: "part", member },
      ...(isDoctor && !company.before.includes(member) ? [showOut(member)] : []),
    ]),
  ];
}

// --- introductions ------------------------------------------------------------------------

/** Our newcomer is in: bring him together with each of the others. */
function introductions(company: Company, newcomer: string, todos: CompanyTodo[]): CompanyStep {
  const pair = pairWith(company, newcomer);
  if (pair?.by !== company.seat || company.introduced.includes(newcomer)) {
    return [company, todos];
  }
  const others = [
    ...(company.first === null ? [] : [company.first.member]),
    ...company.pairs
      .filter(({ member, digits }) => member !== newcomer && digits !== null)
      .map(({ member }) => member),
  ];
  const [next, more] = said(company, pair);
  return [
    { ...next, introduced: [...next.introduced, newcomer] },
    [...todos, ...more, ...others.map((to): CompanyTodo => ({ do: "introduce", newcomer, to }))],
  ];
}

function letter(
  company: Company,
  { letter: told, from, at_s }: Extract<CompanyEvent, { e: "letter" }>,
  dice: Dice,
): CompanyStep {
  switch (told.t) {
    case "expect":
    case "ask": {
      const part = told.t === "ask" ? "asks" : "answers";
      const by = company.before.includes(told.member) ? null : from;
      const pair = pairOf(told.member, told.role, part, by);
      const rest = company.pairs.filter(({ member }) => member !== told.member);
      const next = { ...company, pairs: [...rest, pair] };
      if (told.t === "expect") return [next, []];
      // A patient asks a doctor only after he has chosen him.
      return company.role === "patient" && told.role === "doctor"
        ? [next, []]
        : inPair(next, told.member, (one) => ask(one, dice));
    }
    default:
      return decided(company, { e: "letter", letter: told, from, at_s }, dice);
  }
}

// --- invitations --------------------------------------------------------------------------

function refused(company: Company, code: RefusalCode): CompanyStep {
  if (company.invitation?.name === "asked") {
    return [{ ...company, invitation: null, notice: "no-seat" }, []];
  }
  return decided(company, { e: "refused", code }, () => "");
}

function tick(company: Company, at_s: number): CompanyStep {
  const { invitation } = company;
  const isOver = invitation?.name === "open" && at_s >= invitation.until_s;
  return ticked(isOver ? { ...company, invitation: null, notice: "not-come" } : company, at_s);
}

export function showOut(member: string): CompanyTodo {
  return { do: "send", message: { type: "leave", what: "session", member } };
}

// --- within -------------------------------------------------------------------------------

export function inPair(
  company: Company,
  member: string,
  change: (pair: Pair) => readonly [Pair | null, CompanyTodo[]],
): CompanyStep {
  const pair = pairWith(company, member);
  if (pair === null) return [company, []];
  const [next, todos] = change(pair);
  if (next === null) {
    // What cannot be shown to be this one's is not gone on with.
    const [rest, more] = disagreed(company, [member]);
    return [rest, [...todos, ...more]];
  }
  const pairs = company.pairs.map((one) => (one.member === member ? next : one));
  return [{ ...company, pairs }, todos];
}

function onConnection(
  company: Company,
  { member, connection }: { readonly member: string; readonly connection: string },
  change: (pair: Pair) => readonly [Pair | null, CompanyTodo[]],
): CompanyStep {
  return inPair(company, member, (pair) =>
    pair.connection === connection ? change(pair) : [pair, []],
  );
}
