"""What the status page is told: `GET /status/state`, in one form.

Pure: values in, a value out. `tests/probe/state.example.json` is such an answer. Points in time are
whole seconds since 1970. What is not known is null, and never good.

There are two kinds of numbers in it. Those of the probe are exact, and about nobody. Those of use
are what the nodes have released (`signaling/figures.py`), as they released it: nothing is added up
or averaged here.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from signaling.figures import DUTY_EVERY_S, FIGURES, Figure, total_epsilon, uncertainty

from .epochs import Epochs, joined
from .history import DAY_S, QUARTER_S, SLOT_S, WEEK_S, History, Incident
from .past import Past, Row, Seen
from .readings import NodeState
from .rounds import STEPS, Path, Step, Why

INCIDENTS_MAX: Final = 50
JOINED_S: Final = 2 * SLOT_S
"""What the ring and Prometheus saw of one row within this time of each other is one incident."""

Time = Annotated[int, Field(ge=0, lt=2**40)]
Share = Annotated[float, Field(ge=0, le=1)]
Milliseconds = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Count = Annotated[int, Field(ge=0)]


class _Form(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", validate_by_name=True)


class HistoryForm(_Form):
    """Who remembers, and since when. `away`: a Prometheus was named, and does not answer."""

    source: Literal["memory", "prometheus"]
    since: Time
    away: bool


class FailedForm(_Form):
    """The first step that was not taken, and why."""

    step: Step
    why: Why


class UptimeForm(_Form):
    """The share of rounds that went well."""

    now: Share | None
    day: Share | None
    week: Share | None
    quarter: Share | None


class StepForm(_Form):
    """How long a step took in the newest round, and usually does."""

    step: Step
    ms: Milliseconds | None
    usual_ms: Milliseconds | None


class MediaForm(_Form):
    """How picture and sound came through in the newest round."""

    loss: Share
    jitter_ms: Milliseconds


class SeriesForm(_Form):
    """A day in ten minutes: the share that went well, and the time to the first picture."""

    t: tuple[Time, ...]
    up: tuple[Share | None, ...]
    ms: tuple[Milliseconds | None, ...]


class PathForm(_Form):
    """One path of one node."""

    path: Path
    node: str
    state: Literal["up", "down", "unknown"]
    failed: FailedForm | None
    since: Time
    uptime: UptimeForm
    steps: tuple[StepForm, ...]
    media: MediaForm | None
    series: SeriesForm


class IncidentForm(_Form):
    """A time in which a path was down. `why` is null where only Prometheus remembers."""

    path: Path
    node: str
    began: Time = Field(alias="from")
    until: Time | None
    step: Step
    why: Why | None
    rounds: Count


class BinForm(_Form):
    """What was released of one bin, epoch by epoch."""

    bin: str
    t: tuple[Time, ...]
    values: tuple[Count, ...]
    partial: tuple[bool, ...]


class FigureForm(_Form):
    """One figure of use, with what its noise is and how far it may be off."""

    figure: str
    epoch_s: Count
    epsilon: str
    threshold: Count
    uncertainty: Count
    bins: tuple[BinForm, ...]


class UsageForm(_Form):
    """All figures of use. `since`: when the store that counts began."""

    since: Time | None
    epsilon: str
    figures: tuple[FigureForm, ...]


class DoctorsForm(_Form):
    """About how many doctors are on duty."""

    band: str
    at: Time


class StoreForm(_Form):
    """A node's store."""

    kind: str
    memory_only: bool
    open: bool


class RelayForm(_Form):
    """The relay that a node hands out."""

    kind: str
    only: bool
    up: bool | None


class NodeForm(_Form):
    """One node."""

    node: str
    up: bool
    version: str | None
    started: Time | None
    store: StoreForm | None
    relay: RelayForm | None
    certificate_ends: Time | None
    lists_fresh: bool | None


