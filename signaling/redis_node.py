"""What one node has of a store on Redis: the store, its time, and whether it may be used.

A door: it keeps the timers. A node that may not use its store lets nobody in and sends everybody
to other nodes: where the store could keep what it is given, at once; where it does not answer, or
other nodes cannot be heard, after `store_gone_s`, since most outages are shorter.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from .journal import Journal
from .redis_connection import Connection, stop
from .redis_life import RedisLife
from .redis_post import RedisPost
from .redis_store import RedisStore
from .redis_watch import Watch, check
from .settings import Settings
from .store import StoreAway
from .store_address import StoreAddress
from .store_clock import StoreClock

BEAT_S = 1.0
"""How often the store is asked whether it is there."""

CLOCK_EVERY_S = 10.0
"""How often its time is measured: a good clock drifts microseconds in that, a failover is one."""


@dataclass(frozen=True, slots=True)
class RedisNode:
    """The store as one node has it.

    Attributes:
        clock: the store's time; every `now` of the node.
        is_open: whether people may be let in.
        is_memory_only: whether nothing was found that could keep what it is given. A store that
            is merely away was not found to keep anything.
    """

    store: RedisStore
    clock: Callable[[], float]
    is_open: Callable[[], bool]
    is_memory_only: Callable[[], bool]


class _Care:
    """Looks after one node's store."""

    def __init__(
        self,
        settings: Settings,
        journal: Journal,
        life: RedisLife,
        post: RedisPost,
        clock: StoreClock,
        watch: Watch,
        steady: Callable[[], float],
    ) -> None:
        self._settings = settings
        self._journal = journal
        self._which_life = life
        self._post = post
        self._clock = clock
        self._watch = watch
        self._steady = steady
        self._epoch = ""
        self._well_at = steady()
        self._was_open = True

    def is_open(self) -> bool:
        """Tell whether the store may be used now, and have it counted when that changes."""
        is_here = self._steady() - self._well_at <= self._settings.store_gone_s
        is_open = is_here and self._watch.is_good
        if is_open != self._was_open:
            self._was_open = is_open
            if is_open:
                self._journal.count("store", "back")
            else:
                self._journal.count("store", "gone" if self._watch.is_good else "may-keep")
        return is_open

    async def beat(self) -> None:
        """Ask whether the store is there; look at a new one at once."""
        with suppress(StoreAway):
            epoch = (await self._which_life.life(is_fresh=True)).epoch
            if self._post.is_well:
                self._well_at = self._steady()
            if epoch != self._epoch:
                self._epoch = epoch
                await self.measure()
                await self._watch.look()

    async def measure(self) -> None:
        """Ask for the store's time."""
        with suppress(StoreAway):
            if await self._clock.measure():
                self._journal.count("store", "clock")

    async def every(self, period_s: float, act: Callable[[], Awaitable[None]]) -> None:
        """Do something again and again, until cancelled."""
        while True:
            await asyncio.sleep(period_s)
            try:
                await act()
            except Exception as error:
                self._journal.fault(error)


@asynccontextmanager
async def joined(
    address: StoreAddress,
    settings: Settings,
    journal: Journal,
    steady: Callable[[], float],
    new_bytes: Callable[[int], bytes],
) -> AsyncIterator[RedisNode]:
    """Share a store on Redis with other nodes while the block lasts.

    Args:
        steady: this machine's seconds, from anywhere, that never step.
        new_bytes: dice: that many random bytes.

    Raises:
        MayKeep: a server of the store could keep what it is given, or cannot be asked.
        StoreAway: it went away while it was asked.
    """
    connection = Connection(address, settings.store_answer_s, settings.store_ca)
    life = RedisLife(
        connection,
        settings.store_answer_s,
        lambda: clock(),
        steady,
        new_bytes,
        settings.rebuild_s,
    )
    clock = StoreClock(steady, life.time)
    post = RedisPost(connection, settings.store_answer_s, new_bytes, journal)
    watch = Watch(connection)
    try:
        await check(connection)
        await clock.measure()
        store = RedisStore(connection.client, post, life.life, clock, new_bytes)
        care = _Care(settings, journal, life, post, clock, watch, steady)
        timers = [
            (BEAT_S, care.beat),
            (CLOCK_EVERY_S, care.measure),
            (settings.store_check_s, watch.look),
        ]
        async with post.running():
            tasks = [asyncio.create_task(care.every(period, act)) for period, act in timers]
            try:
                yield RedisNode(store, clock, care.is_open, lambda: watch.is_memory_only)
            finally:
                await stop(tasks)
    finally:
        await life.close()
        await connection.close()
