"""Calls on Redis: who is called, and how a call becomes a session.

Pure; `redis_keys.py` is the door. A doctor's open call is a pointer of the doctor's key, set before
the ticket is taken; the call itself stands beside its ticket.
"""

from collections.abc import Sequence
from dataclasses import replace
from math import inf

from . import policy, transitions
from .records import Start, Wait, pack
from .redis_kept import DUE, at, named, pointer, unpacked
from .redis_keys import Tries
from .redis_links import RedisLinks
from .redis_seats import RedisSeats
from .redis_tickets import RedisTickets
from .store import CallRecord, Session, Ticket

# A queue is read from its head in pages: a claim mostly takes one of the first.
HEAD = 50
# So many of them are read once more at once, when it comes to taking one.
FEW = 10


class RedisCalls(RedisTickets, RedisSeats, RedisLinks):
    """The part of `store.Store` that is about calls, and about who is where."""

    async def held_by(self, key: str) -> Ticket | Session | None:
        own = (pointer(key, to) for to in ("session", "ticket", "call"))
        session, ticket, call = await self._redis.get(*own)
        held = await self._seated(key, session)
        if held is not None:
            return held
        waits = named(ticket)[0]
        for id_ in {waits, "".join(named(call)[1:2])} - {""}:
            raw, wait = await self._wait(id_)
            if wait.start is not None and key in (wait.start.ticket.key, wait.start.call.doctor):
                await self._finish(id_, raw, wait)
                return await self._seated(key, wait.start.session.id)
            if id_ == waits and wait.ticket is not None and wait.ticket.key == key:
                return wait.ticket
        return None

    async def claim(
        self,
        call: str,
        doctor: str,
        now: float,
        awake_s: float,
        deadline: float,
        *,
        queues: Sequence[str] = (),
        ticket: str | None = None,
    ) -> tuple[CallRecord, Ticket] | None:
        # All begin at the head of the line. One by one they go along it, and lose no tries.
        async with self._redis.alone("claim"):
            return await self._claim(call, doctor, now, awake_s, deadline, queues, ticket)

    async def call(self, call: str) -> CallRecord | None:
        return (await self._called(call))[1].call

    async def call_by(self, doctor: str) -> CallRecord | None:
        (aimed,) = await self._redis.get(pointer(doctor, "call"))
        if aimed is None:
            return None
        call, ticket, _ = named(aimed)
        raw, wait = await self._wait(ticket)
        if wait.start is not None:
            await self._finish(ticket, raw, wait)
        return wait.call if wait.call is not None and wait.call.id == call else None

    async def propose(self, call: str, doctor: str, deadline: float) -> CallRecord | None:
        tries = self._tries()
        while True:
            await tries.again()
            raw, wait = await self._called(call)
            held = transitions.proposed(wait.call, doctor, deadline) if wait.call else None
            if held is None:
                return None
            # Ahead, for they are to last as long as the call.
            lasts = self._ms(held.deadline)
            await self._redis.run(
                ("PEXPIRE", at("call", call), lasts, "GT"),
                ("PEXPIRE", pointer(doctor, "call"), lasts, "GT"),
            )
            if await self._swap_wait(raw, wait, replace(wait, call=held)):
                return held

    async def reopen(self, call: str, ticket: str) -> tuple[CallRecord, str] | None:
        tries = self._tries()
        while True:
            await tries.again()
            raw, wait = await self._wait(ticket)
            held, waiting = wait.call, wait.ticket
            is_its = held is not None and held.id == call
            both = transitions.reopened(held, waiting) if is_its and held and waiting else None
            if both is None or waiting is None or waiting.m1 is None:
                return None
            after = replace(wait, call=both[0], ticket=both[1])
            if await self._swap_wait(raw, wait, after):
                return both[0], waiting.m1

    async def end_call(
        self,
        call: str,
        now: float,
        *,
        rests_until: float = 0.0,
        faults_to_tail: int = 0,
        declined: bool = False,
    ) -> CallRecord | None:
        tries = self._tries()
        while True:
            await tries.again()
            raw, wait = await self._called(call)
            if wait.call is None or wait.ticket is None:
                return None
            ticket, is_to_tail = policy.given_back(
                wait.ticket,
                wait.call,
                rests_until=rests_until,
                faults_to_tail=faults_to_tail,
                declined=declined,
            )
            if is_to_tail:
                ticket = replace(ticket, arrival=await self._arrival(now))
            if await self._swap_wait(raw, wait, replace(wait, ticket=ticket, call=None)):
                # Dying here leaves it at its old place in the line, which nobody believes.
                await self._tidy(Wait(call=wait.call))
                if is_to_tail:
                    await self._index(ticket)
                return wait.call

    async def accept(self, call: str, ticket: str, session: Session) -> CallRecord | None:
        tries, link = self._tries(), None
        while True:
            await tries.again()
            raw, wait = await self._called(call)
            held, waiting = wait.call, wait.ticket
            if held is None or waiting is None or not transitions.may_accept(held, ticket):
                if link is not None and not await self._is_open(call, ticket):
                    await self._close(link, call, is_paid=False)
                return None
            # Ahead: whatever happens here, the next tick finds what is left to do.
            await self._redis.run(*self._due(f"start {ticket} {call}", 0.0))
            link = waiting.spend
            if link is not None and not await self._set_aside(link, call, ticket):
                return None
            # Dying here leaves a use set aside: whoever needs it finds that nobody is served.
            after = Wait(start=Start(held, waiting, session), turn=wait.turn)
            lasts = max(seat.expires_at for seat in session.seats)
            if await self._swap(at("ticket", ticket), raw, after, lasts):
                # From here on there is a session. Dying leaves it to whoever comes first: one
                # of the two (`held_by`, `call_by`, `claim`), or the next tick.
                await self._finish(ticket, pack(after), after)
                return held

    async def _claim(
        self,
        call: str,
        doctor: str,
        now: float,
        awake_s: float,
        deadline: float,
        queues: Sequence[str],
        ticket: str | None,
    ) -> tuple[CallRecord, Ticket] | None:
        own, mine = pointer(doctor, "call"), None
        ids = [ticket] if ticket else await self._line_up(doctor, now, awake_s, queues)
        tries = self._tries()
        while ids:
            await tries.again()
            (aimed,) = await self._redis.get(own)
            if aimed is not None and aimed != mine:
                match await self._calling(aimed, tries):
                    case True:
                        return None
                    case None:
                        continue
            # Read before the pointer is set, as in `take_ticket`, and for the same reason.
            first, ids = ids[:FEW], ids[FEW:]
            raw, wait, chosen = await self._first(doctor, now, awake_s, first)
            if chosen is None:
                # Others were quicker with all of these.
                if not ids and ticket is None:
                    ids = await self._line_up(doctor, now, awake_s, queues)
                continue
            ids = first[first.index(chosen.id) :] + ids
            record, taken = transitions.claimed(chosen, call, doctor, deadline)
            mine = await self._point(own, aimed, f"{call} {chosen.id} {self._nonce()}", deadline)
            if mine is None:
                continue
            # Dying from here on leaves a pointer to a call that is not there; it ends by itself.
            lasts = self._ms(deadline)
            await self._redis.run(("SET", at("call", call), chosen.id, "PX", lasts))
            if await self._swap_wait(raw, wait, replace(wait, ticket=taken, call=record)):
                return record, chosen
        if mine is not None:
            await self._redis.swap(own, mine, None, 0)
            await self._redis.run(("DEL", at("call", call)))
        return None

    # What has been begun

    async def _finish(self, ticket: str, raw: str | None, wait: Wait) -> None:
        """Have an accepted call become its session. Done twice, it is done once.

        Dying between any two lines leaves the rest to the next who does this.
        """
        start = wait.start
        if start is None:
            return
        if start.ticket.spend is not None:
            await self._close(start.ticket.spend, start.call.id, is_paid=True)
        session = start.session
        there, _ = await self._session(session.id)
        if there is None:  # and has not been: a session that is over leaves its place taken
            await self._swap_session(None, None, session)
        for seat in session.seats:
            await self._find_here(session.id, seat)
        await self._tidy(Wait(start.ticket, start.call))
        await self._redis.swap(at("ticket", ticket), raw, None, 0)
        await self._redis.run(("ZREM", DUE, f"start {ticket} {start.call.id}"))

    async def _is_open(self, call: str, ticket: str) -> bool:
        raw, wait = await self._wait(ticket)
        if wait.start is not None and wait.start.call.id == call:
            await self._finish(ticket, raw, wait)
        return wait.call is not None and wait.call.id == call

    async def _calling(self, aimed: str, tries: Tries) -> bool | None:
        """Tell whether a doctor's pointer leads to an open call; None to look again."""
        call, ticket, _ = named(aimed)
        raw, wait = await self._wait(ticket)
        if wait.call is not None and wait.call.id == call:
            return True
        if wait.start is not None and wait.start.call.id == call:
            await self._finish(ticket, raw, wait)
            return None
        # A ticket that is gone is called by nobody any more.
        is_free = raw is None or await self._is_free(ticket, raw, wait, tries)
        return False if is_free else None

    # Reading

    async def _called(self, call: str) -> tuple[str | None, Wait]:
        """Find a call beside its ticket."""
        (ticket,) = await self._redis.get(at("call", call))
        raw, wait = await self._wait(ticket) if ticket else (None, Wait())
        is_its = wait.call is not None and wait.call.id == call
        return (raw, wait) if is_its else (None, Wait())

    async def _first(
        self, doctor: str, now: float, awake_s: float, ids: Sequence[str]
    ) -> tuple[str | None, Wait, Ticket | None]:
        """Choose the first of a few whom the doctor may call, as they are now."""
        for raw in await self._redis.get(*(at("ticket", id_) for id_ in ids)):
            wait = unpacked(Wait, raw) or Wait()
            chosen = policy.next_for(doctor, [wait.ticket] if wait.ticket else [], now, awake_s)
            if chosen is not None:
                return raw, wait, chosen
        return None, Wait(), None

    async def _line_up(
        self, doctor: str, now: float, awake_s: float, queues: Sequence[str]
    ) -> list[str]:
        """Name those whom a doctor may call, in their order, as far as the first of them.

        Each line is read in pages, no further than it must be.
        """
        starts, reached = dict.fromkeys(queues, 0), dict.fromkeys(queues, 0)
        read: dict[str, Ticket] = {}
        while starts:
            lines = list(starts)
            pages = await self._redis.run(
                *(("ZRANGE", at("line", q), starts[q], starts[q] + HEAD - 1) for q in lines)
            )
            for queue, ids in zip(lines, pages, strict=True):
                page = await self._in_line(queue, ids)
                read |= {ticket.id: ticket for ticket in page}
                reached[queue] = max((ticket.arrival for ticket in page), default=reached[queue])
                # They overlap: some may leave the line between two.
                starts[queue] += max(1, len(page) - FEW)
                if len(ids) < HEAD:
                    del starts[queue]
            # Beyond that, a line of which there is more to read may have somebody earlier.
            until = min((reached[queue] for queue in starts), default=inf)
            known = policy.in_order(*([one] for one in read.values() if one.arrival <= until))
            callable_ = [t.id for t in known if policy.may_be_called(t, doctor, now, awake_s)]
            if callable_:
                return callable_
        return []
