"""The store in one process's memory.

Pure: no clock, no dice, no I/O. Atomic because no method awaits anything. Ids and the
epoch come from outside.
"""

from bisect import bisect_left, insort
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Literal

from . import policy, transitions
from .post import LocalPost
from .store import (
    CallRecord,
    Doctor,
    Expired,
    Life,
    Over,
    Seat,
    Session,
    Spend,
    Spent,
    Tally,
    Ticket,
    WayBack,
)


class MemoryStore(LocalPost):
    """`store.Store`, kept in dictionaries.

    Args:
        life: its epoch, and from when on calls are allowed.
    """

    def __init__(self, life: Life) -> None:
        super().__init__()
        self._life = life
        self._tickets: dict[str, Ticket] = {}
        # Queue -> (arrival, ticket), sorted: a claim reads from the head.
        self._queues: dict[str, list[tuple[int, str]]] = {}
        self._doctors: dict[str, Doctor] = {}
        self._calls: dict[str, CallRecord] = {}
        self._sessions: dict[str, Session] = {}
        self._ways_back: dict[str, WayBack] = {}
        self._spent: dict[str, Spent] = {}
        self._over: dict[str, Over] = {}
        self._tallies: dict[str, Tally] = {}
        # What a key, or a doctor calling, has here: found again without a search.
        self._ticket_of: dict[str, str] = {}
        self._session_of: dict[str, str] = {}
        self._call_by: dict[str, str] = {}
        self._last_arrival = 0

    async def life(self, *, is_fresh: bool = False) -> Life:
        return self._life

    async def mark_over(self, marks: Sequence[Over]) -> None:
        self._over |= {mark.id: mark for mark in marks}

    # Tickets

    async def take_ticket(
        self, ticket: Ticket, most: int, now: float
    ) -> Ticket | Literal["full", "over"]:
        held = self._ticket_of.get(ticket.key)
        if held is not None:
            return self._tickets[held]
        if ticket.id in self._over:
            return "over"
        if len(self._tickets) >= most:
            return "full"
        if not ticket.arrival:
            ticket = replace(ticket, arrival=self._arrival(now))
        self._last_arrival = max(self._last_arrival, ticket.arrival)
        self._tickets[ticket.id] = ticket
        self._ticket_of[ticket.key] = ticket.id
        insort(self._queues.setdefault(ticket.queue, []), (ticket.arrival, ticket.id))
        return ticket

    async def ticket(self, ticket: str) -> Ticket | None:
        return self._tickets.get(ticket)

    async def held_by(self, key: str) -> Ticket | Session | None:
        if key in self._session_of:
            return self._sessions[self._session_of[key]]
        if key in self._ticket_of:
            return self._tickets[self._ticket_of[key]]
        return None

    async def renew_ticket(
        self, ticket: str, now: float, expires_at: float, m1: str | None
    ) -> Ticket | None:
        held = self._tickets.get(ticket)
        if held is None:
            return None
        held = replace(held, renewed=now, expires_at=expires_at, m1=m1 or held.m1)
        self._tickets[ticket] = held
        return held

    async def nod_off(self, ticket: str) -> None:
        held = self._tickets.get(ticket)
        if held is not None:
            self._tickets[ticket] = replace(held, renewed=0.0)

    async def move_ticket(
        self, ticket: str, queue: str, spend: Spend | None = None
    ) -> Ticket | None:
        held = self._tickets.get(ticket)
        if held is None or held.call is not None:
            return None
        self._unqueue(held)
        held = replace(held, queue=queue, spend=spend)
        self._tickets[ticket] = held
        insort(self._queues.setdefault(queue, []), (held.arrival, ticket))
        return held

    async def give_up(self, ticket: str) -> Ticket | None:
        held = self._tickets.pop(ticket, None)
        if held is not None:
            self._unqueue(held)
            del self._ticket_of[held.key]
            if held.call is not None:
                self._drop_call(held.call)
        return held

    async def order(self, queue: str) -> Sequence[str]:
        return [ticket for _, ticket in self._queues.get(queue, ())]

    async def waiting(self, queue: str, most: int) -> Sequence[Ticket]:
        return [self._tickets[ticket] for _, ticket in self._queues.get(queue, ())[:most]]

    # Doctors

    async def go_on_duty(self, doctor: Doctor) -> None:
        self._doctors[doctor.key] = doctor

    async def doctor(self, key: str) -> Doctor | None:
        return self._doctors.get(key)

    async def renew_doctor(self, key: str, expires_at: float) -> None:
        held = self._doctors.get(key)
        if held is not None:
            self._doctors[key] = replace(held, expires_at=expires_at)

    async def go_off_duty(self, key: str) -> Doctor | None:
        return self._doctors.pop(key, None)

    async def doctors(self, queue: str) -> Sequence[Doctor]:
        return [doctor for doctor in self._doctors.values() if queue in doctor.queues]

    # Calls

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
        if doctor in self._call_by:
            return None
        wanted = self._candidates(queues, ticket)
        candidate = policy.next_for(doctor, wanted, now, awake_s)
        if candidate is None:
            return None
        record, taken = transitions.claimed(candidate, call, doctor, deadline)
        self._calls[call] = record
        self._call_by[doctor] = call
        self._tickets[candidate.id] = taken
        return record, candidate

    async def call(self, call: str) -> CallRecord | None:
        return self._calls.get(call)

    async def call_by(self, doctor: str) -> CallRecord | None:
        return self._calls.get(self._call_by.get(doctor, ""))

    async def propose(self, call: str, doctor: str, deadline: float) -> CallRecord | None:
        held = self._calls.get(call)
        held = transitions.proposed(held, doctor, deadline) if held else None
        if held is not None:
            self._calls[call] = held
        return held

    async def reopen(self, call: str, ticket: str) -> tuple[CallRecord, str] | None:
        held, waiting = self._calls.get(call), self._tickets.get(ticket)
        both = transitions.reopened(held, waiting) if held and waiting else None
        if both is None or waiting is None or waiting.m1 is None:
            return None
        self._calls[call], self._tickets[ticket] = both
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
        held = self._drop_call(call)
        if held is None:
            return None
        ticket, is_to_tail = policy.given_back(
            self._tickets[held.ticket],
            held,
            rests_until=rests_until,
            faults_to_tail=faults_to_tail,
            declined=declined,
        )
        if is_to_tail:
            self._unqueue(ticket)
            ticket = replace(ticket, arrival=self._arrival(now))
            insort(self._queues.setdefault(ticket.queue, []), (ticket.arrival, ticket.id))
        self._tickets[ticket.id] = ticket
        return held

    async def accept(self, call: str, ticket: str, session: Session) -> CallRecord | None:
        held = self._calls.get(call)
        if held is None or not transitions.may_accept(held, ticket):
            return None
        spend = self._tickets[ticket].spend
        if spend is not None and transitions.is_used_up(spend, await self.spent(spend)):
            return None
        if spend is not None:
            self._spent[spend.mark] = transitions.paid(self._spent.get(spend.mark), spend)
        await self.give_up(ticket)
        self._keep_session(session)
        return held

    async def spent(self, spend: Spend) -> int:
        held = (self._spent.get(mark) for mark in {spend.mark, spend.former})
        return sum(spent.uses for spent in held if spent is not None)

    # Sessions

    async def session(self, session: str) -> Session | None:
        return self._sessions.get(session)

    async def renew_seat(self, session: str, member: str, expires_at: float) -> Session | None:
        held = self._sessions.get(session)
        return self._kept(transitions.seat_renewed(held, member, expires_at) if held else None)

    async def invite(
        self, session: str, invite: str, expires_at: float, most: int
    ) -> Session | None:
        held = self._sessions.get(session)
        return self._kept(transitions.invited(held, invite, expires_at, most) if held else None)

    async def uninvite(self, session: str, invite: str) -> Session | None:
        held = self._sessions.get(session)
        return self._kept(transitions.uninvited(held, invite) if held else None)

    async def take_seat(
        self, session: str, invite: str, seat: Seat, most: int, now: float
    ) -> Session | None:
        held = self._sessions.get(session)
        return self._kept(transitions.seated(held, invite, seat, most, now) if held else None)

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
        held = self._sessions.get(session)
        after = transitions.rejoined(
            held, session, generation, seat, most, lonely_until, is_probe=is_probe
        )
        if after is None or seat.member in self._over:
            return None
        if held is not None:
            self._drop_session(held)
        return self._kept(after)

    async def leave_seat(self, session: str, member: str) -> Session | None:
        held = self._sessions.get(session)
        after = transitions.unseated(held, member) if held else None
        if held is None or after is None:
            return None
        self._drop_session(held)
        return self._kept(after) if len(after.seats) > 1 else after

    async def open_way_back(self, way: WayBack) -> None:
        self._ways_back[way.key] = way

    async def way_back(self, key: str) -> WayBack | None:
        return self._ways_back.get(key)

    async def take_way_back(
        self, key: str, now: float, member: str | None = None
    ) -> WayBack | None:
        way = self._ways_back.get(key)
        if way is None or member not in (None, way.member):
            return None
        del self._ways_back[key]
        return way if way.expires_at > now else None

    # Figures

    async def tally(self, name: str, born: int, by: int, expires_at: float) -> int:
        held = self._tallies.get(name) or Tally(name, born, expires_at)
        self._tallies[name] = replace(held, value=held.value + by)
        return held.value + by

    # Time and post

    async def expire(self, now: float) -> Expired:
        tickets = [
            ticket
            for ticket in self._tickets.values()
            if ticket.expires_at <= now and ticket.call is None
        ]
        for ticket in tickets:
            await self.give_up(ticket.id)
        doctors = [doctor for doctor in self._doctors.values() if doctor.expires_at <= now]
        for doctor in doctors:
            del self._doctors[doctor.key]
        for way in [way for way in self._ways_back.values() if way.expires_at <= now]:
            del self._ways_back[way.key]
        for spent in [spent for spent in self._spent.values() if spent.expires_at <= now]:
            del self._spent[spent.mark]
        for over in [over for over in self._over.values() if over.expires_at <= now]:
            del self._over[over.id]
        for tally in [tally for tally in self._tallies.values() if tally.expires_at <= now]:
            del self._tallies[tally.name]
        for session in list(self._sessions.values()):
            live = frozenset(item for item in session.invites if item[1] > now)
            if live != session.invites:
                self._sessions[session.id] = replace(session, invites=live)
        return Expired(
            tickets=tickets,
            calls=[call for call in self._calls.values() if call.deadline <= now],
            doctors=doctors,
            seats=[
                (session.id, seat.member)
                for session in self._sessions.values()
                for seat in session.seats
                if seat.expires_at <= now or 0 < session.lonely_until <= now
            ],
        )

    async def held(self) -> Sequence[object]:
        sessions = list(self._sessions.values())
        return [
            *self._tickets.values(),
            *self._doctors.values(),
            *self._calls.values(),
            *sessions,
            *(seat for session in sessions for seat in session.seats),
            *self._ways_back.values(),
            *self._spent.values(),
            *self._over.values(),
            *self._tallies.values(),
        ]

    # Within

    def _arrival(self, now: float) -> int:
        self._last_arrival = max(self._last_arrival + 1, int(now * 1_000_000))
        return self._last_arrival

    def _candidates(self, queues: Sequence[str], ticket: str | None) -> Iterable[Ticket]:
        if ticket is not None:
            return (held for held in [self._tickets.get(ticket)] if held is not None)
        return policy.in_order(
            *((self._tickets[id_] for _, id_ in self._queues.get(queue, ())) for queue in queues)
        )

    def _unqueue(self, ticket: Ticket) -> None:
        queue = self._queues[ticket.queue]
        del queue[bisect_left(queue, (ticket.arrival, ticket.id))]
        if not queue:
            del self._queues[ticket.queue]

    def _drop_call(self, call: str) -> CallRecord | None:
        held = self._calls.pop(call, None)
        if held is not None:
            del self._call_by[held.doctor]
        return held

    def _kept(self, session: Session | None) -> Session | None:
        return self._keep_session(session) if session is not None else None

    def _keep_session(self, session: Session) -> Session:
        self._sessions[session.id] = session
        for seat in session.seats:
            self._session_of[seat.key] = session.id
        return session

    def _drop_session(self, session: Session) -> None:
        del self._sessions[session.id]
        for seat in session.seats:
            self._session_of.pop(seat.key, None)
