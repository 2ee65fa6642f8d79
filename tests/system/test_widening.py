"""A patient whom nobody can call now: what helps, and wider queues by his own tap, on the pages."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.async_api import Page

from signaling.directory import Alternative, Directory, Queue, Territory, Text
from signaling.settings import PAGES
from signaling.store import Spent
from tests.serving import Signaling, serving
from tests.system.ends import DoctorOnPage, PatientOnPage, chromium, words_of

PATIENT_CODE, DOCTOR_CODE = 0x5A31, 0xC3E6
HELP = Alternative(Text("Médecin de garde", "Doctor on call"), "116117", "https://www.example.fr")


def text(words: str) -> Text:
    return Text(words, words)


def directory(signaling: Signaling) -> Directory:
    """Two neighbours, of which the first has a doctor seldom."""
    return Directory(
        {
            "garde-35": Queue(
                title=text("Garde : Ille-et-Vilaine"),
                hours=text("Tous les jours, de 20 h à minuit"),
                wider=("garde-22",),
                link=signaling.pool_link("garde-35").partition("#")[2],
                alternatives=(HELP,),
                territory=Territory(text("Ille-et-Vilaine"), ("35",)),
            ),
            "garde-22": Queue(
                title=text("Garde : Côtes-d’Armor"),
                wider=("garde-35",),
                link=signaling.pool_link("garde-22").partition("#")[2],
                territory=Territory(text("Côtes-d’Armor"), ("22",)),
            ),
        }
    )


def said(into: list[str], frame: str | bytes) -> None:
    into.append(str(frame))


@dataclass
class Stage:
    """A service with a directory, a patient's browser and that of a doctor of `garde-22`."""

    signaling: Signaling
    patient: PatientOnPage[Page]
    doctor: DoctorOnPage[Page]

    async def meet(self) -> None:
        """The doctor calls, the patient accepts, and each sees the other."""
        await self.doctor.calls_next()
        await self.patient.accepts()
        await self.patient.sees(DOCTOR_CODE)
        await self.doctor.sees(PATIENT_CODE)


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with AsyncExitStack() as stack:
        signaling = await stack.enter_async_context(serving(PAGES, queues=("garde-35", "garde-22")))
        signaling.admission.follow(directory(signaling))
        _, patient = await stack.enter_async_context(chromium(PATIENT_CODE, tmp_path))
        _, doctor = await stack.enter_async_context(chromium(DOCTOR_CODE, tmp_path))
        made = Stage(
            signaling,
            PatientOnPage(patient, signaling.pool_link("garde-35"), PATIENT_CODE),
            DoctorOnPage(doctor, signaling.doctor_address(queues=("garde-22",)), DOCTOR_CODE),
        )
        yield made
        assert made.patient.complaints + made.doctor.complaints == []


async def test_nobody_on_duty_widen_and_be_called_there(stage: Stage) -> None:
    """What helps is shown, one tap widens, and the neighbours' doctor calls with proof in order."""
    await stage.doctor.goes_on_duty()
    page = stage.patient.page
    await stage.patient.waits()

    nobody = await words_of(page, "[data-testid=nobody]")
    assert "de 20 h à minuit" in nobody and "Médecin de garde" in nobody
    assert await page.get_attribute(".helps a >> nth=0", "href") == "tel:116117"
    assert await page.get_attribute(".helps a >> nth=1", "href") == "https://www.example.fr"
    assert "Ille-et-Vilaine" in await words_of(page, "[data-testid=queue]")
    assert "Ce que cela change" in await page.inner_text("[data-testid=wider]")
    assert not await page.query_selector(".wait")

    await stage.patient.clicks("widen-garde-22")

    await page.wait_for_selector("main[data-queue=garde-22][data-doctors='1'][data-place='1']")
    await page.wait_for_function("() => document.activeElement?.tagName === 'MAIN'")
    assert "moins de 10\u00a0minutes" in await page.inner_text(".wait")
    await stage.meet()
    assert await stage.patient.digits() == await stage.doctor.digits()


