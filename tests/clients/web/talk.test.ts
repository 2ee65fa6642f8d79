/** Text: each line arrives once and in order, whatever is lost, cut or said by a hostile end. */
import fc from "fast-check";
import {
  editOf,
  LETTER_MAX,
  LINE_MAX,
  plain,
  read,
  type TalkLetter,
  write,
} from "../../../clients/web/src/talk-letters.ts";
import {
  begin,
  mayWrite,
  step,
  type Talk,
  type TalkEvent,
  TALK_RATE,
  WAITING_MAX,
} from "../../../clients/web/src/talk.ts";

/** One end, with what it has said on its connection and what it shows. */
class End {
  talk: Talk;
  said: string[] = [];
  readonly shown: string[] = [];
  arrived = 0;

  constructor(run: string) {
    this.talk = begin(run);
  }

  tell(event: TalkEvent): void {
    const [talk, todos] = step(this.talk, event);
    this.talk = talk;
    for (const todo of todos) {
      if (todo.do === "say" && talk.isLinked) this.said.push(todo.text);
      if (todo.do === "show") this.shown.push(todo.text);
      if (todo.do === "arrived") this.arrived = todo.line;
    }
  }

  hears(letter: TalkLetter | string, now_ms = 0): void {
    const raw = typeof letter === "string" ? letter : write(letter);
    this.tell({ e: "heard", raw, now_ms });
  }
}

/** What one said arrives at the other, some of it: the channel keeps the order. */
function passes(from: End, to: End, count = Infinity, now_ms = 0): void {
  for (const raw of from.said.splice(0, Math.min(count, from.said.length)))
    to.hears(raw, now_ms);
}

function settle(one: End, other: End, now_ms = 0): void {
  while (one.said.length + other.said.length > 0) {
    passes(one, other, Infinity, now_ms);
    passes(other, one, Infinity, now_ms);
  }
}

function link(...ends: End[]): void {
  for (const end of ends) end.tell({ e: "linked" });
}

function cut(...ends: End[]): void {
  for (const end of ends) {
    end.said = [];
    end.tell({ e: "unlinked" });
  }
}

function two(): [End, End] {
  const ends: [End, End] = [new End("patient1"), new End("doctor01")];
  link(...ends);
  settle(...ends);
  return ends;
}

test("each letter is seen before the line is finished, and each correction", () => {
  const [patient, doctor] = two();
  for (const text of ["J", "J’a", "J’ai mal", "J’ai mal ", "J’ai bien mal "]) {
    patient.tell({ e: "typed", text });
    patient.tell({ e: "tick", isFull: false });
    settle(patient, doctor);

    expect(doctor.talk.far?.draft).toBe(text);
  }
  expect(doctor.shown).toEqual([]);

  patient.tell({ e: "finished", text: "J’ai bien mal au dos" });
  settle(patient, doctor);

  expect(doctor.shown).toEqual(["J’ai bien mal au dos"]);
  expect(doctor.talk.far?.draft).toBe("");
  expect(patient.talk.waiting).toEqual([]);
});

test("edits are bounded in number: what is typed in a pause goes as one", () => {
  const [patient] = two();

  for (const text of ["a", "ab", "abc", "abcd"])
    patient.tell({ e: "typed", text });
  expect(patient.said).toHaveLength(1);
  patient.tell({ e: "tick", isFull: true });
  expect(patient.said).toHaveLength(1);
  patient.tell({ e: "tick", isFull: false });

  expect(patient.said.map(read)).toMatchObject([{ add: "a" }, { add: "bcd" }]);
});

test("an edit makes one text of another and cuts no character in half", () => {
  const texts = fc.string({
    unit: fc.constantFrom("a", "b", "é", "🤕", "🤒", "\n"),
  });
  fc.assert(
    fc.property(texts, texts, (from, to) => {
      const { at, cut, add } = editOf(from, to);

      expect(from.slice(0, at) + add + from.slice(at + cut)).toBe(to);
      expect(() => encodeURIComponent(add)).not.toThrow();
    }),
  );
});

type Move = "write" | "type" | "pass" | "answer" | "cut";

test("whatever is cut, lines arrive once and in order, both ways", () => {
  const moves = fc.array(
    fc.tuple(
      fc.constantFrom<Move>("write", "type", "pass", "answer", "cut"),
      fc.nat(3),
    ),
    { maxLength: 60 },
  );
  fc.assert(
    fc.property(moves, (all) => {
      const [patient, doctor] = two();
      const written: string[] = [];
      for (const [move, count] of all) {
        const text = `line ${written.length}`;
        if (move === "write" && written.length < WAITING_MAX) {
          patient.tell({ e: "finished", text });
          written.push(text);
        }
        if (move === "type") {
          patient.tell({ e: "typed", text });
          patient.tell({ e: "tick", isFull: false });
        }
        if (move === "pass") passes(patient, doctor, count);
        if (move === "answer") passes(doctor, patient, count);
        if (move === "cut") {
          cut(patient, doctor);
          link(patient, doctor);
        }
        expect(doctor.shown).toEqual(written.slice(0, doctor.shown.length));
      }

      settle(patient, doctor);

      expect(doctor.shown).toEqual(written);
      expect(patient.talk.waiting).toEqual([]);
      expect(doctor.talk.far?.draft).toBe(patient.talk.draft);
      expect([patient.talk.isShut, doctor.talk.isShut]).toEqual([false, false]);
    }),
  );
});

