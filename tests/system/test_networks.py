"""From a hospital to a telephone: the two worst networks that people really have, by one relay."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.async_api import Page

from tests.relay.serving import Authority, authority
from tests.system.ends import (
    CHROMIUM,
    KEEP_CONNECTIONS,
    DoctorOnPage,
    PatientOnPage,
    chromium,
)
from tests.system.networks import SERVER, Networks, networks

HOUSE = Path(__file__).parents[2]
PATIENT_CODE, DOCTOR_CODE = 0x5A31, 0xC3E6


@dataclass
class Place:
    """Hosts with a service on one of them, and the addresses that it printed."""

    hosts: Networks
    made: Authority
    patient: str
    doctor: str


@asynccontextmanager
async def typed(
    place: Networks, host: str, *words: str, root: Path
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Type a command of ours on a host."""
    bare = {name: value for name, value in os.environ.items() if "TELECONSULT" not in name}
    process = await asyncio.create_subprocess_exec(
        *place.inside(host, sys.executable, "-c", "from deploy.command import main; main()"),
        *words,
        cwd=HOUSE,
        env={**bare, "PYTHONPATH": str(HOUSE), "PYTHONUNBUFFERED": "1", "SSL_CERT_FILE": str(root)},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
        await process.communicate()


async def line_with(process: asyncio.subprocess.Process, text: str) -> str:
    """Wait for a line of output, and give what stands behind the text."""
    assert process.stdout is not None
    while line := (await process.stdout.readline()).decode():
        if text in line:
            return line.partition(text)[2].strip()
    raise AssertionError(f"the command ended without saying {text!r}")


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    """A service on port 443 of its host, pages and relay together, UDP and TCP on 3478."""
    made = authority(tmp_path, SERVER)
    async with AsyncExitStack() as stack:
        hosts = await stack.enter_async_context(networks())
        words = ["demo", "--host", SERVER, "--port", "443", "--relay-port", "3478"]
        words += ["--certificate", str(made.certificate), "--certificate-key", str(made.key)]
        service = await stack.enter_async_context(typed(hosts, "server", *words, root=made.root))
        patient = await line_with(service, "patient's link")
        yield Place(hosts, made, patient, await line_with(service, "doctor's page"))


async def say(process: asyncio.subprocess.Process, line: str) -> None:
    assert process.stdin is not None
    process.stdin.write(f"{line}\n".encode())
    await process.stdin.drain()


async def test_peers_behind_the_worst_networks_hold_a_consultation(place: Place) -> None:
    """One by UDP through its NAT, the other by TLS on 443, each by what `peer` finds itself."""
    root = place.made.root
    async with (
        typed(place.hosts, "doctor", "peer", "doctor", "-", "--once", root=root) as doctor,
        typed(place.hosts, "patient", "peer", "patient", "-", root=root) as patient,
    ):
        await say(doctor, place.doctor)
        await line_with(doctor, "on duty")
        await say(patient, place.patient)

        await asyncio.gather(
            line_with(patient, "the doctor's picture says"),
            line_with(doctor, "the patient's picture says"),
        )


@asynccontextmanager
async def browsers(
    place: Place, folder: Path
) -> AsyncIterator[tuple[PatientOnPage[Page], DoctorOnPage[Page]]]:
    """Two Chromiums, each on its host, in a call."""
    root = place.made.root
    async with (
        chromium(
            PATIENT_CODE,
            folder,
            authority=root,
            program=place.hosts.launcher("patient", CHROMIUM, folder),
        ) as (_, patients),
        chromium(
            DOCTOR_CODE,
            folder,
            authority=root,
            program=place.hosts.launcher("doctor", CHROMIUM, folder),
        ) as (_, doctors),
    ):
        await patients.add_init_script(f"({KEEP_CONNECTIONS})()")
        await doctors.add_init_script(f"({KEEP_CONNECTIONS})()")
        patient = PatientOnPage(patients, place.patient, PATIENT_CODE)
        doctor = DoctorOnPage(doctors, place.doctor, DOCTOR_CODE)
        await patient.waits()
        await doctor.goes_on_duty()
        await doctor.calls_next()
        await patient.accepts()
        await asyncio.gather(patient.sees(DOCTOR_CODE), doctor.sees(PATIENT_CODE))
        yield patient, doctor


async def test_browsers_behind_the_worst_networks_see_and_hear(
    place: Place, tmp_path: Path
) -> None:
    """Two Chromiums; the media of one go by UDP, of the other by TLS, and no other way."""
    async with browsers(place, tmp_path) as (patient, doctor):
        (its,), (other,) = await patient.paths(), await doctor.paths()
        assert ("relay", "udp") == (its["local"], its["over"])
        assert ("relay", "tls") == (other["local"], other["over"])


# The longest time between two pictures that the doctor saw, in milliseconds.
KEEP_GAPS = """() => {
  const video = document.querySelector('#far');
  window.__gap = 0;
  let shownAt = performance.now();
  const shown = (now) => {
    window.__gap = Math.max(window.__gap, now - shownAt);
    shownAt = now;
    video.requestVideoFrameCallback(shown);
  };
  video.requestVideoFrameCallback(shown);
}"""


async def test_a_call_goes_on_over_another_network(
    place: Place, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    """From Wi-Fi to the telephone's own network: by itself, with one connection and no other."""
    async with browsers(place, tmp_path) as (patient, doctor):
        await doctor.page.evaluate(KEEP_GAPS)

        await place.hosts.moves()

        await patient.page.wait_for_selector("[data-banner=back]", timeout=60_000)
        await patient.page.wait_for_selector(".call[data-flow=live]", timeout=60_000)
        await asyncio.gather(patient.sees(DOCTOR_CODE), doctor.sees(PATIENT_CODE))
        record_property("gap_ms", round(await doctor.page.evaluate("() => window.__gap")))
        for end in (patient, doctor):
            assert await end.page.evaluate("() => openConnections().length") == 1
        await patient.hangs_up()
        await asyncio.gather(patient.is_over(), doctor.is_over())
