"""Who comes into a running consultation: who has its secret, and who is let in by a click."""

import asyncio
from collections.abc import AsyncIterator, Iterable

import pytest

from clients.peer import desk
from clients.peer import patient as patients
from clients.peer.channel import Kind
from clients.union.credentials import BEGINS_S, DAY_S
from signaling.encoding import decode, encode
from signaling.messages import Accepted, Called, Envelope, ServerMessage
from tests.clients.people import (
    DOCTOR,
    Server,
    Windows,
    is_envelope,
    they_meet,
    they_see_and_hear,
    two_who_have_met,
    windows,
)
from tests.serving import Signaling


@pytest.fixture
async def open_() -> AsyncIterator[Windows]:
    async with windows() as made:
        yield made


@pytest.fixture(autouse=True)
def server(monkeypatch: pytest.MonkeyPatch) -> Server:
    return Server(monkeypatch)


@pytest.mark.parametrize("link", ["pool_link", "personal_link", "counted_link"])
async def test_the_link_alone_does_not_enter_a_running_consultation(
    signaling: Signaling, open_: Windows, link: str
) -> None:
    """Whoever has the link and the holder key, and not the secret, waits for a click.

    Nothing is sent to anybody meanwhile. After it a page that knows no doctor asks its patient,
    too; then the two see each other.
    """
    address: str = getattr(signaling, link)()
    patient = open_.patient(address)
    doctor = open_.doctor(signaling.doctor_address())
    await patient.enter()
    await doctor.enter()
    await doctor.goes_on_duty()
    await doctor.calls_next()
    await patient.waits_for_call()
    await patient.accepts()
    await doctor.is_accepted()
    await they_see_and_hear(patient, doctor)

    stranger = open_.patient(patient.address.partition("~r=")[0], code=0x5EED)
    await stranger.enter()
    await doctor.sees_step("opened elsewhere")

    assert doctor.is_held
    assert 0 == stranger.sink.frames
    await doctor.lets_in_again()
    await stranger.waits_for_call()
    assert stranger._desk.far.connection is None
    await stranger.accepts()
    await they_see_and_hear(stranger, doctor)
    assert stranger.digits == doctor.digits


async def test_with_the_secret_nobody_has_to_click(signaling: Signaling, open_: Windows) -> None:
    """The control: the whole address comes back by itself."""
    patient, doctor = await two_who_have_met(open_, signaling)
    await patient.close()

    again = open_.patient(patient.address, code=0xBAC8)
    await again.enter()

    await they_see_and_hear(again, doctor)
    assert "opened elsewhere" not in doctor.steps.at


async def test_a_replayed_m1_neither_enters_nor_stops_anything(
    signaling: Signaling, open_: Windows, server: Server
) -> None:
    """A server that kept the patient's own M1 cannot make the doctor doubt him by it."""
    kept: list[str] = []

    async def keeps(message: ServerMessage) -> Iterable[ServerMessage]:
        if isinstance(message, Called):
            kept.append(message.m1)
        if kept and is_envelope(message, Kind.RECORD) and isinstance(message, Envelope):
            m1 = encode(bytes((Kind.M1,)) + decode(kept[0]))
            return [message.model_copy(update={"body": m1}), message]
        return [message]

    server.meddle = keeps
    _patient, doctor = await two_who_have_met(open_, signaling)

    assert "refused twice" in doctor.steps.at
    assert not doctor.is_held
    assert "opened elsewhere" not in doctor.steps.at


@pytest.mark.parametrize("bit", [100, 1300, -1])
async def test_an_m1_that_nobody_with_the_link_can_have_sent_stops_nothing(
    signaling: Signaling, open_: Windows, server: Server, bit: int
) -> None:
    """A server cannot hold a consultation up by an M1 of its own making."""
    patient, doctor = await two_who_have_met(open_, signaling)

    async def changes(message: ServerMessage) -> Iterable[ServerMessage]:
        if is_envelope(message, Kind.M1) and isinstance(message, Envelope):
            body = bytearray(decode(message.body))
            body[bit] ^= 1
            return [message.model_copy(update={"body": encode(bytes(body))})]
        return [message]

    server.meddle = changes
    stranger = open_.patient(patient.address.partition("~r=")[0], code=0x5EED)
    await stranger.enter()
    await doctor.sees_step("refused signature")

    assert not doctor.is_held
    assert "opened elsewhere" not in doctor.steps.at


