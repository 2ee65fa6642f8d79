/** The French words of both pages, the default. The others have the same keys, or `tsc` fails. */

import type { Banner } from "../banner.ts";
import { FAULTS_TO_TAIL, WAIT_PASS_S } from "../agreed.ts";
import type { Topics } from "../languages.ts";

const minutes = WAIT_PASS_S / 60;
const s = (count: number) => (count > 1 ? "s" : "");

// Each part of the pages brings its own French.
const topics: Readonly<Partial<Topics>> = {};

export const fr = {
  lang: "fr",
  topics,
  language: "Langue",
  languageMissing: (name: string) =>
    `La langue « ${name} » n’a pas pu être chargée, faute de réseau. La page continue en français, rien n’est perdu. Réessayez dans un instant, ou rechargez la page.`,
  name: "Téléconsultation",
  doctorName: "Téléconsultation – médecins",

  emergency: "Urgence vitale ?",
  emergencyText: "N’attendez pas ici.",
  europe: "Europe",
  call15: "15 SAMU : appeler",
  call112: "112 Europe : appeler",
  call114: "114 SMS : écrire (personnes sourdes ou malentendantes)",
  sms114: "114 SMS",
  orCall: "Urgence ?",

  unable: {
    title: "Cette page ne peut pas continuer",
    browser:
      "Ce navigateur est trop ancien pour une consultation protégée. Mettez-le à jour, ou ouvrez le lien dans un autre navigateur (Firefox, Chrome, Edge ou Safari récents).",
    insecure:
      "Cette page n’a pas été ouverte par une adresse sécurisée (https). La caméra et le micro y sont interdits. Demandez un lien qui commence par https.",
    "no-webrtc":
      "Ce navigateur ne permet pas les appels vidéo. Ouvrez le lien dans Firefox, Chrome, Edge ou Safari.",
    "no-link":
      "Il manque le lien de consultation. Ouvrez à nouveau le lien que vous avez reçu, en entier.",
    "no-doctor-link":
      "Cette page s’ouvre avec votre lien de médecin. Il manque, ou il est incomplet : ouvrez-le à nouveau, en entier.",
  },

  welcome: {
    title: "Consulter un médecin, en vidéo",
    what: "Cette page vous met en relation avec un médecin de garde. Vous attendez ici, un médecin vous appelle, vous parlez ensemble.",
    facts: [
      "Ni compte, ni nom demandé, ni rien à installer.",
      "L’image et le son vont de votre appareil à celui du médecin. Rien n’est enregistré.",
      "Une fois l’appel fini, cette page n’en garde rien.",
    ],
    trust: "Ce que voit le serveur",
    trustText:
      "Pendant que vous êtes connecté : votre adresse réseau, la file choisie et l’heure. Les messages qui établissent l’appel sont scellés d’un appareil à l’autre : la personne qui exploite le serveur ne peut ni les lire ni les changer sans que cela se voie. L’image et le son sont chiffrés de même. Restent à croire : le programme de cette page, et qui le sert. Sur votre appareil, l’historique de ce navigateur garde l’adresse du lien ; une fenêtre privée ne la garde pas.",
    consent:
      "En continuant, vous acceptez une consultation à distance. Vous pouvez arrêter à tout moment.",
    start: "J’accepte et je continue",
  },

  devices: {
    title: "Vérifiez votre image et votre voix",
    asking: "Votre navigateur demande l’accès à la caméra et au micro. Répondez « Autoriser ».",
    preview: "Votre image",
    level: "Niveau du micro",
    speak: "Dites quelques mots : la barre doit bouger.",
    doctorReady: "Continuer",
  },

  entering: "Connexion en cours…",

  waiting: {
    title: "Vous êtes dans la salle d’attente",
    place: "Votre place dans la file",
    next: "Vous êtes le prochain.",
    before: (count: number) => `${count} personne${s(count)} avant vous.`,
    doctors: (count: number) => `${count} médecin${s(count)} de garde`,
    nobody: "Aucun médecin disponible pour l’instant",
    nobodyText:
      "Vous pouvez attendre ici : vous serez appelé dès qu’un médecin sera là. Ou voyez votre médecin traitant, la maison médicale de garde ou votre pharmacien. Si votre état vous inquiète, appelez le 15.",
    keep: `Si votre téléphone se met en veille, votre place vous est gardée pendant ${minutes} minutes. Revenez sur cette page de temps en temps.`,
    unlit:
      "Ce navigateur ne garde pas l’écran allumé de lui-même : touchez l’écran de temps en temps, ou réglez la mise en veille plus tard.",
    giveUp: "Quitter la file d’attente",
  },

  proposed: {
    title: "Un médecin vous appelle",
    vouched: (union: string) => `Vérifié par ${union}`,
    accept: "Accepter",
    decline: "Demander un autre médecin",
    declineText: `Ce médecin ne vous rappellera pas. Vous gardez votre place, et un autre pourra vous appeler après une courte pause. Après ${FAULTS_TO_TAIL} appels refusés ou manqués, vous passez à la fin de la file.`,
    remaining: (time: string) => `Il vous reste ${time} pour répondre.`,
    badge: "Un médecin vous appelle !",
    doctor: "Médecin",
  },

  proof: {
    code: "code",
    how: "Voulez-vous en être sûr ?",
    locked: "Liaison vérifiée",
    open: "Vérification de la liaison…",
    openText:
      "Ni image ni son ne passent avant que les deux appareils se soient reconnus l’un l’autre.",
    patientText: (digits: string) =>
      `Lisez ce code à voix haute : ${digits}. Le médecin doit voir le même. S’il en voit un autre, raccrochez : quelqu’un s’est mis entre vous.`,
    doctorText: (digits: string) =>
      `Lisez ce code à voix haute : ${digits}. Le patient doit voir le même. S’il en voit un autre, raccrochez : quelqu’un s’est mis entre vous.`,
  },

  unloaded: "Une partie de cette page n’a pas pu être chargée : le réseau manque. Nous réessayons.",
  fastClock: "L’horloge de cet appareil avance : réglez-la à l’heure, puis rechargez la page.",

  doubts: {
    form: "L’appel n’a pas abouti : un message a été changé en chemin, ou ne venait pas du médecin. Vous gardez votre place.",
    sealed:
      "L’appel n’a pas abouti : un message a été changé en chemin, ou ne venait pas du médecin. Vous gardez votre place.",
    signature:
      "L’appel n’a pas abouti : un message a été changé en chemin, ou ne venait pas du médecin. Vous gardez votre place.",
    token:
      "L’appel n’a pas abouti : un message a été changé en chemin, ou ne venait pas du médecin. Vous gardez votre place.",
    identity:
      "L’appel n’a pas abouti : aucun syndicat reconnu par cette page ne se porte garant de ce médecin aujourd’hui. Vous gardez votre place.",
    revoked:
      "L’appel n’a pas abouti : son syndicat ne se porte plus garant de ce médecin, ou n’a pas pu le confirmer. Vous gardez votre place.",
    handle:
      "Un autre médecin que celui de votre lien a tenté de répondre. Il n’a rien vu de vous. Vous gardez votre place.",
    commitment:
      "L’appel n’a pas abouti : un message a été changé en chemin, ou ne venait pas du médecin. Vous gardez votre place.",
    confirmation:
      "L’appel n’a pas abouti : un message a été changé en chemin, ou ne venait pas du médecin. Vous gardez votre place.",
    record:
      "L’appel n’a pas abouti : un message a été changé en chemin, ou ne venait pas du médecin. Vous gardez votre place.",
    resume:
      "L’appel n’a pas abouti : un message a été changé en chemin, ou ne venait pas du médecin. Vous gardez votre place.",
    certificate:
      "L’appel n’a pas abouti : un message a été changé en chemin, ou ne venait pas du médecin. Vous gardez votre place.",
    twice:
      "L’appel n’a pas abouti : un message a été changé en chemin, ou ne venait pas du médecin. Vous gardez votre place.",
    description:
      "L’appel n’a pas abouti : un message a été changé en chemin, ou ne venait pas du médecin. Vous gardez votre place.",
    passkey:
      "L’appel n’a pas abouti : ce médecin n’a pas confirmé sa présence sur son appareil aujourd’hui. Vous gardez votre place.",
    card: "La consultation n’a pas été passée à ce confrère : sa carte n’est pas la sienne, ou plus. Votre médecin reste avec vous.",
    roster:
      "Une personne n’a pas pu entrer : tous les présents ne voyaient pas les mêmes personnes. Ni image ni son ne lui sont parvenus.",
    network: "L’appel n’a pas abouti, faute de réseau. Vous gardez votre place.",
  },

  session: {
    more: "Plus",
    askedTitle: "Reprendre la consultation ?",
    askedText:
      "Cette page ne sait plus avec quel médecin vous étiez, ou la liaison a été refaite plusieurs fois. Ni image ni son ne partent avant votre accord.",
    title: "Consultation",
    accepting: "Nous prévenons le médecin…",
    connecting: "Mise en relation…",
    live: "En communication",
    interrupted: "La liaison est coupée. Nous la rétablissons…",
    far: "Image du médecin",
    farPatient: "Image du patient",
    self: "Votre image",
    mute: "Couper le micro",
    unmute: "Rétablir le micro",
    dark: "Couper la caméra",
    light: "Rétablir la caméra",
    hangUp: "Raccrocher",
    sound: "Touchez ici pour entendre",
  },

  banner: {
    retry: "Réessayer",
    of: (banner: Banner, far: "doctor" | "patient") => {
      const who = far === "doctor" ? "Le médecin" : "Le patient";
      switch (banner) {
        case "alone":
          return "Le serveur ne retrouve plus cette consultation. L’appel continue sans lui : s’il se coupe, il faudra recommencer.";
        case "network":
          return "Votre connexion est coupée. Nous la rétablissons ; votre place dans l’appel vous est gardée.";
        case "far":
          return `${who} a perdu la connexion. Sa place lui est gardée : l’appel reprendra de lui-même dès son retour.`;
        case "path":
          return "La liaison est coupée. Nous la rétablissons…";
        case "spent":
          return "La liaison n’a pas pu être rétablie. Changez de réseau si vous le pouvez, puis réessayez.";
        case "server":
          return "Le serveur est injoignable pour l’instant. L’appel continue sans lui.";
        case "sound":
          return far === "doctor"
            ? "L’image du médecin n’arrive plus. Le son continue."
            : "L’image du patient n’arrive plus. Le son continue.";
        case "back":
          return "La liaison est rétablie.";
      }
    },
  },

  leaving: {
    title: "Vous partez",
    telling: "Nous prévenons le serveur…",
    offline: `La connexion est coupée : nous prévenons le serveur dès qu’elle revient. Vous pouvez aussi fermer cette page ; votre place s’efface alors d’elle-même au bout de ${minutes} minutes.`,
  },

  ended: {
    title: "La consultation est terminée",
    left: "Vous avez raccroché.",
    "far-left": "Le médecin a raccroché.",
    lost: "La liaison avec le médecin a été perdue.",
    expired: "Votre place a expiré, faute de nouvelles de cette page.",
    excluded: "Le médecin a mis fin à la consultation.",
    "gave-up": "Vous avez quitté la file d’attente.",
    unsafeTitle: "L’appel a été coupé par précaution",
    unsafe:
      "Cette page n’a pas pu vérifier que la liaison menait bien au médecin. Ce n’est pas une panne de réseau : un message ou la liaison ont été changés. Ouvrez à nouveau votre lien, de préférence depuis un autre réseau, ou joignez votre médecin autrement.",
    gaveUpTitle: "Vous êtes sorti de la file",
    nextTitle: "Et maintenant",
    nothing:
      "Cette page n’a gardé ni image, ni son, ni message. Vous pouvez la fermer. L’historique de ce navigateur garde l’adresse du lien ; une fenêtre privée ne la garde pas.",
    back: "Revenir dans la salle d’attente",
  },

  refused: {
    title: "Ce lien ne permet pas d’entrer",
    help: "Demandez un nouveau lien à la personne qui vous l’a envoyé.",
    codes: {
      malformed: "Le serveur n’a pas compris cette page. Rechargez-la.",
      "out-of-turn": "Ce n’était pas le moment. Réessayez.",
      unproven: "Le serveur n’a pas pu vérifier cette page. Nous réessayons.",
      "not-admitted": "Ce lien n’est pas valable ici.",
      ended: "Ce lien a déjà servi : la consultation est terminée.",
      expired: "Ce lien a expiré.",
      early: "Ce lien n’est pas encore ouvert. Revenez à l’heure indiquée.",
      revoked:
        "Votre syndicat ne se porte pas garant de cet appareil pour l’instant. Contactez-le.",
      spent: "Ce lien a déjà servi. Demandez-en un nouveau.",
      full: "La salle d’attente est pleine. Nous réessayons dans un instant.",
      "off-duty": "Vous n’êtes pas de garde.",
      "no-patient": "Aucun patient ne peut être appelé pour l’instant.",
      "no-call": "Cet appel n’est plus d’actualité.",
      "no-session": "Cette consultation est terminée.",
      away: "L’autre personne a perdu le réseau un instant.",
      rebuilding:
        "Les patients reviennent après une coupure, chacun à sa place. Encore un instant.",
      unavailable: "La salle d’attente ne répond pas. Nous réessayons dans un instant.",
      "too-fast": "Trop de demandes à la fois. Nous réessayons dans un instant.",
      internal: "Le serveur a un problème. Nous réessayons.",
    },
  },

  outcomes: {
    declined: "Un autre médecin pourra vous appeler, après une courte pause.",
    late: "L’appel est resté sans réponse. Vous êtes toujours dans la file.",
    lost: "Le médecin a perdu le réseau. Vous gardez votre place.",
    withdrawn: "Le médecin a annulé son appel. Vous gardez votre place.",
    left: "L’appel a pris fin. Vous êtes toujours dans la file.",
    excluded: "L’appel a pris fin.",
    requeued: "Vous êtes de nouveau dans la file, à votre place.",
    expired: "L’appel a expiré. Vous êtes toujours dans la file.",
    drained: "",
    replaced: "",
    closing: "",
  },

  replaced: {
    title: "Ouvert ailleurs",
    text: "Cette consultation a été ouverte dans une autre fenêtre ou sur un autre appareil. Elle continue là-bas.",
    take: "La reprendre ici",
  },

  relay: {
    checking: "Nous vérifions que l’image et le son passent sur ce réseau…",
    works: "Réseau vérifié : l’image et le son passent.",
    slow: "Réseau restreint : l’image peut être moins fluide.",
    title: "L’image et le son risquent de ne pas passer",
    text: "Depuis ce réseau, nous ne joignons pas la machine qui les transmet, chiffrés.",
    kept: "Vous gardez votre place.",
    keptDoctor: "Votre garde n’en est pas changée, mais un appel risque de ne pas aboutir.",
    todo: "Un réseau d’hôpital ou d’entreprise les bloque peut-être : quittez son Wi-Fi, ou passez par les données mobiles. Nous revérifions chaque minute.",
    again: "Vérifier à nouveau",
    running: "Vérification…",
  },

  offline: `Connexion perdue. Nous la rétablissons ; votre place vous est gardée pendant ${minutes} minutes.`,
  offlineDoctor: "Connexion perdue. Nous la rétablissons.",
};

export type Words = typeof fr;
