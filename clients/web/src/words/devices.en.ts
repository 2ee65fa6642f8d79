/** The English words of camera, microphone and loudspeaker: the keys of `devices.fr.ts`. */
import type { Browser, Kind, System } from "../faults.ts";
import type { App } from "../in-app.ts";
import type { DevicesWords } from "./devices.fr.ts";

type Both = Kind | "both";

const the: Record<Both, string> = {
  camera: "the camera",
  microphone: "the microphone",
  both: "the camera and the microphone",
};

const blockedTodo: Record<Browser, (which: Both) => string> = {
  chrome: (which) =>
    `Click the icon left of the page's address, allow ${the[which]}, then try again.`,
  "chrome-android": (which) =>
    `Touch the icon left of the address, then “Permissions”, allow ${the[which]}, and try again.`,
  safari: (which) =>
    `In the Safari menu open “Settings for this website”, allow ${the[which]}, then try again.`,
  ios: (which) =>
    `Touch the icon left of the address (“aA” or the page menu), then “Website settings”, allow ${the[which]}, and try again.`,
  firefox: (which) =>
    `Click the crossed icon left of the address, remove the block for ${the[which]}, then try again.`,
  "firefox-android": (which) =>
    `Touch the padlock left of the address, allow ${the[which]}, then try again.`,
  other: (which) =>
    `In the settings of the browser, allow ${the[which]} for this page, then try again.`,
};

const systemTodo: Record<System, (which: Both) => string> = {
  macos: (which) =>
    `Open System Settings, “Privacy & Security”, allow ${the[which]} for this browser, then open it again. Your link stays valid.`,
  windows: (which) =>
    `Open Settings, “Privacy & security”, allow ${the[which]} for desktop applications, then try again.`,
  android: (which) =>
    `Open Settings, “Apps”, your browser, “Permissions”, allow ${the[which]}, then try again. Look at the quick settings at the top of the screen too.`,
  ios: (which) => `Open Settings, choose your browser, allow ${the[which]}, then try again.`,
  other: (which) =>
    `In the settings of the device, allow ${the[which]} for this browser, then try again.`,
};

const names: Record<App, string> = {
  whatsapp: "WhatsApp",
  messenger: "Messenger",
  instagram: "Instagram",
  facebook: "Facebook",
  google: "Gmail or the Google application",
  other: "another application",
};

