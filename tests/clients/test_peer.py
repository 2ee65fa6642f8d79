"""Two headless peers hold real consultations through a real server, with real media.

Longer than most files: one list of what may happen to two people, on one stage.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import aiohttp
import pytest

from clients.peer import far_end
from clients.peer import socket as sockets
from clients.peer.errors import BadLink, NotEnrolled, Over, Replaced
from clients.peer.peer import Doctor, Patient
from clients.peer.records import take
from clients.union import keyring
from signaling.messages import Accepted, Envelope, ServerMessage
from tests.serving import Signaling, serving
from tests.unions import CARD

PATIENT, DOCTOR = 0x9A7E, 0xD0C7


@pytest.fixture
def patient_url(signaling: Signaling) -> str:
    return signaling.pool_link()


@pytest.fixture
def doctor_url(signaling: Signaling) -> str:
    return signaling.doctor_address()


@pytest.fixture
async def new_patient(patient_url: str) -> AsyncIterator[Callable[..., Patient]]:
    """Opens patients' windows, and closes them in the end."""
    windows: list[Patient] = []

    def open_window(url: str = patient_url, code: int = PATIENT) -> Patient:
        windows.append(Patient(url, code=code))
        return windows[-1]

    yield open_window
    for window in windows:
        await window.close()


@pytest.fixture
async def new_doctor(doctor_url: str) -> AsyncIterator[Callable[..., Doctor]]:
    """Opens doctors' windows, and closes them in the end."""
    windows: list[Doctor] = []

    def open_window(url: str = doctor_url) -> Doctor:
        windows.append(Doctor(url, code=DOCTOR))
        return windows[-1]

    yield open_window
    for window in windows:
        await window.close()


@pytest.fixture
def patient(new_patient: Callable[..., Patient]) -> Patient:
    return new_patient()


@pytest.fixture
def doctor(new_doctor: Callable[..., Doctor]) -> Doctor:
    return new_doctor()


def tear_before(monkeypatch: pytest.MonkeyPatch, lost: str) -> None:
    """Let the first such letter be lost with the socket by which it comes."""
    receive, is_torn = sockets._receive, False

    async def tears(
        ws: aiohttp.ClientWebSocketResponse, within_s: float | None = None
    ) -> ServerMessage:
        nonlocal is_torn
        message = await receive(ws, within_s)
        if not is_torn and kind_of(message) == lost:
            is_torn = True
            raise ConnectionError
        return message

    monkeypatch.setattr(sockets, "_receive", tears)


def kind_of(message: ServerMessage) -> str:
    """What an envelope carries; `accepted` for the M3 that comes with it."""
    if isinstance(message, Accepted) and message.m3 is not None:
        return "accepted"
    return take(message.body).kind.name if isinstance(message, Envelope) else ""


async def both_wait(patient: Patient, doctor: Doctor) -> None:
    await patient.enter()
    await doctor.enter()
    await doctor.goes_on_duty()


async def they_meet(patient: Patient, doctor: Doctor) -> None:
    await both_wait(patient, doctor)
    await doctor.calls_next()
    await patient.waits_for_call()
    await asyncio.gather(patient.accepts(), doctor.is_accepted())
    await they_see_and_hear(patient, doctor)


async def they_see_and_hear(patient: Patient, doctor: Doctor) -> None:
    await asyncio.gather(
        patient.sink.saw(DOCTOR),
        patient.sink.heard(DOCTOR),
        doctor.sink.saw(PATIENT),
        doctor.sink.heard(PATIENT),
    )


async def test_they_meet_see_and_hear_each_other_and_part(
    signaling: Signaling, patient: Patient, doctor: Doctor
) -> None:
    """The main job, from link to good-bye, proved by the content of picture and sound.

    It is counted once, and by which way media went.
    """
    counts = signaling.counts()
    await patient.enter()
    assert (1, 0) == (patient.place, patient.doctors)
    await doctor.enter()
    await doctor.goes_on_duty()
    await doctor.calls_next()
    proposal = await patient.waits_for_call()
    assert (CARD.name, signaling.union.public.name) == (proposal.card.name, proposal.union)

    await asyncio.gather(patient.accepts(), doctor.is_accepted())
    await they_see_and_hear(patient, doctor)
    assert patient.digits == doctor.digits == proposal.digits
    await doctor.hang_up()

    assert "left" == await patient.waits_for_the_end(5)
    assert "on" == doctor.state
    counted = [await counts.get() for _ in range(3)]
    assert [("consultations", ""), ("waits", "under-1"), ("endings", "direct")] == counted


