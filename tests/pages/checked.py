"""Write down what the tests look at on the pages, for `/accessibilite`.

    python -m tests.pages.checked

A statement of access says what was checked, when, and what was not. Each sentence names the test
that makes it true: what no test looks at is not said.
"""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from tests.pages import test_firefox, test_keyboard, test_screens
from tests.pages.checks import DESKTOP, PHONE, axe_version
from tests.pages.screens import every_screen
from tests.system import test_consultation

EVERY_SCREEN = test_screens.test_every_screen_of_a_walk_is_for_everybody

# Of the screens that axe-core looked at, and where it did.
WIDTHS = (PHONE[0], DESKTOP[0])
BROWSERS = ("Chromium",)

CHECKS: dict[str, tuple[Callable[..., object], ...]] = {
    "Règles WCAG 2.2 A et AA et bonnes pratiques d’axe-core : aucune violation": (EVERY_SCREEN,),
    "Contrastes en clair et en sombre": (EVERY_SCREEN,),
    "Pas de défilement horizontal à 320 pixels de large": (EVERY_SCREEN,),
    "Textes agrandis à 200 % : rien n’est coupé ni recouvert": (EVERY_SCREEN,),
    "Cibles d’au moins 24 pixels sur 24": (EVERY_SCREEN,),
    "Nom des images, des vidéos et des boutons": (EVERY_SCREEN,),
    "Langue et titre de chaque page": (EVERY_SCREEN,),
    "Messages de statut dans une zone présente avant eux, pour les lecteurs d’écran": (
        EVERY_SCREEN,
    ),
    "Aucune animation quand le système demande moins de mouvements": (EVERY_SCREEN,),
    "Au clavier seul, du premier écran à la fin de l’appel, patient et médecin : "
    "le focus se voit, rien ne le recouvre, son ordre est celui de la page": (
        test_keyboard.test_a_patient_comes_from_the_link_to_the_end_by_keys_alone,
        test_keyboard.test_a_doctor_calls_and_hangs_up_by_keys_alone,
    ),
    "Aussi dans Firefox : le chemin du patient jusqu’à la fin de l’appel, à 390 pixels de large, "
    "sans défilement horizontal ; l’image et le son dans les deux sens": (
        test_firefox.test_a_narrow_firefox_goes_the_whole_way,
        test_consultation.test_patient_and_doctor_see_and_hear_each_other,
    ),
}
GAPS = (
    "Les pages n’ont pas encore été essayées par des personnes avec un lecteur d’écran.",
    "L’appel n’est pas sous-titré automatiquement.",
    "Aucun audit par un tiers n’a encore eu lieu.",
)

CHECKED = Path(__file__).parents[2] / "clients" / "web" / "src" / "checked.json"


def checked(date: str) -> dict[str, object]:
    """What is checked by the tests as they are, and the day on which it was."""
    return {
        "date": date,
        "axe": axe_version(),
        "screens": every_screen(),
        "widths": list(WIDTHS),
        "browsers": list(BROWSERS),
        "checks": list(CHECKS),
        "gaps": list(GAPS),
    }


def main() -> None:
    today = datetime.now(UTC).date().isoformat()
    text = json.dumps(checked(today), indent=2, ensure_ascii=False)
    CHECKED.write_text(f"{text}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
