"""Coming back: with the pass, with the link, after a lost store, to another queue.

The other half of the waiting room's promises; the first is in test_waiting_room.
"""

from dataclasses import replace

import pytest

from signaling.messages import Called, Joined, Leave, Proposed
from signaling.passes import Passbook
from signaling.settings import Settings
from tests.clock import Clock
from tests.dice import Dice
from tests.signaling.house import QUEUE, House, refused


async def test_a_patient_who_loses_the_network_keeps_the_place(house: House) -> None:
    """Until the last moment of the pass, which the pulse does not cut short."""
    patient, other = await house.waits(), await house.waits()
    ticket, token = patient.ticket, patient.token
    await patient.loses_the_network()

    await house.passes(house.settings.wait_pass_s - 0.001, but=(other,))
    back = await patient.comes_back(token)

    assert (ticket, 1) == (back.ticket, await back.place())
    doctor = await house.on_duty()
    assert ticket == (await doctor.calls()).ticket


async def test_the_same_link_is_the_same_patient(house: House) -> None:
    """A reload, a discarded tab, "open in browser": capability and key find the ticket."""
    patient, _ = await house.waits(), await house.waits()
    ticket = patient.ticket
    await patient.loses_the_network()

    back = await patient.reopens()

    assert (ticket, 1) == (back.ticket, await back.place())
    assert 2 == len(await house.order())


async def test_renewing_slides_the_pass(house: House) -> None:
    """Whoever gives a sign of life keeps the place as long as he likes."""
    patient = await house.waits()
    for _ in range(3):
        await house.passes(house.settings.wait_pass_s - 1)
        await patient.renews()

    assert patient.pass_.expires_at == house.clock.now + house.settings.wait_pass_s
    assert 1 == await patient.place()


async def test_a_pass_says_what_a_lost_store_must_be_told(house: House) -> None:
    """Queue, arrival, holder and epoch; no two relay tags alike."""
    patient = await house.waits()
    first = patient.pass_
    await patient.renews()

    assert ("wait", "patient", patient.ticket, patient.key, QUEUE, "") == (
        first.kind,
        first.role,
        first.id,
        first.key,
        first.queue,
        first.session,
    )
    assert (await house.store.life()).epoch == first.epoch
    assert [first.arrival] == [ticket.arrival for ticket in await house.store.waiting(QUEUE, 99)]


async def test_a_newer_socket_wins(house: House) -> None:
    """The older is told; its going away later puts nobody to sleep."""
    patient = await house.waits()

    newer = await patient.comes_back()
    await patient.loses_the_network()

    assert [("socket", "replaced")] == patient.ends
    assert (await house.on_duty()) and [True] == [
        row.awake for row in (await (await house.on_duty()).board()).tickets or ()
    ]
    assert [] == newer.ends


async def test_joining_again_on_the_same_socket_does_no_harm(house: House) -> None:
    """The same ticket, and nobody is replaced by himself."""
    patient = await house.waits()
    ticket = patient.ticket

    await patient.joins()
    await patient.shows(patient.token)

    assert ([], ticket) == (patient.ends, patient.ticket)


async def test_a_pass_of_an_ended_wait_is_refused(house: House) -> None:
    """What it stood for is over, though its time is not."""
    patient = await house.waits()
    token = patient.token
    await patient.gives_up()

    with refused("ended"):
        await patient.comes_back(token)


async def test_an_expired_pass_is_refused(house: House) -> None:
    """At the moment of its expiry."""
    patient = await house.waits()
    await patient.loses_the_network()
    token = patient.token
    house.clock.advance(house.settings.wait_pass_s)

    with refused("expired"):
        await patient.comes_back(token)


async def test_a_forged_pass_is_refused(house: House) -> None:
    """One that this installation never issued, though every field is right."""
    patient = await house.waits()
    forged = Passbook([b"f" * 32]).issue(patient.pass_)

    with refused("not-admitted"):
        await patient.comes_back(forged)
    with refused("not-admitted"):
        await patient.comes_back("pass1.never")


async def test_a_pass_goes_with_its_holders_key(house: House) -> None:
    """Who has read a pass but not the key cannot use it."""
    patient, thief = await house.waits(), house.patient()

    with refused("not-admitted"):
        await thief.shows(patient.token)

    assert [] == patient.ends


async def test_passes_of_a_lost_store_bring_everybody_back_in_order(house: House) -> None:
    """Whoever comes first, the old arrivals decide; newcomers stand behind."""
    patients = [await house.waits() for _ in range(4)]
    passes = [patient.token for patient in patients]
    tickets = [patient.ticket for patient in patients]
    house.opens()
    house.clock.advance(5)

    newcomer = await house.waits()
    for patient, token in reversed([*zip(patients, passes, strict=True)]):
        await patient.comes_back(token)

    assert [*tickets, newcomer.ticket] == await house.order()


async def test_a_pass_of_a_lost_store_is_good_until_it_expires(house: House) -> None:
    """And then no more; nor does it bring back what ended since."""
    patient, other = await house.waits(), await house.waits()
    token, late = patient.token, other.token
    house.opens()
    back = await patient.comes_back(token)
    renewed = back.token
    await back.gives_up()

    with refused("ended"):
        await patient.comes_back(renewed)
    house.clock.advance(house.settings.wait_pass_s)
    with refused("expired"):
        await other.comes_back(late)


async def test_a_full_house_takes_back_nobody_new(clock: Clock, dice: Dice) -> None:
    """Also with a pass of a lost store; who has a place keeps it."""
    house = House(clock, dice, Settings(tickets_max=1))
    patient = await house.waits()
    house.opens()
    other = await house.waits()

    with refused("full"):
        await patient.comes_back()
    await other.comes_back()


