/** The French words of the status page. `status.en.ts` has the same; staff read no other language. */
import type { Band, FigureName, PathName, StepName, Why } from "../status-state.ts";

const s = (count: number) => (count > 1 ? "s" : "");

const paths: Readonly<Record<PathName, string>> = {
  direct: "direct",
  udp: "UDP",
  tcp: "TCP",
  tls: "TLS",
};
const steps: Readonly<Record<StepName, string>> = {
  page: "chargement de la page",
  socket: "connexion au serveur",
  queue: "entrée dans la file",
  claim: "appel du patient",
  seal: "scellement",
  ice: "recherche du chemin",
  dtls: "chiffrement de l’image et du son",
  frame: "première image",
  media: "cinq secondes d’image et de son",
  "hang-up": "fin de l’appel",
  "nothing-left": "plus rien ne reste",
};
const whys: Readonly<Record<Why, string>> = {
  refused: "refus",
  timeout: "délai dépassé",
  closed: "connexion coupée",
  unreached: "personne ne répond à cette adresse",
  "relay-full": "relais saturé",
  certificate: "certificat non valable",
  "wrong-picture": "l’image reçue n’est pas celle qui a été envoyée",
  unsealed: "le sceau entre les deux bouts n’a pas tenu",
  "not-empty": "il reste quelque chose dans la file d’essai",
  "no-relay": "le relais n’a pas d’adresse pour ce chemin",
  expired: "le titre de la sonde est terminé",
  internal: "la sonde elle-même a échoué",
  other: "autre cause",
};

