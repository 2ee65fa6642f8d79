"""Fixtures of the room."""

import pytest

from tests.clock import Clock
from tests.dice import Dice
from tests.signaling.house import House


@pytest.fixture
def house(clock: Clock, dice: Dice) -> House:
    """A waiting room without sockets."""
    return House(clock, dice)
