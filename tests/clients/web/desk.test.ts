/** The desk of a page: what it carries out beyond the connection. */
import { Desk } from "../../../clients/web/src/desk.ts";
import type { Role } from "../../../clients/web/src/role.ts";
import { FIRST } from "../../../clients/web/src/talking.ts";
import type { Common, Todo } from "../../../clients/web/src/todo.ts";
import { NOWHERE } from "../../../clients/web/src/whereabouts.ts";

interface State {
  readonly isJoined: boolean;
  readonly page: { readonly name: string };
}

/** A desk in a page without network, whose machine asks for these when it is told to check again. */
function deskThat(...todos: Todo[]): Desk<State, Common> {
  const state: State = { isJoined: false, page: { name: "session" } };
  const role: Role<State, Common> = {
    polite: false,
    begin: [state, []],
    step: (before) => [before, todos],
    load: () => Promise.reject(new Error("not in this test")),
    draw: () => undefined,
    whereabouts: () => NOWHERE,
  };
  return new Desk(role, { opened: "", resume: null });
}

beforeEach(() => {
  vi.useFakeTimers();
  const nothing = () => undefined;
  vi.stubGlobal("addEventListener", nothing);
  vi.stubGlobal("document", { hidden: true, addEventListener: nothing });
  vi.stubGlobal("location", { href: "https://test.example/m" });
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

test("whoever opens the link again is veiled, and others stay as they were wanted", () => {
  const desk = deskThat({ do: "hold", held: true });
  desk.steward.lift(FIRST, true);
  desk.steward.lift("guest", true);

  desk.tell({ e: "check-again" });

  expect(desk.steward.lifted).toEqual(["guest"]);
});

test("a patient who comes back as the same page is seen as before", () => {
  const desk = deskThat({ do: "hold", held: false });
  desk.steward.lift(FIRST, true);

  desk.tell({ e: "check-again" });

  expect(desk.steward.lifted).toEqual([FIRST]);
});
