"""The store's contract: the same promises, whoever keeps the records.

One fixture names the stores; nothing below knows which one it has. Time is an argument.
Long, because the contract is one list: every method of `store.Store` in its order.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace

import pytest

from signaling.encoding import encode
from signaling.memory_store import MemoryStore
from signaling.messages import Ended, ServerMessage
from signaling.store import (
    HELD,
    M1S_MAX,
    CallRecord,
    Doctor,
    Expired,
    Life,
    Over,
    Seat,
    Session,
    Spend,
    Store,
    Tally,
    Ticket,
    WayBack,
)
from tests.clock import Clock
from tests.dice import Dice
from tests.redis_server import RedisServer
from tests.signaling.redis_stores import a_cluster_store, a_redis_store

AWAKE_S, LEASE_S, LIFE_S = 40.0, 15.0, 600.0
MANY = 1_000
POST = Ended(what="call", outcome="late")


@pytest.fixture(params=["memory", "redis", "cluster"])
async def store(request: pytest.FixtureRequest, clock: Clock, dice: Dice) -> AsyncIterator[Store]:
    """An empty store of each kind that there is."""
    if request.param == "memory":
        yield MemoryStore(Life(encode(dice(8))))
        return
    if request.param == "cluster":
        servers: Sequence[RedisServer] = request.getfixturevalue("cluster")
        async with a_cluster_store(servers, clock, dice) as cluster_store:
            yield cluster_store
        return
    server: RedisServer = request.getfixturevalue("redis_server")
    async with a_redis_store(server, clock, dice) as redis_store:
        yield redis_store


@pytest.fixture
def made(clock: Clock, dice: Dice) -> "Maker":
    return Maker(clock, dice)


class Maker:
    """Makes records that nobody else has."""

    def __init__(self, clock: Clock, dice: Dice) -> None:
        self._clock = clock
        self._dice = dice

    def id(self) -> str:
        return encode(self._dice(16))

    def ticket(self, queue: str = "q", key: str | None = None, arrival: int = 0) -> Ticket:
        now = self._clock.now
        return Ticket(self.id(), queue, key or self.id(), arrival, now, now + LIFE_S, m1=self.id())

    def doctor(self, *queues: str) -> Doctor:
        return Doctor(self.id(), frozenset(queues or ("q",)), "on", self._clock.now + AWAKE_S)

    def seat(self, role: str = "guest", key: str | None = None) -> Seat:
        assert role in ("patient", "doctor", "guest")
        at = self._clock.now + LIFE_S
        return Seat(self.id(), role, key or self.id(), at, self.id())  # type: ignore[arg-type] # asserted

    def session(self, patient: str | None = None, doctor: str | None = None) -> Session:
        seats = (self.seat("patient", patient), self.seat("doctor", doctor))
        return Session(self.id(), 1, seats)


async def waits(store: Store, clock: Clock, ticket: Ticket) -> Ticket:
    taken = await store.take_ticket(ticket, MANY, clock.now)
    assert isinstance(taken, Ticket)
    return taken


async def claims(
    store: Store,
    clock: Clock,
    call: str,
    doctor: str,
    queue: str | None = "q",
    ticket: str | None = None,
) -> tuple[CallRecord, Ticket] | None:
    now = clock.now
    queues = (queue,) if queue else ()
    return await store.claim(
        call, doctor, now, AWAKE_S, now + LEASE_S, queues=queues, ticket=ticket
    )


async def called(store: Store, clock: Clock, made: Maker) -> tuple[CallRecord, Ticket]:
    """A fresh ticket, called by a fresh doctor."""
    ticket = await waits(store, clock, made.ticket())
    claimed = await claims(store, clock, made.id(), made.id(), queue=None, ticket=ticket.id)
    assert claimed is not None
    return claimed


async def accepted(store: Store, clock: Clock, made: Maker) -> Session:
    """A session that came about as sessions do."""
    call, ticket = await called(store, clock, made)
    session = made.session(ticket.key, call.doctor)
    await store.propose(call.id, call.doctor, clock.now + LIFE_S)
    assert await store.accept(call.id, ticket.id, session)
    return session


async def order(store: Store, queue: str = "q") -> Sequence[str]:
    return [*await store.order(queue)]


# Tickets


async def test_the_epoch_names_one_life(store: Store) -> None:
    """The same as long as the store lives."""
    assert await store.life() == await store.life()


async def test_an_arrival_of_zero_is_replaced(store: Store, clock: Clock, made: Maker) -> None:
    """By microseconds on the clock that was passed."""
    ticket = await waits(store, clock, made.ticket())

    assert int(clock.now * 1_000_000) == ticket.arrival
    assert ticket == await store.ticket(ticket.id)


async def test_arrivals_are_unique_and_rising(store: Store, clock: Clock, made: Maker) -> None:
    """Also within one moment, and when a clock steps back."""
    arrivals = [(await waits(store, clock, made.ticket())).arrival for _ in range(3)]
    clock.now -= 5
    arrivals.append((await waits(store, clock, made.ticket())).arrival)

    assert sorted(set(arrivals)) == arrivals


async def test_a_given_arrival_is_kept(store: Store, clock: Clock, made: Maker) -> None:
    """Who comes back from a lost store stands where he stood."""
    late = await waits(store, clock, made.ticket())
    early = await waits(store, clock, made.ticket(arrival=late.arrival - 1))

    assert [early.id, late.id] == await order(store)


async def test_one_holder_has_one_ticket(store: Store, clock: Clock, made: Maker) -> None:
    """A second one is the first one, unchanged."""
    first = await waits(store, clock, made.ticket("q"))

    again = await store.take_ticket(made.ticket("other", key=first.key), MANY, clock.now + 1)

    assert first == again
    assert [first.id] == await order(store)
    assert [] == await order(store, "other")


async def test_no_more_tickets_than_allowed(store: Store, clock: Clock, made: Maker) -> None:
    """The next is refused, a holder who has one is not."""
    first = await waits(store, clock, made.ticket())
    await waits(store, clock, made.ticket())

    assert "full" == await store.take_ticket(made.ticket(), 2, clock.now)
    assert first == await store.take_ticket(made.ticket(key=first.key), 2, clock.now)


async def test_a_queue_is_read_from_its_head(store: Store, clock: Clock, made: Maker) -> None:
    """Its whole order by names, and as many tickets as are asked for."""
    tickets = [await waits(store, clock, made.ticket()) for _ in range(4)]

    assert [ticket.id for ticket in tickets] == [*await store.order("q")]
    assert tickets[:3] == [*await store.waiting("q", 3)]
    assert tickets == [*await store.waiting("q", 99)]
    assert [] == [*await store.order("other"), *await store.waiting("other", 3)]


async def test_racing_joins_of_one_holder_make_one_ticket(
    store: Store, clock: Clock, made: Maker
) -> None:
    """Two windows opened at once are one patient."""
    tickets = [made.ticket(key="k" * 22) for _ in range(5)]

    taken = await asyncio.gather(*(waits(store, clock, ticket) for ticket in tickets))

    assert 1 == len(set(taken))
    assert 1 == len(await order(store))


async def test_racing_joins_do_not_pass_the_bound(store: Store, clock: Clock, made: Maker) -> None:
    """The last free place goes to one."""
    taken = await asyncio.gather(
        *(store.take_ticket(made.ticket(), 3, clock.now) for _ in range(10))
    )

    assert 3 == sum(isinstance(ticket, Ticket) for ticket in taken)


async def test_renewing_notes_a_sign_of_life(store: Store, clock: Clock, made: Maker) -> None:
    """The M1 that was there stays unless a fresh one comes."""
    ticket = await waits(store, clock, made.ticket())

    renewed = await store.renew_ticket(ticket.id, clock.now + 1, clock.now + 9, None)
    fresh = await store.renew_ticket(ticket.id, clock.now + 2, clock.now + 9, "fresh")

    assert replace(ticket, renewed=clock.now + 1, expires_at=clock.now + 9) == renewed
    assert fresh is not None and ("fresh", clock.now + 2) == (fresh.m1, fresh.renewed)
    assert fresh == await store.ticket(ticket.id)


async def test_nodding_off_keeps_the_place(store: Store, clock: Clock, made: Maker) -> None:
    """Asleep at once, and nothing else changed."""
    first = await waits(store, clock, made.ticket())
    second = await waits(store, clock, made.ticket())

    await store.nod_off(first.id)

    asleep = await store.ticket(first.id)
    assert replace(first, renewed=0.0) == asleep
    assert not asleep.is_awake(clock.now, AWAKE_S)
    assert [first.id, second.id] == await order(store)


async def test_a_moved_ticket_keeps_its_arrival(store: Store, clock: Clock, made: Maker) -> None:
    """Widening costs no place: the queue is another, the arrival the same."""
    first, second = (
        await waits(store, clock, made.ticket("narrow")),
        await waits(store, clock, made.ticket("wide")),
    )

    moved = await store.move_ticket(first.id, "wide")

    assert replace(first, queue="wide") == moved
    assert [first.id, second.id] == await order(store, "wide")
    assert [] == await order(store, "narrow")


async def test_a_called_ticket_is_not_moved(store: Store, clock: Clock, made: Maker) -> None:
    """A doctor who called it finds it where it was."""
    call, ticket = await called(store, clock, made)

    assert None is await store.move_ticket(ticket.id, "wide")
    assert call.ticket in await order(store)


async def test_a_given_up_ticket_is_gone(store: Store, clock: Clock, made: Maker) -> None:
    """With its place, its holder and its call; the last word names the call."""
    call, ticket = await called(store, clock, made)

    gone = await store.give_up(ticket.id)

    assert gone is not None and call.id == gone.call
    assert None is await store.ticket(ticket.id)
    assert None is await store.held_by(ticket.key)
    assert None is await store.call(call.id)
    assert None is await store.call_by(call.doctor)
    assert [] == await order(store)
    assert [] == await store.held()


async def test_a_holder_finds_a_seat_before_a_ticket(
    store: Store, clock: Clock, made: Maker
) -> None:
    """And nothing where there is nothing."""
    ticket = await waits(store, clock, made.ticket())
    assert ticket == await store.held_by(ticket.key)

    session = await accepted(store, clock, made)
    for seat in session.seats:
        assert session == await store.held_by(seat.key)
    assert None is await store.held_by(made.id())

    invited = await store.invite(session.id, "i", clock.now + 9, 4)
    seat = made.seat(key=ticket.key)
    seated = await store.take_seat(session.id, "i", seat, 4, clock.now)
    assert invited is not None and seated == await store.held_by(ticket.key)


async def test_a_queue_is_read_by_arrival(store: Store, clock: Clock, made: Maker) -> None:
    """Whoever is asleep or being called included; other queues not."""
    tickets = [await waits(store, clock, made.ticket()) for _ in range(4)]
    await waits(store, clock, made.ticket("other"))
    await store.nod_off(tickets[1].id)
    await claims(store, clock, made.id(), made.id())

    assert [ticket.id for ticket in tickets] == await order(store)


# Doctors


async def test_a_doctor_is_noted_once(store: Store, made: Maker) -> None:
    """The last note replaces the one before."""
    doctor = made.doctor("a", "b")
    await store.go_on_duty(doctor)
    narrowed = replace(doctor, queues=frozenset("b"), state="draining", card="card")
    await store.go_on_duty(narrowed)

    assert narrowed == await store.doctor(doctor.key)
    assert [] == await store.doctors("a")
    assert [narrowed] == await store.doctors("b")


async def test_a_queue_knows_its_doctors(store: Store, made: Maker) -> None:
    """Every one who serves it, and no other."""
    first, second, other = made.doctor("a", "b"), made.doctor("a"), made.doctor("b")
    for doctor in (first, second, other):
        await store.go_on_duty(doctor)

    assert {first, second} == set(await store.doctors("a"))
    assert [] == await store.doctors("c")


async def test_a_renewed_doctor_stays_longer(store: Store, clock: Clock, made: Maker) -> None:
    """The note lives until its new end."""
    doctor = made.doctor()
    await store.go_on_duty(doctor)

    await store.renew_doctor(doctor.key, clock.now + 100)

    assert Expired() == lists(await store.expire(clock.now + 99))
    assert replace(doctor, expires_at=clock.now + 100) == await store.doctor(doctor.key)


async def test_a_doctor_off_duty_is_forgotten(store: Store, made: Maker) -> None:
    """And returned once."""
    doctor = made.doctor()
    await store.go_on_duty(doctor)

    assert doctor == await store.go_off_duty(doctor.key)
    assert None is await store.go_off_duty(doctor.key)
    assert None is await store.doctor(doctor.key)
    assert [] == await store.doctors("q")


# Calls


async def test_two_doctors_never_claim_the_same_ticket(
    store: Store, clock: Clock, made: Maker
) -> None:
    """However doctors race, a ticket is called once."""
    ticket = await waits(store, clock, made.ticket())

    claimed = await asyncio.gather(
        *(claims(store, clock, made.id(), made.id()) for _ in range(10)),
        *(claims(store, clock, made.id(), made.id(), None, ticket.id) for _ in range(10)),
    )

    assert [ticket.id] == [each[1].id for each in claimed if each]


async def test_racing_doctors_take_the_queue_from_its_head(
    store: Store, clock: Clock, made: Maker
) -> None:
    """Three doctors get the first three, each another one."""
    tickets = [await waits(store, clock, made.ticket()) for _ in range(5)]

    claimed = await asyncio.gather(*(claims(store, clock, made.id(), made.id()) for _ in range(3)))

    assert {ticket.id for ticket in tickets[:3]} == {each[1].id for each in claimed if each}


async def test_a_doctor_has_one_call(store: Store, clock: Clock, made: Maker) -> None:
    """However often he clicks at once."""
    for _ in range(3):
        await waits(store, clock, made.ticket())

    claimed = await asyncio.gather(*(claims(store, clock, made.id(), "d" * 22) for _ in range(3)))

    (only,) = [each[0] for each in claimed if each]
    assert only == await store.call_by("d" * 22)


async def test_a_claim_takes_the_m1_along(store: Store, clock: Clock, made: Maker) -> None:
    """The caller gets it, the store has it no more, and the call is on both records."""
    call, ticket = await called(store, clock, made)

    assert ticket.m1 is not None and ticket.call is None
    assert replace(ticket, m1=None, call=call.id) == await store.ticket(ticket.id)
    assert call == await store.call(call.id) == await store.call_by(call.doctor)
    assert CallRecord(call.id, ticket.id, call.doctor, clock.now + LEASE_S) == call


async def test_a_claim_passes_over_who_may_not_be_called(
    store: Store, clock: Clock, made: Maker
) -> None:
    """Asleep, without M1, resting, having declined this doctor, or called already."""
    doctor = made.id()
    called_already, asleep, declining, blank, last = [
        await waits(store, clock, made.ticket()) for _ in range(5)
    ]
    await claims(store, clock, made.id(), made.id(), None, called_already.id)
    await claims(store, clock, "c" * 22, doctor, None, declining.id)
    await store.end_call("c" * 22, clock.now, declined=True)
    await store.renew_ticket(declining.id, clock.now, clock.now + LIFE_S, "fresh")
    await claims(store, clock, "b" * 22, made.id(), None, blank.id)
    await store.end_call("b" * 22, clock.now)
    await store.nod_off(asleep.id)

    claimed = await claims(store, clock, made.id(), doctor)

    assert claimed is not None and last.id == claimed[1].id
    for one in (called_already, asleep, blank):
        assert None is await claims(store, clock, made.id(), made.id(), None, one.id)
    assert None is await claims(store, clock, made.id(), doctor, None, declining.id)


async def test_awake_ends_after_its_seconds(store: Store, clock: Clock, made: Maker) -> None:
    """At the limit still awake, beyond it passed over."""
    await waits(store, clock, made.ticket())

    clock.advance(AWAKE_S + 0.001)
    assert None is await claims(store, clock, made.id(), made.id())

    clock.now -= 0.001
    assert None is not await claims(store, clock, made.id(), made.id())


async def test_nobody_is_claimed_from_an_empty_queue(
    store: Store, clock: Clock, made: Maker
) -> None:
    """Nor by the name of a ticket that is not there."""
    assert None is await claims(store, clock, made.id(), made.id())
    assert None is await claims(store, clock, made.id(), made.id(), None, made.id())


async def test_the_first_proposal_sets_the_deadline(
    store: Store, clock: Clock, made: Maker
) -> None:
    """A later one leaves it alone."""
    call, ticket = await called(store, clock, made)

    first = await store.propose(call.id, call.doctor, clock.now + 60)
    await store.renew_ticket(ticket.id, clock.now, clock.now + LIFE_S, "fresh")
    await store.reopen(call.id, ticket.id)
    second = await store.propose(call.id, call.doctor, clock.now + 99)

    assert replace(call, deadline=clock.now + 60, is_proposed=True, proposals=1) == first
    assert second is not None and (clock.now + 60, 2) == (second.deadline, second.proposals)


async def test_a_proposal_needs_the_doctors_own_open_call(
    store: Store, clock: Clock, made: Maker
) -> None:
    """Not another's, not a second M2 for one M1."""
    call, _ = await called(store, clock, made)

    assert None is await store.propose(call.id, made.id(), clock.now)
    assert None is not await store.propose(call.id, call.doctor, clock.now)
    assert None is await store.propose(call.id, call.doctor, clock.now)


