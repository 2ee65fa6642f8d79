"""What an operator's Prometheus remembers: the questions, and their answers as values.

Pure: texts of PromQL in and JSON out; `prometheus.py` carries them. What is remembered is the
probe's own exposition and the nodes', so nothing is asked that was not released. Answers are
taken as the nodes' are (`readings.py`): names from closed lists, numbers within bounds.

A minute that Prometheus did not see has no sample, so that it has no part in a share: what was not
measured is unknown here too. It sees ten minutes at a time and which step failed, not why.
"""

import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Final

from signaling.figures import FIGURES

from .epochs import kept
from .history import DAY_S, QUARTER_S, SLOT_S, SLOTS_A_DAY, WEEK_S
from .readings import NAME, TIME_MAX, Epoch, count_of, is_epoch
from .rounds import PATHS, STEPS, Path, Step, Why

NODES_MAX: Final = 32
SERIES_MAX: Final = 1_000
POINTS_MAX: Final = 11_000
"""Prometheus answers no question for more points of a series."""

_QUARTER_STEP_S: Final = SLOT_S
_PIECES: Final = 2
"""Ninety days of ten minutes are 12,960 points: more than one question may ask for."""

_ROW: Final = "max by (path, node)"
_STARTS: Final = "teleconsult_usage_epoch_start_timestamp_seconds"
_SUCCESS: Final = "teleconsult_probe_success"
_STEPS_TO_FRAME: Final = "|".join(STEPS[: STEPS.index("frame") + 1])

Row = tuple[str, Path]


@dataclass(frozen=True, slots=True)
class Question:
    """A question of the HTTP API. With `step_s` it is one for a range, else for a moment."""

    query: str
    begins: float
    ends: float
    step_s: float = 0.0

    @property
    def path(self) -> str:
        """Say where it is asked."""
        return "/api/v1/query_range" if self.step_s else "/api/v1/query"

    @property
    def form(self) -> Mapping[str, str]:
        """Write what is sent."""
        if not self.step_s:
            return {"query": self.query, "time": f"{self.ends:.0f}"}
        return {
            "query": self.query,
            "start": f"{self.begins:.0f}",
            "end": f"{self.ends:.0f}",
            "step": f"{self.step_s:.0f}",
        }


@dataclass(frozen=True, slots=True)
class Line:
    """One series of an answer: its labels and its points."""

    labels: Mapping[str, str]
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Seen:
    """An incident as it was seen ten minutes at a time. Why it was, nobody remembers."""

    path: Path
    node: str
    began: float
    ended: float | None
    step: Step
    why: Why | None
    rounds: int


@dataclass(frozen=True, slots=True)
class Past:
    """What is remembered.

    Attributes:
        since: of when the oldest sample is.
        uptime: the share of a window in which a row was green, by the window's seconds.
        up, ms: the last day in ten minutes: that share, and the time to the first picture.
        incidents: the newest first.
        epochs: by figure.
    """

    since: float
    uptime: Mapping[float, Mapping[Row, float]] = field(default_factory=dict)
    up: Mapping[Row, Mapping[int, float]] = field(default_factory=dict)
    ms: Mapping[Row, Mapping[int, float]] = field(default_factory=dict)
    incidents: tuple[Seen, ...] = ()
    epochs: Mapping[str, tuple[Epoch, ...]] = field(default_factory=dict)


class Unanswered(Exception):
    """This is no answer to what was asked."""


