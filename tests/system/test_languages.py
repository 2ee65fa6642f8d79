"""The pages in three languages, one of which runs from right to left."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from deploy.demo import Addresses, demonstration
from signaling.journal import Journal
from tests.system.ends import DoctorOnPage, HeadlessDoctor, PatientOnPage, chromium

PATIENT_CODE, DOCTOR_CODE = 0x5A31, 0xC3E6
NARROW = {"width": 320, "height": 640}
NAMES = {"fr": "Téléconsultation", "en": "Teleconsultation", "ar": "استشارة عن بُعد"}
WAITS = {
    "fr": "Vous êtes dans la salle d’attente",
    "en": "You are in the waiting room",
    "ar": "أنتم في قاعة الانتظار",
}
# The digits as they stand on the screen, whatever their order in the page's text.
FROM_LEFT_TO_RIGHT = """() => {
  const text = document.querySelector('.proof .digits b').firstChild;
  const range = document.createRange();
  return [...text.data].map((letter, at) => {
    range.setStart(text, at);
    range.setEnd(text, at + 1);
    return { letter, x: range.getBoundingClientRect().x };
  }).sort((a, b) => a.x - b.x).map(({ letter }) => letter).join('').replace(/\\D/g, '');
}"""


@dataclass
class Stage:
    """A service, and a patient's phone which is as narrow as they come."""

    addresses: Addresses
    patient: PatientOnPage[Page]

    @property
    def page(self) -> Page:
        return self.patient.page

    async def speaks(self, language: str, heading: str) -> None:
        """Wait until the page is in a language: its mark, its direction, heading and title."""
        direction = "rtl" if language == "ar" else "ltr"
        html = self.page.locator(f"html[lang={language}]")
        await expect(html.locator("h1").first).to_have_text(heading)
        assert direction == await self.page.evaluate("getComputedStyle(document.body).direction")
        assert NAMES[language] in await self.page.title()

    async def switches(self, language: str) -> None:
        await self.page.select_option("#language", language)

    async def fits(self) -> None:
        assert await self.page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]

    async def place(self) -> str | None:
        return await self.page.get_attribute("main", "data-place")


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """At the end the page has not complained."""
    async with AsyncExitStack() as stack:
        addresses = await stack.enter_async_context(demonstration({"port": "0"}, Journal()))
        _, page = await stack.enter_async_context(chromium(PATIENT_CODE, tmp_path, viewport=NARROW))
        patient = PatientOnPage(page, addresses.patient, PATIENT_CODE)
        yield Stage(addresses, patient)
        assert [] == patient.complaints


async def test_arabic_turns_the_page_and_nothing_else(stage: Stage) -> None:
    """From right to left, no wider than the phone, and the place is the same."""
    await stage.patient.waits()
    place = await stage.place()

    await stage.switches("ar")

    await stage.speaks("ar", WAITS["ar"])
    await stage.fits()
    await stage.patient.is_at("waiting")
    assert place == await stage.place() == "1"


async def test_english_is_a_choice_too(stage: Stage) -> None:
    """And back to French, on one and the same page."""
    await stage.patient.waits()

    await stage.switches("en")
    await stage.speaks("en", WAITS["en"])
    await stage.switches("fr")

    await stage.speaks("fr", WAITS["fr"])


async def test_a_reload_keeps_the_language(stage: Stage) -> None:
    """The history entry of the page has it, and the place is kept as ever."""
    await stage.patient.waits()
    await stage.switches("ar")
    await stage.speaks("ar", WAITS["ar"])

    await stage.page.reload()

    await stage.patient.is_at("waiting")
    await stage.speaks("ar", WAITS["ar"])
    assert "1" == await stage.place()


async def test_a_call_goes_on_in_another_language(stage: Stage) -> None:
    """The language is the patient's own affair: the doctor's picture and voice stay."""
    doctor = HeadlessDoctor(stage.addresses.doctor, DOCTOR_CODE)
    await stage.patient.waits()
    await stage.switches("ar")
    await stage.speaks("ar", WAITS["ar"])
    await doctor.goes_on_duty()
    await doctor.calls_next()

    await stage.patient.accepts()

    await stage.patient.sees(DOCTOR_CODE)
    await stage.speaks("ar", "الاستشارة")
    await stage.fits()
    digits = await stage.patient.digits()
    assert digits == await stage.page.evaluate(FROM_LEFT_TO_RIGHT)
    await doctor.hangs_up()
    await stage.patient.is_over()
    await stage.fits()
    await doctor.peer.close()


async def test_a_language_that_cannot_be_had_leaves_all_as_it_is(stage: Stage) -> None:
    """The page says so in the language that it has, and the patient still waits."""
    await stage.patient.waits()
    await stage.page.route("**/assets/ar-*.js", lambda route: route.abort())

    await stage.switches("ar")

    told = stage.page.locator("[data-testid=missing]")
    await expect(told).to_contain_text("n’a pas pu être chargée")
    await stage.speaks("fr", WAITS["fr"])
    assert "fr" == await stage.page.input_value("#language")
    await expect(stage.page.locator(".emergency-line a[href='tel:15']")).to_be_in_viewport()
    assert "1" == await stage.place()
    await stage.fits()
    # Chromium itself says which file it could not have.
    assert all("ERR_FAILED" in line for line in stage.patient.complaints)
    stage.patient.complaints.clear()


async def test_a_doctor_reads_the_board_from_right_to_left(stage: Stage, tmp_path: Path) -> None:
    """Duty and queue in Arabic, and still on duty."""
    async with chromium(DOCTOR_CODE, tmp_path, viewport=NARROW) as (_, page):
        doctor = DoctorOnPage(page, stage.addresses.doctor, DOCTOR_CODE)
        await doctor.goes_on_duty()

        await page.select_option("#language", "ar")

        await expect(page.locator("html[lang=ar][dir=rtl] main[data-state=on] h1")).to_have_text(
            "أنتم في المناوبة"
        )
        assert await page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
        assert [] == doctor.complaints


@pytest.mark.parametrize(("locale", "language"), [("ar-DZ", "ar"), ("en-GB", "en"), ("de", "fr")])
async def test_the_first_language_is_the_browsers_own(
    stage: Stage, locale: str, language: str
) -> None:
    """Whoever reads Arabic need not look for it; whoever reads none of ours gets French."""
    browser = stage.page.context.browser
    assert browser is not None
    page = await (await browser.new_context(locale=locale, viewport=NARROW)).new_page()  # type: ignore[arg-type]

    await page.goto(stage.addresses.patient)

    await expect(page.locator(f"html[lang={language}] main[data-state=welcome]")).to_be_visible()
