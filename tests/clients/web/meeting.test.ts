/**
 * A connection: nothing is sent or shown over it before both certificates are bound.
 *
 * Longer than most files: a list of cases of one connection, read one at a time.
 */
import { type Flow, Meeting } from "../../../clients/web/src/meeting.ts";
import type { Held } from "../../../clients/web/src/relays.ts";
import type { Binding } from "../../../clients/web/src/seal.ts";
import { connect as connectTo } from "../../../clients/web/src/standby.ts";
import { held } from "./passwords.ts";
import { CONNECTION, sdp } from "./seal.ts";
import { meet, two } from "./two-seals.ts";

/**
 * A track that is only its kind, a stream that is only its tracks. Unlike a browser's they carry
 * nothing, and nobody can say here what would have been seen.
 */
class FakeTrack {
  isStopped = false;
  readonly kind: string;
  constructor(kind: string) {
    this.kind = kind;
  }
  stop(): void {
    this.isStopped = true;
  }
}

class FakeStream {
  readonly tracks: FakeTrack[] = [];
  getTracks(): FakeTrack[] {
    return this.tracks;
  }
  addTrack(track: FakeTrack): void {
    this.tracks.push(track);
  }
}

/** One end of a data channel; what it says arrives in the next turn, whole and in order. */
class FakeChannel {
  readyState = "connecting";
  binaryType = "blob";
  onopen: () => void = () => undefined;
  onclose: () => void = () => undefined;
  onmessage: (event: { data: unknown }) => void = () => undefined;
  readonly said: unknown[] = [];
  /** The far end's. */
  farEnd: FakeChannel | null = null;

  send(data: unknown): void {
    const sent = data instanceof Uint8Array ? data.slice().buffer : data;
    this.said.push(sent);
    queueMicrotask(() => this.farEnd?.onmessage({ data: sent }));
  }

  open(): void {
    this.readyState = "open";
    this.onopen();
  }
}

/**
 * As much of an `RTCPeerConnection` as `Meeting` touches. There is no network, no ICE and no
 * DTLS in it: who is connected, and by which certificate, a test says. That a browser tells
 * these truly is for the tests with browsers.
 */
class FakeConnection {
  static made: FakeConnection[] = [];
  connectionState = "new";
  iceConnectionState = "new";
  signalingState = "stable";
  localDescription: { type: string; sdp: string } | null = null;
  remoteDescription: { type: string; sdp: string } | null = null;
  onconnectionstatechange: () => void = () => undefined;
  oniceconnectionstatechange: () => void = () => undefined;
  sctp: { transport: { getRemoteCertificates?: () => ArrayBuffer[] } } | null =
    null;
  readonly channel = new FakeChannel();
  readonly papers = new FakeChannel();
  configuration: RTCConfiguration;
  restarts = 0;
  readonly attached: (FakeTrack | null)[] = [];
  certificate = new ArrayBuffer(1);
  #transceivers: {
    direction: string;
    sender: { replaceTrack: (track: FakeTrack | null) => Promise<void> };
    receiver: { track: FakeTrack };
  }[] = [];

  constructor(configuration: RTCConfiguration) {
    this.configuration = configuration;
    FakeConnection.made.push(this);
  }

  setConfiguration(configuration: RTCConfiguration): void {
    this.configuration = configuration;
  }

  restartIce(): void {
    this.restarts += 1;
  }

  readonly #received = {
    bytesReceived: 0,
    packetsReceived: 0,
    framesDecoded: 0,
  };

  /** Of what kind the candidates of the pair in use are. */
  ends: readonly (string | undefined)[] = ["host", "host"];

  receives(more: number): void {
    this.#received.bytesReceived += more;
    this.#received.packetsReceived += more;
    this.#received.framesDecoded += more;
  }

  getStats(): Promise<Map<string, object>> {
    return Promise.resolve(
      new Map([
        ["way", { type: "transport", selectedCandidatePairId: "pair" }],
        [
          "pair",
          {
            type: "candidate-pair",
            localCandidateId: "ours",
            remoteCandidateId: "theirs",
            ...this.#received,
          },
        ],
        ["ours", { type: "local-candidate", candidateType: this.ends[0] }],
        ["theirs", { type: "remote-candidate", candidateType: this.ends[1] }],
        ["rtp", { type: "inbound-rtp", ...this.#received }],
      ]),
    );
  }

  createDataChannel(_: string, { id }: { id: number }): FakeChannel {
    return id === 0 ? this.channel : this.papers;
  }

  addTransceiver(kind: string): void {
    const replaceTrack = (track: FakeTrack | null) => {
      this.attached.push(track);
      return Promise.resolve();
    };
    const receiver = { track: new FakeTrack(kind) };
    this.#transceivers.push({
      direction: "sendrecv",
      sender: { replaceTrack },
      receiver,
    });
  }

  getTransceivers() {
    return this.#transceivers;
  }

  getSenders() {
    return this.#transceivers.map(({ sender }) => sender);
  }

  async setLocalDescription(): Promise<void> {
    const type = this.remoteDescription === null ? "offer" : "answer";
    this.localDescription = { type, sdp: await described(this.certificate) };
  }

  setRemoteDescription(given: { type: string; sdp: string }): Promise<void> {
    this.remoteDescription = given;
    if (given.type === "offer") {
      this.addTransceiver("audio");
      this.addTransceiver("video");
    }
    return Promise.resolve();
  }

  becomes(state: string): void {
    this.connectionState = state;
    this.iceConnectionState = state;
    this.onconnectionstatechange();
  }

  close(): void {
    this.becomes("closed");
  }
}