const dots = "Touch the “⋯” menu of this window, then “Open in browser”.";
const menus: Record<App, string> = {
  whatsapp: "Touch the compass icon, or the share menu, then “Open in Safari”.",
  messenger: dots,
  instagram: dots,
  facebook: dots,
  google: "Touch the compass or share icon at the bottom, then “Open in Safari”.",
  other: "Look in this window for the “⋯” menu or the share icon, then “Open in browser”.",
};
export const devicesEn: DevicesWords = {
  what: {
    denied: (which) => `Access to ${the[which]} was refused.`,
    blocked: (which) => `Your browser refuses this page access to ${the[which]}.`,
    system: (which) =>
      `Your device refuses this browser access to ${the[which]}. The page cannot change that.`,
    busy: (which) => `Another application has taken ${the[which]}.`,
    missing: (which) =>
      ({
        camera: "No camera was found. Your microphone works.",
        microphone: "No microphone was found.",
        both: "No camera and no microphone were found.",
      })[which],
    dark: "Your camera shows nothing but black.",
    silent: "We hear nothing: your microphone stays silent.",
    insecure: "Camera and microphone are forbidden on a page that is not secure (without https).",
    "no-webrtc": "This browser gives no access to the camera and the microphone.",
  },
  todo: {
    denied: "Touch “Try again”, then answer “Allow” to the question of the browser.",
    blocked: blockedTodo,
    system: systemTodo,
    busy: "Close other applications for calls (video calls, telephone, photos), then try again.",
    missing: "If you have them, plug them in: the page will see them by itself.",
    dark: "Take the cover or your finger off the camera, or make some light. You can also choose another one.",
    silent:
      "Speak louder, check that the microphone of your headset is not muted, or choose another one. As soon as we hear you the page goes on.",
    insecure: "Open the link that you received again: it must begin with https.",
    "no-webrtc": "Open your link in Chrome, Firefox or Safari, up to date.",
  },
  kept: "Nobody can see or hear you yet. Nothing is lost.",
  trying: "We are checking picture and sound. Say a few words.",
  works: "Picture and sound work.",
  again: "Try again",
  onlySound: "Go on with sound only",
  onlyWriting: "Go on in writing",
  noVoice: "Go on without a microphone, in writing",
  anyway: "Go on all the same",
  onlySoundNow: "Sound only: your camera stays off.",
  onlyWritingNow: "In writing: your microphone stays off. You will exchange messages.",
  choose: "Choose the camera, the microphone or the loudspeaker",
  role: { camera: "Camera", microphone: "Microphone", loudspeaker: "Loudspeaker" },
  unnamed: { camera: "Camera", microphone: "Microphone", loudspeaker: "Loudspeaker" },
  usual: "As the device chooses",
  testSound: "Play a test sound",
  playing: "Three notes are played…",
  heard: "Did you hear it?",
  yes: "Yes",
  no: "No",
  heardWell: "Good: the sound reaches you.",
  notHeard:
    "Turn the volume of the device up. Unplug headphones that you do not wear, or turn their Bluetooth off.",
  notHeardChoose: "You can also choose another loudspeaker above, then try again.",
  notHeardSystem: "The loudspeaker is chosen in the settings of your device, not in this browser.",
  flipToBack: "Show what is before you (back camera)",
  flipToFront: "Back to your face (front camera)",
  share: "Share your screen",
  sharing: "You are sharing your screen.",
  stopSharing: "Stop sharing",
  screenTrouble: {
    system:
      "Your device does not let this browser share the screen. Allow it in its settings (Privacy, Screen recording), then try again. The call goes on.",
    busy: "The screen could not be shared. The call goes on; you can try again.",
  },
  line: {
    "microphone-other": "Your microphone was unplugged: another one does its work.",
    "microphone-gone":
      "Your microphone was unplugged: you cannot be heard. Plug it in again, it will come back by itself. The call goes on.",
    "microphone-busy":
      "Another application has taken your microphone: you cannot be heard. Close it, then restore the microphone.",
    "microphone-revoked":
      "The microphone is no longer allowed: you cannot be heard. Allow it again by the icon beside the page's address; the call goes on.",
    "microphone-paused":
      "Microphone cut off by the telephone, perhaps for a call. It will come back by itself afterwards.",
    "microphone-back": "Your microphone is back: you can be heard.",
    "camera-other": "Your camera was unplugged: another one does its work.",
    "camera-gone":
      "Your camera was unplugged. The sound goes on. Plug it in again, the picture will come back by itself.",
    "camera-busy":
      "Another application has taken your camera. The sound goes on. Close it, then restore the camera.",
    "camera-revoked":
      "The camera is no longer allowed. The sound goes on. Allow it again by the icon beside the page's address.",
    "camera-paused":
      "Camera cut off by the device. The sound goes on; the picture will come back by itself afterwards.",
    "camera-back": "Your camera is back: you can be seen.",
  },
  restore: { camera: "Restore the camera", microphone: "Restore the microphone" },
  inApp: {
    names,
    title: (name) => `This page is open inside ${name}`,
    text: "Camera and microphone often work badly there. Open it in your browser instead: you will find your link again, and your place if you have one.",
    open: "Open in the browser",
    menu: menus,
    copy: "Copy the link",
    copied: "The link is copied. Paste it into the address bar of your browser.",
    notCopied: "The link could not be copied. Here it is, to copy by hand:",
    link: "Your link",
  },
};
