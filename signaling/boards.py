"""What patients and doctors see of a queue: one order, two views of it.

Pure. A patient sees his place, how many doctors are on duty, and a coarse wait; a doctor
sees the same tickets in the same order. Nobody sees more.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Self

from .bands import band_of, strength_of
from .messages import BOARD_TICKETS_MAX, FRAME_MAX_BYTES, QUEUES_MAX, Board, Waiting
from .people import Person
from .store import Doctor, Store, Ticket

# What is left of a frame beside a full list of tickets, each below 200 bytes.
_CARDS_MAX_CHARS = FRAME_MAX_BYTES - 200 * (BOARD_TICKETS_MAX + 1) - 4 * QUEUES_MAX


def on_duty(doctors: Iterable[Doctor]) -> int:
    """Count the doctors who will take a further patient."""
    return sum(doctor.state == "on" for doctor in doctors)


@dataclass(frozen=True, slots=True)
class Places:
    """A queue as its patients may see it: each his own place, and the doctors on duty."""

    doctors: int
    _places: Mapping[str, int]
    _strength: float

    @classmethod
    def of(cls, order: Sequence[str], doctors: Iterable[Doctor]) -> Self:
        """Number a queue's tickets, given in their order, with the doctors noted on it."""
        noted = tuple(doctors)
        places = {ticket: place for place, ticket in enumerate(order, 1)}
        return cls(on_duty(noted), places, strength_of(noted))

    def board(self, ticket: str, is_closed: bool = False) -> Board | None:
        """Return the board of one ticket; None when it is not in the queue."""
        place = self._places.get(ticket)
        if place is None:
            return None
        band = band_of(place, self._strength)
        return Board(place=place, doctors=self.doctors, band=band, closed=is_closed or None)


def doctor_board(
    queues: Iterable[Sequence[Ticket]],
    waiting: int,
    doctors: Iterable[Doctor],
    now: float,
    awake_s: float,
) -> Board:
    """Return one doctor's board: the heads of his queues together, by arrival.

    Args:
        queues: the first `BOARD_TICKETS_MAX` of each of the doctor's queues, in its order.
        waiting: how many there are in all of them.
        doctors: who is noted on those queues, himself included.
    """
    rows = [
        (ticket.arrival, place, ticket) for queue in queues for place, ticket in enumerate(queue, 1)
    ]
    rows.sort(key=lambda row: row[0])
    return Board(
        doctors=on_duty(doctors),
        waiting=waiting,
        tickets=tuple(
            Waiting(
                ticket=ticket.id,
                queue=ticket.queue,
                place=place,
                since=arrival // 1_000_000,
                awake=ticket.is_awake(now, awake_s),
            )
            for arrival, place, ticket in rows[:BOARD_TICKETS_MAX]
        ),
        colleagues=_cards_shown(doctors),
    )


class Boards:
    """The boards over what a store holds."""

    def __init__(self, store: Store, awake_s: float) -> None:
        self._store = store
        self._awake_s = awake_s

    async def places(self, queue: str) -> Places:
        """Return the place of each ticket in a queue, and the doctors on duty."""
        doctors = await self._store.doctors(queue)
        return Places.of(await self._store.order(queue), doctors)

    async def queues_of(self, person: Person) -> tuple[str, ...]:
        """Return the queues on a doctor's board: those he serves, or may serve."""
        doctor = await self._store.doctor(person.key)
        return tuple(sorted(doctor.queues if doctor else person.queues))

    async def of_doctor(self, names: tuple[str, ...], now: float) -> Board:
        """Return the board over some queues; the same for every doctor who has these."""
        queues = [await self._store.waiting(queue, BOARD_TICKETS_MAX) for queue in names]
        waiting = [len(await self._store.order(queue)) for queue in names]
        doctors = {
            other.key: other for queue in names for other in await self._store.doctors(queue)
        }
        return doctor_board(queues, sum(waiting), list(doctors.values()), now, self._awake_s)


def _cards_shown(doctors: Iterable[Doctor]) -> tuple[str, ...]:
    cards = sorted(doctor.card for doctor in doctors if doctor.card is not None)
    weights = accumulate(len(card) for card in cards)
    fitting = sum(weight <= _CARDS_MAX_CHARS for weight in weights)
    return tuple(cards[: min(fitting, QUEUES_MAX)])
