"""Figures of use: born with noise, released when their hour or day is over, the same everywhere.

What nobody can learn from them is tried in test_usage_attack.py.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from random import Random

import pytest

from signaling.encoding import encode
from signaling.figures import CONSULTATIONS, DAY_S, DUTY_EVERY_S, FIGURES, HOUR_S, WAITS
from signaling.memory_store import MemoryStore
from signaling.store import Doctor, Life, Store, StoreAway, Tally
from signaling.usage import KEPT_S, LOOK_WITHIN_S, SETTLE_S, Epoch, OnDuty, Usage
from tests.clock import Clock
from tests.dice import Dice
from tests.redis_server import RedisServer
from tests.signaling.redis_stores import a_redis_store

MIDNIGHT = 1_800_057_600.0
CROWD = 200
"""Consultations in an hour: so many that no noise hides them all."""

NOISE_MAX = 60
"""No noise of these tests' dice is further from 0."""


@pytest.fixture
def clock() -> Clock:
    """A day that has just begun."""
    return Clock(MIDNIGHT)


@pytest.fixture
def life(clock: Clock, dice: Dice) -> Life:
    return Life(encode(dice(8)), began=clock.now)


@pytest.fixture
def store(life: Life) -> MemoryStore:
    return MemoryStore(life)


@pytest.fixture
def usage(store: MemoryStore) -> Usage:
    return node(store)


def node(store: Store, seed: int = 1, *queues: str) -> Usage:
    """The figures of one node, whose dice are no other's."""
    return Usage(store, Random(seed).randrange, lambda: queues)


@pytest.fixture(params=["memory", "redis"])
async def stores(
    request: pytest.FixtureRequest, clock: Clock, dice: Dice, life: Life
) -> AsyncIterator[Sequence[Store]]:
    """What three nodes have of one store."""
    if request.param == "memory":
        yield [MemoryStore(life)] * 3
        return
    server: RedisServer = request.getfixturevalue("redis_server")
    async with AsyncExitStack() as running:
        yield [
            await running.enter_async_context(a_redis_store(server, clock, dice, life))
            for _ in range(3)
        ]


async def counted(usage: Usage, clock: Clock, times: int = CROWD) -> None:
    """So many consultations are held, each begun after three minutes."""
    for _ in range(times):
        await usage.count("consultations", "", clock.now)
        await usage.count("waits", "1-5", clock.now)
        await usage.count("endings", "relayed", clock.now)


def hour_ends(clock: Clock) -> float:
    """Let the hour pass, and the moment until it is released."""
    clock.now = CONSULTATIONS.start_of(clock.now) + HOUR_S + SETTLE_S
    return clock.now


def day_ends(clock: Clock) -> float:
    """Let the day pass, and the moment until it is released."""
    clock.now = WAITS.start_of(clock.now) + DAY_S + SETTLE_S
    return clock.now


async def tallies(store: Store, start: str = "") -> dict[str, int]:
    """What the store holds of figures, by name."""
    held = [one for one in await store.held() if isinstance(one, Tally)]
    return {one.name: one.value for one in held if one.name.startswith(start)}


def values(usage: Usage) -> dict[str, dict[str, int]]:
    """What is shown, by figure and bin."""
    return {name: dict(epoch.values) for name, epoch in usage.released().epochs.items()}


# An epoch


async def test_an_hour_is_released_some_seconds_after_its_end(usage: Usage, clock: Clock) -> None:
    """Not sooner: another node's last event of it may still be on its way."""
    await usage.tick(clock.now)
    await counted(usage, clock)
    hour_ends(clock)

    await usage.tick(clock.now - 0.1)
    assert {} == usage.released().epochs
    await usage.tick(clock.now)

    epoch = usage.released().epochs["consultations"]
    assert (CONSULTATIONS, MIDNIGHT) == (epoch.figure, epoch.start)
    assert abs(epoch.values[""] - CROWD) < NOISE_MAX
    assert ["consultations"] == [*usage.released().epochs]


