"""Each place and each consultation is counted once, when its people have been told.

Machines that do anything in any order are in test_waiting_room_machine: whatever happens there, a
place is one in one bin of each figure.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

import pytest

from signaling.counting import Counting, Counts, NoCounts
from signaling.figures import ENDINGS
from signaling.messages import Accept, Ended, Leave, MediaPath, Proposed
from signaling.people import Refusal
from signaling.store import Session, StoreAway
from tests.clock import Clock
from tests.dice import Dice
from tests.signaling.house import QUEUE, Counted, House, Someone, refused


@pytest.fixture
def house(clock: Clock, dice: Dice) -> House:
    return House(clock, dice)


async def endings(house: House) -> Sequence[str]:
    """How places and consultations ended, the last pulse included."""
    await house.passes(0)
    return house.counted.of("endings")


async def with_a_colleague(house: House) -> tuple[Someone, Someone, Someone]:
    """A patient, his doctor and a colleague in one session."""
    patient, doctor = await house.session()
    colleague = await house.on_duty()
    await colleague.shows(await doctor.invites(colleague.key))
    return patient, doctor, colleague


async def vanishes(house: House, *gone: Someone, but: tuple[Someone, ...] = ()) -> None:
    """Some lose their sockets for good, while the others renew."""
    for someone in gone:
        await someone.loses_the_network()
    half = house.settings.member_pass_s / 2
    await house.passes(half, but=but)
    await house.passes(half, but=but)


# Waits and consultations


async def test_an_accepted_call_is_one_consultation_and_one_wait(house: House) -> None:
    """Counted from the arrival to the answer, by the next pulse."""
    patient = await house.waits()
    await house.passes(120, but=(patient,))
    doctor = await house.on_duty()
    await doctor.proposes(await doctor.calls())
    await patient.accepts()
    assert [] == house.counted.all

    await house.passes(1)

    assert {("consultations", ""), ("waits", "1-5")} == set(house.counted.all)
    assert 2 == len(house.counted.all)


async def test_a_call_that_comes_to_nothing_is_not_counted(house: House) -> None:
    """Declined, late, withdrawn or lost: the wait goes on, and its accepted call is one."""
    patient, first, second = await house.waits(), await house.on_duty(), await house.on_duty()
    await first.proposes(await first.calls())
    await patient.leaves_call()
    await patient.renews()
    await house.passes(house.settings.cooldown_s + 1, but=(patient, first, second))
    await second.calls()
    await second.leaves_call()
    await patient.renews()
    await house.passes(house.settings.cooldown_s + 1, but=(patient, first, second))
    assert [] == house.counted.all

    await second.proposes(await second.calls())
    await patient.accepts()
    await house.passes(0)

    assert ["consultations", "waits"] == sorted(figure for figure, _ in house.counted.all)


async def test_an_acceptance_that_comes_twice_is_one(house: House) -> None:
    """Only the step that made the session counts."""
    patient, doctor = await house.waits(), await house.on_duty()
    await doctor.proposes(await doctor.calls())
    accept = Accept(call=patient.hears(Proposed).call, m3="m3")
    assert patient.person is not None

    await house.room.ask(patient.person, accept, house.clock.now)
    with refused("no-call"):
        await house.room.ask(patient.person, accept, house.clock.now)
    await house.passes(0)

    assert [""] == house.counted.of("consultations")


# Endings of places


async def test_a_place_given_up_is_counted_as_left(house: House) -> None:
    """Also while a doctor calls; once."""
    patient, called, doctor = await house.waits(), await house.waits(), await house.on_duty()
    await patient.gives_up()
    await doctor.calls()

    await called.gives_up()

    assert ["left", "left"] == await endings(house)
    assert {"endings"} == {figure for figure, _ in house.counted.all}


async def test_a_place_to_which_nobody_came_back_is_lost(house: House) -> None:
    """When its pass has ended, and once however often the pulse beats."""
    patient = await house.waits()
    await patient.loses_the_network()
    await house.passes(house.settings.wait_pass_s - 1)
    assert [] == await endings(house)

    await house.passes(1)
    await house.passes(1)

    assert ["lost"] == await endings(house)


async def test_a_place_that_moved_and_was_found_again_ends_once(house: House) -> None:
    """Who widens, sleeps, loses the network and comes back has one place, and one ending."""
    patient = await house.waits("narrow")
    await patient.joins(keep_pass=patient.token, queue="wide")
    await patient.loses_the_network()
    back = await patient.comes_back()
    again = await back.reopens()

    await again.gives_up()

    assert ["left"] == await endings(house)


# Endings of consultations


@pytest.mark.parametrize("path", ["direct", "relayed", "unconnected"])
@pytest.mark.parametrize("who", ["patient", "doctor"])
async def test_who_ends_a_consultation_says_how_it_went(
    house: House, path: MediaPath, who: str
) -> None:
    """And nobody else is told, nor is it held anywhere once it is counted."""
    patient, doctor = await house.session()

    await (patient if who == "patient" else doctor).hangs_up(path)

    assert [path] == await endings(house)
    assert Ended(what="session", outcome="left") == patient.hears(Ended) == doctor.hears(Ended)
    assert [] == [record for record in await house.store.held() if isinstance(record, Session)]


async def test_who_says_nothing_of_the_media_leaves_it_untold(house: House) -> None:
    """A page need not say it."""
    patient, _ = await house.session()

    await patient.hangs_up()

    assert ["untold"] == await endings(house)


@pytest.mark.parametrize("meanwhile", ["session", "leave_seat"])
async def test_two_who_leave_at_once_end_one_consultation(house: House, meanwhile: str) -> None:
    """Whichever of them the store heard first: its word is the one that counts."""
    patient, doctor = await house.session()
    flaky = house.falters()
    left = asyncio.Event()

    async def patient_leaves() -> None:
        with suppress(Refusal):
            await patient.hangs_up("direct")
        left.set()

    flaky.before[meanwhile] = patient_leaves
    await doctor.hangs_up("relayed")

    assert left.is_set()
    assert [{"session": "direct", "leave_seat": "relayed"}[meanwhile]] == await endings(house)


async def test_a_guest_who_leaves_or_is_shown_out_ends_nothing(house: House) -> None:
    """The consultation goes on, and what he says of his media is not counted."""
    patient, doctor = await house.session()
    guest = await house.patient().shows(await doctor.invites())
    other = await house.patient().shows(await doctor.invites())
    await guest.hangs_up("direct")
    await doctor.says(Leave(what="session", member=other.member, path="direct"))
    assert [] == await endings(house)

    await doctor.hangs_up("relayed")

    assert ["relayed"] == await endings(house)
    assert [("session", "left")] == patient.ends


async def test_a_patient_who_is_shown_out_ends_the_consultation(house: House) -> None:
    """The doctor is alone, and has said how it went."""
    patient, doctor = await house.session()

    await doctor.says(Leave(what="session", member=patient.member, path="direct"))

    assert ["direct"] == await endings(house)


async def test_a_hand_over_is_one_consultation(house: House) -> None:
    """The first doctor's good-bye leaves the patient to the colleague, who ends it."""
    patient, doctor, colleague = await with_a_colleague(house)
    await doctor.hangs_up("direct")
    assert [] == await endings(house)

    await colleague.hangs_up("relayed")

    assert ["relayed"] == await endings(house)
    assert [""] == house.counted.of("consultations")
    assert "gone" == patient.state


