"""What is known of the rounds so far: uptime by path, incidents, and since when.

Pure. Bounded in every direction: a day of rounds, ninety days of ten-minute summaries, the
newest incidents, and so many nodes. It lives in memory only, and says since when.

What was not measured is unknown, and unknown is never up: it has no part in a share, and a
row that was not measured lately has no state. The clock may jump: a round counts where its
own time says, and one whose time is still to come counts for nothing yet.
"""

from collections import deque
from dataclasses import dataclass, replace
from statistics import median
from typing import Final, Literal

from .rounds import PATHS, STEPS, Path, Round, Step, Why

DAY_S: Final = 86_400.0
WEEK_S: Final = 7 * DAY_S
QUARTER_S: Final = 90 * DAY_S
SLOT_S: Final = 600.0
"""A summary is of ten minutes: the finest that the page draws."""

SLOTS_A_DAY: Final = int(DAY_S / SLOT_S)
SLOTS_MAX: Final = int(QUARTER_S / SLOT_S) + 1
ROUNDS_A_DAY_MAX: Final = 1_500
"""Rounds of one row that are kept one by one: a day's, at one a minute."""

ROUNDS_A_SLOT_MAX: Final = 1_000
"""No clock makes more rounds than this fall into ten minutes; more count no further."""

INCIDENTS_MAX: Final = 200
"""Of one row: a path that flaps displaces nobody else's."""

NODES_MAX: Final = 32
STALE_ROUNDS: Final = 2.5
"""A row is unknown after so many rounds' time without one: one may be late or lost."""

State = Literal["up", "down", "unknown"]


@dataclass(frozen=True, slots=True)
class Incident:
    """A row that was red, from its first red round until the first green one after it.

    Attributes:
        began: in seconds since 1970.
        ended: the same; None while it lasts.
        step: what failed first.
        why: a code of `rounds.WHYS`.
        rounds: how many were red.
    """

    path: Path
    node: str
    began: float
    ended: float | None
    step: Step
    why: Why
    rounds: int = 1


@dataclass(frozen=True, slots=True)
class Series:
    """The last day of one row, in ten minutes; None where nothing is known.

    Attributes:
        at: when each ten minutes begin, in seconds since 1970.
        up: which share of the rounds went well, from 0 to 1.
        first_frame_ms: how long it took, on average, from the page to the first picture.
    """

    at: tuple[float, ...]
    up: tuple[float | None, ...]
    first_frame_ms: tuple[float | None, ...]


@dataclass(slots=True)
class _Summary:
    """Ten minutes of one row."""

    green: int = 0
    red: int = 0
    timed: int = 0
    ms: float = 0.0

    def add(self, round_: Round) -> None:
        if self.green + self.red >= ROUNDS_A_SLOT_MAX:
            return
        if round_.is_ok:
            self.green += 1
        else:
            self.red += 1
        if round_.first_frame_ms is not None:
            self.timed += 1
            self.ms += round_.first_frame_ms


