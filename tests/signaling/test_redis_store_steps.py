"""Between any two requests of a node to Redis, it may die, or another node may act.

Each test does one thing again and again, and is interrupted before its first request, its
second, and so on until it comes through. Whatever happened, the promises of the store hold.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import count, cycle
from typing import cast

import pytest
from redis.asyncio import Redis

from signaling.redis_store import RedisStore, kind_of
from signaling.store import CallRecord, Seat, Session, Spend, Tally, Ticket, WayBack
from tests.clock import Clock
from tests.dice import Dice
from tests.redis_server import RedisServer
from tests.signaling.redis_stores import Died, Interrupted, dies, redis_store
from tests.signaling.test_store import (
    AWAKE_S,
    LEASE_S,
    LIFE_S,
    MANY,
    Maker,
    accepted,
    called,
    claims,
    proposed_with,
    waits,
)

Act = Callable[[RedisStore], Awaitable[object]]

# Each promise is kept at dozens of points; a busy machine takes its time.
pytestmark = pytest.mark.timeout(300)


def does(act: Callable[..., Awaitable[object]], *said: object, **named: object) -> Act:
    """What a node does, told beforehand."""
    return lambda node: act(node, *said, **named)


@pytest.fixture
def made(clock: Clock, dice: Dice) -> Maker:
    return Maker(clock, dice)


class Steps:
    """One Redis, a node that is interrupted, and another that is not."""

    def __init__(self, server: RedisServer, client: Redis, clock: Clock, dice: Dice) -> None:
        self._server = server
        self._client = client
        self.clock = clock
        self.dice = dice
        self.other = redis_store(client, clock, dice)

    async def rounds(self) -> AsyncIterator["Round"]:
        """One round for each request of what is done, each with an empty Redis."""
        for at in count(1):
            self._server.says("FLUSHALL")
            one = Round(self, at)
            yield one
            assert one.was_done, "a round does something once"
            if not one.was_reached:
                return

    def interrupted(
        self, at: int, happens: Callable[[], Awaitable[object]], counts_reads: bool
    ) -> Interrupted:
        return Interrupted(self._client, at, happens, counts_reads=counts_reads)

    def kinds(self) -> set[str]:
        """What kinds of keys there are."""
        keys = self._server.says("KEYS", "*")
        assert isinstance(keys, list)
        return {kind_of(key) for key in keys}


class Round:
    def __init__(self, steps: Steps, at: int) -> None:
        self._steps = steps
        self._at = at
        self.was_done = self.was_reached = False

    async def dies_while(self, act: Act) -> object:
        """Let a node do something and die on the way; None if it did."""
        with suppress(Died):
            # Nobody can tell where between two changes it was.
            return await self._does(act, dies, counts_reads=False)
        return None

    async def meets(self, act: Act, other: Act) -> tuple[object, object]:
        """Let a node do something and another do something else on the way, or after it."""
        answers: list[object] = []

        async def acts() -> None:
            answers.append(await other(self._steps.other))

        mine = await self._does(act, acts)
        if not answers:
            await acts()
        return mine, answers[0]

    async def _does(
        self, act: Act, happens: Callable[[], Awaitable[object]], *, counts_reads: bool = True
    ) -> object:
        client = self._steps.interrupted(self._at, happens, counts_reads)
        node = redis_store(cast(Redis, client), self._steps.clock, self._steps.dice)
        self.was_done = True
        try:
            return await act(node)
        finally:
            self.was_reached = client.was_reached


@pytest.fixture
async def steps(redis_server: RedisServer, clock: Clock, dice: Dice) -> AsyncIterator[Steps]:
    async with redis_server.client() as client:
        yield Steps(redis_server, client, clock, dice)


async def of(steps: Steps, kind: type) -> Sequence[object]:
    return [record for record in await steps.other.held() if isinstance(record, kind)]


async def in_order(store: RedisStore, queue: str = "q") -> Sequence[str]:
    """Who waits, by the records; whoever reads them leaves nobody else in the line."""
    waiting = [ticket.id for ticket in await store.waiting(queue, MANY)]
    assert sorted(waiting) == sorted(await store.order(queue))
    return waiting


async def nothing_stays(steps: Steps, clock: Clock) -> None:
    """Given the time, all is gone that anybody could be found by."""
    for _ in range(3):
        expired = await steps.other.expire(clock.advance(2 * LIFE_S))
        for call in expired.calls:
            await steps.other.end_call(call.id, clock.now)
        for session, member in expired.seats:
            await steps.other.leave_seat(session, member)
    assert [] == await steps.other.held()
    # Names with nothing behind them, which Redis drops by itself, and the last arrival.
    assert steps.kinds() <= {"last", "session", "holder", "call", "ticket", "link"}


# Dying


async def test_who_dies_taking_a_ticket_leaves_at_most_that_one(
    steps: Steps, clock: Clock, made: Maker
) -> None:
    """The holder comes again, has one ticket, stands in line and can be called."""
    async for one in steps.rounds():
        ticket = made.ticket()
        await one.dies_while(does(RedisStore.take_ticket, ticket, MANY, clock.now))

        again = await waits(steps.other, clock, made.ticket(key=ticket.key))

        assert [again] == await of(steps, Ticket)
        assert [again.id] == await in_order(steps.other)
        assert await claims(steps.other, clock, made.id(), made.id())
        await nothing_stays(steps, clock)


async def test_who_dies_calling_has_called_one_or_none(
    steps: Steps, clock: Clock, made: Maker
) -> None:
    """The doctor can call, or has a call that ends by itself; nobody is lost."""
    async for one in steps.rounds():
        tickets = [(await waits(steps.other, clock, made.ticket())).id for _ in range(2)]
        doctor = made.id()
        await one.dies_while(does(claims, clock, made.id(), doctor))

        before = await steps.other.call_by(doctor)
        claimed = await claims(steps.other, clock, made.id(), doctor)

        assert (before is None) == (claimed is not None)
        (call,) = await of(steps, CallRecord)
        assert call == await steps.other.call_by(doctor)
        assert tickets == await in_order(steps.other)
        assert [call] == (await steps.other.expire(clock.now + LEASE_S)).calls


async def test_who_dies_moving_a_ticket_leaves_it_in_one_queue(
    steps: Steps, clock: Clock, made: Maker
) -> None:
    """The old one or the new one, and only there it can be called."""
    async for one in steps.rounds():
        ticket = await waits(steps.other, clock, made.ticket("narrow"))
        await one.dies_while(does(RedisStore.move_ticket, ticket.id, "wide"))

        held = await steps.other.renew_ticket(ticket.id, clock.now, clock.now + LIFE_S, None)

        assert held is not None and [held] == await of(steps, Ticket)
        elsewhere = {"narrow": "wide", "wide": "narrow"}[held.queue]
        assert [ticket.id] == await in_order(steps.other, held.queue)
        assert [] == await in_order(steps.other, elsewhere)
        assert None is await claims(steps.other, clock, made.id(), made.id(), elsewhere)
        assert await claims(steps.other, clock, made.id(), made.id(), held.queue)


async def test_who_dies_ending_a_call_has_ended_it_or_not(
    steps: Steps, clock: Clock, made: Maker
) -> None:
    """The queue is in the order that the tickets say, and the doctor is free or calling."""
    async for one in steps.rounds():
        call, ticket = await called(steps.other, clock, made)
        other = await waits(steps.other, clock, made.ticket())
        await one.dies_while(does(RedisStore.end_call, call.id, clock.now, faults_to_tail=1))

        is_ended = await steps.other.call(call.id) is None

        assert is_ended == (await steps.other.call_by(call.doctor) is None)
        expected = [other.id, ticket.id] if is_ended else [ticket.id, other.id]
        assert expected == await in_order(steps.other)
        doctor = call.doctor if is_ended else made.id()
        assert await claims(steps.other, clock, made.id(), doctor)


async def test_who_dies_giving_up_a_ticket_has_given_it_up_or_not(
    steps: Steps, clock: Clock, made: Maker
) -> None:
    """Gone with its call, or there with it."""
    async for one in steps.rounds():
        call, ticket = await called(steps.other, clock, made)
        await one.dies_while(does(RedisStore.give_up, ticket.id))

        is_gone = await steps.other.ticket(ticket.id) is None

        assert is_gone == (await steps.other.call(call.id) is None)
        assert is_gone == (await steps.other.call_by(call.doctor) is None)
        assert is_gone == (await steps.other.held_by(ticket.key) is None)
        assert is_gone == ([] == await in_order(steps.other))
        await waits(steps.other, clock, made.ticket(key=ticket.key))
        assert 1 == len(await of(steps, Ticket))


@pytest.mark.parametrize("is_ticking", [True, False])
async def test_who_dies_accepting_leaves_a_session_or_a_call(
    steps: Steps, clock: Clock, made: Maker, is_ticking: bool
) -> None:
    """Nothing in between, once anybody has come: the next tick, or one of the two by turns."""
    by_turns = cycle(["patient", "doctor", "doctor's call"])
    async for one in steps.rounds():
        spend = Spend(made.id(), 1, clock.now + LIFE_S)
        call, session = await proposed_with(steps.other, clock, made, spend)
        patient = session.seats[0].key
        await one.dies_while(does(RedisStore.accept, call.id, call.ticket, session))

        match "tick" if is_ticking else next(by_turns):
            case "tick":
                await steps.other.expire(clock.now)
            case "patient":
                await steps.other.held_by(patient)
            case "doctor":
                await steps.other.held_by(call.doctor)
            case _:
                await steps.other.call_by(call.doctor)

        if await steps.other.session(session.id) is None:
            assert await steps.other.held_by(patient) == await steps.other.ticket(call.ticket)
            assert call.id == getattr(await steps.other.call_by(call.doctor), "id", None)
            assert 0 == await steps.other.spent(spend)
            assert await steps.other.accept(call.id, call.ticket, session)
        assert session == await steps.other.held_by(patient)
        assert session == await steps.other.held_by(call.doctor)
        assert None is await steps.other.ticket(call.ticket)
        assert None is await steps.other.call_by(call.doctor)
        assert None is await steps.other.call(call.id)
        assert [] == await in_order(steps.other)
        assert 1 == await steps.other.spent(spend)
        await nothing_stays(steps, clock)


async def test_a_use_that_was_set_aside_by_who_died_is_free_again(
    steps: Steps, clock: Clock, made: Maker
) -> None:
    """The call ends; whoever has the same link and is called then can accept."""
    async for one in steps.rounds():
        spend = Spend(made.id(), 1, clock.now + LIFE_S)
        call, session = await proposed_with(steps.other, clock, made, spend)
        await one.dies_while(does(RedisStore.accept, call.id, call.ticket, session))
        await steps.other.end_call(call.id, clock.now)
        await steps.other.expire(clock.now)

        again, other = await proposed_with(steps.other, clock, made, spend)
        started = await steps.other.accept(again.id, again.ticket, other)

        assert (started is None) == (await steps.other.session(session.id) is not None)
        assert 1 == await steps.other.spent(spend)


async def test_who_dies_taking_a_seat_has_it_or_not(
    steps: Steps, clock: Clock, made: Maker
) -> None:
    """Who has the seat is found by his key, and nobody else."""
    async for one in steps.rounds():
        session = await accepted(steps.other, clock, made)
        await steps.other.invite(session.id, "i", clock.now + 9, 4)
        seat = made.seat()
        await one.dies_while(does(RedisStore.take_seat, session.id, "i", seat, 4, clock.now))

        held = await steps.other.session(session.id)

        assert held is not None
        has_it = held.seat_of(seat.member) is not None
        assert has_it == (not held.invites)
        assert has_it == (held == await steps.other.held_by(seat.key))
        await nothing_stays(steps, clock)


async def test_who_dies_leaving_has_left_or_not(steps: Steps, clock: Clock, made: Maker) -> None:
    """A session of one is over for both."""
    async for one in steps.rounds():
        session = await accepted(steps.other, clock, made)
        patient, doctor = session.seats
        await one.dies_while(does(RedisStore.leave_seat, session.id, doctor.member))

        held = await steps.other.session(session.id)

        assert held in (None, session)
        for seat in (patient, doctor):
            assert held == await steps.other.held_by(seat.key)
        assert ([] if held is None else [patient, doctor]) == await of(steps, Seat)


async def test_who_dies_making_a_session_anew_may_do_it_again(
    steps: Steps, clock: Clock, made: Maker
) -> None:
    """From the same pass; then both are found."""
    async for one in steps.rounds():
        lost, until = made.session(), clock.now + LIFE_S
        await steps.other.rejoin(lost.id, 1, lost.seats[0], 4, until)
        await one.dies_while(does(RedisStore.rejoin, lost.id, 1, lost.seats[1], 4, until))

        assert lost == await steps.other.rejoin(lost.id, 1, lost.seats[1], 4, until)

        for seat in lost.seats:
            assert lost == await steps.other.held_by(seat.key)


async def test_who_dies_going_on_duty_may_do_it_again(
    steps: Steps, clock: Clock, made: Maker
) -> None:
    """And is found by the queues of the second time alone."""
    async for one in steps.rounds():
        doctor = made.doctor("a", "b")
        await steps.other.go_on_duty(doctor)
        narrowed = replace(doctor, queues=frozenset({"b", "c"}))
        await one.dies_while(does(RedisStore.go_on_duty, narrowed))

        await steps.other.go_on_duty(narrowed)

        found = [await steps.other.doctors(queue) for queue in "abc"]
        assert [[], [narrowed], [narrowed]] == found
        clock.advance(AWAKE_S)
        assert [narrowed] == (await steps.other.expire(clock.now)).doctors


# Meeting


async def test_two_windows_of_one_holder_meet_at_any_point(
    steps: Steps, clock: Clock, made: Maker
) -> None:
    """Both get the one ticket."""
    async for one in steps.rounds():
        first = made.ticket()
        second = made.ticket(key=first.key)

        both = await one.meets(
            does(RedisStore.take_ticket, first, MANY, clock.now),
            does(RedisStore.take_ticket, second, MANY, clock.now),
        )

        assert both[0] == both[1]
        assert [both[0]] == await of(steps, Ticket)


async def test_two_windows_with_one_pass_meet_at_any_point(
    steps: Steps, clock: Clock, made: Maker
) -> None:
    """A ticket that both bring back by its name is there once."""
    async for one in steps.rounds():
        ticket = made.ticket(arrival=7)

        both = await one.meets(
            does(RedisStore.take_ticket, ticket, MANY, clock.now),
            does(RedisStore.take_ticket, ticket, MANY, clock.now),
        )

        assert (ticket, ticket) == both
        assert [ticket.id] == await in_order(steps.other)
        assert ticket == await steps.other.held_by(ticket.key)


async def test_two_windows_of_one_doctor_meet_at_any_point(
    steps: Steps, clock: Clock, made: Maker
) -> None:
    """One call, which is the one that was answered."""
    async for one in steps.rounds():
        for _ in range(3):
            await waits(steps.other, clock, made.ticket())
        doctor = made.id()

        both = await one.meets(
            does(claims, clock, made.id(), doctor),
            does(claims, clock, made.id(), doctor),
        )

        (claimed,) = [each for each in both if each is not None]
        call = cast("tuple[CallRecord, Ticket]", claimed)[0]
        assert [call] == await of(steps, CallRecord)
        assert call == await steps.other.call_by(doctor)


async def test_two_doctors_meet_at_any_point(steps: Steps, clock: Clock, made: Maker) -> None:
    """The one patient is called by one."""
    async for one in steps.rounds():
        await waits(steps.other, clock, made.ticket())

        both = await one.meets(
            does(claims, clock, made.id(), made.id()),
            does(claims, clock, made.id(), made.id()),
        )

        assert 1 == sum(each is not None for each in both)


async def test_a_doctor_and_a_patient_who_leaves_meet_at_any_point(
    steps: Steps, clock: Clock, made: Maker
) -> None:
    """Nobody calls who is gone; if he was called before, his last word names the call."""
    async for one in steps.rounds():
        ticket, doctor = await waits(steps.other, clock, made.ticket()), made.id()

        claimed, gone = await one.meets(
            does(claims, clock, made.id(), doctor),
            does(RedisStore.give_up, ticket.id),
        )

        assert isinstance(gone, Ticket)
        assert (claimed is not None) == (gone.call is not None)
        assert [] == await steps.other.held()
        assert None is await steps.other.call_by(doctor)


@pytest.mark.parametrize("end", ["gives up", "is ended", "is accepted elsewhere"])
async def test_an_accept_meets_another_end_at_any_point(
    steps: Steps, clock: Clock, made: Maker, end: str
) -> None:
    """One of the two; the link has paid for the sessions that there are."""
    async for one in steps.rounds():
        spend = Spend(made.id(), 1, clock.now + LIFE_S)
        call, session = await proposed_with(steps.other, clock, made, spend)
        match end:
            case "gives up":
                ends = does(RedisStore.give_up, call.ticket)
            case "is ended":
                ends = does(RedisStore.end_call, call.id, clock.now)
            case _:
                elsewhere = made.session(session.seats[0].key, call.doctor)
                ends = does(RedisStore.accept, call.id, call.ticket, elsewhere)

        both = await one.meets(does(RedisStore.accept, call.id, call.ticket, session), ends)

        assert 1 == sum(each is not None for each in both)
        sessions = await of(steps, Session)
        assert len(sessions) == await steps.other.spent(spend)
        assert (both[0] is not None) == (session in sessions)


async def test_a_ticket_that_moves_meets_a_doctor_at_any_point(
    steps: Steps, clock: Clock, made: Maker
) -> None:
    """He has called it where it was, or finds it where it is."""
    async for one in steps.rounds():
        ticket = await waits(steps.other, clock, made.ticket("narrow"))

        moved, claimed = await one.meets(
            does(RedisStore.move_ticket, ticket.id, "wide"),
            does(claims, clock, made.id(), made.id(), "narrow"),
        )

        assert (moved is None) == (claimed is not None)
        queue = "wide" if moved else "narrow"
        assert [ticket.id] == await in_order(steps.other, queue)


async def renew_both(
    node: RedisStore, doctor: str, ticket: str, now: float, until: float
) -> object:
    await node.renew_doctor(doctor, until)
    return await node.renew_ticket(ticket, now, until, None)


async def test_who_renews_meets_his_end_at_any_point(
    steps: Steps, clock: Clock, made: Maker
) -> None:
    """He is told that he is over, or he is not; ticket and doctor alike."""
    async for one in steps.rounds():
        ticket, doctor = await waits(steps.other, clock, made.ticket()), made.doctor()
        await steps.other.go_on_duty(replace(doctor, expires_at=clock.now + LIFE_S))
        late, later = clock.now + LIFE_S, clock.now + 2 * LIFE_S

        expired, renewed = await one.meets(
            does(RedisStore.expire, late), does(renew_both, doctor.key, ticket.id, late, later)
        )

        gone, off = expired.tickets, expired.doctors  # type: ignore[attr-defined] # an Expired
        assert (len(gone) == 1) == (renewed is None) == ([] == await of(steps, Ticket))
        assert (len(off) == 1) == (await steps.other.doctor(doctor.key) is None)
        left = await steps.other.expire(later)
        assert (1, 1) == (len(gone) + len(left.tickets), len(off) + len(left.doctors))


@pytest.mark.parametrize("is_looking_first", [True, False])
async def test_an_end_that_comes_sooner_is_not_put_off_by_who_looks(
    steps: Steps, clock: Clock, made: Maker, is_looking_first: bool
) -> None:
    """He finds the ticket renewed while a doctor calls it: the call ends in time."""
    async for one in steps.rounds():
        ticket = await waits(steps.other, clock, made.ticket())
        late = clock.now + LIFE_S
        await steps.other.renew_ticket(ticket.id, late, late + LIFE_S, None)
        looks = does(RedisStore.expire, late)
        calls = does(RedisStore.claim, made.id(), made.id(), late, AWAKE_S, late + 1, queues=("q",))

        await one.meets(*((looks, calls) if is_looking_first else (calls, looks)))

        assert 1 == len((await steps.other.expire(late + 1)).calls)


async def begins_and_ends(node: RedisStore, key: str, session: str, member: str) -> object:
    """Find the session by a key, so that it stands, and leave it."""
    await node.held_by(key)
    return await node.leave_seat(session, member)


async def test_a_session_that_ends_meets_who_makes_it_stand_at_any_point(
    steps: Steps, clock: Clock, made: Maker
) -> None:
    """It does not come back, and nobody is drawn into it."""
    async for one in steps.rounds():
        call, session = await proposed_with(steps.other, clock, made, None)
        patient, doctor = session.seats

        started, ended = await one.meets(
            does(RedisStore.accept, call.id, call.ticket, session),
            does(begins_and_ends, patient.key, session.id, doctor.member),
        )
        if ended is None:
            await steps.other.leave_seat(session.id, doctor.member)

        assert started is not None
        assert None is await steps.other.session(session.id)
        assert None is await steps.other.held_by(patient.key)
        assert None is await steps.other.held_by(doctor.key)
        assert [] == await steps.other.held()


async def test_two_patients_with_one_link_meet_at_any_point(
    steps: Steps, clock: Clock, made: Maker
) -> None:
    """It starts one session, whoever is first, and never none."""
    async for one in steps.rounds():
        spend = Spend(made.id(), 1, clock.now + LIFE_S)
        first, session = await proposed_with(steps.other, clock, made, spend)
        second, other = await proposed_with(steps.other, clock, made, spend)

        both = await one.meets(
            does(RedisStore.accept, first.id, first.ticket, session),
            does(RedisStore.accept, second.id, second.ticket, other),
        )

        assert 1 == sum(each is not None for each in both)
        assert 1 == len(await of(steps, Session)) == await steps.other.spent(spend)


async def test_members_of_a_lost_session_meet_at_any_point(
    steps: Steps, clock: Clock, made: Maker
) -> None:
    """Both are in it, and found."""
    async for one in steps.rounds():
        lost, until = made.session(), clock.now + LIFE_S

        await one.meets(
            does(RedisStore.rejoin, lost.id, 1, lost.seats[0], 4, until),
            does(RedisStore.rejoin, lost.id, 1, lost.seats[1], 4, until),
        )

        held = await steps.other.session(lost.id)
        assert held is not None and {*lost.seats} == {*held.seats}
        for seat in lost.seats:
            assert held == await steps.other.held_by(seat.key)


async def test_an_older_pass_meets_a_newer_at_any_point(
    steps: Steps, clock: Clock, made: Maker
) -> None:
    """Whoever was shown out has no seat, and is found by nobody."""
    async for one in steps.rounds():
        lost, until = made.session(), clock.now + LIFE_S
        older, (_, newer) = made.seat("guest"), lost.seats

        await one.meets(
            does(RedisStore.rejoin, lost.id, 1, older, 4, until),
            does(RedisStore.rejoin, lost.id, 2, newer, 4, until),
        )

        held = await steps.other.session(lost.id)
        assert held is not None and (newer,) == held.seats
        assert held == await steps.other.held_by(newer.key)
        assert None is await steps.other.held_by(older.key)


async def test_who_takes_a_seat_meets_the_end_of_the_session_at_any_point(
    steps: Steps, clock: Clock, made: Maker
) -> None:
    """He came before it, and it goes on; or after, and he is nowhere."""
    async for one in steps.rounds():
        session = await accepted(steps.other, clock, made)
        await steps.other.invite(session.id, "i", clock.now + 9, 4)
        seat = made.seat()

        taken, left = await one.meets(
            does(RedisStore.take_seat, session.id, "i", seat, 4, clock.now),
            does(RedisStore.leave_seat, session.id, session.seats[0].member),
        )

        held = await steps.other.session(session.id)
        assert left is not None
        assert (taken is None) == (held is None)
        assert held == await steps.other.held_by(seat.key)
        assert held == await steps.other.held_by(session.seats[1].key)


@pytest.mark.parametrize("is_going_first", [True, False])
async def test_a_doctor_who_goes_meets_himself_coming_at_any_point(
    steps: Steps, clock: Clock, made: Maker, is_going_first: bool
) -> None:
    """Two windows: whichever was last, the queue and the doctor's record say the same."""
    async for one in steps.rounds():
        doctor = made.doctor()
        await steps.other.go_on_duty(doctor)

        goes, comes = (
            does(RedisStore.go_off_duty, doctor.key),
            does(RedisStore.go_on_duty, doctor),
        )
        await one.meets(*((goes, comes) if is_going_first else (comes, goes)))

        held = await steps.other.doctor(doctor.key)
        assert ([held] if held else []) == await steps.other.doctors("q")
        found = (await steps.other.expire(clock.now + AWAKE_S)).doctors
        assert ([held] if held else []) == found


