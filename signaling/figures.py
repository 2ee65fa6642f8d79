"""Which figures of use there are, and how much each could say of one consultation.

Pure: one table. The counters, the privacy page, the metrics and the tests read it, and nothing
else knows a number of it.

The unit is one consultation, there or not there. Each figure is a count with discrete Laplace
noise of scale 1/epsilon, thresholded after that, which costs nothing more. A consultation, or a
wait that did not become one, adds at most one to one bin of a figure in one epoch; so epsilon is
that of a figure with all its bins (parallel composition), and the sum over the figures is the
total, once and for ever.

The claim is about records, not effects: a consultation that had not taken place would also have
shortened the wait of those behind it. A patient who is sent back to the queue and accepted again
is one more consultation. And a Redis that fails over may forget a step that was counted: done
again, it is counted twice.

Dwork, Roth 2014, "The Algorithmic Foundations of Differential Privacy", §2.1, §3.3, §3.5.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

HOUR_S, DAY_S = 3600, 86_400

CERTAINTY = 0.95
"""So often the noise is within `uncertainty` of 0."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of use.

    Attributes:
        bins: what an event can be counted as; ("",) for a figure that is one number.
        epoch_s: a figure stands still for so long. Epochs begin with the UTC hour or day.
        epsilon: what all its bins together say of one consultation, at most.
        threshold: what is below it is released as 0.
    """

    name: str
    bins: tuple[str, ...]
    epoch_s: int
    epsilon: Fraction
    threshold: int

    @property
    def scale(self) -> Fraction:
        """The scale of the noise: one event changes one bin by one."""
        return 1 / self.epsilon

    def start_of(self, now: float) -> int:
        """Say when the epoch began in which a point in time is."""
        return int(now // self.epoch_s) * self.epoch_s

    def released(self, noisy: int) -> int:
        """Say what is shown of a noisy count."""
        return noisy if noisy >= self.threshold else 0


WAIT_MINUTES = (1, 5, 15, 30)
"""Where one class of waiting ends and the next begins."""

CONSULTATIONS = Figure("consultations", ("",), HOUR_S, Fraction(1, 2), 10)
"""Accepted calls."""

WAITS = Figure("waits", ("under-1", "1-5", "5-15", "15-30", "over-30"), DAY_S, Fraction(1, 4), 20)
"""Minutes from arrival to accepted call."""

ENDINGS = Figure(
    "endings",
    ("direct", "relayed", "unconnected", "untold", "left", "lost"),
    DAY_S,
    Fraction(1, 4),
    20,
)
"""How a place in the queue, or its consultation, ended: by which way picture and sound went if it
took place and its people said so; else given up, or lost."""

FIGURES = (CONSULTATIONS, WAITS, ENDINGS)


def named(name: str) -> Figure:
    """Find a figure by its name.

    Raises:
        KeyError: there is none.
    """
    for figure in FIGURES:
        if figure.name == name:
            return figure
    raise KeyError(name)


def wait_bin(waited_s: float) -> str:
    """Say in which class of `waits` a wait is."""
    return WAITS.bins[sum(waited_s >= 60 * minutes for minutes in WAIT_MINUTES)]


def total_epsilon(figures: Sequence[Figure] = FIGURES) -> Fraction:
    """Say what all figures together say of one consultation, at most, for ever.

    Of somebody with m consultations they say at most m times that.
    """
    return sum((figure.epsilon for figure in figures), Fraction(0))


def bound(epsilon: Fraction) -> float:
    """Say by how much any guess whether one consultation took place can beat a coin, at most.

    As an advantage: 0 is a coin, 1 is knowing.
    """
    return math.tanh(float(epsilon) / 2)  # (e^epsilon - 1) / (e^epsilon + 1)


def right_of_hundred(epsilon: Fraction) -> int:
    """Say how often of 100 times any guess whether it took place is right, at most; a coin: 50."""
    return math.ceil(50 * (1 + bound(epsilon)))


def uncertainty(figure: Figure) -> int:
    """Say how far the noise of a bin is from 0 at most, in 95 of 100 epochs."""
    ratio = math.exp(-float(figure.epsilon))
    width = 0
    while 2 * ratio ** (width + 1) / (1 + ratio) > 1 - CERTAINTY:
        width += 1
    return width


# Doctors on duty

DUTY_EVERY_S = 600
"""Doctors on duty are looked at when ten minutes of the clock begin, by all nodes at once: who
comes and goes in between is not seen."""

DUTY_BANDS = (("none", 0), ("few", 1), ("some", 5), ("many", 20))
"""Each band, and from how many doctors who take patients. Without noise: each patient who waits is
shown their number, and no consultation moves it. What is kept of it is an archive of when at least
one took patients: of a doctor who is alone on duty, of that doctor."""


def duty_band(doctors: int) -> str:
    """Say in which band so many doctors on duty are."""
    return next(band for band, least in reversed(DUTY_BANDS) if doctors >= least)
