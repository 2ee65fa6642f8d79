"""What is counted of places and consultations, once each, when their people have been told.

Pure. The rules below note what has happened in one word, and a task of its own hands the notes
on within a second: so nobody ever waits for a count, nor hears that it failed. What cannot be
counted then is dropped. A note says neither whose place or session it was, nor where, nor when but
for the hour or day; nothing of a probe is noted.

Each place in a queue is noted as `waits` and `consultations` at most once, by the step of the store
that starts its session, and as one of `endings` at most once, by the step that ends it. What a
lost store cannot tell is not counted. Which figures there are, and what noise each is born with,
is in `figures.py`.
"""

from collections import Counter
from collections.abc import Iterable
from typing import Protocol

from .figures import CONSULTATIONS, ENDINGS, WAITS, Figure, wait_bin
from .messages import MediaPath
from .probing import is_probe
from .store import Seat, Session, Ticket


class Counts(Protocol):
    """Where it is counted, with noise."""

    async def count(self, figure: str, bin: str, now: float, times: int = 1) -> None:
        """Count so many in a bin of a figure, in the epoch of `now`. Never raises `StoreAway`."""
        ...


class NoCounts:
    """Counts nothing."""

    async def count(self, figure: str, bin: str, now: float, times: int = 1) -> None:
        return None


class Counting:
    """Notes what is to be counted, until the next pulse."""

    def __init__(self, counts: Counts) -> None:
        self._usage = counts
        # Figure, bin, beginning of the epoch: one number each, however many come in a second.
        self._notes: Counter[tuple[str, str, int]] = Counter()

    def accepted(self, ticket: Ticket, now: float) -> None:
        """A call of this ticket was accepted: its wait is over, a consultation starts."""
        if not is_probe(ticket.queue):
            self._note(CONSULTATIONS, "", now)
            self._note(WAITS, wait_bin(now - ticket.arrival / 1e6), now)

    def given_up(self, ticket: Ticket, now: float) -> None:
        """A patient gave up his place."""
        if not is_probe(ticket.queue):
            self._note(ENDINGS, "left", now)

    def expired(self, ticket: Ticket, now: float) -> None:
        """A patient did not come back to his place."""
        if not is_probe(ticket.queue):
            self._note(ENDINGS, "lost", now)

    def stood_up(self, seat: Seat, left: Session, path: MediaPath | None, now: float) -> None:
        """A member left a session: of all who do, one ends it.

        Args:
            seat: that was emptied.
            left: the session without it, as the same step of the store returned it.
            path: what who left says of the media, if anything.
        """
        if not left.is_probe and _is_held((*left.seats, seat)) and not _is_held(left.seats):
            self._note(ENDINGS, path or "untold", now)

    def _note(self, figure: Figure, bin: str, now: float) -> None:
        self._notes[figure.name, bin, figure.start_of(now)] += 1

    async def hand_on(self) -> None:
        """Have counted what was noted. To be called about once a second."""
        while self._notes:
            figure, bin, start = oldest = next(iter(self._notes))
            await self._usage.count(figure, bin, start, self._notes.pop(oldest))


def _is_held(seats: Iterable[Seat]) -> bool:
    """Tell whether these hold a consultation: a doctor, and somebody else."""
    doctors = [seat.is_doctor for seat in seats]
    return len(doctors) > 1 and any(doctors)
