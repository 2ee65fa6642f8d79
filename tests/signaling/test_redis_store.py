"""What only a store on Redis has: keys that end, nodes side by side, and a Redis that is away."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace

import pytest

from signaling import redis_life, store_address
from signaling.redis_calls import HEAD
from signaling.redis_connection import Connection
from signaling.redis_kept import PAGE
from signaling.redis_store import RedisStore
from signaling.store import (
    CallRecord,
    Over,
    Spend,
    Store,
    StoreAway,
    WayBack,
)
from tests.clock import Clock
from tests.dice import Dice
from tests.house.documents import table
from tests.house.tree import ROOT
from tests.redis_server import RedisServer, redis_servers
from tests.shipped_redis import cluster_url, shipped_redis, with_cluster
from tests.signaling.redis_stores import a_redis_store, redis_store
from tests.signaling.test_store import (
    AWAKE_S,
    LEASE_S,
    LIFE_S,
    MANY,
    Maker,
    accepted,
    called,
    claims,
    order,
    proposed_with,
    waits,
)

NODES = 3
DATA = (ROOT / "signaling" / "DATA.md").read_text(encoding="utf-8")


@pytest.fixture
def made(clock: Clock, dice: Dice) -> Maker:
    return Maker(clock, dice)


@pytest.fixture
async def nodes(
    redis_server: RedisServer, clock: Clock, dice: Dice
) -> AsyncIterator[Sequence[RedisStore]]:
    """The stores of several nodes on one Redis, each with connections of its own."""
    async with AsyncExitStack() as running:
        yield [
            await running.enter_async_context(a_redis_store(redis_server, clock, dice))
            for _ in range(NODES)
        ]


@pytest.fixture
def store(nodes: Sequence[RedisStore]) -> RedisStore:
    return nodes[0]


# Keys


def known_keys() -> list[re.Pattern[str]]:
    """Every pattern of a key that DATA.md lists."""
    patterns = [name for row in table(DATA, "key") for name in re.findall(r"`([^`]+)`", row[0])]
    return [
        re.compile("[A-Za-z0-9_-]+".join(map(re.escape, re.split(r"<\w+>", pattern))))
        for pattern in patterns
    ]


def strangers(server: RedisServer) -> list[str]:
    """The keys that DATA.md does not list, or that have no end."""
    known = known_keys()
    return [
        key
        for key in all_keys(server)
        if not any(pattern.fullmatch(key) for pattern in known)
        or not 0 < ttl(server, key) <= 1000 * (2 * 24 * 3600 + 60)  # what a day is said to be
    ]


def ttl(server: RedisServer, key: str) -> int:
    left = server.says("PTTL", key)
    assert isinstance(left, int)
    return left


async def test_every_key_is_listed_and_ends(
    store: RedisStore, redis_server: RedisServer, clock: Clock, made: Maker
) -> None:
    """After each thing that a store can do; and whatever is listed is there at some time."""
    seen = {redis_life.KEY}  # which is no record: test_redis_life.py

    async for _ in everything(store, clock, made):
        assert [] == strangers(redis_server)
        seen |= set(all_keys(redis_server))

    assert [] == [p for p in known_keys() if not any(p.fullmatch(key) for key in seen)]


async def everything(store: Store, clock: Clock, made: Maker) -> AsyncIterator[None]:
    """Do each thing that a store can do, one after the other."""
    now, spend = clock.now, Spend(made.id(), 2, clock.now + LIFE_S)
    ticket = await waits(store, clock, replace(made.ticket(), spend=spend))
    yield
    await store.renew_ticket(ticket.id, now, now + LIFE_S, "m1")
    await store.nod_off(ticket.id)
    await store.move_ticket(ticket.id, "wide", spend)
    await store.renew_ticket(ticket.id, now, now + LIFE_S, "m1")
    yield
    doctor = made.doctor("q", "wide")
    await store.go_on_duty(doctor)
    await store.renew_doctor(doctor.key, now + AWAKE_S)
    yield
    call = made.id()
    assert await claims(store, clock, call, doctor.key, "wide")
    yield
    await store.propose(call, doctor.key, now + LEASE_S)
    await store.renew_ticket(ticket.id, now, now + LIFE_S, "m1")
    await store.reopen(call, ticket.id)
    yield
    await store.end_call(call, now, rests_until=now + 1, faults_to_tail=1, declined=True)
    await store.give_up(ticket.id)
    yield
    call_, session = await proposed_with(store, clock, made, spend)
    yield
    assert await store.accept(call_.id, call_.ticket, session)
    yield
    patient, _ = session.seats
    await store.renew_seat(session.id, patient.member, now + LIFE_S)
    await store.invite(session.id, "i", now + 9, 4)
    await store.take_seat(session.id, "i", made.seat(), 4, now)
    await store.invite(session.id, "j", now + 9, 4)
    await store.uninvite(session.id, "j")
    yield
    await store.open_way_back(WayBack(patient.member, patient.key, 1, now + 9))
    yield
    for seat in session.seats:
        await store.leave_seat(session.id, seat.member)
    await store.take_way_back(patient.key, now)
    yield
    await store.mark_over([Over(made.id(), now + 9)])
    await store.rejoin(made.id(), 1, made.seat(), 4, now + LIFE_S)
    yield
    await store.tally("noisy-waits-0-1-5", -3, 1, now + 9)
    yield
    await store.expire(now + LIFE_S)
    yield


async def test_of_what_is_over_only_the_order_is_left(
    store: RedisStore, redis_server: RedisServer, clock: Clock, made: Maker
) -> None:
    """No id and no key: of a session, for a moment, that it was."""
    session = await accepted(store, clock, made)
    _, ticket = await called(store, clock, made)
    doctor = made.doctor()
    await store.go_on_duty(doctor)

    await store.leave_seat(session.id, session.seats[0].member)
    await store.give_up(ticket.id)
    await store.go_off_duty(doctor.key)
    await store.expire(clock.now)

    left = f"{{session.{session.id}}}"
    assert {"{last}", left} == set(all_keys(redis_server))
    assert "gone" == redis_server.says("GET", left)


def all_keys(server: RedisServer) -> list[str]:
    keys = server.says("KEYS", "*")
    assert isinstance(keys, list)
    return keys


# Nodes side by side


async def test_doctors_of_several_nodes_never_call_the_same_patient(
    nodes: Sequence[RedisStore], clock: Clock, made: Maker
) -> None:
    """Nobody is called twice, and nobody is lost."""
    tickets = [await waits(nodes[0], clock, made.ticket()) for _ in range(12)]

    claimed = await asyncio.gather(
        *(claims(nodes[n % NODES], clock, made.id(), made.id()) for n in range(12))
    )

    assert {ticket.id for ticket in tickets} == {each[1].id for each in claimed if each}
    assert [ticket.id for ticket in tickets] == await order(nodes[1])


async def test_windows_of_one_holder_on_several_nodes_are_one_patient(
    nodes: Sequence[RedisStore], clock: Clock, made: Maker
) -> None:
    """Each is told the same ticket."""
    key = made.id()

    taken = await asyncio.gather(
        *(waits(nodes[n % NODES], clock, made.ticket(key=key)) for n in range(6))
    )

    assert 1 == len(set(taken))
    assert [taken[0].id] == await order(nodes[0])


async def test_windows_of_one_doctor_on_several_nodes_call_one_patient(
    nodes: Sequence[RedisStore], clock: Clock, made: Maker
) -> None:
    """However many he has open."""
    for _ in range(6):
        await waits(nodes[0], clock, made.ticket())

    claimed = await asyncio.gather(
        *(claims(nodes[n % NODES], clock, made.id(), "d" * 22) for n in range(6))
    )

    (only,) = [each[0] for each in claimed if each]
    held = await nodes[0].held()
    assert [only] == [record for record in held if isinstance(record, CallRecord)]


async def test_a_call_is_accepted_on_one_node_or_given_up_on_another(
    nodes: Sequence[RedisStore], clock: Clock, made: Maker
) -> None:
    """Never both, and never neither."""
    for _ in range(6):
        call, session = await proposed_with(nodes[0], clock, made, None)

        started, gone = await asyncio.gather(
            nodes[1].accept(call.id, call.ticket, session), nodes[2].give_up(call.ticket)
        )

        assert (started is None) != (gone is None)
        assert (await nodes[0].session(session.id) is None) == (started is None)


async def test_of_what_expires_one_node_is_told(
    nodes: Sequence[RedisStore], clock: Clock, made: Maker
) -> None:
    """Each ticket and each doctor by exactly one, calls and seats by at least one."""
    tickets = [await waits(nodes[0], clock, made.ticket()) for _ in range(10)]
    doctors = [made.doctor() for _ in range(10)]
    for doctor in doctors:
        await nodes[0].go_on_duty(doctor)
    call, _ = await called(nodes[0], clock, made)
    session = await accepted(nodes[0], clock, made)

    clock.advance(LIFE_S)
    found = await asyncio.gather(*(node.expire(clock.now) for node in nodes))

    gone = [ticket for each in found for ticket in each.tickets]
    assert sorted(t.id for t in tickets) == sorted(t.id for t in gone)
    off = [doctor for each in found for doctor in each.doctors]
    assert sorted(d.key for d in doctors) == sorted(d.key for d in off)
    assert {call} == {late for each in found for late in each.calls}
    seats = {(session.id, seat.member) for seat in session.seats}
    assert seats == {seat for each in found for seat in each.seats}


async def test_much_that_is_due_is_found_in_several_looks(
    store: RedisStore, clock: Clock, made: Maker
) -> None:
    """One look does so much at most; nothing is forgotten."""
    await store.mark_over([Over(made.id(), clock.now + 1) for _ in range(PAGE + 10)])

    await store.expire(clock.advance(1))
    assert 10 == len(await store.held())
    await store.expire(clock.now)

    assert [] == await store.held()


async def test_a_long_queue_is_read_from_its_head(
    store: RedisStore, clock: Clock, made: Maker
) -> None:
    """Several lines together; whoever is asleep in between is passed over."""
    asleep = [await waits(store, clock, made.ticket("a")) for _ in range(HEAD + 5)]
    for ticket in asleep:
        await store.nod_off(ticket.id)
    first = await waits(store, clock, made.ticket("a"))
    await waits(store, clock, made.ticket("b"))

    now = clock.now
    claimed = await store.claim(
        made.id(), made.id(), now, AWAKE_S, now + LEASE_S, queues=("b", "a")
    )

    assert claimed is not None and first.id == claimed[1].id


async def test_whoever_stands_in_line_without_a_ticket_is_taken_out(
    store: RedisStore, redis_server: RedisServer, clock: Clock, made: Maker
) -> None:
    """As a node that died leaves him: by the next who looks at the head of the line."""
    gone, there = [await waits(store, clock, made.ticket()) for _ in range(2)]
    redis_server.says("DEL", f"{{ticket.{gone.id}}}")
    assert 2 == len(await store.order("q"))

    heads = await store.waiting("q", 50)

    assert [there.id] == [ticket.id for ticket in heads] == [*await store.order("q")]


# Away


async def test_a_store_that_is_away_says_so(clock: Clock, dice: Dice, made: Maker) -> None:
    """Each method, in the same words; nobody sees an error of Redis's own."""
    with redis_servers(1) as (server,):
        async with a_redis_store(server, clock, dice) as store:
            server.kill()
            id_, now = made.id(), clock.now
            asked: Sequence[Awaitable[object]] = (
                store.mark_over([Over(id_, now)]),
                store.take_ticket(made.ticket(), MANY, now),
                store.ticket(id_),
                store.held_by(id_),
                store.renew_ticket(id_, now, now, None),
                store.nod_off(id_),
                store.move_ticket(id_, "q"),
                store.give_up(id_),
                store.order("q"),
                store.order("q"),
                store.waiting("q", 99),
                store.go_on_duty(made.doctor()),
                store.doctor(id_),
                store.renew_doctor(id_, now),
                store.go_off_duty(id_),
                store.doctors("q"),
                claims(store, clock, id_, id_),
                store.call(id_),
                store.call_by(id_),
                store.propose(id_, id_, now),
                store.reopen(id_, id_),
                store.end_call(id_, now),
                store.accept(id_, id_, made.session()),
                store.spent(Spend(id_, 1, now)),
                store.session(id_),
                store.renew_seat(id_, id_, now),
                store.invite(id_, id_, now, 4),
                store.uninvite(id_, id_),
                store.take_seat(id_, id_, made.seat(), 4, now),
                store.rejoin(id_, 1, made.seat(), 4, now),
                store.leave_seat(id_, id_),
                store.open_way_back(WayBack(id_, id_, 1, now)),
                store.take_way_back(id_, now),
                store.expire(now),
                store.held(),
            )
            for one in asked:
                with pytest.raises(StoreAway):
                    await one


