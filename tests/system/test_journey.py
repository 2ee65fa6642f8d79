"""From a link to the waiting room in few taps, and what a patient says of himself on that way."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.async_api import Page, WebSocket

from signaling.directory import Directory
from signaling.settings import PAGES
from tests.serving import Signaling, serving
from tests.system.ends import DoctorOnPage, PatientOnPage, chromium, until
from tests.system.test_widening import directory

PATIENT_CODE, DOCTOR_CODE = 0x5A31, 0xC3E6
PHONE, WHEREABOUTS = "06 12 34 56 78", "3 rue des Lilas"
SAID = (PHONE, WHEREABOUTS, "Lilas", "0612345678", "care-home", "relative")

# Each place where a browser could keep what was typed.
KEPT = """async () => JSON.stringify([
  location.href, document.cookie, history.state, performance.getEntries().map(({ name }) => name),
  Object.entries(localStorage), Object.entries(sessionStorage),
  await indexedDB.databases(), await caches.keys(),
])"""

COUNT_TAPS = """() => {
  globalThis.taps = 0;
  addEventListener('click', ({ isTrusted }) => { if (isTrusted) globalThis.taps += 1; }, true);
}"""


@dataclass
class Stage:
    """A service with two queues, two browsers, and what the patient's lets out."""

    signaling: Signaling
    around: Directory
    patient: PatientOnPage[Page]
    doctor: DoctorOnPage[Page]
    sent: list[str] = field(default_factory=list)

    def listens(self) -> None:
        """Keep every address that is asked for and every frame that leaves the patient's page."""
        page = self.patient.page
        page.on("request", lambda request: self.sent.append(request.url))

        def heeds(socket: WebSocket) -> None:
            socket.on("framesent", lambda frame: self.sent.append(str(frame)))

        page.on("websocket", heeds)

    async def fills(self) -> None:
        """Say all that may be said."""
        page = self.patient.page
        await page.click("label:has(#place-care-home)")
        await page.click("label:has(#person-relative)")
        await page.click(".reach summary")
        await page.fill("#phone", PHONE)
        await page.fill("#whereabouts", WHEREABOUTS)

    async def told(self) -> str:
        """Tell what the doctor is shown of the patient."""
        return await self.doctor.page.inner_text("[data-testid=about]")


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with AsyncExitStack() as stack:
        signaling = await stack.enter_async_context(serving(PAGES, queues=("garde-35", "garde-22")))
        around = directory(signaling)
        signaling.admission.follow(around)
        _, patient = await stack.enter_async_context(chromium(PATIENT_CODE, tmp_path))
        _, doctor = await stack.enter_async_context(chromium(DOCTOR_CODE, tmp_path))
        made = Stage(
            signaling,
            around,
            PatientOnPage(patient, signaling.pool_link("garde-35"), PATIENT_CODE),
            DoctorOnPage(doctor, signaling.doctor_address(queues=("garde-22",)), DOCTOR_CODE),
        )
        made.listens()
        yield made
        assert made.patient.complaints + made.doctor.complaints == []


async def test_a_doctors_own_link_leads_to_the_waiting_room_in_two_taps(stage: Stage) -> None:
    """Consent, continue, and nothing else: nobody looks for a button to join."""
    page = stage.patient.page
    await page.add_init_script(f"({COUNT_TAPS})()")
    await page.goto(stage.signaling.personal_link(b"own doctor".ljust(32)))

    await stage.patient.clicks("consent")
    await page.wait_for_selector("text=votre propre médecin")
    assert await page.query_selector("#territory-where") is None
    await stage.patient.clicks("about-ready")

    await stage.patient.is_at("waiting")
    assert 2 == await page.evaluate("() => globalThis.taps")
    await page.wait_for_selector("[data-testid=self] video")
    text = await page.inner_text("main")
    assert "Vous serez le premier appelé" in text and "Vous êtes le prochain" not in text


async def test_a_place_leads_to_its_queue_and_never_leaves_the_page(stage: Stage) -> None:
    """The message comes first, the server hears of the queue alone, and refusing is one tap."""
    page = stage.patient.page
    await page.goto(stage.patient.url)
    await stage.patient.clicks("consent")
    await page.wait_for_selector("#territory-where")
    message = await page.inner_text("#territory-why")
    assert "demandée pour" in message and "Si vous ne l’indiquez pas" in message
    assert await page.is_visible("#territory-rather")

    await page.fill("#territory-where", "22190")
    await page.wait_for_selector("text=Vous attendrez dans cette file")
    await stage.patient.clicks("about-ready")

    await page.wait_for_selector("main[data-state=waiting][data-queue=garde-22]")
    assert not any("22190" in line for line in stage.sent)
    joins = [json.loads(line) for line in stage.sent if line.startswith('{"type":"join"')]
    # The first queue never heard of this patient.
    assert 1 == len(joins) and "keep_pass" not in joins[0]
    assert stage.around.queues["garde-22"].link == joins[0]["token"]