/** A description whose every section names this certificate. */
async function described(certificate: ArrayBuffer): Promise<string> {
  const hash = await crypto.subtle.digest("SHA-256", certificate);
  const hex = [...new Uint8Array(hash)].map((byte) =>
    byte.toString(16).padStart(2, "0").toUpperCase(),
  );
  return sdp(hex.join(":"));
}

interface End {
  meeting: Meeting;
  pc: FakeConnection;
  said: unknown[];
  told: string[];
  /** Bound, or found to end elsewhere. */
  decided: Promise<string>;
}

function end(
  polite: boolean,
  binding: Binding | null,
  relay: Held | null = null,
): End {
  const told: string[] = [];
  const said: unknown[] = [];
  const spare = connectTo(relay);
  const say = (letter: unknown) => said.push(letter);
  const meeting = new Meeting(polite, CONNECTION, spare, () => binding, say);
  const pc = FakeConnection.made.at(-1);
  if (pc === undefined) throw new Error("no connection was made");
  pc.certificate = Uint8Array.of(polite ? 1 : 2).buffer;
  meeting.onflow = (flow: Flow) => told.push(flow);
  const decided = new Promise<string>((resolve) => {
    for (const name of ["onbound", "onunbound"] as const) {
      meeting[name] = () => {
        told.push(name);
        resolve(name);
      };
    }
  });
  return { meeting, pc, said, told, decided };
}

function devices(): MediaStream {
  const stream = new FakeStream();
  stream.addTrack(new FakeTrack("audio"));
  stream.addTrack(new FakeTrack("video"));
  return stream as unknown as MediaStream;
}

/** Both ends of one connection, as far as their descriptions; keys are of a real handshake. */
async function pair(
  checked: () => unknown = () => undefined,
  relay: Held | null = null,
): Promise<{ patient: End; doctor: End }> {
  const seals = await two();
  await meet(seals);
  const binding = seals.patient.binding();
  const told = binding && {
    prove: (...given: Parameters<Binding["prove"]>) => binding.prove(...given),
    check: (...given: Parameters<Binding["check"]>) =>
      binding.check(...given).finally(() => setTimeout(checked)),
  };
  const patient = end(true, told, relay);
  const doctor = end(false, seals.doctor.binding(), relay);
  const offer = await doctor.meeting.offer(devices());
  await doctor.meeting.settle(await patient.meeting.answer(offer, devices()));
  for (const [one, other] of [
    [patient, doctor],
    [doctor, patient],
  ] as const) {
    one.pc.channel.farEnd = other.pc.channel;
    const certificates = () => [other.pc.certificate];
    one.pc.sctp = { transport: { getRemoteCertificates: certificates } };
  }
  return { patient, doctor };
}

/** The path is found and both ends' channels open. */
function connect(...ends: End[]): void {
  for (const { pc } of ends) {
    pc.becomes("connected");
    pc.channel.open();
  }
}

function sends({ pc }: End): string[] {
  return pc.attached.flatMap((track) => (track === null ? [] : [track.kind]));
}

