"""More than two in real pages: a guest by an address, who sees and hears everybody."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from playwright.async_api import Page

from tests.system.company import Company, all_meet, company_of, makes_an_address
from tests.system.ends import chromium, until, words_of

GUEST_CODE, THIEF_CODE = 0x6B12, 0x2D77


@pytest.fixture
async def company(tmp_path: Path) -> AsyncIterator[Company]:
    """A patient and a doctor in a call, and a service; at the end no page has complained."""
    async with company_of(tmp_path) as made:
        yield made


@pytest.fixture
async def guest_page(tmp_path: Path) -> AsyncIterator[Page]:
    async with chromium(GUEST_CODE, tmp_path) as (_, page):
        yield page


@pytest.mark.parametrize("inviter", ["patient", "doctor"])
async def test_a_guest_joins_by_an_address(
    company: Company, guest_page: Page, inviter: str
) -> None:
    """Made by either of the two in a call: all three see and hear each other, and know by whom."""
    await company.meet()
    address = await makes_an_address(company.end(inviter).page)

    guest = company.guest(guest_page, address, GUEST_CODE)
    await guest.joins()

    await all_meet(company.patient, company.doctor, guest)
    by = {"patient": "le patient", "doctor": "Dr Camille Démo"}[inviter]
    assert await guest_page.get_by_text(f"invité par {by}").first.is_visible()
    assert await company.end(inviter).page.get_by_text("invité par vous").first.is_visible()
    assert guest.complaints == []


async def test_an_address_that_was_used_lets_nobody_else_in(
    company: Company, guest_page: Page, tmp_path: Path
) -> None:
    """Whoever opens it again is told so, in words, and nobody in the call is disturbed."""
    await company.meet()
    address = await makes_an_address(company.patient.page)
    guest = company.guest(guest_page, address, GUEST_CODE)
    await guest.joins()
    await all_meet(company.patient, company.doctor, guest)

    async with chromium(THIEF_CODE, tmp_path) as (_, elsewhere):
        await company.guest(elsewhere, address, THIEF_CODE).opens()

        await elsewhere.wait_for_selector("main[data-state=refused]")
        assert "Ce lien a déjà servi" in await words_of(elsewhere)
    await all_meet(company.patient, company.doctor, guest)


async def test_a_doctor_shows_a_guest_out(company: Company, guest_page: Page) -> None:
    """The guest is told, and the two who began go on as before."""
    await company.meet()
    guest = company.guest(guest_page, await makes_an_address(company.doctor.page), GUEST_CODE)
    await guest.joins()
    await all_meet(company.patient, company.doctor, guest)

    await company.doctor.clicks("show-out-guest")

    await guest.is_over()
    assert "fait sortir" in await words_of(guest_page)
    await until(company.is_a_pair, "somebody is still shown")
    await asyncio.gather(
        company.patient.sees(company.doctor.code), company.doctor.sees(company.patient.code)
    )


async def test_a_guest_leaves_and_another_may_come(company: Company, guest_page: Page) -> None:
    """A seat that is left is free again, for another address."""
    await company.meet()
    first = company.guest(guest_page, await makes_an_address(company.patient.page), GUEST_CODE)
    await first.joins()
    await all_meet(company.patient, company.doctor, first)
    await first.hangs_up()
    await first.is_over()
    await until(company.is_a_pair, "the guest is still shown")

    async with AsyncExitStack() as stack:
        page = await stack.enter_async_context(guest_page.context)
        second = company.guest(
            await page.new_page(), await makes_an_address(company.doctor.page), GUEST_CODE
        )
        await second.joins()
        await all_meet(company.patient, company.doctor, second)
