/**
 * Which camera, microphone and loudspeaker: what there is, what was picked, what the browser is asked.
 *
 * Pure. A pick is kept in memory alone, and is a wish: what is not there any more is not waited for.
 */
import type { Kind } from "./faults.ts";

export type Role = Kind | "loudspeaker";
export type Facing = "user" | "environment";

export interface Gear {
  role: Role;
  id: string;
  label: string;
}

export type Picks = Readonly<Record<Role, string | null>>;

export const NO_PICKS: Picks = { camera: null, microphone: null, loudspeaker: null };

const ROLES: Readonly<Record<MediaDeviceKind, Role>> = {
  audioinput: "microphone",
  videoinput: "camera",
  audiooutput: "loudspeaker",
};

type Info = Pick<MediaDeviceInfo, "kind" | "deviceId" | "label" | "groupId">;

/**
 * What a person can choose from. Before permission browsers name nothing, and list one of a kind
 * without an id; and Chromium lists beside each device whichever is the default, under other ids.
 */
export function gearOf(infos: readonly Info[]): Gear[] {
  return infos
    .filter(({ deviceId }) => !["", "default", "communications"].includes(deviceId))
    .map(({ kind, deviceId, label }) => ({ role: ROLES[kind], id: deviceId, label }));
}

export function ofRole(gear: readonly Gear[], role: Role): Gear[] {
  return gear.filter((one) => one.role === role);
}

/** Without what is not there any more. */
export function stillThere(picks: Picks, gear: readonly Gear[]): Picks {
  const kept = (role: Role) =>
    gear.some((one) => one.role === role && one.id === picks[role]) ? picks[role] : null;
  return {
    camera: kept("camera"),
    microphone: kept("microphone"),
    loudspeaker: kept("loudspeaker"),
  };
}

export function microphoneWish(picks: Picks): MediaTrackConstraints {
  return {
    echoCancellation: true,
    noiseSuppression: true,
    autoGainControl: true,
    ...(picks.microphone !== null && { deviceId: { ideal: picks.microphone } }),
  };
}

/** A picked camera is meant; otherwise the side of a telephone that is looked from. */
export function cameraWish(picks: Picks, facing: Facing): MediaTrackConstraints {
  return {
    width: { ideal: 1280 },
    height: { ideal: 720 },
    ...(picks.camera === null ? { facingMode: facing } : { deviceId: { ideal: picks.camera } }),
  };
}
