/** How good a call is, in one of three words, from what a browser counts. */
import fc from "fast-check";
import {
  BETTER_AFTER,
  type Context,
  type Grade,
  observed,
  type Quality,
  type Sample,
  sampleOf,
  settled,
  sideOf,
  UNKNOWN,
  WORSE_AFTER,
} from "../../../clients/web/src/quality.ts";

const CONTEXT: Context = { isPictureDue: true, step: 0, isPictureOff: false };

/** What a second of a call adds to the counts; a good one unless it says otherwise. */
interface Second {
  lostIn?: number;
  lostOut?: number;
  frames?: number;
  frozen_s?: number;
  concealed?: number;
  rtt_s?: number;
  jitter_s?: number;
  available_bps?: number | null;
  limit?: "none" | "bandwidth" | "cpu";
}

function call(seconds: readonly Second[], context = CONTEXT): Quality {
  let quality = UNKNOWN;
  const sum = { in: 0, lostIn: 0, out: 0, lostOut: 0, frames: 0, frozen_s: 0 };
  let [concealed, samples] = [0, 0];
  for (const [at, second] of seconds.entries()) {
    const { lostIn = 0, lostOut = 0, frames = 25, frozen_s = 0 } = second;
    sum.in += 100 - lostIn;
    sum.lostIn += lostIn;
    sum.out += 100;
    sum.lostOut += lostOut;
    sum.frames += frames;
    sum.frozen_s += frozen_s;
    concealed += second.concealed ?? 0;
    samples += 48_000;
    const sample: Sample = {
      at_ms: 1_000 * at,
      rtt_s: second.rtt_s ?? 0.05,
      available_bps:
        second.available_bps === undefined ? 2_000_000 : second.available_bps,
      received: {
        packets: sum.in,
        lost: sum.lostIn,
        bytes: 100_000 * at,
        jitter_s: second.jitter_s ?? 0.005,
        concealed,
        samples,
        frames: sum.frames,
        frozen_s: sum.frozen_s,
        width: 1280,
        height: 720,
      },
      sent: {
        packets: sum.out,
        lost: sum.lostOut,
        bytes: 100_000 * at,
        jitter_s: 0.005,
        frames: 25 * at,
        width: 1280,
        height: 720,
        limit: second.limit ?? "none",
      },
    };
    quality = observed(quality, sample, context);
  }
  return quality;
}

const times = (count: number, second: Second) =>
  Array.from({ length: count }, () => second);

const grades = ({ incoming, outgoing }: Quality) => [
  incoming.grade,
  outgoing.grade,
];

test("a good call is good both ways, and on nobody's side is trouble", () => {
  const quality = call(times(20, {}));

  expect(grades(quality)).toEqual(["good", "good"]);
  expect(sideOf(quality)).toBeNull();
});

test.each<[string, Second, Grade, Grade, string]>([
  ["some loss in", { lostIn: 5 }, "fair", "good", "theirs"],
  ["much loss in", { lostIn: 20 }, "poor", "good", "theirs"],
  ["some loss out", { lostOut: 5 }, "good", "fair", "ours"],
  ["much loss out", { lostOut: 20 }, "good", "poor", "ours"],
  ["a voice made up", { concealed: 9_000 }, "poor", "good", "theirs"],
  ["frozen pictures", { frozen_s: 0.7 }, "poor", "good", "theirs"],
  ["few pictures", { frames: 4 }, "fair", "good", "theirs"],
  ["a late answer", { rtt_s: 1 }, "poor", "poor", "both"],
  ["a narrow way out", { available_bps: 50_000 }, "good", "poor", "ours"],
  ["a slow device", { limit: "cpu" }, "good", "fair", "device"],
])(
  "%s is told in a word, and its likely side",
  (_, second, into, out, side) => {
    const quality = call(times(20, second));

    expect(grades(quality)).toEqual([into, out]);
    expect(sideOf(quality)).toBe(side);
  },
);

