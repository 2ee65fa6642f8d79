/** Perfect negotiation between two ends in memory: one yields, the other does not. */
import type { LetterOf } from "../../../clients/web/src/letters.ts";
import { Negotiation } from "../../../clients/web/src/negotiation.ts";
import type { Connection } from "../../../clients/web/src/negotiation.ts";

type Sent = LetterOf<"description"> | LetterOf<"candidates">;

const ID = "AAECAwQFBgcICQoLDA0ODw";

/**
 * A connection that keeps JSEP's states and nothing else. Unlike a browser it finds no
 * candidates by itself, and every step takes one turn of the queue.
 */
class Fake implements Connection {
  signalingState: RTCSignalingState = "stable";
  localDescription: RTCSessionDescription | null = null;
  onnegotiationneeded: RTCPeerConnection["onnegotiationneeded"] = null;
  onicecandidate: RTCPeerConnection["onicecandidate"] = null;
  readonly added: string[] = [];
  readonly provisional: string[] = [];
  knowsNoProvisional = false;
  remote = "";
  rollbacks = 0;
  #made = 0;
  #name: string;

  constructor(name: string) {
    this.#name = name;
  }

  async createAnswer(): Promise<RTCSessionDescriptionInit> {
    await Promise.resolve();
    return { type: "answer", sdp: `${this.#name} made ready` };
  }

  async setLocalDescription(
    given?: RTCLocalSessionDescriptionInit,
  ): Promise<void> {
    await Promise.resolve();
    if (given?.type === "pranswer") {
      if (this.knowsNoProvisional) {
        throw new DOMException("pranswer", "NotSupportedError");
      }
      this.signalingState = "have-local-pranswer";
      this.provisional.push(given.sdp ?? "");
      return;
    }
    const isAnswer = /-remote-offer|-pranswer/.test(this.signalingState);
    this.signalingState = isAnswer ? "stable" : "have-local-offer";
    this.#made += 1;
    const type = isAnswer ? "answer" : "offer";
    const sdp = `${this.#name} ${type} ${this.#made}`;
    this.localDescription = { type, sdp, toJSON: () => ({ type, sdp }) };
  }

  async setRemoteDescription(given: RTCSessionDescriptionInit): Promise<void> {
    await Promise.resolve();
    if (given.type === "offer") {
      if (this.signalingState === "have-local-offer") this.rollbacks += 1;
      this.signalingState = "have-remote-offer";
    } else {
      if (this.signalingState !== "have-local-offer") {
        throw new DOMException("no offer", "InvalidStateError");
      }
      this.signalingState = "stable";
    }
    this.remote = given.sdp ?? "";
  }

  async addIceCandidate(candidate?: RTCIceCandidateInit | null): Promise<void> {
    await Promise.resolve();
    if (candidate?.candidate === "bad")
      throw new DOMException("bad", "OperationError");
    this.added.push(candidate?.candidate ?? "");
  }

  restartIce(): void {
    this.onnegotiationneeded?.call(
      this as never,
      new Event("negotiationneeded"),
    );
  }

  finds(candidate: string): void {
    const event = { candidate: { candidate, sdpMid: "0", sdpMLineIndex: 0 } };
    this.onicecandidate?.call(
      this as never,
      event as RTCPeerConnectionIceEvent,
    );
  }
}

/** A patient's and a doctor's end, with the letters under way between them. */
async function pair(only = false) {
  const patient = { pc: new Fake("patient"), out: [] as Sent[] };
  const doctor = { pc: new Fake("doctor"), out: [] as Sent[] };
  const polite = new Negotiation(patient.pc, true, ID, only, (letter) =>
    patient.out.push(letter),
  );
  const impolite = new Negotiation(doctor.pc, false, ID, only, (letter) =>
    doctor.out.push(letter),
  );
  const offer = await impolite.offer();
  await impolite.settle(await polite.answer(offer, () => undefined));
  return { patient, doctor, polite, impolite };
}

type Pair = Awaited<ReturnType<typeof pair>>;

