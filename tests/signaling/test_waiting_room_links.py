"""Links in the waiting room: what counted ones cost, and whom a doctor picks by his own."""

from dataclasses import replace

import pytest

from signaling.admission import Entrant
from signaling.messages import Leave
from signaling.settings import Settings
from signaling.store import Spend, Spent
from tests.clock import Clock
from tests.dice import Dice
from tests.signaling.house import QUEUE, House, Someone, refused


@pytest.fixture
def guest(house: House) -> Someone:
    """A patient with a single-use link."""
    return patient_with(house, uses=1)


def patient_with(house: House, uses: int) -> Someone:
    spend = Spend(house.id(), uses, house.clock.now + 3_600)
    return Someone(house, Entrant("patient", house.id(), (QUEUE,), spend))


async def consults(house: House, patient: Someone) -> Someone:
    """Bring a waiting patient and a fresh doctor into a session."""
    doctor = await house.on_duty()
    await doctor.proposes(await doctor.calls())
    await patient.accepts()
    return doctor


async def uses_of(house: House) -> list[int]:
    return [record.uses for record in await house.store.held() if isinstance(record, Spent)]


async def test_opening_waiting_and_giving_up_cost_nothing(house: House, guest: Someone) -> None:
    """A preview, a wrong browser, a change of mind."""
    await guest.joins()
    await guest.gives_up()
    await guest.reopens()

    assert [] == await uses_of(house)


async def test_a_used_link_opens_no_second_wait(house: House, guest: Someone) -> None:
    """The consultation is over, and so is the link."""
    await guest.joins()
    await consults(house, guest)
    await guest.hangs_up()

    with refused("spent"):
        await guest.reopens()
    assert [1] == await uses_of(house)


async def test_a_link_of_three_uses_starts_three_consultations(house: House) -> None:
    """And no fourth."""
    patient = patient_with(house, uses=3)
    for _ in range(3):
        patient = await patient.reopens()
        await consults(house, patient)
        await patient.hangs_up()

    with refused("spent"):
        await patient.reopens()


async def test_a_seated_patient_reopens_a_used_link(house: House, guest: Someone) -> None:
    """A reload in mid-call leads back to the seat."""
    await guest.joins()
    await consults(house, guest)

    again = await guest.reopens()

    assert "patient-in-session" == again.state and [1] == await uses_of(house)


async def test_a_patient_sent_back_to_the_queue_has_paid(house: House, guest: Someone) -> None:
    """The next doctor's session costs nothing more, and a reload meanwhile is no trouble."""
    await guest.joins()
    doctor = await consults(house, guest)
    await doctor.says(Leave(what="session", then="requeue"))

    waiting = await guest.comes_back()
    waiting = await waiting.reopens()
    await consults(house, waiting)

    assert "patient-in-session" == waiting.state and [1] == await uses_of(house)


async def test_a_patient_sent_back_who_lost_his_page_comes_by_his_link(
    house: House, guest: Someone
) -> None:
    """The pass is gone with the tab, the link is used up, the place is kept: he has paid."""
    await guest.joins()
    doctor = await consults(house, guest)
    later = await house.waits()
    await doctor.says(Leave(what="session", then="requeue"))

    back = await guest.reopens()

    assert [back.ticket, later.ticket] == await house.order()
    await doctor.proposes(await doctor.calls())
    await back.accepts()
    assert "patient-in-session" == back.state and [1] == await uses_of(house)


async def test_the_way_back_by_a_link_is_open_once_and_not_for_long(
    house: House, guest: Someone
) -> None:
    """Else a used-up link would be none."""
    await guest.joins()
    doctor = await consults(house, guest)
    await doctor.says(Leave(what="session", then="requeue"))
    back = await guest.reopens()
    await back.gives_up()
    with refused("spent"):
        await back.reopens()

    other = patient_with(house, uses=1)
    await other.joins()
    doctor = await consults(house, other)
    await doctor.says(Leave(what="session", then="requeue"))
    await house.passes(house.settings.requeue_s)
    with refused("spent"):
        await other.reopens()


async def test_pass_and_link_take_the_way_back_together_once(house: House, guest: Someone) -> None:
    """Two tabs of one patient: one place, whichever comes first."""
    await guest.joins()
    doctor = await consults(house, guest)
    token = guest.token
    await doctor.says(Leave(what="session", then="requeue"))

    by_link = await guest.reopens()
    by_pass = Someone(house, guest.entrant)
    await by_pass.shows(token)

    assert by_link.ticket == by_pass.ticket and [by_link.ticket] == await house.order()


