"""The store in one process's memory.

Pure: no clock, no dice, no I/O. Atomic because no method awaits anything. Ids and the
epoch come from outside.
"""

from bisect import bisect_left, insort
from collections.abc import Iterator, Sequence
from dataclasses import replace
from heapq import merge

from .messages import ServerMessage
from .store import (
    M1S_MAX,
    CallRecord,
    Deliver,
    Doctor,
    Expired,
    Seat,
    Session,
    Spend,
    Spent,
    Ticket,
    WayBack,
)


class MemoryStore:
    """`store.Store`, kept in dictionaries.

    Args:
        epoch: eight random bytes, base64url.
    """

    def __init__(self, epoch: str) -> None:
        self._epoch = epoch
        self._tickets: dict[str, Ticket] = {}
        # Queue -> (arrival, ticket), sorted: a claim reads from the head.
        self._queues: dict[str, list[tuple[int, str]]] = {}
        self._doctors: dict[str, Doctor] = {}
        self._calls: dict[str, CallRecord] = {}
        self._sessions: dict[str, Session] = {}
        self._ways_back: dict[str, WayBack] = {}
        self._spent: dict[str, Spent] = {}
        # What a key, or a doctor calling, has here: found again without a search.
        self._ticket_of: dict[str, str] = {}
        self._session_of: dict[str, str] = {}
        self._call_by: dict[str, str] = {}
        self._listeners: dict[str, Deliver] = {}
        self._last_arrival = 0

    async def epoch(self) -> str:
        return self._epoch

    # Tickets

    async def take_ticket(self, ticket: Ticket, most: int, now: float) -> Ticket | None:
        held = self._ticket_of.get(ticket.key)
        if held is not None:
            return self._tickets[held]
        if len(self._tickets) >= most:
            return None
        if not ticket.arrival:
            ticket = replace(ticket, arrival=self._arrival(now))
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

    async def waiting(self, queue: str) -> Sequence[Ticket]:
        return [self._tickets[ticket] for _, ticket in self._queues.get(queue, ())]

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
        for candidate in self._candidates(queues, ticket):
            if candidate.may_be_called(doctor, now, awake_s):
                record = CallRecord(call, candidate.id, doctor, deadline)
                self._calls[call] = record
                self._call_by[doctor] = call
                self._tickets[candidate.id] = replace(candidate, call=call, m1=None)
                return record, candidate
        return None

    async def call(self, call: str) -> CallRecord | None:
        return self._calls.get(call)

    async def call_by(self, doctor: str) -> CallRecord | None:
        return self._calls.get(self._call_by.get(doctor, ""))

    async def propose(self, call: str, doctor: str, deadline: float) -> CallRecord | None:
        held = self._calls.get(call)
        if held is None or held.doctor != doctor or held.is_proposed:
            return None
        held = replace(
            held,
            is_proposed=True,
            proposals=held.proposals + 1,
            deadline=held.deadline if held.proposals else deadline,
        )
        self._calls[call] = held
        return held

    async def reopen(self, call: str, ticket: str) -> tuple[CallRecord, str] | None:
        held, waiting = self._calls.get(call), self._tickets.get(ticket)
        if held is None or waiting is None or waiting.call != call or waiting.m1 is None:
            return None
        if held.m1s >= M1S_MAX:
            return None
        held = replace(held, is_proposed=False, m1s=held.m1s + 1)
        self._calls[call] = held
        self._tickets[ticket] = replace(waiting, m1=None)
        return held, waiting.m1

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
        ticket = replace(self._tickets[held.ticket], call=None)
        if rests_until:
            ticket = replace(ticket, resting_until=rests_until)
        if faults_to_tail:
            ticket = replace(ticket, faults=ticket.faults + 1)
        if declined:
            ticket = replace(ticket, declined=ticket.declined | {held.doctor})
        if faults_to_tail and ticket.faults >= faults_to_tail:
            self._unqueue(ticket)
            ticket = replace(ticket, arrival=self._arrival(now), faults=0)
            insort(self._queues.setdefault(ticket.queue, []), (ticket.arrival, ticket.id))
        self._tickets[ticket.id] = ticket
        return held

    async def accept(self, call: str, ticket: str, session: Session) -> CallRecord | None:
        held = self._calls.get(call)
        if held is None or held.ticket != ticket or not held.is_proposed:
            return None
        spend = self._tickets[ticket].spend
        if spend is not None and await self.spent(spend) >= spend.uses:
            return None
        if spend is not None:
            self._pay(spend)
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
        if held is None or held.seat_of(member) is None:
            return None
        seats = tuple(
            replace(seat, expires_at=expires_at) if seat.member == member else seat
            for seat in held.seats
        )
        return self._keep_session(replace(held, seats=seats))

    async def invite(
        self, session: str, invite: str, expires_at: float, most: int
    ) -> Session | None:
        held = self._sessions.get(session)
        if held is None or len(held.seats) + len(held.invites) >= most:
            return None
        return self._keep_session(replace(held, invites=held.invites | {(invite, expires_at)}))

    async def uninvite(self, session: str, invite: str) -> Session | None:
        held = self._sessions.get(session)
        if held is None:
            return None
        left = frozenset(item for item in held.invites if item[0] != invite)
        return self._keep_session(replace(held, invites=left))

    async def take_seat(
        self, session: str, invite: str, seat: Seat, most: int, now: float
    ) -> Session | None:
        held = self._sessions.get(session)
        if held is None or len(held.seats) >= most:
            return None
        left = frozenset(item for item in held.invites if item[0] != invite)
        if not any(expires_at > now for _, expires_at in held.invites - left):
            return None
        return self._keep_session(replace(held, seats=(*held.seats, seat), invites=left))

    async def leave_seat(self, session: str, member: str) -> Session | None:
        held = self._sessions.get(session)
        leaver = held.seat_of(member) if held else None
        if held is None or leaver is None:
            return None
        self._drop_session(held)
        held = replace(
            held,
            generation=held.generation + 1,
            seats=tuple(seat for seat in held.seats if seat is not leaver),
        )
        return self._keep_session(held) if len(held.seats) > 1 else held

    async def open_way_back(self, way: WayBack) -> None:
        self._ways_back[way.key] = way

    async def take_way_back(
        self, key: str, now: float, member: str | None = None
    ) -> WayBack | None:
        way = self._ways_back.get(key)
        if way is None or member not in (None, way.member):
            return None
        del self._ways_back[key]
        return way if way.expires_at > now else None

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
                if seat.expires_at <= now
            ],
        )

    async def post(self, address: str, message: ServerMessage) -> bool:
        deliver = self._listeners.get(address)
        if deliver is None:
            return False
        deliver(message)
        return True

    async def listen(self, address: str, deliver: Deliver) -> None:
        self._listeners[address] = deliver

    async def hush(self, address: str, deliver: Deliver) -> None:
        if self._listeners.get(address) == deliver:
            del self._listeners[address]

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
        ]

    # Within

    def _arrival(self, now: float) -> int:
        self._last_arrival = max(self._last_arrival + 1, int(now * 1_000_000))
        return self._last_arrival

    def _pay(self, spend: Spend) -> None:
        spent = self._spent.get(spend.mark, Spent(spend.mark, 0, spend.expires_at))
        ends = max(spent.expires_at, spend.expires_at)
        self._spent[spend.mark] = replace(spent, uses=spent.uses + 1, expires_at=ends)

    def _candidates(self, queues: Sequence[str], ticket: str | None) -> Iterator[Ticket]:
        if ticket is not None:
            return (held for held in [self._tickets.get(ticket)] if held is not None)
        # Each queue is sorted by arrival; merged lazily, a claim reads no further than it must.
        arrivals = merge(*(self._queues.get(queue, ()) for queue in queues))
        return (self._tickets[id_] for _, id_ in arrivals)

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

    def _keep_session(self, session: Session) -> Session:
        self._sessions[session.id] = session
        for seat in session.seats:
            self._session_of[seat.key] = session.id
        return session

    def _drop_session(self, session: Session) -> None:
        del self._sessions[session.id]
        for seat in session.seats:
            self._session_of.pop(seat.key, None)
