"""A store that was lost: who comes back into the new one, and who does not."""

from typing import Any

import pytest

from signaling.encoding import encode
from signaling.lives import MARKS_MAX, Lives
from signaling.memory_store import MemoryStore
from signaling.messages import Accepted, Called, Leave
from signaling.store import Life, Over, Session
from signaling.waiting_room import WaitingRoom
from tests.clock import Clock
from tests.dice import Dice
from tests.signaling.house import House, Someone, refused


class Losable:
    """A store that can be lost under the feet of whoever uses it."""

    def __init__(self, first: MemoryStore) -> None:
        self.present = first

    def __getattr__(self, name: str) -> Any:
        return getattr(self.present, name)


@pytest.fixture
def house(clock: Clock, dice: Dice) -> House:
    """A house over a store that can be lost while the server goes on."""
    house = House(clock, dice)
    store: Any = Losable(MemoryStore(Life(encode(dice(8)))))
    house.store = store
    house.room = WaitingRoom(store, house.passbook, house.settings, dice, house.relaying)
    return house


async def loses_its_store(house: House, admits_in: float = 0.0, calls_in: float = 0.0) -> None:
    """Everything held is gone; the server, and what it remembers, is not."""
    await house.passes(0)
    store: Any = house.store
    now = house.clock.now
    life = Life(encode(house.dice(8)), now, now + admits_in, now + calls_in)
    store.present = MemoryStore(life)
    house.everybody.clear()


def sessions(held: list[object]) -> list[Session]:
    return [one for one in held if isinstance(one, Session)]


async def test_nobody_is_called_before_everybody_had_time_to_come_back(house: House) -> None:
    """The doctor is told how long; then the first in the old order is called."""
    first, second = await house.waits(), await house.waits()
    await loses_its_store(house, calls_in=house.settings.rebuild_s)
    await second.comes_back()
    doctor = await house.on_duty()

    with refused("rebuilding"):
        await doctor.calls()
    house.clock.advance(house.settings.rebuild_s - 1)
    await first.comes_back()
    await doctor.renews()
    with refused("rebuilding"):
        await doctor.calls()
    house.clock.advance(1)

    assert first.ticket == (await doctor.calls()).ticket


@pytest.mark.parametrize("end", ["gives up", "is served", "is served and leaves"])
async def test_a_wait_that_was_over_does_not_come_back(house: House, end: str) -> None:
    """The page that kept the old pass is told that it ended."""
    patient = await house.waits()
    token = patient.token
    if end == "gives up":
        await patient.gives_up()
    else:
        doctor = await house.on_duty()
        await doctor.proposes(await doctor.calls())
        await patient.accepts()
    if end == "is served and leaves":
        await patient.hangs_up()
    await loses_its_store(house)

    with refused("ended"):
        await patient.comes_back(token)


async def test_whoever_was_shown_out_or_left_does_not_come_back(house: House) -> None:
    """Their passes are of an older generation, and their seats are marked."""
    patient, doctor = await house.session()
    guest = house.patient()
    await guest.shows(await doctor.invites())
    token = guest.token
    await doctor.says(Leave(what="session", member=guest.member))
    await loses_its_store(house)

    with refused("ended"):
        await guest.comes_back(token)
    await patient.comes_back()
    with refused("ended"):
        await guest.comes_back(token)


async def test_both_ends_find_their_session_again(house: House) -> None:
    """The same session and seats; the way through the relay opens when both are there."""
    patient, doctor = await house.session()
    before = patient.hears(Accepted)
    tags = next(iter(house.told.together))
    await loses_its_store(house)
    house.told.together.clear()

    first = await patient.comes_back()
    alone = first.hears(Accepted)
    assert (before.session, before.member, None) == (alone.session, alone.member, alone.relay)
    assert 1 == len(alone.members) and set() == house.told.together
    second = await doctor.again().joins(keep_pass=doctor.token)

    both = second.hears(Accepted)
    assert (before.session, {"patient", "doctor"}) == (
        both.session,
        {member.role for member in both.members},
    )
    assert both.relay is not None and both.members == first.hears(Accepted).members
    assert {tags} == house.told.together
    await first.renews()
    assert before.member == first.member and "patient-in-session" == first.state


@pytest.mark.parametrize("first", ["patient", "doctor"])
async def test_whoever_comes_first_waits_for_the_other(house: House, first: str) -> None:
    """Alone he keeps the session for the life of a pass, and is told when it is over."""
    patient, doctor = await house.session()
    await loses_its_store(house)
    back: Someone
    if first == "patient":
        back = await patient.comes_back()
    else:
        back = await doctor.again().joins(keep_pass=doctor.token)
    assert 1 == len(sessions([*await house.store.held()]))

    for _ in range(2):
        await house.passes(house.settings.member_pass_s / 2, but=(back,))

    assert [] == sessions([*await house.store.held()])
    assert "session" in [what for what, _ in back.ends]


