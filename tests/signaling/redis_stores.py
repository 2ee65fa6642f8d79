"""Stores on a real redis-server, as a node has one."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from redis.asyncio import Redis, RedisCluster

from signaling.encoding import encode
from signaling.post import LocalPost
from signaling.redis_store import RedisStore
from signaling.store import Life
from tests.clock import Clock
from tests.dice import Dice
from tests.redis_server import RedisServer


def redis_store(
    client: "Redis | RedisCluster", clock: Clock, dice: Dice, life: Life | None = None
) -> RedisStore:
    """A store behind a client. Unrealistic: its post reaches this store alone."""
    which = life or Life(encode(dice(8)))

    async def living() -> Life:
        return which

    return RedisStore(client, LocalPost(), living, clock, dice)


@asynccontextmanager
async def a_redis_store(
    server: RedisServer, clock: Clock, dice: Dice, life: Life | None = None
) -> AsyncIterator[RedisStore]:
    """A store with connections of its own, as each node has."""
    async with server.client() as client:
        yield redis_store(client, clock, dice, life)