async def test_a_fresh_m1_reopens_a_call(store: Store, clock: Clock, made: Maker) -> None:
    """It is taken along, and the call waits for another M2."""
    call, ticket = await called(store, clock, made)
    proposed = await store.propose(call.id, call.doctor, clock.now + 60)
    assert proposed is not None
    await store.renew_ticket(ticket.id, clock.now, clock.now + LIFE_S, "fresh")

    reopened = replace(proposed, is_proposed=False, m1s=2)
    assert (reopened, "fresh") == await store.reopen(call.id, ticket.id)

    held = await store.ticket(ticket.id)
    assert held is not None and None is held.m1
    assert None is await store.reopen(call.id, ticket.id)


async def test_only_the_called_ticket_reopens_a_call(
    store: Store, clock: Clock, made: Maker
) -> None:
    """Another patient's M1 does not get in."""
    call, _ = await called(store, clock, made)
    other = await waits(store, clock, made.ticket())

    assert None is await store.reopen(call.id, other.id)
    assert None is await store.reopen(call.id, made.id())


async def test_a_call_is_reopened_so_often_and_no_more(
    store: Store, clock: Clock, made: Maker
) -> None:
    """A doctor's page answers so many M1 a click."""
    call, ticket = await called(store, clock, made)

    for proposal in range(1, M1S_MAX + 1):
        record = await store.propose(call.id, call.doctor, clock.now + 60)
        assert record is not None and proposal == record.proposals
        await store.renew_ticket(ticket.id, clock.now, clock.now + LIFE_S, made.id())
        is_open = await store.reopen(call.id, ticket.id) is not None
        assert (proposal < M1S_MAX) == is_open


