"""From the figures nobody is sure whether one consultation took place: attack and controls."""

import asyncio
from collections.abc import Sequence

import pytest

from signaling.figures import FIGURES, total_epsilon
from tests.signaling.attack import Row, attack, controls, table

SLACK = 0.02
"""What so many days leave to chance. The dice are known, so it is the same in every run."""


@pytest.mark.timeout(300)  # five seconds of a free core; a busy machine takes its time
def test_the_attack_is_held_to_the_bound_of_each_figure() -> None:
    """And of all together; it comes close to each, so it is as good as an attack can be."""
    rows = asyncio.run(attack())

    print(table(rows))  # noqa: T201 # pytest shows it when a bound does not hold
    assert [*(f.name for f in FIGURES), "all together"] == [row.what for row in rows]
    assert [*(f.epsilon for f in FIGURES), total_epsilon()] == [row.epsilon for row in rows]
    assert [] == [row for row in rows if row.advantage > row.most + SLACK]
    assert [] == [row for row in rows[:-1] if row.advantage < row.most - SLACK]
    assert rows[-1].advantage > rows[1].most + SLACK


def test_the_attack_knows_all_where_nothing_is_hidden() -> None:
    """By a naive counter, and by a threshold without noise, where a crowd alone does not hide."""
    rows = asyncio.run(controls())

    assert 2 * (len(FIGURES) + 1) == len(rows)
    assert {1.0} == {row.advantage for row in rows}


def test_the_table_says_what_was_found() -> None:
    """As the documents quote it."""
    found: Sequence[Row] = [Row("a", FIGURES[0].epsilon, 0.2424), Row("b", None, 1.0)]

    assert ["| a | 1/2 | 0.242 | 0.245 |", "| b | – | 1.000 | – |"] == table(found).splitlines()[2:]