/** Deliver what is under way until nothing is. */
async function settled({
  patient,
  doctor,
  polite,
  impolite,
}: Pair): Promise<void> {
  await turns();
  while (patient.out.length + doctor.out.length > 0) {
    const fromPatient = patient.out.splice(0);
    const fromDoctor = doctor.out.splice(0);
    await Promise.all([
      ...fromPatient.map((letter) => impolite.hear(letter)),
      ...fromDoctor.map((letter) => polite.hear(letter)),
    ]);
    await turns();
  }
}

async function turns(): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
}

test("the first offer and answer travel in M2 and M3, not as letters", async () => {
  const { patient, doctor } = await pair();

  expect(doctor.pc.remote).toBe("patient answer 1");
  expect([...patient.out, ...doctor.out]).toEqual([]);
});

test("before the first answer no offer is made on our own account", async () => {
  const out: Sent[] = [];
  const pc = new Fake("doctor");
  new Negotiation(pc, false, ID, false, (letter) => out.push(letter));

  pc.restartIce();
  await turns();

  expect(out).toEqual([]);
});

test("either end may restart", async () => {
  const ends = await pair();

  ends.polite.restart();
  await settled(ends);

  expect(ends.doctor.pc.remote).toBe("patient offer 2");
  expect(ends.patient.pc.remote).toBe("doctor answer 2");
  expect(ends.patient.pc.signalingState).toBe("stable");
});

test("when both restart at once the patient yields and both end stable", async () => {
  const ends = await pair();
  const told: string[] = [];
  ends.polite.onrollback = () => told.push("patient");
  ends.impolite.onrollback = () => told.push("doctor");

  ends.polite.restart();
  ends.impolite.restart();
  await settled(ends);

  expect(ends.patient.pc.rollbacks).toBe(1);
  expect(told).toEqual(["patient"]);
  expect(ends.doctor.pc.rollbacks).toBe(0);
  expect(ends.doctor.pc.remote).toBe("patient answer 3");
  expect(ends.patient.pc.signalingState).toBe("stable");
  expect(ends.doctor.pc.signalingState).toBe("stable");
});

test("an offer that was said twice is one: no rollback, and its second answer changes nothing", async () => {
  const ends = await pair();
  const told: string[] = [];
  ends.polite.onrollback = () => told.push("patient");
  ends.impolite.release();
  ends.impolite.restart();
  await turns();
  ends.doctor.pc.finds("one");
  await vi.waitFor(() => expect(ends.doctor.out).toHaveLength(2));

  expect(ends.impolite.repeat()).toBe(true);
  expect(ends.doctor.out).toHaveLength(4);
  await settled(ends);

  expect(told).toEqual([]);
  expect(ends.patient.pc.rollbacks).toBe(0);
  expect(ends.doctor.pc.remote).toBe("patient answer 2");
  expect(ends.patient.pc.added).toEqual(["one", "one"]);
  expect(ends.doctor.pc.signalingState).toBe("stable");
  expect(ends.impolite.repeat()).toBe(false);
});

test("no candidate leaves before it is released, then all leave in one letter", async () => {
  const { patient, polite } = await pair();
  patient.pc.finds("one");
  patient.pc.finds("two");
  vi.useFakeTimers().runAllTimers();
  vi.useRealTimers();
  expect(patient.out).toEqual([]);

  polite.release();

  expect(patient.out).toEqual([
    {
      t: "candidates",
      connection: ID,
      candidates: [
        { candidate: "one", sdpMid: "0", sdpMLineIndex: 0 },
        { candidate: "two", sdpMid: "0", sdpMLineIndex: 0 },
      ],
    },
  ]);
});

test("a candidate that cannot be read does not stop the others", async () => {
  const { doctor, impolite } = await pair();
  const candidate = (text: string) => ({
    candidate: text,
    sdpMid: "0",
    sdpMLineIndex: 0,
  });

  await impolite.hear({
    t: "candidates",
    connection: ID,
    candidates: [candidate("bad"), candidate("good")],
  });

  expect(doctor.pc.added).toEqual(["good"]);
});

