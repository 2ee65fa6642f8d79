"""The store on a Redis Cluster: three masters share the keys, and nothing else changes.

The contract itself is in test_store.py.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence

import pytest

from signaling.redis_store import RedisStore
from tests.clock import Clock
from tests.dice import Dice
from tests.redis_server import RedisServer
from tests.signaling.redis_stores import a_cluster_store
from tests.signaling.test_redis_store import all_keys, everything, strangers
from tests.signaling.test_store import Maker, claims, order, waits


@pytest.fixture
async def store(
    cluster: Sequence[RedisServer], clock: Clock, dice: Dice
) -> AsyncIterator[RedisStore]:
    async with a_cluster_store(cluster, clock, dice) as cluster_store:
        yield cluster_store


@pytest.fixture
def made(clock: Clock, dice: Dice) -> Maker:
    return Maker(clock, dice)


async def test_everything_is_done_on_a_cluster(
    store: RedisStore, cluster: Sequence[RedisServer], clock: Clock, made: Maker
) -> None:
    """On whichever master a key is, it is a known one, and ends."""
    used = set[int]()

    async for _ in everything(store, clock, made):
        for server in cluster:
            assert [] == strangers(server)
            used |= {server.port} if all_keys(server) else set()

    assert {server.port for server in cluster} == used


async def test_patients_come_and_are_called_on_a_cluster(
    store: RedisStore, clock: Clock, made: Maker
) -> None:
    """In their order, each by one doctor, all at once."""
    tickets = [await waits(store, clock, made.ticket()) for _ in range(6)]

    claimed = await asyncio.gather(*(claims(store, clock, made.id(), made.id()) for _ in range(4)))

    assert {ticket.id for ticket in tickets[:4]} == {each[1].id for each in claimed if each}
    assert [ticket.id for ticket in tickets] == await order(store)
