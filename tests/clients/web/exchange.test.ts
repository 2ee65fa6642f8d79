/** Sound alone is agreed to by a click of either side, and left by a click of one. */
import fc from "fast-check";
import {
  AT_VIDEO,
  type AudioTiding,
  clicked,
  type Exchange,
  type ExchangeEvent,
  heard,
} from "../../../clients/web/src/exchange.ts";

class Side {
  exchange: Exchange = AT_VIDEO;
  hasClicked = false;
  readonly box: AudioTiding[] = [];
  far: Side | null = null;

  click(event: ExchangeEvent): void {
    // Whoever asks or agrees has clicked for sound, until the next time at video.
    if (event === "ask" || event === "agree") this.hasClicked = true;
    this.#take(clicked(this.exchange, event));
  }

  hear(): void {
    const tiding = this.box.shift();
    if (tiding !== undefined) this.#take(heard(this.exchange, tiding));
  }

  #take([exchange, tiding]: readonly [Exchange, AudioTiding | null]): void {
    this.exchange = exchange;
    if (exchange.name !== "asking" && exchange.name !== "audio")
      this.hasClicked = false;
    if (tiding !== null) this.far?.box.push(tiding);
  }
}

function two(): [Side, Side] {
  const sides: [Side, Side] = [new Side(), new Side()];
  [sides[0].far, sides[1].far] = [sides[1], sides[0]];
  return sides;
}

function settle(sides: readonly Side[]): void {
  for (let round = 0; sides.some(({ box }) => box.length > 0); round += 1) {
    expect(round).toBeLessThan(1_000);
    for (const side of sides) side.hear();
  }
}

const names = (sides: readonly Side[]) =>
  sides.map(({ exchange }) => exchange.name);

test("one asks, the other agrees, and either goes back", () => {
  const [patient, doctor] = two();

  doctor.click("ask");
  settle([patient, doctor]);
  expect(names([patient, doctor])).toEqual(["asked", "asking"]);

  patient.click("agree");
  settle([patient, doctor]);
  expect(names([patient, doctor])).toEqual(["audio", "audio"]);

  patient.click("return");
  settle([patient, doctor]);
  expect(names([patient, doctor])).toEqual(["video", "video"]);
  expect(doctor.exchange.last).toBe("returned");
});

test("a no is told to who asked", () => {
  const [patient, doctor] = two();
  doctor.click("ask");
  settle([patient, doctor]);

  patient.click("refuse");
  settle([patient, doctor]);

  expect(names([patient, doctor])).toEqual(["video", "video"]);
  expect(doctor.exchange.last).toBe("refused");
});

test("whatever the far end says, sound alone needs a click here", () => {
  const said = fc.oneof(
    fc.record({
      t: fc.constant("audio" as const),
      say: fc.constantFrom("ask" as const, "agree" as const, "refuse" as const),
      n: fc.integer({ min: 1, max: 3 }),
    }),
    fc.constant({ t: "audio" as const, say: "video" as const }),
  );
  fc.assert(
    fc.property(fc.array(said), (all) => {
      let exchange = AT_VIDEO;
      for (const tiding of all) [exchange] = heard(exchange, tiding);

      expect(["video", "asked"]).toContain(exchange.name);
    }),
  );
});

const EVENTS = [
  "ask",
  "agree",
  "refuse",
  "withdraw",
  "return",
] as const satisfies ExchangeEvent[];

test("however clicks and words cross, both come to agree, and only by two clicks", () => {
  const moves = fc.array(
    fc.record({
      at: fc.constantFrom(0 as const, 1 as const),
      event: fc.constantFrom(...EVENTS, "hear" as const, "hear" as const),
    }),
    { maxLength: 60 },
  );
  fc.assert(
    fc.property(moves, (all) => {
      const sides = two();
      for (const { at, event } of all) {
        if (event === "hear") sides[at].hear();
        else sides[at].click(event);
        for (const side of sides) {
          if (side.exchange.name === "audio")
            expect(side.hasClicked).toBe(true);
        }
      }
      settle(sides);

      expect([
        "video video",
        "audio audio",
        "asking asked",
        "asked asking",
      ]).toContain(names(sides).join(" "));
    }),
    { numRuns: 2_000 },
  );
});

test("a new connection keeps what was agreed, and nothing that was only asked", () => {
  for (const before of ["asking", "audio"]) {
    const [patient, doctor] = two();
    doctor.click("ask");
    settle([patient, doctor]);
    if (before === "audio") {
      // The word of it is lost with the old connection.
      patient.click("agree");
      doctor.box.splice(0);
    }

    for (const side of [patient, doctor]) side.click("bound");
    settle([patient, doctor]);

    expect(names([patient, doctor])).toEqual(["video", "video"]);
  }
});
