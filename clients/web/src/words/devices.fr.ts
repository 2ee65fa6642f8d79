/** The French words of camera, microphone and loudspeaker. The English ones have the same keys. */
import type { Browser, Kind, System } from "../faults.ts";
import type { App } from "../in-app.ts";
import type { Line } from "../mishaps.ts";
import type { Role } from "../picks.ts";

type Both = Kind | "both";

/** The devices with the articles that a sentence needs. */
const the: Record<Both, string> = {
  camera: "la caméra",
  microphone: "le micro",
  both: "la caméra et le micro",
};
const to: Record<Both, string> = {
  camera: "à la caméra",
  microphone: "au micro",
  both: "à la caméra et au micro",
};

const busy: Record<Both, string> = {
  camera: "La caméra est prise par une autre application.",
  microphone: "Le micro est pris par une autre application.",
  both: "La caméra et le micro sont pris par une autre application.",
};
const missing: Record<Both, string> = {
  camera: "Aucune caméra n’a été trouvée. Votre micro fonctionne.",
  microphone: "Aucun micro n’a été trouvé.",
  both: "Aucune caméra ni aucun micro n’ont été trouvés.",
};

const blockedTodo: Record<Browser, (which: Both) => string> = {
  chrome: (which) =>
    `Cliquez sur l’icône à gauche de l’adresse de la page, autorisez ${the[which]}, puis essayez à nouveau.`,
  "chrome-android": (which) =>
    `Touchez l’icône à gauche de l’adresse, puis « Autorisations », autorisez ${the[which]}, et essayez à nouveau.`,
  safari: (which) =>
    `Dans le menu Safari, ouvrez « Réglages pour ce site web », autorisez ${the[which]}, puis essayez à nouveau.`,
  ios: (which) =>
    `Touchez l’icône à gauche de l’adresse (« aA » ou le menu de la page), puis « Réglages du site web », autorisez ${the[which]}, et essayez à nouveau.`,
  firefox: (which) =>
    `Cliquez sur l’icône barrée à gauche de l’adresse, retirez le blocage pour ${the[which]}, puis essayez à nouveau.`,
  "firefox-android": (which) =>
    `Touchez le cadenas à gauche de l’adresse, autorisez ${the[which]}, puis essayez à nouveau.`,
  other: (which) =>
    `Dans les réglages du navigateur, autorisez ${the[which]} pour cette page, puis essayez à nouveau.`,
};

const systemTodo: Record<System, (which: Both) => string> = {
  macos: (which) =>
    `Ouvrez Réglages Système, « Confidentialité et sécurité », autorisez ${the[which]} pour ce navigateur, puis rouvrez-le. Votre lien reste valable.`,
  windows: (which) =>
    `Ouvrez Paramètres, « Confidentialité et sécurité », autorisez ${the[which]} pour les applications de bureau, puis essayez à nouveau.`,
  android: (which) =>
    `Ouvrez Paramètres, « Applications », votre navigateur, « Autorisations », autorisez ${the[which]}, puis essayez à nouveau. Vérifiez aussi les réglages rapides, en haut de l’écran.`,
  ios: (which) =>
    `Ouvrez Réglages, choisissez votre navigateur, autorisez ${the[which]}, puis essayez à nouveau.`,
  other: (which) =>
    `Dans les réglages de l’appareil, autorisez ${the[which]} pour ce navigateur, puis essayez à nouveau.`,
};

const names: Record<App, string> = {
  whatsapp: "WhatsApp",
  messenger: "Messenger",
  instagram: "Instagram",
  facebook: "Facebook",
  google: "Gmail ou l’application Google",
  other: "une autre application",
};

const dots = "Touchez le menu « ⋯ » de cette fenêtre, puis « Ouvrir dans le navigateur ».";
const menus: Record<App, string> = {
  whatsapp: "Touchez l’icône de boussole, ou le menu de partage, puis « Ouvrir dans Safari ».",
  messenger: dots,
  instagram: dots,
  facebook: dots,
  google: "Touchez l’icône de boussole ou de partage, en bas, puis « Ouvrir dans Safari ».",
  other:
    "Cherchez dans cette fenêtre le menu « ⋯ » ou l’icône de partage, puis « Ouvrir dans le navigateur ».",
};