async def test_a_day_is_released_with_all_its_classes(usage: Usage, clock: Clock) -> None:
    """Each has its own noise, also those that nobody was in."""
    await usage.tick(clock.now)
    await counted(usage, clock)

    await usage.tick(day_ends(clock))

    shown = values(usage)
    assert all(set(figure.bins) == shown[figure.name].keys() for figure in FIGURES)
    assert abs(shown["waits"]["1-5"] - CROWD) < NOISE_MAX
    assert shown["waits"]["1-5"] != shown["endings"]["relayed"]
    assert all(shown["waits"][bin] < NOISE_MAX for bin in WAITS.bins if bin != "1-5")


async def test_nothing_moves_while_an_epoch_runs(usage: Usage, clock: Clock) -> None:
    """Whoever looks at every moment sees the same, whatever happens."""
    await usage.tick(clock.now)
    await usage.tick(hour_ends(clock))
    before = usage.released()

    seen = []
    for _ in range(50):
        await counted(usage, clock, times=1)
        await usage.tick(clock.advance(1))
        seen.append(usage.released())

    assert [before] * 50 == seen


async def test_noise_is_there_before_anything_is_counted(
    store: MemoryStore, usage: Usage, clock: Clock
) -> None:
    """Each bin of each figure has its own from the first moment, and an event is one more."""
    await usage.tick(clock.now)
    born = await tallies(store, "noisy")
    await counted(usage, clock, times=3)

    after = await tallies(store, "noisy")

    assert sum(len(figure.bins) for figure in FIGURES) == len(born)
    assert len(set(born.values())) > 5
    changed = {name: after[name] - born[name] for name in after if after[name] != born[name]}
    assert [3] * 3 == list(changed.values())


async def test_an_event_before_the_first_tick_has_its_noise_too(
    store: MemoryStore, clock: Clock
) -> None:
    """Whoever comes first throws it: over many starts the first count is hardly ever 1."""
    found: list[int] = []
    for seed in range(40):
        fresh = MemoryStore(await store.life())
        await node(fresh, seed).count("endings", "left", clock.now)
        found += (await tallies(fresh)).values()

    assert 40 == len(found)
    assert found.count(1) < 20


async def test_an_epoch_that_nobody_touched_is_released_like_any_other(
    usage: Usage, clock: Clock
) -> None:
    """With the same names and the same words; only its numbers are nothing."""
    await usage.tick(clock.now)
    await counted(usage, clock)
    await usage.tick(day_ends(clock))
    touched = usage.released()

    await usage.tick(day_ends(clock))

    untouched = usage.released()
    assert touched.epochs.keys() == untouched.epochs.keys()
    for name, epoch in untouched.epochs.items():
        start = clock.now - SETTLE_S - epoch.figure.epoch_s
        assert replace(epoch, values={}) == Epoch(epoch.figure, int(start), {})
        assert dict.fromkeys(touched.epochs[name].values, 0) == epoch.values


async def test_noise_alone_may_be_shown(clock: Clock, life: Life) -> None:
    """Now and then an hour without anybody is beyond the threshold, as one with somebody is not."""
    shown = []
    for seed in range(400):
        usage = node(MemoryStore(life), seed)
        await usage.tick(MIDNIGHT)
        await usage.tick(MIDNIGHT + HOUR_S + SETTLE_S)
        shown.append(values(usage)["consultations"][""])

    assert {0} < set(shown)
    assert all(value == 0 or value >= CONSULTATIONS.threshold for value in shown)


async def test_what_was_counted_is_gone_soon_after_its_release(
    store: MemoryStore, usage: Usage, clock: Clock
) -> None:
    """What is left of the hour is what everybody has been shown."""
    await usage.tick(clock.now)
    await counted(usage, clock)
    await usage.tick(hour_ends(clock))
    of_hour = f"noisy-consultations-{int(MIDNIGHT)}"
    assert of_hour in await tallies(store)

    clock.advance(KEPT_S - SETTLE_S)
    await store.expire(clock.now)
    await usage.tick(clock.now)

    assert of_hour not in await tallies(store)
    (fixed,) = (await tallies(store, "fixed")).values()
    assert fixed == values(usage)["consultations"][""]


async def test_a_figure_that_is_not_in_the_table_is_not_counted(
    store: MemoryStore, usage: Usage, clock: Clock
) -> None:
    """No name can be made up on the way."""
    for figure, bin in (("consultations", "dr-12"), ("doctors", ""), ("waits", "")):
        with pytest.raises(KeyError):
            await usage.count(figure, bin, clock.now)

    assert {} == await tallies(store)


# Several nodes


