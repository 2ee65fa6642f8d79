"""Whoever is left without a doctor, and did not want that, is back at the head of the queue."""

import pytest

from signaling.messages import Accepted, Leave
from signaling.store import Session
from tests.clock import Clock
from tests.dice import Dice
from tests.signaling.house import QUEUE, House, Someone, refused


@pytest.fixture
def house(clock: Clock, dice: Dice) -> House:
    return House(clock, dice)


async def handed_over(house: House) -> tuple[Someone, Someone]:
    """A patient with the colleague to whom the first doctor has left him."""
    patient, doctor = await house.session()
    colleague = await house.on_duty()
    token = await doctor.invites(colleague.key)
    await colleague.shows(token)
    await doctor.hangs_up()
    return patient, colleague


async def vanishes(house: House, *gone: Someone, but: tuple[Someone, ...]) -> None:
    """Some lose their sockets for good, while the others renew."""
    for someone in gone:
        await someone.loses_the_network()
    half = house.settings.member_pass_s / 2
    await house.passes(half, but=but)
    await house.passes(half, but=but)


async def test_a_doctor_who_vanishes_leaves_the_patient_the_old_place(house: House) -> None:
    """Before everybody who came later; his page comes back by itself."""
    patient, doctor = await house.session()
    later = await house.waits()
    await vanishes(house, doctor, but=(patient, later))

    assert [("session", "requeued")] == patient.ends
    back = await patient.comes_back()
    other = await house.on_duty()
    assert [back.ticket, later.ticket] == await house.order()
    assert back.ticket == (await other.calls()).ticket


async def test_a_guest_does_not_keep_a_session_without_a_doctor(house: House) -> None:
    """The guest hears good-bye, the patient has his place."""
    patient, doctor = await house.session()
    guest = await house.patient().shows(await doctor.invites())
    await vanishes(house, doctor, but=(patient, guest))

    assert [("session", "requeued")] == patient.ends
    assert [("session", "left")] == guest.ends
    assert None is await house.store.held_by(guest.key)


async def test_a_doctors_good_bye_ends_the_consultation(house: House) -> None:
    """For patient and guest alike: it was the doctor's word."""
    patient, doctor = await house.session()
    guest = await house.patient().shows(await doctor.invites())
    token = patient.token

    await doctor.hangs_up()

    assert [("session", "left")] == patient.ends == guest.ends
    with refused("ended"):
        await patient.comes_back(token)


async def test_a_colleague_who_vanishes_leaves_the_patient_the_old_place(house: House) -> None:
    """Whether the first doctor has left before, or not."""
    patient, colleague = await handed_over(house)
    await vanishes(house, colleague, but=(patient,))

    assert [("session", "requeued")] == patient.ends
    assert 1 == (await (await patient.comes_back()).board()).place


async def test_a_colleague_who_vanishes_first_changes_nothing(house: House) -> None:
    """The first doctor is still there."""
    patient, doctor = await house.session()
    colleague = await house.on_duty()
    await colleague.shows(await doctor.invites(colleague.key))
    await vanishes(house, colleague, but=(patient, doctor))

    assert [] == patient.ends and "patient-in-session" == patient.state
    assert 2 == len(patient.all(Accepted)[-1].members)


async def test_a_patient_who_was_handed_over_may_send_himself_back(house: House) -> None:
    """To the old place; the colleague hears good-bye and no reason."""
    patient, colleague = await handed_over(house)
    later = await house.waits()
    token = patient.token

    await patient.says(Leave(what="session", then="requeue"))

    assert [("session", "requeued")] == patient.ends and [("session", "left")] == colleague.ends
    back = await patient.comes_back(token)
    assert [back.ticket, later.ticket] == await house.order()


async def test_nobody_sends_himself_back_from_the_doctor_who_called_him(house: House) -> None:
    """Else a patient at the head could take doctor after doctor, and stay there."""
    patient, doctor = await house.session()
    colleague = await house.on_duty()
    await colleague.shows(await doctor.invites(colleague.key))

    with refused("no-session"):
        await patient.says(Leave(what="session", then="requeue"))

    assert "patient-in-session" == patient.state


async def test_a_patient_whose_doctor_does_not_come_back_to_a_lost_session(house: House) -> None:
    """Has the old place, though his page came back, and a guest's."""
    patient, doctor = await house.session()
    guest = await house.patient().shows(await doctor.invites())
    await patient.renews(m1=None)
    later = await house.waits()
    house.opens()
    house.clock.advance(house.settings.rebuild_s)
    back = await patient.comes_back()
    friend = await guest.comes_back()
    later = await later.comes_back()
    assert isinstance(await house.store.held_by(patient.key), Session)

    await vanishes(house, but=(back, friend, later))

    assert [("session", "requeued")] == back.ends
    assert [("session", "left")] == friend.ends
    returned = await back.comes_back()
    assert [returned.ticket, later.ticket] == await house.order()


async def test_an_invitation_leads_its_holder_back_to_the_seat(house: House) -> None:
    """A guest's page that is opened anew has nothing else; nobody else finds it open."""
    _, doctor = await house.session()
    token = await doctor.invites()
    guest = await house.patient().shows(token)

    again = await guest.again().shows(token)

    assert (guest.member, "guest-in-session") == (again.member, again.state)
    assert 3 == len(again.hears(Accepted).members)
    with refused("ended"):
        await house.patient(QUEUE).shows(token)
