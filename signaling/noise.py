"""The noise that hides one consultation in a number.

Pure: integers and fractions only, and the dice are an argument. No floating point: its rounding has
given away what noise was to hide (Mironov 2012, "On significance of the least significant bits").

Canonne, Kamath, Steinke 2020, "The Discrete Gaussian for Differential Privacy", Algorithms 1 and 2.
"""

from collections.abc import Callable
from fractions import Fraction

Below = Callable[[int], int]
"""Dice: a whole number from 0 to below its argument, each as likely as the others."""


def discrete_laplace(scale: Fraction, below: Below) -> int:
    """Throw a whole number x with a probability proportional to exp(-|x| / scale). Algorithm 2."""
    t, s = scale.numerator, scale.denominator
    while True:
        u = below(t)
        if not _happens_exp(u, t, below):
            continue
        v = 0
        while _happens_exp(1, 1, below):
            v += 1
        size = (u + t * v) // s
        is_negative = below(2) == 1
        if is_negative and size == 0:  # or 0 would be twice as likely as it is
            continue
        return -size if is_negative else size


def _happens_exp(part: int, whole: int, below: Below) -> bool:
    """Happen with probability exp(-part / whole), for 0 <= part <= whole. Algorithm 1."""
    k = 1
    while below(whole * k) < part:
        k += 1
    return k % 2 == 1
