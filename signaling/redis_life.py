"""Which life of the store is running on a Redis: its epoch, and since when.

A door: it asks the servers who they are.

A mark in the store says: these processes, and nothing lost since. It is gone when a store is empty
or was flushed; and it names the servers that have been taking the writes (`run_id`, which is new in
each process), so that a server started anew, or a replica that became the master, does not pass for
the one before: what was written last may not have reached it. Whoever sees that the mark is not
there or does not fit sets a fresh one, by a swap, so that all nodes see the same new life. The
epoch is a hash of the mark and of the servers.

It is asked for at most once in `CACHED_S`, and always anew before a doctor's call. For what a fresh
store could let through in that fraction of a second, passes of older lives wait `ADMITS_AFTER_S`.
"""

import asyncio
import hashlib
from collections.abc import Callable
from typing import Any

import redis.asyncio
from pydantic import BaseModel, ValidationError
from redis.exceptions import RedisError

from .encoding import encode
from .redis_connection import AWAY, Connection
from .redis_keys import RedisKeys
from .store import Life, StoreAway
from .store_address import Place

KEY = "{life}"
CACHED_S = 0.2
ADMITS_AFTER_S = 5.0
"""By then every node that is well has seen the new life, and said what is over."""

MARK_S = 7 * 86_400.0
"""The mark outlives every record by days. Nodes renew it."""

RENEW_AFTER_S = 3_600.0

# What is marked, who it is that says so, and what time it is there: in one step.
LOOK = """
local run = string.match(redis.call('INFO', 'server'), 'run_id:(%x+)')
return {redis.call('GET', KEYS[1]) or '', run, redis.call('TIME')}
"""


class Mark(BaseModel):
    """What the key holds.

    Attributes:
        name: random.
        servers: whose life it is: a hash of their run ids.
        began: when, in the store's time.
    """

    name: str
    servers: str
    began: float


class RedisLife:
    """Says which life of a store on Redis is running.

    Args:
        clock: the store's time.
        steady: seconds that never step; for how old an answer is.
        rebuild_s: in a new life nobody is called for so long.
    """

    def __init__(
        self,
        connection: Connection,
        answer_s: float,
        clock: Callable[[], float],
        steady: Callable[[], float],
        dice: Callable[[int], bytes],
        rebuild_s: float,
    ) -> None:
        self._connection = connection
        self._answer_s = answer_s
        self._clock = clock
        self._steady = steady
        self._dice = dice
        self._rebuild_s = rebuild_s
        self._redis = RedisKeys(connection.client, dice)
        self._masters: dict[Place, redis.asyncio.Redis] = {}
        self._life: Life | None = None
        self._seen_at = 0.0
        self._renewed_at: float | None = None

    async def life(self, *, is_fresh: bool = False) -> Life:
        """Say which life it is; `is_fresh`: as of now, and not of a moment ago.

        Raises:
            StoreAway: that cannot be found out.
        """
        began = self._steady()
        if is_fresh or self._life is None or began - self._seen_at > CACHED_S:
            try:
                async with asyncio.timeout(self._answer_s):
                    self._life = await self._look()
            except (*AWAY, RedisError) as error:
                raise StoreAway(type(error).__name__) from None
            self._seen_at = began
        return self._life

    async def time(self) -> float:
        """Ask the store what time it is.

        Raises:
            StoreAway: it does not say.
        """
        try:
            async with asyncio.timeout(self._answer_s):
                _, _, (seconds, microseconds) = await self._ask()
        except (*AWAY, RedisError) as error:
            raise StoreAway(type(error).__name__) from None
        return int(seconds) + int(microseconds) / 1_000_000

    async def close(self) -> None:
        """Close the connections that are its own."""
        for server in self._masters.values():
            await server.aclose()

    async def _ask(self) -> tuple[str, str, tuple[str, str]]:
        client: Any = self._connection.client
        text, run_id, now = await client.eval(LOOK, 1, KEY)
        return str(text), str(run_id), (now[0], now[1])

    async def _look(self) -> Life:
        while True:
            text, run_id, _ = await self._ask()
            servers = _hash(*sorted({run_id, *await self._others()}))
            mark = _read(text)
            if mark is None or mark.servers != servers:
                mark = Mark(name=encode(self._dice(8)), servers=servers, began=self._clock())
                if not await self._swap(text, mark):
                    continue  # somebody saw it first
            elif self._is_to_be_renewed():
                await self._swap(text, mark)
            return Life(
                _hash(mark.name, servers),
                began=mark.began,
                admits_from=mark.began + ADMITS_AFTER_S,
                calls_from=mark.began + self._rebuild_s,
            )

    async def _swap(self, was: str, mark: Mark) -> bool:
        becomes = mark.model_dump_json()
        is_done = await self._redis.swap(KEY, was or None, becomes, int(1000 * MARK_S))
        if is_done:
            self._renewed_at = self._steady()
        return is_done

    def _is_to_be_renewed(self) -> bool:
        renewed = self._renewed_at
        return renewed is None or self._steady() - renewed > RENEW_AFTER_S

    async def _others(self) -> list[str]:
        """Name the processes of a Cluster that take writes."""
        if not self._connection.is_cluster:
            return []
        places = await self._connection.masters()
        for gone in self._masters.keys() - set(places):
            await self._masters.pop(gone).aclose()
        for place in places:
            if place not in self._masters:
                self._masters[place] = self._connection.to(place)
        said = await asyncio.gather(*(self._masters[place].info("server") for place in places))
        return [str(info["run_id"]) for info in said]


def _read(text: str) -> Mark | None:
    try:
        return Mark.model_validate_json(text)
    except ValidationError:
        return None


def _hash(*words: str) -> str:
    return encode(hashlib.sha256("\n".join(words).encode()).digest()[:8])