beforeEach(() => {
  FakeConnection.made = [];
  vi.stubGlobal("RTCPeerConnection", FakeConnection);
  vi.stubGlobal("MediaStream", FakeStream);
});

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

test("both ends are bound, and only then is a track sent", async () => {
  const { patient, doctor } = await pair();
  expect([...sends(patient), ...sends(doctor)]).toEqual([]);

  connect(patient, doctor);
  expect([...sends(patient), ...sends(doctor)]).toEqual([]);

  expect(await patient.decided).toBe("onbound");
  expect(await doctor.decided).toBe("onbound");
  expect(sends(patient)).toEqual(["audio", "video"]);
  expect(sends(doctor)).toEqual(["audio", "video"]);
});

test("the MAC goes first, and is 32 bytes", async () => {
  const { patient, doctor } = await pair();
  connect(patient, doctor);
  await Promise.all([patient.decided, doctor.decided]);
  patient.meeting.bye();

  const [first, second] = patient.pc.channel.said;
  expect(first).toBeInstanceOf(ArrayBuffer);
  expect((first as ArrayBuffer).byteLength).toBe(32);
  expect(second).toBe('{"t":"bye"}');
});

test("what the far end says while its certificate is still checked is not lost", async () => {
  const { patient, doctor } = await pair();
  const tidings: string[] = [];
  patient.meeting.ontiding = (text) => tidings.push(text);
  const { channel } = doctor.pc;
  const send = channel.send.bind(channel);
  const state = '{"t":"state"}';
  // Right behind the MAC, before anybody can have checked that.
  channel.send = (data) => [state, data].reverse().forEach(send);

  connect(patient, doctor);

  await vi.waitFor(() => expect(tidings).toEqual([state]));
});

test.each([
  ["relayed", ["relay", "relay"]],
  ["relayed", ["srflx", "relay"]],
  ["relayed", ["relay", "prflx"]],
  ["direct", ["host", "prflx"]],
  [undefined, ["host", undefined]],
  [undefined, []],
] as const)("media that flow are %s by a pair of %s", async (media, ends) => {
  const { patient, doctor } = await pair();
  patient.pc.ends = ends;
  expect(patient.meeting.mediaPath).toBe("unconnected");

  connect(patient, doctor);
  await patient.decided;

  await vi.waitFor(() => expect(patient.meeting.mediaPath).toBe(media));
});

test("a connection in the place of another knows how media went", async () => {
  const { patient, doctor } = await pair();
  const { patient: next } = await pair();
  connect(patient, doctor);
  await patient.decided;
  await vi.waitFor(() => expect(patient.meeting.mediaPath).toBe("direct"));

  next.meeting.follow(patient.meeting);

  expect(next.meeting.mediaPath).toBe("direct");
});

test("a path that is found is not live before it is bound", async () => {
  const { patient, doctor } = await pair();

  connect(patient, doctor);
  expect(patient.told).not.toContain("live");
  await patient.decided;

  expect(patient.told).toEqual(["onbound", "live"]);
});

test("a far end that stays silent is sent nothing, whatever is asked for", async () => {
  const { patient } = await pair();
  patient.pc.channel.farEnd = null;
  connect(patient);

  patient.meeting.use(devices());
  patient.meeting.hold(true);
  patient.meeting.hold(false);
  patient.pc.becomes("connected");
  await vi.waitFor(() => expect(patient.pc.channel.said).toHaveLength(1));

  expect(sends(patient)).toEqual([]);
  expect(patient.told).toEqual([]);
});

test("who ends elsewhere than the handshake is found out by both, and sent nothing", async () => {
  const { patient, doctor } = await pair();
  // Somebody in between, with a connection of his own to each.
  const own = Uint8Array.of(3).buffer;
  patient.pc.sctp = { transport: { getRemoteCertificates: () => [own] } };
  doctor.pc.sctp = { transport: { getRemoteCertificates: () => [own] } };

  connect(patient, doctor);

  expect(await patient.decided).toBe("onunbound");
  expect(await doctor.decided).toBe("onunbound");
  expect([...sends(patient), ...sends(doctor)]).toEqual([]);
  expect(patient.told).not.toContain("live");
});