const HOST =
  "candidate:1 1 udp 2122260223 192.168.1.7 40001 typ host generation 0";
const REFLEXIVE =
  "candidate:2 1 udp 1686052607 203.0.113.7 40002 typ srflx raddr 192.168.1.7 rport 40001";
const RELAYED =
  "candidate:3 1 udp 50340095 198.51.100.1 50215 typ relay raddr 203.0.113.7 rport 40002 generation 0";
const TOLD =
  "candidate:3 1 udp 50340095 198.51.100.1 50215 typ relay raddr 0.0.0.0 rport 9 generation 0";

function candidates(...given: string[]): LetterOf<"candidates"> {
  return {
    t: "candidates",
    connection: ID,
    candidates: given.map((candidate) => ({
      candidate,
      sdpMid: "0",
      sdpMLineIndex: 0,
    })),
  };
}

test("where only the relay may be used, no other candidate leaves the page", async () => {
  const { patient, polite } = await pair(true);
  for (const candidate of [HOST, REFLEXIVE, RELAYED])
    patient.pc.finds(candidate);

  polite.release();

  expect(patient.out).toEqual([candidates(TOLD)]);
});

test("where only the relay may be used, the far end's own addresses are never tried", async () => {
  const { doctor, impolite } = await pair(true);

  await impolite.hear(candidates(HOST, REFLEXIVE, RELAYED));

  expect(doctor.pc.added).toEqual([TOLD]);
});

test.each([
  ["an offer", "offer"],
  ["an answer to our offer", "answer"],
] as const)(
  "where only the relay may be used, %s brings no address",
  async (_, type) => {
    const { doctor, impolite } = await pair(true);
    if (type === "answer") doctor.pc.restartIce();
    await turns();
    const sdp = `v=0\r\nm=audio 40001 UDP\r\nc=IN IP4 192.168.1.7\r\na=${HOST}\r\na=mid:0\r\n`;

    await impolite.hear({ t: "description", connection: ID, type, sdp });

    expect(doctor.pc.remote).toBe(
      "v=0\r\nm=audio 9 UDP\r\nc=IN IP4 0.0.0.0\r\na=mid:0\r\n",
    );
  },
);

test("where only the relay may be used, nor do the first offer and answer", async () => {
  const [patient, doctor] = [new Fake("patient"), new Fake("doctor")];
  const polite = new Negotiation(patient, true, ID, true, () => undefined);
  const impolite = new Negotiation(doctor, false, ID, true, () => undefined);
  await impolite.offer();

  await polite.answer(`v=0\r\na=${HOST}\r\n`, () => undefined);
  await impolite.settle(`v=0\r\na=${REFLEXIVE}\r\n`);

  expect([patient.remote, doctor.remote]).toEqual(["v=0\r\n", "v=0\r\n"]);
});

test("where other paths are allowed, all candidates are told and tried", async () => {
  const { patient, doctor, polite, impolite } = await pair();
  for (const candidate of [HOST, RELAYED]) patient.pc.finds(candidate);

  polite.release();
  await impolite.hear(candidates(HOST, RELAYED));

  expect(patient.out).toEqual([candidates(HOST, RELAYED)]);
  expect(doctor.pc.added).toEqual([HOST, RELAYED]);
});

test.each([
  ["are used by a provisional answer", false, ["patient made ready"]],
  ["are not where the browser knows none", true, []],
])("candidates that are ready %s, and the answer follows", async (...given) => {
  const [, knowsNoProvisional, provisional] = given;
  const pc = new Fake("patient");
  pc.knowsNoProvisional = knowsNoProvisional;
  const polite = new Negotiation(pc, true, ID, true, () => undefined);

  const answer = await polite.answer("offer", () => undefined, true);

  expect(answer).toBe("patient answer 1");
  expect(pc.provisional).toEqual(provisional);
  expect(pc.signalingState).toBe("stable");
});
