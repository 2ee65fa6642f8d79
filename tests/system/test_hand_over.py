"""Handing a patient over in real pages: he chooses, and never ends up with nobody."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Page

from tests.system.company import Company, all_meet, another_doctor, company_of
from tests.system.ends import (
    DoctorOnPage,
    PatientOnPage,
    chromium,
    listens_to_good_byes,
    paths_said,
    until,
    words_of,
)

COLLEAGUE_CODE, OTHER_CODE = 0x3D69, 0x74C2
SEED = b"a colleague's keys".ljust(32)
WORD = "Fièvre depuis trois jours, allergie à la pénicilline."


@pytest.fixture
async def company(tmp_path: Path) -> AsyncIterator[Company]:
    """A patient's page and a doctor's, and a service; at the end no page has complained."""
    async with company_of(tmp_path) as made:
        yield made


@pytest.fixture
async def colleague(company: Company, tmp_path: Path) -> AsyncIterator[DoctorOnPage[Page]]:
    """Another doctor of the same queue, on duty."""
    address = await another_doctor(company.addresses, SEED)
    async with chromium(COLLEAGUE_CODE, tmp_path) as (_, page):
        made = DoctorOnPage(page, address, COLLEAGUE_CODE)
        await listens_to_good_byes(made)
        await made.goes_on_duty()
        yield made
        assert made.complaints == []


async def calls_a_colleague(doctor: DoctorOnPage[Page]) -> None:
    """Choose the one colleague on duty, and write a word to him."""
    await doctor.clicks("hand-over")
    await doctor.page.get_by_text("Dr Dominique Essai").click()
    await doctor.page.fill("#message", WORD)
    await doctor.clicks("hand-to")


async def takes_over(colleague: DoctorOnPage[Page]) -> None:
    """See who calls, as it was proven, and say yes."""
    await colleague.is_at("rung")
    await colleague.page.get_by_text("Dr Camille Démo vous passe un patient").wait_for()
    await colleague.clicks("take-over")


async def test_a_patient_is_handed_over_by_name(
    company: Company, colleague: DoctorOnPage[Page]
) -> None:
    """The word arrives, the patient accepts her, and the first doctor leaves by himself.

    She ends the consultation, and says how her media with the patient went.
    """
    await company.meet()
    await calls_a_colleague(company.doctor)
    await takes_over(colleague)

    await company.patient.page.get_by_text("Dr Camille Démo doit vous laisser").wait_for()
    assert await company.patient.page.is_visible("text=Continuer avec Dr Dominique Essai")
    await company.patient.clicks("choose-colleague")

    await company.doctor.is_over()
    await all_meet(company.patient, colleague)
    assert await colleague.page.inner_text(".told") == WORD
    # Met, she hears from the patient's own page what he said on his way in.
    told = await colleague.page.inner_text("[data-testid=about]")
    assert "Patient informé et d’accord" in told and "Domicile" in told
    assert await company.patient.digits() == await colleague.digits()
    assert "continue avec le patient" in await words_of(company.doctor.page)
    await colleague.hangs_up()
    await asyncio.gather(company.patient.is_over(), colleague.is_over())
    assert ["relayed"] == await paths_said(colleague)


async def test_a_patient_who_was_handed_over_says_good_bye(
    company: Company, colleague: DoctorOnPage[Page]
) -> None:
    """Both are where a call leaves them, and the colleague may call the next."""
    await handed_over(company, colleague)

    await company.patient.hangs_up()

    await company.patient.is_over()
    await colleague.is_over()


async def test_a_patient_chooses_the_queue_and_is_first_again(
    company: Company, colleague: DoctorOnPage[Page]
) -> None:
    """At the old place, before who came later; and the next doctor's call reaches him."""
    await company.meet()
    other = await company.patient.page.context.new_page()
    later = PatientOnPage(other, company.addresses.patient, OTHER_CODE)
    await later.waits()
    await calls_a_colleague(company.doctor)
    await takes_over(colleague)

    await company.patient.clicks("choose-queue")

    await company.patient.is_at("waiting")
    await company.patient.page.wait_for_selector("main[data-place='1']")
    await later.page.wait_for_selector("main[data-place='2']")
    await asyncio.gather(company.doctor.is_over(), colleague.is_over())
    await colleague.calls_next()
    await company.patient.accepts()
    await all_meet(company.patient, colleague)


async def test_with_no_colleague_on_duty_the_patient_still_chooses(company: Company) -> None:
    """The queue at his place, or leaving with what helps: the doctor's page offers no more."""
    await company.meet()
    await company.doctor.clicks("hand-over")
    await company.doctor.page.get_by_text("n’est de garde").wait_for()
    assert await company.doctor.page.query_selector("#hand-to") is None
    await company.doctor.clicks("hand-to-nobody")

    await company.patient.page.wait_for_selector("[data-choice]")
    assert await company.patient.page.query_selector("#choose-colleague") is None
    await company.patient.clicks("choose-leaving")

    await company.patient.is_over()
    assert "médecin traitant" in await words_of(company.patient.page)
    await company.doctor.is_over()


async def test_a_colleague_who_declines_leaves_the_two_together(
    company: Company, colleague: DoctorOnPage[Page]
) -> None:
    """The first doctor is told, and may choose again; the patient notices no interruption."""
    await company.meet()
    await calls_a_colleague(company.doctor)
    await colleague.is_at("rung")
    await colleague.page.get_by_text("Dr Camille Démo vous passe un patient").wait_for()

    await colleague.clicks("decline-hand-over")

    await company.doctor.page.get_by_text("ne peut pas prendre le relais").wait_for()
    await colleague.is_over()
    await until(company.is_a_pair, "somebody is still shown")
    await all_meet(company.patient, company.doctor)


async def test_a_colleague_who_vanishes_leaves_the_patient_at_the_head(
    company: Company, colleague: DoctorOnPage[Page]
) -> None:
    """The page says so and gives the old place back; the first doctor may call again."""
    await handed_over(company, colleague)
    other = await company.patient.page.context.new_page()
    later = PatientOnPage(other, company.addresses.patient, OTHER_CODE)
    await later.waits()

    await colleague.page.close()
    await company.patient.page.get_by_text("Le médecin ne répond plus").wait_for()
    await company.patient.clicks("back-to-queue")

    await company.patient.is_at("waiting")
    await company.patient.page.wait_for_selector("main[data-place='1']")
    await later.page.wait_for_selector("main[data-place='2']")
    assert "de nouveau dans la file" in await words_of(company.patient.page)
    await company.doctor.calls_next()
    await company.patient.accepts()
    await all_meet(company.patient, company.doctor)


async def test_a_colleague_who_vanishes_before_the_choice_costs_nothing(
    company: Company, colleague: DoctorOnPage[Page]
) -> None:
    """The first doctor is still there, and stays with the patient."""
    await company.meet()
    await calls_a_colleague(company.doctor)
    await takes_over(colleague)
    await company.patient.page.wait_for_selector("[data-choice]")

    await colleague.page.close()
    await company.doctor.clicks("keep")

    await until(company.is_a_pair, "somebody is still shown")
    await company.patient.page.wait_for_selector("[data-choice]", state="detached")
    await all_meet(company.patient, company.doctor)


async def handed_over(company: Company, colleague: DoctorOnPage[Page]) -> None:
    await company.meet()
    await calls_a_colleague(company.doctor)
    await takes_over(colleague)
    await company.patient.clicks("choose-colleague")
    await company.doctor.is_over()
    await all_meet(company.patient, colleague)
