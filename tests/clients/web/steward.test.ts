/** Sound alone at the one who looks after a call: for everybody, and no longer than its session. */
import type { Meeting } from "../../../clients/web/src/meeting.ts";
import type { OwnMedia } from "../../../clients/web/src/own-media.ts";
import { Steward } from "../../../clients/web/src/steward.ts";
import { write } from "../../../clients/web/src/tidings.ts";

/** Camera and screen without devices: what the steward switches, and nothing else. */
class FakeMedia {
  isDark = false;
  isMuted = false;
  isSharing = false;
  stream: MediaStream | null = null;
  onchange: () => void = () => undefined;

  darken(isDark: boolean): void {
    this.isDark = isDark;
    this.onchange();
  }
  unshare(): void {
    this.isSharing = false;
    this.onchange();
  }
}

/** A connection of which the far end is the test. */
class FakeMeeting {
  readonly senders: readonly RTCRtpSender[] = [];
  ontiding: (text: string) => void = () => undefined;
  isGivenUp = false;

  giveUpPicture(isGivenUp: boolean): void {
    this.isGivenUp = isGivenUp;
  }
  say(): boolean {
    return true;
  }
}

function attending() {
  const own = new FakeMedia();
  const steward = new Steward(own as unknown as OwnMedia, () => undefined);
  own.onchange = () => steward.tellState();
  /** What larger company was told. */
  const told: boolean[] = [];
  steward.ongivenup = (isGivenUp) => told.push(isGivenUp);
  const meets = (): FakeMeeting => {
    const meeting = new FakeMeeting();
    steward.attend(meeting as unknown as Meeting);
    return meeting;
  };
  const agrees = (meeting: FakeMeeting) => {
    meeting.ontiding(write({ t: "audio", say: "ask", n: 1 }));
    steward.clicks("agree");
  };
  return { own, steward, told, meets, agrees };
}

test("what two agree on holds at once for whoever came along, and so does its end", () => {
  const { steward, told, meets, agrees } = attending();
  const meeting = meets();

  agrees(meeting);
  expect([meeting.isGivenUp, told.at(-1)]).toEqual([true, true]);

  steward.clicks("return");
  expect([meeting.isGivenUp, told.at(-1)]).toEqual([false, false]);
});

test("another connection of the same session keeps to sound alone, with everybody", () => {
  const { told, meets, agrees } = attending();
  agrees(meets());

  const next = meets();

  expect([next.isGivenUp, told.at(-1)]).toEqual([true, true]);
});

test("sound alone ends with its session, and the camera is dark before others may have a picture", () => {
  const { own, steward, meets, agrees } = attending();
  agrees(meets());
  const seen: boolean[] = [];
  steward.ongivenup = (isGivenUp) => {
    if (!isGivenUp) seen.push(!own.isDark || own.isSharing);
  };
  own.isSharing = true;

  steward.leave();

  expect(seen).toEqual([false]);
  expect(steward.exchange.name).toBe("video");
  expect(steward.isLeftDark).toBe(true);
});

test("that the camera was left off is said in the next session too, until it is lit", () => {
  const { own, steward, meets, agrees } = attending();
  agrees(meets());
  steward.leave();

  expect(meets().isGivenUp).toBe(false);
  expect(steward.isLeftDark).toBe(true);

  steward.light();
  expect([own.isDark, steward.isLeftDark]).toEqual([false, false]);
});

test("a session that ends with pictures leaves the camera as it is", () => {
  const { own, steward, meets } = attending();
  meets();
  own.isSharing = true;

  steward.leave();

  expect([own.isDark, own.isSharing, steward.isLeftDark]).toEqual([
    false,
    true,
    false,
  ]);
});

test("a camera that somebody turned off himself is not said to have been left off", () => {
  const { own, steward, meets, agrees } = attending();
  agrees(meets());
  own.darken(true);

  steward.leave();

  expect([own.isDark, steward.isLeftDark]).toEqual([true, false]);
});