async def test_an_ended_call_gives_the_ticket_back(store: Store, clock: Clock, made: Maker) -> None:
    """Where it was, free, and nobody's fault."""
    call, ticket = await called(store, clock, made)
    later = await waits(store, clock, made.ticket())

    assert call == await store.end_call(call.id, clock.now)

    assert replace(ticket, m1=None) == await store.ticket(ticket.id)
    assert [ticket.id, later.id] == await order(store)
    assert None is await store.call_by(call.doctor)
    assert None is await store.end_call(call.id, clock.now)


async def test_a_fault_rests_and_at_the_nth_goes_to_the_tail(
    store: Store, clock: Clock, made: Maker
) -> None:
    """Passed over for a while each time; behind everybody at every third."""
    ticket = await waits(store, clock, made.ticket())
    other = await waits(store, clock, made.ticket())

    for fault in (1, 2, 3):
        call = made.id()
        await store.renew_ticket(ticket.id, clock.now, clock.now + LIFE_S, made.id())
        assert await claims(store, clock, call, made.id(), None, ticket.id)
        await store.end_call(call, clock.now, rests_until=clock.now + 20, faults_to_tail=3)
        held = await store.ticket(ticket.id)
        assert held is not None and clock.now + 20 == held.resting_until
        assert fault % 3 == held.faults
        clock.advance(19.999)
        await store.renew_ticket(ticket.id, clock.now, clock.now + LIFE_S, made.id())
        assert None is await claims(store, clock, made.id(), made.id(), None, ticket.id)
        expected = [ticket.id, other.id] if fault < 3 else [other.id, ticket.id]
        assert expected == await order(store)
        clock.advance(0.001)


