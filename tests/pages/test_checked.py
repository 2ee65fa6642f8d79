"""What the pages say of their own access is what was checked."""

import inspect
import json
from pathlib import Path
from urllib.parse import quote

from tests.pages.checked import CHECKED, CHECKS, EVERY_SCREEN, checked
from tests.pages.checks import PHONE, WATCH_REGIONS, faults_of
from tests.system.ends import SETTLED, chromium

PAGE = """<!doctype html><html lang="fr"><meta charset="utf-8"><title>Une page</title>
<meta name="viewport" content="width=device-width"><main data-state="x"><h1>Une page</h1>%s</main>
"""
HASTY = """<script>
  const main = document.querySelector('main');
  const adds = (role) => main.append(Object.assign(document.createElement('p'), { role,
    textContent: 'Bonjour' }));
  requestAnimationFrame(() => { adds(null); setTimeout(() => adds('status')); });
</script>"""
# Claim -> what breaks it, and how that is told.
BROKEN = {
    "Règles WCAG": ("<input type=text>", "390 px: label:"),
    "Contrastes": (
        "<style>@media (prefers-color-scheme: dark) { p { color: #333; background: #000 } }</style>"
        "<p>Bonjour</p>",
        "1280 px: color-contrast",
    ),
    "Pas de défilement": ("<div style='width: 330px'>Bonjour</div>", "320 px: scrolls sideways"),
    "Textes agrandis": ("<p style='height: 24px; overflow: hidden'>Bonjour</p>", "200 %: cuts"),
    "Cibles": ("<button style='width: 20px; height: 20px'>B</button>", "320 px: small target"),
    "Nom des images": ("<video></video>", "without a label: video"),
    "Langue et titre": ("<script>document.documentElement.lang = 'de'</script>", "lang is de"),
    "Messages de statut": (HASTY, "hasty: a status region came"),
    "Aucune animation": (
        "<style>@keyframes k { to { opacity: 0.9 } } p { animation: k 9s infinite }</style>"
        "<p>Bonjour</p>",
        "1280 px: moves",
    ),
}


def test_the_statement_lists_what_the_tests_check() -> None:
    """Whoever adds a screen or a check writes the list anew: `python -m tests.pages.checked`."""
    written = json.loads(CHECKED.read_text(encoding="utf-8"))

    assert checked(written["date"]) == written


def test_each_claim_names_the_tests_that_make_it() -> None:
    """They are tests that are run; what is looked at on each screen is broken below, each claim."""
    for claim, tests in CHECKS.items():
        assert tests, claim
        for test in tests:
            assert test.__name__.startswith("test_"), claim
            assert Path(inspect.getfile(test)).name.startswith("test_"), claim
        is_broken = [claim.startswith(words) for words in BROKEN]
        assert is_broken.count(True) == int(EVERY_SCREEN in tests), claim


async def test_what_breaks_a_claim_is_found(tmp_path: Path) -> None:
    """A page without fault has none; with one fault of each kind, that one is told."""
    async with chromium(0x5A31, tmp_path) as (_, page):
        await page.add_init_script(WATCH_REGIONS)
        await page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
        await page.goto(f"data:text/html,{quote(PAGE % '<p>Bonjour</p>')}")
        assert [] == await faults_of(page)

        for claim, (fragment, fault) in BROKEN.items():
            await page.goto(f"data:text/html,{quote(PAGE % fragment)}")
            await page.evaluate(SETTLED)
            found = await faults_of(page)
            assert any(one.startswith(fault) for one in found), (claim, found)