test.each([
  ["a text", () => '{"t":"bye"}'],
  ["another MAC", () => new Uint8Array(32)],
  [
    "our own MAC",
    (end: End) => new Uint8Array(end.pc.channel.said[0] as ArrayBuffer),
  ],
  ["nothing but a start of one", () => new Uint8Array(31)],
])("%s instead of the far end's MAC is none", async (_, given) => {
  const { patient, doctor } = await pair();
  patient.pc.channel.farEnd = null;
  connect(patient);
  await vi.waitFor(() => expect(patient.pc.channel.said).toHaveLength(1));

  doctor.pc.channel.send(given(patient));

  expect(await patient.decided).toBe("onunbound");
  expect(sends(patient)).toEqual([]);
});

test("without keys in force nothing is bound", async () => {
  const alone = end(true, null);
  await alone.meeting.offer(devices());

  connect(alone);

  expect(await alone.decided).toBe("onunbound");
  expect(alone.pc.channel.said).toEqual([]);
  expect(sends(alone)).toEqual([]);
});

test("a transport that does not tell its certificate is held to the description's", async () => {
  const { patient, doctor } = await pair();
  patient.pc.sctp = { transport: {} };
  connect(patient, doctor);
  expect(await patient.decided).toBe("onbound");

  const other = await pair();
  other.patient.pc.sctp = { transport: {} };
  other.patient.pc.remoteDescription = { type: "offer", sdp: sdp() };
  connect(other.patient, other.doctor);
  expect(await other.patient.decided).toBe("onunbound");
});

test("a transport that has no certificate binds nothing", async () => {
  const { patient, doctor } = await pair();
  patient.pc.sctp = { transport: { getRemoteCertificates: () => [] } };

  connect(patient, doctor);

  expect(await patient.decided).toBe("onunbound");
});

test("a connection that was closed meanwhile is not bound any more", async () => {
  let isChecked = false;
  const { patient, doctor } = await pair(() => (isChecked = true));
  connect(patient, doctor);

  patient.meeting.close();
  await vi.waitFor(() => expect(isChecked).toBe(true));

  expect(patient.told).toEqual([]);
  expect(sends(patient)).toEqual([]);
});

test("on hold nothing is sent, and afterwards again", async () => {
  const { patient, doctor } = await pair();
  connect(patient, doctor);
  await patient.decided;

  patient.meeting.hold(true);
  expect(patient.pc.attached.slice(-2)).toEqual([null, null]);

  patient.meeting.hold(false);
  expect(sends(patient)).toEqual(["audio", "video", "audio", "video"]);
});

test("a good-bye is heard once bound, and the end of the channel is told apart", async () => {
  const { patient, doctor } = await pair();
  const heard: boolean[] = [];
  patient.meeting.onbye = (isSaid) => heard.push(isSaid);
  connect(patient, doctor);
  await Promise.all([patient.decided, doctor.decided]);

  for (const text of ["null", "{", '{"t":"dance"}', '"bye"'])
    doctor.pc.channel.send(text);
  doctor.meeting.bye();
  await vi.waitFor(() => expect(heard).toEqual([true]));

  patient.pc.channel.onclose();
  expect(heard).toEqual([true, false]);
});

test("no server is contacted that was not named", () => {
  const relay = held();
  const { urls, username, password } = relay.relay;

  expect(end(true, null).pc.configuration.iceServers).toEqual([]);
  expect(end(true, null, relay).pc.configuration.iceServers).toEqual([
    { urls, username, credential: password },
  ]);
});

test.each([
  ["the relay alone, where it says so", held({ only: true }), "relay"],
  ["any path, where the relay allows it", held({ only: false }), "all"],
  ["any path, where there is no relay", null, "all"],
])("what may be tried is %s", (_, relay, policy) => {
  const { configuration } = end(true, null, relay).pc;

  expect(configuration.iceTransportPolicy).toBe(policy);
});

/** Both ends live through the relay, and able to restart. */
async function relayed(relay: Held): Promise<{ patient: End; doctor: End }> {
  const both = await pair(undefined, relay);
  connect(both.patient, both.doctor);
  await Promise.all([both.patient.decided, both.doctor.decided]);
  for (const { meeting } of [both.patient, both.doctor]) {
    meeting.mayRestart = true;
    meeting.release();
  }
  return both;
}

function passwordOf({ pc }: End): unknown {
  return pc.configuration.iceServers?.[0]?.credential;
}