async def test_nodes_throw_the_noise_once(stores: Sequence[Store], clock: Clock) -> None:
    """Not once each: three nodes count into one tally, and all say the same of it."""
    usages = [node(store, seed) for seed, store in enumerate(stores)]
    for usage in usages:
        await usage.tick(clock.now)
    born = await tallies(stores[0], "noisy")
    for usage in usages:
        await counted(usage, clock, times=20)
        await usage.tick(clock.now)
    kept = await tallies(stores[0], "noisy")

    day_ends(clock)
    for usage in usages:
        await usage.tick(clock.now)

    assert born.keys() == kept.keys()
    assert [60] * 3 == [kept[name] - born[name] for name in kept if kept[name] != born[name]]
    first, *others = [usage.released() for usage in usages]
    assert [first] * 2 == others
    noisy = kept[f"noisy-waits-{int(MIDNIGHT)}-1-5"]
    assert WAITS.released(noisy) == first.epochs["waits"].values["1-5"]


async def test_an_event_that_comes_late_changes_nothing_that_was_said(
    stores: Sequence[Store], clock: Clock
) -> None:
    """Of a node whose clock is behind: the others have released the hour already."""
    early, late, last = [node(store, seed) for seed, store in enumerate(stores)]
    await late.tick(clock.now)
    await counted(early, clock, times=40)
    await early.tick(hour_ends(clock))

    await counted(late, Clock(MIDNIGHT + HOUR_S - 1), times=40)
    for usage in (late, last):
        await usage.tick(clock.now)

    assert values(early)["consultations"] == values(late)["consultations"]
    assert early.released().epochs == last.released().epochs


async def test_a_node_that_is_started_says_what_the_others_have_said(
    stores: Sequence[Store], clock: Clock
) -> None:
    """Also when what was counted is gone."""
    usage = node(stores[0])
    await usage.tick(clock.now)
    await counted(usage, clock, times=60)
    await usage.tick(day_ends(clock))

    clock.advance(KEPT_S)
    await stores[0].expire(clock.now)
    another = node(stores[1], 2)
    for each in (usage, another):
        await each.tick(clock.now)

    assert usage.released() == another.released()


# Restarts, and a store that is lost


async def test_a_node_that_is_started_within_an_hour_goes_on(
    stores: Sequence[Store], clock: Clock
) -> None:
    """The store has the tallies: nothing is missing, and the noise is the same."""
    before = node(stores[0])
    await before.tick(clock.now)
    await counted(before, clock, times=60)
    born = await tallies(stores[0])

    after = node(stores[1], 2)
    await after.tick(clock.advance(60))
    assert born == await tallies(stores[1])
    await after.tick(hour_ends(clock))

    assert not after.released().epochs["consultations"].is_partial
    expected = CONSULTATIONS.released(born[f"noisy-consultations-{int(MIDNIGHT)}"])
    assert expected == values(after)["consultations"][""]


async def test_an_hour_in_which_the_store_was_lost_is_partial(clock: Clock, dice: Dice) -> None:
    """It is said since when is counted; the next hour is whole, and the lost one is not guessed."""
    clock.advance(1234)
    usage = node(MemoryStore(Life(encode(dice(8)), began=clock.now)))
    await usage.tick(clock.now)
    assert {} == usage.released().epochs

    await usage.tick(hour_ends(clock))
    first = usage.released()
    await usage.tick(hour_ends(clock))

    assert first.epochs["consultations"].is_partial
    assert (MIDNIGHT, MIDNIGHT + 1200) == (first.epochs["consultations"].start, first.since)
    assert not usage.released().epochs["consultations"].is_partial


class Lossy(MemoryStore):
    """A store that can lose everything, or be away. Unrealistic: one class does both."""

    is_away = False
    asked = 0

    def is_lost(self, life: Life) -> None:
        self._life = life
        self._tallies.clear()

    async def tally(self, name: str, born: int, by: int, expires_at: float) -> int:
        self.asked += 1
        if self.is_away:
            raise StoreAway
        return await super().tally(name, born, by, expires_at)


