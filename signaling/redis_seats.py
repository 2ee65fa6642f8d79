"""Sessions on Redis, their seats, and the way back to the queue.

Pure; `redis_keys.py` is the door. A session is one value. Its members find it by a pointer of their
key, which may be behind: they are in it if it says so.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from math import inf

from . import transitions
from .records import unpack
from .redis_kept import DUE, Kept, at, pointer
from .store import Over, Seat, Session, WayBack

# Stands where a session was, so that nobody who is late makes it once more.
GONE = "gone"


class RedisSeats(Kept):
    """The part of `store.Store` that is about sessions."""

    async def session(self, session: str) -> Session | None:
        return (await self._session(session))[1]

    async def renew_seat(self, session: str, member: str, expires_at: float) -> Session | None:
        held = await self._sit(
            session, lambda held: transitions.seat_renewed(held, member, expires_at)
        )
        seat = held.seat_of(member) if held else None
        if seat is not None:
            await self._find(session, seat)
        return held

    async def invite(
        self, session: str, invite: str, expires_at: float, most: int
    ) -> Session | None:
        return await self._sit(
            session, lambda held: transitions.invited(held, invite, expires_at, most)
        )

    async def uninvite(self, session: str, invite: str) -> Session | None:
        return await self._sit(session, lambda held: transitions.uninvited(held, invite))

    async def take_seat(
        self, session: str, invite: str, seat: Seat, most: int, now: float
    ) -> Session | None:
        # Ahead, if he has no other: dying behind it leaves a pointer to a session without him.
        await self._find(session, seat)
        held = await self._sit(
            session, lambda held: transitions.seated(held, invite, seat, most, now)
        )
        if held is None:
            await self._lose(session, seat.key)
        else:
            await self._find_here(session, seat)
        return held

    async def rejoin(
        self,
        session: str,
        generation: int,
        seat: Seat,
        most: int,
        lonely_until: float,
        *,
        is_probe: bool = False,
    ) -> Session | None:
        tries = self._tries()
        while True:
            await tries.again()
            raw, held = await self._session(session)
            after = transitions.rejoined(
                held, session, generation, seat, most, lonely_until, is_probe=is_probe
            )
            is_over = (await self._read(Over, at("over", seat.member)))[1] is not None
            if after is None or is_over:
                return None
            if await self._swap_session(raw, held, after):
                # Dying here leaves him without pointer, until his page renews.
                for other in held.seats if held else ():
                    if after.seat_of(other.member) is None:
                        await self._lose(session, other.key)
                await self._find_here(session, seat)
                return after

    async def leave_seat(self, session: str, member: str) -> Session | None:
        tries = self._tries()
        while True:
            await tries.again()
            raw, held = await self._session(session)
            after = transitions.unseated(held, member) if held else None
            if held is None or after is None:
                return None
            is_over = len(after.seats) < 2
            if is_over:
                is_done = await self._redis.swap(at("session", session), raw, GONE, self._ms(0.0))
            else:
                is_done = await self._swap_session(raw, held, after)
            if not is_done:
                continue
            # Dying here leaves pointers to where nobody is: they are not believed.
            for seat in held.seats:
                if is_over or seat.member == member:
                    await self._lose(session, seat.key)
            if is_over:
                await self._redis.run(("ZREM", DUE, f"session {session}"))
            return after

    # Ways back

    async def open_way_back(self, way: WayBack) -> None:
        await self._redis.run(*self._due(f"back {way.key}", way.expires_at))
        tries = self._tries()
        while True:
            await tries.again()
            raw, _ = await self._read(WayBack, at("back", way.key))
            if await self._swap(at("back", way.key), raw, way, way.expires_at):
                return

    async def way_back(self, key: str) -> WayBack | None:
        return (await self._read(WayBack, at("back", key)))[1]

    async def take_way_back(
        self, key: str, now: float, member: str | None = None
    ) -> WayBack | None:
        raw, way = await self._read(WayBack, at("back", key))
        if way is None or member not in (None, way.member):
            return None
        if not await self._redis.swap(at("back", key), raw, None, 0):
            return None
        await self._redis.run(("ZREM", DUE, f"back {key}"))
        return way if way.expires_at > now else None

    # Steps

    async def _session(self, session: str) -> tuple[str | None, Session | None]:
        (raw,) = await self._redis.get(at("session", session))
        return raw, unpack(Session, raw) if raw not in (None, GONE) else None

    async def _sit(self, session: str, rule: Callable[[Session], Session | None]) -> Session | None:
        """Change a session by a rule."""
        tries = self._tries()
        while True:
            await tries.again()
            raw, held = await self._session(session)
            after = rule(held) if held else None
            if after is None or await self._swap_session(raw, held, after):
                return after

    async def _swap_session(self, raw: str | None, before: Session | None, after: Session) -> bool:
        """Make a step, an end that comes sooner by it noted ahead, and once more behind."""
        ends_at = session_end(after)
        is_sooner = before is None or ends_at < session_end(before)
        due = self._due(f"session {after.id}", ends_at) if is_sooner else ()
        await self._redis.run(*due)
        lasts = max(seat.expires_at for seat in after.seats)
        is_done = await self._swap(at("session", after.id), raw, after, lasts)
        await self._redis.run(*(due if is_done else ()))
        return is_done

    # Pointers

    async def _seated(self, key: str, session: str | None) -> Session | None:
        """Follow a key's pointer to a session, if it has a seat there."""
        held = (await self._session(session))[1] if session else None
        return held if held and any(seat.key == key for seat in held.seats) else None

    async def _find(self, session: str, seat: Seat) -> None:
        """Have a session found by a member's key, if that points nowhere; for as long as he has."""
        key, lasts = pointer(seat.key, "session"), self._ms(seat.expires_at)
        await self._redis.run(
            ("SET", key, session, "PX", lasts, "NX"), ("PEXPIRE", key, lasts, "GT")
        )

    async def _find_here(self, session: str, seat: Seat) -> None:
        """Have a session found by a member's key, if he is in it; wherever that pointed to.

        The pointer is read before the session: whoever has sat down elsewhere since then has
        changed it, and is not drawn back.
        """
        key = pointer(seat.key, "session")
        tries = self._tries()
        while True:
            await tries.again()
            (pointing,) = await self._redis.get(key)
            if not await self._seated(seat.key, session):
                return
            lasts = self._ms(seat.expires_at)
            if await self._redis.swap(key, pointing, session, lasts):
                return

    async def _lose(self, session: str, key: str) -> None:
        """Have a session found by this key no more, unless it has a seat there."""
        (pointing,) = await self._redis.get(pointer(key, "session"))
        if pointing == session and not await self._seated(key, pointing):
            await self._redis.swap(pointer(key, "session"), pointing, None, 0)


def session_end(session: Session) -> float:
    """Say when somebody has to look at a session."""
    ends = [seat.expires_at for seat in session.seats]
    ends += [expires_at for _, expires_at in session.invites]
    return min((*ends, session.lonely_until or inf))


def seats_over(session: Session, now: float) -> Sequence[tuple[str, str]]:
    """Name the seats whose holders did not come back, or stayed alone."""
    is_lonely = 0 < session.lonely_until <= now
    return [
        (session.id, seat.member) for seat in session.seats if is_lonely or seat.expires_at <= now
    ]


def without_late_invites(session: Session, now: float) -> Session:
    """Drop the invitations that nobody came with."""
    return replace(session, invites=frozenset(item for item in session.invites if item[1] > now))