async def test_a_declined_doctor_is_told_and_the_patient_waits_again(
    patient: Patient, doctor: Doctor
) -> None:
    """Declining costs nobody anything."""
    await both_wait(patient, doctor)
    await doctor.calls_next()
    await patient.waits_for_call()

    await patient.declines()

    with pytest.raises(Over, match="declined"):
        await doctor.is_accepted()
    assert ("waiting", "on") == (patient.state, doctor.state)


async def test_a_call_taken_back_leaves_the_patient_waiting_and_callable(
    signaling: Signaling, patient: Patient, doctor: Doctor
) -> None:
    """After a call every M1 is fresh: the next one leads to a consultation."""
    await both_wait(patient, doctor)
    await doctor.calls_next()
    await patient.waits_for_call()
    await doctor.withdraws()
    signaling.clock.advance(signaling.settings.cooldown_s)

    await doctor.calls_next()
    await patient.waits_for_call()
    await asyncio.gather(patient.accepts(), doctor.is_accepted())

    await they_see_and_hear(patient, doctor)


async def test_a_patient_who_gives_up_is_gone(patient: Patient, doctor: Doctor) -> None:
    """The doctor's board is empty again."""
    await both_wait(patient, doctor)

    await patient.gives_up()

    assert "gone" == patient.state
    await doctor.sees_board(lambda board: not board.tickets)


@pytest.mark.parametrize("who", ["patient", "doctor"])
async def test_a_lost_path_is_found_again_by_a_new_connection(
    patient: Patient, doctor: Doctor, who: str
) -> None:
    """In the same session, without a word from anybody."""
    await they_meet(patient, doctor)

    await (patient if who == "patient" else doctor).loses_the_path()
    patient.sink.forget()
    doctor.sink.forget()

    await they_see_and_hear(patient, doctor)
    assert ("session", "session") == (patient.state, doctor.state)
    assert "offered anew" in doctor.steps.at


async def test_a_lost_socket_does_not_touch_the_consultation(
    patient: Patient, doctor: Doctor
) -> None:
    """Both come back by themselves, and what was said meanwhile arrives."""
    await they_meet(patient, doctor)
    await patient.loses_the_network()
    await doctor.loses_the_network()
    patient.sink.forget()
    doctor.sink.forget()
    await they_see_and_hear(patient, doctor)

    await asyncio.gather(patient.comes_back(), doctor.comes_back())
    await patient.hang_up()

    assert "left" == await doctor.waits_for_the_end(5)


async def test_a_path_lost_while_the_far_end_is_away_is_found_when_it_is_back(
    patient: Patient, doctor: Doctor
) -> None:
    """An envelope refused as `away` goes once more."""
    await they_meet(patient, doctor)
    await patient.loses_the_network()
    await doctor.loses_the_path()
    await doctor.sees_step("away")
    patient.sink.forget()
    doctor.sink.forget()

    await patient.comes_back()

    await they_see_and_hear(patient, doctor)