async def test_a_store_that_begins_anew_has_its_noise_at_once(
    clock: Clock, life: Life, dice: Dice
) -> None:
    """Before anything is counted in it, as the first one had."""
    store = Lossy(life)
    usage = node(store)
    await usage.tick(clock.now)
    store.is_lost(Life(encode(dice(8)), began=clock.advance(60)))

    await usage.tick(clock.now)

    assert sum(len(figure.bins) for figure in FIGURES) == len(await tallies(store, "noisy"))
    await usage.tick(hour_ends(clock))
    assert usage.released().epochs["consultations"].is_partial


async def test_what_was_released_is_shown_though_the_store_was_lost_since(
    clock: Clock, life: Life, dice: Dice
) -> None:
    """By who has released it; who starts after does not make up another number."""
    store = Lossy(life)
    usage = node(store)
    await counted(usage, clock)
    await usage.tick(hour_ends(clock))
    shown = usage.released().epochs

    store.is_lost(Life(encode(dice(8)), began=clock.advance(60)))
    another = node(store, 2)
    for each in (usage, another):
        await each.tick(clock.now)

    assert shown == usage.released().epochs
    assert {} == another.released().epochs


# A store that is away


async def test_a_store_that_is_away_never_reaches_who_counts(clock: Clock, life: Life) -> None:
    """The event is lost, and not asked for again: it might be counted twice."""
    store = Lossy(life)
    usage = node(store)
    await usage.tick(clock.now)
    before, asked = await tallies(store), store.asked

    store.is_away = True
    await usage.count("consultations", "", clock.now)
    store.is_away = False
    await usage.tick(clock.advance(1))

    assert asked + 1 == store.asked
    assert before == await tallies(store)


async def test_what_a_store_was_away_for_is_released_when_it_is_back(
    clock: Clock, life: Life
) -> None:
    """What was shown before stays until then."""
    store = Lossy(life)
    usage = node(store)
    await counted(usage, clock)
    await usage.tick(hour_ends(clock))
    shown = usage.released()
    await usage.tick(clock.advance(60))

    store.is_away = True
    with pytest.raises(StoreAway):
        await usage.tick(hour_ends(clock))
    assert shown.epochs == usage.released().epochs
    store.is_away = False
    await usage.tick(clock.advance(60))

    assert MIDNIGHT + HOUR_S == usage.released().epochs["consultations"].start


async def test_what_is_over_is_not_asked_for_again(clock: Clock, life: Life) -> None:
    """Neither what was released nor what is lost: a second later nothing is asked of the store."""
    store = Lossy(life)
    usage = node(store)
    await usage.tick(clock.now)
    for _ in range(2):
        clock.advance(DAY_S + KEPT_S)  # the hours between are lost
        await usage.tick(clock.now)
        asked = store.asked

        await usage.tick(clock.advance(1))

        assert asked == store.asked


# Clocks that jump


async def test_a_clock_that_goes_back_releases_no_epoch_twice(
    stores: Sequence[Store], clock: Clock
) -> None:
    """Neither this node nor one started by the wrong clock says anything else of that hour."""
    usage, another, _ = [node(store, seed) for seed, store in enumerate(stores)]
    await usage.tick(clock.now)
    await counted(usage, clock, times=60)
    await usage.tick(hour_ends(clock))
    shown = usage.released().epochs

    wrong = Clock(MIDNIGHT + 1800)
    for each in (usage, another):
        await counted(each, wrong, times=60)
        await each.tick(wrong.now)
    assert (shown, {}) == (usage.released().epochs, another.released().epochs)
    await another.tick(clock.now)

    assert shown == another.released().epochs


async def test_what_happens_by_a_clock_that_went_back_is_of_the_hour_that_runs(
    store: MemoryStore, usage: Usage, clock: Clock
) -> None:
    """A process counts into no hour that is over."""
    await usage.tick(clock.now)
    await usage.tick(hour_ends(clock))
    before = await tallies(store)

    await usage.count("consultations", "", MIDNIGHT + 5)

    after = await tallies(store)
    running = f"noisy-consultations-{int(MIDNIGHT) + HOUR_S}"
    assert {running: before[running] + 1} == dict(after.items() - before.items())


