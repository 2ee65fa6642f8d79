"""What became of those who waited: pure, from who they were and who was called.

Patients are numbers; the order is that of their arrivals before the fault.
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

HEADINGS = (
    "fault",
    "patients",
    "lost",
    "duplicated",
    "out of order",
    "calls interrupted",
    "seconds to recover",
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """One row of the table.

    Attributes:
        lost: were waiting, and never called.
        duplicated: calls beyond each patient's first.
        out_of_order: the fewest whom one would have to take out so that the rest were called
            in their order.
        interrupted: consultations in which picture or sound stopped, or that ended.
        seconds: from the fault until everybody was back and a doctor could call.
    """

    fault: str
    patients: int
    lost: int
    duplicated: int
    out_of_order: int
    interrupted: int
    seconds: float

    @property
    def is_clean(self) -> bool:
        """Tell whether nobody came to harm."""
        return not (self.lost or self.duplicated or self.out_of_order or self.interrupted)

    def row(self) -> tuple[str, ...]:
        """Write it as the table shows it."""
        counts = (self.patients, self.lost, self.duplicated, self.out_of_order, self.interrupted)
        return (self.fault, *map(str, counts), f"{self.seconds:.1f}")


def judge(
    fault: str,
    order: Sequence[int],
    called: Sequence[int],
    interrupted: int = 0,
    seconds: float = 0.0,
) -> Verdict:
    """Compare who waited, in order, with who was called, in order."""
    place = {number: index for index, number in enumerate(order)}
    first = [place[number] for number in dict.fromkeys(called) if number in place]
    return Verdict(
        fault=fault,
        patients=len(order),
        lost=len(order) - len(first),
        duplicated=len(called) - len(set(called)),
        out_of_order=len(first) - _longest_rise(first),
        interrupted=interrupted,
        seconds=seconds,
    )


def table(verdicts: Sequence[Verdict]) -> str:
    """Write all rows under their headings, in columns."""
    rows = [HEADINGS, *(verdict.row() for verdict in verdicts)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if column == 0 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    )


def _longest_rise(numbers: Sequence[int]) -> int:
    """Return the length of the longest rising subsequence (patience sorting, Fredman 1975)."""
    tails: list[int] = []
    for number in numbers:
        at = bisect_left(tails, number)
        tails[at : at + 1] = [number]
    return len(tails)