test("a camera that is off is no fault", () => {
  const still = times(20, { frames: 0, frozen_s: 1 });

  const quality = call(still, { ...CONTEXT, isPictureDue: false });

  expect(grades(quality)).toEqual(["good", "good"]);
});

test("a browser that counts less is told nothing wrong", () => {
  expect(grades(call(times(20, { available_bps: null })))).toEqual([
    "good",
    "good",
  ]);
});

test("a word that is shown holds: worse after two looks, better after six", () => {
  const grade = fc.constantFrom<Grade>("good", "fair", "poor");
  const rank = (one: Grade) => ["good", "fair", "poor"].indexOf(one);
  fc.assert(
    fc.property(fc.array(grade, { maxLength: 100 }), (looks) => {
      let shown = UNKNOWN.incoming;
      const seen: Grade[] = [];
      for (const look of looks) {
        const before = shown.grade;
        seen.push(look);
        shown = settled(shown, look);
        const way = rank(shown.grade) - rank(before);
        if (way === 0) continue;
        // Each look of that time was on that side of the old word, none milder than the new.
        const held = seen.slice(way > 0 ? -WORSE_AFTER : -BETTER_AFTER);
        expect(held).toHaveLength(way > 0 ? WORSE_AFTER : BETTER_AFTER);
        for (const one of held)
          expect((rank(one) - rank(shown.grade)) * way).toBeGreaterThanOrEqual(
            0,
          );
      }
    }),
  );
});

test("one bad second changes no word", () => {
  expect(settled(settled(UNKNOWN.incoming, "poor"), "good").grade).toBe("good");
});

test("what a browser counts is found under its names", () => {
  const sample = sampleOf(
    [
      { type: "transport", selectedCandidatePairId: "P" },
      {
        type: "candidate-pair",
        id: "P",
        currentRoundTripTime: 0.12,
        availableOutgoingBitrate: 300_000,
      },
      { type: "candidate-pair", id: "Q", currentRoundTripTime: 9 },
      {
        type: "inbound-rtp",
        kind: "audio",
        packetsReceived: 10,
        packetsLost: 1,
        jitter: 0.02,
        concealedSamples: 50,
        silentConcealedSamples: 20,
        totalSamplesReceived: 100,
      },
      {
        type: "inbound-rtp",
        kind: "video",
        packetsReceived: 30,
        packetsLost: 2,
        framesDecoded: 5,
        totalFreezesDuration: 0.5,
        frameHeight: 360,
      },
      {
        type: "outbound-rtp",
        kind: "video",
        packetsSent: 40,
        qualityLimitationReason: "bandwidth",
        frameHeight: 180,
      },
      { type: "remote-inbound-rtp", kind: "video", packetsLost: 3 },
    ],
    5,
  );

  expect(sample).toMatchObject({
    at_ms: 5,
    rtt_s: 0.12,
    available_bps: 300_000,
    received: {
      packets: 40,
      lost: 3,
      jitter_s: 0.02,
      concealed: 30,
      frames: 5,
      frozen_s: 0.5,
      height: 360,
    },
    sent: { packets: 40, lost: 3, height: 180, limit: "bandwidth" },
  });
});

test("any report gives numbers, and never a broken one", () => {
  const stat = fc.dictionary(
    fc.constantFrom(
      "type",
      "kind",
      "packetsReceived",
      "jitter",
      "roundTripTime",
    ),
    fc.oneof(
      fc.constantFrom("inbound-rtp", "audio", "remote-inbound-rtp"),
      fc.double(),
      fc.anything(),
    ),
  );
  fc.assert(
    fc.property(fc.array(stat), (stats) => {
      const { received, sent } = sampleOf(stats, 0);
      const all = [
        ...Object.values<unknown>({ ...received }),
        ...Object.values<unknown>({ ...sent }),
      ];

      expect(all.every((one) => !Number.isNaN(one))).toBe(true);
    }),
  );
});
