/**
 * What touches the relay, with handles for a test that drives a browser: JSON in, JSON out.
 *
 * Test only.
 */
import type { LetterOf } from "../src/letters.ts";
import type { Relay } from "../src/messages.ts";
import { Negotiation } from "../src/negotiation.ts";
import { connect, Standby, tryRelay } from "../src/standby.ts";

type Sent = LetterOf<"description"> | LetterOf<"candidates">;

const CONNECTION = "AAECAwQFBgcICQoLDA0ODw";
const standby = new Standby();

/** Two ends meet as in a call; what they told each other on the way. */
async function meet(relay: Relay): Promise<{ letters: Sent[]; descriptions: string[] }> {
  const held = { relay, since_s: 0 };
  const letters: Sent[] = [];
  const [near, far] = [connect(held).pc, connect(held).pc];
  const tell = (to: () => Negotiation) => (letter: Sent) => {
    letters.push(letter);
    void to().hear(letter);
  };
  const doctor: Negotiation = new Negotiation(
    near,
    false,
    CONNECTION,
    relay.only,
    tell(() => patient),
  );
  const patient: Negotiation = new Negotiation(
    far,
    true,
    CONNECTION,
    relay.only,
    tell(() => doctor),
  );
  const channels = [near, far].map((pc) =>
    pc.createDataChannel("test", { negotiated: true, id: 0 }),
  );
  const opened = channels.map(
    (channel) => new Promise((resolve) => (channel.onopen = () => resolve(null))),
  );
  const offer = await doctor.offer();
  const answer = await patient.answer(offer, () => undefined);
  await doctor.settle(answer);
  doctor.release();
  patient.release();
  await Promise.all(opened);
  near.close();
  far.close();
  return { letters, descriptions: [offer, answer] };
}

/** A call comes: its offer is answered on the connection that is ready. */
async function use(relay: Relay): Promise<string> {
  const caller = new RTCPeerConnection();
  caller.createDataChannel("test", { negotiated: true, id: 0 });
  caller.addTransceiver("audio");
  await caller.setLocalDescription();
  const { pc, isReady } = standby.take({ relay, since_s: 0 });
  const patient = await new Promise<LetterOf<"candidates">>((resolve) => {
    const negotiation = new Negotiation(pc, true, CONNECTION, relay.only, (letter) => {
      if (letter.t === "candidates") resolve(letter);
    });
    negotiation.release();
    void negotiation.answer(caller.localDescription?.sdp ?? "", () => undefined, isReady);
  });
  caller.close();
  pc.close();
  return JSON.stringify(patient);
}

async function answer(text: string): Promise<string> {
  const [name, relay] = JSON.parse(text) as [string, Relay | null];
  switch (name) {
    case "keep":
      standby.keep(relay && { relay, since_s: 0 });
      return "null";
    case "try":
      return JSON.stringify(relay && (await tryRelay(relay, new AbortController().signal)));
    case "use":
      return relay === null ? "null" : use(relay);
    case "meet":
      return JSON.stringify(relay && (await meet(relay)));
    default:
      throw new Error(`no such handle: ${name}`);
  }
}

Object.assign(globalThis, { answer });
