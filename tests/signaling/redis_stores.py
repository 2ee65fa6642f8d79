"""Stores on a real redis-server, as a node has one."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from signaling.encoding import encode
from signaling.post import LocalPost
from signaling.redis_store import RedisStore
from signaling.store import Life
from tests.clock import Clock
from tests.dice import Dice
from tests.redis_server import RedisServer


@asynccontextmanager
async def a_redis_store(
    server: RedisServer, clock: Clock, dice: Dice, life: Life | None = None
) -> AsyncIterator[RedisStore]:
    """A store with connections of its own: with another's, two nodes.

    Unrealistic: its post reaches this store alone.
    """
    which = life or Life(encode(dice(8)))

    async def living() -> Life:
        return which

    async with server.client(retry=Retry(NoBackoff(), 0)) as client:
        yield RedisStore(client, LocalPost(), living, clock, dice)
