"""Anything in any order, in memory and on Redis: the same answers, and the same is held.

The store in memory is the model: it is short, and every rule is the same function. Keys and
queues are few, so that things meet.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from signaling.encoding import encode
from signaling.memory_store import MemoryStore
from signaling.store import (
    CallRecord,
    Doctor,
    Expired,
    Life,
    Over,
    Seat,
    Session,
    Spend,
    Store,
    Ticket,
    WayBack,
)
from tests.clock import Clock
from tests.dice import Dice
from tests.redis_server import RedisServer
from tests.signaling.redis_stores import redis_store

AWAKE_S, LEASE_S, LIFE_S = 40.0, 15.0, 600.0
PATIENTS = ["p1", "p2", "p3", "p4", "p5"]
DOCTORS = ["d1", "d2", "d3"]
QUEUES = ["narrow", "wide"]
LINKS = [None, None, "once", "twice"]
MOST = 4

patients, doctors, queues = map(st.sampled_from, (PATIENTS, DOCTORS, QUEUES))
picks = st.integers(0, 30)


class StoresMachine(RuleBasedStateMachine):
    """Two stores that are told the same."""

    server: RedisServer

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.clock, self.dice = Clock(), Dice()
        self.server.says("FLUSHALL")
        self.client = self.server.client()
        self.model = MemoryStore(Life("epoch"))
        self.redis = redis_store(self.client, self.clock, self.dice, Life("epoch"))
        self.links_end = self.clock.now + LIFE_S

    def teardown(self) -> None:
        self.loop.run_until_complete(self.client.aclose())
        self.loop.close()

    def ask(self, act: Callable[[Store], Awaitable[Any]]) -> Any:
        """Ask both the same; they answer the same."""
        expected = self.loop.run_until_complete(_awaited(act(self.model)))
        actual = self.loop.run_until_complete(_awaited(act(self.redis)))

        assert comparable(expected) == comparable(actual)
        return expected

    def held(self, *kinds: type) -> list[Any]:
        records = self.loop.run_until_complete(self.model.held())
        return [record for record in records if isinstance(record, kinds)]

    def one_of(self, pick: int, kind: type) -> Any:
        """One of what is held, in an order that is the same in every run."""
        records = sorted(self.held(kind), key=repr)
        return records[pick % len(records)]

    def id(self) -> str:
        return encode(self.dice(16))

    @property
    def now(self) -> float:
        return self.clock.now

    # Tickets

    @rule(key=patients, queue=queues, link=st.sampled_from(LINKS), has_m1=st.booleans())
    def a_patient_comes(self, key: str, queue: str, link: str | None, has_m1: bool) -> None:
        spend = Spend(link, 1 + (link == "twice"), self.links_end) if link else None
        m1 = self.id() if has_m1 else None
        ends_at = self.now + LIFE_S
        ticket = Ticket(self.id(), queue, key, 0, self.now, ends_at, m1=m1, spend=spend)
        self.ask(lambda store: store.take_ticket(ticket, MOST, self.now))

    @precondition(lambda self: self.held(Ticket))
    @rule(pick=picks, has_m1=st.booleans())
    def a_patient_renews(self, pick: int, has_m1: bool) -> None:
        ticket, m1 = self.one_of(pick, Ticket), self.id() if has_m1 else None
        ends_at = self.now + LIFE_S
        self.ask(lambda store: store.renew_ticket(ticket.id, self.now, ends_at, m1))
        if ticket.call is not None:
            self.ask(lambda store: store.reopen(ticket.call, ticket.id))

    @precondition(lambda self: self.held(Ticket))
    @rule(pick=picks)
    def a_patient_nods_off(self, pick: int) -> None:
        self.ask(lambda store: store.nod_off(self.one_of(pick, Ticket).id))

    @precondition(lambda self: self.held(Ticket))
    @rule(pick=picks, queue=queues)
    def a_patient_moves(self, pick: int, queue: str) -> None:
        ticket = self.one_of(pick, Ticket)
        self.ask(lambda store: store.move_ticket(ticket.id, queue))

    @precondition(lambda self: self.held(Ticket))
    @rule(pick=picks)
    def a_patient_gives_up(self, pick: int) -> None:
        ticket = self.one_of(pick, Ticket)
        self.ask(lambda store: store.give_up(ticket.id))

    @rule(id_=st.sampled_from(["old"]), key=patients, arrival=st.integers(1, 9))
    def somebody_of_an_older_life_comes(self, id_: str, key: str, arrival: int) -> None:
        ticket = Ticket(id_, "wide", key, arrival, self.now, self.now + LIFE_S, m1="m1")
        known = [held for held in self.held(Ticket) if held.id == id_ and held.key != key]
        if not known:
            self.ask(lambda store: store.take_ticket(ticket, MOST, self.now))

    @rule()
    def somebody_says_that_he_is_over(self) -> None:
        self.ask(lambda store: store.mark_over([Over("old", self.now + 30)]))

    # Doctors and calls

    @rule(key=doctors, of=st.sets(queues, min_size=1), state=st.sampled_from(["on", "draining"]))
    def a_doctor_goes_on_duty(self, key: str, of: set[str], state: Any) -> None:
        doctor = Doctor(key, frozenset(of), state, self.now + AWAKE_S, card=self.id())
        self.ask(lambda store: store.go_on_duty(doctor))

    @rule(key=doctors)
    def a_doctor_renews(self, key: str) -> None:
        self.ask(lambda store: store.renew_doctor(key, self.now + AWAKE_S))

    @rule(key=doctors)
    def a_doctor_goes_off_duty(self, key: str) -> None:
        self.ask(lambda store: store.go_off_duty(key))

    @rule(key=doctors, of=st.lists(queues, min_size=1, unique=True))
    def a_doctor_calls(self, key: str, of: list[str]) -> None:
        call, deadline = self.id(), self.now + LEASE_S
        self.ask(lambda s: s.claim(call, key, self.now, AWAKE_S, deadline, queues=of))

    @precondition(lambda self: self.held(Ticket))
    @rule(key=doctors, pick=picks)
    def a_doctor_calls_somebody(self, key: str, pick: int) -> None:
        call, deadline, ticket = self.id(), self.now + LEASE_S, self.one_of(pick, Ticket).id
        self.ask(lambda s: s.claim(call, key, self.now, AWAKE_S, deadline, ticket=ticket))

    @precondition(lambda self: self.held(CallRecord))
    @rule(pick=picks)
    def a_doctor_proposes(self, pick: int) -> None:
        call = self.one_of(pick, CallRecord)
        self.ask(lambda store: store.propose(call.id, call.doctor, self.now + 60))

    @precondition(lambda self: self.held(CallRecord))
    @rule(pick=picks, rests=st.booleans(), faults=st.sampled_from([0, 2]), declined=st.booleans())
    def a_call_ends(self, pick: int, rests: bool, faults: int, declined: bool) -> None:
        call = self.one_of(pick, CallRecord)
        rests_until = self.now + 20 if rests else 0.0
        self.ask(
            lambda store: store.end_call(
                call.id,
                self.now,
                rests_until=rests_until,
                faults_to_tail=faults,
                declined=declined,
            )
        )

    @precondition(lambda self: self.held(CallRecord))
    @rule(pick=picks)
    def a_call_is_accepted(self, pick: int) -> None:
        call = self.one_of(pick, CallRecord)
        ticket = self.loop.run_until_complete(self.model.ticket(call.ticket))
        seated = {seat.key for seat in self.held(Seat)}
        if ticket is None or {ticket.key, call.doctor} & seated:
            return  # who has a seat is neither called nor on duty
        ends_at = self.now + LIFE_S
        seats = (
            Seat(self.id(), "patient", ticket.key, ends_at, "tag", ticket.arrival),
            Seat(self.id(), "doctor", call.doctor, ends_at, "tag"),
        )
        session = Session(self.id(), 1, seats)
        self.ask(lambda store: store.accept(call.id, call.ticket, session))

    # Sessions

    @precondition(lambda self: self.held(Session))
    @rule(pick=picks, member=picks)
    def a_member_renews(self, pick: int, member: int) -> None:
        session = self.one_of(pick, Session)
        seat = session.seats[member % len(session.seats)]
        ends_at = self.now + LIFE_S
        self.ask(lambda store: store.renew_seat(session.id, seat.member, ends_at))

    @precondition(lambda self: self.held(Session))
    @rule(pick=picks, comes=st.sampled_from(["at once", "late", "not", "taken back"]))
    def somebody_is_invited(self, pick: int, comes: str) -> None:
        session, invite = self.one_of(pick, Session), self.id()
        self.ask(lambda store: store.invite(session.id, invite, self.now + 30, 4))
        seat = Seat(self.id(), "guest", self.id(), self.now + LIFE_S, "tag")
        when = self.now + (31 if comes == "late" else 0)
        if comes == "taken back":
            self.ask(lambda store: store.uninvite(session.id, invite))
        elif comes != "not":
            self.ask(lambda store: store.take_seat(session.id, invite, seat, 4, when))

    @precondition(lambda self: self.held(Session))
    @rule(pick=picks, member=picks, is_sent_back=st.booleans())
    def a_member_leaves(self, pick: int, member: int, is_sent_back: bool) -> None:
        session = self.one_of(pick, Session)
        seat = session.seats[member % len(session.seats)]
        if is_sent_back:
            way = WayBack(seat.member, seat.key, seat.arrival, self.now + 120)
            self.ask(lambda store: store.open_way_back(way))
        self.ask(lambda store: store.leave_seat(session.id, seat.member))

    @rule(key=patients)
    def somebody_takes_his_way_back(self, key: str) -> None:
        self.ask(lambda store: store.take_way_back(key, self.now))

    @rule(generation=st.integers(1, 2), who=st.integers(0, 2))
    def a_member_of_a_lost_session_comes(self, generation: int, who: int) -> None:
        seat = Seat(f"lost{who}", "guest", f"lost{who}", self.now + LIFE_S, "tag")
        until = self.now + 60
        self.ask(lambda store: store.rejoin("lost", generation, seat, 2, until))

    # Time

    @rule(seconds=st.sampled_from([0.0, 1.0, 5.0, 16.0, 21.0, 41.0, 61.0, 301.0, 601.0]))
    def time_passes(self, seconds: float) -> None:
        self.clock.advance(seconds)
        expired = self.ask(lambda store: store.expire(self.now))
        for call in expired.calls:
            self.ends(call.id)
        for session, member in expired.seats:
            self.leaves(session, member)

    def ends(self, call: str) -> None:
        self.ask(lambda store: store.end_call(call, self.now))

    def leaves(self, session: str, member: str) -> None:
        self.ask(lambda store: store.leave_seat(session, member))

    @invariant()
    def the_same_is_held(self) -> None:
        self.ask(lambda store: store.held())

    @invariant()
    def the_same_is_found(self) -> None:
        for key in (*PATIENTS, *DOCTORS):
            self.is_found(key)
        for queue in QUEUES:
            self.is_read(queue)

    def is_found(self, key: str) -> None:
        self.ask(lambda store: store.held_by(key))
        self.ask(lambda store: store.call_by(key))

    def is_read(self, queue: str) -> None:
        waiting = self.ask(lambda store: store.waiting(queue, MOST))
        assert waiting == sorted(waiting, key=lambda ticket: (ticket.arrival, ticket.id))
        order = self.loop.run_until_complete(self.redis.order(queue))
        assert [ticket.id for ticket in waiting] == order
        self.ask(lambda store: store.doctors(queue))


async def _awaited(what: Awaitable[Any]) -> Any:
    return await what


def comparable(answer: Any) -> Any:
    """An answer without the order that nobody promised. A queue's is looked at apart."""
    if isinstance(answer, Expired):
        return [
            comparable(part)
            for part in (answer.tickets, answer.calls, answer.doctors, answer.seats)
        ]
    if isinstance(answer, Sequence) and not isinstance(answer, str | tuple):
        return sorted(answer, key=repr)
    return answer


@pytest.mark.timeout(300)
def test_both_stores_answer_the_same(a_redis_server: RedisServer) -> None:
    """Whatever is asked, in whatever order."""
    some = settings(max_examples=20, stateful_step_count=40)

    class Here(StoresMachine):
        server = a_redis_server

    run_state_machine_as_test(Here, settings=some)