class State(_Form):
    """The whole answer."""

    v: Literal[1]
    at: Time
    version: str
    is_public: bool
    history: HistoryForm
    paths: tuple[PathForm, ...]
    incidents: Annotated[tuple[IncidentForm, ...], Field(max_length=INCIDENTS_MAX)]
    usage: UsageForm
    doctors: DoctorsForm | None
    nodes: tuple[NodeForm, ...]


@dataclass(frozen=True, slots=True)
class Known:
    """All that an answer is made of.

    Attributes:
        nodes: as they were when they were asked last.
        past: what a Prometheus remembers, where there is one that answers.
        is_away: there is one that does not.
    """

    history: History
    nodes: Sequence[NodeState] = ()
    epochs: Epochs = field(default_factory=Epochs)
    past: Past | None = None
    is_away: bool = False
    version: str = ""
    is_public: bool = False


def state(known: Known, now: float) -> State:
    """Make the answer of a moment."""
    rows = known.history.rows()
    since = known.history.since
    past = known.past
    return State(
        v=1,
        at=int(now),
        version=known.version,
        is_public=known.is_public,
        history=HistoryForm(
            source="prometheus" if past else "memory",
            since=int(min(since, past.since) if past else since),
            away=known.is_away,
        ),
        paths=tuple(_path(known, row, now) for row in rows),
        incidents=tuple(_incidents(known, now))[:INCIDENTS_MAX],
        usage=_usage(known, now),
        doctors=_doctors(known.nodes),
        nodes=tuple(_nodes(known, rows, now)),
    )


def as_bytes(answer: State) -> bytes:
    """Write an answer as it is sent."""
    return answer.model_dump_json(by_alias=True).encode()


# Paths


def _path(known: Known, row: Row, now: float) -> PathForm:
    node, path = row
    is_, since = known.history.state(node, path, now)
    newest = known.history.latest(node, path, now)
    usual = known.history.usual_ms(node, path, now)
    failed = newest.failed if newest else None
    media = None
    if newest and newest.loss is not None and newest.jitter_ms is not None:
        # Packets that came twice make a loss below nothing (RFC 3550 §6.4.1).
        loss, jitter_ms = min(max(newest.loss, 0.0), 1.0), _ms(newest.jitter_ms)
        media = MediaForm(loss=round(loss, 4), jitter_ms=jitter_ms or 0.0)
    return PathForm(
        path=path,
        node=node,
        state=is_,
        failed=FailedForm(step=failed, why=(newest and newest.why) or "internal")
        if failed
        else None,
        since=int(since),
        uptime=UptimeForm(
            now={"up": 1.0, "down": 0.0}.get(is_),
            day=_uptime(known, row, now, DAY_S),
            week=_uptime(known, row, now, WEEK_S),
            quarter=_uptime(known, row, now, QUARTER_S),
        ),
        steps=tuple(
            StepForm(
                step=step,
                ms=_ms(newest.steps.get(step) if newest else None),
                usual_ms=_ms(usual.get(step)),
            )
            for step in STEPS
        ),
        media=media,
        series=_series(known, row, now),
    )


def _uptime(known: Known, row: Row, now: float, window_s: float) -> float | None:
    """Take Prometheus's word where it has one: it has seen more than the ring."""
    told = known.past.uptime.get(window_s, {}).get(row) if known.past else None
    share = told if told is not None else known.history.uptime(*row, now, window_s)
    return None if share is None else _share(share)