class _Row:
    """All rounds of one path of one node."""

    def __init__(self) -> None:
        self.rounds: deque[Round] = deque(maxlen=ROUNDS_A_DAY_MAX)
        self.slots: dict[int, _Summary] = {}
        self.changed_at = 0.0
        self.open: Incident | None = None
        self.over: deque[Incident] = deque(maxlen=INCIDENTS_MAX)

    @property
    def last(self) -> Round:
        return self.rounds[-1]

    def add(self, round_: Round) -> None:
        if not self.rounds or self.last.is_ok != round_.is_ok:
            self.changed_at = round_.at
        self.rounds.append(round_)
        slot = int(round_.at // SLOT_S)
        self.slots.setdefault(slot, _Summary()).add(round_)
        if len(self.slots) > SLOTS_MAX:
            # The farthest, not the oldest: of a clock that jumped and came back.
            del self.slots[max(self.slots, key=lambda other: abs(other - slot))]


class History:
    """The ring.

    Args:
        since: when it began, in seconds since 1970.
        every_s: how often each row is measured.
    """

    def __init__(self, since: float, every_s: float = 60.0) -> None:
        self.since, self.every_s = since, every_s
        self._rows: dict[tuple[str, Path], _Row] = {}

    def add(self, round_: Round) -> None:
        """Take one round. Those of more than `NODES_MAX` nodes are passed over."""
        row = self._rows.get((round_.node, round_.path))
        if row is None:
            nodes = {node for node, _ in self._rows} | {round_.node}
            if len(nodes) > NODES_MAX:
                return
            row = self._rows[round_.node, round_.path] = _Row()
        row.add(round_)
        if round_.failed is not None:
            if row.open is None:
                row.open = Incident(
                    round_.path, round_.node, round_.at, None, round_.failed,
                    round_.why or "internal",
                )  # fmt: skip
            else:
                row.open = replace(row.open, rounds=row.open.rounds + 1)
        elif row.open is not None:
            row.over.append(replace(row.open, ended=max(round_.at, row.open.began)))
            row.open = None

    def forget(self, node: str, path: Path) -> None:
        """Forget a row that turned out not to be: the service does not offer this path."""
        self._rows.pop((node, path), None)

    def rows(self) -> tuple[tuple[str, Path], ...]:
        """Give each node's paths that were ever measured; nodes in order, paths as in `PATHS`."""
        nodes = sorted({node for node, _ in self._rows})
        return tuple((n, path) for n in nodes for path in PATHS if (n, path) in self._rows)

    def latest(self, node: str, path: Path, now: float) -> Round | None:
        """Give the newest round; None if there was none lately."""
        row = self._rows.get((node, path))
        if row is None or abs(now - row.last.at) > STALE_ROUNDS * self.every_s:
            return None
        return row.last

    def state(self, node: str, path: Path, now: float) -> tuple[State, float]:
        """Tell how a row is, and since when."""
        row = self._rows.get((node, path))
        if row is None:
            return "unknown", self.since
        if self.latest(node, path, now) is None:
            return "unknown", row.last.at
        return ("up" if row.last.is_ok else "down"), row.changed_at

    def uptime(self, node: str, path: Path, now: float, window_s: float) -> float | None:
        """Tell which share of the rounds of the last `window_s` went well; None of none."""
        row = self._rows.get((node, path))
        if row is None:
            return None
        first, last = int((now - window_s) // SLOT_S) + 1, int(now // SLOT_S)
        slots = [summary for slot, summary in row.slots.items() if first <= slot <= last]
        green, all_ = sum(s.green for s in slots), sum(s.green + s.red for s in slots)
        return green / all_ if all_ else None

    def series(self, node: str, path: Path, now: float) -> Series:
        """Give the last day in ten minutes, the present one included."""
        row = self._rows.get((node, path))
        last = int(now // SLOT_S)
        numbers = range(last - SLOTS_A_DAY + 1, last + 1)
        slots = [row.slots.get(n) if row else None for n in numbers]
        return Series(
            tuple(n * SLOT_S for n in numbers),
            tuple(s.green / (s.green + s.red) if s else None for s in slots),
            tuple(s.ms / s.timed if s and s.timed else None for s in slots),
        )

    def usual_ms(self, node: str, path: Path, now: float) -> dict[Step, float]:
        """Give what each step usually takes: the median of the last day's good rounds."""
        row = self._rows.get((node, path))
        rounds = [r for r in row.rounds if r.is_ok and 0 <= now - r.at <= DAY_S] if row else []
        return {
            step: median(taken)
            for step in STEPS
            if (taken := [r.steps[step] for r in rounds if step in r.steps])
        }

    def incidents(self, now: float) -> tuple[Incident, ...]:
        """Give those of the last ninety days, the newest first."""
        rows = self._rows.values()
        going_on = [row.open for row in rows if row.open is not None]
        over = (one for row in rows for one in row.over)
        recent = [one for one in over if (one.ended or one.began) > now - QUARTER_S]
        return tuple(sorted([*going_on, *recent], key=lambda one: one.began, reverse=True))
