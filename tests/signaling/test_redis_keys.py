"""The one way to Redis: a value is changed by whoever saw it last, or the store is away."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from signaling.redis_keys import AT_ONCE, TRIES_MAX, RedisKeys
from signaling.store import StoreAway, StoreBusy
from tests.dice import Dice
from tests.redis_server import RedisServer, redis_servers

LONG_MS = 60_000


@pytest.fixture
async def keys(redis_server: RedisServer, dice: Dice) -> AsyncIterator[RedisKeys]:
    async with redis_server.client() as client:
        yield RedisKeys(client, dice)


async def test_a_value_is_swapped_for_what_was_read(keys: RedisKeys) -> None:
    """From nothing, to another, and to nothing again."""
    assert await keys.swap("{a}", None, "one", LONG_MS)
    assert ["one"] == await keys.get("{a}")

    assert await keys.swap("{a}", "one", "two", LONG_MS)
    assert ["two"] == await keys.get("{a}")

    assert await keys.swap("{a}", "two", None, LONG_MS)
    assert [None] == await keys.get("{a}")


@pytest.mark.parametrize("was", [None, "one"])
async def test_a_value_that_has_changed_is_left_alone(keys: RedisKeys, was: str | None) -> None:
    """Whatever was read before, somebody else was quicker."""
    await keys.swap("{a}", None, "two", LONG_MS)

    assert not await keys.swap("{a}", was, "three", LONG_MS)

    assert ["two"] == await keys.get("{a}")


async def test_of_many_who_saw_the_same_one_changes_it(keys: RedisKeys) -> None:
    """Each of the others is told that it was not he."""
    done = await asyncio.gather(*(keys.swap("{a}", None, str(n), LONG_MS) for n in range(20)))

    assert 1 == sum(done)
    assert [str(done.index(True))] == await keys.get("{a}")


async def test_a_value_ends_by_itself(keys: RedisKeys, redis_server: RedisServer) -> None:
    """Redis keeps it for the time that it was given, at most."""
    await keys.swap("{a}", None, "one", LONG_MS)

    left = redis_server.says("PTTL", "{a}")

    assert isinstance(left, int) and 0 < left <= LONG_MS


async def test_a_server_that_has_forgotten_the_script_is_told_it(
    keys: RedisKeys, redis_server: RedisServer
) -> None:
    """It was restarted, or another has taken its place."""
    await keys.swap("{a}", None, "one", LONG_MS)
    redis_server.says("SCRIPT", "FLUSH")

    assert await keys.swap("{a}", "one", "two", LONG_MS)


async def test_commands_are_answered_in_their_order(keys: RedisKeys) -> None:
    """One answer each; none, nothing."""
    answers = await keys.run(("SET", "{a}", "x"), ("GET", "{a}"), ("DEL", "{a}"), ("GET", "{a}"))

    assert ["x", 1, None] == answers[1:]
    assert [] == await keys.run()
    assert ["x", None] == await keys_of(keys)


async def keys_of(keys: RedisKeys) -> list[str | None]:
    await keys.run(("SET", "{b}", "x"))
    return await keys.get("{b}", "{c}")


async def test_more_requests_than_connections_wait_for_their_turn(keys: RedisKeys) -> None:
    """Each is answered, and Redis sees so many at once and no more."""
    await keys.swap("{a}", None, "one", LONG_MS)

    answers = await asyncio.gather(*(keys.get("{a}") for _ in range(2 * AT_ONCE)))

    assert 2 * AT_ONCE * [["one"]] == answers


async def test_a_step_that_all_take_at_one_place_is_taken_by_one(keys: RedisKeys) -> None:
    """The others of the node wait, and need no second try."""
    inside, most = 0, 0

    async def steps() -> None:
        nonlocal inside, most
        async with keys.alone("claim"):
            inside += 1
            most = max(most, inside)
            await keys.get("{a}")
            inside -= 1

    await asyncio.gather(*(steps() for _ in range(20)))

    assert (0, 1) == (inside, most)


async def test_a_dead_server_is_away(dice: Dice) -> None:
    """Nobody sees an error of Redis's own."""
    with redis_servers(1) as (server,):
        async with server.client() as client:
            keys = RedisKeys(client, dice)
            await keys.swap("{a}", None, "one", LONG_MS)
            server.kill()

            for asked in (
                keys.get("{a}"),
                keys.get("{a}", "{b}"),
                keys.swap("{a}", None, "one", LONG_MS),
                keys.run(("GET", "{a}")),
                anext(keys.every()),
            ):
                with pytest.raises(StoreAway):
                    await asked


async def test_a_server_that_hangs_is_away(dice: Dice) -> None:
    """After the time that the client waits, and no longer; back, it answers."""
    with redis_servers(1) as (server,):
        async with server.client(socket_timeout=1.0) as client:
            keys = RedisKeys(client, dice)
            await keys.swap("{a}", None, "one", LONG_MS)
            server.pause()

            with pytest.raises(StoreAway):
                await keys.get("{a}")

            server.resume()
            assert ["one"] == await keys.get("{a}")


async def test_a_server_that_only_reads_is_away(dice: Dice) -> None:
    """A replica that was taken for its master writes nothing."""
    with redis_servers(2) as (master, replica):
        replica.says("REPLICAOF", "127.0.0.1", master.port)
        async with replica.client() as client:
            with pytest.raises(StoreAway):
                await RedisKeys(client, dice).swap("{a}", None, "one", LONG_MS)


async def test_a_value_of_another_kind_is_away(keys: RedisKeys, redis_server: RedisServer) -> None:
    """Whoever put it there, it is no store of ours."""
    redis_server.says("LPUSH", "{a}", "x")

    with pytest.raises(StoreAway):
        await keys.swap("{a}", None, "one", LONG_MS)


async def test_who_is_never_quick_enough_gives_up(keys: RedisKeys) -> None:
    """After so many tries, each a try."""
    tries, made = keys.tries(), 0

    with pytest.raises(StoreBusy):
        while True:
            await tries.again()
            made += 1

    assert TRIES_MAX == made