async def test_a_link_that_ends_during_the_consultation_does_not_end_it(
    signaling: Signaling, open_: Windows
) -> None:
    """Whoever was let in in time is answered later too, by a doctor who knows what time it is."""
    patient = open_.patient(signaling.pool_link(lasts_s=60))
    doctor = open_.doctor(signaling.doctor_address())
    await they_meet(patient, doctor)
    digits = patient.digits
    await doctor.loses_the_network()
    signaling.clock.advance(61)
    await doctor.comes_back()

    await patient._asks_in()
    await patient._desk.watch.until(
        lambda: patient._is_met and patient.digits != digits, 10, "No handshake came about."
    )
    await they_see_and_hear(patient, doctor)

    assert patient.digits == doctor.digits
    assert not doctor.is_held


async def test_a_doctor_who_reloads_after_four_finds_the_session_of_the_night(
    signaling: Signaling, open_: Windows
) -> None:
    """It is under the key of the day before, and another day has begun meanwhile."""
    four = (signaling.now // DAY_S + 1) * DAY_S + BEGINS_S
    signaling.clock.advance(four - 70 - signaling.clock.now)
    patient, doctor = await two_who_have_met(open_, signaling)
    signaling.clock.advance(80)
    await doctor.close()

    again = open_.doctor(doctor.address)
    await again.enter()

    await they_see_and_hear(patient, again)
    assert 1 == again._lives
    assert "opened elsewhere" not in again.steps.at


async def test_a_doctor_who_reloads_after_four_finds_the_session_of_the_morning(
    signaling: Signaling, open_: Windows
) -> None:
    """The control: where the older credential still holds, and nobody was met under it."""
    patient, doctor = await two_who_have_met(open_, signaling)
    await doctor.close()

    again = open_.doctor(doctor.address)
    await again.enter()

    await they_see_and_hear(patient, again)
    assert 2 == again._lives


async def test_an_m3_of_another_handshake_counts_as_lost(
    signaling: Signaling, open_: Windows, server: Server
) -> None:
    """The doctor asks for a fresh M1, which the patient who was called answers unasked."""

    async def renames(message: ServerMessage) -> Iterable[ServerMessage]:
        if isinstance(message, Accepted) and message.m3 is not None:
            m3 = encode(bytes(16) + decode(message.m3)[16:])
            return [message.model_copy(update={"m3": m3})]
        return [message]

    server.meddle = renames

    patient, doctor = await two_who_have_met(open_, signaling)

    assert patient.digits == doctor.digits
    assert not doctor.is_held


async def test_a_letter_of_the_handshake_that_never_comes_is_asked_for_again(
    signaling: Signaling, open_: Windows, monkeypatch: pytest.MonkeyPatch, server: Server
) -> None:
    """A server that drops M4 delays the two, and does not part them."""
    monkeypatch.setattr(patients, "HANDSHAKE_WITHIN_S", 0.3)
    dropped: list[ServerMessage] = []

    async def drops(message: ServerMessage) -> Iterable[ServerMessage]:
        if is_envelope(message, Kind.M4) and not dropped:
            dropped.append(message)
            return []
        return [message]

    server.meddle = drops

    patient, _ = await two_who_have_met(open_, signaling)

    assert dropped
    assert DOCTOR == await patient.sink.first_code()


async def test_a_doctor_whose_seat_was_lost_meanwhile_is_free_again(
    signaling: Signaling, open_: Windows, monkeypatch: pytest.MonkeyPatch
) -> None:
    """He hears nothing of it but that the server gives him no seat; the patient is in the queue."""
    monkeypatch.setattr(desk, "SEAT_WITHIN_S", 0.5)
    patient, doctor = await two_who_have_met(open_, signaling)
    await doctor.loses_the_network()
    for _ in range(2):
        signaling.clock.advance(signaling.settings.member_pass_s / 2)
        await patient._desk.socket.is_renewed()
    await patient.sees_step("session requeued")
    await patient.waits_again()

    await doctor.comes_back()
    assert "expired" == await doctor.waits_for_the_end(10)
    await doctor.calls_next()
    await patient.waits_for_call()
    await asyncio.gather(patient.accepts(), doctor.is_accepted())

    await they_see_and_hear(patient, doctor)


async def test_a_patient_whose_seat_was_lost_meanwhile_waits_again(
    signaling: Signaling, open_: Windows
) -> None:
    """By the link, as anybody who opens it; the doctor is free as well."""
    patient, doctor = await two_who_have_met(open_, signaling)
    await patient.loses_the_network()
    for _ in range(2):
        signaling.clock.advance(signaling.settings.member_pass_s / 2)
        await doctor._desk.socket.is_renewed()
    assert "left" == await doctor.waits_for_the_end(10)

    await patient.comes_back()
    await patient.waits_again()
    await doctor.goes_on_duty()
    await doctor.calls_next()
    await patient.waits_for_call()
    await asyncio.gather(patient.accepts(), doctor.is_accepted())

    await they_see_and_hear(patient, doctor)
