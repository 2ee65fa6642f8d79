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
from .readings import TIME_MAX, NodeState, Reading
from .rounds import STEPS, Path, Step, Why

INCIDENTS_MAX: Final = 50
NODES_MAX: Final = 32
MS_MAX: Final = 3_600_000.0
"""An hour: no step takes so long. Bounds are those of the page, which refuses what is above."""

JOINED_S: Final = 2 * SLOT_S
"""What the ring and Prometheus saw of one row within this time of each other is one incident."""

Time = Annotated[int, Field(ge=0, lt=TIME_MAX)]
Share = Annotated[float, Field(ge=0, le=1)]
Milliseconds = Annotated[float, Field(ge=0, le=MS_MAX)]
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
    past = _older(known)
    told = State(
        v=1,
        at=_at(now),
        version=known.version,
        is_public=known.is_public,
        history=HistoryForm(
            source="prometheus" if past else "memory",
            since=_at(past.since if past else known.history.since),
            away=known.is_away,
        ),
        paths=tuple(_path(known, row, now) for row in rows),
        incidents=tuple(_incidents(known, now))[:INCIDENTS_MAX],
        usage=_usage(known, now),
        doctors=_doctors(known.nodes),
        nodes=tuple(_nodes(known, rows, now)),
    )
    return _for_everybody(told) if known.is_public else told


def as_bytes(answer: State) -> bytes:
    """Write an answer as it is sent."""
    return answer.model_dump_json(by_alias=True).encode()


def _older(known: Known) -> Past | None:
    """Give Prometheus's word on rounds where it remembers more than the ring, else None.

    One that was started later has seen less: what it did not see would count for good.
    """
    past = known.past
    return past if past is not None and past.since <= known.history.since else None


def _for_everybody(told: State) -> State:
    """Leave out what would say to the minute that a relay had no place left, and when again.

    Where that hangs on one consultation it is a count without noise. Who looks while a row is red
    sees it none the less; what is over is told to ten minutes.
    """
    return told.model_copy(
        update={
            "paths": tuple(map(_coarse_path, told.paths)),
            "incidents": tuple(_coarse_incident(one, told.at) for one in told.incidents),
        }
    )


def _coarse_path(row: PathForm) -> PathForm:
    failed = row.failed
    if failed is not None and failed.why == "relay-full":
        failed = FailedForm(step=failed.step, why="refused")
    return row.model_copy(update={"failed": failed, "since": _slot_of(row.since)})


def _coarse_incident(one: IncidentForm, at: int) -> IncidentForm:
    until = None if one.until is None else min(at, -_slot_of(-one.until))
    return one.model_copy(update={"began": _slot_of(one.began), "until": until, "why": None})


def _slot_of(at: int) -> int:
    return int(at // SLOT_S * SLOT_S)


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
        since=_at(since),
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
    """Take Prometheus's word where it has one, and has seen more than the ring."""
    past = _older(known)
    told = past.uptime.get(window_s, {}).get(row) if past else None
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
        t=tuple(map(_at, seen.at)),
        up=tuple(None if u is None else _share(u) for u in up),
        ms=tuple(_ms(m) for m in ms),
    )


def _share(share: float) -> float:
    """Round down: 99.9999 % is not all of it."""
    return int(share * 100_000 + 1e-6) / 100_000


def _ms(ms: float | None) -> float | None:
    """Round; a clock that was set back took no time, and what is no number was not measured."""
    return None if ms is None or not math.isfinite(ms) else round(min(max(ms, 0.0), MS_MAX), 1)


def _at(time: float) -> int:
    """Say a time as the page takes it: a certificate may have no end (RFC 5280 §4.1.2.5)."""
    return int(min(max(time, 0), TIME_MAX - 1))


# Incidents


def _incidents(known: Known, now: float) -> Iterable[IncidentForm]:
    """Give the ring's, and what Prometheus saw before the ring began; the newest first.

    An incident that the ring goes on with began when Prometheus says so: a probe that was started
    again makes no outage shorter.
    """
    since, past = known.history.since, _older(known)
    before = [one for one in past.incidents if one.began < since - SLOT_S] if past else []
    own: list[Incident | Seen] = []
    for one in known.history.incidents(now):
        seen = next((other for other in before if _is_of(other, one, since)), None)
        if seen is not None:
            before.remove(seen)
        own.append(one if seen is None else _joined(seen, one, since))
    for each in sorted([*own, *before], key=lambda one: one.began, reverse=True):
        yield IncidentForm(
            path=each.path,
            node=each.node,
            began=_at(each.began),
            until=None if each.ended is None else _at(each.ended),
            step=each.step,
            why=each.why,
            rounds=each.rounds,
        )


def _is_of(seen: Seen, own: Incident, since: float) -> bool:
    """Tell whether the ring goes on with an incident that began before it did."""
    is_row = (own.path, own.node) == (seen.path, seen.node)
    goes_on = seen.ended is None or seen.ended > since - JOINED_S
    return is_row and goes_on and own.began < since + JOINED_S


def _joined(seen: Seen, own: Incident, since: float) -> Seen:
    """Make one of both. What Prometheus saw on after the ring began is in its count already."""
    is_counted = seen.ended is None or seen.ended > since
    rounds = max(seen.rounds, own.rounds) if is_counted else seen.rounds + own.rounds
    why = own.why if own.step == seen.step else None
    return Seen(own.path, own.node, seen.began, own.ended, seen.step, why, rounds)


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
    for node in list(dict.fromkeys([*asked, *(node for node, _ in rows)]))[:NODES_MAX]:
        one = asked.get(node, NodeState(node))
        paths = [path for other, path in rows if other == node]
        newest = [known.history.latest(node, path, now) for path in paths]
        ends = [r.certificate_ends for r in newest if r and r.certificate_ends is not None]
        # What a node that is down said last was: its version holds still, how it is does not.
        said = one.said if one.up else Reading(one.said.version, one.said.started)
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
            certificate_ends=_at(min(ends)) if ends else None,
            lists_fresh=said.lists_fresh,
        )