async def test_two_windows_on_one_way_back_meet_at_any_point(
    steps: Steps, clock: Clock, made: Maker
) -> None:
    """One takes it."""
    async for one in steps.rounds():
        way = WayBack(made.id(), made.id(), 7, clock.now + 9)
        await steps.other.open_way_back(way)

        both = await one.meets(
            does(RedisStore.take_way_back, way.key, clock.now),
            does(RedisStore.take_way_back, way.key, clock.now, way.member),
        )

        assert [way] == [each for each in both if each is not None]


# Figures


async def test_a_tally_has_one_birth_wherever_another_node_comes_first(
    steps: Steps, clock: Clock
) -> None:
    """And both events are in it, each once."""
    async for one in steps.rounds():
        mine, other = await one.meets(
            does(RedisStore.tally, "a", 100, 1, clock.now + LIFE_S),
            does(RedisStore.tally, "a", 200, 1, clock.now + LIFE_S),
        )

        assert {1, 2} == {cast(int, said) % 100 for said in (mine, other)}
        assert 2 == await steps.other.tally("a", 0, 0, clock.now) % 100


async def test_a_tally_of_a_node_that_dies_is_gone_in_time(steps: Steps, clock: Clock) -> None:
    """Wherever it dies: it is there or not, and ends."""
    async for one in steps.rounds():
        await one.dies_while(does(RedisStore.tally, "a", 100, 1, clock.now + LIFE_S))

        assert [101] == [cast(Tally, held).value for held in await of(steps, Tally)] or not (
            await of(steps, Tally)
        )
        await nothing_stays(steps, clock)
