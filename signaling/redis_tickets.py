"""Tickets on Redis: who waits, where, and the steps of a wait.

Pure; `redis_keys.py` is the door. A ticket and the call that holds it are one value, so each step
of a wait is one swap: there is no moment at which one of the two knows of the other and is not
known by it.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import chain
from math import inf
from typing import Literal

from . import policy
from .records import Wait, pack
from .redis_kept import DUE, INDEX_S, LAST, PAGE, PLACES, Kept, at, named, pointer
from .redis_keys import Command, Tries
from .store import Over, Spend, Ticket

# So often somebody is given the time to do what he has announced, before he is kept from it.
PATIENCE = 4

_NOBODY = Wait()


def in_line(ticket: Ticket) -> str:
    """Name what is due for a ticket. With its queue: whoever looks tidies that line."""
    return f"ticket {ticket.id} {ticket.queue}"


class RedisTickets(Kept):
    """The part of `store.Store` that is about tickets."""

    async def take_ticket(
        self, ticket: Ticket, most: int, now: float
    ) -> Ticket | Literal["full", "over"]:
        own, mine = pointer(ticket.key, "ticket"), None
        tries = self._tries()
        while True:
            await tries.again()
            # A holder has one pointer, so that he keeps one ticket: it is set first.
            (aimed,) = await self._redis.get(own)
            if aimed is not None and aimed != mine:
                raw, wait = await self._wait(named(aimed)[0])
                if wait.ticket is not None and wait.ticket.key == ticket.key:
                    await self._index(wait.ticket)
                    return wait.ticket
                if wait.start is not None:
                    await self._finish(named(aimed)[0], raw, wait)
                    continue
                if not await self._is_free(named(aimed)[0], raw, wait, tries):
                    continue
            # Read before the pointer is set: whoever finds the pointer and no ticket changes
            # what is read here, and then the swap below fails.
            raw, wait = await self._wait(ticket.id)
            if wait.start is not None:
                await self._finish(ticket.id, raw, wait)
                continue
            if wait.ticket is not None and wait.ticket.key == ticket.key:
                # His other window was quicker, with the same pass.
                await self._point(own, aimed, f"{ticket.id} {self._nonce()}", ticket.expires_at)
                return wait.ticket
            if wait.ticket is not None or await self._is_marked(ticket.id):
                return await self._refused("over", own, mine, ticket)
            if not await self._has_room(ticket, most):
                return await self._refused("full", own, mine, ticket)
            if ticket.arrival:
                await self._lift(ticket.arrival)
            taken = replace(ticket, arrival=ticket.arrival or await self._arrival(now))
            mine = await self._point(own, aimed, f"{ticket.id} {self._nonce()}", ticket.expires_at)
            # Dying here leaves a pointer to nothing: the next one who comes replaces it.
            if mine is not None and await self._swap_wait(raw, wait, Wait(taken, turn=wait.turn)):
                # Dying here leaves the ticket out of the line, until its page renews or returns.
                await self._index(taken)
                return taken

    async def ticket(self, ticket: str) -> Ticket | None:
        return (await self._wait(ticket))[1].ticket

    async def renew_ticket(
        self, ticket: str, now: float, expires_at: float, m1: str | None
    ) -> Ticket | None:
        def renewed(held: Ticket) -> Ticket:
            return replace(held, renewed=now, expires_at=expires_at, m1=m1 or held.m1)

        step = await self._turn(ticket, renewed)
        if step is None:
            return None
        # Each sign of life puts right what somebody who died may have left undone.
        await self._index(step[1])
        return step[1]

    async def nod_off(self, ticket: str) -> None:
        await self._turn(ticket, lambda held: replace(held, renewed=0.0))

    async def move_ticket(
        self, ticket: str, queue: str, spend: Spend | None = None
    ) -> Ticket | None:
        (_, wait) = await self._wait(ticket)
        if wait.ticket is None:
            return None
        # Ahead: when the ticket ends, both lines are tidied, wherever it is then.
        await self._redis.run(
            *self._due(in_line(replace(wait.ticket, queue=queue)), wait.ticket.expires_at)
        )
        step = await self._turn(
            ticket,
            lambda held: replace(held, queue=queue, spend=spend) if held.call is None else None,
        )
        if step is None:
            return None
        before, after = step
        # Dying here leaves it in the old line, where whoever reads it sees that it is not there;
        # it is in the new one once its page renews.
        if before.queue != queue:
            await self._redis.run(("ZREM", at("line", before.queue), ticket))
            await self._redis.run(("ZREM", DUE, in_line(before)))
        await self._index(after)
        return after

    async def give_up(self, ticket: str) -> Ticket | None:
        tries = self._tries()
        while True:
            await tries.again()
            raw, wait = await self._wait(ticket)
            if wait.ticket is None:
                return None
            if await self._swap(at("ticket", ticket), raw, None, 0):
                await self._tidy(wait)
                return wait.ticket

    async def order(self, queue: str) -> Sequence[str]:
        # The line alone, for thousands read it at once. Who stands there by somebody's dying is
        # taken out by whoever reads the line's head next, or when the ticket would have ended.
        (ids,) = await self._redis.run(("ZRANGE", at("line", queue), 0, -1))
        return list(ids)

    async def waiting(self, queue: str, most: int) -> Sequence[Ticket]:
        (ids,) = await self._redis.run(("ZRANGE", at("line", queue), 0, most - 1))
        found = await self._in_line(queue, ids)
        return [*policy.in_order(*([ticket] for ticket in found))]

    # Marks

    async def mark_over(self, marks: Sequence[Over]) -> None:
        for start in range(0, len(marks), PAGE):
            page = marks[start : start + PAGE]
            due = (self._due(f"over {mark.id}", mark.expires_at) for mark in page)
            await self._redis.run(*chain(*due))
            # No swap: whoever else writes a mark writes the same.
            await self._redis.run(
                *(
                    ("SET", at("over", mark.id), pack(mark), "PX", self._ms(mark.expires_at))
                    for mark in page
                )
            )

    async def _is_marked(self, id_: str) -> bool:
        return (await self._read(Over, at("over", id_)))[1] is not None

    # Steps

    async def _wait(self, ticket: str) -> tuple[str | None, Wait]:
        raw, wait = await self._read(Wait, at("ticket", ticket))
        return raw, wait or _NOBODY

    async def _turn(
        self, ticket: str, rule: Callable[[Ticket], Ticket | None]
    ) -> tuple[Ticket, Ticket] | None:
        """Change a ticket by a rule, whatever holds it; return it before and after."""
        tries = self._tries()
        while True:
            await tries.again()
            raw, wait = await self._wait(ticket)
            after = rule(wait.ticket) if wait.ticket else None
            if wait.ticket is None or after is None:
                return None
            if await self._swap_wait(raw, wait, replace(wait, ticket=after)):
                return wait.ticket, after

    async def _swap_wait(self, raw: str | None, before: Wait, after: Wait) -> bool:
        """Make a step. An end that comes sooner by it is noted ahead.

        And once more behind, in case somebody who found nothing due has put it off meanwhile.
        """
        assert after.ticket is not None
        key, ends_at = at("ticket", after.ticket.id), wait_end(after)
        due = self._due(in_line(after.ticket), ends_at) if ends_at < wait_end(before) else ()
        await self._redis.run(*due)
        is_done = await self._swap(key, raw, after, max(after.ticket.expires_at, ends_at))
        await self._redis.run(*(due if is_done else ()))
        return is_done

    async def _is_free(self, ticket: str, raw: str | None, wait: Wait, tries: Tries) -> bool:
        """Keep whoever announced a step, and has not made it, from making it any more.

        He read the ticket before he announced it: changed, it makes his swap fail. First he is
        given a moment: he may be making it just now.
        """
        if tries.made < PATIENCE:
            return False
        turned = replace(wait, turn=wait.turn + 1)
        lasts = turned.ticket.expires_at if turned.ticket else 0.0
        return await self._swap(at("ticket", ticket), raw, turned, lasts)

    async def _refused(
        self, why: Literal["full", "over"], own: str, mine: str | None, ticket: Ticket
    ) -> Literal["full", "over"]:
        if mine is not None:
            await self._redis.swap(own, mine, None, 0)
            await self._redis.run(*_forgotten(ticket))
        return why

    # Order

    async def _arrival(self, now: float) -> int:
        """Give the next arrival: after all that were given, by the clock where that is later."""
        tries = self._tries()
        async with self._redis.alone("arrival"):
            while True:
                await tries.again()
                (raw,) = await self._redis.get(LAST)
                arrival = max(int(raw or 0) + 1, int(now * 1_000_000))
                if await self._keep_last(raw, arrival):
                    return arrival

    async def _lift(self, arrival: int) -> None:
        """See to it that whoever comes now stands behind an arrival that was given before."""
        tries = self._tries()
        while True:
            await tries.again()
            (raw,) = await self._redis.get(LAST)
            if arrival <= int(raw or 0) or await self._keep_last(raw, arrival):
                return

    async def _keep_last(self, raw: str | None, arrival: int) -> bool:
        lasts = self._ms(arrival / 1_000_000, INDEX_S)
        return await self._redis.swap(LAST, raw, str(arrival), lasts)

    # Indexes

    async def _has_room(self, ticket: Ticket, most: int) -> bool:
        """Count a ticket in, ahead; what is due for it ahead of that, so that it is counted out.

        With tickets on their way in and out it may say no a place too early, never too late.
        """
        *_, is_new, _, count = await self._redis.run(
            *self._due(in_line(ticket), ticket.expires_at),
            *self._noted(PLACES, 0, ticket.id, ends_at=ticket.expires_at),
            ("ZCARD", PLACES),
        )
        if is_new and count > most:
            await self._redis.run(("ZREM", PLACES, ticket.id), ("ZREM", DUE, in_line(ticket)))
            return False
        return True

    async def _index(self, ticket: Ticket) -> None:
        """Have a ticket found by its queue, its holder, and the time when it is due."""
        lasts = self._ms(ticket.expires_at)
        await self._redis.run(
            *self._noted(
                at("line", ticket.queue), ticket.arrival, ticket.id, ends_at=ticket.expires_at
            ),
            *self._noted(PLACES, 0, ticket.id, ends_at=ticket.expires_at),
            *self._due(in_line(ticket), ticket.expires_at),
            ("PEXPIRE", pointer(ticket.key, "ticket"), lasts, "GT"),
        )

    async def _in_line(self, queue: str, ids: Sequence[str]) -> Sequence[Ticket]:
        """Read those tickets of a line that stand in it: the record says so, not the line.

        Who stands there and is not is taken out. If that is wrong by now, because he has come
        back under the same name, the next sign of life of his page puts him in again.
        """
        waits = await self._read_all(Wait, (at("ticket", id_) for id_ in ids))
        tickets = [wait.ticket if wait is not None else None for wait in waits]
        found = [one for one in tickets if one is not None and one.queue == queue]
        gone = {*ids} - {ticket.id for ticket in found}
        if gone:
            await self._redis.run(("ZREM", at("line", queue), *sorted(gone)))
        return found

    async def _tidy(self, wait: Wait) -> None:
        """Forget, of a ticket that is gone, what it was found by. All of it may be left behind."""
        indexes: list[Command] = []
        pointers: dict[str, str] = {}
        if wait.ticket is not None:
            indexes += _forgotten(wait.ticket)
            pointers[pointer(wait.ticket.key, "ticket")] = wait.ticket.id
        if wait.call is not None:
            indexes.append(("DEL", at("call", wait.call.id)))
            pointers[pointer(wait.call.doctor, "call")] = wait.call.id
        await self._redis.run(*indexes)
        await self._unpoint(pointers)

    async def _finish(self, ticket: str, raw: str | None, wait: Wait) -> None:
        """Have an accepted call become its session: `redis_calls.py`."""
        raise NotImplementedError


def wait_end(wait: Wait) -> float:
    """Say when somebody has to look at a ticket: a call that holds it ends first."""
    if wait.call is not None:
        return wait.call.deadline
    return wait.ticket.expires_at if wait.ticket is not None else inf


def _forgotten(ticket: Ticket) -> Sequence[Command]:
    return (
        ("ZREM", at("line", ticket.queue), ticket.id),
        ("ZREM", PLACES, ticket.id),
        ("ZREM", DUE, in_line(ticket)),
    )
