"""What a node says of itself to whoever watches it, in the text that Prometheus reads.

Pure: a value in, bytes out. The registry is made for one answer and holds this alone, so that
nothing of the process can slip in: its descriptors and its seconds of work move with each
person. The names and labels below are all there are.

Nothing here may move because one consultation takes place: `tests/signaling/test_exposing.py`.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from .figures import DUTY_BANDS, FIGURES, uncertainty
from .usage import Released

StoreKind = Literal["memory", "redis", "sentinel", "cluster"]
RelayKind = Literal["own", "coturn", "elsewhere", "none"]


@dataclass(frozen=True, slots=True)
class StoreState:
    """How the store is.

    Attributes:
        is_open: it may be used: it answers, and keeps nothing.
        is_memory_only: nothing was found that could keep anything, when it answered last.
    """

    kind: StoreKind = "memory"
    is_open: bool = True
    is_memory_only: bool = True


@dataclass(frozen=True, slots=True)
class RelayState:
    """How the relay is.

    Attributes:
        is_only: the two ends meet at the relay alone.
        is_up: None where this node cannot know.
    """

    kind: RelayKind = "none"
    is_only: bool = True
    is_up: bool | None = None


@dataclass(frozen=True, slots=True)
class NodeState:
    """All that a node says of itself.

    Attributes:
        started: whole seconds since 1970.
        unions_trusted: how many.
        lists_fresh: of how many of these the revocation list holds.
        usage: what may be shown of how the service is used.
    """

    version: str
    started: int
    store: StoreState = StoreState()
    relay: RelayState = RelayState()
    unions_trusted: int = 0
    lists_fresh: int = 0
    usage: Released = field(default_factory=Released)


def exposition(state: NodeState) -> bytes:
    """Write the state, one gauge a line."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Gauges(state))
    return generate_latest(registry)


@dataclass(frozen=True, slots=True, eq=False)  # a registry knows it by itself, not by its value
class _Gauges(Collector):
    state: NodeState

    def collect(self) -> Iterable[GaugeMetricFamily]:
        """Yield every gauge there is to say."""
        yield from _of_the_node(self.state)
        yield from _of_the_store(self.state.store)
        yield from _of_the_relay(self.state.relay)
        yield from _of_usage(self.state.usage)
        yield from _of_the_figures()


def _of_the_node(state: NodeState) -> Iterator[GaugeMetricFamily]:
    yield _one("build_info", "What runs here.", 1, {"version": state.version})
    yield _one("started_timestamp_seconds", "Since when it runs.", state.started)
    yield _one("unions_trusted", "Unions that this node trusts.", state.unions_trusted)
    yield _one("union_lists_fresh", "Of how many the revocation list holds.", state.lists_fresh)


def _of_the_store(store: StoreState) -> Iterator[GaugeMetricFamily]:
    yield _one("store_info", "Where queues and sessions are kept.", 1, {"kind": store.kind})
    yield _one("store_open", "1 while the store may be used.", store.is_open)
    yield _one("store_memory_only", "0 once it could keep something.", store.is_memory_only)


def _of_the_relay(relay: RelayState) -> Iterator[GaugeMetricFamily]:
    only = "yes" if relay.is_only else "no"
    labels = {"kind": relay.kind, "only": only}
    yield _one("relay_info", "What carries picture and sound.", 1, labels)
    if relay.is_up is not None:
        yield _one("relay_up", "1 while the relay answers this node.", relay.is_up)


def _of_usage(usage: Released) -> Iterator[GaugeMetricFamily]:
    """Say what `usage.py` released, as it released it. What it did not is absent, not 0."""
    counts = _several("usage", "What was released of its last epoch.", "figure", "bin")
    starts = _several("usage_epoch_start_timestamp_seconds", "When that epoch began.", "figure")
    partial = _several("usage_partial", "1 where a part of it is missing.", "figure")
    for name, epoch in usage.epochs.items():
        for bin, value in epoch.values.items():
            counts.add_metric([name, bin], value)
        starts.add_metric([name], epoch.start)
        partial.add_metric([name], epoch.is_partial)
    yield from (counts, starts, partial)
    if usage.since is not None:
        yield _one("usage_since_timestamp_seconds", "Since when is counted.", usage.since)
    if usage.on_duty is not None:
        bands = _several("doctors_on_duty", "1 for the band that their number is in.", "band")
        for band, _ in DUTY_BANDS:
            bands.add_metric([band], band == usage.on_duty.band)
        yield bands


def _of_the_figures() -> Iterator[GaugeMetricFamily]:
    """Say how each figure is made, so that nobody draws one without its noise."""
    epsilons = _several("usage_epsilon", "What it says of one consultation, at most.", "figure")
    thresholds = _several("usage_threshold", "What is below is released as 0.", "figure")
    widths = _several("usage_uncertainty", "Its noise is at most this, 95 times of 100.", "figure")
    for figure in FIGURES:
        epsilons.add_metric([figure.name], float(figure.epsilon))
        thresholds.add_metric([figure.name], figure.threshold)
        widths.add_metric([figure.name], uncertainty(figure))
    yield from (epsilons, thresholds, widths)


def _several(name: str, said: str, *labels: str) -> GaugeMetricFamily:
    """Make a gauge for values to come."""
    return GaugeMetricFamily(f"teleconsult_{name}", said, labels=labels)


def _one(
    name: str, said: str, value: float, labels: Mapping[str, str] | None = None
) -> GaugeMetricFamily:
    """Make a gauge of one value."""
    labels = labels or {}
    gauge = GaugeMetricFamily(f"teleconsult_{name}", said, labels=list(labels))
    gauge.add_metric(list(labels.values()), float(value))
    return gauge