async def test_who_would_rather_not_say_waits_where_the_link_leads(stage: Stage) -> None:
    """Refusing costs one tap, the same as going on."""
    page = stage.patient.page
    await page.goto(stage.patient.url)
    await stage.patient.clicks("consent")

    await stage.patient.clicks("territory-rather")

    await page.wait_for_selector("main[data-state=waiting][data-queue=garde-35]")


async def test_what_the_patient_says_reaches_the_accepted_doctor_and_nobody_else(
    stage: Stage,
) -> None:
    """Sealed, after M4 and *accepted*; in no address, no frame and no storage; gone at the end."""
    page = stage.patient.page
    stage.patient.url = stage.signaling.pool_link("garde-22")
    await page.goto(stage.patient.url)
    await stage.patient.clicks("consent")
    await stage.fills()
    await stage.patient.clicks("about-ready")
    await stage.patient.is_at("waiting")
    await stage.doctor.goes_on_duty()
    await stage.doctor.calls_next()
    await stage.patient.is_at("proposed")

    assert not any("envelope" in line for line in stage.sent)
    assert await stage.doctor.page.query_selector("[data-testid=about] dd") is None

    await stage.patient.accepts()
    await stage.doctor.page.wait_for_selector("[data-testid=about] dd")
    told = await stage.told()
    assert "Patient informé et d’accord" in told and "EHPAD" in told and "Un proche" in told
    assert WHEREABOUTS in told
    href = await stage.doctor.page.get_attribute("[data-testid=about] a", "href")
    assert "tel:0612345678" == href

    # A doctor's page that is loaded anew hears it again.
    await stage.doctor.page.reload()
    await stage.doctor.page.wait_for_selector("[data-testid=about] dd")
    assert WHEREABOUTS in await stage.told()

    kept = [*stage.sent, str(await page.evaluate(KEPT))]
    await stage.patient.hangs_up()
    await stage.patient.is_over()
    kept += [str(await page.evaluate(KEPT)), await page.content()]
    assert [] == [said for said in SAID if any(said in text for text in kept)]


async def test_a_reload_asks_kindly_for_what_it_lost(stage: Stage) -> None:
    """Nothing was kept; what is said anew in the waiting room reaches the doctor."""
    page = stage.patient.page
    stage.patient.url = stage.signaling.pool_link("garde-22")
    await stage.patient.waits()
    assert await page.get_attribute("[data-testid=about-card]", "open") is None

    await page.reload()
    await stage.patient.is_at("waiting")
    assert "n’a rien gardé" in await page.inner_text("[data-testid=about-card]")
    await stage.fills()
    await stage.patient.clicks("about-save")
    await page.wait_for_selector("text=C’est enregistré")

    await stage.doctor.goes_on_duty()
    await stage.doctor.calls_next()
    await stage.patient.accepts()
    await stage.doctor.page.wait_for_selector("[data-testid=about] dd")
    told = await stage.told()
    assert WHEREABOUTS in told and "Patient informé et d’accord" in told


async def test_who_was_away_for_long_is_asked_and_keeps_the_place(stage: Stage) -> None:
    """The question waits for an answer; without one the place is as it was."""
    page = stage.patient.page
    await page.clock.install()
    await stage.patient.waits()
    await page.evaluate(HIDE, True)
    await page.clock.fast_forward(400_000)
    await page.evaluate(HIDE, False)

    await page.wait_for_selector("[data-testid=still-there]")
    assert "1" == await page.get_attribute("main", "data-place")
    await stage.patient.clicks("still-here")

    async def is_gone() -> bool:
        return await page.query_selector("[data-testid=still-there]") is None

    await until(is_gone, "the question stays")
    await stage.patient.is_at("waiting")
    await asyncio.wait_for(page.wait_for_selector("main[data-online=true]"), 20)


HIDE = """(hidden) => {
  Object.defineProperty(document, 'hidden', { value: hidden, configurable: true });
  document.dispatchEvent(new Event('visibilitychange'));
}"""
