"""The store's contract on Redis: for nodes that share one waiting room.

Pure; `redis_keys.py` is the door. The parts are beside this file: tickets, calls, links, seats,
doctors. Here is what concerns all of them: time, and what is held.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from .messages import ServerMessage
from .post import Post
from .records import Account, BadRecord, Wait, unpack
from .redis_calls import RedisCalls
from .redis_connection import Client
from .redis_doctors import RedisDoctors
from .redis_kept import DUE, INDEX_S, PAGE, PLACES, at
from .redis_keys import Command, RedisKeys
from .redis_seats import GONE, seats_over, session_end, without_late_invites
from .redis_tickets import wait_end
from .store import (
    CallRecord,
    Deliver,
    Doctor,
    Expired,
    Life,
    Over,
    Session,
    Ticket,
    WayBack,
)

# The first word of the keys of records; other keys are found by.
RECORDS = frozenset({"ticket", "doctor", "session", "back", "link", "over"})


@dataclass(slots=True)
class _Found:
    """What one look at what is due has found, and what is to be noted of it afterwards."""

    tickets: list[Ticket] = field(default_factory=list)
    calls: list[CallRecord] = field(default_factory=list)
    doctors: list[Doctor] = field(default_factory=list)
    seats: list[tuple[str, str]] = field(default_factory=list)
    notes: list[Command] = field(default_factory=list)


class WhichLife(Protocol):
    """Says which life of the store is running, as `store.Store.life` does."""

    async def __call__(self, *, is_fresh: bool = False) -> Life: ...


class RedisStore(RedisCalls, RedisDoctors):
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

    # Time

    async def expire(self, now: float) -> Expired:
        """Look at what is due, at most so much at once. Several nodes may do so together.

        A record that is over is removed by a swap: of several nodes, one is told.
        """
        (due,) = await self._redis.run(
            ("ZRANGE", DUE, "-inf", repr(now), "BYSCORE", "LIMIT", 0, PAGE)
        )
        found, seen = _Found(), [what for what in due]
        for what in seen:
            await self._look(what, now, found)
        # Last, so that dying before leaves it all due.
        await self._redis.run(*found.notes)
        await self._look_again(seen)
        return Expired(found.tickets, found.calls, found.doctors, found.seats)

    async def _look(self, what: str, now: float, found: _Found) -> None:
        kind, id_, *more = what.split(" ")
        try:
            match kind:
                case "ticket":
                    ends_at = await self._look_at_ticket(id_, more[0], now, found)
                case "start":
                    ends_at = 0.0 if await self._is_open(more[0], id_) else None
                case "doctor":
                    ends_at = await self._look_at_doctor(id_, now, found)
                case "session":
                    ends_at = await self._look_at_session(id_, now, found)
                case _:
                    ends_at = await self._look_at_mark(kind, id_, now)
        except BadRecord:
            ends_at = None
        if ends_at is None:
            found.notes.append(("ZREM", DUE, what))
        elif ends_at > now:
            found.notes.append(("ZADD", DUE, "XX", repr(ends_at), what))
            found.notes.append(("PEXPIRE", DUE, self._ms(ends_at, INDEX_S)))

    async def _look_again(self, seen: Sequence[str]) -> None:
        """Put right what was put off or dropped while somebody else gave it an earlier end.

        He notes that end before and after he writes it: so either this sees what he wrote, or he
        notes it after us.
        """
        ends = [(what, await self._due_at(what)) for what in seen]
        for what, ends_at in ends:
            if ends_at is not None:
                await self._redis.run(*self._due(what, ends_at))

    async def _due_at(self, what: str) -> float | None:
        kind, id_, *more = what.split(" ")
        (raw,) = await self._redis.get(at("ticket" if kind == "start" else kind, id_))
        if raw is None or raw == GONE:
            return None
        try:
            match kind:
                case "ticket":
                    wait = unpack(Wait, raw)
                    is_there = wait.ticket is not None and wait.ticket.queue == more[0]
                    return wait_end(wait) if is_there else None
                case "start":
                    wait = unpack(Wait, raw)
                    begun = wait.call or (wait.start and wait.start.call)
                    return 0.0 if begun and begun.id == more[0] else None
                case "doctor":
                    return unpack(Doctor, raw).expires_at
                case "session":
                    return session_end(unpack(Session, raw))
                case "back":
                    return unpack(WayBack, raw).expires_at
                case "over":
                    return unpack(Over, raw).expires_at
            return unpack(Account, raw).spent.expires_at
        except BadRecord:
            return None

    async def _look_at_ticket(
        self, ticket: str, queue: str, now: float, found: _Found
    ) -> float | None:
        """Say when a ticket is due again; None when it is not in that queue any more."""
        raw, wait = await self._wait(ticket)
        held = wait.ticket
        if held is None or held.queue != queue:
            # Left behind by somebody who died.
            found.notes.append(("ZREM", at("line", queue), ticket))
            if held is None:
                found.notes.append(("ZREM", PLACES, ticket))
            return None
        if wait.call is not None:
            if wait.call.deadline <= now:
                found.calls.append(wait.call)
            return wait.call.deadline
        if held.expires_at > now:
            return held.expires_at
        if await self._redis.swap(at("ticket", ticket), raw, None, 0):
            await self._tidy(wait)
            found.tickets.append(held)
            return None
        return now  # somebody was quicker: it has been renewed, or is gone

    async def _look_at_doctor(self, key: str, now: float, found: _Found) -> float | None:
        raw, held = await self._doctor(key)
        if held is None or held.expires_at > now:
            return held.expires_at if held else None
        if await self._drop_doctor(raw, held):
            found.doctors.append(held)
            return None
        return now

    async def _look_at_session(self, session: str, now: float, found: _Found) -> float | None:
        raw, held = await self._session(session)
        if held is None:
            return None
        live = without_late_invites(held, now)
        if live != held and not await self._swap_session(raw, held, live):
            return now
        found.seats += seats_over(live, now)
        return session_end(live)

    async def _look_at_mark(self, kind: str, id_: str, now: float) -> float | None:
        """Way back, mark or link: nobody is told when it ends."""
        (raw,) = await self._redis.get(at(kind, id_))
        ends_at = await self._due_at(f"{kind} {id_}")
        if ends_at is None or ends_at > now:
            return ends_at
        return None if await self._redis.swap(at(kind, id_), raw, None, 0) else now

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
    return [unpack(Over, raw)]
