"""The queue's promises: order, calling, declining, leaving, duty and boards.

How people come back is in test_waiting_room_returns, any order of anything in
test_waiting_room_machine.
"""

import asyncio

import pytest

from signaling.messages import (
    BOARD_TICKETS_MAX,
    Accept,
    Accepted,
    Called,
    Duty,
    Ended,
    Envelope,
    Invited,
    Joined,
    Leave,
    Propose,
    Proposed,
    Renew,
)
from signaling.people import Refusal
from signaling.settings import Settings
from tests.clock import Clock
from tests.dice import Dice
from tests.signaling.house import QUEUE, House, refused

# The whole way


async def test_patient_and_doctor_meet_and_nothing_is_left(house: House) -> None:
    """Join, call, propose, accept, envelopes, good-bye."""
    patient, doctor = await house.waits(), await house.on_duty()
    ticket = patient.ticket

    called = await doctor.calls()
    await doctor.proposes(called)
    proposed = patient.hears(Proposed)
    await patient.accepts()
    theirs, ours = patient.hears(Accepted), doctor.hears(Accepted)

    assert (proposed.call, ticket) == (called.call, called.ticket)
    assert theirs.session == ours.session and theirs.members == ours.members
    assert {(patient.member, "patient"), (doctor.member, "doctor")} == {
        (seat.member, seat.role) for seat in ours.members
    }
    assert (None, True) == (theirs.m3, ours.m3 is not None)

    await patient.says(Envelope(member=doctor.member, body="hello"))
    await doctor.says(Envelope(member=patient.member, body="you"))
    assert Envelope(member=patient.member, body="hello") == doctor.heard[-1]
    assert Envelope(member=doctor.member, body="you") == patient.heard[-1]

    await patient.hangs_up()
    assert [("session", "left")] == patient.ends == doctor.ends
    assert ("gone", "on") == (patient.state, doctor.state)
    await doctor.duty("off")
    assert [] == await house.store.held()


async def test_m1_m2_and_m3_are_each_forwarded_once_and_unchanged(house: House) -> None:
    """Opaque bodies, to the one they are for."""
    patient = await house.patient().joins(m1="M1")
    doctor = await house.on_duty()

    called = await doctor.calls()
    await doctor.says(Propose(call=called.call, m2="M2"))
    await patient.says(Accept(call=called.call, m3="M3"))

    assert ["M1"] == [message.m1 for message in doctor.all(Called)]
    assert ["M2"] == [message.m2 for message in patient.all(Proposed)]
    assert ["M3"] == [message.m3 for message in doctor.all(Accepted)]
    assert [None] == [message.m3 for message in patient.all(Accepted)]


# First come, first served


async def test_first_come_first_served(house: House) -> None:
    """The order of calls is the order of arrivals."""
    patients = [await house.waits() for _ in range(4)]
    tickets = [patient.ticket for patient in patients]

    called = [(await (await house.on_duty()).calls()).ticket for _ in range(4)]

    assert tickets == called


async def test_two_doctors_never_call_the_same_patient(house: House) -> None:
    """However doctors race, a patient is called once."""
    patient = await house.waits()
    doctors = [await house.on_duty() for _ in range(5)]

    answers = await asyncio.gather(*(doctor.calls() for doctor in doctors), return_exceptions=True)

    assert [patient.ticket] == [a.ticket for a in answers if isinstance(a, Called)]
    assert ["no-patient"] * 4 == [a.code for a in answers if isinstance(a, Refusal)]


async def test_a_sleeping_patient_is_passed_over_and_keeps_the_place(house: House) -> None:
    """The one behind is called; the sleeper wakes at the head."""
    sleeper, next_one = await house.waits(), await house.waits()
    doctor = await house.on_duty()
    await house.passes(house.settings.awake_s + 1, but=(next_one, doctor))

    assert next_one.ticket == (await doctor.calls()).ticket
    assert 1 == await sleeper.place()

    await sleeper.renews()
    assert sleeper.ticket == (await (await house.on_duty()).calls()).ticket


