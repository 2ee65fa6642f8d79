/** The French words of enrolling a device and of making links. `enrolment.en.ts` has the same. */

const s = (count: number) => (count > 1 ? "s" : "");

export const enrolmentFr = {
  opening: "Un instant…",
  copy: "Copier",
  copied: "Copié.",
  notCopied: "Ce navigateur ne copie pas : sélectionnez le texte vous-même.",
  share: "Partager",
  print: "Imprimer",
  qr: "Code à scanner",

  notADoctor: {
    title: "Cet appareil n’est pas inscrit pour consulter",
    text: (name: string) =>
      `L’inscription « ${name} » ouvre la page d’état du service, et pas celle des médecins.`,
    next: "Rien n’a été changé. Ouvrez la page d’état ; pour consulter, inscrivez un autre appareil ou un autre navigateur.",
    device: "Voir l’inscription de cet appareil",
  },

  enrolment: {
    noneTitle: "Inscrire cet appareil",
    what: "Votre syndicat se porte garant de vous auprès des patients, appareil par appareil. Cette page prépare les clés de celui-ci ; elles n’en sortent jamais.",
    nothing: "Aucun nom n’est demandé ici : votre syndicat sait qui vous êtes.",
    gesture:
      "Si cet appareil le permet, il vous demande d’abord votre empreinte, votre visage ou son code, puis à nouveau chaque jour de garde : un appareil volé ne suffit pas.",
    make: "Préparer cet appareil",
    making: "Préparation des clés…",

    askedTitle: "Faites signer cet appareil",
    stepsTitle: "Ce qu’il faut faire",
    steps: [
      "Transmettez cette demande à votre syndicat : faites scanner le code, ou envoyez le texte.",
      "Lisez-lui le nom de l’appareil, de vive voix. Il compare, et signe.",
      "Revenez ici : la page trouve la réponse d’elle-même.",
    ],
    device: "Nom de cet appareil\u00a0:",
    deviceText: "À lire à voix haute, majuscules et minuscules comprises.",
    request: "Texte de la demande",
    requestText: "Elle ne contient ni nom ni secret.",
    look: "Chercher la réponse",
    looks: {
      none: "",
      looking: "Nous cherchons la réponse de votre syndicat…",
      "not-yet":
        "Votre syndicat n’a pas encore répondu. Nous regardons chaque minute tant que cette page est affichée.",
      offline:
        "Le réseau ne nous laisse pas regarder pour l’instant. Rien n’est perdu : nous réessayons.",
      earlier:
        "Votre syndicat a répondu à une demande plus ancienne de cet appareil. Transmettez-lui celle-ci.",
      refused:
        "Une réponse est là, mais elle ne vaut pas pour cet appareil, ou vient d’un syndicat que ce service ne reconnaît pas. Contactez votre syndicat.",
    },

    enrolledTitle: "Cet appareil est inscrit",
    newTitle: "C’est fait : cet appareil est inscrit",
    vouched: (union: string) => `Vérifié par ${union}`,
    until: (day: string) => `Jusqu’au ${day}.`,
    go: "Continuer",
    others:
      "Un autre appareil s’inscrit de la même façon, sur cette même page. Appareil perdu ou volé ? Prévenez votre syndicat aussitôt : il le révoque.",

    renewTitle: "Le mois se termine : renouvelez",
    renewText: (day: string) =>
      `L’inscription va jusqu’au ${day}. Transmettez cette nouvelle demande à votre syndicat ; d’ici là, tout continue comme avant.`,

    endedTitle: "L’inscription de cet appareil est terminée",
    endedText:
      "Les clés de ses jours sont passées. Faites une nouvelle demande : le nom de l’appareil et vos liens restent les mêmes.",
    endedMake: "Faire une nouvelle demande",

    failedTitle: "L’inscription ne peut pas continuer",
    failed: {
      browser:
        "Ce navigateur est trop ancien pour garder de telles clés. Mettez-le à jour, ou prenez Firefox, Chrome ou Edge récents.",
      storage:
        "Ce navigateur ne garde rien ici : fenêtre privée, ou mémoire pleine. Ouvrez cette page dans une fenêtre ordinaire.",
      refused:
        "Ce que votre syndicat avait signé pour cet appareil ne vaut plus ici. Contactez-le ; il faudra peut-être oublier cet appareil et l’inscrire à nouveau.",
      offline:
        "Le réseau ne nous laisse pas lire les fichiers du service. Vos clés sont intactes. Réessayez dans un instant.",
    },
    again: "Réessayer",

    forget: "Oublier cet appareil",
    forgetTitle: "Tout effacer ?",
    forgetText:
      "Les clés de cet appareil seront détruites, et vos liens déjà donnés ne mèneront plus à vous. Pour exercer à nouveau ici, il faudra une nouvelle inscription.",
    forgetYes: "Oui, tout effacer",
    forgetNo: "Non, les garder",
  },

  /** Why there is no gesture; the codes are those of `NoPasskey`. */
  passkey: {
    unavailable:
      "Cet appareil ne trouve pas la clé que votre empreinte, votre visage ou son code doit ouvrir. Essayez sur l’appareil que vous avez inscrit.",
    dismissed:
      "Sans votre geste (empreinte, visage ou code), les patients ne peuvent pas être sûrs que c’est vous. Essayez à nouveau.",
    unfit:
      "Cet appareil garde une clé que les pages des patients ne sauraient pas vérifier. Oubliez cet appareil et inscrivez-le à nouveau.",
    gone: "La clé que votre syndicat a vue n’est plus sur cet appareil. Oubliez cet appareil et inscrivez-le à nouveau.",
  },

  /** Back at an address that a session left behind: the gesture comes first. */
  comeBack: {
    title: "Une consultation est peut-être en cours",
    text: "Votre geste (empreinte, visage ou code) vous y ramène. Le patient garde sa place, et rien d’autre n’est à refaire.",
    go: "Reprendre la consultation",
  },

  links: {
    title: "Donner un lien à un patient",
    what: "Ce lien mène à vous, et à vous seul. Il porte son propre secret : cette page n’en garde aucune copie. Donnez-le au patient, et à personne d’autre.",
    begins: "Ouvert à partir de",
    beginsNow: "maintenant",
    beginsLater: "plus tard",
    day: "Jour et heure",
    lasts: "Pendant",
    hours: (count: number) => `${count} heure${s(count)}`,
    uses: "Pour",
    consultations: (count: number) =>
      count === 1 ? "une seule consultation" : `${count} consultations`,
    make: "Faire le lien",
    again: "Faire un autre lien",
    madeTitle: "Votre lien est prêt",
    address: "Adresse du lien",
    validity: (from: string, to: string, uses: string) =>
      `Ouvert du ${from} au ${to}, pour ${uses}.`,
    emergencySms: (validity: string, url: string) =>
      `Votre consultation en vidéo : ouvrez ce lien sur votre téléphone. ${validity} Lien : ${url} Urgence vitale : appelez le 15 ou le 112, ou écrivez au 114.`,
    sms: "Message prêt à envoyer",
    smsText:
      "Il porte le lien, sa durée et les numéros d’appel. Rien de médical : un SMS n’est pas chiffré.",
    smsOpen: "Écrire un SMS",
    life: (hours: string, uses: string) =>
      `Vaut ${hours}, pour ${uses}. Ensuite, il ne mène plus nulle part.`,
    notShared:
      "Le partage n’a pas abouti. Le lien est toujours ici : copiez-le, ou essayez à nouveau.",
    gone: "Quittez cette page, et le lien n’est plus nulle part ici.",
    noHandle:
      "Votre syndicat ne vous a pas donné de liens personnels. Demandez-lui de les ajouter à l’inscription de cet appareil.",
    past: "Ce moment est déjà passé. Choisissez-en un autre.",
    tooLate: (day: string) =>
      `L’inscription de cet appareil va jusqu’au ${day}. Choisissez un moment avant.`,
    impossible: "Ce lien n’a pas pu être fait. Rechargez la page.",
    sheetTitle: "Votre consultation en vidéo",
    sheetText: "Scannez ce code avec votre téléphone, ou recopiez l’adresse dans un navigateur.",
    sheetEmergency: "Urgence vitale : appelez le 15 ou le 112, ou écrivez au 114.",
  },
};

export type EnrolmentWords = typeof enrolmentFr;