async def test_a_foreign_value_breaks_nobody_elses_wait(
    store: RedisStore, redis_server: RedisServer, clock: Clock, made: Maker
) -> None:
    """Whose record is no record is not there for the queue; the others are called."""
    broken, whole = [await waits(store, clock, made.ticket()) for _ in range(2)]
    redis_server.says("SET", f"{{ticket.{broken.id}}}", "{}", "PX", 60_000)

    claimed = await claims(store, clock, made.id(), made.id())

    assert claimed is not None and whole.id == claimed[1].id
    assert [whole.id] == await order(store)
    with pytest.raises(StoreAway):
        await store.ticket(broken.id)
    assert () == tuple((await store.expire(clock.now + LEASE_S - 1)).tickets)


# As it is shipped


async def test_the_shipped_account_may_do_all_that_a_store_does(
    clock: Clock, dice: Dice, made: Maker
) -> None:
    """On one server, and on a Cluster, by the address in the settings."""
    with shipped_redis() as server, with_cluster(3) as servers:
        for url in (server.url, cluster_url(servers)):
            address = store_address.read(url)
            assert address is not None
            connection = Connection(address, 5.0)
            try:
                store = redis_store(connection.client, clock, dice)
                async for _ in everything(store, clock, made):
                    pass
            finally:
                await connection.close()
