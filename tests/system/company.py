"""A demonstration with more than two people, each with a browser of his own."""

import asyncio
import shlex
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.async_api import Page

from clients.union import keyring
from clients.union.credentials import DAY_S
from deploy.demo import Addresses, demonstration
from signaling.journal import Journal
from tests.system.ends import (
    WITHIN_S,
    DoctorOnPage,
    GuestOnPage,
    PatientOnPage,
    chromium,
    unfolds,
)

PATIENT_CODE, DOCTOR_CODE = 0x5A31, 0xC3E6
DAYS = 3

End = PatientOnPage[Page] | DoctorOnPage[Page] | GuestOnPage[Page]


@dataclass
class Company:
    """A demonstration with a patient's browser and a doctor's."""

    addresses: Addresses
    patient: PatientOnPage[Page]
    doctor: DoctorOnPage[Page]

    async def meet(self) -> None:
        """Bring both into a call in which each sees the other."""
        await self.patient.waits()
        await self.doctor.goes_on_duty()
        await self.doctor.calls_next()
        await self.patient.accepts()
        await all_meet(self.patient, self.doctor)

    def end(self, name: str) -> End:
        return self.patient if name == "patient" else self.doctor

    def guest(self, page: Page, address: str, code: int) -> GuestOnPage[Page]:
        return GuestOnPage(page, address, code)

    async def is_a_pair(self) -> bool:
        """Tell whether each of the two shows one far end, and no more."""
        counts = [
            await end.page.evaluate("() => document.querySelectorAll('.tile').length")
            for end in (self.patient, self.doctor)
        ]
        return counts == [1, 1]


@asynccontextmanager
async def company_of(folder: Path, **settings: str) -> AsyncIterator[Company]:
    """Run it; at the end no page has complained."""
    async with AsyncExitStack() as stack:
        addresses = await stack.enter_async_context(
            demonstration({"port": "0", **settings}, Journal())
        )
        _, patient = await stack.enter_async_context(chromium(PATIENT_CODE, folder))
        _, doctor = await stack.enter_async_context(chromium(DOCTOR_CODE, folder))
        made = Company(
            addresses,
            PatientOnPage(patient, addresses.patient, PATIENT_CODE),
            DoctorOnPage(doctor, addresses.doctor, DOCTOR_CODE),
        )
        yield made
        assert made.patient.complaints + made.doctor.complaints == []


async def all_meet(*ends: End) -> None:
    """Wait until each sees and hears each of the others, by what was decoded."""
    for end in ends:
        others = [other.code for other in ends if other is not end]
        await asyncio.gather(*(end.sees(code) for code in others))
        await asyncio.gather(*(end.hears(code) for code in others))


async def another_doctor(addresses: Addresses, seed: bytes) -> str:
    """Have the union vouch for one more doctor, Dr Dominique Essai; the address of that page."""
    first_day = int(time.time()) // DAY_S - 1
    request = keyring.Keyring(seed).request(first_day, DAYS)
    command = addresses.command.replace("REQUEST", shlex.quote(request))
    done = await asyncio.create_subprocess_shell(
        command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    said, _ = await done.communicate()
    assert done.returncode == 0, said.decode()
    return f"{addresses.doctor.split('#')[0]}#{keyring.write(seed)}"


async def makes_an_address(page: Page) -> str:
    """Ask for a link for a guest, and read it off the page."""
    await unfolds(page, "invite")
    await page.click("#invite", timeout=WITHIN_S * 1000)
    await page.wait_for_selector("#guest-link", timeout=WITHIN_S * 1000)
    return await page.input_value("#guest-link")