export const statusFr = {
  name: "État du service",

  overall: {
    up: "Tous les chemins aboutissent",
    some: (down: number, all: number) =>
      down > 1
        ? `${down} chemins sur ${all} n’aboutissent pas`
        : `1 chemin sur ${all} n’aboutit pas`,
    down: "Aucun chemin n’aboutit",
    unknown: (unknown: number, all: number) =>
      unknown === all
        ? "Rien n’est encore mesuré"
        : `${unknown} chemin${s(unknown)} sur ${all} sans mesure récente`,
    upText: "Chaque minute, une consultation d’essai entière passe par chacun d’eux.",
    someText:
      "Les personnes dont le réseau ne passe que par là peuvent rester sans image ni son. Les autres chemins fonctionnent. Le détail est plus bas\u00a0: prévenez la personne qui exploite le service.",
    restUnknownText:
      "Les autres ne sont pas mesurés en ce moment. Ce qui a été mesuré est gardé plus bas. Prévenez la personne qui exploite le service.",
    downText:
      "Aucune consultation d’essai n’aboutit en ce moment. Ce qui a été mesuré est gardé plus bas. Prévenez tout de suite la personne qui exploite le service.",
    unknownText:
      "La sonde n’a pas rendu de mesure récente. Ce qu’elle a mesuré auparavant est gardé. Si cela dure plus de cinq minutes, prévenez la personne qui exploite le service.",
  },
  measured: (when: string) => `Dernière réponse\u00a0: ${when}.`,
  refreshes: "La page se met à jour toutes les 15 secondes.",
  paused: "La mise à jour est suspendue.",
  pause: "Suspendre",
  resume: "Reprendre la mise à jour",
  since: {
    memory: (when: string) =>
      `Historique depuis ${when}, dans la mémoire de la sonde\u00a0: il recommence quand elle redémarre.`,
    prometheus: (when: string) => `Historique depuis ${when}, gardé par Prometheus.`,
    away: "Prometheus ne répond pas\u00a0: ce qu’il garde n’est pas perdu, mais ne peut pas être montré ici. Prévenez la personne qui exploite le service.",
  },
  trouble: {
    away: (when: string) =>
      `Le serveur d’état ne répond pas. Ce qui est affiché reste là (dernière réponse\u00a0: ${when}). Cela ne dit rien des consultations elles-mêmes. Nous réessayons toutes les 15 secondes\u00a0; si cela dure, prévenez la personne qui exploite le service.`,
    unreadable: (when: string) =>
      `Le serveur d’état a répondu quelque chose que cette page ne sait pas lire. Ce qui est affiché reste là (dernière réponse lue\u00a0: ${when}). Rechargez la page\u00a0; si cela revient, prévenez la personne qui exploite le service.`,
    old: (when: string) =>
      `Ces données ne changent plus (dernière mesure\u00a0: ${when}). Elles restent affichées, mais ne disent plus ce qui se passe maintenant. Nous continuons de demander\u00a0; si cela dure, prévenez la personne qui exploite le service.`,
  },

  unread: (count: number) =>
    count > 1
      ? `${count} lignes de la réponse n’ont pas pu être lues et ne sont pas montrées. Ce qui est montré vaut. Prévenez la personne qui exploite le service.`
      : "Une ligne de la réponse n’a pas pu être lue et n’est pas montrée. Ce qui est montré vaut. Prévenez la personne qui exploite le service.",

  now: "Maintenant",
  nowText:
    "Un chemin est la façon dont l’image et le son passent\u00a0: d’un navigateur à l’autre, ou par le relais, en UDP, en TCP ou en TLS.",
  node: (node: string) => `Nœud ${node}`,
  path: {
    direct: "Direct",
    udp: "Relais en UDP",
    tcp: "Relais en TCP",
    tls: "Relais en TLS",
  } satisfies Record<PathName, string>,
  pathText: {
    direct: "d’un navigateur à l’autre",
    udp: "le cas ordinaire",
    tcp: "réseaux sans UDP",
    tls: "réseaux d’hôpital ou d’entreprise",
  } satisfies Record<PathName, string>,
  state: { up: "Aboutit", down: "N’aboutit pas", unknown: "Inconnu" },
  failed: (step: StepName, why: Why) =>
    `À l’étape «\u00a0${steps[step]}\u00a0»\u00a0: ${whys[why]}.`,
  stateSince: (when: string) => `Depuis ${when}.`,
  uptime: {
    caption: "Part des essais menés qui ont abouti",
    measured:
      "Les pourcentages sont ceux des essais qui ont été menés\u00a0: ce qui n’a pas été mesuré n’y compte pas.",
    now: "Maintenant",
    day: "24 h",
    week: "7 j",
    quarter: "90 j",
    dayLong: "24 dernières heures",
    weekLong: "7 derniers jours",
    quarterLong: "90 derniers jours",
    unknown: "inconnu",
    short: (when: string) =>
      `L’historique est plus court que 90 jours (depuis ${when})\u00a0: les durées plus longues s’arrêtent là.`,
  },
  percent: (value: string) => `${value}\u00a0%`,
  strip: { begins: "il y a 24 h", ends: "maintenant" },
  legend: {
    title: "Lire la frise",
    up: "tout a abouti",
    some: "une partie a abouti",
    down: "rien n’a abouti",
    unknown: "pas de mesure",
  },
  details: "Étapes et durées",
  steps: {
    caption: "Durée de chaque étape du dernier essai",
    step: "Étape",
    now: "Dernière",
    usual: "Habituelle",
    none: "Aucun essai n’a encore été mené jusqu’ici.",
    slow: "plus lent que d’habitude",
    failed: "a échoué",
    unmeasured: "pas mesurée",
  },
  step: steps,
  media: (loss: string, jitter: string) =>
    `Sur cinq secondes\u00a0: ${loss} de paquets perdus, gigue de ${jitter}.`,
  took: "De l’ouverture de la page à la première image, 24 dernières heures",
  tookTable: "Les mêmes durées, en tableau",
  hour: "Heure",
  held: "A abouti",
  duration: "Durée",
  ms: (value: string) => `${value} ms`,
  seconds: (value: string) => `${value} s`,

  incidents: "Incidents",
  noIncident: (when: string) => `Aucun incident depuis ${when}.`,
  going: "En cours",
  over: "Terminé",
  incident: (path: PathName, node: string, when: string, step: StepName, why: Why | null) =>
    `Le chemin ${paths[path]} par le nœud ${node} ${when}, à l’étape «\u00a0${steps[step]}\u00a0»${why === null ? "" : `\u00a0: ${whys[why]}`}.`,
  incidentWhen: {
    going: (from: string) => `n’aboutit pas depuis ${from}`,
    within: (day: string, from: string, until: string) =>
      `n’a pas abouti ${day}de ${from} à ${until}`,
    across: (from: string, until: string) => `n’a pas abouti du ${from} au ${until}`,
  },
  on: (day: string) => `le ${day} `,
  rounds: (count: number) => `${count} essai${s(count)}`,
  more: (count: number) => `Voir ${count} incident${s(count)} de plus`,

  usage: "Fréquentation",
  usageText:
    "Ces chiffres sont brouillés exprès, et publiés une fois l’heure ou le jour terminé\u00a0: une consultation de plus ou de moins n’y change presque rien. Chacun est donc une fourchette, où le vrai chiffre se trouve au moins 95 fois sur 100.",
  usageNone:
    "Aucun chiffre n’est encore publié. Le premier paraît à la fin de l’heure en cours, que quelqu’un ait consulté ou non.",
  usageSince: (when: string) => `On compte depuis ${when}.`,
  between: (low: string, high: string) => `entre ${low} et ${high}`,
  below: (high: string) => `${high} ou moins`,
  partial: "incomplet",
  partialText: "Le service a démarré en cours de route\u00a0: il manque le début.",
  figure: {
    consultations: "Consultations par heure",
    waits: "Attente avant l’appel",
    endings: "Issue",
  } satisfies Record<FigureName, string>,
  latestHour: (day: string, from: string, until: string, range: string) =>
    `${day}De ${from} à ${until}\u00a0: ${range} consultations.`,
  ofDay: (day: string) => `${day}. `,
  latestDay: (day: string) => `Journée du ${day} (heure universelle)`,
  chart: {
    consultations: "Fourchettes du nombre de consultations, heure par heure",
    range: "fourchette",
    below: (high: string) => `${high} ou moins`,
    partial: "heure incomplète",
    value: "chiffre publié",
  },
  noChart: "Le graphique n’a pas pu être chargé. Le tableau ci-dessous dit la même chose.",
  asTable: "Les mêmes chiffres, en tableau",
  when: "Heure",
  day: "Jour",
  count: "Consultations",
  bin: {
    "under-1": "moins de 1 min",
    "1-5": "1 à 5 min",
    "5-15": "5 à 15 min",
    "15-30": "15 à 30 min",
    "over-30": "plus de 30 min",
    direct: "Consultation, chemin direct",
    relayed: "Consultation, par le relais",
    unconnected: "Ni image ni son",
    untold: "Consultation, chemin non dit",
    left: "Le patient a renoncé",
    lost: "Le patient n’est pas revenu",
  } as Readonly<Record<string, string>>,
  relayShare: (low: string, high: string) =>
    `Part du relais\u00a0: entre ${low} et ${high} des consultations dont le chemin est connu, environ 90 fois sur 100.`,
  noRelayShare: "Part du relais\u00a0: trop peu de consultations pour la dire.",
  epsilon: (epsilon: string) =>
    `Garantie\u00a0: confidentialité différentielle, ε = ${epsilon} en tout par consultation, une fois pour toutes.`,
  figureEpsilon: (epsilon: string, threshold: string, uncertainty: string) =>
    `ε = ${epsilon}\u00a0; fourchette de ± ${uncertainty}\u00a0; un chiffre brouillé de moins de ${threshold} n’est pas publié.`,

  doctors: "Médecins de garde",
  band: {
    none: "Aucun",
    few: "De 1 à 4",
    some: "De 5 à 19",
    many: "20 ou plus",
  } satisfies Record<Band, string>,
  bandAt: (clock: string) =>
    `Relevé à ${clock}. Une tranche, jamais un nombre\u00a0; un relevé toutes les dix minutes.`,
  bandNone: "Pas encore relevé.",

  nodes: "Serveurs",
  nodesText: (version: string) => `Cette page\u00a0: version ${version}.`,
  up: "Répond",
  away: "Ne répond pas",
  awayText: "La sonde ne peut pas lire ses mesures. Le reste est inconnu.",
  version: "Version",
  started: "Démarré",
  store: "Mémoire des files",
  storeKind: {
    memory: "dans le serveur",
    redis: "Redis",
    sentinel: "Redis avec relève (Sentinel)",
    cluster: "Redis en grappe",
    other: "autre",
  },
  memoryOnly: "rien sur disque",
  onDisk: "écrit peut-être sur disque\u00a0: à corriger",
  closed: "refusée\u00a0: personne ne peut entrer",
  relay: "Relais",
  relayKind: {
    own: "le nôtre",
    coturn: "coturn",
    elsewhere: "ailleurs",
    none: "aucun",
    other: "autre",
  },
  relayOnly: "obligatoire",
  relayUp: "répond",
  relayDown: "ne répond pas",
  certificate: "Certificat",
  until: (day: string, days: number) =>
    days < 0 ? `terminé le ${day}` : `jusqu’au ${day} (${days} jour${s(days)})`,
  soon: "à renouveler",
  lists: "Listes des syndicats",
  fresh: "à jour",
  stale: "pas à jour\u00a0: des médecins peuvent être refusés",
  unknown: "inconnu",

  opening: "Nous demandons l’état du service…",
  entering: "Nous vérifions votre titre…",
  awayTitle: "Le serveur d’état ne répond pas",
  awayFirst:
    "Rien n’a pu être lu, et cela ne dit rien des consultations elles-mêmes. Nous réessayons toutes les 15 secondes. Si cela dure, prévenez la personne qui exploite le service.",
  unreadableTitle: "La réponse ne peut pas être lue",
  unreadableFirst:
    "Le serveur d’état a répondu quelque chose que cette page ne sait pas lire. Rien n’est perdu. Rechargez la page\u00a0; si cela revient, prévenez la personne qui exploite le service.",
  again: "Réessayer maintenant",
  refusedTitle: "Cette page est réservée à votre syndicat",
  refused: {
    expired:
      "Le titre de cet appareil n’est plus valable\u00a0: sa durée est passée. Vos clés sont gardées. Demandez à votre syndicat de le renouveler, puis réessayez.",
    early:
      "Le titre de cet appareil n’est pas encore valable, ou l’horloge du serveur retarde. Vos clés sont gardées. Réessayez plus tard ; si cela dure, prévenez la personne qui exploite le service.",
    unproven:
      "Le serveur n’a pas pu vérifier cette page\u00a0: la réponse a peut-être trop tardé. Votre titre n’est pas en cause et vos clés sont gardées. Réessayez.",
    revoked:
      "Votre syndicat a retiré cet appareil, ou sa liste n’est pas à jour. Vos clés sont gardées. Contactez la personne qui inscrit les appareils.",
    "other-union":
      "Le titre de cet appareil vient d’un syndicat que ce service ne reconnaît pas, ou n’est pas celui d’un membre du personnel\u00a0: un titre de médecin n’ouvre pas cette page. Vos clés sont gardées. Demandez à votre syndicat un titre du personnel.",
    "no-credential":
      "Aucun titre en cours ne correspond à la clé de cette adresse\u00a0: sa durée est passée, ou ce service ne reconnaît pas le syndicat qui l’a signé. Vos clés sont gardées. Demandez à votre syndicat un titre du personnel.",
    "no-key":
      "La clé de cette adresse n’est pas entière. Rien n’a été envoyé. Ouvrez à nouveau l’adresse que vous avez reçue, en entier.",
    insecure:
      "Cette page n’a pas été ouverte par une adresse sécurisée (https)\u00a0: le navigateur y interdit les clés. Rien n’a été envoyé. Ouvrez-la par son adresse en https.",
    origin:
      "Cette page n’a pas été ouverte par l’adresse que le service attend. Vos clés sont gardées. Demandez la bonne adresse à la personne qui exploite le service, ou de déclarer celle-ci (--origin).",
    busy: "Le serveur d’état a trop de demandes en ce moment. Vos clés sont gardées. Réessayez dans une minute.",
  },
  device: "Mon appareil",
  back: "Retour à l’état du service",
  leave: "Fermer l’accès",
  leftTitle: "L’accès est fermé",
  left: "Le laissez-passer de cette page est détruit, et les clés de votre appareil sont gardées. Pour revenir, entrez à nouveau.",
  enter: "Entrer à nouveau",

  /** What the screens of enrolment say to staff in place of what doctors read. */
  enrolment: {
    what: "Votre syndicat vous donne accès à l’état du service, appareil par appareil. Cette page prépare les clés de celui-ci\u00a0; elles n’en sortent jamais.",
    gesture:
      "Si cet appareil le permet, il vous demande d’abord votre empreinte, votre visage ou son code\u00a0: un appareil volé ne suffit pas.",
    others:
      "Un autre appareil s’inscrit de la même façon, sur cette même page. Appareil perdu ou volé ? Prévenez votre syndicat aussitôt\u00a0: il le révoque.",
    forgetText:
      "Les clés de cet appareil seront détruites. Pour voir à nouveau l’état du service ici, il faudra une nouvelle inscription.",
  },
};

export type StatusWords = typeof statusFr;