export const devicesFr = {
  /** What happened. */
  what: {
    denied: (which: Both) => `L’accès ${to[which]} a été refusé.`,
    blocked: (which: Both) => `Votre navigateur refuse à cette page l’accès ${to[which]}.`,
    system: (which: Both) =>
      `Votre appareil refuse à ce navigateur l’accès ${to[which]}. La page n’y peut rien.`,
    busy: (which: Both) => busy[which],
    missing: (which: Both) => missing[which],
    dark: "Votre caméra ne montre qu’une image noire.",
    silent: "Nous n’entendons rien : votre micro reste muet.",
    insecure: "La caméra et le micro sont interdits sur une page non sécurisée (sans https).",
    "no-webrtc": "Ce navigateur ne donne pas accès à la caméra ni au micro.",
  },
  /** What to do. */
  todo: {
    denied:
      "Touchez « Essayer à nouveau », puis répondez « Autoriser » à la question du navigateur.",
    blocked: blockedTodo,
    system: systemTodo,
    busy: "Fermez les autres applications d’appel (visioconférence, téléphone, appareil photo), puis essayez à nouveau.",
    missing: "Si vous en avez, branchez-les : la page les verra d’elle-même.",
    dark: "Retirez le cache ou le doigt de devant la caméra, ou faites un peu de lumière. Vous pouvez aussi en choisir une autre.",
    silent:
      "Parlez plus fort, vérifiez que le micro du casque n’est pas coupé, ou choisissez un autre micro. Dès que nous vous entendons, la page continue.",
    insecure: "Ouvrez à nouveau le lien reçu : il doit commencer par https.",
    "no-webrtc": "Ouvrez votre lien dans Chrome, Firefox ou Safari, à jour.",
  },
  kept: "Personne ne vous voit ni ne vous entend encore. Rien n’est perdu.",
  trying: "Nous vérifions l’image et le son. Dites quelques mots.",
  works: "L’image et le son fonctionnent.",
  again: "Essayer à nouveau",
  onlySound: "Continuer avec le son seul",
  onlyWriting: "Continuer par écrit",
  noVoice: "Continuer sans micro, par écrit",
  anyway: "Continuer quand même",
  onlySoundNow: "Son seul : votre caméra reste éteinte.",
  onlyWritingNow: "Par écrit : votre micro reste éteint. Vous échangerez par messages.",
  choose: "Choisir la caméra, le micro ou le haut-parleur",
  role: {
    camera: "Caméra",
    microphone: "Micro",
    loudspeaker: "Haut-parleur",
  } satisfies Record<Role, string>,
  unnamed: { camera: "Caméra", microphone: "Micro", loudspeaker: "Haut-parleur" },
  usual: "Choix de l’appareil",
  testSound: "Écouter un son d’essai",
  playing: "Trois sons sont joués…",
  heard: "L’avez-vous entendu ?",
  yes: "Oui",
  no: "Non",
  heardWell: "Parfait : le son arrive jusqu’à vous.",
  notHeard:
    "Montez le volume de l’appareil. Débranchez un casque que vous ne portez pas, ou coupez son Bluetooth.",
  notHeardChoose: "Vous pouvez aussi choisir un autre haut-parleur, ci-dessus, puis réessayer.",
  notHeardSystem:
    "Le haut-parleur se choisit dans les réglages de votre appareil, non dans ce navigateur.",
  flipToBack: "Montrer ce qui est devant vous (caméra arrière)",
  flipToFront: "Revenir à votre visage (caméra avant)",
  share: "Partager votre écran",
  sharing: "Vous partagez votre écran.",
  stopSharing: "Arrêter le partage",
  screenTrouble: {
    system:
      "Votre appareil refuse à ce navigateur le partage d’écran. Autorisez-le dans ses réglages (Confidentialité, Enregistrement de l’écran), puis réessayez. L’appel continue.",
    busy: "L’écran n’a pas pu être partagé. L’appel continue ; vous pouvez réessayer.",
  },
  line: {
    "microphone-other": "Votre micro a été débranché : un autre a pris le relais.",
    "microphone-gone":
      "Votre micro a été débranché : on ne vous entend plus. Rebranchez-le, il reviendra de lui-même. L’appel continue.",
    "microphone-busy":
      "Une autre application a pris votre micro : on ne vous entend plus. Fermez-la, puis rétablissez le micro.",
    "microphone-revoked":
      "Le micro n’est plus autorisé : on ne vous entend plus. Autorisez-le à nouveau par l’icône à côté de l’adresse de la page ; l’appel continue.",
    "microphone-paused":
      "Micro coupé par le téléphone, peut-être pour un appel. Il reviendra de lui-même ensuite.",
    "microphone-back": "Votre micro est revenu : on vous entend.",
    "camera-other": "Votre caméra a été débranchée : une autre a pris le relais.",
    "camera-gone":
      "Votre caméra a été débranchée. Le son continue. Rebranchez-la, l’image reviendra d’elle-même.",
    "camera-busy":
      "Une autre application a pris votre caméra. Le son continue. Fermez-la, puis rétablissez la caméra.",
    "camera-revoked":
      "La caméra n’est plus autorisée. Le son continue. Autorisez-la à nouveau par l’icône à côté de l’adresse de la page.",
    "camera-paused":
      "Caméra coupée par l’appareil. Le son continue ; l’image reviendra d’elle-même ensuite.",
    "camera-back": "Votre caméra est revenue : on vous voit.",
  } satisfies Record<Line, string>,
  restore: { camera: "Rétablir la caméra", microphone: "Rétablir le micro" },
  inApp: {
    names,
    title: (name: string) => `Cette page est ouverte dans ${name}`,
    text: "La caméra et le micro y marchent souvent mal. Ouvrez-la plutôt dans votre navigateur : vous y retrouvez votre lien, et votre place si vous en avez une.",
    open: "Ouvrir dans le navigateur",
    menu: menus,
    copy: "Copier le lien",
    copied: "Le lien est copié. Collez-le dans la barre d’adresse de votre navigateur.",
    notCopied: "Le lien n’a pas pu être copié. Le voici, à copier à la main :",
    link: "Votre lien",
  },
};

export type DevicesWords = typeof devicesFr;