async def test_what_was_spent_under_the_previous_secret_counts(house: House) -> None:
    """A link used before the installation secret changed stays used."""
    before = patient_with(house, uses=2)
    paid = before.entrant.spend
    assert paid is not None
    await before.joins()
    await consults(house, before)
    await before.hangs_up()

    spend = replace(paid, mark=house.id(), former=paid.mark)
    after = Someone(house, replace(before.entrant, spend=spend))
    await after.joins()
    await consults(house, after)
    await after.hangs_up()

    with refused("spent"):
        await after.reopens()
    assert [1, 1] == await uses_of(house)


async def test_whoever_comes_back_by_a_pass_pays_all_the_same(house: House, guest: Someone) -> None:
    """The ticket knows what the session costs, whichever way its holder came in last."""
    await guest.joins()
    back = await guest.comes_back()
    await consults(house, back)
    await back.hangs_up()

    with refused("spent"):
        await guest.reopens()


async def test_a_mark_outlives_the_session_and_not_the_link(house: House, guest: Someone) -> None:
    """Nothing else does."""
    await guest.joins()
    doctor = await consults(house, guest)
    await guest.hangs_up()
    await doctor.duty("off")

    assert [Spent] == [type(record) for record in await house.store.held()]
    await house.passes(3_600)
    assert [] == list(await house.store.held())


async def test_a_used_link_is_not_reached_by_widening(house: House, guest: Someone) -> None:
    """A place got by another link does not move into the used link's queue."""
    await guest.joins()
    await consults(house, guest)
    await guest.hangs_up()
    other = Someone(house, Entrant("patient", guest.key, ("other",)))
    await other.joins()

    back = Someone(house, guest.entrant)
    with refused("spent"):
        await back.joins(keep_pass=other.token)


async def test_personal_queues_never_fill_the_whole_house(clock: Clock, dice: Dice) -> None:
    """Links that anybody can make leave half of the places to those that a union signed."""
    house = House(clock, dice, Settings(tickets_max=4))
    personal = house.id()
    for _ in range(2):
        await house.patient(personal).joins()

    with refused("full"):
        await house.patient(personal).joins()
    await house.patient().joins()


async def test_a_lost_store_makes_no_link_free(house: House, guest: Someone) -> None:
    """The pass of an older epoch brings the price along: one session, not one a showing."""
    await guest.joins()
    token = guest.token
    house.opens()

    back = Someone(house, guest.entrant)
    await back.shows(token)
    await consults(house, back)
    await back.hangs_up()

    again = Someone(house, guest.entrant)
    await again.shows(token)
    doctor = await house.on_duty()
    await doctor.proposes(await doctor.calls())
    with refused("spent"):
        await again.accepts()
    assert [1] == await uses_of(house)
    assert [("call", "left")] == doctor.ends


async def test_a_doctor_may_pick_whoever_came_by_his_own_link(house: House) -> None:
    """Out of order: to whom he gives his links is his own choice."""
    own = house.id()
    await house.waits(own)
    second = await house.waits(own)
    doctor = await house.on_duty(own, QUEUE)

    assert second.ticket == (await doctor.calls_ticket(second.ticket)).ticket


async def test_nobody_is_picked_out_of_a_pool(house: House) -> None:
    """Not even its first: whose turn it is says the order, and no doctor."""
    own = house.id()
    first, second = await house.waits(), await house.waits()
    doctor = await house.on_duty(own, QUEUE)

    for each in (first, second):
        with refused("no-patient"):
            await doctor.calls_ticket(each.ticket)

    assert first.ticket == (await doctor.calls()).ticket


async def test_a_doctor_picks_nobody_out_of_another_doctors_links(house: House) -> None:
    """A link rings the doctor who gave it."""
    patient = await house.waits(house.id())

    with refused("no-patient"):
        await (await house.on_duty(house.id(), QUEUE)).calls_ticket(patient.ticket)


async def test_who_declined_his_own_doctor_is_not_picked_by_him(house: House) -> None:
    """Neither by his turn nor by name."""
    own = house.id()
    patient, doctor = await house.waits(own), await house.on_duty(own)
    await doctor.proposes(await doctor.calls_ticket(patient.ticket))
    await patient.leaves_call()
    await house.passes(house.settings.cooldown_s, but=(patient, doctor))

    with refused("no-patient"):
        await doctor.calls_ticket(patient.ticket)
    with refused("no-patient"):
        await doctor.calls(own)