async def test_declining_is_for_that_doctor_only(store: Store, clock: Clock, made: Maker) -> None:
    """Any other may call this patient at once, if there was no rest."""
    call, ticket = await called(store, clock, made)
    await store.end_call(call.id, clock.now, declined=True)
    await store.renew_ticket(ticket.id, clock.now, clock.now + LIFE_S, "fresh")

    assert None is await claims(store, clock, made.id(), call.doctor)
    assert None is not await claims(store, clock, made.id(), made.id())


async def test_accepting_turns_a_call_into_a_session(
    store: Store, clock: Clock, made: Maker
) -> None:
    """Ticket and call are gone, the session is there, in one step."""
    call, ticket = await called(store, clock, made)
    proposed = await store.propose(call.id, call.doctor, clock.now + 60)
    session = made.session(ticket.key, call.doctor)

    assert proposed == await store.accept(call.id, ticket.id, session)

    assert session == await store.session(session.id)
    assert {session, *session.seats} == set(await store.held())
    assert [] == await order(store)


async def proposed_with(
    store: Store, clock: Clock, made: Maker, spend: Spend | None
) -> tuple[CallRecord, Session]:
    """A call of a patient whose link costs this, ready to be accepted."""
    ticket = await waits(store, clock, replace(made.ticket(), spend=spend))
    claimed = await claims(store, clock, made.id(), made.id(), queue=None, ticket=ticket.id)
    assert claimed is not None
    call = claimed[0]
    await store.propose(call.id, call.doctor, clock.now + LIFE_S)
    return call, made.session(ticket.key, call.doctor)


