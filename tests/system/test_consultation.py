"""A whole consultation, real media, with every pair of ends."""

import asyncio
from pathlib import Path

import pytest

from deploy.demo import demonstration
from signaling.journal import Journal
from tests.system.ends import Kind, doctor_end, patient_end

PATIENT_CODE, DOCTOR_CODE = 0x5A31, 0xC3E6


KINDS: list[tuple[Kind, Kind]] = [
    ("aiortc", "aiortc"),
    ("chromium", "aiortc"),
    ("aiortc", "chromium"),
    ("chromium", "chromium"),
    ("firefox", "aiortc"),
    ("aiortc", "firefox"),
    ("firefox", "chromium"),
    ("chromium", "firefox"),
]


@pytest.mark.parametrize(("patient_kind", "doctor_kind"), KINDS)
async def test_patient_and_doctor_see_and_hear_each_other(
    patient_kind: Kind, doctor_kind: Kind, tmp_path: Path
) -> None:
    """Each end decodes the other's own picture and hears its own tone; the digits are the same."""
    async with (
        demonstration({"port": "0"}, Journal()) as addresses,
        patient_end(patient_kind, addresses.patient, PATIENT_CODE, tmp_path) as patient,
        doctor_end(doctor_kind, addresses.doctor, DOCTOR_CODE, tmp_path) as doctor,
    ):
        await patient.waits()
        await doctor.goes_on_duty()

        await doctor.calls_next()
        await patient.accepts()

        await asyncio.gather(patient.sees(DOCTOR_CODE), doctor.sees(PATIENT_CODE))
        await asyncio.gather(patient.hears(DOCTOR_CODE), doctor.hears(PATIENT_CODE))
        assert await patient.digits() == await doctor.digits() != ""
        await patient.hangs_up()
        await asyncio.gather(patient.is_over(), doctor.is_over())
