/** The English words around a call's picture and sound. */
import type { CallWords } from "./call.fr.ts";

export const callEn: CallWords = {
  quality: {
    title: "Quality of the link",
    words: { good: "Good", fair: "Fair", poor: "Weak" },
    grades: {
      good: "Good",
      fair: "Fair: the picture may freeze",
      poor: "Weak: the voice comes first",
    },
    received: "What you receive",
    sent: "What you send",
    sides: {
      ours: "The link is weak, probably on your side. Move nearer to the Wi-Fi, or use mobile data.",
      theirs:
        "The link is weak, probably on the other person’s side. You can ask them to move nearer to the Wi-Fi or to use mobile data.",
      both: "The link is weak both ways. Move nearer to the Wi-Fi, or use mobile data; the other person can do the same.",
      device: "Your device can hardly keep up. Close other applications, or plug it in.",
    },
    good: "Picture and sound come through well.",
    kept: "This page measures it by itself and tells nobody.",
    numbers: "The numbers",
    loss: "Lost packets",
    jitter: "Unevenness",
    rtt: "There and back",
    picture: "Picture",
    rate: "Rate",
    available: "Possible rate",
    concealed: "Voice made up",
    frozen: "Picture frozen",
    limited: { title: "Picture made smaller by", bandwidth: "the network", cpu: "the device" },
    decimal: ".",
  },
  far: {
    both: "The other person has turned off their camera and microphone.",
    cam: "The other person has turned off their camera.",
    mic: "The other person has turned off their microphone.",
    camShort: "Camera off",
    micShort: "Microphone off",
    veiled: "The doctor does not see your picture clearly yet.",
  },
  voice: {
    off: "The network is too weak: your picture pauses to keep the voice. It will come back by itself.",
    label: "Audio exchange, as a rule not reimbursed",
    propose: "Go on without picture",
    proposeText: "Audio exchange, as a rule not reimbursed. Both have to agree.",
    asking: "You propose to go on without picture. We are waiting for the other person to agree.",
    withdraw: "Cancel",
    askedTitle: "Go on without picture?",
    askedText:
      "The other person proposes to go on with sound only. You can go back to video at any time.",
    agree: "Go on without picture",
    refuse: "Keep the picture",
    back: "Back to video",
    refused: "The other person prefers to keep the picture.",
    withdrawn: "The other person no longer proposes to go on without picture.",
    leftDark: "Sound only is over. Your camera has stayed off.",
    light: "Turn my camera on",
  },
  veil: {
    title: "Picture blurred",
    text: "The sound is on.",
    lift: "Show the picture",
    lower: "Blur the picture",
    key: "By keyboard: Ctrl + I.",
  },
  tools: {
    float: "Keep the picture above other windows",
    full: "Full screen",
    small: "Leave full screen",
    move: "Move your picture to the other side",
  },
  talkMissing:
    "Written messages could not be loaded. We are trying again; if this lasts, reload the page: the consultation goes on.",
};
