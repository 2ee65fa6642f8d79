"""Anything in any order: people come, sleep, call, answer, vanish and return; time passes.

Whatever happens, everybody is in one place, the order holds, everything is counted once, and
nothing stays behind.
"""

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from signaling.broker import NoSession
from signaling.encoding import encode
from signaling.memory_store import MemoryStore
from signaling.messages import Called, Envelope, Invite, Leave, Proposed
from signaling.people import Refusal
from signaling.store import CallRecord, Doctor, Life, Seat, Session, Store, Ticket, WayBack
from tests.clock import Clock
from tests.dice import Dice
from tests.redis_server import RedisServer
from tests.signaling.house import House, Someone
from tests.signaling.redis_stores import redis_store

PATIENTS, DOCTORS = 5, 3
QUEUES = ("narrow", "wide")
RARELY = 13
# Short ones more often: the long ones end everything.
WAITS = [0.5, 1.0, 2.0, 5.0, 14.0, 15.0, 20.0, 25.0, 39.0, 41.0, 60.0, 119.0, 300.0, 601.0]

picks = st.integers(0, 30)
queues = st.sampled_from(QUEUES)


@dataclass
class Holder:
    """Somebody with a key, behind a socket or away, and the last pass that he was given."""

    now: Someone
    is_away: bool = False
    token: str | None = None

    def remember(self) -> None:
        with suppress(IndexError):
            self.token = self.now.token