async def test_a_link_is_spent_when_the_session_starts(
    store: Store, clock: Clock, made: Maker
) -> None:
    """And not before; then it pays for no other session."""
    spend = Spend(made.id(), 1, clock.now + LIFE_S)
    first, session = await proposed_with(store, clock, made, spend)
    second, other = await proposed_with(store, clock, made, spend)
    assert 0 == await store.spent(spend)

    assert await store.accept(first.id, first.ticket, session)
    assert None is await store.accept(second.id, second.ticket, other)

    assert 1 == await store.spent(spend)
    assert await store.ticket(second.ticket) and not await store.session(other.id)


async def test_racing_accepts_start_as_many_sessions_as_a_link_has_uses(
    store: Store, clock: Clock, made: Maker
) -> None:
    """Spending and starting are one step."""
    for uses in (1, 3):
        spend = Spend(made.id(), uses, clock.now + LIFE_S)
        ready = [await proposed_with(store, clock, made, spend) for _ in range(10)]

        started = await asyncio.gather(
            *(store.accept(call.id, call.ticket, session) for call, session in ready)
        )

        assert uses == sum(call is not None for call in started) == await store.spent(spend)


async def test_what_was_spent_under_a_former_mark_counts(
    store: Store, clock: Clock, made: Maker
) -> None:
    """Beside what is spent now; nobody else's does."""
    old, other = (Spend(made.id(), 2, clock.now + LIFE_S) for _ in range(2))
    now = replace(old, mark=made.id(), former=old.mark)
    for spend, starts in ((other, True), (old, True), (now, True), (now, False), (other, True)):
        call, session = await proposed_with(store, clock, made, spend)
        assert starts is (await store.accept(call.id, call.ticket, session) is not None)

    assert [1, 2, 2] == [await store.spent(spend) for spend in (old, now, other)]


async def test_a_mark_is_forgotten_when_the_link_ends(
    store: Store, clock: Clock, made: Maker
) -> None:
    """The link is refused for its time then."""
    spend = Spend(made.id(), 1, clock.now + 10)
    call, session = await proposed_with(store, clock, made, spend)
    await store.accept(call.id, call.ticket, session)

    await store.expire(clock.advance(9.999))
    assert 1 == await store.spent(spend)
    await store.expire(clock.advance(0.001))
    assert 0 == await store.spent(spend)


async def test_a_moved_ticket_costs_what_the_new_link_costs(
    store: Store, clock: Clock, made: Maker
) -> None:
    """Who goes on to a wider queue has not used his doctor's link."""
    spend = Spend(made.id(), 1, clock.now + LIFE_S)
    ticket = await waits(store, clock, replace(made.ticket(), spend=spend))

    moved = await store.move_ticket(ticket.id, "wider")

    assert moved is not None and moved.spend is None


async def test_only_a_proposed_call_to_the_same_ticket_is_accepted(
    store: Store, clock: Clock, made: Maker
) -> None:
    """And nothing is done otherwise."""
    call, ticket = await called(store, clock, made)
    other, other_ticket = await called(store, clock, made)
    await store.propose(other.id, other.doctor, clock.now + 60)
    before = set(await store.held())

    assert None is await store.accept(call.id, ticket.id, made.session())
    assert None is await store.accept(other.id, ticket.id, made.session())
    assert None is await store.accept(made.id(), other_ticket.id, made.session())
    assert before == set(await store.held())


async def test_a_call_is_accepted_or_ended_never_both(
    store: Store, clock: Clock, made: Maker
) -> None:
    """Whoever comes first, the other finds it over."""
    for _ in range(4):
        call, ticket = await called(store, clock, made)
        await store.propose(call.id, call.doctor, clock.now + 60)
        session = made.session(ticket.key, call.doctor)

        results = await asyncio.gather(
            store.accept(call.id, ticket.id, session),
            store.end_call(call.id, clock.now),
            store.give_up(ticket.id),
            store.accept(call.id, ticket.id, made.session(ticket.key, call.doctor)),
        )

        starts = sum(result is not None for result in results[::3])
        is_ended = results[1] is not None or results[2] is not None
        assert 1 == starts + is_ended


# Sessions


async def test_a_renewed_seat_lasts_longer(store: Store, clock: Clock, made: Maker) -> None:
    """That one, and not its neighbour."""
    session = await accepted(store, clock, made)
    patient, doctor = session.seats

    renewed = await store.renew_seat(session.id, patient.member, clock.now + 999)

    assert renewed is not None
    assert (replace(patient, expires_at=clock.now + 999), doctor) == renewed.seats
    assert renewed == await store.session(session.id)
    assert None is await store.renew_seat(session.id, made.id(), clock.now)


async def test_seats_and_invitations_share_the_bound(
    store: Store, clock: Clock, made: Maker
) -> None:
    """Two people and two open invitations are four."""
    session = await accepted(store, clock, made)

    invited = await asyncio.gather(
        *(store.invite(session.id, made.id(), clock.now + 9, 4) for _ in range(5))
    )

    assert 2 == sum(each is not None for each in invited)


