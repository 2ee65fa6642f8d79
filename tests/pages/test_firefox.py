"""A patient's Firefox, as narrow as a phone: the whole way, and nothing is wider than the screen.

That both browsers show and play each other is in `tests/system/test_consultation.py`.
"""

from pathlib import Path

from deploy.demo import demonstration
from signaling.journal import Journal
from tests.firefox import FirefoxPage
from tests.pages.checks import PHONE, REFLOW
from tests.system.ends import PatientOnPage, a_tab, doctor_end
from tests.system.test_consultation import DOCTOR_CODE, PATIENT_CODE

SIZE = "() => [innerWidth, innerHeight]"


async def test_a_narrow_firefox_goes_the_whole_way(tmp_path: Path) -> None:
    """Welcome, questions, waiting room, card, call and end: none scrolls sideways or complains."""
    faults: list[str] = []
    async with (
        demonstration({"port": "0"}, Journal()) as addresses,
        a_tab("firefox", PATIENT_CODE, tmp_path) as (page, complaints),
        doctor_end("aiortc", addresses.doctor, DOCTOR_CODE, tmp_path) as doctor,
    ):
        assert isinstance(page, FirefoxPage)
        patient = PatientOnPage(page, addresses.patient, PATIENT_CODE, complaints)

        async def fits(state: str) -> None:
            await patient.is_at(state)
            faults.extend(f"{state}: {fault}" for fault in await page.evaluate(REFLOW))

        await page.goto(patient.url)
        await page.is_as_large_as(*PHONE)
        assert list(PHONE) == await page.evaluate(SIZE)
        await fits("welcome")
        await patient.clicks("consent")
        await fits("about")
        await patient.clicks("about-ready")
        await fits("waiting")
        await doctor.goes_on_duty()
        await doctor.calls_next()
        await fits("proposed")
        await patient.accepts()
        await patient.sees(DOCTOR_CODE)
        await fits("session")
        await patient.hangs_up()
        await fits("ended")

        assert ([], []) == (faults, complaints)