class WaitingRoomMachine(RuleBasedStateMachine):
    """One house, driven by rules that may be refused but never break."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.clock, self.dice = Clock(), Dice()
        self.house = House(self.clock, self.dice, new_store=self.new_store)
        self.patients: list[Holder] = []
        self.doctors: list[Holder] = []
        # Key -> the how-manieth wait it is, as a bystander counts them; and who was at fault.
        self.came: dict[str, int] = {}
        self.waits = 0
        self.faulted: set[str] = set()
        # Every ticket and session of this life of the store, as a bystander sees them.
        self.tickets: set[str] = set()
        self.sessions: set[str] = set()
        self.is_first_life = True

    def new_store(self) -> Store:
        """An empty store, of a life of its own."""
        return MemoryStore(Life(encode(self.dice(8))))

    @initialize()
    def the_house_opens(self) -> None:
        """Three patients and two doctors, so that something happens soon."""
        for queue in (QUEUES[0], QUEUES[0], QUEUES[1]):
            self.a_patient_joins(queue)
        for _ in range(2):
            self.a_doctor_goes_on_duty()

    # How rules act

    def run(self, job: Coroutine[Any, Any, object]) -> object:
        """Let something happen. A refusal is an answer; anything else fails the test."""
        try:
            return self.loop.run_until_complete(job)
        except (Refusal, NoSession):
            return None
        finally:
            for holder in (*self.patients, *self.doctors):
                holder.remember()
                if holder.now.is_sent_away and not holder.is_away:
                    holder.is_away = True
                    if holder.now in self.house.everybody:
                        self.loop.run_until_complete(holder.now.loses_the_network())

    def here(self, holders: list[Holder], pick: int, *states: str) -> Someone | None:
        """One of those who are connected and in one of these states."""
        able = [
            holder.now
            for holder in holders
            if not holder.is_away and (not states or holder.now.state in states)
        ]
        return able[pick % len(able)] if able else None

    def away(self, holders: list[Holder], pick: int) -> Holder | None:
        able = [holder for holder in holders if holder.is_away or holder.now.state == "gone"]
        return able[pick % len(able)] if able else None

    def has_a_place(self, key: str) -> bool:
        """A ticket, a seat, or the way back of whom a doctor sent back to the queue."""
        ways = [way for way in self.held(WayBack) if way.key == key]
        is_sent_back = any(way.expires_at > self.house.clock.now for way in ways)
        return is_sent_back or self.run(self.house.store.held_by(key)) is not None

    def comes_anew(self, key: str) -> None:
        self.waits += 1
        self.came[key] = self.waits
        self.faulted.discard(key)

    # Patients

    @precondition(lambda self: len(self.patients) < PATIENTS)
    @rule(queue=queues)
    def a_patient_joins(self, queue: str) -> None:
        patient = self.house.patient(queue)
        self.patients.append(Holder(patient))
        self.comes_anew(patient.key)
        self.run(patient.joins())

    @rule(pick=picks)
    def a_patient_renews(self, pick: int) -> None:
        if patient := self.here(self.patients, pick, "waiting", "proposed", "patient-in-session"):
            self.run(patient.renews())

    @rule(pick=picks, queue=queues)
    def a_patient_widens(self, pick: int, queue: str) -> None:
        if patient := self.here(self.patients, pick, "waiting"):
            self.run(patient.joins(keep_pass=patient.token, queue=queue))

    @rule(pick=picks)
    def a_patient_loses_the_network(self, pick: int) -> None:
        if patient := self.here(self.patients, pick):
            self.loses(self.patients, patient)

    @rule(pick=picks)
    def a_patient_returns_by_pass(self, pick: int) -> None:
        holder = self.away(self.patients, pick)
        if holder is not None and holder.token is not None:
            self.returns(holder, holder.now.again().shows(holder.token))

    @rule(pick=picks)
    def a_patient_opens_the_link_again(self, pick: int) -> None:
        holder = self.away(self.patients, pick)
        if holder is not None:
            if not self.has_a_place(holder.now.key):
                self.comes_anew(holder.now.key)
            self.returns(holder, holder.now.again().joins())

    @rule(pick=picks)
    def a_patient_reloads(self, pick: int) -> None:
        """A newer socket while the older one still lives."""
        patient = self.here(self.patients, pick, "waiting", "proposed", "patient-in-session")
        if patient is not None:
            self.returns(self.holder_of(patient), patient.again().joins())

    @rule(pick=picks)
    def a_patient_accepts(self, pick: int) -> None:
        if patient := self.here(self.patients, pick, "proposed"):
            self.run(patient.accepts())

    @rule(pick=picks)
    def a_patient_declines(self, pick: int) -> None:
        if patient := self.here(self.patients, pick, "proposed"):
            self.run(patient.leaves_call())

    @rule(pick=picks)
    def a_patient_gives_up(self, pick: int) -> None:
        if pick % 3:
            return
        if patient := self.here(self.patients, pick, "waiting", "proposed"):
            self.run(patient.gives_up())

    @rule(pick=picks)
    def a_patient_hangs_up(self, pick: int) -> None:
        if patient := self.here(self.patients, pick, "patient-in-session"):
            self.run(patient.hangs_up())

    # Doctors

    @precondition(lambda self: len(self.doctors) < DOCTORS)
    @rule()
    def a_doctor_goes_on_duty(self) -> None:
        doctor = self.house.doctor(*QUEUES)
        self.doctors.append(Holder(doctor))
        self.run(doctor.joins())
        self.run(doctor.duty("on"))

    @rule(pick=picks, state=st.sampled_from(["on", "on", "draining", "off"]))
    def a_doctor_changes_duty(self, pick: int, state: Any) -> None:
        if doctor := self.here(self.doctors, pick):
            self.run(doctor.duty(state))

    @rule(pick=picks)
    def a_doctor_renews(self, pick: int) -> None:
        if doctor := self.here(self.doctors, pick):
            self.run(doctor.renews())

    @rule(pick=picks, queue=queues)
    def a_doctor_calls(self, pick: int, queue: str) -> None:
        if doctor := self.here(self.doctors, pick, "on"):
            self.run(doctor.calls(queue))

    @rule(pick=picks, queue=queues, is_accepted=st.booleans())
    def a_doctor_calls_and_proposes(self, pick: int, queue: str, is_accepted: bool) -> None:
        """The usual way, so that few steps lead far."""
        if doctor := self.here(self.doctors, pick, "on"):
            called = self.run(doctor.calls(queue))
            if isinstance(called, Called):
                self.run(doctor.proposes(called))
                for holder in self.patients:
                    if is_accepted and not holder.is_away and holder.now.state == "proposed":
                        self.run(holder.now.accepts())

    @rule(pick=picks)
    def a_doctor_proposes(self, pick: int) -> None:
        if doctor := self.here(self.doctors, pick, "calling"):
            self.run(doctor.proposes(doctor.hears(Called)))

    @rule(pick=picks)
    def a_doctor_withdraws(self, pick: int) -> None:
        if doctor := self.here(self.doctors, pick, "calling"):
            self.run(doctor.leaves_call())

    @rule(pick=picks)
    def a_doctor_vanishes(self, pick: int) -> None:
        if doctor := self.here(self.doctors, pick):
            self.loses(self.doctors, doctor)

    @rule(pick=picks)
    def a_doctor_returns(self, pick: int) -> None:
        if holder := self.away(self.doctors, pick):
            self.returns(holder, holder.now.again().joins())

    @rule(pick=picks)
    def a_doctor_opens_a_second_window(self, pick: int) -> None:
        if doctor := self.here(self.doctors, pick):
            self.returns(self.holder_of(doctor), doctor.again().joins())

    @rule(pick=picks, then=st.sampled_from(["end", "requeue"]))
    def a_doctor_hangs_up(self, pick: int, then: Any) -> None:
        if doctor := self.here(self.doctors, pick, "doctor-in-session"):
            self.run(doctor.says(Leave(what="session", then=then)))

    @rule(pick=picks, other=picks)
    def a_colleague_is_invited_and_comes(self, pick: int, other: int) -> None:
        doctor = self.here(self.doctors, pick, "doctor-in-session")
        colleague = self.here(self.doctors, other, "on", "off", "calling")
        if doctor is not None and colleague is not None:
            self.run(doctor.says(Invite(role="colleague", to=colleague.key)))
            invited = [message for message in colleague.heard if message.type == "invited"]
            if invited:
                newer = colleague.again()
                self.returns(self.holder_of(colleague), newer.shows(invited[-1].token))

    @rule(pick=picks, other=picks)
    def somebody_sends_an_envelope(self, pick: int, other: int) -> None:
        sender = self.here(self.doctors, pick, "doctor-in-session")
        receiver = self.here(self.patients, other, "patient-in-session")
        if sender is not None and receiver is not None:
            self.run(sender.says(Envelope(member=receiver.member, body="sealed")))

    # The world

    @rule(seconds=st.sampled_from(WAITS))
    def time_passes(self, seconds: float) -> None:
        self.run(self.house.passes(seconds))

    @rule(seconds=st.sampled_from(WAITS))
    def time_passes_and_pages_renew(self, seconds: float) -> None:
        self.house.clock.advance(seconds)
        for holder in (*self.patients, *self.doctors):
            if not holder.is_away:
                self.run(holder.now.renews())
        self.run(self.house.passes(0))

    @rule(pick=picks)
    def the_store_is_lost(self, pick: int) -> None:
        """Every socket goes with it; the passes stay in the pages. Rare, and takes a moment."""
        if pick != RARELY:
            return
        self.house.clock.advance(1)
        self.house.opens()
        # What has been counted was in that store, and is lost with it.
        self.house.counted.all.clear()
        self.tickets, self.sessions, self.is_first_life = set(), set(), False
        self.house.everybody.clear()
        for holder in (*self.patients, *self.doctors):
            holder.is_away = True

    # Helpers of rules

    def holder_of(self, someone: Someone) -> Holder:
        return next(h for h in (*self.patients, *self.doctors) if h.now is someone)

    def loses(self, holders: list[Holder], someone: Someone) -> None:
        self.holder_of(someone).is_away = True
        if someone in self.house.everybody:
            self.run(someone.loses_the_network())

    def returns(self, holder: Holder, job: Coroutine[Any, Any, Someone]) -> None:
        back = self.run(job)
        if isinstance(back, Someone):
            older, was_away = holder.now, holder.is_away
            holder.now, holder.is_away = back, False
            if not was_away and older in self.house.everybody:
                self.run(older.loses_the_network())

    def held(self, *kinds: type) -> list[Any]:
        records = self.loop.run_until_complete(self.house.store.held())
        return [record for record in records if isinstance(record, kinds)]

    # What always holds

    @invariant()
    def everybody_is_in_one_place(self) -> None:
        """A key has one ticket or one seat, and a doctor who calls has none."""
        keys = [record.key for record in self.held(Ticket, Seat)]
        keys += [call.doctor for call in self.held(CallRecord)]

        assert len(keys) == len(set(keys))

    @invariant()
    def a_call_holds_one_ticket_and_a_ticket_one_call(self) -> None:
        """Both records say so, and nobody is called who is not there."""
        calls = {call.id: call.ticket for call in self.held(CallRecord)}

        assert calls == {t.call: t.id for t in self.held(Ticket) if t.call is not None}

    @invariant()
    def every_ticket_stands_in_its_queue_once(self) -> None:
        """Called or not, until it is over."""
        for queue in QUEUES:
            waiting = self.loop.run_until_complete(self.house.order(queue))
            assert sorted(waiting) == sorted(t.id for t in self.held(Ticket) if t.queue == queue)

    @invariant()
    def who_was_never_at_fault_stands_in_the_order_of_coming(self) -> None:
        """Through sleep, return, widening, being sent back, and a lost store."""
        self.faulted |= {ticket.key for ticket in self.held(Ticket) if ticket.faults}
        for queue in QUEUES:
            waiting = self.loop.run_until_complete(self.house.store.waiting(queue, 99))
            order = [self.came[t.key] for t in waiting if t.key not in self.faulted]
            assert sorted(order) == order

    @invariant()
    def everybody_connected_is_where_he_was_told(self) -> None:
        """No page shows a wait, a call or a session that the house does not hold."""
        for holder in (*self.patients, *self.doctors):
            if holder.is_away:
                continue
            place = self.loop.run_until_complete(self.house.store.held_by(holder.now.key))
            match holder.now.state:
                case "waiting":
                    assert isinstance(place, Ticket)
                case "proposed":
                    assert isinstance(place, Ticket) and holder.now.all(Proposed)
                    assert place.call == holder.now.hears(Proposed).call
                case "patient-in-session" | "doctor-in-session":
                    assert isinstance(place, Session)
                case "calling":
                    assert holder.now.key in {call.doctor for call in self.held(CallRecord)}
                case "on" | "off" | "gone":
                    assert place is None

    @invariant()
    def nobody_off_duty_is_counted(self) -> None:
        """A doctor noted is on duty or finishing with a patient."""
        busy = {call.doctor for call in self.held(CallRecord)}
        busy |= {seat.key for seat in self.held(Seat)}

        assert not [d for d in self.held(Doctor) if d.state == "draining" and d.key not in busy]

    @invariant()
    def a_place_is_counted_once_in_each_figure(self) -> None:
        """Its wait when it is over, its consultation when it starts, and how it ended: nobody's
        history is worth more than one in one bin of a figure. After a lost store, less is counted.
        """
        open_tickets = {ticket.id for ticket in self.held(Ticket)}
        open_sessions = {session.id for session in self.held(Session)}
        self.tickets |= open_tickets
        self.sessions |= open_sessions
        self.loop.run_until_complete(self.house.counting.hand_on())
        counted = self.house.counted
        endings = len(counted.of("endings"))

        assert len(counted.of("waits")) == len(counted.of("consultations"))
        if self.is_first_life:
            assert len(self.sessions) == len(counted.of("consultations"))
            assert len(self.tickets) == endings + len(open_tickets) + len(open_sessions)
        else:
            assert len(self.sessions) >= len(counted.of("consultations"))
            assert len(self.tickets | self.sessions) >= endings

    def teardown(self) -> None:
        try:
            self.everybody_goes()
        finally:
            self.closes()

    def closes(self) -> None:
        self.loop.close()

    def everybody_goes(self) -> None:
        """Everybody leaves, or is given the time of a pass: nothing is held."""
        for holder in (*self.patients, *self.doctors):
            if holder.is_away:
                continue
            for leave in (Leave(what="session"), Leave(what="call"), Leave(what="queue")):
                self.run(holder.now.says(leave))
            if holder in self.doctors:
                self.run(holder.now.duty("off"))
        self.run(self.house.passes(0))
        away = {holder.now.key for holder in (*self.patients, *self.doctors) if holder.is_away}
        left = [r for r in self.held(Ticket, Seat, Doctor) if r.key not in away]
        held_open = {
            seat.key
            for session in self.held(Session)
            for seat in session.seats
            if {s.key for s in session.seats} & away
        }
        assert not [record for record in left if record.key not in held_open]

        longest = max(self.house.settings.wait_pass_s, self.house.settings.member_pass_s)
        for _ in range(2):
            self.run(self.house.passes(longest))
        assert [] == self.held(object)


class WaitingRoomOnRedis(WaitingRoomMachine):
    """The same house, whose records are in a redis-server; lost, they are lost to all."""

    server: RedisServer

    def __init__(self) -> None:
        self.client = self.server.client()
        super().__init__()

    def new_store(self) -> Store:
        self.server.says("FLUSHALL")
        return redis_store(self.client, self.clock, self.dice)

    def closes(self) -> None:
        self.loop.run_until_complete(self.client.aclose())
        super().closes()


WaitingRoomMachine.TestCase.settings = settings(max_examples=60, stateful_step_count=40)
TestWaitingRoomMachine = WaitingRoomMachine.TestCase


@pytest.mark.timeout(300)
def test_anything_in_any_order_on_redis(a_redis_server: RedisServer) -> None:
    """What holds in memory holds in Redis."""
    some = settings(max_examples=12, stateful_step_count=40)

    class Here(WaitingRoomOnRedis):
        server = a_redis_server

    run_state_machine_as_test(Here, settings=some)
