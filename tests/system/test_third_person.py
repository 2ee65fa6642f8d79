"""A third person in a call, and hand over: real server, real media, every pair sealed by itself.

Each end checks that it sees the other ends' own pattern and hears their own tone.
"""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from clients.peer.errors import Turned
from clients.peer.pairs import Pair
from clients.peer.peer import Doctor, Guest, Patient
from clients.peer.sealed_letters import Role
from clients.union.credentials import Card
from deploy.demo import demonstration
from signaling.journal import Journal
from tests.clients.people import COLLEAGUE, Windows, they_meet, two_who_have_met, windows
from tests.serving import Signaling

SEED = b"colleague's seed".ljust(32)
CARD = Card("Dr Noor Relais", "Médecine générale")
NOTE = "Toux depuis trois jours; pénicilline: allergie."


@pytest.fixture
async def open_() -> AsyncIterator[Windows]:
    async with windows() as made:
        yield made


Peer = Patient | Doctor | Guest


async def all_agree(*peers: Peer) -> None:
    await asyncio.gather(*(peer.company.agrees(len(peers)) for peer in peers))


async def all_see_and_hear(*peers: Peer) -> None:
    await asyncio.gather(
        *(one.company.saw(other.code) for one in peers for other in peers if one is not other)
    )


def pair_with(peer: Peer, role: Role) -> Pair:
    pair = peer.company.pair_of(role)
    assert pair is not None
    return pair


async def expires_but_for(signaling: Signaling, *peers: Peer) -> None:
    """Let every pass run out but those of who give a sign of life."""
    for _ in range(2):
        signaling.clock.advance(signaling.settings.member_pass_s / 2)
        await asyncio.gather(*(peer._desk.socket.is_renewed() for peer in peers))


async def test_a_guest_whom_the_patient_invited_sees_and_hears_both(
    signaling: Signaling, open_: Windows
) -> None:
    """And both see and hear the guest, once all agree on who is in."""
    patient, doctor = await two_who_have_met(open_, signaling)

    guest = open_.guest(await patient.company.invites_guest())
    await guest.enter()

    await all_agree(patient, doctor, guest)
    await all_see_and_hear(patient, doctor, guest)


async def test_a_guest_whom_the_doctor_invited_is_introduced_to_the_patient(
    signaling: Signaling, open_: Windows
) -> None:
    """The digits of each pair are its own, and the same at both of its ends."""
    patient, doctor = await two_who_have_met(open_, signaling)

    guest = open_.guest(await doctor.company.invites_guest())
    await guest.enter()
    await all_agree(patient, doctor, guest)
    await all_see_and_hear(patient, doctor, guest)

    with_guest = [pair_with(one, "guest").digits for one in (patient, doctor)]
    assert with_guest == [pair_with(guest, role).digits for role in ("patient", "doctor")]
    assert 3 == len({patient.digits, *with_guest})


async def test_an_invitation_is_used_once(signaling: Signaling, open_: Windows) -> None:
    """Whoever comes second is turned away, and nobody inside is disturbed."""
    patient, doctor = await two_who_have_met(open_, signaling)
    address = await patient.company.invites_guest()
    guest, second = open_.guest(address), open_.guest(address)
    await guest.enter()
    await all_agree(patient, doctor, guest)

    with pytest.raises(Turned) as turned:
        await second.enter()

    assert "ended" == turned.value.code
    assert 3 == len(patient.company.roster)


async def test_an_invitation_that_is_too_old_opens_nothing(
    signaling: Signaling, open_: Windows
) -> None:
    """Whoever is invited comes within some minutes, or asks again."""
    patient, _ = await two_who_have_met(open_, signaling)
    guest = open_.guest(await patient.company.invites_guest())
    signaling.clock.advance(signaling.settings.invite_s + 1)

    with pytest.raises(Turned) as turned:
        await guest.enter()

    assert "expired" == turned.value.code


async def test_a_fifth_seat_is_refused(signaling: Signaling, open_: Windows) -> None:
    """Four hold a mesh; seats that are promised count."""
    patient, doctor = await two_who_have_met(open_, signaling)
    await patient.company.invites_guest()
    await doctor.company.invites_guest()

    with pytest.raises(Turned) as turned:
        await patient.company.invites_guest()

    assert "full" == turned.value.code