def _series(known: Known, row: Row, now: float) -> SeriesForm:
    """Take the ring's word where it has one: it is newer, and to the round."""
    seen = known.history.series(*row, now)
    told_up = known.past.up.get(row, {}) if known.past else {}
    told_ms = known.past.ms.get(row, {}) if known.past else {}
    slots = [int(at // SLOT_S) for at in seen.at]
    up = [told_up.get(slot) if u is None else u for slot, u in zip(slots, seen.up, strict=True)]
    ms = [
        told_ms.get(slot) if u is None else m
        for slot, u, m in zip(slots, seen.up, seen.first_frame_ms, strict=True)
    ]
    return SeriesForm(
        t=tuple(map(int, seen.at)),
        up=tuple(None if u is None else _share(u) for u in up),
        ms=tuple(_ms(m) for m in ms),
    )


def _share(share: float) -> float:
    """Round down: 99.9999 % is not all of it."""
    return int(share * 100_000 + 1e-6) / 100_000


def _ms(ms: float | None) -> float | None:
    """Round; a clock that was set back took no time, and what is no number was not measured."""
    return None if ms is None or not math.isfinite(ms) else round(max(ms, 0.0), 1)


# Incidents


def _incidents(known: Known, now: float) -> Iterable[IncidentForm]:
    """Give the ring's, and what Prometheus saw before the ring began; the newest first."""
    own = known.history.incidents(now)
    told = known.past.incidents if known.past else ()
    older = [
        seen
        for seen in told
        if seen.began < known.history.since - SLOT_S and not _is_of(seen, own, known.history.since)
    ]
    all_: list[Incident | Seen] = [*own, *older]
    for one in sorted(all_, key=lambda one: one.began, reverse=True):
        yield IncidentForm(
            path=one.path,
            node=one.node,
            began=int(one.began),
            until=None if one.ended is None else int(one.ended),
            step=one.step,
            why=one.why,
            rounds=one.rounds,
        )


def _is_of(seen: Seen, own: Sequence[Incident], since: float) -> bool:
    """Tell whether the ring goes on with an incident that began before it did."""
    return (seen.ended is None or seen.ended > since - JOINED_S) and any(
        one.path == seen.path and one.node == seen.node and one.began < since + JOINED_S
        for one in own
    )


# Use


def _usage(known: Known, now: float) -> UsageForm:
    epochs = joined(known.epochs, known.past.epochs if known.past else {}, now)
    since = [one.said.usage_since for one in known.nodes if one.said.usage_since is not None]
    return UsageForm(
        since=max(since, default=None),
        epsilon=str(total_epsilon()),
        figures=tuple(_figure(figure, epochs) for figure in FIGURES),
    )


def _figure(figure: Figure, epochs: Epochs) -> FigureForm:
    held = epochs.of(figure)
    return FigureForm(
        figure=figure.name,
        epoch_s=figure.epoch_s,
        epsilon=str(figure.epsilon),
        threshold=figure.threshold,
        uncertainty=uncertainty(figure),
        bins=tuple(
            BinForm(
                bin=name,
                t=tuple(epoch.start for epoch in held),
                values=tuple(epoch.values[name] for epoch in held),
                partial=tuple(epoch.is_partial for epoch in held),
            )
            for name in figure.bins
        ),
    )


def _doctors(nodes: Sequence[NodeState]) -> DoctorsForm | None:
    """Take the word of the first node that is up: all of them look at one store.

    It looked when these ten minutes began.
    """
    for node in nodes:
        if node.up and node.said.band is not None:
            at = int(node.at // DUTY_EVERY_S) * DUTY_EVERY_S
            return DoctorsForm(band=node.said.band, at=at)
    return None


# Nodes


def _nodes(known: Known, rows: Sequence[Row], now: float) -> Iterable[NodeForm]:
    """Give the nodes that are asked, then those that are only probed."""
    asked: Mapping[str, NodeState] = {one.node: one for one in known.nodes}
    for node in dict.fromkeys([*asked, *(node for node, _ in rows)]):
        one = asked.get(node, NodeState(node))
        paths = [path for other, path in rows if other == node]
        newest = [known.history.latest(node, path, now) for path in paths]
        ends = [r.certificate_ends for r in newest if r and r.certificate_ends is not None]
        said = one.said
        yield NodeForm(
            node=node,
            up=any(r is not None and r.is_ok for r in newest) if one.up is None else one.up,
            version=said.version,
            started=said.started,
            store=StoreForm(
                kind=said.store.kind, memory_only=said.store.memory_only, open=said.store.open
            )
            if said.store
            else None,
            relay=RelayForm(kind=said.relay.kind, only=said.relay.only, up=said.relay.up)
            if said.relay
            else None,
            certificate_ends=int(min(ends)) if ends else None,
            lists_fresh=said.lists_fresh,
        )