async def test_widening_keeps_the_arrival(house: House) -> None:
    """Another queue, the same ticket, before everybody who came later."""
    patient, later = await house.waits("narrow"), await house.waits("wide")
    ticket = patient.ticket

    await patient.joins(keep_pass=patient.token, queue="wide")

    assert [ticket, later.ticket] == await house.order("wide")
    assert [] == await house.order("narrow")
    assert ("wide", ("wide",)) == (patient.pass_.queue, patient.person and patient.person.queues)
    assert ticket == (await (await house.on_duty("wide")).calls("wide")).ticket


async def test_a_second_link_without_keep_pass_finds_the_old_ticket(house: House) -> None:
    """One holder has one place; he is told which queue it is in."""
    patient = await house.waits("narrow")

    await patient.joins(queue="wide")

    assert ("narrow", []) == (patient.pass_.queue, await house.order("wide"))


async def test_a_called_patient_cannot_widen(house: House) -> None:
    """The doctor who called looks for him where he was."""
    patient, doctor = await house.waits("narrow"), await house.on_duty("narrow")
    called = await doctor.calls("narrow")

    with refused("out-of-turn"):
        await patient.joins(keep_pass=patient.token, queue="wide")

    await doctor.proposes(called)
    await patient.accepts()


async def test_widening_after_a_lost_store_keeps_the_arrival_too(house: House) -> None:
    """The pass says it."""
    patient = await house.waits("narrow")
    ticket, token = patient.ticket, patient.token
    house.opens()
    house.clock.advance(5)
    later = await house.waits("wide")

    await patient.again().joins(keep_pass=token, queue="wide")

    assert [ticket, later.ticket] == await house.order("wide")


async def test_a_patient_is_told_in_which_queue_he_waits(house: House) -> None:
    """Wherever his link leads: it may be another one since he widened."""
    patient = await house.waits("narrow")
    await patient.joins(keep_pass=patient.token, queue="wide")

    back = await patient.again().joins(queue="narrow")

    assert ("wide",) == back.hears(Joined).queues


async def test_a_closed_queue_takes_back_who_waits_and_nobody_new(house: House) -> None:
    """Neither by a link nor by widening; a reload finds its place as ever."""
    patient, other = await house.waits("closed"), await house.waits("open")

    with refused("not-admitted"):
        await house.late("closed").joins()
    with refused("not-admitted"):
        await house.late("closed", other.entrant.key).joins(keep_pass=other.token)
    await house.late("closed", patient.entrant.key).joins()

    assert [patient.ticket] == await house.order("closed")
    assert [other.ticket] == await house.order("open")


async def test_a_patient_sent_back_finds_a_queue_that_was_closed_meanwhile(house: House) -> None:
    """His consultation began before that."""
    patient, doctor = await house.waits(), await house.on_duty()
    await doctor.proposes(await doctor.calls())
    await patient.accepts()
    await doctor.says(Leave(what="session", then="requeue"))

    back = await house.late(QUEUE, patient.entrant.key).joins()

    assert [back.ticket] == await house.order()


async def test_keeping_an_ended_pass_keeps_nothing(house: House) -> None:
    """A fresh ticket at the tail."""
    patient, other = await house.waits(), await house.waits()
    token = patient.token
    await patient.gives_up()

    back = await patient.again().joins(keep_pass=token)

    assert [other.ticket, back.ticket] == await house.order()


@pytest.mark.parametrize("whose", ["forged", "foreign", "expired"])
async def test_keep_pass_must_be_ones_own(house: House, whose: str) -> None:
    """Nobody takes another's arrival."""
    patient, thief = await house.waits(), house.patient()
    token = patient.token
    if whose == "forged":
        token = Passbook([b"f" * 32]).issue(replace(patient.pass_, key=thief.key))
    if whose == "expired":
        thief = patient.again()
        house.clock.advance(house.settings.wait_pass_s)

    with refused("expired" if whose == "expired" else "not-admitted"):
        await thief.joins(keep_pass=token)


async def test_a_patient_may_come_back_while_called(house: House) -> None:
    """The place, the call and its deadline are as they were."""
    patient, doctor = await house.waits(), await house.on_duty()
    called = await doctor.calls()
    await doctor.proposes(called)
    deadline = patient.hears(Proposed).deadline
    token = patient.token
    await patient.loses_the_network()
    house.clock.advance(7)

    back = await patient.comes_back(token)
    await doctor.proposes(doctor.hears(Called))

    assert deadline == back.hears(Proposed).deadline
    await back.accepts()


async def test_a_doctor_who_comes_back_is_still_on_duty(house: House) -> None:
    """A short loss of the network is no end of duty."""
    doctor = await house.on_duty()
    await doctor.loses_the_network()

    back = await doctor.reopens()

    assert "on" == back.state
    await house.waits()
    await back.calls()


async def test_a_doctor_with_two_windows_has_one(house: House) -> None:
    """The newer wins, the call of the older goes back to the head, and the older is told."""
    patient, doctor = await house.waits(), await house.on_duty()
    await doctor.calls()

    newer = await doctor.reopens()
    await doctor.loses_the_network()

    assert ("socket", "replaced") in doctor.ends
    assert [("call", "lost")] == patient.ends
    await patient.renews()
    assert patient.ticket == (await newer.calls()).ticket


async def test_a_lost_store_puts_doctors_off_duty(house: House) -> None:
    """Their pages go on duty again by themselves; nothing is assumed."""
    doctor = await house.on_duty()
    house.opens()

    assert "off" == (await doctor.reopens()).state