async def test_a_patient_sent_back_ends_one_consultation_and_waits_anew(house: House) -> None:
    """The next accepted call is another one, with an ending of its own."""
    patient, doctor = await house.session()
    await doctor.says(Leave(what="session", then="requeue", path="unconnected"))
    back = await patient.comes_back()
    other = await house.on_duty()

    await other.proposes(await other.calls())
    await back.accepts()
    await other.hangs_up("relayed")

    assert ["relayed", "unconnected"] == sorted(await endings(house))
    assert ["", ""] == house.counted.of("consultations")


async def test_sending_back_out_of_three_is_one_ending(house: House) -> None:
    """The patient leaves, then the doctor: the colleague who is left holds nobody."""
    patient, doctor, _ = await with_a_colleague(house)

    await doctor.says(Leave(what="session", then="requeue", path="relayed"))

    assert ["relayed"] == await endings(house)
    assert [("session", "requeued")] == patient.ends


async def test_a_doctor_who_vanishes_leaves_it_untold(house: House) -> None:
    """With a guest there too, whose leaving after that ends nothing more."""
    patient, doctor = await house.session()
    guest = await house.patient().shows(await doctor.invites())

    await vanishes(house, doctor, but=(patient, guest))

    assert ["untold"] == await endings(house)


async def test_both_who_vanish_leave_one_consultation_untold(house: House) -> None:
    """Their seats end in one pulse."""
    await vanishes(house, *await house.session())

    assert ["untold"] == await endings(house)


