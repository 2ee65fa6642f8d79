"""The rules of queue and call: decides who is told what, and speaks to a store.

Pure. The server passes `now` (seconds) and reads answers; everybody else is told through
the store's post. `conversation.py` has said that a message may come, the store whose it is.

First come, first served among awake patients. A doctor who vanishes gives the patient back
to the head. A patient who declines, is late or fails is passed over for a while, is never
offered again to a doctor he declined, and after three times goes to the tail.

Longer than a file should be: what happens to a place and to a call is read side by side.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from .addresses import of_doctor, of_queue, of_ticket
from .admission import Entrant
from .boards import Boards
from .capability import looks_personal
from .conversation import State
from .counting import Counting, NoCounts
from .encoding import encode
from .lives import Lives
from .messages import (
    Accept,
    Board,
    Call,
    Called,
    Duty,
    Ended,
    Envelope,
    Id,
    Invite,
    Join,
    Joined,
    Leave,
    Outcome,
    Propose,
    Proposed,
    Renew,
    ServerMessage,
)
from .passes import Pass, Passbook
from .people import Entered, Person, Refusal, called, joined_as, own_pass
from .probing import is_probe
from .relaying import Relaying
from .sessions import Sessions
from .settings import Settings
from .store import CallRecord, Doctor, Seat, Session, Spend, Store, Ticket, WayBack

Request = Renew | Duty | Call | Propose | Accept | Invite | Leave

_STIR = Board(doctors=0)
_COME_AGAIN = Ended(what="socket", outcome="closing")

UNTOLD_S = 10.0
"""A call ends at its deadline, and both are told within a second: after that nobody will be."""


class WaitingRoom:
    """Queues, doctors on duty and calls of one service.

    Args:
        store: where all of it is kept.
        passbook: issues and reads passes.
        settings: the numbers.
        new_bytes: dice: that many random bytes.
        relaying: makes relay passwords, and says who is together.
        counting: notes what becomes of places and calls; nothing is counted without it.
    """

    def __init__(
        self,
        store: Store,
        passbook: Passbook,
        settings: Settings,
        new_bytes: Callable[[int], bytes],
        relaying: Relaying,
        counting: Counting | None = None,
    ) -> None:
        self._store = store
        self._passbook = passbook
        self._settings = settings
        self._new_bytes = new_bytes
        self._relaying = relaying
        self._lives = Lives(store, max(settings.wait_pass_s, settings.member_pass_s))
        self._counting = counting or Counting(NoCounts())
        self._sessions = Sessions(
            store, passbook, settings, new_bytes, relaying, self._lives, self._counting
        )
        self.boards = Boards(store, settings.awake_s)

    # Entering

    async def enter(self, join: Join, entrant: Entrant, now: float) -> Entered:
        """Let somebody in by a capability or an access credential.

        The same holder finds the same ticket or seat again. With `keep_pass` a patient's ticket
        moves to the capability's queue, at its arrival; a doctor has the seat again that a lost
        store has forgotten.

        Raises:
            Refusal: `full`; `spent` for a used-up link; `not-admitted` where the queue takes
                nobody new; for `keep_pass`, also what `enter_by_pass` raises.
        """
        held = await self._store.held_by(entrant.key)
        if entrant.role == "doctor" and join.keep_pass is not None and held is None:
            seat = own_pass(self._passbook, join.keep_pass, entrant.key, now)
            held = await self._sessions.rejoin(seat, entrant.key, now)
        if isinstance(held, Session):
            if entrant.role == "doctor":
                return await self._sessions.back(held, entrant.key, now, served=entrant.queues)
            return await self._sessions.back(held, entrant.key, now, queue=entrant.queues[0])
        if entrant.role == "doctor":
            return await self._doctor_enters(entrant, now)
        way = None if held else await self._way_back(entrant.key, now)
        wanted = self._new_ticket(entrant.key, entrant.queues[0], now)
        is_new = held is None or (join.keep_pass is not None and held.queue != wanted.queue)
        if entrant.is_late and is_new and way is None:
            raise Refusal("not-admitted")
        if way is not None:  # he has paid, and lost the pass that would say so
            wanted = replace(wanted, arrival=way.arrival)
        elif held is None and await self._is_used_up(entrant.spend):
            raise Refusal("spent")
        else:
            wanted = replace(wanted, spend=entrant.spend)
        if join.keep_pass is not None:
            kept = own_pass(self._passbook, join.keep_pass, entrant.key, now)
            if kept.kind != "wait":
                raise Refusal("not-admitted")
            if isinstance(held, Ticket):
                if held.spend != entrant.spend and await self._is_used_up(entrant.spend):
                    raise Refusal("spent")
                await self._widen(held, wanted)
            elif await self._is_of_older_life(kept, now):
                wanted = replace(wanted, id=kept.id, arrival=kept.arrival)
        return await self._patient_waits(wanted, join.m1, now)

    async def enter_by_pass(
        self, join: Join, key: str, now: float, person: Person | None = None
    ) -> Entered:
        """Let somebody in by a pass; `person` is who sits there already, if anybody.

        A pass of this store's epoch whose ticket or seat is not held any more has ended.
        One of an older epoch is let in at its arrival, or has its seat again: the store was
        lost, not the place.

        Raises:
            Refusal: `not-admitted` (not ours, or not this holder's), `expired`, `ended`,
                `full`, `out-of-turn`; `rebuilding` in the first moments of a store.
        """
        pass_ = own_pass(self._passbook, join.token, key, now)
        if pass_.kind == "invite":
            served = person.queues if person is not None else ()
            entered = await self._sessions.enter_by_invitation(pass_, key, served, now)
            await self._drop_call_of(key, now, "lost")
            return entered
        held = await self._store.held_by(key)
        if held is None and pass_.kind == "member":
            held = await self._sessions.rejoin(pass_, key, now)
        if isinstance(held, Session):
            return await self._sessions.back(held, key, now, queue=pass_.queue)
        wanted = self._new_ticket(key, pass_.queue, now)
        wanted = replace(wanted, arrival=pass_.arrival, spend=pass_.spend)
        if pass_.kind == "wait":
            wanted = replace(wanted, id=pass_.id)
        if not isinstance(held, Ticket) and not await self._may_wait_again(pass_, key, now):
            raise Refusal("ended")
        return await self._patient_waits(wanted, join.m1, now)

    async def _may_wait_again(self, pass_: Pass, key: str, now: float) -> bool:
        if pass_.kind == "wait":
            return await self._is_of_older_life(pass_, now)
        way = await self._way_back(key, now)
        return way is not None and way.member == pass_.id

    async def _way_back(self, key: str, now: float) -> WayBack | None:
        way = await self._store.way_back(key)
        return way if way is not None and way.expires_at > now else None

    async def _is_of_older_life(self, pass_: Pass, now: float) -> bool:
        """Tell whether the store that gave this pass is lost, and this one takes it over.

        Raises:
            Refusal: `rebuilding` while this one may still be told what was over.
        """
        return await self._lives.is_older(pass_, now)

    def _new_ticket(self, key: str, queue: str, now: float) -> Ticket:
        return Ticket(
            id=encode(self._new_bytes(16)),
            queue=queue,
            key=key,
            arrival=0,
            renewed=now,
            expires_at=now + self._settings.wait_pass_s,
        )

    async def _patient_waits(self, wanted: Ticket, m1: str | None, now: float) -> Entered:
        # Anybody can make a doctor's link of his own: such queues never fill the whole house.
        most = self._settings.tickets_max // (2 if looks_personal(wanted.queue) else 1)
        ticket = await self._store.take_ticket(wanted, most, now)
        if ticket == "full":
            raise Refusal("full", retry_s=self._settings.cooldown_s)
        if ticket == "over":
            raise Refusal("ended")
        # Spent only now: who finds the house full may try again.
        await self._store.take_way_back(wanted.key, now)
        self._lives.is_back(wanted.key)
        if isinstance(seated := await self._store.held_by(wanted.key), Session):
            # His other window was accepted in between, on another node.
            await self._store.give_up(ticket.id)
            return await self._sessions.back(seated, wanted.key, now, queue=wanted.queue)
        person = Person("patient", ticket.key, (ticket.queue,), ticket=ticket.id)
        try:
            joined = await self._renew_ticket(person, m1, now)
        except Refusal as refusal:
            if refusal.code != "ended":
                raise
            # Lost with the store since the line above: there is a place for him in the next.
            raise Refusal("rebuilding", retry_s=1.0) from None
        await self._stir(ticket.queue)
        return Entered(person, "waiting", [joined])

    async def _doctor_enters(self, entrant: Entrant, now: float) -> Entered:
        await self._drop_call_of(entrant.key, now, "lost")
        doctor = await self._store.doctor(entrant.key)
        person = Person("doctor", entrant.key, entrant.queues)
        state: State = "on" if doctor is not None and doctor.state == "on" else "off"
        relay = self._relaying.for_("doctor", person.key, now)
        return Entered(person, state, [joined_as(person, now, relay)])

    async def _is_used_up(self, spend: Spend | None) -> bool:
        return spend is not None and await self._store.spent(spend) >= spend.uses

    async def _widen(self, ticket: Ticket, wanted: Ticket) -> None:
        if await self._store.move_ticket(ticket.id, wanted.queue, wanted.spend) is None:
            raise Refusal("out-of-turn")
        await self._stir(ticket.queue)

    # What people ask

    async def ask(self, person: Person, request: Request, now: float) -> Sequence[ServerMessage]:
        """Carry out what somebody inside asks, and return what to answer.

        Raises:
            Refusal: with a code that PROTOCOL.md lists under the message.
        """
        match request:
            case Renew():
                return await self._renew(person, request, now)
            case Duty():
                return await self._duty(person, request, now)
            case Call():
                return [await self._call(person, request, now)]
            case Propose():
                return [await self._propose(person, request, now)]
            case Accept():
                await self._accept(person, request, now)
            case Invite():
                return await self._sessions.invite(person, request, now)
            case Leave():
                return await self._leave(person, request, now)
        return []

    async def _renew(self, person: Person, renew: Renew, now: float) -> Sequence[ServerMessage]:
        """Note a sign of life, and put right what a word that never came has left wrong.

        A store that went away, or a node that died, in the middle of a step may leave people
        in a place that is not theirs any more: they are sent to come in again.
        """
        if person.is_doctor:
            await self._store.renew_doctor(person.key, now + self._settings.awake_s)
        if person.called_until is not None and now > person.called_until + UNTOLD_S:
            return [_COME_AGAIN]
        try:
            if person.session is not None:
                return [await self._sessions.renew(person, now)]
            if person.is_doctor:
                relay = self._relaying.for_("doctor", person.key, now)
                return [joined_as(person, now, relay)]
            joined = await self._renew_ticket(person, renew.m1, now)
        except Refusal as refusal:
            if refusal.code != "ended":
                raise
            return [_COME_AGAIN]
        ticket = await self._store.ticket(person.ticket or "")
        if ticket is not None and ticket.call is None and ticket.m1 is None:
            # Nobody can call him: the call that took his M1 has ended, and he was not told.
            return [joined, Ended(what="call", outcome="lost")]
        return [joined]

    async def _renew_ticket(self, person: Person, m1: str | None, now: float) -> Joined:
        expires_at = now + self._settings.wait_pass_s
        # Ahead: a pass may be of an older life than its ticket, never of a newer one.
        life = await self._store.life()
        before = await self._store.ticket(person.ticket or "")
        ticket = await self._store.renew_ticket(person.ticket or "", now, expires_at, m1)
        if ticket is None or before is None:
            raise Refusal("ended")
        if ticket.call is not None and m1 is not None:
            await self._call_anew(ticket.call, ticket.id, now)
        if not before.is_awake(now, self._settings.awake_s):
            await self._stir(ticket.queue)
        token = self._passbook.issue(
            Pass(
                kind="wait",
                role="patient",
                id=ticket.id,
                key=ticket.key,
                epoch=life.epoch,
                arrival=ticket.arrival,
                generation=0,
                expires_at=expires_at,
                queue=ticket.queue,
                spend=ticket.spend,
            )
        )
        relay = self._relaying.for_("ticket", ticket.id, now)
        return Joined(token=token, queues=(ticket.queue,), relay=relay, now=now)

    async def _duty(self, person: Person, duty: Duty, now: float) -> Sequence[ServerMessage]:
        if not set(duty.queues) <= set(person.queues):
            raise Refusal("not-admitted")
        before = await self._store.doctor(person.key)
        if duty.state != "on" and before is None:
            return [Ended(what="duty", outcome="drained")] if duty.state == "draining" else []
        queues = frozenset(duty.queues or (before.queues if before else person.queues))
        doctor = Doctor(
            key=person.key,
            queues=queues,
            state="on" if duty.state == "on" else "draining",
            expires_at=now + self._settings.awake_s,
            card=duty.card or (before.card if before else None),
        )
        await self._store.go_on_duty(doctor)
        await self._stir(*(queues | (before.queues if before else frozenset())))
        has_patient = (
            person.session is not None or await self._store.call_by(person.key) is not None
        )
        if duty.state == "on" or has_patient:
            return []
        await self._off_duty(person.key)
        return [Ended(what="duty", outcome="drained")] if duty.state == "draining" else []

    async def _off_duty(self, key: str) -> None:
        doctor = await self._store.go_off_duty(key)
        if doctor is not None:
            await self._stir(*doctor.queues)

    async def narrow(self, person: Person, queues: Sequence[str]) -> Person:
        """Let a doctor serve these queues alone from now on, his duty included."""
        doctor = await self._store.doctor(person.key)
        if doctor is not None:
            if kept := doctor.queues & frozenset(queues):
                await self._store.go_on_duty(replace(doctor, queues=kept))
                await self._stir(*doctor.queues)
            else:
                await self._off_duty(person.key)
                expired = Ended(what="duty", outcome="expired")
                await self._store.post(of_doctor(person.key), expired)
        return replace(person, queues=tuple(queues))

    async def _rest_if_draining(self, key: str) -> None:
        """Take a draining doctor off duty, the last patient being served."""
        doctor = await self._store.doctor(key)
        if doctor is not None and doctor.state == "draining":
            await self._off_duty(key)
            await self._store.post(of_doctor(key), Ended(what="duty", outcome="drained"))

    # Calling

    async def _call(self, person: Person, call: Call, now: float) -> Called:
        doctor = await self._store.doctor(person.key)
        if doctor is None or doctor.state != "on":
            raise Refusal("off-duty")
        if call.ticket and not await self._may_pick(call.ticket, doctor):
            raise Refusal("no-patient")
        if call.queue and call.queue not in doctor.queues:
            raise Refusal("off-duty")
        await self._lives.check_calls(now)
        claimed = await self._store.claim(
            encode(self._new_bytes(16)),
            person.key,
            now,
            self._settings.awake_s,
            now + self._settings.propose_within_s,
            queues=(call.queue,) if call.queue else tuple(sorted(doctor.queues)),
            ticket=call.ticket,
        )
        if claimed is None:
            raise Refusal("no-patient")
        record, ticket = claimed
        await self._stir(ticket.queue)
        return called(record, ticket.m1 or "", self._relaying.for_("call", record.id, now))

    async def _may_pick(self, ticket: Id, doctor: Doctor) -> bool:
        """Only whom he gave a link: in a pool nobody is passed over by a doctor's choice."""
        wanted = await self._store.ticket(ticket)
        return wanted is not None and wanted.queue in doctor.queues and looks_personal(wanted.queue)

    async def _propose(self, person: Person, propose: Propose, now: float) -> Proposed:
        held = await self._store.call(propose.call)
        if held is None or held.deadline <= now:
            raise Refusal("no-call")
        record = await self._store.propose(
            propose.call, person.key, now + self._settings.accept_within_s
        )
        if record is None:
            raise Refusal("no-call")
        proposed = Proposed(call=record.id, m2=propose.m2, deadline=record.deadline)
        await self._store.post(of_ticket(record.ticket), proposed)
        return proposed.model_copy(update={"m2": None})

    async def _call_anew(self, call: Id, ticket: Id, now: float) -> None:
        """Forward a fresh M1 into a running call. The deadline stays."""
        reopened = await self._store.reopen(call, ticket)
        if reopened is not None:
            said = called(*reopened, self._relaying.for_("call", call, now))
            await self._store.post(of_doctor(reopened[0].doctor), said)

    async def _accept(self, person: Person, accept: Accept, now: float) -> None:
        held = await self._store.call(accept.call)
        ticket = await self._store.ticket(person.ticket or "")
        if held is None or ticket is None or held.deadline <= now:
            raise Refusal("no-call")
        expires_at = now + self._settings.member_pass_s
        one, other, third = (encode(self._new_bytes(16)) for _ in range(3))
        # Both found relay candidates before this, each under a tag that now is the seat's.
        tag, its = self._relaying.tag("ticket", ticket.id), self._relaying.tag("call", held.id)
        patient = Seat(one, "patient", ticket.key, expires_at, tag, ticket.arrival)
        doctor = Seat(other, "doctor", held.doctor, expires_at, its)
        session = Session(third, 1, (patient, doctor), is_probe=is_probe(ticket.queue))
        life = await self._store.life()
        if await self._store.accept(accept.call, ticket.id, session) is None:
            if not await self._is_used_up(ticket.spend):
                raise Refusal("no-call")
            await self._give_up(person, now)  # the doctor need not wait for whoever cannot come
            raise Refusal("spent")
        self._relaying.bind(session)
        to_doctor = await self._sessions.told(session, doctor, now, life)
        to_patient = await self._sessions.told(session, patient, now, life, ticket.queue)
        # The patient first: the doctor's answer to his own must find the patient seated.
        await self._store.post(of_ticket(ticket.id), to_patient)
        with_m3 = to_doctor.model_copy(update={"m3": accept.m3})
        await self._store.post(of_doctor(held.doctor), with_m3)
        self._counting.accepted(ticket, now)
        await self._lives.is_over(ticket.id, ticket.expires_at, now)
        await self._stir(ticket.queue)

    # Leaving

    async def _leave(self, person: Person, leave: Leave, now: float) -> Sequence[ServerMessage]:
        match leave.what:
            case "queue":
                return await self._give_up(person, now)
            case "call" if person.is_doctor:
                return await self._withdraw(person, now)
            case "call":
                return await self._decline(person, now)
            case "session":
                await self._rest(await self._sessions.leave(person, leave, now))
        return []

    async def _give_up(self, person: Person, now: float) -> Sequence[ServerMessage]:
        ticket = await self._store.ticket(person.ticket or "")
        call = await self._store.call(ticket.call or "") if ticket else None
        if ticket is None or await self._store.give_up(ticket.id) is None:
            raise Refusal("ended")
        await self._lives.is_over(ticket.id, ticket.expires_at, now)
        self._relaying.over("ticket", ticket.id)
        if call is not None:
            await self._tell_doctor_of_end(call, "left")
        self._counting.given_up(ticket, now)
        await self._stir(ticket.queue)
        return [Ended(what="queue", outcome="left")]

    async def _decline(self, person: Person, now: float) -> Sequence[ServerMessage]:
        ticket = await self._store.ticket(person.ticket or "")
        call = await self._patient_misses(ticket.call or "", now, declined=True) if ticket else None
        if call is None:
            raise Refusal("no-call")
        await self._tell_doctor_of_end(call, "declined")
        return [Ended(what="call", outcome="declined")]

    async def _withdraw(self, person: Person, now: float) -> Sequence[ServerMessage]:
        """Take a call back. The patient rests; before the M2 it is his M1 that failed."""
        held = await self._store.call_by(person.key)
        is_failed = held is not None and not held.proposals
        ended = await self._patient_misses(held.id, now, is_fault=is_failed) if held else None
        if ended is None:
            raise Refusal("no-call")
        await self._tell_patient_of_end(ended, "withdrawn")
        await self._rest_if_draining(person.key)
        return [Ended(what="call", outcome="withdrawn")]

    async def _patient_misses(
        self, call: Id, now: float, *, is_fault: bool = True, declined: bool = False
    ) -> CallRecord | None:
        ended = await self._store.end_call(
            call,
            now,
            rests_until=now + self._settings.cooldown_s,
            faults_to_tail=self._settings.faults_to_tail if is_fault else 0,
            declined=declined,
        )
        await self._close(ended)
        return ended

    async def _drop_call_of(self, doctor: str, now: float, outcome: Outcome) -> bool:
        """End a doctor's open call; the patient is at the head again, and told."""
        call = await self._store.call_by(doctor)
        ended = await self._store.end_call(call.id, now) if call else None
        if ended is None:
            return False
        await self._tell_patient_of_end(ended, outcome)
        await self._close(ended)
        await self._rest_if_draining(doctor)
        return True

    # What happens to people

    async def lost(self, person: Person, now: float) -> None:
        """A socket is gone: a patient sleeps, a doctor's call ends, a seat is kept."""
        if person.is_doctor:
            await self._drop_call_of(person.key, now, "lost")
        elif person.ticket is not None:
            await self._store.nod_off(person.ticket)
            await self._stir(*person.queues)

    async def tick(self, now: float) -> bool:
        """End what is over. To be called about once a second.

        Returns whether the store has lost its records: then all who are here are to come in again.
        """
        await self._lives.look(now)
        expired = await self._store.expire(now)
        for ticket in expired.tickets:
            self._relaying.over("ticket", ticket.id)
            await self._store.post(of_ticket(ticket.id), Ended(what="queue", outcome="expired"))
            self._counting.expired(ticket, now)
            await self._stir(ticket.queue)
        for doctor in expired.doctors:
            await self._store.post(of_doctor(doctor.key), Ended(what="duty", outcome="expired"))
            await self._stir(*doctor.queues)
        for late in expired.calls:
            await self._end_late(late, now)
        for session, member in expired.seats:
            await self._rest(await self._sessions.expire(session, member, now))
        return self._lives.take_news()

    async def _end_late(self, late: CallRecord, now: float) -> None:
        """End an overdue call: the patient's fault once he was asked."""
        if late.proposals:
            ended = await self._patient_misses(late.id, now)
        else:
            ended = await self._store.end_call(late.id, now)
            await self._close(ended)
        if ended is not None:
            await self._tell_patient_of_end(ended, "late")
            await self._tell_doctor_of_end(ended, "late")

    async def _rest(self, left: Sequence[Seat]) -> None:
        for seat in left:
            await self._rest_if_draining(seat.key)

    # Envelopes

    async def forward(self, address: str, envelope: Envelope) -> None:
        """Post an envelope to a seat; refused `away` while the far end's socket is lost."""
        if not await self._store.post(address, envelope):
            raise Refusal("away")

    # Within

    async def _tell_patient_of_end(self, call: CallRecord, outcome: Outcome) -> None:
        await self._store.post(of_ticket(call.ticket), Ended(what="call", outcome=outcome))

    async def _tell_doctor_of_end(self, call: CallRecord, outcome: Outcome) -> None:
        await self._store.post(of_doctor(call.doctor), Ended(what="call", outcome=outcome))
        await self._rest_if_draining(call.doctor)

    async def _stir(self, *queues: str) -> None:
        for queue in queues:
            await self._store.post(of_queue(queue), _STIR)

    async def _close(self, call: CallRecord | None) -> None:
        """A call came to nothing: its place in the queue moved, its way through the relay ends."""
        if call is None:
            return
        self._relaying.over("call", call.id)
        if (ticket := await self._store.ticket(call.ticket)) is not None:
            await self._stir(ticket.queue)