test("lines written while the path is lost are kept, and so many", () => {
  const [patient, doctor] = two();
  cut(patient, doctor);
  for (let line = 1; line <= WAITING_MAX + 5; line++)
    patient.tell({ e: "finished", text: `${line}` });
  patient.tell({ e: "typed", text: "et" });
  expect(mayWrite(patient.talk)).toBe(true);

  link(patient, doctor);
  settle(patient, doctor);

  expect(doctor.shown).toHaveLength(WAITING_MAX);
  expect(doctor.talk.far?.draft).toBe("et");
  expect(patient.arrived).toBe(WAITING_MAX);
});

test("a page that was loaded anew counts its lines anew, and none is passed over", () => {
  const [patient, doctor] = two();
  patient.tell({ e: "finished", text: "before" });
  settle(patient, doctor);
  cut(doctor);

  const again = new End("patient2");
  link(again, doctor);
  settle(again, doctor);
  again.tell({ e: "finished", text: "after" });
  settle(again, doctor);

  expect(doctor.shown).toEqual(["before", "after"]);
});

test("after a hold the first word is said once more, and all goes on", () => {
  const [patient, doctor] = two();
  doctor.tell({ e: "unlinked" });
  patient.tell({ e: "finished", text: "Allô ?" });
  patient.said = [];

  link(doctor);
  settle(doctor, patient);

  expect(doctor.shown).toEqual(["Allô ?"]);
  doctor.tell({ e: "finished", text: "Oui" });
  settle(doctor, patient);
  expect(patient.shown).toEqual(["Oui"]);
});

test("two holds within one way there and back are answered twice, and then it is quiet", () => {
  const [patient, doctor] = two();
  for (let hold = 0; hold < 2; hold++) {
    doctor.tell({ e: "unlinked" });
    link(doctor);
  }

  passes(doctor, patient);
  expect(patient.said.map(read)).toMatchObject([{ re: true }, { re: true }]);
  passes(patient, doctor);

  expect([patient.said, doctor.said]).toEqual([[], []]);
  patient.tell({ e: "finished", text: "Allô ?" });
  settle(patient, doctor);
  expect(doctor.shown).toEqual(["Allô ?"]);
});

test("to a far end that says nothing, or not that it reads, nothing is written", () => {
  const patient = new End("patient1");
  link(patient);
  patient.tell({ e: "typed", text: "a" });
  expect(patient.said).toHaveLength(1);
  expect(mayWrite(patient.talk)).toBe(false);

  patient.hears('{"t":"can","run":"headless","later":1}');
  patient.tell({ e: "typed", text: "ab" });

  expect(patient.said).toHaveLength(1);
  expect(mayWrite(patient.talk)).toBe(false);
});

test.each([
  ["no JSON", "{"],
  ["nothing", "null"],
  ["a line too long", write({ t: "line", line: 1, text: "x".repeat(2_001) })],
  ["a letter too long", JSON.stringify({ t: "x", a: "x".repeat(LETTER_MAX) })],
  ["a line without number", '{"t":"line","text":"a"}'],
  ["a line below none", '{"t":"line","line":-1,"text":"a"}'],
  ["a text that is none", '{"t":"line","line":1,"text":["a"]}'],
  [
    "an edit too long",
    '{"t":"edit","line":1,"of":2001,"at":0,"cut":0,"add":""}',
  ],
  ["an edit outside", '{"t":"edit","line":1,"of":2,"at":2,"cut":1,"add":""}'],
  ["a run that is none", '{"t":"can","run":"<b>","text":true}'],
  [
    "a word of what was heard that is none",
    '{"t":"can","run":"abcdefgh","heard":7}',
  ],
])("%s ends the talk, and nothing of it is shown", (_, raw) => {
  const [, doctor] = two();

  doctor.hears(raw);

  expect(doctor.talk.isShut).toBe(true);
  expect(mayWrite(doctor.talk)).toBe(false);
  doctor.hears({ t: "line", line: 1, text: "a" });
  expect(doctor.shown).toEqual([]);
});

test("who says too much is heard no more; an honest end never does", () => {
  const [, doctor] = two();
  for (let letter = 0; letter < TALK_RATE.burst; letter++)
    doctor.hears('{"t":"dance"}');

  expect(doctor.talk.isShut).toBe(true);

  const [, patient] = two();
  // Seven edits a second for two hours.
  for (let letter = 0; letter < 50_000; letter++)
    patient.hears('{"t":"dance"}', letter * 150);
  expect(patient.talk.isShut).toBe(false);
});

test("a first word that is said again and again is answered for a while only", () => {
  const [patient, doctor] = two();
  cut(patient, doctor);
  for (let line = 0; line < WAITING_MAX; line++)
    patient.tell({ e: "finished", text: "x".repeat(LINE_MAX) });
  link(patient);

  for (let time = 0; time < 1_000; time++)
    patient.hears('{"t":"can","run":"doctor01","text":true}');

  expect(patient.talk.isShut).toBe(true);
  expect(patient.said.length).toBeLessThan(31 * (WAITING_MAX + 2));
});

test("any text is a letter, none, or refused; what is shown has no marks that act on others", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (raw) => {
      const letter = read(raw);
      if (letter !== null && letter !== "bad")
        expect(read(write(letter))).toEqual(letter);
    }),
  );
  expect(plain("a\u202eb\u0000c\r\nd\u2066")).toBe("a b c\nd ");
});

test("an acknowledgement of what was never said takes nothing away that was not", () => {
  const [patient, doctor] = two();
  patient.tell({ e: "finished", text: "a" });

  patient.hears({ t: "got", line: 0 });
  expect(patient.talk.waiting).toHaveLength(1);
  settle(patient, doctor);
  patient.hears({ t: "got", line: 900 });
  patient.tell({ e: "finished", text: "b" });
  settle(patient, doctor);

  expect(doctor.shown).toEqual(["a", "b"]);
});
