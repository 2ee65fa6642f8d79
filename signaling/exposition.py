"""What a node says of itself to whoever watches it, in the text that Prometheus reads.

Pure: a value in, bytes out. The registry is made for one answer and holds this alone, so that
nothing of the process can slip in: its descriptors and its seconds of work move with each
person. The names and labels below are all there are.

Nothing here may move because one consultation takes place: `tests/signaling/test_exposing.py`.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

StoreKind = Literal["memory", "redis", "sentinel", "cluster"]
RelayKind = Literal["own", "coturn", "elsewhere", "none"]


@dataclass(frozen=True, slots=True)
class StoreState:
    """How the store is.

    Attributes:
        is_open: it may be used: it answers, and keeps nothing.
        is_memory_only: it was found to keep nothing when it was asked last.
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
    """

    version: str
    started: int
    store: StoreState = StoreState()
    relay: RelayState = RelayState()
    unions_trusted: int = 0
    lists_fresh: int = 0


def exposition(state: NodeState) -> bytes:
    """Write the state, one gauge a line."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Gauges(state))
    return generate_latest(registry)


@dataclass(frozen=True, slots=True)
class _Gauges(Collector):
    state: NodeState

    def collect(self) -> Iterable[GaugeMetricFamily]:
        """Yield every gauge there is to say."""
        yield from _of_the_node(self.state)
        yield from _of_the_store(self.state.store)
        yield from _of_the_relay(self.state.relay)


def _of_the_node(state: NodeState) -> Iterator[GaugeMetricFamily]:
    yield _one("build_info", "What runs here.", 1, {"version": state.version})
    yield _one("started_timestamp_seconds", "Since when it runs.", state.started)
    yield _one("unions_trusted", "Unions that this node trusts.", state.unions_trusted)
    yield _one("union_lists_fresh", "Of how many the revocation list holds.", state.lists_fresh)


def _of_the_store(store: StoreState) -> Iterator[GaugeMetricFamily]:
    yield _one("store_info", "Where queues and sessions are kept.", 1, {"kind": store.kind})
    yield _one("store_open", "1 while the store may be used.", store.is_open)
    yield _one("store_memory_only", "1 while it was found to keep nothing.", store.is_memory_only)


def _of_the_relay(relay: RelayState) -> Iterator[GaugeMetricFamily]:
    only = "yes" if relay.is_only else "no"
    labels = {"kind": relay.kind, "only": only}
    yield _one("relay_info", "What carries picture and sound.", 1, labels)
    if relay.is_up is not None:
        yield _one("relay_up", "1 while the relay answers this node.", relay.is_up)


def _one(
    name: str, said: str, value: float, labels: Mapping[str, str] | None = None
) -> GaugeMetricFamily:
    """Make a gauge of one value."""
    labels = labels or {}
    gauge = GaugeMetricFamily(f"teleconsult_{name}", said, labels=list(labels))
    gauge.add_metric(list(labels.values()), float(value))
    return gauge