async def test_an_old_pass_waits_until_the_dead_are_told(house: House) -> None:
    """In a store's first moments other servers may still have to say what is over."""
    patient = await house.waits()
    await loses_its_store(house, admits_in=2.0)

    with refused("rebuilding"):
        await patient.comes_back()
    house.clock.advance(1)
    newcomer = await house.waits()
    house.clock.advance(1)
    await patient.comes_back()

    assert [patient.ticket, newcomer.ticket] == await house.order()


async def test_a_newcomer_stands_behind_all_who_are_back(house: House) -> None:
    """Also where the new store's clock is behind the old one's."""
    patient = await house.waits()
    await loses_its_store(house)
    ahead = house.clock.now
    await patient.comes_back()
    house.clock.now = ahead - 30

    newcomer = await house.waits()

    assert [patient.ticket, newcomer.ticket] == await house.order()


async def test_a_fresh_link_is_a_fresh_wait(house: House) -> None:
    """Who is over by pass may come again as anybody may."""
    patient = await house.waits()
    await patient.gives_up()
    await loses_its_store(house)

    again = await patient.reopens()

    assert 1 == await again.place()


async def test_a_doctor_who_called_is_on_duty_again_and_calls(house: House) -> None:
    """A lost call is lost for both; the patient is where he was."""
    patient, doctor = await house.waits(), await house.on_duty()
    await doctor.calls()
    await loses_its_store(house)
    await patient.comes_back()
    back = await doctor.reopens()
    await back.duty("on")

    assert patient.ticket == (await back.calls()).ticket
    assert 1 == len(back.all(Called))


@pytest.mark.parametrize("end", ["gives up", "is served"])
async def test_an_older_pass_does_not_outlive_the_new_life(house: House, end: str) -> None:
    """Who came back, and was served then, has a pass of before still."""
    patient = await house.waits()
    old = patient.token
    await loses_its_store(house)
    back = await patient.comes_back()
    if end == "gives up":
        await back.gives_up()
    else:
        doctor = await house.on_duty()
        await doctor.proposes(await doctor.calls())
        await back.accepts()
        await back.hangs_up()

    with refused("ended"):
        await patient.comes_back(old)


async def test_a_session_that_ended_in_the_new_life_is_not_made_anew(house: House) -> None:
    """By passes of the old one, of whoever."""
    patient, doctor = await house.session()
    guest = house.patient()
    await guest.shows(await doctor.invites())
    tokens = guest.token, patient.token
    await loses_its_store(house)
    await patient.comes_back()
    doctor_back = await doctor.again().joins(keep_pass=doctor.token)
    guest_back = await guest.comes_back()
    await doctor_back.says(Leave(what="session", member=guest_back.member))
    await doctor_back.hangs_up()

    for someone, token in zip((guest, patient), tokens, strict=True):
        with refused("ended"):
            await someone.comes_back(token)


async def test_a_lost_network_costs_nobody_his_seat(house: House) -> None:
    """The patient's pass is of before a guest left; he is let in all the same, and kept."""
    patient, doctor = await house.session()
    guest = house.patient()
    await guest.shows(await doctor.invites())
    await patient.loses_the_network()
    await doctor.says(Leave(what="session", member=guest.member))
    await doctor.renews()
    await loses_its_store(house)

    first = await patient.comes_back()
    second = await doctor.again().joins(keep_pass=doctor.token)

    assert {"patient", "doctor"} == {one.role for one in second.hears(Accepted).members}
    await first.renews()
    assert "patient-in-session" == first.state and not first.is_sent_away


async def test_who_was_sent_back_as_the_store_was_lost_finds_his_place(house: House) -> None:
    """The way back is told to the new store."""
    patient, doctor = await house.session()
    await doctor.says(Leave(what="session", then="requeue"))
    await loses_its_store(house)
    newcomer = await house.waits()

    back = await patient.comes_back()

    assert [back.ticket, newcomer.ticket] == await house.order()


async def test_whoever_is_connected_is_sent_to_come_in_again(house: House) -> None:
    """Once, by the next tick: his socket is of a place that is lost."""
    patient = await house.waits()
    assert not await house.room.tick(house.clock.now)
    await loses_its_store(house)

    assert await house.room.tick(house.clock.now)
    assert not await house.room.tick(house.clock.now)
    assert 1 == await (await patient.comes_back()).place()


async def test_marks_end_with_the_passes(clock: Clock, dice: Dice) -> None:
    """And there are never more than so many."""
    store: Any = Losable(MemoryStore(Life("one")))
    lives = Lives(store, 600.0)
    await lives.look(clock.now)
    await lives.is_over("short", clock.now + 1, clock.now)
    await lives.is_over("long", clock.now + 9, clock.now)
    clock.advance(1)
    await lives.look(clock.now)
    store.present = MemoryStore(Life("two"))

    await lives.look(clock.now)

    assert [Over("long", clock.now + 8)] == [*await store.held()]
    for number in range(MARKS_MAX + 1):
        await lives.is_over(str(number), clock.now + 9, clock.now)
    store.present = MemoryStore(Life("three"))
    await lives.look(clock.now)
    assert MARKS_MAX == len(await store.held())