async def test_a_patient_without_m1_is_passed_over(house: House) -> None:
    """There is nothing to answer yet."""
    blank, ready = await house.patient().joins(m1=None), await house.waits()
    doctor = await house.on_duty()

    assert ready.ticket == (await doctor.calls()).ticket
    assert 1 == await blank.place()


async def test_a_doctor_calls_only_from_his_own_queues(house: House) -> None:
    """Neither by name nor by ticket; what he may not call he does not learn of."""
    elsewhere = await house.waits("pediatrie")
    doctor = await house.on_duty("medecine-generale")

    with refused("off-duty"):
        await doctor.calls("pediatrie")
    with refused("no-patient"):
        await doctor.calls_ticket(elsewhere.ticket)
    with refused("no-patient"):
        await doctor.calls_ticket(house.id())


async def test_nobody_is_called_from_an_empty_queue(house: House) -> None:
    """The doctor is told so and stays on duty."""
    doctor = await house.on_duty()

    with refused("no-patient"):
        await doctor.calls()

    assert "on" == doctor.state


async def test_calling_needs_duty(house: House) -> None:
    """Off duty it is out of turn; a duty that ran out is said."""
    doctor = await house.doctor().joins()
    with refused("out-of-turn"):
        await doctor.calls()
    await doctor.duty("on")
    await house.store.go_off_duty(doctor.key)

    with refused("off-duty"):
        await doctor.calls()


async def test_a_crowd_beyond_the_settings_is_refused(clock: Clock, dice: Dice) -> None:
    """With a time to try again."""
    house = House(clock, dice, Settings(tickets_max=1))
    await house.waits()

    with pytest.raises(Refusal) as raised:
        await house.waits()

    assert ("full", house.settings.cooldown_s) == (raised.value.code, raised.value.retry_s)


# A doctor who fails the patient


async def test_a_vanished_doctor_gives_the_patient_back_to_the_head(house: House) -> None:
    """Without a fault: the next doctor calls the same patient at once."""
    patient, _ = await house.waits(), await house.waits()
    doctor = await house.on_duty()
    await doctor.proposes(await doctor.calls())

    await doctor.loses_the_network()

    assert [("call", "lost")] == patient.ends and "waiting" == patient.state
    await patient.renews()
    assert patient.ticket == (await (await house.on_duty()).calls()).ticket


async def test_a_late_m2_gives_the_patient_back_to_the_head(house: House) -> None:
    """Both are told; the patient is at no fault, the doctor may call again."""
    patient, _ = await house.waits(), await house.waits()
    doctor = await house.on_duty()
    called = await doctor.calls()

    assert called.deadline == house.clock.now + house.settings.propose_within_s
    await house.passes(house.settings.propose_within_s)

    assert [("call", "late")] == patient.ends == doctor.ends
    with refused("out-of-turn"):
        await doctor.proposes(called)
    await patient.renews()
    assert patient.ticket == (await doctor.calls()).ticket


async def test_a_proposal_at_its_deadline_is_late(house: House) -> None:
    """Also before the pulse has noticed."""
    await house.waits()
    doctor = await house.on_duty()
    called = await doctor.calls()
    house.clock.advance(house.settings.propose_within_s)

    with refused("no-call"):
        await doctor.proposes(called)


async def test_a_withdrawn_call_lets_the_next_one_be_called(house: House) -> None:
    """Who did not answer keeps the place, rests a while, and is not at fault."""
    patient, second = await house.waits(), await house.waits()
    doctor = await house.on_duty()
    await doctor.proposes(await doctor.calls())

    await doctor.leaves_call()

    assert [("call", "withdrawn")] == patient.ends == doctor.ends
    assert ("waiting", "on") == (patient.state, doctor.state)
    await patient.renews()
    assert second.ticket == (await doctor.calls()).ticket
    held = await house.store.ticket(patient.ticket)
    assert held is not None and 0 == held.faults
    assert 1 == await patient.place()


