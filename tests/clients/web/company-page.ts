/** Larger company without its outside: says what it is told, remembers what it asks. */
import { begin, type Company, step } from "../../../clients/web/src/company.ts";
import type { CompanyHeard } from "../../../clients/web/src/company-seal.ts";
import type {
  CompanyEvent,
  CompanyTodo,
} from "../../../clients/web/src/company-todo.ts";
import type { GatheringLetter } from "../../../clients/web/src/gathering-letters.ts";
import type { FromServer, Member } from "../../../clients/web/src/messages.ts";
import { id } from "./patient-page.ts";

export const AT_S = 1_790_000_000;
export const [SESSION, PATIENT, DOCTOR, COLLEAGUE, GUEST, OTHER] = [
  id("s"),
  id("p"),
  id("d"),
  id("c"),
  id("g"),
  id("o"),
];
const ROLES: Record<string, Member["role"]> = {
  [PATIENT]: "patient",
  [DOCTOR]: "doctor",
  [COLLEAGUE]: "colleague",
  [GUEST]: "guest",
  [OTHER]: "guest",
};
export const CARD = {
  key: id("k"),
  name: "Dominique Essai",
  specialty: "Pédiatrie",
};
const FAR = {
  digits: "012345",
  restarts: true,
} as const;

export function accepted(
  own: string,
  ...others: string[]
): FromServer<"accepted"> {
  const members = [own, ...others].map((member) => ({
    member,
    role: ROLES[member] ?? "guest",
  }));
  return { type: "accepted", session: SESSION, member: own, members };
}

export class Circle {
  company: Company;
  todos: readonly CompanyTodo[];
  readonly own: string;
  #rolls = 0;

  /** One of the two who began, or a newcomer (`first` is null). */
  constructor(
    own: string,
    first: string | null,
    others: string[] = [],
    inviter: string | null = null,
  ) {
    this.own = own;
    const message = accepted(
      own,
      ...(first === null ? [] : [first]),
      ...others,
    );
    [this.company, this.todos] = begin(message, first, inviter, () =>
      this.#roll(),
    );
    if (first !== null) this.told({ e: "first", member: first, isReady: true });
  }

  #roll(): string {
    return `${id("n")}${String((this.#rolls += 1))}`.slice(-22);
  }

  told(event: CompanyEvent): this {
    [this.company, this.todos] = step(this.company, event, () => this.#roll());
    return this;
  }

  /** The server says who sits here now. */
  sits(...others: string[]): this {
    return this.told({ e: "seated", message: accepted(this.own, ...others) });
  }

  hears(from: string, heard: CompanyHeard): this {
    return this.told({ e: "heard", from, heard });
  }

  reads(from: string, letter: GatheringLetter): this {
    return this.told({ e: "letter", from, letter, at_s: AT_S });
  }

  /** A newcomer asks on our own invitation, and is answered to the end. */
  isAskedBy(member: string, role: "guest" | "doctor", isOwn = true): this {
    this.hears(member, { t: "m1", nonce: id("m"), role, isOwn });
    const connection = this.pair(member)?.connection ?? "";
    this.told({ e: "described", member, connection, sdp: "offer" });
    return this.hears(member, {
      t: "m3",
      nonce: id("m"),
      answer: "answer",
      ...FAR,
    });
  }

  /** The far end whom we asked answers. */
  answers(member: string, name: string | null = null): this {
    const doctor =
      name === null
        ? null
        : { card: { name, specialty: "" }, union: "Union d’essai" };
    return this.hears(member, {
      t: "m2",
      nonce: this.pair(member)?.nonce ?? "",
      doctor,
      connection: id("v"),
      offer: "offer",
      ...FAR,
    });
  }

  /** Our answer is made, and confirmed. */
  isConfirmedBy(member: string): this {
    const connection = this.pair(member)?.connection ?? "";
    this.told({ e: "described", member, connection, sdp: "answer" });
    return this.hears(member, { t: "ready" });
  }

  agrees(...members: string[]): this {
    return this.told({ e: "agreed", members });
  }

  pair(member: string) {
    return this.company.pairs.find((pair) => pair.member === member);
  }

  get does(): string[] {
    return this.todos.map((todo) => todo.do);
  }

  todo<D extends CompanyTodo["do"]>(
    kind: D,
  ): Extract<CompanyTodo, { do: D }> | undefined {
    return this.todos.find(
      (todo): todo is Extract<CompanyTodo, { do: D }> => todo.do === kind,
    );
  }
}

/** A patient and a doctor in a call: what the doctor's page knows. */
export function atTheDoctors(): Circle {
  return new Circle(DOCTOR, PATIENT);
}

/** The same, at the patient's. */
export function atThePatients(): Circle {
  return new Circle(PATIENT, DOCTOR);
}
