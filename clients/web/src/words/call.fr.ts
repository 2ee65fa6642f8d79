/** The French words around a call's picture and sound. The other languages have the same keys. */

export const callFr = {
  quality: {
    title: "Qualité de la liaison",
    words: { good: "Bonne", fair: "Moyenne", poor: "Faible" },
    grades: {
      good: "Bonne",
      fair: "Moyenne : l’image peut se figer",
      poor: "Faible : la voix d’abord",
    },
    received: "Ce que vous recevez",
    sent: "Ce que vous envoyez",
    sides: {
      ours: "La liaison est faible, probablement de votre côté. Rapprochez-vous du Wi-Fi, ou passez aux données mobiles.",
      theirs:
        "La liaison est faible, probablement du côté de l’autre personne. Vous pouvez lui demander de se rapprocher du Wi-Fi ou de passer aux données mobiles.",
      both: "La liaison est faible dans les deux sens. Rapprochez-vous du Wi-Fi, ou passez aux données mobiles ; l’autre personne peut faire de même.",
      device: "Votre appareil peine à suivre. Fermez les autres applications, ou branchez-le.",
    },
    good: "L’image et le son passent bien.",
    kept: "Cette page le mesure elle-même et ne le dit à personne.",
    numbers: "Les chiffres",
    loss: "Paquets perdus",
    jitter: "Irrégularité",
    rtt: "Aller-retour",
    picture: "Image",
    rate: "Débit",
    available: "Débit possible",
    concealed: "Voix reconstituée",
    frozen: "Image figée",
    limited: { title: "Image réduite par", bandwidth: "le réseau", cpu: "l’appareil" },
    decimal: ",",
  },
  far: {
    both: "L’autre personne a coupé sa caméra et son micro.",
    cam: "L’autre personne a coupé sa caméra.",
    mic: "L’autre personne a coupé son micro.",
    camShort: "Caméra coupée",
    micShort: "Micro coupé",
    veiled: "Le médecin ne voit pas encore votre image nettement.",
  },
  voice: {
    off: "Le réseau est trop faible : votre image s’arrête pour garder la voix. Elle reviendra d’elle-même.",
    label: "Échange audio, non remboursable en principe",
    propose: "Continuer sans image",
    proposeText: "Échange audio, non remboursable en principe. Il faut l’accord des deux.",
    asking: "Vous proposez de continuer sans image. Nous attendons l’accord de l’autre personne.",
    withdraw: "Annuler",
    askedTitle: "Continuer sans image ?",
    askedText:
      "L’autre personne vous propose de continuer avec le son seul. Vous pourrez revenir à la vidéo à tout moment.",
    agree: "Continuer sans image",
    refuse: "Garder l’image",
    back: "Revenir à la vidéo",
    refused: "L’autre personne préfère garder l’image.",
    withdrawn: "L’autre personne ne propose plus de continuer sans image.",
    leftDark: "L’échange sans image est terminé. Votre caméra est restée coupée.",
    light: "Rétablir ma caméra",
  },
  veil: {
    title: "Image floutée",
    text: "Le son n’est pas coupé.",
    lift: "Montrer l’image",
    lower: "Flouter l’image",
    key: "Au clavier : Ctrl + I.",
  },
  tools: {
    float: "Garder l’image au-dessus des autres fenêtres",
    full: "Plein écran",
    small: "Quitter le plein écran",
    move: "Déplacer votre image de l’autre côté",
  },
  talkMissing:
    "Les messages écrits n’ont pas pu être chargés. Nous réessayons ; si cela dure, rechargez la page : la consultation reprend.",
};

export type CallWords = typeof callFr;
