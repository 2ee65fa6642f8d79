"""Whoever talks goes on talking while the server is away, and is in the same session after it.

Unrealistic: both the old and the new server run in the test's own process.
"""

import asyncio
from collections.abc import AsyncIterator

import pytest

from clients.peer.peer import Doctor, Guest, Patient
from signaling.store import Session
from tests.clients.people import Windows, two_who_have_met, windows
from tests.serving import QUEUE, Signaling, restarted

Peer = Patient | Doctor | Guest


@pytest.fixture
async def open_() -> AsyncIterator[Windows]:
    async with windows() as made:
        yield made


async def come_back(*peers: Peer) -> None:
    """Wait until everybody is in again, and all are named to all."""
    for peer in peers:
        await peer._desk.watch.until(
            lambda: peer.report().returns > 0 and len(peer.company.listed) == len(peers),  # noqa: B023 # awaited within this turn
            30,
            "The session was not found again in time.",
        )


def connections(*peers: Peer) -> list[object]:
    return [far.connection for peer in peers for far in peer.company.fars]


async def test_a_call_outlives_the_server_and_its_memory(
    signaling: Signaling, open_: Windows
) -> None:
    """Both ends are in the same session again, at the same seats; no connection was made anew."""
    patient, doctor = await two_who_have_met(open_, signaling)
    session, before = patient.report().session, connections(patient, doctor)
    frames = [patient.sink.frames, doctor.sink.frames]
    await signaling.stop()

    async with restarted(signaling) as store:
        await come_back(patient, doctor)

        held = await store.session(session or "")
        assert isinstance(held, Session) and 2 == len(held.seats)
        assert session == patient.report().session == doctor.report().session
        assert before == connections(patient, doctor)
        for report in (patient.report(), doctor.report()):
            assert 1 == len(report.gaps_s) and 0 < report.returns
        assert frames[0] < patient.sink.frames and frames[1] < doctor.sink.frames
        await patient.loses_the_path()  # letters pass again: another connection comes about
        await asyncio.gather(patient.sink.saw(doctor.code), doctor.sink.saw(patient.code))
        await patient.hang_up()
        assert "left" == await doctor.waits_for_the_end(10)
        await doctor.sees_board(lambda board: not board.tickets)
        await patient.close()
        await doctor.close()


async def test_three_in_a_call_outlive_the_server(signaling: Signaling, open_: Windows) -> None:
    """A guest finds his seat by his own pass; all still agree, and no path was made anew."""
    patient, doctor = await two_who_have_met(open_, signaling)
    guest = open_.guest(await doctor.company.invites_guest())
    await guest.enter()
    await asyncio.gather(*(peer.company.agrees(3) for peer in (patient, doctor, guest)))
    await guest.company.saw(patient.code)
    before = connections(patient, doctor, guest)
    await signaling.stop()

    async with restarted(signaling):
        await come_back(patient, doctor, guest)

        assert before == connections(patient, doctor, guest)
        assert all(peer.company.is_agreed for peer in (patient, doctor, guest))
        await doctor.company.shows_out("guest")
        assert "excluded" == await guest.waits_for_the_end(10)
        for peer in (patient, doctor, guest):
            await peer.close()


async def test_a_doctor_whose_patient_is_back_first_is_awaited(
    signaling: Signaling, open_: Windows
) -> None:
    """What the patient says meanwhile is kept; the picture goes on."""
    patient, doctor = await two_who_have_met(open_, signaling)
    await doctor.loses_the_network()
    before = connections(patient, doctor)
    await signaling.stop()

    async with restarted(signaling) as store:
        await patient._desk.watch.until(
            lambda: patient.report().returns > 0 and len(patient.company.listed) == 1,
            30,
            "The patient did not come back.",
        )
        await doctor.comes_back()
        await come_back(patient, doctor)

        assert before == connections(patient, doctor)
        assert [] == list(await store.waiting(QUEUE, 9))
        await doctor.hang_up()
        assert "left" == await patient.waits_for_the_end(10)
        await patient.close()
        await doctor.close()
