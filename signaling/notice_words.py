"""Short sentences of the pages around the service: what a setting or a missing fact makes of them.

Pure: values. The long ones are in `texts/`.
"""

from collections.abc import Mapping
from string import Template

WORDS: Mapping[str, Mapping[str, str]] = {
    "fr": {
        "name": "Téléconsultation",
        "other": "English",
        "emergency": "En cas d’urgence, appelez le",
        "or": "ou le",
        "sms": "par SMS le",
        "notices": "Informations",
        "confidentialite": "Confidentialité",
        "mentions-legales": "Mentions légales",
        "comment-ca-marche": "Comment ça marche",
        "accessibilite": "Accessibilité",
        "partial": "partiellement conforme",
        "none": "non conforme",
        "missing": "à compléter par l’organisation",
        "second": "seconde",
        "minute": "minute",
        "hour": "heure",
        "day": "jour",
        "nobody": "aucun",
        "band": "de {} à {}",
        "last-band": "{} et plus",
        "write": "Écrire à l’équipe",
        "nothing-checked": "Rien n’a encore été vérifié.",
        "no-gap": "Aucun défaut n’est connu ; cela ne veut pas dire qu’il n’y en a pas.",
    },
    "en": {
        "name": "Teleconsultation",
        "other": "Français",
        "emergency": "In an emergency call",
        "or": "or",
        "sms": "or by text message",
        "notices": "About this service",
        "confidentialite": "Privacy",
        "mentions-legales": "Legal notices",
        "comment-ca-marche": "How it works",
        "accessibilite": "Accessibility",
        "partial": "partially compliant",
        "none": "not compliant",
        "missing": "to be completed by the organisation",
        "second": "second",
        "minute": "minute",
        "hour": "hour",
        "day": "day",
        "nobody": "none",
        "band": "{} to {}",
        "last-band": "{} or more",
        "write": "Write to the team",
        "nothing-checked": "Nothing has been checked yet.",
        "no-gap": "No fault is known, which does not mean that there is none.",
    },
}

RELAY: Mapping[str, Mapping[bool, str]] = {
    "fr": {
        True: "Le médecin et vous ne voyez pas l’adresse internet l’un de l’autre : l’image et le "
        "son passent par un relais, qui les transmet chiffrés et ne peut pas les ouvrir.",
        False: "L’image et le son peuvent aller tout droit d’un appareil à l’autre. Le médecin "
        "et vous pouvez alors voir l’adresse internet l’un de l’autre.",
    },
    "en": {
        True: "The doctor and you do not see each other’s internet address: picture and sound "
        "pass through a relay, which carries them encrypted and cannot open them.",
        False: "Picture and sound may go straight from one device to the other. The doctor and "
        "you may then see each other’s internet address.",
    },
}
"""Whether both ends meet at the relay alone."""

STORE: Mapping[str, Mapping[bool, str]] = {
    "fr": {
        True: "Tout cela est dans la mémoire vive d’un seul programme. Rien n’est écrit sur un "
        "disque, et tout disparaît quand il s’arrête.",
        False: "Tout cela est dans la mémoire vive de plusieurs machines, qui ont dû prouver "
        "qu’elles n’écrivent rien sur un disque. Tout disparaît quand elles s’arrêtent.",
    },
    "en": {
        True: "All of this is in the memory of one program. Nothing is written to a disk, and "
        "all of it is gone when the program stops.",
        False: "All of this is in the memory of several machines, which had to prove that they "
        "write nothing to a disk. All of it is gone when they stop.",
    },
}
"""Whether one process keeps everything, or a Redis."""

FIGURE: Mapping[str, Template] = {
    "fr": Template(
        "<b>$name</b>, $epoch$bins. Le chiffre montré est juste à $width près, 95 fois sur 100 ; "
        "au-dessous de $threshold, c’est 0 qui est montré. Il permet d’avoir raison $right fois "
        "sur 100 au plus (ε = $epsilon)."
    ),
    "en": Template(
        "<b>$name</b>, $epoch$bins. The figure shown is right to within $width, 95 times of 100; "
        "below $threshold, 0 is shown. By it one is right $right times of 100 at most "
        "(ε = $epsilon)."
    ),
}
"""One figure of `figures.py`."""

FIGURE_NAMES: Mapping[str, Mapping[str, str]] = {
    "fr": {
        "consultations": "Les consultations commencées",
        "waits": "L’attente avant une consultation",
        "endings": "La fin d’une attente ou d’une consultation",
    },
    "en": {
        "consultations": "Consultations begun",
        "waits": "The wait before a consultation",
        "endings": "How a wait or a consultation ended",
    },
}

BINS: Mapping[str, Mapping[str, str]] = {
    "fr": {
        "under-1": "moins d’une minute",
        "1-5": "de 1 à 5 minutes",
        "5-15": "de 5 à 15",
        "15-30": "de 15 à 30",
        "over-30": "plus de 30",
        "direct": "image et son sont allés directement",
        "relayed": "ils sont passés par le relais",
        "unconnected": "ils ne sont pas passés",
        "untold": "les pages n’en ont rien dit",
        "left": "la place a été rendue",
        "lost": "le patient n’est pas revenu",
    },
    "en": {
        "under-1": "less than a minute",
        "1-5": "1 to 5 minutes",
        "5-15": "5 to 15",
        "15-30": "15 to 30",
        "over-30": "more than 30",
        "direct": "picture and sound went straight",
        "relayed": "they went through the relay",
        "unconnected": "they did not come through",
        "untold": "the pages said nothing of it",
        "left": "the place was given up",
        "lost": "the patient did not come back",
    },
}
"""What each bin of a figure counts."""

EACH_EPOCH: Mapping[str, Mapping[int, str]] = {
    "fr": {3600: "par heure", 86_400: "par jour"},
    "en": {3600: "each hour", 86_400: "each day"},
}

CHECKED: Mapping[str, Template] = {
    "fr": Template(
        "<p>Le $date, le programme axe-core $axe a examiné $count écrans sans rien trouver "
        "(largeurs en pixels : $widths ; navigateurs : $browsers). Un programme ne voit qu’une "
        "partie des défauts.</p><details><summary>Les écrans examinés</summary>"
        "<p>$screens</p></details>"
    ),
    "en": Template(
        "<p>On $date the program axe-core $axe looked at $count screens and found nothing "
        "(widths in pixels: $widths; browsers: $browsers). A program sees only a part of the "
        "faults.</p><details><summary>The screens</summary><p>$screens</p></details>"
    ),
}
