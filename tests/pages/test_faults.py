"""Whatever goes wrong, the patient reads what it is and what to do: never a wheel without words."""

from pathlib import Path

import pytest
from playwright.async_api import Page

from tests.pages.scene import Scene, says_nothing, scene
from tests.pages.screens import TROUBLES
from tests.pages.weight import loads
from tests.system.ends import WITHIN_S
from tests.system.test_pages import SOCKETS

# A sentence of the main part, and a control by which it goes on.
SAYS = """() => {
  const main = document.querySelector('main');
  const controls = [...document.querySelectorAll('button:enabled, a[href]')];
  return main !== null && /\\S+ \\S+ \\S+/.test(main.innerText)
    && controls.some((one) => one.checkVisibility());
}"""


async def says_something(page: Page) -> None:
    await page.wait_for_function(SAYS, timeout=WITHIN_S * 1000)


async def opens(place: Scene, *first: str) -> Page:
    """Open a link, and go as far as the devices."""
    patient = await place.patient(None, *first)
    await patient.page.goto(patient.url)
    await patient.clicks("consent")
    await patient.clicks("about-ready")
    await patient.is_at("devices")
    return patient.page


@pytest.mark.parametrize("trouble", TROUBLES)
async def test_devices_that_fail_are_told_with_a_way_on(trouble: str, tmp_path: Path) -> None:
    """Refused, missing or busy: an alert, another try, and going on without a picture."""
    async with scene(tmp_path) as place:
        page = await opens(place, TROUBLES[trouble])

        await page.wait_for_selector("#devices-again:enabled")
        await says_something(page)
        assert await page.locator("[role=alert]").first.inner_text()
        await place.closes()


async def test_a_network_that_is_gone_is_told_and_waited_for(tmp_path: Path) -> None:
    """In the waiting room: what is kept is said, and giving up is still possible."""
    async with scene(tmp_path) as place:
        patient = await place.patient(None, SOCKETS)
        await patient.waits()
        await patient.page.context.set_offline(True)
        await patient.page.evaluate("() => window.__lose()")

        await patient.page.wait_for_selector("main[data-online=false]")
        await says_something(patient.page)
        assert await patient.page.is_enabled("#give-up")
        await patient.page.context.set_offline(False)
        await patient.page.evaluate("() => window.__find()")
        await patient.page.wait_for_selector("main[data-online=true]")
        await place.closes()


async def test_a_server_that_is_silent_is_told(tmp_path: Path) -> None:
    """Where nobody answers there are words, and the emergency numbers."""
    async with scene(tmp_path) as place:
        patient = await place.patient()
        await says_nothing(patient.page)
        await patient.opens()

        await patient.is_at("entering")
        await says_something(patient.page)
        await place.closes()


async def test_a_slow_network_shows_words_at_every_step(tmp_path: Path) -> None:
    """As on 3G, with an old phone: no screen on the way is without a sentence."""
    async with scene(tmp_path) as place:
        patient = await place.patient()
        await loads(patient.page, is_slow=True)
        await patient.page.goto(patient.url)
        for state, button in (("welcome", "consent"), ("about", "about-ready")):
            await patient.is_at(state)
            await says_something(patient.page)
            await patient.clicks(button)

        await patient.is_at("waiting")
        await says_something(patient.page)
        await place.closes()