test("a path whose password ends soon is renewed by the doctor's page, and is not interrupted", async () => {
  const { patient, doctor } = await relayed(held());
  // Of ten minutes, less than a quarter is left.
  const newer = held({ password: "newer" }, 451);

  patient.meeting.lend(newer);
  doctor.meeting.lend(newer);

  expect(doctor.pc.restarts).toBe(1);
  expect(passwordOf(doctor)).toBe("newer");
  expect(patient.pc.restarts).toBe(0);
  expect([...patient.told, ...doctor.told]).not.toContain("interrupted");
});

test("the patient's page answers a renewal with its own newest password", async () => {
  const { patient } = await relayed(held());
  patient.meeting.lend(held({ password: "newer" }, 451));
  expect(passwordOf(patient)).toBe("password");

  await patient.meeting.hear({
    t: "description",
    connection: CONNECTION,
    type: "offer",
    sdp: sdp(),
  });

  expect(passwordOf(patient)).toBe("newer");
});

test("a patient's page whose password is the older one asks for a renewal, later", async () => {
  const { patient } = await relayed(held());

  patient.meeting.lend(held({ password: "newer" }, 526));

  expect(patient.pc.restarts).toBe(0);
  expect(patient.said).toEqual([{ t: "again", connection: CONNECTION }]);
});

test("the doctor's page restarts when asked to, once, and its path is not interrupted", async () => {
  const { doctor } = await relayed(held());

  await doctor.meeting.hear({ t: "again", connection: CONNECTION });
  await doctor.meeting.hear({ t: "again", connection: CONNECTION });

  expect(doctor.pc.restarts).toBe(1);
  expect(doctor.told).not.toContain("interrupted");
});

test("silence is noticed within seconds, and both do their part: one asks, the other restarts", async () => {
  vi.useFakeTimers();
  const { patient, doctor } = await relayed(held());
  const both = [patient, doctor];

  for (const { pc } of both) pc.receives(100);
  await vi.advanceTimersByTimeAsync(1_000);
  for (const { pc } of both) pc.receives(100);
  await vi.advanceTimersByTimeAsync(1_000);
  await vi.advanceTimersByTimeAsync(5_000);
  vi.useRealTimers();

  expect(patient.told.at(-1)).toBe("interrupted");
  expect(patient.said).toEqual([{ t: "again", connection: CONNECTION }]);
  expect(patient.pc.restarts).toBe(0);
  expect(doctor.pc.restarts).toBe(1);
  patient.meeting.close();
  doctor.meeting.close();
});

test("a path that was just renewed is not renewed again", async () => {
  const { doctor } = await relayed(held());
  doctor.meeting.lend(held({ password: "newer" }, 451));

  doctor.meeting.lend(held({ password: "newest" }, 466));

  expect(doctor.pc.restarts).toBe(1);
});

test("a far end that cannot restart is spared a renewal", async () => {
  const { doctor } = await relayed(held());
  doctor.meeting.mayRestart = false;

  doctor.meeting.lend(held({ password: "newer" }, 451));

  expect(doctor.pc.restarts).toBe(0);
  expect(passwordOf(doctor)).toBe("password");
});

test("a path that breaks is sought anew with the newest password", async () => {
  const { doctor } = await relayed(held());
  doctor.meeting.lend(held({ password: "newer" }, 15));
  expect(doctor.pc.restarts).toBe(0);
  vi.useFakeTimers();

  doctor.pc.becomes("failed");
  vi.advanceTimersByTime(1);
  vi.useRealTimers();

  expect(doctor.pc.restarts).toBe(1);
  expect(passwordOf(doctor)).toBe("newer");
  doctor.meeting.close();
});

test("a browser that cannot take a newer password goes on with what it has", async () => {
  const { doctor } = await relayed(held());
  doctor.pc.setConfiguration = () => {
    throw new TypeError("not a function");
  };

  doctor.meeting.lend(held({ password: "newer" }, 451));

  expect(passwordOf(doctor)).toBe("password");
});

test("the certificate that is bound is read from the description as it is", async () => {
  // The fake's own premise: what it describes is the SHA-256 of what it shows.
  const certificate = Uint8Array.of(1).buffer;
  const hash = await crypto.subtle.digest("SHA-256", certificate);
  const { certificateOf } = await import("../../../clients/web/src/sealed.ts");

  expect(certificateOf(await described(certificate))).toEqual(
    new Uint8Array(hash),
  );
});
