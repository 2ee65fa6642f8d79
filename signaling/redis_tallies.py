"""Tallies, on Redis.

Pure; `redis_keys.py` is the door. One tally is one value, changed by swaps.
"""

from dataclasses import replace

from .redis_kept import Kept, at
from .store import Tally


class RedisTallies(Kept):
    """The part of `store.Store` that is about tallies."""

    async def tally(self, name: str, born: int, by: int, expires_at: float) -> int:
        tries = self._tries()
        while True:
            await tries.again()
            raw, held = await self._read(Tally, at("tally", name))
            if held is not None and not by:
                return held.value
            if held is None:  # noted ahead, so that dying in between leaves nothing behind
                held = Tally(name, born, expires_at)
                await self._redis.run(*self._due(f"tally {name}", expires_at))
            after = replace(held, value=held.value + by)
            if await self._swap(at("tally", name), raw, after, after.expires_at):
                return after.value
