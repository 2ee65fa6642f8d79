"""What a node says of itself: its exposition, read into a value.

Pure. A node is asked, never believed further than its form: names, figures and bins come from
closed lists, numbers have bounds, and everything else in the text is passed over. So nothing that
a node says becomes text on the status page but a version and the words below.

The form is that of `signaling/exposition.py`, whose gauges these are.
"""

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families

from signaling.figures import DUTY_BANDS, FIGURES, Figure

BANDS: Final = tuple(name for name, _ in DUTY_BANDS)
STORES: Final = ("memory", "redis", "sentinel", "cluster")
RELAYS: Final = ("own", "coturn", "elsewhere", "none")

COUNT_MAX: Final = 10**9
TIME_MAX: Final = 7_258_118_400
"""The year 2200, as the page has it."""
SAMPLES_MAX: Final = 1_000
"""An exposition has about forty."""

NAME: Final = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{0,31}")
"""What the page takes for the name of a node or a version."""

Samples = Mapping[str, tuple[tuple[Mapping[str, str], float], ...]]


class Unreadable(Exception):
    """This is no exposition."""


@dataclass(frozen=True, slots=True)
class Store:
    """Where a node keeps its queues. `kind` is one of `STORES`."""

    kind: str
    memory_only: bool
    open: bool


@dataclass(frozen=True, slots=True)
class Relay:
    """Which relay a node hands out. `kind` is one of `RELAYS`; `up` is None where nobody knows.

    `only`: whether pages take no other way.
    """

    kind: str
    only: bool
    up: bool | None


@dataclass(frozen=True, slots=True)
class Epoch:
    """What a figure was in one epoch, as released: a number of each bin.

    `is_partial`: the store's life began in its middle.
    """

    figure: str
    start: int
    values: Mapping[str, int]
    is_partial: bool


@dataclass(frozen=True, slots=True)
class Reading:
    """What a node says; None where it does not."""

    version: str | None = None
    started: int | None = None
    store: Store | None = None
    relay: Relay | None = None
    lists_fresh: bool | None = None
    band: str | None = None
    usage_since: int | None = None
    epochs: tuple[Epoch, ...] = ()


@dataclass(frozen=True, slots=True)
class NodeState:
    """A node as it was when it was asked last. `up` is None as long as it was not.

    `said` outlives the answer: a node that is down shows which version it had.
    """

    node: str
    up: bool | None = None
    said: Reading = Reading()
    at: float = 0.0


def read(text: str, now: float) -> Reading:
    """Read an exposition.

    Raises:
        Unreadable: with no word of what it was.
    """
    samples = _samples(text)
    return Reading(
        version=_version(samples),
        started=_time(samples, "teleconsult_started_timestamp_seconds"),
        store=_store(samples),
        relay=_relay(samples),
        lists_fresh=_lists_fresh(samples),
        band=_band(samples),
        usage_since=_time(samples, "teleconsult_usage_since_timestamp_seconds"),
        epochs=tuple(_epochs(samples, now)),
    )


def is_epoch(figure: Figure, start: float, now: float) -> bool:
    """Tell whether an epoch of a figure began then and is over."""
    return start >= 0 and start % figure.epoch_s == 0 and start + figure.epoch_s <= now


def count_of(value: float) -> int | None:
    """Read a released count: a whole number, not below 0; None of anything else."""
    whole = math.isfinite(value) and 0 <= value <= COUNT_MAX and value == int(value)
    return int(value) if whole else None


def _samples(text: str) -> Samples:
    """Sort samples by their name, as many as there may be."""
    found: dict[str, list[tuple[Mapping[str, str], float]]] = {}
    count = 0
    try:
        families: Iterable[Metric] = text_string_to_metric_families(text)
        for family in families:
            for sample in family.samples:
                found.setdefault(sample.name, []).append((sample.labels, sample.value))
                count += 1
                if count > SAMPLES_MAX:
                    raise Unreadable
    except (ValueError, KeyError, IndexError, TypeError, AttributeError):
        # The parser is written for those who write well, and says "no" in many ways.
        raise Unreadable from None
    return {name: tuple(samples) for name, samples in found.items()}


def _one(samples: Samples, name: str) -> tuple[Mapping[str, str], float] | None:
    all_ = samples.get(name, ())
    return all_[0] if len(all_) == 1 else None


def _flag(samples: Samples, name: str) -> bool | None:
    one = _one(samples, name)
    return {1.0: True, 0.0: False}.get(one[1]) if one else None


def _time(samples: Samples, name: str) -> int | None:
    one = _one(samples, name)
    return int(one[1]) if one and math.isfinite(one[1]) and 0 < one[1] < TIME_MAX else None


def _version(samples: Samples) -> str | None:
    one = _one(samples, "teleconsult_build_info")
    # What a distributor adds stands behind a plus.
    version = one[0].get("version", "").replace("+", "-") if one else ""
    return version if NAME.fullmatch(version) else None


def _store(samples: Samples) -> Store | None:
    one = _one(samples, "teleconsult_store_info")
    is_open = _flag(samples, "teleconsult_store_open")
    memory_only = _flag(samples, "teleconsult_store_memory_only")
    if one is None or is_open is None or memory_only is None:
        return None
    kind = one[0].get("kind", "")
    return Store(kind, memory_only, is_open) if kind in STORES else None


def _relay(samples: Samples) -> Relay | None:
    one = _one(samples, "teleconsult_relay_info")
    kind = one[0].get("kind", "") if one else ""
    if one is None or kind not in RELAYS:
        return None
    return Relay(kind, one[0].get("only") == "yes", _flag(samples, "teleconsult_relay_up"))


def _lists_fresh(samples: Samples) -> bool | None:
    """Tell whether every trusted union's list holds; None where none is trusted."""
    trusted = _one(samples, "teleconsult_unions_trusted")
    fresh = _one(samples, "teleconsult_union_lists_fresh")
    if trusted is None or fresh is None or not trusted[1] >= 1:
        return None
    return fresh[1] >= trusted[1]


def _band(samples: Samples) -> str | None:
    said = [
        labels.get("band")
        for labels, value in samples.get("teleconsult_doctors_on_duty", ())
        if value == 1
    ]
    return said[0] if len(said) == 1 and said[0] in BANDS else None


def _epochs(samples: Samples, now: float) -> Iterable[Epoch]:
    for figure in FIGURES:
        start = _of(samples, "teleconsult_usage_epoch_start_timestamp_seconds", figure)
        partial = _of(samples, "teleconsult_usage_partial", figure)
        values = {
            labels.get("bin", ""): count_of(value)
            for labels, value in samples.get("teleconsult_usage", ())
            if labels.get("figure") == figure.name
        }
        counts = {name: count for name, count in values.items() if count is not None}
        if start is None or partial not in (0.0, 1.0) or counts.keys() != set(figure.bins):
            continue
        if is_epoch(figure, start, now):
            yield Epoch(figure.name, int(start), counts, partial == 1.0)


def _of(samples: Samples, name: str, figure: Figure) -> float | None:
    """Find a figure's number under a name; None where there is none, or more."""
    values = [v for labels, v in samples.get(name, ()) if labels.get("figure") == figure.name]
    return values[0] if len(values) == 1 and math.isfinite(values[0]) else None
