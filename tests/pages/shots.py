"""Take a picture of every screen and state, for eyes.

    python -m tests.pages.shots        or: make shots

Into the ignored folder `shots/`: on a phone and on a desktop, and some of them in the dark and
in Arabic. Nothing is compared: look at them.
"""

import asyncio
import tempfile
from contextlib import aclosing
from pathlib import Path

from playwright.async_api import Page

from tests.pages.checks import DESKTOP, PHONE
from tests.pages.scene import scene
from tests.pages.screens import WALKS, Walk

SHOTS = Path(__file__).parents[2] / "shots"
ALSO_DARK = {"patient-welcome", "patient-waiting-doctors", "patient-proposed", "patient-call"}
ALSO_DARK |= {"patient-ended-left", "doctor-on-many", "doctor-call", "doctor-off", "status-board"}
# What is told by colours to most is told to all.
ALSO_FORCED = {"status-board", "status-details"}
ALSO_ARABIC = {"patient-welcome", "patient-devices", "patient-waiting-nobody", "patient-proposed"}
ALSO_ARABIC |= {"patient-call", "patient-ended-left", "doctor-on-many"}


async def takes(page: Page, name: str, suffix: str = "") -> None:
    """Take one at each width, of the whole page; the page is left at the first."""
    for width, height in (DESKTOP, PHONE):
        await page.set_viewport_size({"width": width, "height": height})
        await page.screenshot(path=SHOTS / f"{name}-{width}{suffix}.png", full_page=True)


async def walked(walk: Walk, folder: Path) -> None:
    async with scene(folder) as place:
        async with aclosing(walk.go(place)) as stands:
            async for name, page in stands:
                await takes(page, name)
                if name in ALSO_DARK:
                    await page.emulate_media(color_scheme="dark")
                    await takes(page, name, "-dark")
                    await page.emulate_media(color_scheme="null")
                if name in ALSO_FORCED:
                    await page.emulate_media(forced_colors="active")
                    await takes(page, name, "-forced")
                    await page.emulate_media(forced_colors="null")
                if name in ALSO_ARABIC:
                    await speaks(page, "ar")
                    await takes(page, name, "-ar")
                    await speaks(page, "fr")
        await place.closes()


async def speaks(page: Page, language: str) -> None:
    """Choose a language, as a person does."""
    await page.select_option("#language", language)
    await page.wait_for_selector(f"html[lang={language}]")


async def main() -> None:
    SHOTS.mkdir(exist_ok=True)
    for walk in WALKS:
        with tempfile.TemporaryDirectory() as folder:
            try:
                await walked(walk, Path(folder))
            except Exception as error:
                print(f"{walk.name}: {error}".splitlines()[0])
    print(f"{len(list(SHOTS.glob('*.png')))} pictures are in {SHOTS.name}/. Look at them.")


if __name__ == "__main__":
    asyncio.run(main())