async def test_an_invitation_taken_back_leaves_its_seat_free(
    store: Store, clock: Clock, made: Maker
) -> None:
    """It opens nothing any more; the others are untouched."""
    session = await accepted(store, clock, made)
    await store.invite(session.id, "i", clock.now + 9, 4)
    kept = await store.invite(session.id, "j", clock.now + 9, 4)
    assert kept is not None

    left = await store.uninvite(session.id, "i")

    assert replace(kept, invites=frozenset({("j", clock.now + 9)})) == left
    assert left == await store.session(session.id)
    assert None is await store.take_seat(session.id, "i", made.seat(), 4, clock.now)
    assert None is not await store.invite(session.id, "k", clock.now + 9, 4)


async def test_an_invitation_is_spent_once(store: Store, clock: Clock, made: Maker) -> None:
    """However many come with it at once."""
    session = await accepted(store, clock, made)
    await store.invite(session.id, "i", clock.now + 9, 4)

    taken = await asyncio.gather(
        *(store.take_seat(session.id, "i", made.seat(), 4, clock.now) for _ in range(5))
    )

    (seated,) = [each for each in taken if each]
    assert 3 == len(seated.seats) and not seated.invites
    assert session.generation == seated.generation
    assert seated == await store.session(session.id) == await store.held_by(seated.seats[2].key)


async def test_an_invitation_that_is_unknown_late_or_full_gives_no_seat(
    store: Store, clock: Clock, made: Maker
) -> None:
    """Its last moment is the one before its expiry."""
    session = await accepted(store, clock, made)
    await store.invite(session.id, "i", clock.now + 9, 4)

    assert None is await store.take_seat(session.id, "j", made.seat(), 4, clock.now)
    assert None is await store.take_seat(session.id, "i", made.seat(), 4, clock.now + 9)
    assert None is await store.take_seat(session.id, "i", made.seat(), 2, clock.now)
    assert None is not await store.take_seat(session.id, "i", made.seat(), 4, clock.now + 8.999)


async def test_leaving_raises_the_generation(store: Store, clock: Clock, made: Maker) -> None:
    """The rest go on without the one who left, whose key opens nothing any more."""
    session = await accepted(store, clock, made)
    await store.invite(session.id, "i", clock.now + 9, 4)
    guest = made.seat()
    await store.take_seat(session.id, "i", guest, 4, clock.now)

    left = await store.leave_seat(session.id, guest.member)

    assert left is not None and (2, session.seats) == (left.generation, left.seats)
    assert left == await store.session(session.id)
    assert None is await store.held_by(guest.key)
    assert None is await store.leave_seat(session.id, guest.member)
    assert left == await store.held_by(session.seats[0].key)


async def test_a_session_of_one_is_over(store: Store, clock: Clock, made: Maker) -> None:
    """Nothing of it is held; the one returned says who was left alone."""
    session = await accepted(store, clock, made)
    patient, doctor = session.seats

    left = await store.leave_seat(session.id, doctor.member)

    assert left is not None and (patient,) == left.seats
    assert None is await store.session(session.id)
    assert None is await store.held_by(patient.key) is await store.held_by(doctor.key)
    assert [] == await store.held()


async def test_a_way_back_is_taken_once_and_in_time(
    store: Store, clock: Clock, made: Maker
) -> None:
    """Racing, there is one winner; late, there is none."""
    member, key = made.id(), made.id()
    way = WayBack(member, key, 7, clock.now + 9)
    await store.open_way_back(way)
    taken = await asyncio.gather(
        *(store.take_way_back(key, clock.now, by) for by in (member, None, member))
    )
    assert [way] == [one for one in taken if one is not None]

    await store.open_way_back(way)
    assert None is await store.take_way_back(key, clock.now + 9)
    assert None is await store.take_way_back(made.id(), clock.now)


async def test_a_way_back_is_not_spent_by_another_seats_pass(
    store: Store, clock: Clock, made: Maker
) -> None:
    """The pass of an earlier session of the same holder leaves it as it is."""
    way = WayBack(made.id(), made.id(), 7, clock.now + 9)
    await store.open_way_back(way)

    assert None is await store.take_way_back(way.key, clock.now, made.id())
    assert way == await store.take_way_back(way.key, clock.now, way.member)


# Time and post


def lists(expired: Expired) -> Expired:
    """The same with tuples, so that two may be compared."""
    return Expired(
        tuple(expired.tickets), tuple(expired.calls), tuple(expired.doctors), tuple(expired.seats)
    )


async def test_tickets_and_doctors_expire_and_are_gone(
    store: Store, clock: Clock, made: Maker
) -> None:
    """At their moment, not before; told once."""
    ticket = await waits(store, clock, made.ticket())
    doctor = replace(made.doctor(), expires_at=clock.now + LIFE_S)
    await store.go_on_duty(doctor)

    assert Expired() == lists(await store.expire(clock.now + LIFE_S - 0.001))
    gone = await store.expire(clock.now + LIFE_S)

    assert Expired((ticket,), (), (doctor,), ()) == lists(gone)
    assert [] == await store.held() == await order(store)
    assert Expired() == lists(await store.expire(clock.now + LIFE_S))


