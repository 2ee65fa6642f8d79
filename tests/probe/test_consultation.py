"""A round is a real consultation, or a row that says what failed: never an exception."""

import asyncio
import os
import signal
import socket
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path as File

import pytest

from clients.peer import connection
from clients.peer.media import PatternTrack
from clients.peer.peer import Doctor, Patient
from clients.peer.reach import Reach
from probe import consultation
from probe.consultation import Limits, hold, one_patient
from probe.rounds import PATHS, STEPS, Path, Round, Step, Why
from tests.children import child
from tests.probe.services import QUICK, UNHURRIED, Service, a_service
from tests.relay.serving import Authority

AT = 1_800_000_000.0


@pytest.fixture
async def service(made: Authority, pages: File) -> AsyncIterator[Service]:
    async with a_service(made, pages) as running:
        yield running


async def round_of(
    service: Service, path: Path = "direct", reach: Reach | None = None, limits: Limits = UNHURRIED
) -> Round:
    held = await hold(path, "1", AT, service.keys, reach or service.reach, limits)
    return held.round


def said(round_: Round) -> tuple[Step | None, Why | None]:
    return round_.failed, round_.why


async def test_a_round_that_goes_well_says_how_each_step_went(service: Service) -> None:
    """Each step's time, what was lost, how unevenly it came, and how long the certificate lasts."""
    held = await hold("tls", "1", AT, service.keys, service.reach, UNHURRIED)

    found = held.round
    assert (None, None) == said(found)
    assert frozenset(PATHS) == held.paths
    assert set(STEPS) == found.steps.keys() and all(ms >= 0 for ms in found.steps.values())
    assert found.loss is not None and 0 <= found.loss < 0.5
    assert found.jitter_ms is not None and found.jitter_ms >= 0
    assert found.certificate_ends is not None


async def test_where_nobody_listens_the_page_is_unreached(
    service: Service, unused_tcp_port: int
) -> None:
    """A service that is dead is a row."""
    nowhere = Reach(service.reach.trust, at=f"https://localhost:{unused_tcp_port}")

    assert ("page", "unreached") == said(await round_of(service, reach=nowhere))


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_a_server_that_takes_and_never_answers_is_cut_off(
    service: Service, scheme: str
) -> None:
    """At the step's deadline, and nothing is left of it."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        hanging = Reach(service.reach.trust, at=f"{scheme}://localhost:{silent.getsockname()[1]}")
        found = await round_of(service, reach=hanging, limits=Limits(step_s=0.3))

    assert ("page", "timeout") == said(found)
    assert {} == found.steps


async def test_a_certificate_of_nobody_known_is_said(service: Service) -> None:
    """And is something else than a service that is away."""
    assert ("page", "certificate") == said(await round_of(service, reach=Reach()))


async def test_somebody_else_in_the_queue_is_a_row(service: Service) -> None:
    """The probe calls nobody but its own patient."""
    other = Patient(service.keys.link, code=1, reach=service.reach)
    await other.enter()

    found = await round_of(service)

    assert ("queue", "not-empty") == said(found)
    assert "waiting" == other.state
    await other.close()


@pytest.mark.parametrize("has_met", [False, True], ids=["a place", "a session"])
async def test_what_a_killed_probe_left_is_taken_away(service: Service, has_met: bool) -> None:
    """The next round finds its own place or seat, gives it back, and is green."""
    patient = Patient(one_patient(service.keys), code=1, reach=service.reach)
    doctor = Doctor(service.keys.doctor, code=2, reach=service.reach)
    await patient.enter()
    await doctor.enter()
    await doctor.goes_on_duty()
    if has_met:
        await doctor.calls_next()
        await patient.waits_for_call()
        await asyncio.gather(patient.accepts(), doctor.is_accepted())
    for window in (patient, doctor):
        await window.close()  # without a word, as who is killed

    assert (None, None) == said(await round_of(service))


async def test_a_round_that_is_stopped_leaves_nothing(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever stops the probe in the middle of it has neither tasks nor places left behind."""
    listening = asyncio.Event()
    listen = consultation._Consultation._listen

    async def listens(self: consultation._Consultation, patient: Patient, doctor: Doctor) -> None:
        listening.set()
        await listen(self, patient, doctor)

    monkeypatch.setattr(consultation._Consultation, "_listen", listens)
    going = asyncio.create_task(round_of(service, limits=replace(UNHURRIED, media_s=600.0)))
    await listening.wait()

    going.cancel()
    await asyncio.wait([going])

    assert going.cancelled()
    doctor = Doctor(service.keys.doctor, code=2, reach=service.reach)
    await doctor.enter()
    await doctor.goes_on_duty()
    assert doctor.board is not None and 0 == doctor.board.waiting
    await doctor.close()


async def test_a_relay_that_is_away_is_at_fault_for_its_paths_alone(service: Service) -> None:
    """Where it is stopped, no address is found there; the direct path needs none."""
    os.kill(child("deploy.relay_child"), signal.SIGSTOP)
    try:
        direct, udp = await round_of(service), await round_of(service, "udp", limits=QUICK)
    finally:
        os.kill(child("deploy.relay_child"), signal.SIGCONT)

    assert [(None, None), ("ice", "timeout")] == [said(direct), said(udp)]


async def test_a_path_that_is_not_offered_is_said(made: Authority, pages: File) -> None:
    """A relay that lost its TLS is not green, and not a mystery."""
    async with a_service(made, pages, {"relay_transports": "udp"}) as service:
        held = await hold("tls", "1", AT, service.keys, service.reach, UNHURRIED)

    assert ("queue", "no-relay") == said(held.round)
    assert frozenset[Path]({"direct", "udp"}) == held.paths


async def test_another_picture_is_told_from_none(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Media that flow, and are not what the other end sent."""
    monkeypatch.setattr(connection, "PatternTrack", lambda code: PatternTrack(code ^ 0x0100))

    assert ("frame", "wrong-picture") == said(await round_of(service, limits=QUICK))