async def test_a_patient_whose_m1_nobody_can_read_blocks_nobody(house: House) -> None:
    """The page that cannot answer withdraws at once: the second patient is next."""
    hostile, honest = await house.waits(), await house.waits()
    doctor = await house.on_duty()

    called = []
    for _ in range(4):
        called.append((await doctor.calls()).ticket)
        if called[-1] == honest.ticket:
            break
        await doctor.leaves_call()
        await hostile.renews()

    assert [hostile.ticket, honest.ticket] == called


async def test_an_unreadable_m1_three_times_goes_to_the_tail(house: House) -> None:
    """Failing is a fault, as declining and being late are."""
    hostile, honest = await house.waits(), await house.waits()
    doctor = await house.on_duty()

    for _ in range(house.settings.faults_to_tail):
        await doctor.calls()
        await doctor.leaves_call()
        house.clock.advance(house.settings.cooldown_s)
        for one in (doctor, honest, hostile):
            await one.renews()

    assert (2, 1) == (await hostile.place(), await honest.place())


async def test_a_doctor_proposes_only_in_his_own_call(house: House) -> None:
    """Another doctor's call, or none, is refused."""
    patient, _ = await house.waits(), await house.waits()
    doctor, other = await house.on_duty(), await house.on_duty()
    called = await doctor.calls()
    await other.calls()

    with refused("no-call"):
        await other.proposes(called)
    with refused("no-call"):
        await other.says(Propose(call=house.id(), m2="a"))

    assert [] == patient.all(Proposed)


async def test_one_m1_opens_one_m2(house: House) -> None:
    """A second proposal without a fresh M1 is refused."""
    patient, doctor = await house.waits(), await house.on_duty()
    called = await doctor.calls()
    await doctor.proposes(called)

    with refused("no-call"):
        await doctor.proposes(called)

    assert 1 == len(patient.all(Proposed))


# A patient who declines or does not answer


async def test_declining_costs_a_rest_and_that_doctor(house: House) -> None:
    """Passed over for a while, at the same place; never again offered to that doctor."""
    patient, doctor, other = await house.waits(), await house.on_duty(), await house.on_duty()
    await doctor.proposes(await doctor.calls())

    await patient.leaves_call()

    assert [("call", "declined")] == patient.ends == doctor.ends
    assert ("waiting", "on", 1) == (patient.state, doctor.state, await patient.place())
    await house.passes(house.settings.cooldown_s - 0.001, but=(doctor, other, patient))
    for each in (doctor, other):
        with refused("no-patient"):
            await each.calls()
    await patient.renews()
    house.clock.advance(0.001)
    with refused("no-patient"):
        await doctor.calls()
    assert patient.ticket == (await other.calls()).ticket


async def test_a_patient_who_does_not_answer_rests(house: House) -> None:
    """Both are told, the place is kept, and the same doctor may call again later."""
    patient, doctor = await house.waits(), await house.on_duty()
    await doctor.proposes(await doctor.calls())
    assert patient.hears(Proposed).deadline == house.clock.now + house.settings.accept_within_s

    await house.passes(house.settings.accept_within_s, but=(patient, doctor))

    assert [("call", "late")] == patient.ends
    assert ("call", "late") in doctor.ends
    await patient.renews()
    again = await house.on_duty()
    with refused("no-patient"):
        await again.calls()
    await house.passes(house.settings.cooldown_s, but=(again,))
    assert patient.ticket == (await again.calls()).ticket


async def test_accepting_at_the_deadline_is_late(house: House) -> None:
    """Also before the pulse has noticed."""
    patient, doctor = await house.waits(), await house.on_duty()
    await doctor.proposes(await doctor.calls())
    house.clock.advance(house.settings.accept_within_s)

    with refused("no-call"):
        await patient.accepts()


