"""Who may be called, by whom, and in which order: the rule of the queue.

Pure, and meant to be read by patients' lawyers: everything that decides the order is here,
and every store asks it. First come, first served among awake patients inside the circle
that the patient chose (a queue); circles widen only on the patient's word, by a join.

What can change the order: the queue, the arrival, and time (asleep, resting). What cannot:
anything else of a doctor or a patient. There is no price, score, rating or statistic to look at.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from heapq import merge

from .store import CallRecord, Ticket


def in_order(*queues: Iterable[Ticket]) -> Iterator[Ticket]:
    """Put queues, each in its order, into one: by arrival, whatever the queue.

    Lazy: a claim reads no further than it must.
    """
    return merge(*queues, key=lambda ticket: (ticket.arrival, ticket.id))


def may_be_called(ticket: Ticket, doctor: str, now: float, awake_s: float) -> bool:
    """Tell whether this doctor may call this ticket now.

    Nobody else calls it, its page is ready (an M1) and awake, it does not rest after a declined
    or missed call, and its patient has not declined this doctor.
    """
    return (
        ticket.call is None
        and ticket.m1 is not None
        and ticket.is_awake(now, awake_s)
        and ticket.resting_until <= now
        and doctor not in ticket.declined
    )


def next_for(doctor: str, tickets: Iterable[Ticket], now: float, awake_s: float) -> Ticket | None:
    """Choose whom a doctor gets: the first, in the order given, who may be called.

    Args:
        doctor: thumbprint of the key of the day; only looked for among the declined.
        tickets: as `in_order` gives those of the queues that the doctor serves.
    """
    return next((one for one in tickets if may_be_called(one, doctor, now, awake_s)), None)


def given_back(
    ticket: Ticket,
    call: CallRecord,
    *,
    rests_until: float = 0.0,
    faults_to_tail: int = 0,
    declined: bool = False,
) -> tuple[Ticket, bool]:
    """Say what a ticket is after a call that came to nothing, and whether it goes to the tail.

    Args:
        rests_until: passed over until then; 0 for not at all.
        faults_to_tail: it was the patient's fault, and every so many-th sends to the tail; 0 if
            it was not. Nobody can block a queue by declining or by not answering.
        declined: this doctor does not get the ticket again.
    """
    back = replace(ticket, call=None)
    if rests_until:
        back = replace(back, resting_until=rests_until)
    if declined:
        back = replace(back, declined=back.declined | {call.doctor})
    if not faults_to_tail:
        return back, False
    if back.faults + 1 >= faults_to_tail:
        return replace(back, faults=0), True
    return replace(back, faults=back.faults + 1), False
