"""A store that goes away in the middle of a step: nobody stays where he is not any more.

Each test loses one answer, or one request, at the worst moment.
"""

import pytest

from signaling.encoding import encode
from signaling.memory_store import MemoryStore
from signaling.messages import Ended, Leave
from signaling.settings import Settings
from signaling.store import Life, Session, StoreAway
from signaling.waiting_room import UNTOLD_S
from tests.clock import Clock
from tests.dice import Dice
from tests.signaling.house import Flaky, House, refused


@pytest.fixture
def flaky(house: House) -> Flaky:
    """The store of the house, which fails when it is told to."""
    return house.falters()


async def test_an_acceptance_of_which_the_doctor_never_heard(house: House, flaky: Flaky) -> None:
    """The patient is in the session; the doctor is sent to come in again, and is in it too."""
    patient, doctor = await house.waits(), await house.on_duty()
    await doctor.proposes(await doctor.calls())
    flaky.loses_answer = {"accept"}
    with pytest.raises(StoreAway):
        await patient.accepts()

    back = await patient.comes_back()
    await house.passes(house.settings.accept_within_s + UNTOLD_S + 1)
    await doctor.renews()

    assert "patient-in-session" == back.state and doctor.is_sent_away
    assert "doctor-in-session" == (await doctor.reopens()).state


async def test_the_end_of_a_call_of_which_nobody_heard(house: House, flaky: Flaky) -> None:
    """The patient is asked for a fresh M1 and can be called; the doctor may call again."""
    patient, doctor = await house.waits(), await house.on_duty()
    await doctor.calls()
    flaky.loses_answer = {"end_call"}
    with pytest.raises(StoreAway):
        await house.passes(house.settings.propose_within_s)

    await patient.renews(m1=None)
    assert [("call", "lost")] == patient.ends
    await patient.renews()
    house.clock.advance(UNTOLD_S + 1)
    await doctor.renews()
    assert doctor.is_sent_away

    back = await doctor.reopens()
    assert patient.ticket == (await back.calls()).ticket


async def test_a_doctor_who_vanishes_as_the_store_does(house: House, flaky: Flaky) -> None:
    """The patient has his way back before his seat ends: nothing in between can lose him."""
    patient, _ = await house.session()
    half = house.settings.member_pass_s / 2
    await house.passes(half, but=(patient,))
    flaky.loses_request = {"open_way_back"}
    with pytest.raises(StoreAway):
        await house.passes(half, but=(patient,))
    flaky.loses_request = set()

    await house.passes(1, but=(patient,))

    assert [("session", "requeued")] == patient.ends
    assert "waiting" == (await patient.comes_back()).state


async def test_a_page_that_is_loaded_anew_while_it_accepts(house: House, flaky: Flaky) -> None:
    """It finds the seat; no second place is left in the queue."""
    patient, doctor = await house.waits(), await house.on_duty()
    await doctor.proposes(await doctor.calls())
    flaky.before["held_by"] = patient.accepts

    back = await patient.comes_back()

    assert "patient-in-session" == back.state and [] == await house.order()
    assert isinstance(await house.store.held_by(patient.key), Session)


async def test_who_is_sent_back_to_a_full_house_may_try_again(clock: Clock, dice: Dice) -> None:
    """His way back is spent when he has his place, and not before."""
    house = House(clock, dice, Settings(tickets_max=1))
    patient, doctor = await house.session()
    other = await house.waits()
    await doctor.says(Leave(what="session", then="requeue"))
    with refused("full"):
        await patient.comes_back()
    await other.gives_up()

    back = await patient.comes_back()

    assert 1 == await back.place()
    await back.gives_up()
    with refused("ended"):
        await patient.comes_back()


async def test_somebody_of_whom_the_store_knows_nothing_comes_in_again(house: House) -> None:
    """His socket says that he waits, and he does not: he is told so rather than left waiting."""
    patient = await house.waits()
    await house.store.give_up(patient.ticket)

    await patient.renews()

    assert Ended(what="socket", outcome="closing") == patient.heard[-1]


async def test_a_pass_is_never_of_a_newer_life_than_its_place(house: House, flaky: Flaky) -> None:
    """The store is lost between a sign of life and its pass: that pass still leads back."""
    patient = await house.waits()
    arrival = patient.pass_.arrival

    async def is_lost() -> None:
        flaky.inner = MemoryStore(Life(encode(house.dice(8)), began=house.clock.now))

    flaky.before["renew_ticket"] = is_lost
    await patient.renews()

    back = await patient.comes_back()

    assert arrival == back.pass_.arrival and 1 == await back.place()


async def test_a_place_that_is_lost_as_it_is_taken_is_taken_again(
    house: House, flaky: Flaky
) -> None:
    """Whoever comes in at that moment is asked to try once more, and is not sent away."""

    async def is_lost() -> None:
        flaky.inner = MemoryStore(Life(encode(house.dice(8)), began=house.clock.now))

    flaky.before["take_ticket"] = is_lost
    patient = house.patient()
    with refused("rebuilding"):
        await patient.joins()

    assert 1 == await (await patient.reopens()).place()