async def test_who_leaves_what_is_over_already_ends_nothing_more(house: House) -> None:
    """A guest who goes in the moment in which the doctor's good-bye has ended it."""
    patient, doctor = await house.session()
    guest = await house.patient().shows(await doctor.invites())
    flaky = house.falters()
    flaky.before["leave_seat"] = lambda: guest.hangs_up("direct")

    await doctor.hangs_up("relayed")

    assert ["relayed"] == await endings(house)
    assert ["gone", "gone"] == [patient.state, guest.state]


# A lost store


async def lost_and_found(house: House, *people: Someone) -> list[Someone]:
    """The store is lost; these come back by their passes, in this order."""
    tokens = [someone.token for someone in people]
    house.clock.advance(1)
    house.opens()
    house.everybody.clear()
    return [
        await someone.again().shows(token) for someone, token in zip(people, tokens, strict=True)
    ]


@pytest.mark.parametrize("first", [0, 1])
async def test_a_session_made_anew_ends_once(house: House, first: int) -> None:
    """And is no second consultation."""
    both = await house.session()
    await house.passes(0)
    back = await lost_and_found(house, both[first], both[1 - first])

    await back[0].hangs_up("relayed")

    assert ["relayed"] == await endings(house)
    assert [""] == house.counted.of("consultations")


async def test_who_comes_back_alone_ends_nothing(house: House) -> None:
    """He holds no consultation: how the other one saw its end may come yet."""
    patient, _ = await house.session()
    (back,) = await lost_and_found(house, patient)

    await back.hangs_up("relayed")

    assert [] == await endings(house)


async def test_a_place_found_again_is_the_same_place(house: House) -> None:
    """Its wait is counted from the old arrival."""
    patient = await house.waits()
    house.clock.advance(200)
    (back,) = await lost_and_found(house, patient)
    doctor = await house.on_duty()

    await doctor.proposes(await doctor.calls())
    await back.accepts()
    await house.passes(0)

    assert {("consultations", ""), ("waits", "1-5")} == set(house.counted.all)
    assert 2 == len(house.counted.all)


# Probes


async def probes_again(house: House) -> None:
    """Every way in which a place or a consultation of a probe may end."""
    given_up, expires = await house.waits("probe-udp"), await house.waits("probe-udp")
    await given_up.gives_up()
    await expires.loses_the_network()
    await house.passes(house.settings.wait_pass_s)
    for path in ("direct", None):
        _, doctor = await house.session("probe")
        await doctor.hangs_up("direct" if path else None)
    await vanishes(house, *await house.session("probe"))


async def test_nothing_of_a_probe_is_counted(house: House) -> None:
    """However it ends."""
    await probes_again(house)

    await house.passes(0)

    assert [] == house.counted.all


