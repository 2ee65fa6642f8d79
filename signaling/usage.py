"""Counts how the service is used, so that a guess whether one consultation took place gains little.

Pure: the time and the dice are arguments. It may not know a person, a queue or a link: of an event
it is told the name of a figure and of a bin (`figures.py`), and nothing else.

A tally is born with its noise, by whichever node comes first, and only then counts: no true count
is ever held anywhere. While an epoch runs nothing of it is released; some seconds after its end the
tally is read, thresholded, and fixed in the store by a second tally: so all nodes say the same,
and say it again after a restart. Noise counts once for each epoch, figure and bin.

Whoever could read the store twice within an epoch would see the difference: noise hides what is
released, not what an operator with a debugger watches.
"""

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from .figures import DUTY_EVERY_S, FIGURES, Figure, duty_band, named
from .noise import Below, discrete_laplace
from .probing import is_probe
from .store import Store, StoreAway

SETTLE_S = 30.0
"""After an epoch's end, until it is released: by then every node's last event of it is counted."""

LOOK_WITHIN_S = 30.0
"""After ten minutes begin, until doctors on duty are looked at no more: a node that was paused, or
had no store, looks at no other moment than the others."""

KEPT_S = 600.0
"""After an epoch's end, until its tallies go: whoever was down at midnight still says his day."""

LOST = -1
"""Fixed for an epoch that nobody released while its tallies were there. No release is below 0."""


@dataclass(frozen=True, slots=True)
class Epoch:
    """A figure of an epoch that is over, as it may be shown to anybody.

    Attributes:
        start: when the epoch began, in whole seconds since 1970.
        values: bin -> what is released of it.
        is_partial: the store was lost, or began, within the epoch: what was before is missing.
    """

    figure: Figure
    start: int
    values: Mapping[str, int]
    is_partial: bool = False


@dataclass(frozen=True, slots=True)
class OnDuty:
    """How many doctors take patients, as a band of `DUTY_BANDS`, and when that was looked at."""

    band: str
    at: int


@dataclass(frozen=True, slots=True)
class Released:
    """All that may be shown of how the service is used. It stands still while epochs run.

    Attributes:
        epochs: name of a figure -> its last epoch; a figure that has none yet is not there.
        since: since when is counted: the store's beginning, rounded down to the minute.
        on_duty: None before the first look, and where the last ten minutes began without one.
    """

    epochs: Mapping[str, Epoch] = field(default_factory=dict)
    since: int | None = None
    on_duty: OnDuty | None = None


class Usage:
    """The figures of use, as one node counts and shows them.

    Args:
        store: where the tallies are, for all nodes.
        below: dice that nobody can foresee.
        queues: the names of those whose doctors count as on duty; of probes none do.
    """

    def __init__(
        self,
        store: Store,
        below: Below,
        queues: Callable[[], Iterable[str]] = lambda: (),
    ) -> None:
        self._store = store
        self._below = below
        self._on_duty_in = queues
        self._released = Released()
        self._born: dict[str, tuple[str, int]] = {}
        self._over: dict[str, int] = {}
        self._latest = 0.0
        self._ten_minutes: int | None = None

    def released(self) -> Released:
        """Return what may be shown now."""
        return self._released

    async def count(self, figure: str, bin: str, now: float, times: int = 1) -> None:
        """Count so many events of an epoch, after their people were told of them.

        Where the store is away the events are lost, and are never counted again: whether they were
        counted is not known, and they may not be counted twice.

        Raises:
            KeyError: no such figure or bin.
        """
        row = named(figure)
        if bin not in row.bins:
            raise KeyError(bin)
        with suppress(StoreAway):
            await self._tally(row, bin, row.start_of(self._not_before(now)), by=times)

    async def tick(self, now: float) -> None:
        """Begin the epochs that run, release those that are over, look who is on duty.

        To be called about once a second. Doctors are looked at when ten minutes of the clock begin,
        by every node at once, and not when a node starts: else whoever starts one again and again,
        or has many, would see each come and go.

        Raises:
            StoreAway: as far as it has come; the next tick goes on.
        """
        now = self._not_before(now)
        life = await self._store.life()
        since = int(life.began // 60) * 60
        epochs = dict(self._released.epochs)
        self._show(epochs, since, self._released.on_duty)
        for figure in FIGURES:
            await self._begin(figure, figure.start_of(now), life.epoch)
            start = figure.start_of(now - SETTLE_S - figure.epoch_s)
            if self._over.get(figure.name) == start:
                continue
            values = None
            if start + figure.epoch_s > life.began:
                values = await self._release(figure, start, now)
            epochs.pop(figure.name, None)
            if values is not None:
                epochs[figure.name] = Epoch(figure, start, values, start < life.began)
            self._over[figure.name] = start
            self._show(epochs, since, self._released.on_duty)
        await self._look_who_is_on_duty(now)

    def _show(self, epochs: Mapping[str, Epoch], since: int, on_duty: OnDuty | None) -> None:
        self._released = Released(dict(epochs), since, on_duty)

    def _not_before(self, now: float) -> float:
        """Never go back: an epoch that was over once is not counted or begun again."""
        self._latest = max(self._latest, now)
        return self._latest

    async def _begin(self, figure: Figure, start: int, life: str) -> None:
        """Give an epoch its noise before anything happens in it, once in each life of the store."""
        if self._born.get(figure.name) == (life, start):
            return
        for bin in figure.bins:
            await self._tally(figure, bin, start)
        self._born[figure.name] = life, start

    async def _tally(self, figure: Figure, bin: str, start: int, by: int = 0) -> int:
        return await self._store.tally(
            _name("noisy", figure, bin, start),
            discrete_laplace(figure.scale, self._below),
            by,
            start + figure.epoch_s + KEPT_S,
        )

    async def _release(self, figure: Figure, start: int, now: float) -> Mapping[str, int] | None:
        """Fix what is released of an epoch, or read what another node has fixed.

        None where its tallies went before anybody released it.
        """
        values = {}
        for bin in figure.bins:
            shown = LOST
            if now < start + figure.epoch_s + KEPT_S:
                shown = figure.released(await self._tally(figure, bin, start))
            # Held for as long as the epoch is the last one, and as long again: should the store's
            # clock be set back, the epoch is still known to have been released.
            values[bin] = await self._store.tally(
                _name("fixed", figure, bin, start), shown, 0, start + 3 * figure.epoch_s
            )
        return None if LOST in values.values() else values

    async def _look_who_is_on_duty(self, now: float) -> None:
        ten_minutes = int(now // DUTY_EVERY_S)
        if ten_minutes == self._ten_minutes:
            return
        is_start, self._ten_minutes = self._ten_minutes is None, ten_minutes
        shown = self._released
        on_duty = None
        if not is_start and now % DUTY_EVERY_S < LOOK_WITHIN_S:
            on: set[str] = set()
            for queue in self._on_duty_in():
                if is_probe(queue):
                    continue
                # Draining ones are left out: they go when one consultation is over.
                on |= {one.key for one in await self._store.doctors(queue) if one.state == "on"}
            on_duty = OnDuty(duty_band(len(on)), ten_minutes * DUTY_EVERY_S)
        self._released = Released(shown.epochs, shown.since, on_duty)


def _name(kind: str, figure: Figure, bin: str, start: int) -> str:
    return "-".join(word for word in (kind, figure.name, str(start), bin) if word)
