"""A store that lost anything is another one, and every node sees the same."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest

from signaling import store_address
from signaling.redis_connection import Connection
from signaling.redis_life import ADMITS_AFTER_S, CACHED_S, KEY, RedisLife
from signaling.store import Life, StoreAway
from tests.clock import Clock
from tests.dice import Dice
from tests.redis_server import RedisServer
from tests.shipped_redis import (
    cluster_url,
    sentinel_url,
    shipped_redis,
    with_cluster,
    with_replicas,
    with_sentinels,
)

ANSWER_S = 3.0
REBUILD_S = 45.0


@asynccontextmanager
async def node(url: str, clock: Clock, dice: Dice) -> AsyncIterator[RedisLife]:
    """What one node knows of its store. Its steady clock is the store's, and both stand still."""
    address = store_address.read(url)
    assert address is not None
    connection = Connection(address, ANSWER_S)
    life = RedisLife(connection, ANSWER_S, clock, clock, dice, REBUILD_S)
    try:
        yield life
    finally:
        await life.close()
        await connection.close()


async def told_by(*nodes: RedisLife) -> Sequence[Life]:
    """What nodes say at once."""
    return await asyncio.gather(*(each.life(is_fresh=True) for each in nodes))


async def test_all_nodes_see_one_life_from_its_first_moment(
    redis_server: RedisServer, clock: Clock, dice: Dice
) -> None:
    """However many look at once; who comes later does not begin it anew."""
    async with node(redis_server.url, clock, dice) as a, node(redis_server.url, clock, dice) as b:
        first = await told_by(a, b, a, b)
        clock.advance(30.0)
        later = await told_by(b, a)

    assert {first[0]} == {*first, *later}
    began = clock.now - 30.0
    assert (began + ADMITS_AFTER_S, began + REBUILD_S) == (
        first[0].admits_from,
        first[0].calls_from,
    )


async def test_a_flushed_store_is_another(
    redis_server: RedisServer, clock: Clock, dice: Dice
) -> None:
    """And it began now."""
    async with node(redis_server.url, clock, dice) as a, node(redis_server.url, clock, dice) as b:
        (before,) = await told_by(a)
        clock.advance(100.0)
        redis_server.says("FLUSHALL")
        after, same = await told_by(a, b)

    assert before.epoch != after.epoch and after == same
    assert clock.now + REBUILD_S == after.calls_from


async def test_a_server_that_was_started_again_is_another(clock: Clock, dice: Dice) -> None:
    """Even if somebody put the mark back."""
    with shipped_redis() as server:
        async with node(server.url, clock, dice) as a:
            (before,) = await told_by(a)
            mark = server.says("GET", KEY)
            server.restart()
            server.says("SET", KEY, str(mark))
            with pytest.raises(StoreAway):  # its connection died
                await told_by(a)
            (after,) = await told_by(a)

    assert before.epoch != after.epoch


async def test_a_failover_is_another_life(clock: Clock, dice: Dice) -> None:
    """The replica has the mark; but what was written last may not have reached it."""
    with with_replicas(1) as servers, with_sentinels(servers[0]) as sentinels:
        async with node(sentinel_url(sentinels), clock, dice) as a:
            (before,) = await told_by(a)
            servers[0].says("WAIT", 1, 1_000)
            servers[0].kill()
            after = await once_told(a)

    assert before.epoch != after.epoch


async def once_told(life: RedisLife) -> Life:
    """What is said once the store is there again."""
    async with asyncio.timeout(30):
        while True:
            try:
                return await life.life(is_fresh=True)
            except StoreAway:
                await asyncio.sleep(0.05)


async def test_one_server_of_a_cluster_that_was_started_again_is_another_life(
    clock: Clock, dice: Dice
) -> None:
    """Whichever it is: a part of the records is lost."""
    with with_cluster(3) as servers:
        async with node(cluster_url(servers), clock, dice) as a:
            before = await once_told(a)
            same = await once_told(a)
            for server in servers:
                server.restart()
                after = await once_told(a)
                assert after.epoch != before.epoch
                before = after

    assert same.epoch != after.epoch


async def test_it_is_asked_for_no_more_often_than_it_may_change(
    redis_server: RedisServer, clock: Clock, dice: Dice
) -> None:
    """A crowd that joins asks once; a doctor's call always asks."""
    async with node(redis_server.url, clock, dice) as a:
        before = await a.life()
        redis_server.says("FLUSHALL")

        assert await a.life() == before
        fresh = await a.life(is_fresh=True)
        redis_server.says("FLUSHALL")
        clock.advance(CACHED_S + 0.01)
        later = await a.life()

    assert len({before.epoch, fresh.epoch, later.epoch}) == 3


async def test_the_mark_ends_by_itself_and_is_renewed(
    redis_server: RedisServer, clock: Clock, dice: Dice
) -> None:
    """A Redis that nobody uses any more is empty in a week."""
    async with node(redis_server.url, clock, dice) as a:
        await a.life()
        left_s = int(str(redis_server.says("TTL", KEY)))
        redis_server.says("EXPIRE", KEY, 1000)
        clock.advance(3_601.0)
        await a.life()

        assert left_s == pytest.approx(int(str(redis_server.says("TTL", KEY))), abs=5)


@pytest.mark.parametrize("text", ["x", "{}", '{"name": 7}', "[]"])
async def test_a_mark_that_cannot_be_read_is_none(
    redis_server: RedisServer, clock: Clock, dice: Dice, text: str
) -> None:
    """It is replaced."""
    async with node(redis_server.url, clock, dice) as a:
        redis_server.says("SET", KEY, text)
        first, second = await told_by(a, a)

    assert first == second


async def test_a_store_that_is_away_has_no_life_to_tell(clock: Clock, dice: Dice) -> None:
    """Nothing is guessed."""
    with shipped_redis() as server:
        async with node(server.url, clock, dice) as a:
            await a.life()
            server.kill()

            with pytest.raises(StoreAway):
                await a.life(is_fresh=True)
            with pytest.raises(StoreAway):
                await a.time()


async def test_the_stores_time_is_asked_for(clock: Clock, dice: Dice) -> None:
    """In seconds, with their fractions."""
    with shipped_redis() as server:
        async with node(server.url, clock, dice) as a:
            first = await a.time()
            said = server.says("TIME")
            second = await a.time()

    assert isinstance(said, list | tuple)
    assert first <= int(said[0]) + int(said[1]) / 1e6 <= second