async def test_a_guest_whom_the_doctor_shows_out_sees_nobody_any_more(
    signaling: Signaling, open_: Windows
) -> None:
    """And the two others are alone again, their pictures untouched."""
    patient, doctor = await two_who_have_met(open_, signaling)
    guest = open_.guest(await patient.company.invites_guest())
    await guest.enter()
    await all_agree(patient, doctor, guest)
    connection = patient._far.connection

    await doctor.company.shows_out("guest")

    assert "excluded" == await guest.waits_for_the_end(10)
    await all_agree(patient, doctor)
    assert {} == guest.company.pairs == patient.company.pairs == doctor.company.pairs
    assert connection is patient._far.connection is not None


async def test_a_guest_who_loses_the_network_comes_back_to_the_same_people(
    signaling: Signaling, open_: Windows
) -> None:
    """By the pass; the pictures never stopped, and letters pass again."""
    patient, doctor = await two_who_have_met(open_, signaling)
    guest = open_.guest(await doctor.company.invites_guest())
    await guest.enter()
    await all_agree(patient, doctor, guest)
    await all_see_and_hear(patient, doctor, guest)
    connections = [pair.far.connection for pair in guest.company.pairs.values()]

    await guest.loses_the_network()
    await guest.comes_back()

    assert connections == [pair.far.connection for pair in guest.company.pairs.values()]
    assert all(connection is not None for connection in connections)
    await guest.company.loses_the_path("patient")
    await doctor.company.loses_the_path("guest")
    await all_see_and_hear(patient, doctor, guest)


async def test_four_see_and_hear_each_other(signaling: Signaling, open_: Windows) -> None:
    """A guest of the patient and a guest of the doctor, one after the other."""
    patient, doctor = await two_who_have_met(open_, signaling)
    guest = open_.guest(await patient.company.invites_guest())
    await guest.enter()
    await all_agree(patient, doctor, guest)

    other = open_.guest(await doctor.company.invites_guest(), code=0xF0F2)
    await other.enter()

    await all_agree(patient, doctor, guest, other)
    await all_see_and_hear(patient, doctor, guest, other)


async def test_three_reach_each_other_through_the_relay_alone(pages: Path) -> None:
    """Which lets packets pass between the seats of one session, a guest's too."""
    async with (
        demonstration({"port": "0", "pages": str(pages)}, Journal(lambda _: None)) as addresses,
        windows(relay_only=True) as open_,
    ):
        patient, doctor = open_.patient(addresses.patient), open_.doctor(addresses.doctor)
        await they_meet(patient, doctor)
        guest = open_.guest(await doctor.company.invites_guest())

        await guest.enter()

        await all_agree(patient, doctor, guest)
        await all_see_and_hear(patient, doctor, guest)
        far = pair_with(guest, "patient").far.connection
        assert far is not None and all(" typ relay " in c.candidate for c in far.candidates)
        assert "relayed" == pair_with(guest, "patient").far.media_path == patient._far.media_path


# Hand over


async def a_colleague(open_: Windows, signaling: Signaling) -> Doctor:
    """A colleague on duty on the same queue."""
    colleague = open_.doctor(signaling.doctor_address(SEED, CARD), code=COLLEAGUE)
    await colleague.enter()
    await colleague.goes_on_duty()
    return colleague


async def three_who_meet(
    open_: Windows, signaling: Signaling
) -> tuple[Patient, Doctor, Doctor, asyncio.Task[str]]:
    """A patient whose doctor hands over to a colleague, who has come."""
    patient, doctor = await two_who_have_met(open_, signaling)
    colleague = await a_colleague(open_, signaling)
    found = await doctor.colleagues.finds(CARD.name)
    handing = asyncio.create_task(doctor.handing.to(found, NOTE))
    await colleague.colleagues.is_invited()
    await colleague.colleagues.takes_over()
    return patient, doctor, colleague, handing


async def test_a_patient_is_handed_over_to_the_colleague_whom_he_chooses(
    signaling: Signaling, open_: Windows
) -> None:
    """He sees her after the first doctor has left; she has read what she must know.

    She is the one who says at the end how her media went: it was one consultation.
    """
    counts = signaling.counts()
    patient, doctor, colleague, handing = await three_who_meet(open_, signaling)

    offer = await patient.choosing.waits_for_offer()
    assert (CARD.name, None) == (offer.name, colleague.company.heard.note)
    await patient.choosing.takes(offer)

    assert "colleague" == await handing
    assert "on" == doctor.state
    await all_agree(patient, colleague)
    await all_see_and_hear(patient, colleague)
    assert NOTE == colleague.company.heard.note
    assert CARD.name == (pair_with(patient, "doctor").card or CARD).name
    await colleague.hang_up()
    assert "left" == await patient.waits_for_the_end(10)
    counted = [await counts.get() for _ in range(3)]
    assert [("consultations", ""), ("waits", "under-1"), ("endings", "direct")] == counted


