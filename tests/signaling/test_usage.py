"""Figures of use: born with noise, released when their hour or day is over, the same everywhere."""

from random import Random

import pytest

from signaling.encoding import encode
from signaling.figures import CONSULTATIONS, HOUR_S
from signaling.memory_store import MemoryStore
from signaling.store import Life
from signaling.usage import SETTLE_S, Usage
from tests.clock import Clock
from tests.dice import Dice


@pytest.fixture
def store(clock: Clock, dice: Dice) -> MemoryStore:
    return MemoryStore(Life(encode(dice(8)), began=clock.now))


async def test_an_hour_is_released_after_its_end(store: MemoryStore, clock: Clock) -> None:
    """Not while it runs, and some seconds after."""
    usage = Usage(store, Random(1).randrange)
    await usage.tick(clock.now)
    for _ in range(200):
        await usage.count("consultations", "", clock.now)

    clock.now = CONSULTATIONS.start_of(clock.now) + HOUR_S + SETTLE_S - 0.1
    await usage.tick(clock.now)
    assert {} == usage.released().epochs

    clock.advance(0.1)
    await usage.tick(clock.now)
    (epoch,) = usage.released().epochs.values()
    assert abs(epoch.values[""] - 200) < 30