async def test_three_faults_send_a_patient_to_the_tail(house: House) -> None:
    """Nobody blocks a queue by declining; the count then starts anew."""
    own = house.id()  # where a doctor may pick, and so call the patient from the tail too
    patient, other = await house.waits(own), await house.waits(own)
    assert 3 == house.settings.faults_to_tail

    for fault in (1, 2, 3):
        await patient.renews()
        doctor = await house.on_duty(own)
        await doctor.proposes(await doctor.calls_ticket(patient.ticket))
        await patient.leaves_call()
        assert (1 if fault < 3 else 2) == await patient.place()
        await house.passes(house.settings.cooldown_s, but=(patient, other))

    await patient.renews()
    doctor = await house.on_duty(own)
    await doctor.proposes(await doctor.calls_ticket(patient.ticket))
    await patient.leaves_call()
    assert 2 == await patient.place()
    assert 1 == await other.place()


async def test_nobody_blocks_a_queue_with_fresh_m1(house: House) -> None:
    """Once asked, a patient who lets the deadline pass is at fault, whatever he sends."""
    patient, next_one = await house.waits(), await house.waits()
    doctor = await house.on_duty()
    await doctor.proposes(await doctor.calls())
    house.clock.advance(house.settings.accept_within_s - 0.001)
    await patient.renews()

    await house.passes(0.001, but=(patient, next_one, doctor))
    await patient.renews()

    assert next_one.ticket == (await (await house.on_duty()).calls()).ticket


async def test_a_patient_accepts_only_his_own_call(house: House) -> None:
    """Somebody else's, or an old one, is refused and nothing changes."""
    patient, other = await house.waits(), await house.waits()
    doctor, colleague = await house.on_duty(), await house.on_duty()
    await doctor.proposes(await doctor.calls())
    await colleague.proposes(await colleague.calls())

    with refused("no-call"):
        await patient.says(Accept(call=other.hears(Proposed).call, m3="a"))
    with refused("no-call"):
        await patient.says(Accept(call=house.id(), m3="a"))

    await patient.accepts()
    await other.accepts()


async def test_a_call_must_be_proposed_before_it_is_accepted(house: House) -> None:
    """Before it is, the patient does not know of it."""
    patient, doctor = await house.waits(), await house.on_duty()
    called = await doctor.calls()

    with refused("out-of-turn"):
        await patient.says(Accept(call=called.call, m3="a"))
    with refused("no-call"):
        await house.room.ask(patient.person, Accept(call=called.call, m3="a"), house.clock.now)  # type: ignore[arg-type] # he is in


# A fresh M1 into a running call


async def test_a_fresh_m1_opens_another_m2_and_leaves_the_deadline(house: House) -> None:
    """A page that was reloaded in mid-call is proposed to again, in the time that is left."""
    patient, doctor = await house.waits(), await house.on_duty()
    called = await doctor.calls()
    await doctor.proposes(called)
    deadline = patient.hears(Proposed).deadline
    house.clock.advance(5)

    await patient.says(Renew(m1="fresh"))

    anew = doctor.hears(Called)
    assert (called.call, "fresh", deadline) == (anew.call, anew.m1, anew.deadline)
    await doctor.proposes(anew)
    assert (2, deadline) == (len(patient.all(Proposed)), patient.hears(Proposed).deadline)
    await patient.accepts()


async def test_a_reloaded_page_brings_its_fresh_m1_itself(house: House) -> None:
    """The same link on a new socket; the older one is told and does not fight back."""
    patient, doctor = await house.waits(), await house.on_duty()
    await doctor.proposes(await doctor.calls())

    reloaded = await patient.reopens()
    await doctor.proposes(doctor.hears(Called))

    assert [("socket", "replaced")] == patient.ends
    assert 1 == len(reloaded.all(Proposed))
    await reloaded.accepts()
    assert "patient-in-session" == reloaded.state


