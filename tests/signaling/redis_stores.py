"""Stores on a real redis-server, as a node has one."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

from redis.asyncio import Redis, RedisCluster
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from signaling.encoding import encode
from signaling.post import LocalPost
from signaling.redis_store import RedisStore
from signaling.store import Life
from tests.clock import Clock
from tests.dice import Dice
from tests.redis_server import HOST, RedisServer


def redis_store(
    client: "Redis | RedisCluster", clock: Clock, dice: Dice, life: Life | None = None
) -> RedisStore:
    """A store behind a client. Unrealistic: its post reaches this store alone."""
    which = life or Life(encode(dice(8)))

    async def living(*, is_fresh: bool = False) -> Life:
        return which

    return RedisStore(client, LocalPost(), living, clock, dice)


@asynccontextmanager
async def a_redis_store(
    server: RedisServer, clock: Clock, dice: Dice, life: Life | None = None
) -> AsyncIterator[RedisStore]:
    """A store with connections of its own, as each node has."""
    async with server.client() as client:
        yield redis_store(client, clock, dice, life)


@asynccontextmanager
async def a_cluster_store(
    servers: Sequence[RedisServer], clock: Clock, dice: Dice
) -> AsyncIterator[RedisStore]:
    """A store on a Redis Cluster."""
    client = RedisCluster(
        host=HOST, port=servers[0].port, decode_responses=True, retry=Retry(NoBackoff(), 0)
    )
    async with client:
        yield redis_store(client, clock, dice)


class Died(Exception):
    """Where a process would have ended."""


class Interrupted:
    """A client before whose n-th request something else happens: another node acts, or it dies.

    Unrealistic: it counts requests, so what Redis does of one is never cut in two.
    """

    def __init__(
        self,
        client: Redis,
        at: int,
        happens: Callable[[], Awaitable[object]],
        *,
        counts_reads: bool = True,
    ) -> None:
        self._counts_reads = counts_reads
        self._client = client
        self._at = at
        self._happens = happens
        self.sent = 0

    @property
    def was_reached(self) -> bool:
        return self.sent >= self._at

    async def before(self) -> None:
        self.sent += 1
        if self.sent == self._at:
            await self._happens()

    async def mget(self, keys: Sequence[str]) -> object:
        if self._counts_reads:
            await self.before()
        return await self._client.mget(keys)

    async def evalsha(self, *args: Any) -> object:
        await self.before()
        return await self._client.evalsha(*args)

    async def eval(self, *args: Any) -> object:
        return await self._client.eval(*args)

    @asynccontextmanager
    async def pipeline(self, **options: Any) -> AsyncIterator[object]:
        await self.before()
        async with self._client.pipeline(**options) as pipeline:
            yield pipeline


async def dies() -> None:
    raise Died
