"""Every node tells the store's time, and none of them ever tells an earlier one."""

from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signaling.store import StoreAway
from signaling.store_clock import JUMP_S, SLEW, TRIPS, StoreClock
from tests.clock import Clock


class TheStore:
    """A store far away, whose clock is `ahead_s` of the true time.

    Each question takes the next of these trips there, and as long back.
    """

    def __init__(
        self, true: Clock, ahead_s: float = 0.0, ways_s: tuple[float, ...] = (0.01,)
    ) -> None:
        self.true = true
        self.ahead_s = ahead_s
        self.ways_s = ways_s
        self.asked = 0

    async def time(self) -> float:
        way_s = self.ways_s[self.asked % len(self.ways_s)]
        self.asked += 1
        self.true.advance(way_s)
        now = self.true.now + self.ahead_s
        self.true.advance(way_s)
        return now


async def test_nodes_thirty_seconds_apart_tell_the_same_time() -> None:
    """It is the store's, to within half of the quickest trip."""
    true = Clock()
    store = TheStore(true, ahead_s=7.0)

    def wrong_by(seconds: float) -> Callable[[], float]:
        return lambda: true.now + seconds

    clocks = [StoreClock(wrong_by(seconds), store.time) for seconds in (-30.0, 0.0, 30.0)]

    for clock in clocks:
        await clock.measure()

    assert [pytest.approx(true.now + 7.0)] * 3 == [clock() for clock in clocks]


async def test_the_quickest_of_several_trips_counts() -> None:
    """A busy moment does not move the clock."""
    true = Clock()
    store = TheStore(true, ways_s=(0.5, 0.9, 0.001, 0.7, 0.5))

    await (clock := StoreClock(lambda: true.now + 30, store.time)).measure()

    assert TRIPS == store.asked
    assert abs(clock() - true.now) <= 0.001


async def test_a_clock_that_drifts_follows_at_a_rate() -> None:
    """Nobody's deadline passes in a leap."""
    true = Clock()
    store = TheStore(true)
    clock = StoreClock(lambda: true.now, store.time)
    await clock.measure()
    store.ahead_s = 0.5

    has_jumped = await clock.measure()
    before = clock()
    true.advance(0.1)

    assert not has_jumped
    assert clock() - before == pytest.approx(0.1 * (1 + SLEW))
    true.advance(10.0)
    assert clock() == pytest.approx(true.now + 0.5)


@pytest.mark.parametrize("ahead_s", [-30.0, 30.0])
async def test_a_clock_that_jumps_is_told_and_followed_without_a_step(ahead_s: float) -> None:
    """As after a failover to another machine: slower or faster for a minute, never back."""
    true = Clock()
    store = TheStore(true)
    clock = StoreClock(lambda: true.now, store.time)
    await clock.measure()
    store.ahead_s = ahead_s

    assert await clock.measure()
    told = [clock()]
    for _ in range(700):
        true.advance(0.1)
        told.append(clock())

    steps = [later - earlier for earlier, later in pairwise(told)]
    assert 0.1 * (1 - SLEW) - 1e-6 <= min(steps) and max(steps) <= 0.1 * (1 + SLEW) + 1e-6
    assert clock() == pytest.approx(true.now + ahead_s)
    assert not await clock.measure()


async def test_a_store_that_is_away_stops_no_clock() -> None:
    """It goes on as it did."""
    true = Clock()
    clock = StoreClock(lambda: true.now, TheStore(true, ahead_s=9.0).time)
    await clock.measure()

    async def away() -> float:
        raise StoreAway

    clock._ask = away
    with pytest.raises(StoreAway):
        await clock.measure()

    true.advance(5.0)
    assert clock() == pytest.approx(true.now + 9.0)


async def test_before_it_has_asked_it_tells_this_machines_time() -> None:
    """Nobody is let in before, but somebody may look."""
    true = Clock()

    assert StoreClock(lambda: true.now, TheStore(true).time)() == true.now


@given(
    st.lists(
        st.tuples(st.floats(0, 100), st.floats(-1_000, 1_000), st.booleans()),
        min_size=1,
        max_size=40,
    )
)
async def test_it_never_runs_backwards(steps: list[tuple[float, float, bool]]) -> None:
    """Whatever the store says, and whenever it is asked."""
    true = Clock()
    store = TheStore(true)
    clock = StoreClock(lambda: true.now, store.time)
    await clock.measure()
    last = clock()
    for advance_s, ahead_s, measures in steps:
        true.advance(advance_s)
        store.ahead_s = ahead_s
        if measures:
            await clock.measure()
        now = clock()
        assert now >= last
        last = now


def test_a_jump_is_more_than_a_drift() -> None:
    """A good clock drifts a tenth of a second in an hour."""
    assert 0.1 < JUMP_S