async def test_at_most_three_m1_are_forwarded_a_call(house: House) -> None:
    """The fourth stays with the ticket, for the next call."""
    patient, doctor = await house.waits(), await house.on_duty()
    await doctor.calls()
    for _ in range(3):
        await doctor.proposes(doctor.hears(Called))
        await patient.renews()

    assert (3, 3) == (len(doctor.all(Called)), len(patient.all(Proposed)))
    await doctor.leaves_call()
    house.clock.advance(house.settings.cooldown_s)
    for one in (doctor, patient):
        await one.renews(m1=None)
    assert patient.ticket == (await doctor.calls()).ticket


async def test_a_renewal_without_m1_disturbs_no_call(house: House) -> None:
    """A heartbeat is only that."""
    patient, doctor = await house.waits(), await house.on_duty()
    await doctor.proposes(await doctor.calls())

    await patient.renews(m1=None)

    assert 1 == len(doctor.all(Called))
    await patient.accepts()


# Leaving at every step


async def test_a_patient_may_give_up_while_waiting(house: House) -> None:
    """The place is gone, and the pass with it."""
    patient = await house.waits()
    token = patient.token

    await patient.gives_up()

    assert ([("queue", "left")], "gone") == (patient.ends, patient.state)
    assert [] == await house.store.held()
    with refused("ended"):
        await patient.comes_back(token)


@pytest.mark.parametrize("is_proposed", [False, True])
async def test_a_patient_may_give_up_while_called(house: House, is_proposed: bool) -> None:
    """The doctor is told, and free for the next."""
    patient, next_one = await house.waits(), await house.waits()
    doctor = await house.on_duty()
    called = await doctor.calls()
    if is_proposed:
        await doctor.proposes(called)

    await patient.gives_up()

    assert ([("queue", "left")], [("call", "left")]) == (patient.ends, doctor.ends)
    assert ("gone", "on") == (patient.state, doctor.state)
    assert next_one.ticket == (await doctor.calls()).ticket


async def test_what_is_over_cannot_be_left_again(house: House) -> None:
    """A word that crossed the end on its way gets its documented refusal."""
    patient, doctor = await house.waits(), await house.on_duty()
    assert patient.person and doctor.person
    now = house.clock.now

    with refused("no-call"):
        await house.room.ask(patient.person, Leave(what="call"), now)
    with refused("no-call"):
        await house.room.ask(doctor.person, Leave(what="call"), now)
    with refused("no-session"):
        await house.room.ask(doctor.person, Leave(what="session"), now)
    await house.store.give_up(patient.ticket)
    with refused("ended"):
        await house.room.ask(patient.person, Leave(what="queue"), now)
    (answer,) = await house.room.ask(patient.person, Renew(), now)
    assert Ended(what="socket", outcome="closing") == answer
    with refused("no-call"):
        await house.room.ask(patient.person, Leave(what="call"), now)


async def test_an_expired_wait_is_over_and_said(house: House) -> None:
    """Away longer than the pass lives."""
    patient = await house.waits()
    token = patient.token

    await house.passes(house.settings.wait_pass_s)

    assert ([("queue", "expired")], "gone") == (patient.ends, patient.state)
    assert [] == await house.store.held()
    with refused("expired"):
        await patient.comes_back(token)


# Duty


async def test_a_doctor_goes_on_duty_for_some_of_his_queues(house: House) -> None:
    """All of them unless named; none that he may not serve."""
    doctor = await house.doctor("a", "b").joins()

    with refused("not-admitted"):
        await doctor.duty("on", "a", "c")
    assert "off" == doctor.state
    await doctor.duty("on", "a")
    assert (1, 0) == (
        (await (await house.waits("a")).board()).doctors,
        (await (await house.waits("b")).board()).doctors,
    )
    await doctor.duty("on", "a", "b")
    with refused("no-patient"):
        await (await house.on_duty("c")).calls("c")


