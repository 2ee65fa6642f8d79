/** The desk of larger company: what it lets go to whom, by what the seal has shown. */
import type { About } from "../../../clients/web/src/about.ts";
import { CompanyDesk } from "../../../clients/web/src/company-desk.ts";
import type { Host } from "../../../clients/web/src/company-host.ts";
import type { CompanyHeard } from "../../../clients/web/src/company-seal.ts";
import type { SeatRole } from "../../../clients/web/src/gathering-letters.ts";
import type { FromServer, Member } from "../../../clients/web/src/messages.ts";
import type { Own } from "../../../clients/web/src/seal.ts";
import { accepted, DOCTOR, GUEST, PATIENT, SESSION } from "./company-page.ts";
import { id } from "./patient-page.ts";

/** What the seals and connections of this test say and were told. */
const { world, FakeSeal, FakeMeeting } = vi.hoisted(() => {
  const world = {
    heard: null as CompanyHeard | null,
    proven: "guest" as SeatRole,
    written: [] as { to: string; t: string }[],
    meetings: [] as { isGivenUp: boolean }[],
  };
  /** A seal without keys: what it opens is the test's, what it closes is kept. */
  class FakeSeal {
    readonly roster = {
      members: [],
      farEnd: (member: string) => ({ member, role: world.proven, key: "k" }),
    };
    open() {
      return Promise.resolve({ heard: world.heard, m4: null, told: [] });
    }
    record(to: string, { t }: { t: string }) {
      world.written.push({ to, t });
      return Promise.resolve("record");
    }
    m2 = () => Promise.resolve("m2");
    overdue = () => [];
    forget = () => undefined;
  }
  class FakeMeeting {
    isGivenUp = false;
    mediaPath = "relayed";
    constructor() {
      world.meetings.push(this);
    }
    giveUpPicture(isGivenUp: boolean): void {
      this.isGivenUp = isGivenUp;
    }
    offer = () => Promise.resolve("sdp");
    hold = () => undefined;
    close = () => undefined;
  }
  return { world, FakeSeal, FakeMeeting };
});

vi.mock("../../../clients/web/src/company-seal.ts", () => ({
  CompanySeal: FakeSeal,
}));
vi.mock("../../../clients/web/src/meeting.ts", () => ({
  Meeting: FakeMeeting,
}));
vi.mock("../../../clients/web/src/standby.ts", () => ({
  connect: () => null,
}));

const ABOUT: About = {
  t: "about",
  place: "home",
  person: "self",
  phone: "06 12 34 56 78",
  whereabouts: "1 rue d’Essai",
  consent: null,
};

/** A patient's page, in a call with a doctor; somebody else sits there, as the server calls him. */
async function company(called: Member["role"]) {
  const at = { session: SESSION as string | null, isSoundAlone: false };
  const host: Host = {
    stream: () => null,
    isPictureGivenUp: () => at.isSoundAlone,
    whereabouts: () => ({
      session: at.session,
      first: DOCTOR,
      isReady: true,
      relay: null,
    }),
    send: () => undefined,
    post: () => true,
    say: () => undefined,
    leave: () => undefined,
    cards: () => [],
    about: () => ABOUT,
    draw: () => undefined,
    chime: () => undefined,
    link: () => undefined,
  };
  const own = { firstKey: () => Promise.resolve("k") } as unknown as Own;
  const { members, ...rest } = accepted(PATIENT, DOCTOR, GUEST);
  const seats: FromServer<"accepted"> = {
    ...rest,
    members: members.map((one) =>
      one.member === GUEST ? { ...one, role: called } : one,
    ),
  };
  const desk = await CompanyDesk.open(host, own, seats);
  const hears = async (heard: CompanyHeard) => {
    world.heard = heard;
    await desk.hears({ type: "envelope", member: GUEST, body: "e" }, null);
    await vi.advanceTimersByTimeAsync(1);
  };
  const ends = () => {
    at.session = null;
    desk.look();
  };
  return { desk, at, hears, ends };
}

const M1: CompanyHeard = {
  t: "m1",
  nonce: id("m"),
  role: "guest",
  isOwn: true,
};

beforeEach(() => {
  vi.useFakeTimers();
  world.written = [];
  world.meetings = [];
});
afterEach(() => void vi.useRealTimers());

describe("what a patient said of himself", () => {
  test("goes to a colleague whose handshake showed a doctor", async () => {
    world.proven = "doctor";
    const { hears, ends } = await company("colleague");

    await hears({ t: "ready" });

    expect(world.written).toEqual([{ to: GUEST, t: "about" }]);
    ends();
  });

  test.each(["colleague", "doctor", "guest"] as const)(
    "goes to no guest, though the server calls him a %s",
    async (called) => {
      world.proven = "guest";
      const { hears, ends } = await company(called);

      await hears({ t: "ready" });

      expect(world.written).toEqual([]);
      ends();
    },
  );
});

test("whoever was met first says how media went", async () => {
  const { desk, hears, ends } = await company("guest");
  expect(desk.mediaPath).toBeUndefined();

  await hears(M1);

  expect(desk.mediaPath).toBe("relayed");
  ends();
});

describe("sound alone", () => {
  test("reaches whoever is there, and so does its end", async () => {
    const { desk, hears, ends } = await company("guest");
    await hears(M1);

    desk.giveUpPicture(true);
    expect(world.meetings).toMatchObject([{ isGivenUp: true }]);

    desk.giveUpPicture(false);
    expect(world.meetings).toMatchObject([{ isGivenUp: false }]);
    ends();
  });

  test("holds for who comes while it lasts", async () => {
    const { at, hears, ends } = await company("guest");
    at.isSoundAlone = true;

    await hears(M1);

    expect(world.meetings).toMatchObject([{ isGivenUp: true }]);
    ends();
  });
});