async def test_a_far_end_that_comes_back_without_a_word_gets_its_letters(
    patient: Patient,
    doctor: Doctor,
    new_patient: Callable[..., Patient],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A patient who reloads while the doctor is away is not left to wait for a word."""
    monkeypatch.setattr(far_end, "TRY_AGAIN_S", 0.05)
    await they_meet(patient, doctor)
    await doctor.loses_the_network()
    await patient.close()
    again = new_patient(patient.address, code=0xBAC8)
    await again.enter()
    await again.sees_step("away")

    await doctor.comes_back()

    await asyncio.gather(again.sink.saw(DOCTOR), doctor.sink.saw(0xBAC8))


async def test_a_waiting_patient_comes_back_to_the_same_place(
    new_patient: Callable[..., Patient],
) -> None:
    """The pass keeps the place."""
    first, second = new_patient(), new_patient()
    await first.enter()
    await second.enter()

    await first.loses_the_network()

    assert 1 == await first.comes_back()
    assert 2 == second.place


async def test_a_patient_who_reloads_comes_back_into_the_consultation(
    patient: Patient, doctor: Doctor, new_patient: Callable[..., Patient]
) -> None:
    """The same seed and resume secret: the doctor's peer asks nobody."""
    await they_meet(patient, doctor)
    await patient.close()

    again = new_patient(patient.address, code=0xBAC8)
    await again.enter()

    await asyncio.gather(again.sink.saw(DOCTOR), doctor.sink.saw(0xBAC8))
    assert not doctor.is_held


async def test_a_second_window_takes_over_and_the_first_does_not_fight_back(
    patient: Patient, doctor: Doctor, new_patient: Callable[..., Patient]
) -> None:
    """The newer socket wins."""
    await they_meet(patient, doctor)

    again = new_patient(patient.address, code=0xBAC8)
    await again.enter()

    await asyncio.gather(again.sink.saw(DOCTOR), doctor.sink.saw(0xBAC8))
    with pytest.raises(Replaced):
        await patient.waits_for_the_end(5)


async def test_nobody_comes_into_a_consultation_without_the_resume_secret(
    patient: Patient, doctor: Doctor, new_patient: Callable[..., Patient]
) -> None:
    """The doctor's peer stops sending and waits for a click, then the patient's for a word."""
    await they_meet(patient, doctor)
    stranger = new_patient(patient.address.partition("~r=")[0], code=0x5EED)

    await stranger.enter()
    await doctor.sees_step("opened elsewhere")

    assert doctor.is_held
    assert 0 == stranger.sink.frames
    await doctor.lets_in_again()
    await stranger.waits_for_call()
    await stranger.accepts()
    await asyncio.gather(stranger.sink.saw(DOCTOR), doctor.sink.saw(0x5EED))


async def test_a_doctor_who_reloads_knocks_and_is_let_in(
    patient: Patient, doctor: Doctor, new_doctor: Callable[..., Doctor]
) -> None:
    """With the resume secret in the address, without a click."""
    await they_meet(patient, doctor)
    await doctor.close()

    again = new_doctor(doctor.address)
    await again.enter()

    await they_see_and_hear(patient, again)


async def test_a_doctor_who_reloads_without_the_resume_secret_ends_nothing(
    patient: Patient, doctor: Doctor, new_doctor: Callable[..., Doctor]
) -> None:
    """The session goes on, also when going on duty in it; the patient waits for a click."""
    await they_meet(patient, doctor)
    await doctor.close()

    again = new_doctor(doctor.address.partition("~r=")[0])
    await again.enter()
    await again.goes_on_duty()
    await again.sees_step("opened elsewhere")

    assert ("session", "session") == (patient.state, again.state)
    await again.lets_in_again()
    await they_see_and_hear(patient, again)


@pytest.mark.parametrize("lost", ["accepted", "M4"])
async def test_a_first_handshake_that_loses_a_letter_comes_about_all_the_same(
    patient: Patient, doctor: Doctor, monkeypatch: pytest.MonkeyPatch, lost: str
) -> None:
    """Whose socket is lost with it asks anew on the next one; nobody has to click."""
    tear_before(monkeypatch, lost)

    await they_meet(patient, doctor)

    assert not doctor.is_held


@pytest.mark.parametrize("lost", ["M1", "M2", "M3", "M4"])
async def test_a_handshake_in_session_that_loses_a_letter_comes_about_all_the_same(
    patient: Patient,
    doctor: Doctor,
    new_patient: Callable[..., Patient],
    monkeypatch: pytest.MonkeyPatch,
    lost: str,
) -> None:
    """And under which secret to sign is never in doubt: nobody seems to be a stranger."""
    await they_meet(patient, doctor)
    await patient.close()
    tear_before(monkeypatch, lost)

    again = new_patient(patient.address, code=0xBAC8)
    await again.enter()

    await asyncio.gather(again.sink.saw(DOCTOR), doctor.sink.saw(0xBAC8))
    assert "opened elsewhere" not in doctor.steps.at


async def test_a_doctor_who_was_long_away_in_a_session_is_on_duty_again(
    signaling: Signaling, patient: Patient, doctor: Doctor
) -> None:
    """The server takes whoever is silent off duty, in a session too."""
    await they_meet(patient, doctor)
    await doctor.loses_the_network()
    signaling.clock.advance(signaling.settings.awake_s + 1)
    somebody = signaling.cast.patient()
    await somebody.joins()
    await somebody.hears_board(doctors=0)

    await doctor.comes_back()

    await somebody.hears_board(doctors=1)
    assert "session" == doctor.state


async def test_a_call_that_cannot_be_answered_is_over_and_the_next_one_is_not(
    signaling: Signaling, patient: Patient, doctor: Doctor
) -> None:
    """A patient whose M1 nobody can read rests; the one behind him is called."""
    await signaling.cast.patient().joins(m1="AAAA")
    await both_wait(patient, doctor)

    with pytest.raises(Over, match="withdrawn"):
        await doctor.calls_next()
    await doctor.calls_next()

    await patient.waits_for_call()


async def test_a_resting_patient_of_one_queue_does_not_hide_those_of_another(
    pages: Path,
) -> None:
    """The doctor calls the first who may be called, over all queues."""
    async with serving(pages, queues=("one", "two")) as signaling:
        first, second = (
            Patient(signaling.pool_link(queue), code=PATIENT) for queue in ("one", "two")
        )
        doctor = Doctor(signaling.doctor_address(), code=DOCTOR)
        try:
            await both_wait(first, doctor)
            await doctor.calls_next()
            await first.waits_for_call()
            await first.declines()
            await second.enter()

            await doctor.calls_next()

            await second.waits_for_call()
        finally:
            for window in (first, second, doctor):
                await window.close()


async def test_declining_without_a_socket_is_remembered(patient: Patient, doctor: Doctor) -> None:
    """On return the patient is not shown the declined doctor again."""
    await both_wait(patient, doctor)
    await doctor.calls_next()
    await patient.waits_for_call()
    await patient.loses_the_network()

    declining = asyncio.create_task(patient.declines())
    await patient.comes_back()
    await declining

    with pytest.raises(Over, match="declined"):
        await doctor.is_accepted()
    assert "waiting" == patient.state


async def test_a_doctor_lost_while_calling_gives_the_patient_back(
    patient: Patient, doctor: Doctor
) -> None:
    """The patient waits at the head again, and the doctor is on duty again when back."""
    await both_wait(patient, doctor)
    await doctor.calls_next()
    await patient.waits_for_call()

    await doctor.loses_the_network()
    await patient.waits_again()
    await doctor.comes_back()
    await doctor.calls_next()
    await patient.waits_for_call()
    await asyncio.gather(patient.accepts(), doctor.is_accepted())

    await they_see_and_hear(patient, doctor)


async def test_a_patient_lost_while_called_is_asked_anew(patient: Patient, doctor: Doctor) -> None:
    """Coming back brings a fresh M1, which the doctor answers within the same call."""
    await both_wait(patient, doctor)
    await doctor.calls_next()
    await patient.waits_for_call()

    await patient.loses_the_network()
    await patient.comes_back()
    await patient.waits_for_call()
    await asyncio.gather(patient.accepts(), doctor.is_accepted())

    await they_see_and_hear(patient, doctor)
    assert "called" in doctor.steps.at


async def test_keys_for_which_no_union_vouches_are_refused_in_a_sentence(
    signaling: Signaling, new_doctor: Callable[..., Doctor]
) -> None:
    """Before anything is shown to the server, and without a word of the keys."""
    impostor = new_doctor(f"{signaling.origin}/doctor#{keyring.write(b'i' * 32)}")

    with pytest.raises(NotEnrolled, match="No trusted union"):
        await impostor.enter()


async def test_each_role_keeps_to_its_own_address(patient_url: str, doctor_url: str) -> None:
    """A wrong address is a sentence, before anything is sent."""
    with pytest.raises(BadLink):
        Patient(doctor_url, code=PATIENT)
    with pytest.raises(BadLink):
        Doctor(patient_url, code=DOCTOR)


async def test_a_probe_meets_itself_as_patients_and_doctors_do(
    signaling: Signaling, new_patient: Callable[..., Patient], new_doctor: Callable[..., Doctor]
) -> None:
    """Sealed, in a queue of its own; a doctor on duty sees nothing of it."""
    address = signaling.doctor_address(b"p" * 32, CARD, ("probe-2",), has_links=False, role="probe")
    patient, probe = new_patient(signaling.pool_link("probe-2")), new_doctor(address)
    doctor = new_doctor()
    await doctor.enter()
    await doctor.goes_on_duty()

    await they_meet(patient, probe)

    assert patient.digits == probe.digits != ""
    assert ("probe-2",) == probe.queues
    assert doctor.board is not None and 0 == doctor.board.waiting


async def test_keys_of_staff_enter_no_queue(
    signaling: Signaling, new_doctor: Callable[..., Doctor]
) -> None:
    """They are told where they belong."""
    address = signaling.doctor_address(b"s" * 32, CARD, (), has_links=False, role="staff")

    with pytest.raises(NotEnrolled, match="status page"):
        await new_doctor(address).enter()