async def test_a_doctor_may_pause_and_take_up_again(house: House) -> None:
    """Off duty nobody is called; twice off is no error."""
    await house.waits()
    doctor = await house.on_duty()

    await doctor.duty("off")
    assert ("off", []) == (doctor.state, doctor.ends)
    await doctor.duty("off")
    with refused("out-of-turn"):
        await doctor.calls()
    await doctor.duty("on")

    await doctor.calls()


async def test_draining_without_a_patient_is_off_duty_at_once(house: House) -> None:
    """There is nobody left to serve; also for who was not on duty."""
    doctor = await house.on_duty()

    await doctor.duty("draining")
    await doctor.duty("draining")

    assert ([("duty", "drained")] * 2, "off") == (doctor.ends, doctor.state)
    assert [] == await house.store.held()


async def test_a_draining_doctor_serves_the_last_patient(house: House) -> None:
    """He finishes the session, counts as nobody's next doctor, and is then off duty."""
    patient, other = await house.waits(), await house.waits()
    doctor = await house.on_duty()
    called = await doctor.calls()
    await doctor.duty("draining")
    await doctor.proposes(called)
    await patient.accepts()
    assert 0 == (await other.board()).doctors

    await doctor.hangs_up()

    assert [("session", "left"), ("duty", "drained")] == doctor.ends
    assert "off" == doctor.state


@pytest.mark.parametrize("state", ["draining", "off"])
@pytest.mark.parametrize("how", ["withdraws", "late", "declined", "gives up"])
async def test_a_draining_doctor_whose_call_ends_is_off_duty(
    house: House, state: str, how: str
) -> None:
    """However it ends; leaving duty in mid-call lets the call end first."""
    patient, doctor = await house.waits(), await house.on_duty()
    called = await doctor.calls()
    await doctor.says(Duty.model_validate({"state": state}))
    assert [] == doctor.ends

    if how == "withdraws":
        await doctor.leaves_call()
    elif how == "late":
        await house.passes(house.settings.propose_within_s)
    else:
        await doctor.proposes(called)
        await (patient.leaves_call() if how == "declined" else patient.gives_up())

    assert ("duty", "drained") in doctor.ends
    assert "off" == doctor.state
    assert None is await house.store.doctor(doctor.key)


async def test_a_silent_doctor_is_not_counted_on_duty_for_long(house: House) -> None:
    """Whoever gives no sign of life goes off duty, is told, and may go on again."""
    patient, doctor = await house.waits(), await house.on_duty()

    await house.passes(house.settings.awake_s - 1, but=(doctor, patient))
    await house.passes(house.settings.awake_s - 1, but=(patient,))
    assert 1 == (await patient.board()).doctors
    await house.passes(1)

    assert ([("duty", "expired")], "off") == (doctor.ends, doctor.state)
    assert 0 == (await patient.board()).doctors
    await doctor.duty("on")
    assert 1 == (await patient.board()).doctors


# Boards


async def test_a_patient_sees_place_and_doctors(house: House) -> None:
    """From one, and nothing about anybody else."""
    patients = [await house.waits() for _ in range(3)]
    await house.on_duty()
    await house.on_duty("elsewhere")

    boards = [await patient.board() for patient in patients]

    assert [(1, 1), (2, 1), (3, 1)] == [(board.place, board.doctors) for board in boards]
    assert {(None, None, None)} == {(b.tickets, b.waiting, b.colleagues) for b in boards}


async def test_nobody_on_duty_is_said(house: House) -> None:
    """A zero, not a silence."""
    patient = await house.waits()
    assert 0 == (await patient.board()).doctors
    doctor = await house.on_duty()
    assert 1 == (await patient.board()).doctors
    await doctor.duty("off")
    assert 0 == (await patient.board()).doctors


