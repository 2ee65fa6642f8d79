/** What there is to choose from, and what the browser is asked for. */
import {
  cameraWish,
  gearOf,
  microphoneWish,
  NO_PICKS,
  ofRole,
  stillThere,
} from "../../../clients/web/src/picks.ts";

const info = (kind: MediaDeviceKind, deviceId: string, label = deviceId) => ({
  kind,
  deviceId,
  label,
  groupId: "",
});

const GEAR = gearOf([
  info("audioinput", "default"),
  info("audioinput", "communications"),
  info("audioinput", "m1"),
  info("videoinput", "c1"),
  info("videoinput", "c2"),
  info("audiooutput", "s1"),
]);

test("each device is listed once, and the default is none of its own", () => {
  expect(GEAR.map(({ id }) => id)).toEqual(["m1", "c1", "c2", "s1"]);
  expect(ofRole(GEAR, "camera").map(({ id }) => id)).toEqual(["c1", "c2"]);
});

test("before permission there is nothing to choose from", () => {
  expect(gearOf([info("videoinput", ""), info("audioinput", "")])).toEqual([]);
});

test("a pick that was unplugged is forgotten, and the others stay", () => {
  const picks = { camera: "c2", microphone: "gone", loudspeaker: "s1" };

  expect(stillThere(picks, GEAR)).toEqual({ ...picks, microphone: null });
});

test("a picked camera is meant, else the side of the telephone", () => {
  expect(cameraWish(NO_PICKS, "environment")).toMatchObject({
    facingMode: "environment",
  });
  const picked = cameraWish({ ...NO_PICKS, camera: "c2" }, "user");
  expect(picked).toMatchObject({ deviceId: { ideal: "c2" } });
  expect(picked).not.toHaveProperty("facingMode");
});

test("no microphone is asked for by a name that nobody picked", () => {
  expect(microphoneWish(NO_PICKS)).not.toHaveProperty("deviceId");
  expect(microphoneWish({ ...NO_PICKS, microphone: "m1" })).toMatchObject({
    deviceId: { ideal: "m1" },
    echoCancellation: true,
  });
});