def questions(now: float) -> Mapping[str, tuple[Question, ...]]:
    """Say what is asked for a whole past."""
    slot = now // SLOT_S * SLOT_S
    last = slot + SLOT_S - 1
    day = last - (SLOTS_A_DAY - 1) * SLOT_S
    quarter = slot - QUARTER_S
    asked: dict[str, tuple[Question, ...]] = {
        f"uptime-{window_s:.0f}": (
            Question(f"{_ROW} (avg_over_time({_SUCCESS}[{window_s:.0f}s]))", now, now),
        )
        for window_s in (DAY_S, WEEK_S, QUARTER_S)
    }
    ten, an_hour = f"[{SLOT_S - 1:.0f}s]", 3_600.0
    took = "avg_over_time(teleconsult_probe_step_seconds{step=~"
    first = (
        f'sum by (path, node, instance) ({took}"{_STEPS_TO_FRAME}"}}{ten})) '
        f'and on (path, node, instance) {took}"frame"}}{ten})'
    )
    rounds = f"changes(teleconsult_probe_round_timestamp_seconds{ten})"
    red = "avg_over_time(teleconsult_probe_failed" + ten + ")"
    asked["since"] = (Question(f"count({_SUCCESS})", quarter, now, an_hour),)
    # A point of a range looks back, a slot of ours looks forward: each is asked in its last second,
    # since a sample on the edge of two would else be in both.
    asked["up"] = (Question(f"{_ROW} (avg_over_time({_SUCCESS}{ten}))", day, last, SLOT_S),)
    asked["ms"] = (Question(f"{_ROW} ({first})", day, last, SLOT_S),)
    asked["incidents"] = tuple(
        Question(
            f"max by (path, node, step) ({red} * on (path, node, instance) group_left () "
            f"clamp_min({rounds}, 1)) > 0",
            begins,
            ends,
            _QUARTER_STEP_S,
        )
        for begins, ends in _pieces(last - QUARTER_S, last)
    )
    # One after another within an epoch: the last word of an epoch is what it was released as.
    for what, name, by in (
        ("values", "teleconsult_usage", "figure, bin"),
        ("starts", _STARTS, "figure"),
        ("partial", "teleconsult_usage_partial", "figure"),
    ):
        for figure in FIGURES:
            step_s = figure.epoch_s / 4
            of = f'{{figure="{figure.name}"}}'
            # A node that was left behind says its last epoch still: the newest one counts.
            newest = f"{_STARTS}{of} == on (figure) group_left () max by (figure) ({_STARTS}{of})"
            asked[f"{what}-{figure.name}"] = (
                Question(
                    f"max by ({by}) ({name}{of} and on (instance, figure) ({newest}))",
                    now // step_s * step_s - kept(figure) * figure.epoch_s,
                    now,
                    step_s,
                ),
            )
    return asked


def lines_of(body: bytes) -> tuple[Line, ...]:
    """Read an answer of the HTTP API, a matrix or a vector.

    Raises:
        Unanswered: it is an error, or none of these.
    """
    try:
        said = json.loads(body)
        if said["status"] != "success":
            raise Unanswered
        result = said["data"]["result"]
        if len(result) > SERIES_MAX:
            raise Unanswered
        return tuple(_line(one) for one in result)
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
        raise Unanswered from None


def past(answers: Mapping[str, Sequence[Line]], now: float) -> Past | None:
    """Put the answers to `questions` together; None where nothing is remembered."""
    times = [at for line in answers["since"] for at, _ in line.points]
    if not times:
        return None
    return Past(
        since=min(times),
        uptime={
            window_s: {
                row: points[-1][1]
                for row, points in _rows(answers[f"uptime-{window_s:.0f}"])
                if points and 0 <= points[-1][1] <= 1
            }
            for window_s in (DAY_S, WEEK_S, QUARTER_S)
        },
        up={row: _slots(points, 1.0) for row, points in _rows(answers["up"])},
        ms={
            row: {slot: s * 1_000 for slot, s in _slots(points, 3_600.0).items()}
            for row, points in _rows(answers["ms"])
        },
        incidents=tuple(
            sorted(_incidents(answers["incidents"], now), key=lambda one: one.began, reverse=True)
        ),
        epochs={figure.name: tuple(_epochs(answers, figure.name, now)) for figure in FIGURES},
    )