async def test_a_doctor_sees_the_same_order(house: House) -> None:
    """Both screens read one queue, called and sleeping patients included."""
    patients = [await house.waits() for _ in range(3)]
    tickets = [patient.ticket for patient in patients]
    await patients[0].loses_the_network()
    await (await house.on_duty()).calls()
    doctor = await house.on_duty()

    board = await doctor.board()

    assert (3, 2) == (board.waiting, board.doctors)
    assert tickets == [row.ticket for row in board.tickets or ()] == await house.order()
    assert [1, 2, 3] == [row.place for row in board.tickets or ()]
    assert [False, True, True] == [row.awake for row in board.tickets or ()]


async def test_a_doctor_off_duty_sees_the_queues_that_he_may_serve(house: House) -> None:
    """So that he knows whether he is needed."""
    await house.waits("a")
    await house.waits("b")
    doctor = await house.doctor("a", "b").joins()

    assert 2 == (await doctor.board()).waiting
    await doctor.duty("on", "b")
    assert 1 == (await doctor.board()).waiting


async def test_colleagues_see_each_others_cards(house: House) -> None:
    """Kept until he shows another; gone with the duty."""
    doctor, colleague = await house.on_duty(), await house.on_duty()
    await doctor.says(Duty(state="on", card="card"))
    await doctor.duty("on")
    assert ("card",) == (await colleague.board()).colleagues

    await doctor.duty("off")
    assert () == (await colleague.board()).colleagues


async def test_stirs_tell_of_every_change_of_a_queue(house: House) -> None:
    """Whoever draws boards learns when to draw them anew."""
    stirs = 0

    def count(_: object) -> None:
        nonlocal stirs
        stirs += 1

    async def stirred() -> bool:
        nonlocal stirs
        before, stirs = stirs, 0
        return before > 0

    await house.store.listen(f"queue.{QUEUE}", count)
    patient = await house.waits()
    assert await stirred()
    doctor = await house.on_duty()
    assert await stirred()
    await patient.renews()
    assert not await stirred()
    called = await doctor.calls()
    assert await stirred()
    await doctor.proposes(called)
    await patient.leaves_call()
    assert await stirred()
    await patient.loses_the_network()
    assert await stirred()
    back = await patient.comes_back()
    assert await stirred()
    await back.gives_up()
    assert await stirred()
    await doctor.duty("off")
    assert await stirred()


async def test_a_queue_longer_than_a_screen_is_a_number(house: House) -> None:
    """The heads are shown, the rest is counted."""
    for _ in range(BOARD_TICKETS_MAX + 1):
        await house.waits()

    board = await (await house.on_duty()).board()

    assert (BOARD_TICKETS_MAX + 1, BOARD_TICKETS_MAX) == (board.waiting, len(board.tickets or ()))


async def test_a_doctor_is_greeted_with_his_queues(house: House) -> None:
    """And given no pass: the credential is the way back."""
    doctor = await house.doctor("a", "b").joins()
    await doctor.renews()

    assert [(("a", "b"), None)] * 2 == [(m.queues, m.token) for m in doctor.all(Joined)]


async def test_envelopes_to_nobody_connected_are_refused(house: House) -> None:
    """The far end's socket is lost: send again later."""
    patient, doctor = await house.session()
    await doctor.loses_the_network()

    with refused("away"):
        await patient.says(Envelope(member=doctor.member, body="a"))


# Over several queues


async def test_next_over_all_queues_is_the_earliest_who_may_be_called(house: House) -> None:
    """A queue whose head rests does not hide the next queue's patients."""
    first = await house.waits(queue="north")
    second = await house.waits(queue="south")
    doctor = await house.on_duty("north", "south")

    called = await doctor.calls(queue=None)
    assert first.ticket == called.ticket
    await doctor.leaves_call()

    assert second.ticket == (await doctor.calls(queue=None)).ticket


async def test_nobody_is_invited_by_a_tickets_id(house: House) -> None:
    """An invitation reaches a doctor on duty by his key, and nobody by anything else."""
    _, doctor = await house.session()
    bystander = await house.waits()

    with refused("off-duty"):
        await doctor.invites(bystander.ticket)

    assert [] == bystander.all(Invited)
