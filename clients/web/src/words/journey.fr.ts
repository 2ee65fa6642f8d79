/** The French words of the patient's screens before and after the call. `journey.en.ts` has the same. */
import { WAIT_PASS_S } from "../agreed.ts";

const minutes = WAIT_PASS_S / 60;

export const journeyFr = {
  about: {
    title: "Quelques mots pour le médecin",
    ownDoctor: "Votre lien mène à votre propre médecin.",
    queue: (title: string) => `Votre lien mène à cette file\u00a0: ${title}.`,
    sealed:
      "Tout est facultatif. Seul le médecin que vous aurez accepté lira ces réponses\u00a0; le service ne les voit pas.",
    place: "Où êtes-vous\u00a0?",
    person: "Pour qui consultez-vous\u00a0?",
    reach: "Être rappelé ou retrouvé (facultatif)",
    reachText:
      "Si la liaison se coupe, le médecin peut vous rappeler\u00a0; en cas de danger, envoyer de l’aide.",
    phone: "Téléphone pour vous rappeler",
    phoneWrong: "Ce numéro ne peut pas être appelé. Corrigez-le, ou effacez-le.",
    whereabouts: "Adresse où vous êtes",
    whereaboutsText: "Rue, étage, code\u00a0: ce qui aide à vous trouver.",
    next: "Continuer",
  },
  territory: {
    title: "Votre commune ou votre code postal",
    why: "Votre localisation vous est demandée pour vous proposer d’abord un médecin de votre territoire. Ce que vous écrivez ne quitte pas cet appareil\u00a0: le service n’apprend que la file.",
    refusing:
      "Si vous ne l’indiquez pas, vous attendez dans la file de votre lien\u00a0; le médecin peut être loin de chez vous, et ne pas pouvoir vous examiner ensuite.",
    coverage:
      "La prise en charge dépend aussi du territoire et de votre médecin traitant\u00a0; l’Assurance maladie en décide, pas cette page.",
    ameli: "Les conditions, sur ameli.fr",
    newTab: "(dans un nouvel onglet)",
    rather: "Je ne souhaite pas l’indiquer",
    kept: (title: string) => `Vous attendrez dans cette file\u00a0: ${title}.`,
    choose: "Plusieurs files correspondent. Choisissez la vôtre\u00a0:",
    notFound: "Aucune file ne correspond. Vérifiez, ou continuez dans la file de votre lien.",
  },
  room: {
    about: "À propos de vous, pour le médecin",
    lost: "Cette page a été rechargée\u00a0: elle n’a rien gardé de ce que vous aviez écrit. Vous pouvez l’indiquer à nouveau\u00a0; rien ne vous y oblige.",
    agreeing: "En enregistrant, vous redites votre accord pour une consultation à distance.",
    save: "Enregistrer",
    saved: "C’est enregistré dans cette page, jusqu’à l’appel.",
    first: "Vous serez le premier appelé dès qu’un médecin sera là.",
    firstOwn: "Vous serez le premier appelé dès que votre médecin sera là.",
    self: "Votre image. Personne ne vous voit encore.",
    selfNone: "Votre micro est prêt, sans image.",
    behind:
      "Votre place a pris fin pendant que cette page était absente. Vous avez repris une place, à la fin de la file.",
    keeps:
      "Vous pouvez passer à une autre application\u00a0: la place est gardée, et cette page vous appelle par un son, une vibration et son titre.",
  },
  there: {
    title: "Êtes-vous toujours là\u00a0?",
    text: "Votre place vous est gardée. Sans réponse, rien ne change.",
    offline: `Le serveur ne répond plus depuis plusieurs minutes. Votre place vous est gardée ${minutes} minutes en tout\u00a0: rapprochez-vous du réseau, cette page revient d’elle-même.`,
    yes: "Oui, j’attends toujours",
    no: "Non, je quitte la file",
  },
  end: {
    adviceTitle: "Ce que le médecin vous conseille",
    advice: {
      "in-person":
        "Faites-vous examiner sur place : prenez rendez-vous au cabinet, ou à la maison médicale de garde.",
      "home-visit":
        "Une visite à domicile est utile. Le médecin vous a dit comment elle se fait ; sinon, appelez votre médecin traitant.",
      pharmacy: "Passez à la pharmacie de votre choix.",
    },
    next: [
      "Une ordonnance ou un arrêt de travail vous parvient par le moyen convenu avec le médecin. Vous choisissez votre pharmacie.",
      "Si quelque chose reste à examiner\u00a0: votre médecin traitant, en cabinet ou en visite à domicile.",
      "Pour un autre médecin, ouvrez à nouveau un lien de consultation.",
      "Si votre état s’aggrave, appelez le 15 ou le 112.",
    ],
    without: [
      "Voyez votre médecin traitant, en cabinet ou en visite à domicile, ou la maison médicale de garde.",
      "Votre pharmacien peut aussi vous conseiller.",
      "Pour un autre médecin, ouvrez à nouveau un lien de consultation.",
      "Si votre état s’aggrave, appelez le 15 ou le 112.",
    ],
    coverageTitle: "Prise en charge",
    coverage:
      "Seule une consultation en vidéo peut être prise en charge, sous conditions\u00a0; un échange par le son seul ne l’est pas en principe. L’Assurance maladie en décide.",
    kept: "Rien n’est gardé\u00a0: ni image, ni son, ni message, ni ce que vous avez écrit.",
    history:
      "L’historique de ce navigateur garde l’adresse du lien\u00a0; une fenêtre privée ne la garde pas.",
    again: "Reprendre une place dans la file",
    againText: "Votre lien est encore là. La nouvelle place est à la fin de la file.",
  },
  refused: {
    again: "Essayer à nouveau",
    helps:
      "Vous pouvez aussi voir votre médecin traitant, la maison médicale de garde ou votre pharmacien.",
  },
};

export type JourneyWords = typeof journeyFr;
