"""The one way to Redis: read values, swap one value, keep indexes.

A door, which knows no records.
Every record is one value, and every change of one is the script below: it compares what is
held with what was read, and writes only if nobody else has in between. Redis runs a script alone.
Indexes are sorted sets that a record can be found by; they may be behind, the record is the truth.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, Literal

from redis.asyncio import RedisCluster
from redis.exceptions import NoScriptError, RedisClusterException, RedisError

from .redis_connection import Client
from .store import StoreAway, StoreBusy

# KEYS[1] is to hold ARGV[1] still, and then holds ARGV[2] for ARGV[3] milliseconds; '' is nothing.
SWAP = """
if (redis.call('GET', KEYS[1]) or '') ~= ARGV[1] then return 0 end
if ARGV[2] == '' then redis.call('DEL', KEYS[1])
else redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3]) end
return 1
"""
_SWAP_SHA = hashlib.sha1(SWAP.encode(), usedforsecurity=False).hexdigest()

TRIES_MAX = 40
# Pauses grow to this. Whoever loses a swap lost it to somebody who is through by then.
PAUSE_MAX_S = 0.05
# Requests of a node at once, each on a connection of its own; a client opens a hundred at most.
AT_ONCE = 64
# Whoever has waited for so long that it was his turn is told that the store is busy.
TURN_S = 2.0

Command = tuple[str | int, ...]


class RedisKeys:
    """Values and indexes in a Redis, or a Redis Cluster.

    Args:
        client: connected; its answers are text. It is told to repeat nothing by itself: a swap
            that is repeated after a lost answer could not know its own success.
        dice: so many random bytes.
    """

    def __init__(self, client: Client, dice: Callable[[int], bytes]) -> None:
        self._client: Any = client  # the two share no type, and answer alike
        self._is_cluster = isinstance(client, RedisCluster)
        self._dice = dice
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._alone = {place: asyncio.Semaphore(1) for place in ("arrival", "claim")}

    async def get(self, *keys: str) -> list[str | None]:
        """Read values, in whatever slots they are. None where there is none."""
        if self._is_cluster and len(keys) > 1:
            return await self.run(*(("GET", key) for key in keys))
        if not keys:
            return []
        async with self._turn():
            return list(await self._client.mget(keys))

    async def swap(self, key: str, was: str | None, becomes: str | None, ms: int) -> bool:
        """Put one value in another's place, for so long; False if that is not there any more."""
        values = (was or "", becomes or "", ms)
        async with self._turn():
            try:
                return bool(await self._client.evalsha(_SWAP_SHA, 1, key, *values))
            except NoScriptError:  # the first swap after it started
                return bool(await self._client.eval(SWAP, 1, key, *values))

    async def run(self, *commands: Command) -> list[Any]:
        """Run commands of one key each, in one go, in their order where they share a slot."""
        if not commands:
            return []
        async with self._turn():
            async with self._client.pipeline(transaction=False) as pipeline:
                for command in commands:
                    pipeline.execute_command(*command)
                return list(await pipeline.execute())

    async def every(self) -> AsyncIterator[str]:
        """Name every key there is. For tests and for whoever wants to see what is held."""
        async with self._turn():
            async for key in self._client.scan_iter(count=500):
                yield str(key)

    def tries(self) -> "Tries":
        """Begin to try something that others may be quicker at."""
        return Tries(self._dice)

    def alone(self, place: Literal["arrival", "claim"]) -> AbstractAsyncContextManager[None]:
        """Keep the others of this node away from a place where all of them would collide.

        Nothing rests on it: other nodes are there too. It saves tries.
        """
        return _one_of(self._alone[place])

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        """Wait until a request may be sent; whatever keeps Redis from answering, it is away.

        Raises:
            StoreBusy: too many others wait too.
            StoreAway: it does not answer, or not as it should.
        """
        async with _one_of(self._turns):
            try:
                yield
            except (RedisError, RedisClusterException, OSError, UnicodeError) as error:
                raise StoreAway(type(error).__name__) from error


class Tries:
    """So many, with pauses that grow."""

    def __init__(self, dice: Callable[[int], bytes]) -> None:
        self._dice = dice
        self.made = 0

    async def again(self) -> None:
        """Begin another try, after a pause where one was made before.

        Raises:
            StoreBusy: it was tried too often.
        """
        if self.made >= TRIES_MAX:
            raise StoreBusy
        if self.made:
            share = int.from_bytes(self._dice(4), "big") / 2**32
            await asyncio.sleep(share * min(PAUSE_MAX_S, 0.001 * 2**self.made))
        self.made += 1


@asynccontextmanager
async def _one_of(turns: asyncio.Semaphore) -> AsyncIterator[None]:
    try:
        async with asyncio.timeout(TURN_S):
            await turns.acquire()
    except TimeoutError:
        raise StoreBusy from None
    try:
        yield
    finally:
        turns.release()
