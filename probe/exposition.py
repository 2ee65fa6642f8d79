"""What the probe says of its newest rounds to whoever watches it, in Prometheus' text.

Pure: values in, bytes out. The registry is made for one answer and holds this alone. The figures
are exact, and of the probe's own consultations; what they say of others is in `README.md`.

The names and labels below are all there are.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from .rounds import STEPS, Round

_PREFIX = "teleconsult_probe_"


def exposition(rounds: Sequence[Round]) -> bytes:
    """Write the newest round of each path of each node, one gauge a line."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Gauges(tuple(rounds)))
    return generate_latest(registry)


@dataclass(frozen=True, slots=True, eq=False)
class _Gauges(Collector):
    rounds: tuple[Round, ...]

    def collect(self) -> Iterable[GaugeMetricFamily]:
        """Yield every gauge there is to say."""
        row, step = ("path", "node"), ("path", "node", "step")
        success = _gauge("success", "1 if every step was taken.", row)
        began = _gauge("round_timestamp_seconds", "When the round began.", row)
        full = _gauge("relay_full", "1 if the relay said that it is full.", row)
        loss = _gauge("media_loss_ratio", "Which share of the packets was lost.", row)
        jitter = _gauge("media_jitter_seconds", "How unevenly the packets came.", row)
        taken = _gauge("step_seconds", "How long a step took.", step)
        failed = _gauge("failed", "1 for the step that failed.", step)
        for one in self.rounds:
            labels = (one.path, one.node)
            success.add_metric(labels, one.is_ok)
            began.add_metric(labels, one.at)
            full.add_metric(labels, one.why == "relay-full")
            if one.loss is not None:
                loss.add_metric(labels, one.loss)
            if one.jitter_ms is not None:
                jitter.add_metric(labels, one.jitter_ms / 1000)
            for name in STEPS:
                failed.add_metric((*labels, name), one.failed == name)
                if name in one.steps:
                    taken.add_metric((*labels, name), one.steps[name] / 1000)
        yield from (success, began, full, loss, jitter, taken, failed, self._certificates())

    def _certificates(self) -> GaugeMetricFamily:
        """Say it once a node, as it was seen last."""
        name = "certificate_expires_timestamp_seconds"
        family = _gauge(name, "Until when the certificate is good.", ("node",))
        seen = {
            one.node: one.certificate_ends
            for one in sorted(self.rounds, key=lambda one: one.at)
            if one.certificate_ends is not None
        }
        for node, ends in sorted(seen.items()):
            family.add_metric((node,), ends)
        return family


def _gauge(name: str, said: str, labels: Sequence[str]) -> GaugeMetricFamily:
    return GaugeMetricFamily(_PREFIX + name, said, labels=labels)