def _pieces(begins: float, ends: float) -> Iterator[tuple[float, float]]:
    """Cut a range so that no question asks for a point twice."""
    points = int((ends - begins) // _QUARTER_STEP_S) + 1
    each = -(-points // _PIECES)
    for first in range(0, points, each):
        last = min(first + each, points) - 1
        yield begins + first * _QUARTER_STEP_S, begins + last * _QUARTER_STEP_S


def _line(one: Mapping[str, Any]) -> Line:
    points = one["values"] if "values" in one else [one["value"]]
    if len(points) > POINTS_MAX + 1:
        raise Unanswered
    read = ((float(at), float(value)) for at, value in points)
    labels = {str(name): str(value) for name, value in one["metric"].items()}
    return Line(labels, tuple(p for p in read if 0 <= p[0] < TIME_MAX and math.isfinite(p[1])))


def _rows(lines: Iterable[Line]) -> Iterator[tuple[Row, tuple[tuple[float, float], ...]]]:
    """Give the lines of rows that there can be."""
    nodes: set[str] = set()
    for line in lines:
        path = next((path for path in PATHS if path == line.labels.get("path")), None)
        node = line.labels.get("node", "")
        if path is None or NAME.fullmatch(node) is None:
            continue
        nodes.add(node)
        if len(nodes) <= NODES_MAX:
            yield (node, path), line.points


def _slots(points: Iterable[tuple[float, float]], most: float) -> dict[int, float]:
    """Map ten minutes, by their number, to what was asked in their last second."""
    return {int(at // SLOT_S): value for at, value in points if 0 <= value <= most}


def _incidents(lines: Sequence[Line], now: float) -> Iterator[Seen]:
    """Join ten minutes that follow each other, of the same row, to one incident.

    Which step it was is told by the first of them.
    """
    red: dict[Row, dict[int, tuple[Step, float]]] = {}
    for line in lines:
        step = next((step for step in STEPS if step == line.labels.get("step")), None)
        if step is None:
            continue
        for row, points in _rows([line]):
            for slot, rounds in _slots(points, 1_000.0).items():
                first, before = red.setdefault(row, {}).get(slot, (step, 0.0))
                red[row][slot] = first, before + rounds
    for (node, path), slots in red.items():
        numbers = sorted(slots)
        breaks = [i for i, n in enumerate(numbers) if i == 0 or numbers[i - 1] + 1 < n]
        for start, after in pairwise([*breaks, len(numbers)]):
            began, ended = numbers[start], (numbers[after - 1] + 1) * SLOT_S
            rounds = sum(slots[number][1] for number in numbers[start:after])
            yield Seen(
                path, node, began * SLOT_S, ended if ended < now else None, slots[began][0], None,
                max(1, round(rounds)),
            )  # fmt: skip


def _epochs(answers: Mapping[str, Sequence[Line]], name: str, now: float) -> Iterator[Epoch]:
    """Give what a figure was in each epoch that is remembered."""
    figure = next(figure for figure in FIGURES if figure.name == name)
    starts = _by_time(answers[f"starts-{name}"])
    partial = _by_time(answers[f"partial-{name}"])
    bins = {
        line.labels.get("bin", ""): dict(line.points)
        for line in answers[f"values-{name}"]
        if line.labels.get("figure") == name
    }
    found: dict[int, Epoch] = {}
    for at, start in sorted(starts.items()):
        counts = {bin_: count_of(bins.get(bin_, {}).get(at, -1.0)) for bin_ in figure.bins}
        values = {bin_: count for bin_, count in counts.items() if count is not None}
        if len(values) == len(figure.bins) and is_epoch(figure, start, now) and at in partial:
            found[int(start)] = Epoch(name, int(start), values, partial[at] == 1)
    yield from found.values()


def _by_time(lines: Iterable[Line]) -> dict[float, float]:
    return {at: value for line in lines for at, value in line.points}