async def test_a_patient_who_was_away_when_the_doctor_left_finds_the_colleague(
    signaling: Signaling, open_: Windows
) -> None:
    """The doctor is taken out on the way back, and nobody waits for him."""
    patient, _, colleague, handing = await three_who_meet(open_, signaling)
    await patient.choosing.takes(await patient.choosing.waits_for_offer())
    await patient.loses_the_network()
    await handing
    await patient._desk.watch.until(
        lambda: patient._far.connection is None or patient._far.connection.is_lost, 10, "He stays."
    )

    await patient.comes_back()

    await all_agree(patient, colleague)
    await all_see_and_hear(patient, colleague)


async def test_a_patient_who_chooses_the_queue_is_first_again(
    signaling: Signaling, open_: Windows
) -> None:
    """The next doctor gets him before anybody who came later."""
    patient, _, colleague, handing = await three_who_meet(open_, signaling)
    later = open_.patient(signaling.pool_link(), code=0x1D04)
    await later.enter()

    await patient.choosing.goes_back()
    assert "queue" == await handing
    await patient.waits_again()
    await colleague.waits_for_the_end(10)
    await colleague.sees_board(lambda board: board.waiting == 2)
    await colleague.calls_next()
    await patient.waits_for_call()
    await asyncio.gather(patient.accepts(), colleague.is_accepted())

    await patient.sink.saw(COLLEAGUE)
    assert 1 == later.place


async def test_a_patient_who_does_not_want_the_colleague_stays(
    signaling: Signaling, open_: Windows
) -> None:
    """With the first doctor, as if nothing had been; the colleague is shown out."""
    patient, doctor, colleague, handing = await three_who_meet(open_, signaling)

    await patient.choosing.declines(await patient.choosing.waits_for_offer())

    assert "declined" == await handing
    assert "excluded" == await colleague.waits_for_the_end(10)
    await all_agree(patient, doctor)
    assert None is colleague.company.heard.note
    await all_see_and_hear(patient, doctor)


async def test_a_colleague_who_declines_leaves_the_patient_with_the_doctor(
    signaling: Signaling, open_: Windows
) -> None:
    """The doctor is told at once, and the seat is free for somebody else."""
    patient, doctor = await two_who_have_met(open_, signaling)
    colleague = await a_colleague(open_, signaling)
    found = await doctor.colleagues.finds(CARD.name)
    handing = asyncio.create_task(doctor.handing.to(found, NOTE))
    await colleague.colleagues.is_invited()

    await colleague.colleagues.declines()

    assert "gone" == await handing
    await all_agree(patient, doctor)
    assert ("on", None) == (colleague.state, patient.company.heard.offer)


async def test_a_colleague_who_vanishes_before_the_doctor_has_left(
    signaling: Signaling, open_: Windows
) -> None:
    """Leaves the patient where he was; the doctor may ask somebody else."""
    patient, doctor, colleague, handing = await three_who_meet(open_, signaling)
    await patient.choosing.waits_for_offer()

    await colleague.loses_the_network()
    await expires_but_for(signaling, patient, doctor)

    assert "gone" == await handing
    await all_agree(patient, doctor)
    assert None is patient.company.heard.offer
    await all_see_and_hear(patient, doctor)


async def test_a_colleague_who_vanishes_after_the_doctor_has_left(
    signaling: Signaling, open_: Windows
) -> None:
    """Leaves the patient at the head of the queue, and the next doctor gets him."""
    patient, doctor, colleague, handing = await three_who_meet(open_, signaling)
    await patient.choosing.takes(await patient.choosing.waits_for_offer())
    await handing
    later = open_.patient(signaling.pool_link(), code=0x1D04)
    await later.enter()

    await colleague.loses_the_network()
    await expires_but_for(signaling, patient, later)

    await patient.sees_step("session requeued")
    await patient.waits_again()
    assert 1 == patient.place
    await doctor.goes_on_duty()
    await doctor.calls_next()
    await patient.waits_for_call()
    await asyncio.gather(patient.accepts(), doctor.is_accepted())
    await patient.sink.saw(doctor.code)
