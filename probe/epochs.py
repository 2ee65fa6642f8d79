"""The figures of use that were released, epoch by epoch, for as long as they are shown.

Pure. Bounded: so many epochs of each figure. What was released stays as it was released first:
an epoch is over, and who says otherwise later is not heard. That is also why a node that is asked
again, or another one, moves nothing.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from signaling.figures import FIGURES, Figure

from .readings import Epoch

HOURS_KEPT: Final = 7 * 24
DAYS_KEPT: Final = 90
"""As many as the page draws: a week of hours, and the ninety days of the uptime beside."""


def kept(figure: Figure) -> int:
    """Say how many epochs of a figure are held."""
    return HOURS_KEPT if figure.epoch_s <= 3_600 else DAYS_KEPT


class Epochs:
    """The ring: per figure its newest epochs."""

    def __init__(self) -> None:
        self._of: dict[str, dict[int, Epoch]] = {figure.name: {} for figure in FIGURES}

    def add(self, epochs: Iterable[Epoch], now: float) -> None:
        """Take what a node has released; of what is held already, nothing changes."""
        for epoch in epochs:
            self._of[epoch.figure].setdefault(epoch.start, epoch)
        for figure in FIGURES:
            oldest = now - (kept(figure) + 1) * figure.epoch_s
            held = self._of[figure.name]
            newest = sorted(start for start in held if oldest <= start <= now)[-kept(figure) :]
            self._of[figure.name] = {start: held[start] for start in newest}

    def of(self, figure: Figure) -> tuple[Epoch, ...]:
        """Give a figure's epochs, the oldest first."""
        return tuple(self._of[figure.name][start] for start in sorted(self._of[figure.name]))


def joined(held: Epochs, older: Mapping[str, Iterable[Epoch]], now: float) -> Epochs:
    """Put what somebody else remembers behind what is held."""
    whole = Epochs()
    for figure in FIGURES:
        whole.add(held.of(figure), now)
        whole.add(older.get(figure.name, ()), now)
    return whole