async def test_an_epoch_that_the_clock_jumped_over_is_not_made_up(
    stores: Sequence[Store], clock: Clock
) -> None:
    """Nobody was there to count: it is not known, and every node says so, a late one too."""
    usage, another, _ = [node(store, seed) for seed, store in enumerate(stores)]
    await counted(usage, clock, times=60)
    await usage.tick(hour_ends(clock))

    clock.advance(5 * HOUR_S + KEPT_S)
    for each in (usage, another):
        await each.tick(clock.now)
    assert ({}, {}) == (usage.released().epochs, another.released().epochs)
    await counted(usage, clock, times=60)
    await usage.tick(hour_ends(clock))

    assert clock.now - SETTLE_S - HOUR_S == usage.released().epochs["consultations"].start


async def test_whoever_was_down_at_midnight_still_says_his_day(
    stores: Sequence[Store], clock: Clock
) -> None:
    """For some minutes what was counted waits for a release."""
    await counted(node(stores[0]), clock, times=60)
    day_ends(clock)

    usage = node(stores[1], 2)
    await usage.tick(clock.advance(KEPT_S - SETTLE_S - 1))

    assert abs(values(usage)["waits"]["1-5"] - 60) < NOISE_MAX


# Doctors on duty


def on_duty(key: str, *queues: str, state: str = "on") -> Doctor:
    doctor = Doctor(key, frozenset(queues), "on", MIDNIGHT + DAY_S)
    return replace(doctor, state="draining") if state == "draining" else doctor


async def test_doctors_on_duty_are_shown_as_a_band(store: MemoryStore, clock: Clock) -> None:
    """Each once, in whichever queues; who takes nobody more is not one, nor is a probe's doctor."""
    usage = node(store, 1, "day", "night", "probe-1")
    for number in range(4):
        await store.go_on_duty(on_duty(f"dr-{number}", "day", "night"))
    await store.go_on_duty(on_duty("dr-4", "night", state="draining"))
    await store.go_on_duty(on_duty("robot", "probe-1"))
    await usage.tick(clock.now)

    await usage.tick(clock.advance(DUTY_EVERY_S))

    assert OnDuty("few", int(clock.now)) == usage.released().on_duty


async def test_the_band_is_looked_at_once_in_ten_minutes(store: MemoryStore, clock: Clock) -> None:
    """When ten minutes of the clock begin; coming and going within them is not seen."""
    usage = node(store, 1, "day")
    await usage.tick(clock.now)
    await usage.tick(clock.advance(DUTY_EVERY_S + 0.7))
    await store.go_on_duty(on_duty("dr-1", "day"))

    await usage.tick(clock.advance(DUTY_EVERY_S - 1))
    before = usage.released().on_duty
    await usage.tick(clock.advance(1))

    ten_minutes = int(MIDNIGHT) + DUTY_EVERY_S
    assert OnDuty("none", ten_minutes) == before
    assert OnDuty("few", ten_minutes + DUTY_EVERY_S) == usage.released().on_duty


async def test_starting_a_node_gives_no_further_look_at_doctors(
    store: MemoryStore, clock: Clock
) -> None:
    """Started each minute, it sees nobody; then it sees what all the others see, as they do."""
    one = node(store, 1, "day")
    await one.tick(clock.now)
    await one.tick(clock.advance(DUTY_EVERY_S))
    await store.go_on_duty(on_duty("dr-1", "day"))

    started = [node(store, seed, "day") for seed in range(2, 10)]
    for each in started:
        await each.tick(clock.advance(60))
        assert each.released().on_duty is None
    clock.now = MIDNIGHT + 2 * DUTY_EVERY_S
    for each in (one, *started):
        await each.tick(clock.advance(0.1))

    bands = {each.released().on_duty for each in (one, *started)}
    assert {OnDuty("few", int(MIDNIGHT) + 2 * DUTY_EVERY_S)} == bands


async def test_a_node_that_was_paused_does_not_look_at_another_time(
    store: MemoryStore, clock: Clock
) -> None:
    """Its band is not known until the next ten minutes begin: what it saw before is too old."""
    usage = node(store, 1, "day")
    await usage.tick(clock.now)
    await usage.tick(clock.advance(DUTY_EVERY_S))
    assert usage.released().on_duty is not None

    await usage.tick(clock.advance(DUTY_EVERY_S + LOOK_WITHIN_S))
    paused = usage.released().on_duty
    await usage.tick(clock.advance(DUTY_EVERY_S - LOOK_WITHIN_S))

    assert paused is None
    assert OnDuty("none", int(MIDNIGHT) + 3 * DUTY_EVERY_S) == usage.released().on_duty
