"""The noise is exactly the one that the figures promise."""

import math
from collections import Counter
from fractions import Fraction
from random import Random

import pytest

from signaling.noise import discrete_laplace

THROWS = 40_000
SCALES = (Fraction(2), Fraction(4), Fraction(1, 2), Fraction(7, 3))


def probability(x: int, scale: Fraction) -> float:
    """The closed form: how likely x is."""
    ratio = math.exp(-1 / float(scale))
    return (1 - ratio) / (1 + ratio) * ratio ** abs(x)


def cells(scale: Fraction) -> range:
    """Values of which each is expected so often that chi-squared may be asked."""
    edge = next(x for x in range(1_000) if THROWS * probability(x, scale) < 40)
    return range(-edge, edge + 1)


def chi_squared(thrown: Counter[int], scale: Fraction) -> float:
    """How far the throws are from the closed form; both tails are one more cell."""
    inner = cells(scale)
    expected = [THROWS * probability(x, scale) for x in inner]
    seen = [thrown[x] for x in inner]
    expected.append(THROWS - sum(expected))
    seen.append(THROWS - sum(seen))
    return sum((s - e) ** 2 / e for s, e in zip(seen, expected, strict=True))


def limit(scale: Fraction) -> float:
    """What true noise exceeds once in 10,000 times (Wilson, Hilferty 1931)."""
    freedom = len(cells(scale))
    return freedom * (1 - 2 / (9 * freedom) + 3.719 * math.sqrt(2 / (9 * freedom))) ** 3


@pytest.mark.parametrize("scale", SCALES)
def test_the_noise_has_the_distribution_of_the_closed_form(scale: Fraction) -> None:
    """Chi-squared over every value that is likely, at one in 10,000."""
    below = Random(f"noise {scale}").randrange

    thrown = Counter(discrete_laplace(scale, below) for _ in range(THROWS))

    assert chi_squared(thrown, scale) < limit(scale)


@pytest.mark.parametrize("scale", SCALES)
def test_noise_that_is_a_little_off_is_found(scale: Fraction) -> None:
    """The check can fail: a tenth more of scale, or 0 twice as likely as it is."""
    dice = Random(f"wrong {scale}")
    wider = Counter(discrete_laplace(scale * 11 / 10, dice.randrange) for _ in range(THROWS))
    # As if Algorithm 2 did not begin again at -0.
    counted_twice = Counter(wrong_zero(scale, dice) for _ in range(THROWS))

    assert chi_squared(wider, scale) > limit(scale)
    assert chi_squared(counted_twice, scale) > limit(scale)


def wrong_zero(scale: Fraction, dice: Random) -> int:
    ratio = math.exp(-1 / float(scale))
    size = 0
    while dice.random() < ratio:
        size += 1
    return dice.choice((-1, 1)) * size


@pytest.mark.parametrize("scale", SCALES)
def test_the_dice_are_asked_for_whole_numbers_only(scale: Fraction) -> None:
    """Nothing is rounded on the way: each throw is one of a whole number of sides, 1 at least."""
    asked: list[object] = []
    dice = Random(1)

    def below(sides: int) -> int:
        asked.append(sides)
        return dice.randrange(sides)

    thrown = [discrete_laplace(scale, below) for _ in range(500)]

    assert all(type(x) is int for x in thrown)
    assert all(type(sides) is int and sides >= 1 for sides in asked)


def test_known_throws_give_known_noise() -> None:
    """Algorithm 2 by hand, with scale 2: first -0, which does not count, then -3."""
    throws = [
        *[(2, 0), (2, 0), (1, 0), (2, 1), (2, 1)],  # u = 0, it stands; v = 0; negative: again
        *[(2, 1), (2, 1)],  # u = 1, it stands
        *[(1, 0), (2, 0), (3, 1)],  # exp(-1) happens, so v is 1
        *[(1, 0), (2, 1)],  # and not once more: size 1 + 2 * 1
        (2, 1),  # negative
    ]
    left = iter(throws)

    def below(sides: int) -> int:
        asked, thrown = next(left)
        assert asked == sides
        return thrown

    assert -3 == discrete_laplace(Fraction(2), below)
    assert [] == list(left)