@pytest.mark.parametrize("first", [0, 1])
async def test_a_probe_is_one_after_a_lost_store_too(house: House, first: int) -> None:
    """Whichever of its ends came back first: each pass says whose it is."""
    both = await house.session("probe")
    back = await lost_and_found(house, both[first], both[1 - first])

    await back[1].hangs_up("direct")

    assert [] == await endings(house)
    assert {"probe"} == {someone.pass_.queue for someone in both}


async def test_peoples_passes_say_no_more_than_before(house: House) -> None:
    """A doctor's names no queue."""
    patient, doctor = await house.session()

    assert (QUEUE, "") == (patient.pass_.queue, doctor.pass_.queue)


# Who is never held up


class Fails:
    """Where a count may fail, as none may, to see who is hurt."""

    def __init__(self, counted: Counted) -> None:
        self.is_away = True
        self._counted = counted

    async def count(self, figure: str, bin: str, now: float, times: int = 1) -> None:
        if self.is_away:
            raise StoreAway("in a test")
        await self._counted.count(figure, bin, now, times)


class Never:
    """Where a count takes for ever."""

    async def count(self, figure: str, bin: str, now: float, times: int = 1) -> None:
        await asyncio.Event().wait()


Step = Callable[[House], Awaitable[None]]


async def hangs_up(house: House) -> None:
    """A whole consultation."""
    patient, doctor = await house.session()
    await patient.hangs_up("relayed")
    assert Ended(what="session", outcome="left") == patient.hears(Ended) == doctor.hears(Ended)


async def gives_up(house: House) -> None:
    """A place."""
    patient, doctor = await house.waits(), await house.on_duty()
    await doctor.calls()
    await patient.gives_up()
    assert Ended(what="queue", outcome="left") == patient.hears(Ended)
    assert Ended(what="call", outcome="left") == doctor.hears(Ended)


@pytest.mark.parametrize("step", [hangs_up, gives_up])
@pytest.mark.parametrize("counts", [Fails(Counted()), Never()])
async def test_people_do_not_wait_for_counts(house: House, step: Step, counts: Counts) -> None:
    """They are told as always, where counting fails and where it never ends."""
    house.counting = Counting(counts)
    house.opens()

    await asyncio.wait_for(step(house), 5)

    assert [] == house.counted.all


async def test_a_count_that_fails_is_dropped_and_the_next_is_made(house: House) -> None:
    """It might have been made before it failed: nothing is counted twice."""
    fails = Fails(house.counted)
    house.counting = Counting(fails)
    house.opens()
    await gives_up(house)
    with pytest.raises(StoreAway):
        await house.passes(0)
    fails.is_away = False

    await gives_up(house)

    assert ["left"] == await endings(house)


async def test_what_happened_on_a_day_is_counted_on_that_day(house: House) -> None:
    """However late it is handed on, and without saying at what time it was."""
    begun = ENDINGS.start_of(house.clock.now)
    house.clock.advance(begun + ENDINGS.epoch_s - 1 - house.clock.now)
    await gives_up(house)

    await house.passes(30)

    assert [begun] == house.counted.at


async def test_a_crowd_is_counted_in_one_step(house: House) -> None:
    """A node that died with all its patients costs the store one number."""
    for _ in range(20):
        await (await house.waits()).loses_the_network()

    await house.passes(house.settings.wait_pass_s)

    assert ["lost"] * 20 == house.counted.of("endings")
    assert 1 == len(house.counted.at)


async def test_where_nothing_counts_nothing_happens(house: House) -> None:
    """Benches and small tests have no figures."""
    patient, _ = await house.session()
    ticket = await house.store.ticket((await house.waits()).ticket)
    assert ticket is not None
    counting = Counting(NoCounts())
    counting.given_up(ticket, house.clock.now)

    await counting.hand_on()

    assert "patient-in-session" == patient.state