async def test_a_reload_after_widening_stays_there(stage: Stage) -> None:
    """The address holds the wider link, and its holder; the first link finds the place too."""
    first = stage.patient.url
    await stage.patient.waits()
    await stage.patient.clicks("widen-garde-22")
    page = stage.patient.page
    await page.wait_for_selector("main[data-queue=garde-22]")
    holder = page.url.partition("~h=")[2]

    await page.reload()
    await page.wait_for_selector("main[data-state=waiting][data-queue=garde-22]")
    assert first not in page.url

    # As a message or a history has it, with the key that this page added.
    await page.goto("about:blank")
    stage.patient.url = f"{first}~h={holder}"
    await stage.patient.waits()
    await page.wait_for_selector("main[data-queue=garde-22]")
    await stage.doctor.goes_on_duty()
    await stage.meet()


async def test_a_doctors_own_link_rings_another_by_the_patients_word_alone(stage: Stage) -> None:
    """By a postcode that stays on the page; the link is not used up by it."""
    stage.patient.url = stage.signaling.personal_link(b"somebody else".ljust(32))
    page, asked = stage.patient.page, list[str]()
    page.on("request", lambda request: asked.append(request.url))
    page.on("websocket", lambda socket: socket.on("framesent", lambda sent: said(asked, sent)))
    await stage.doctor.goes_on_duty()
    await stage.patient.waits()
    assert "pas de garde" in await words_of(page, "[data-testid=nobody]")
    assert await page.query_selector("[data-testid=wider] button") is None
    await stage.doctor.page.wait_for_selector("#call-next:disabled")

    await page.fill("#where", "22190")
    await stage.patient.clicks("widen-garde-22")

    await page.wait_for_selector("main[data-queue=garde-22]")
    assert asked and not any("22190" in one for one in asked)
    await stage.meet()
    assert not any(isinstance(held, Spent) for held in await stage.signaling.store.held())


async def test_who_does_not_say_where_he_is_chooses_from_a_list(stage: Stage) -> None:
    """After reading what that changes; the list is of all queues that may be widened to."""
    stage.patient.url = stage.signaling.personal_link(b"somebody else".ljust(32))
    page = stage.patient.page
    await stage.patient.waits()

    await page.click("text=Je préfère ne pas l’indiquer")
    assert await page.locator("#which option").count() == 3
    await page.select_option("#which", "garde-35")
    await stage.patient.clicks("chosen-garde-35")

    await page.wait_for_selector("main[data-queue=garde-35]")


async def test_a_queue_that_closes_keeps_its_patients_and_tells_them(stage: Stage) -> None:
    """They stay, they read why, they may widen, and a doctor may still call them."""
    stage.patient.url = stage.signaling.pool_link("garde-22")
    await stage.patient.waits()
    whole = directory(stage.signaling)

    stage.signaling.admission.follow(Directory({"garde-35": whole.queues["garde-35"]}))
    stage.signaling.clock.advance(stage.signaling.settings.heartbeat_s)

    page = stage.patient.page
    await page.wait_for_selector("text=Cette file ferme")
    await page.wait_for_selector("#widen-garde-35")
    await stage.doctor.goes_on_duty()
    await stage.meet()


async def test_the_page_loads_the_directory_once(stage: Stage) -> None:
    """The whole of it, whichever queue it is in, without a cookie."""
    asked: list[str] = []
    stage.patient.page.on("request", lambda request: asked.append(request.url))
    await stage.patient.waits()
    await stage.patient.page.wait_for_selector("[data-testid=queue]")
    await stage.patient.clicks("widen-garde-22")
    await stage.patient.page.wait_for_selector("main[data-queue=garde-22]")

    assert [f"{stage.signaling.origin}/queues.json"] == [
        one for one in asked if "queues.json" in one
    ]
