"""Whole dialogues: the consultation of `make call`, and peers that talk to whoever is there."""

import asyncio
import re

import pytest

from clients.peer.errors import NotReached, PeerError
from clients.peer.peer import Patient
from clients.peer.run import hold_one_consultation, run_doctor, run_guest, run_patient
from tests.clients.people import two_who_have_met, windows
from tests.serving import QUEUE, Signaling
from tests.unions import CARD

CODE = 0x0DD5


@pytest.fixture
def patient_url(signaling: Signaling) -> str:
    return signaling.pool_link()


@pytest.fixture
def doctor_url(signaling: Signaling) -> str:
    return signaling.doctor_address()


async def test_one_consultation_tells_its_steps_and_its_milliseconds(
    patient_url: str, doctor_url: str
) -> None:
    """Each step of each peer is a line; what is returned is accept to first frame."""
    lines: list[str] = []

    ms = await hold_one_consultation(patient_url, doctor_url, lines.append)

    assert 0 < ms < 30_000
    told = {tuple(re.split(r"\s{2,}", line)[:2]) for line in lines}
    steps = ["joined", "accepted", "ice", "dtls", "bound", "first frame", "tone", "session left"]
    for who in ("patient", "doctor"):
        assert [(who, step) in told for step in steps] == [True] * len(steps), lines


async def test_no_line_carries_a_secret_or_an_address(patient_url: str, doctor_url: str) -> None:
    """Whatever is printed may be pasted into a report."""
    lines: list[str] = []

    await hold_one_consultation(patient_url, doctor_url, lines.append)

    text = "\n".join(lines)
    assert "cap1" not in text and "key1" not in text
    assert "127.0.0.1" not in text
    assert "localhost" not in text


async def test_nobody_who_waits_is_called_by_a_trial(patient_url: str, doctor_url: str) -> None:
    """A trial consultation is not to ring a real patient."""
    somebody = Patient(patient_url, code=CODE)
    await somebody.enter()

    with pytest.raises(PeerError, match="waiting there already"):
        await hold_one_consultation(patient_url, doctor_url, lambda _: None)
    await somebody.close()


async def test_a_patient_and_a_doctor_find_each_other(
    signaling: Signaling, patient_url: str, doctor_url: str
) -> None:
    """Two peers, each alone; the doctor hangs up, and with `once` goes home."""
    told: list[str] = []

    await asyncio.gather(
        run_patient(patient_url, told.append),
        run_doctor(doctor_url, told.append, once=True, talk_s=0.01),
    )

    assert "the consultation is over: left" in told
    who = f"{CARD.name}, {CARD.specialty}, vouched for by {signaling.union.public.name}, is calling"
    [line] = [line for line in told if "is calling" in line]
    assert re.fullmatch(rf"{re.escape(who)}; digits \d{{3}} \d{{3}}", line)


async def test_a_guest_alone_says_who_is_there(signaling: Signaling) -> None:
    """With the digits of each pair, and when it is over."""
    told: list[str] = []
    async with windows() as open_:
        patient, doctor = await two_who_have_met(open_, signaling)
        guest = asyncio.create_task(run_guest(await patient.company.invites_guest(), told.append))
        await asyncio.gather(patient.company.agrees(3), doctor.company.agrees(3))
        digits = [
            peer.company.pairs[seat].digits
            for peer in (patient, doctor)
            for seat in peer.company.pairs
        ]

        await doctor.hang_up()
        await guest

    assert "3 are here, and agree on it" in told
    assert sorted(digits) == sorted(line[-7:].replace(" ", "") for line in told if "digits" in line)
    assert "the consultation is over: left" == told[-1]


async def test_a_patient_who_is_stopped_leaves_no_ticket(
    signaling: Signaling, patient_url: str
) -> None:
    """Ctrl-C gives the place up."""
    has_place = asyncio.Event()
    peer = asyncio.create_task(run_patient(patient_url, lambda _: has_place.set()))
    await has_place.wait()

    peer.cancel()

    with pytest.raises(asyncio.CancelledError):
        await peer
    assert [] == list(await signaling.store.waiting(QUEUE, 99))


async def test_a_server_that_is_not_there_is_a_sentence(
    signaling: Signaling, patient_url: str, doctor_url: str, unused_tcp_port: int
) -> None:
    """Not a traceback, and not a wait of minutes."""
    elsewhere = f"http://localhost:{unused_tcp_port}"

    with pytest.raises(NotReached, match="was not reached"):
        await run_patient(patient_url.replace(signaling.origin, elsewhere), lambda _: None)
    with pytest.raises(NotReached, match="was not reached"):
        await run_doctor(doctor_url.replace(signaling.origin, elsewhere), lambda _: None)
