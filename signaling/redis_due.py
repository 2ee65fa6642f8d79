"""What is over, on Redis: found by the time at which somebody has to look.

Pure; `redis_keys.py` is the door. `due` holds for each record a time at which to look, never
later than its end. Whoever renews a record does not touch it: the look finds a later end, and
notes that. So signs of life cost nothing here, and each record is looked at once a lifetime.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from .records import Account, BadRecord, Wait, unpack
from .redis_calls import RedisCalls
from .redis_doctors import RedisDoctors
from .redis_kept import DUE, INDEX_S, PAGE, PLACES, at
from .redis_keys import Command
from .redis_seats import GONE, seats_over, session_end, without_late_invites
from .redis_tickets import wait_end
from .store import CallRecord, Doctor, Expired, Over, Session, Tally, Ticket, WayBack


@dataclass(slots=True)
class _Found:
    """What one look at what is due has found, and what is to be noted of it afterwards."""

    tickets: list[Ticket] = field(default_factory=list)
    calls: list[CallRecord] = field(default_factory=list)
    doctors: list[Doctor] = field(default_factory=list)
    seats: list[tuple[str, str]] = field(default_factory=list)
    notes: list[Command] = field(default_factory=list)


class RedisDue(RedisCalls, RedisDoctors):
    """The part of `store.Store` that is about time."""

    async def expire(self, now: float) -> Expired:
        """Look at what is due, at most so much at once. Several nodes may do so together.

        A record that is over is removed by a swap: of several nodes, one is told.
        """
        (due,) = await self._redis.run(
            ("ZRANGE", DUE, "-inf", repr(now), "BYSCORE", "LIMIT", 0, PAGE)
        )
        found = _Found()
        for what, raw in zip(due, await self._values(due), strict=True):
            ends_at = due_at(what, raw)
            if ends_at is not None and raw is not None and ends_at <= now:
                ends_at = await self._end(what, raw, now, found)
            found.notes += self._put_off(what, ends_at, now)
        # Last, so that dying before leaves it all due.
        await self._redis.run(*found.notes)
        await self._look_again(due)
        return Expired(found.tickets, found.calls, found.doctors, found.seats)

    async def _values(self, due: Sequence[str]) -> Sequence[str | None]:
        return await self._redis.get(*(_key(what) for what in due))

    def _put_off(self, what: str, ends_at: float | None, now: float) -> Sequence[Command]:
        """Note when to look again; what is not there is not looked at any more."""
        if ends_at is None:
            kind, id_, *more = what.split(" ")
            drop: tuple[Command, ...] = (("ZREM", DUE, what),)
            # Left behind by somebody who died, or tidied already.
            if kind == "ticket":
                drop += (("ZREM", at("line", more[0]), id_),)
            return drop
        if ends_at <= now:
            return ()
        lasts = self._ms(ends_at, INDEX_S)
        return ("ZADD", DUE, "XX", repr(ends_at), what), ("PEXPIRE", DUE, lasts)

    async def _look_again(self, due: Sequence[str]) -> None:
        """Put right what was put off or dropped while somebody else gave it an earlier end.

        He notes that end before and after he writes it: so either this sees what he wrote, or he
        notes it after us.
        """
        notes: list[Command] = []
        for what, raw in zip(due, await self._values(due), strict=True):
            ends_at = due_at(what, raw)
            if ends_at is not None:
                notes += self._due(what, ends_at)
            elif what.startswith("ticket ") and not _has_ticket(raw):
                notes.append(("ZREM", PLACES, what.split(" ")[1]))
        await self._redis.run(*notes)

    async def _end(self, what: str, raw: str, now: float, found: _Found) -> float | None:
        """End what is over; say when to look again, None if it is gone.

        `now`, where somebody was quicker: to look once more at the next tick.
        """
        kind, id_, *more = what.split(" ")
        match kind:
            case "start":
                return 0.0 if await self._is_open(more[0], id_) else None
            case "ticket":
                return await self._end_wait(unpack(Wait, raw), raw, now, found)
            case "session":
                return await self._end_seats(unpack(Session, raw), raw, now, found)
            case "doctor":
                doctor = unpack(Doctor, raw)
                if not await self._drop_doctor(raw, doctor):
                    return now
                found.doctors.append(doctor)
                return None
        # A way back, a mark, a tally or a link: nobody is told.
        return None if await self._redis.swap(at(kind, id_), raw, None, 0) else now

    async def _end_wait(self, wait: Wait, raw: str, now: float, found: _Found) -> float | None:
        if wait.call is not None:
            found.calls.append(wait.call)
            return now
        ticket = wait.ticket
        if ticket is None or not await self._redis.swap(at("ticket", ticket.id), raw, None, 0):
            return now
        await self._tidy(wait)
        found.tickets.append(ticket)
        return None

    async def _end_seats(
        self, session: Session, raw: str, now: float, found: _Found
    ) -> float | None:
        live = without_late_invites(session, now)
        if live != session and not await self._swap_session(raw, session, live):
            return now
        found.seats += seats_over(live, now)
        return session_end(live)


def due_at(what: str, raw: str | None) -> float | None:
    """Say when somebody has to look at a record; None when it is not there any more."""
    kind, _, *more = what.split(" ")
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
            case "session":
                return session_end(unpack(Session, raw))
            case "doctor":
                return unpack(Doctor, raw).expires_at
            case "back":
                return unpack(WayBack, raw).expires_at
            case "over":
                return unpack(Over, raw).expires_at
            case "tally":
                return unpack(Tally, raw).expires_at
        return unpack(Account, raw).spent.expires_at
    except BadRecord:
        return None


def _has_ticket(raw: str | None) -> bool:
    try:
        return raw is not None and unpack(Wait, raw).ticket is not None
    except BadRecord:
        return False


def _key(what: str) -> str:
    """Name the key of what is due."""
    kind, id_, *_ = what.split(" ")
    return at("ticket" if kind == "start" else kind, id_)
