"""The store's contract on Redis: for nodes that share one waiting room.

Pure; `redis_keys.py` is the door. The parts are beside this file: tickets, calls, links, seats,
doctors, tallies, and what is due. Here they are put together.
"""

from collections.abc import Callable, Sequence
from typing import Protocol

from .messages import ServerMessage
from .post import Post
from .records import Account, Wait, unpack
from .redis_connection import Client
from .redis_due import RedisDue
from .redis_keys import RedisKeys
from .redis_seats import GONE
from .redis_tallies import RedisTallies
from .store import Deliver, Doctor, Life, Over, Session, Tally, WayBack

# The first word of the keys of records; other keys are found by.
RECORDS = frozenset({"ticket", "doctor", "session", "back", "link", "over", "tally"})


class WhichLife(Protocol):
    """Says which life of the store is running, as `store.Store.life` does."""

    async def __call__(self, *, is_fresh: bool = False) -> Life: ...


class RedisStore(RedisDue, RedisTallies):
    """`store.Store`, kept in Redis.

    Every method raises `StoreAway` when Redis does not answer, or not as it should.

    Args:
        client: connected to a Redis (7.0 or later) or a Redis Cluster, as `RedisKeys` says.
        post: brings messages to whoever listens, on whichever node.
        life: says which life of the store is running.
        clock: tells the store's time, the same that `now` is everywhere. Used only for how
            long Redis keeps what is written.
        dice: so many random bytes.
    """

    def __init__(
        self,
        client: Client,
        post: Post,
        life: WhichLife,
        clock: Callable[[], float],
        dice: Callable[[int], bytes],
    ) -> None:
        super().__init__(RedisKeys(client, dice), clock, dice)
        self._post = post
        self._which_life = life

    async def life(self, *, is_fresh: bool = False) -> Life:
        return await self._which_life(is_fresh=is_fresh)

    # Post

    async def post(self, address: str, message: ServerMessage) -> bool:
        return await self._post.post(address, message)

    async def listen(self, address: str, deliver: Deliver) -> None:
        await self._post.listen(address, deliver)

    async def hush(self, address: str, deliver: Deliver) -> None:
        await self._post.hush(address, deliver)

    # What is held

    async def held(self) -> Sequence[object]:
        keys = [key async for key in self._redis.every() if kind_of(key) in RECORDS]
        records: list[object] = []
        for key, raw in zip(keys, await self._redis.get(*keys), strict=True):
            if raw is not None and raw != GONE:
                records += _records(kind_of(key), raw)
        return records


def kind_of(key: str) -> str:
    """Say what a key holds: the first word of it."""
    return key.strip("{}").partition(".")[0]


def _records(kind: str, raw: str) -> Sequence[object]:
    """Read the records in one value."""
    match kind:
        case "ticket":
            wait = unpack(Wait, raw)
            started = wait.start and wait.start.session
            return [one for one in (wait.ticket, wait.call, started) if one]
        case "session":
            session = unpack(Session, raw)
            return [session, *session.seats]
        case "link":
            spent = unpack(Account, raw).spent
            return [spent] if spent.uses else []
        case "doctor":
            return [unpack(Doctor, raw)]
        case "back":
            return [unpack(WayBack, raw)]
        case "tally":
            return [unpack(Tally, raw)]
    return [unpack(Over, raw)]
