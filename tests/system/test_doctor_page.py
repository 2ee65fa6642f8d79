"""What the doctor's page promises beside the call: keys, slip, reminders, a board in a corner."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.async_api import Page

from deploy.demo import Addresses, demonstration
from signaling.journal import Journal
from tests.system.ends import DoctorOnPage, HeadlessPatient, PatientOnPage, chromium

PATIENT_CODE, DOCTOR_CODE = 0x5A31, 0xC3E6
CORNER = {"width": 360, "height": 480}

HOLD = """(key) => {
  const press = (repeat) => document.body.dispatchEvent(
    new KeyboardEvent('keydown', { key, repeat, bubbles: true, cancelable: true }));
  for (let at = 0; at < 5; at++) press(true);
}"""

# Whole, within what is seen of the page without scrolling.
STANDS = "(since_ms) => performance.now() - since_ms > 1500"
IN_SIGHT = """(selector) => {
  const { top, left, right, bottom } = document.querySelector(selector).getBoundingClientRect();
  return scrollY === 0 && top >= 0 && left >= 0 && right <= innerWidth && bottom <= innerHeight;
}"""


@dataclass
class Ward:
    """A service, a doctor on duty at his page, and patients who come."""

    addresses: Addresses
    doctor: DoctorOnPage[Page]
    folder: Path
    stack: AsyncExitStack

    async def waits(self) -> HeadlessPatient:
        """Somebody waits, without a screen."""
        patient = HeadlessPatient(self.addresses.patient, PATIENT_CODE)
        self.stack.push_async_callback(patient.peer.close)
        await patient.waits()
        await self.doctor.page.wait_for_selector("main[data-waiting='1']")
        return patient

    async def opens(self) -> PatientOnPage[Page]:
        """Somebody waits at a page."""
        _, page = await self.stack.enter_async_context(chromium(PATIENT_CODE, self.folder))
        patient = PatientOnPage(page, self.addresses.patient, PATIENT_CODE)
        await patient.waits()
        return patient


@pytest.fixture
async def ward(tmp_path: Path) -> AsyncIterator[Ward]:
    """A doctor on duty; at the end his page has complained of nothing."""
    async with AsyncExitStack() as stack:
        addresses = await stack.enter_async_context(demonstration({"port": "0"}, Journal()))
        _, page = await stack.enter_async_context(
            chromium(DOCTOR_CODE, tmp_path, permissions=["clipboard-read", "clipboard-write"])
        )
        doctor = DoctorOnPage(page, addresses.doctor, DOCTOR_CODE)
        await doctor.goes_on_duty()
        # Keys of one character wait until the board has stood for a moment.
        await page.wait_for_function(STANDS, arg=await page.evaluate("performance.now()"))
        yield Ward(addresses, doctor, tmp_path, stack)
        assert doctor.complaints == []


async def test_one_key_calls_the_next_and_a_held_one_nobody(ward: Ward) -> None:
    """What a key says while it is held down is not a call."""
    await ward.waits()

    await ward.doctor.page.evaluate(HOLD, "n")
    assert await ward.doctor.page.get_attribute("main", "data-state") == "on"
    await ward.doctor.page.keyboard.press("n")

    await ward.doctor.is_at("calling")


async def test_keys_of_one_character_are_off_by_the_switch_and_stay_off(ward: Ward) -> None:
    """After a reload too; Ctrl and Enter call all the same (WCAG 2.2, 2.1.4)."""
    page = ward.doctor.page
    await page.uncheck("#one-key")
    await page.reload()
    await ward.doctor.clicks("devices-ready")
    await ward.doctor.is_at("on")
    await ward.waits()

    for key in ("n", "p", "?"):
        await page.keyboard.press(key)

    assert await page.get_attribute("main", "data-state") == "on"
    assert await page.locator("[data-keys]").count() == 0
    assert await page.get_attribute("#call-next", "aria-keyshortcuts") == "Control+Enter"
    await page.keyboard.press("Control+Enter")
    await ward.doctor.is_at("calling")


async def test_the_list_of_keys_opens_by_its_key_and_keeps_the_others_quiet(ward: Ward) -> None:
    """A dialog: what is behind it is not reached, and Escape leads back."""
    page = ward.doctor.page
    await ward.waits()

    await page.keyboard.press("?")
    await page.wait_for_selector("[data-keys]")
    await page.keyboard.press("n")
    assert await page.get_attribute("main", "data-state") == "on"
    await page.keyboard.press("Escape")
    await page.wait_for_selector("[data-keys]", state="detached")

    await page.keyboard.press("p")
    await ward.doctor.is_at("paused")


async def test_the_slip_tells_the_call_and_takes_no_key_for_a_command(ward: Ward) -> None:
    """Date, hours, length, incidents and agreement, as text to copy; who types in it types."""
    page = ward.doctor.page
    patient = await ward.waits()
    await page.keyboard.press("n")
    await patient.accepts()
    await ward.doctor.sees(patient.code)
    await ward.doctor.clicks("agreed")

    await ward.doctor.hangs_up()

    await ward.doctor.is_at("on")
    await ward.doctor.clicks("slip-copy")
    await page.wait_for_selector("text=Copié. Collez la fiche")
    copied = await page.evaluate("navigator.clipboard.readText()")
    first, day, hours, lasted, means, trouble, agreed, end = copied.splitlines()
    assert first == "Téléconsultation – fiche d’appel"
    assert day.startswith("Date : ")
    assert hours.startswith("Début : ") and " – Fin : " in hours
    assert lasted.startswith("Durée : ")
    assert (means, trouble) == ("Moyen : vidéo et son", "Incident technique : aucun")
    assert agreed.startswith("Patient informé et d’accord : ")
    assert end == "Fin de l’appel : par le médecin"
    if await page.locator("#slip-text").count() == 0:
        await ward.doctor.clicks("slip-show")
    await page.focus("#slip-text")
    await page.keyboard.press("p")
    assert await page.get_attribute("main", "data-state") == "on"
    await ward.doctor.clicks("slip-erase")
    await page.wait_for_selector("[data-slip]", state="detached")


async def test_a_patient_who_is_shown_out_is_told_so(ward: Ward) -> None:
    """Asked for twice; nobody has to say why, and the board is back."""
    patient = await ward.opens()
    await ward.doctor.calls_next()
    await patient.accepts()
    await ward.doctor.sees(patient.code)

    await ward.doctor.clicks("show-out")
    assert await ward.doctor.page.get_attribute("main", "data-state") == "session"
    await ward.doctor.clicks("show-out-yes")

    await ward.doctor.is_at("on")
    assert "a été exclu" in await ward.doctor.page.inner_text("main")
    await patient.is_over()
    assert "Le médecin a mis fin" in await patient.page.inner_text("main")


async def test_the_board_fits_into_a_screens_corner(ward: Ward) -> None:
    """Count, call, duty, sound and keys are seen at 360 by 480 without scrolling."""
    page = ward.doctor.page
    await page.set_viewport_size({"width": CORNER["width"], "height": CORNER["height"]})
    patient = await ward.waits()

    for selector in (
        ".bar-top .number",
        "#call-next",
        "#duty-pause",
        "#off-duty",
        "#loud",
        "#keys",
    ):
        assert await page.evaluate(IN_SIGHT, selector), selector

    await page.keyboard.press("n")
    await patient.accepts()
    await ward.doctor.is_at("session")
    assert await page.evaluate(IN_SIGHT, "#hang-up")
    await ward.doctor.hangs_up()
    await ward.doctor.is_at("on")
    await page.wait_for_selector("#slip-copy")
    for selector in ("#slip-copy", "#call-next"):
        assert await page.evaluate(IN_SIGHT, selector), selector


async def test_the_15_is_called_beside_the_patient(ward: Ward) -> None:
    """What to do is said in the call, and the call goes on."""
    patient = await ward.waits()
    await ward.doctor.calls_next()
    await patient.accepts()
    await ward.doctor.sees(patient.code)

    await ward.doctor.clicks("fifteen")

    said = await ward.doctor.page.inner_text("[data-fifteen]")
    assert "Restez en ligne avec le patient" in said
    assert await ward.doctor.page.get_attribute("[data-fifteen] a", "href") == "tel:15"
    await ward.doctor.sees(patient.code)


async def test_the_patients_page_says_first_what_the_doctor_advises(ward: Ward) -> None:
    """Chosen from a list in the call, and said at its end, before all else."""
    patient = await ward.opens()
    await ward.doctor.calls_next()
    await patient.accepts()
    await ward.doctor.sees(patient.code)

    await ward.doctor.page.click("[data-testid=more]")
    await ward.doctor.page.select_option("#advice", "in-person")
    await ward.doctor.hangs_up()

    await patient.is_over()
    assert "examiner sur place" in await patient.page.inner_text("[data-advice=in-person]")
