"""Real servers: those of `deploy/redis` are accepted, and each way of keeping is refused."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, closing

import pytest

from signaling import store_address
from signaling.memory_only import FORBIDDEN, short
from signaling.redis_connection import Connection
from signaling.redis_watch import SILENT_MAX, MayKeep, Watch, check
from tests.redis_server import RedisServer, wait_until
from tests.shipped_redis import (
    cluster_url,
    sentinel_url,
    shipped_redis,
    with_cluster,
    with_replicas,
    with_sentinels,
)

# What a node needs of what Redis itself calls dangerous: to ask about it, and to be asked.
NEEDED = {"info", "config|get", "acl|dryrun"}


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[Connection]:
    """A way to a store, with little patience."""
    address = store_address.read(url)
    assert address is not None
    connection = Connection(address, answer_s=2.0)
    try:
        yield connection
    finally:
        await connection.close()


async def refused(url: str) -> str:
    """The sentence by which a store is refused."""
    async with connected(url) as connection:
        with pytest.raises(MayKeep) as error:
            await check(connection)
    return str(error.value)


async def test_the_shipped_server_is_accepted() -> None:
    """With exactly the files that an operator gets."""
    with shipped_redis() as server:
        async with connected(server.url) as connection:
            await check(connection)


async def test_a_master_and_its_replicas_are_accepted_where_all_keep_nothing() -> None:
    """Also after one was filled, which Redis counts as saving."""
    with with_replicas(2) as servers:
        async with connected(servers[0].url) as connection:
            await check(connection)


async def test_what_sentinels_say_is_the_master_is_asked() -> None:
    """By the shipped Sentinels, who let our account ask for nothing but that."""
    with with_replicas(1) as servers, with_sentinels(servers[0]) as sentinels:
        async with connected(sentinel_url(sentinels)) as connection:
            await check(connection)
            servers[1].says("CONFIG", "SET", "appendonly", "yes")
            with pytest.raises(MayKeep, match=f"replica 127.0.0.1:{servers[1].port}: .*aof"):
                await check(connection)


async def test_a_cluster_is_accepted_where_every_node_keeps_nothing() -> None:
    """All of them are asked, not those named only."""
    with with_cluster(3) as servers:
        async with connected(cluster_url(servers)) as connection:
            await check(connection)


async def test_one_node_of_a_cluster_that_keeps_is_enough_to_refuse_it() -> None:
    """It is named."""
    with with_cluster(3, "--appendonly", "yes") as servers:
        sentence = await refused(cluster_url(servers))

    assert f"master 127.0.0.1:{servers[2].port}: it writes every change to a disk" in sentence
    assert f"127.0.0.1:{servers[0].port}" not in sentence


async def test_a_replica_that_keeps_behind_a_good_master_is_refused() -> None:
    """And a replica of a replica, which the master does not know of."""
    with with_replicas(1, "--save", "3600 1") as servers:
        sentence = await refused(servers[0].url)

    assert f"replica 127.0.0.1:{servers[1].port}: it saves everything to a disk" in sentence
    assert "master" not in sentence


async def test_a_server_as_it_comes_is_refused() -> None:
    """For more than one reason, and the sentence says what to do."""
    with closing(RedisServer()) as server:
        sentence = await refused(server.url)

    assert "without a password" in sentence and "may run SAVE" in sentence
    assert "deploy/redis" in sentence


HALF_OPEN = ("users.acl", "user default off", "user default on nopass ~* &* +@all -ping")
OPEN = ("users.acl", "user default off", "user default on nopass ~* &* -@all +ping +client")
ALL = ("users.acl", "-@all +ping +time", "+@all")
NO_CONFIG = ("users.acl", "+config|get ", "")
NO_INFO = ("users.acl", "+info ", "")
NO_DRYRUN = ("users.acl", "+acl|dryrun ", "")


@pytest.mark.parametrize(
    ("options", "but", "reason"),
    [
        (("--appendonly", "yes"), (), "writes every change to a disk (aof_enabled)"),
        (("--save", "60 1"), (), "saves everything to a disk now and then"),
        (("--slowlog-max-len", "128"), (), "slow commands"),
        (("--repl-diskless-load", "disabled"), (), "by way of a disk when it becomes a replica"),
        (("--shutdown-on-sigterm", "save"), (), "when it is stopped"),
        (("--loglevel", "debug"), (), "addresses to its log"),
        ((), (OPEN,), "anybody gets in without a password"),
        ((), (HALF_OPEN,), "anybody gets in without a password"),
        ((), (ALL,), "our account may run SAVE, BGSAVE"),
        ((), (NO_CONFIG,), "does not say its configuration"),
        ((), (NO_INFO,), "does not say rdb_saves"),
        ((), (NO_DRYRUN,), "does not say what our account may do"),
    ],
)
async def test_a_server_that_could_keep_something_is_refused_for_that(
    options: Sequence[str], but: Sequence[tuple[str, str, str]], reason: str
) -> None:
    """Each one change to the shipped files, and the sentence names it."""
    with shipped_redis(*options, but=but) as server:
        assert reason in await refused(server.url)


def seconds(server: RedisServer) -> int:
    """What time it is for a server."""
    return int(server.says("TIME")[0])  # type: ignore[index] # and microseconds


async def test_a_server_that_has_saved_is_refused_even_where_it_forgot_that() -> None:
    """Its statistics can be reset; when it saved last cannot."""
    with shipped_redis() as server:
        started = seconds(server)
        wait_until(lambda: seconds(server) > started + 3)
        server.says("SAVE")
        assert "rdb_saves" in await refused(server.url)

        server.says("CONFIG", "RESETSTAT")

        assert "rdb_last_save_time" in await refused(server.url)


@pytest.mark.parametrize("url", ["redis://u:p@", "redis+sentinel://u:p@", "redis+cluster://u:p@"])
async def test_a_wrong_password_and_a_silent_store_are_said(url: str) -> None:
    """Neither password nor user is quoted."""
    with shipped_redis() as server:
        where = f"{url}127.0.0.1:{server.port}" + ("/s" if "sentinel" in url else "")
        wrong = await refused(where)
    gone = await refused(where)

    assert "refuses this user and password" in wrong or "does not answer" in wrong
    assert "does not answer" in gone


def test_everything_that_redis_calls_dangerous_is_asked_for() -> None:
    """Of the Redis that is here: a newer one's new commands are found by this test."""
    with closing(RedisServer()) as server:
        dangerous = server.says("ACL", "CAT", "dangerous")
    assert isinstance(dangerous, list)

    asked = {"|".join(words) for words in (short(command).split() for command in FORBIDDEN)}

    assert set(dangerous) - NEEDED - {"role"} <= {command.lower() for command in asked}


async def test_a_change_is_noticed_and_so_is_its_end() -> None:
    """The service stops while the store could keep something, and goes on after."""
    with shipped_redis() as server:
        async with connected(server.url) as connection:
            watch = Watch(connection)

            server.says("CONFIG", "SET", "save", "60 1")
            await watch.look()
            assert not watch.is_good and not watch.is_memory_only

            server.says("CONFIG", "SET", "save", "")
            await watch.look()
            assert watch.is_good and watch.is_memory_only


async def test_a_moment_without_an_answer_stops_nobody() -> None:
    """Several in a row do: of a server that says nothing, nothing is known. It did not keep."""
    with shipped_redis() as server:
        async with connected(server.url) as connection:
            watch = Watch(connection)
            server.kill()

            for _ in range(SILENT_MAX - 1):
                await watch.look()
            assert watch.is_good

            await watch.look()
            assert not watch.is_good and watch.is_memory_only
