"""What becomes of a record: one answer for every store.

Pure. A store reads the records that a function below names, writes what it returns in one
atomic step, and decides nothing. None says that nothing happens. Who may be called and what
a call that failed costs is in `policy.py`.
"""

from dataclasses import replace

from .store import M1S_MAX, CallRecord, Seat, Session, Spend, Spent, Ticket

# A session begins with these two, and is nothing without them.
PRINCIPALS = ("patient", "doctor")

# Calls


def claimed(ticket: Ticket, call: str, doctor: str, deadline: float) -> tuple[CallRecord, Ticket]:
    """Put a ticket under a doctor's lease. Its M1 is taken away: one M1, one M2."""
    return CallRecord(call, ticket.id, doctor, deadline), replace(ticket, call=call, m1=None)


def proposed(call: CallRecord, doctor: str, deadline: float) -> CallRecord | None:
    """Note that the doctor's M2 is on its way; the first one sets the deadline."""
    if call.doctor != doctor or call.is_proposed:
        return None
    return replace(
        call,
        is_proposed=True,
        proposals=call.proposals + 1,
        deadline=call.deadline if call.proposals else deadline,
    )


def reopened(call: CallRecord, ticket: Ticket) -> tuple[CallRecord, Ticket] | None:
    """Ready a call for another M2. The M1 that it answers is that of the ticket given."""
    if ticket.call != call.id or ticket.m1 is None or call.m1s >= M1S_MAX:
        return None
    return replace(call, is_proposed=False, m1s=call.m1s + 1), replace(ticket, m1=None)


def may_accept(call: CallRecord | None, ticket: str) -> bool:
    """Tell whether this ticket's patient may accept this call."""
    return call is not None and call.ticket == ticket and call.is_proposed


def is_used_up(spend: Spend | None, uses: int) -> bool:
    """Tell whether a link that has started so many sessions may start no more."""
    return spend is not None and uses >= spend.uses


def paid(spent: Spent | None, spend: Spend) -> Spent:
    """Note one more session of a counted link."""
    spent = spent or Spent(spend.mark, 0, spend.expires_at)
    ends = max(spent.expires_at, spend.expires_at)
    return replace(spent, uses=spent.uses + 1, expires_at=ends)


# Sessions


def seat_renewed(session: Session, member: str, expires_at: float) -> Session | None:
    """Slide one member's seat."""
    if session.seat_of(member) is None:
        return None
    seats = (
        replace(seat, expires_at=expires_at) if seat.member == member else seat
        for seat in session.seats
    )
    return replace(session, seats=tuple(seats))


def invited(session: Session, invite: str, expires_at: float, most: int) -> Session | None:
    """Note an invitation, unless seats and open invitations together reach `most`."""
    if len(session.seats) + len(session.invites) >= most:
        return None
    return replace(session, invites=session.invites | {(invite, expires_at)})


def uninvited(session: Session, invite: str) -> Session:
    """Take an invitation back."""
    left = frozenset(item for item in session.invites if item[0] != invite)
    return replace(session, invites=left)


def seated(session: Session, invite: str, seat: Seat, most: int, now: float) -> Session | None:
    """Spend an open invitation for a seat."""
    left = uninvited(session, invite)
    is_open = any(expires_at > now for _, expires_at in session.invites - left.invites)
    if len(session.seats) >= most or not is_open:
        return None
    return replace(left, seats=(*session.seats, seat))


def unseated(session: Session, member: str) -> Session | None:
    """Remove a member and raise the generation. With fewer than two seats it is over."""
    leaver = session.seat_of(member)
    if leaver is None:
        return None
    seats = tuple(seat for seat in session.seats if seat is not leaver)
    return replace(session, generation=session.generation + 1, seats=seats)


def rejoined(
    held: Session | None,
    id_: str,
    generation: int,
    seat: Seat,
    most: int,
    lonely_until: float,
    *,
    is_probe: bool = False,
) -> Session | None:
    """Make a lost session anew from one member's pass, or add him to the part that is back.

    The highest generation that is shown decides: passes of an older one are of people who
    may have been shown out since, so whoever came by such a pass loses the seat again. Only the
    patient and the doctor who called him keep theirs: without them there is nothing to come back
    to, and a pass of before somebody else's leaving is all that a lost network may have left them.

    Args:
        held: what is back already.
        generation: of the member's pass.
        lonely_until: how long it is kept while a doctor or everybody else is missing.
        is_probe: whether the pass is a probe's.
    """
    seats = held.seats if held is not None else ()
    if held is None or held.generation < generation:
        seats = tuple(one for one in seats if one.role in PRINCIPALS)
        held = Session(id_, generation, seats, is_probe=is_probe)
    if held.generation > generation and seat.role not in PRINCIPALS:
        return None
    others = tuple(one for one in seats if one.member != seat.member)
    has_doctor = any(one.is_doctor for one in (*others, seat))
    if len(others) >= most or any(one.key == seat.key for one in others):
        return None
    if others:
        lonely_until = 0.0 if has_doctor else held.lonely_until
    return replace(held, seats=(*others, seat), lonely_until=lonely_until)