async def test_calls_and_seats_are_named_and_left_to_the_caller(
    store: Store, clock: Clock, made: Maker
) -> None:
    """Their people must be told, so they stay until somebody ends them."""
    session = await accepted(store, clock, made)
    call, _ = await called(store, clock, made)
    await store.renew_seat(session.id, session.seats[0].member, clock.now + 2 * LIFE_S)

    assert Expired() == lists(await store.expire(clock.now + LEASE_S - 0.001))
    assert Expired((), (call,), (), ()) == lists(await store.expire(clock.now + LEASE_S))
    assert None is not await store.end_call(call.id, clock.now)
    late = await store.expire(clock.now + LIFE_S)

    assert ((session.id, session.seats[1].member),) == tuple(late.seats)
    assert None is not await store.session(session.id)


async def test_a_called_ticket_does_not_expire(store: Store, clock: Clock, made: Maker) -> None:
    """Its call ends first; then it goes."""
    call, ticket = await called(store, clock, made)

    assert () == tuple((await store.expire(clock.now + LIFE_S)).tickets)
    await store.end_call(call.id, clock.now + LIFE_S)

    (gone,) = (await store.expire(clock.now + LIFE_S)).tickets
    assert ticket.id == gone.id


async def test_ways_back_and_invitations_expire_silently(
    store: Store, clock: Clock, made: Maker
) -> None:
    """Nobody needs to be told; an invitation's seat is free again."""
    session = await accepted(store, clock, made)
    for _ in range(2):
        await store.invite(session.id, made.id(), clock.now + 9, 4)
    await store.open_way_back(WayBack(made.id(), made.id(), 1, clock.now + 9))

    assert Expired() == lists(await store.expire(clock.now + 9))

    assert session == await store.session(session.id)
    assert not [record for record in await store.held() if isinstance(record, WayBack)]
    assert None is not await store.invite(session.id, made.id(), clock.now + 99, 4)


async def test_post_reaches_the_newest_listener(store: Store) -> None:
    """And nobody is told twice."""
    older: list[ServerMessage] = []
    newer: list[ServerMessage] = []
    await store.listen("a", older.append)
    await store.listen("a", newer.append)

    assert await store.post("a", POST)

    assert ([], [POST]) == (older, newer)


async def test_post_to_nobody_says_so(store: Store) -> None:
    """It is neither kept nor an error."""
    heard: list[ServerMessage] = []

    assert not await store.post("a", POST)
    await store.listen("a", heard.append)

    assert [] == heard


async def test_hushing_is_for_who_still_listens(store: Store) -> None:
    """An older listener who goes does not take the newer one along."""
    older: list[ServerMessage] = []
    newer: list[ServerMessage] = []
    deliver = newer.append
    await store.listen("a", older.append)
    await store.listen("a", deliver)

    await store.hush("a", older.append)
    assert await store.post("a", POST)
    await store.hush("a", deliver)
    assert not await store.post("a", POST)
    await store.hush("a", deliver)

    assert [POST] == newer


async def test_listening_is_no_record(store: Store) -> None:
    """What is held is records; who is connected is not among them."""
    await store.listen("a", lambda _: None)

    assert [] == await store.held()


# A store that lost its records


async def test_what_is_marked_as_over_does_not_enter(
    store: Store, clock: Clock, made: Maker
) -> None:
    """A ticket or a seat of an older life; another of the same holder does."""
    ticket, seat = made.ticket(), made.seat()
    marks = [Over(id_, clock.now + 9) for id_ in (ticket.id, seat.member)]
    await store.mark_over(marks)

    assert "over" == await store.take_ticket(ticket, MANY, clock.now)
    assert None is await store.rejoin(made.id(), 1, seat, 4, clock.now + LIFE_S)

    assert await waits(store, clock, made.ticket(key=ticket.key))


async def test_a_mark_ends_when_its_passes_do(store: Store, clock: Clock, made: Maker) -> None:
    """At that moment, and nothing of it is held."""
    ticket = made.ticket()
    await store.mark_over([Over(ticket.id, clock.now + 9)])

    await store.expire(clock.advance(9))

    assert [] == await store.held()
    assert ticket.id == (await waits(store, clock, replace(ticket, arrival=1))).id


async def test_an_old_arrival_is_kept_and_newcomers_stand_behind(
    store: Store, clock: Clock, made: Maker
) -> None:
    """Also where the store's clock says that it is earlier."""
    ahead = int(clock.now * 1_000_000) + 30_000_000
    back = await waits(store, clock, made.ticket(arrival=ahead))

    newcomer = await waits(store, clock, made.ticket())

    assert ahead == back.arrival < newcomer.arrival
    assert [back.id, newcomer.id] == await order(store)


async def test_members_make_their_lost_session_anew(
    store: Store, clock: Clock, made: Maker
) -> None:
    """One after the other; whoever holds a seat is found by his key."""
    lost, until = made.session(), clock.now + LIFE_S
    patient, doctor = lost.seats

    alone = await store.rejoin(lost.id, 1, patient, 4, until)
    assert alone == Session(lost.id, 1, (patient,), lonely_until=until)
    both = await store.rejoin(lost.id, 1, doctor, 4, until)

    assert lost == both == await store.held_by(patient.key) == await store.held_by(doctor.key)


async def test_a_session_says_whether_it_is_a_probes(
    store: Store, clock: Clock, made: Maker
) -> None:
    """From its first step to its last, and made anew by whoever comes first."""
    ticket = await waits(store, clock, made.ticket())
    doctor = made.id()
    claimed = await claims(store, clock, made.id(), doctor)
    assert claimed is not None
    await store.propose(claimed[0].id, doctor, clock.now + LIFE_S)
    session = replace(made.session(ticket.key, doctor), is_probe=True)
    await store.accept(claimed[0].id, ticket.id, session)

    anew = await store.rejoin(made.id(), 1, made.seat("doctor"), 4, clock.now, is_probe=True)
    left = await store.leave_seat(session.id, session.seats[0].member)

    assert anew is not None and anew.is_probe
    assert left is not None and left.is_probe


