"""What all parts of the store on Redis share: names of keys, expiries, what is due, pointers.

Pure; `redis_keys.py` is the door.

Of several writes in a row, any may be the last one if the process dies. So the order matters,
and is said at each place: what is due is noted *ahead* of the record that it is about, and
indexes and pointers that are left behind are found wrong by whoever follows them.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeVar

from .records import BadRecord, pack, skim, unpack
from .redis_keys import Command, RedisKeys, Tries

# A record outlives its end by this, so that `expire` sees it first and its people are told.
MARGIN_S = 60.0
# An index ends by itself so long after the last word of anybody, unless its members last longer.
INDEX_S = 3600.0
# Bounds the work of one `expire`, and the size of one answer.
PAGE = 500

# Every key that there is: DATA.md, "On Redis", says what each holds.
DUE, PLACES, LAST = "{due}", "{places}", "{last}"

_R = TypeVar("_R")


def at(kind: str, id_: str) -> str:
    """Name the key of a record or an index. The braces are a hash tag of a cluster."""
    return f"{{{kind}.{id_}}}"


def pointer(key: str, to: str) -> str:
    """Name where it stands what a holder's key has here: a `ticket`, a `session`, a `call`."""
    return f"{{holder.{key}}}.{to}"


def named(pointing: str | None) -> list[str]:
    """Read a pointer: its words, the first of which is what it points to."""
    return pointing.split(" ") if pointing else [""]


class Kept:
    """The parts of the store build on this.

    Args:
        keys: the way to Redis.
        clock: tells the store's time. Only for how long Redis keeps what is written.
        dice: so many random bytes.
    """

    def __init__(
        self, keys: RedisKeys, clock: Callable[[], float], dice: Callable[[int], bytes]
    ) -> None:
        self._redis = keys
        self._clock = clock
        self._dice = dice

    def _tries(self) -> Tries:
        return self._redis.tries()

    def _ms(self, ends_at: float, least_s: float = 0.0) -> int:
        """Say for how many milliseconds Redis keeps what ends then."""
        return int(1000 * (max(ends_at - self._clock(), least_s) + MARGIN_S)) + 1

    # Values

    async def _read(self, kind: type[_R], key: str) -> tuple[str | None, _R | None]:
        """Read a record, and the text that a swap has to find."""
        (raw,) = await self._redis.get(key)
        return raw, unpack(kind, raw) if raw is not None else None

    async def _read_all(self, kind: type[_R], keys: Iterable[str]) -> Sequence[_R | None]:
        """Read many, in order. What cannot be read is as good as not there."""
        found: list[_R | None] = []
        names = list(keys)
        for start in range(0, len(names), PAGE):
            for raw in await self._redis.get(*names[start : start + PAGE]):
                found.append(_skimmed(kind, raw))
        return found

    async def _swap(self, key: str, was: str | None, record: object, ends_at: float) -> bool:
        """Put a record in the place of the text that was read there; None removes it."""
        becomes = None if record is None else pack(record)
        return await self._redis.swap(key, was, becomes, self._ms(ends_at))

    # Indexes

    def _noted(
        self, index: str, score: float, member: str, *how: str, ends_at: float = 0.0
    ) -> tuple[Command, Command]:
        """Note a member in a sorted set, and that the set lasts as long."""
        ms = self._ms(ends_at, INDEX_S)
        return ("ZADD", index, *how, repr(score), member), ("PEXPIRE", index, ms)

    def _due(self, what: str, ends_at: float) -> tuple[Command, Command]:
        """Note when to look at something, unless it is looked at before anyway.

        A note may be early: whoever looks finds a later end, and notes that.
        """
        return self._noted(DUE, ends_at, what, "LT", ends_at=ends_at)

    # Pointers

    def _nonce(self) -> str:
        return self._dice(6).hex()

    async def _point(self, key: str, was: str | None, words: str, ends_at: float) -> str | None:
        """Point to something else than was read there; None if somebody else was quicker."""
        is_done = await self._redis.swap(key, was, words, self._ms(ends_at))
        return words if is_done else None

    async def _unpoint(self, pointers: Mapping[str, str]) -> None:
        """Take pointers away, each if it still points there."""
        for key, pointing in zip(pointers, await self._redis.get(*pointers), strict=True):
            if pointing is not None and named(pointing)[0] == pointers[key]:
                await self._redis.swap(key, pointing, None, 0)


def unpacked(kind: type[_R], raw: str | None) -> _R | None:
    """Read a record. What cannot be read is as good as not there."""
    try:
        return unpack(kind, raw) if raw is not None else None
    except BadRecord:
        return None


def _skimmed(kind: type[_R], raw: str | None) -> _R | None:
    try:
        return skim(kind, raw) if raw is not None else None
    except BadRecord:
        return None