async def test_racing_members_make_one_session(store: Store, clock: Clock, made: Maker) -> None:
    """Nobody overwrites the other."""
    lost = made.session()

    await asyncio.gather(
        *(store.rejoin(lost.id, 1, seat, 4, clock.now + LIFE_S) for seat in lost.seats)
    )

    held = await store.session(lost.id)
    assert held is not None and set(lost.seats) == set(held.seats)
    assert 0.0 == held.lonely_until


async def test_an_older_pass_loses_the_seat_to_a_newer(
    store: Store, clock: Clock, made: Maker
) -> None:
    """And its holder is found nowhere any more."""
    lost, until = made.session(), clock.now + LIFE_S
    older, (_, newer) = made.seat("guest"), lost.seats
    await store.rejoin(lost.id, 1, older, 4, until)

    after = await store.rejoin(lost.id, 2, newer, 4, until)

    assert after is not None and (newer,) == after.seats
    assert None is await store.held_by(older.key)
    assert None is await store.rejoin(lost.id, 1, older, 4, until)


async def test_a_lonely_session_is_found_over(store: Store, clock: Clock, made: Maker) -> None:
    """Though its one member renews; two are not lonely."""
    lost = made.session()
    patient, doctor = lost.seats
    await store.rejoin(lost.id, 1, patient, 4, clock.now + 60)
    await store.renew_seat(lost.id, patient.member, clock.now + LIFE_S)
    assert [] == (await store.expire(clock.advance(59))).seats

    assert [(lost.id, patient.member)] == (await store.expire(clock.now + 1)).seats

    await store.rejoin(lost.id, 1, doctor, 4, clock.now + 60)
    assert [] == (await store.expire(clock.advance(61))).seats


# Figures


async def test_a_tally_is_born_once_and_added_to(store: Store, clock: Clock) -> None:
    """By whoever comes first, with whatever value; others add to that."""
    ends_at = clock.now + 9

    said = [await store.tally("a", born, by, ends_at) for born, by in ((-3, 1), (50, 1), (50, 0))]

    assert [-2, -1, -1] == said
    assert 7 == await store.tally("b", 7, 0, ends_at)
    assert {Tally("a", -1, ends_at), Tally("b", 7, ends_at)} == set(await store.held())


async def test_everybody_who_adds_to_a_tally_at_once_is_counted(store: Store, clock: Clock) -> None:
    """Each once, upon one birth."""
    said = await asyncio.gather(
        *(store.tally("a", 1000 * born, 1, clock.now + 9) for born in range(12))
    )

    births = {(value - 1) // 1000 for value in said}
    assert 1 == len(births)
    assert list(range(1, 13)) == sorted(value % 1000 for value in said)


async def test_a_tally_ends_with_the_time_of_its_birth(store: Store, clock: Clock) -> None:
    """Adding to it later does not keep it; after its end it is another."""
    await store.tally("a", 5, 1, clock.now + 9)
    await store.tally("a", 5, 1, clock.now + 99)
    await store.expire(clock.advance(8.9))
    assert 7 == await store.tally("a", 0, 0, clock.now + 9)

    await store.expire(clock.advance(0.1))

    assert [] == await store.held()
    assert 0 == await store.tally("a", 0, 0, clock.now + 9)


async def test_every_record_held_is_of_a_declared_kind(
    store: Store, clock: Clock, made: Maker
) -> None:
    """And every declared kind shows up when it is held."""
    await accepted(store, clock, made)
    await called(store, clock, made)
    await store.go_on_duty(made.doctor())
    await store.open_way_back(WayBack(made.id(), made.id(), 1, clock.now + 9))
    spend = Spend(made.id(), 1, clock.now + 9)
    call, session = await proposed_with(store, clock, made, spend)
    await store.accept(call.id, call.ticket, session)
    await store.mark_over([Over(made.id(), clock.now + 9)])
    await store.tally("noisy-waits-0-1-5", -3, 1, clock.now + 9)

    assert set(HELD) == {type(record) for record in await store.held()}


async def test_what_is_not_there_changes_nothing(store: Store, clock: Clock, made: Maker) -> None:
    """Every method that names a missing record returns None and leaves the store empty."""
    id_, now = made.id(), clock.now

    assert [None] * 18 == [
        await store.ticket(id_),
        await store.renew_ticket(id_, now, now + 1, "m1"),
        await store.move_ticket(id_, "q"),
        await store.give_up(id_),
        await store.doctor(id_),
        await store.go_off_duty(id_),
        await store.call(id_),
        await store.call_by(id_),
        await store.propose(id_, id_, now),
        await store.reopen(id_, id_),
        await store.end_call(id_, now, rests_until=now + 1, faults_to_tail=1, declined=True),
        await store.accept(id_, id_, made.session()),
        await store.session(id_),
        await store.renew_seat(id_, id_, now),
        await store.invite(id_, id_, now + 1, 4),
        await store.uninvite(id_, id_),
        await store.take_seat(id_, id_, made.seat(), 4, now),
        await store.leave_seat(id_, id_),
    ]
    await store.nod_off(id_)
    await store.renew_doctor(id_, now + 1)
    assert [] == await store.held() == list(await store.waiting("q", 99))
