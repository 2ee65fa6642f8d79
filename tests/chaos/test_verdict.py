"""The judge of the faults can see: each kind of harm is counted as what it is."""

from hypothesis import given
from hypothesis import strategies as st

from tests.chaos.verdict import HEADINGS, judge, table

orders = st.permutations(range(12))


@given(orders)
def test_everybody_in_order_is_clean(order: list[int]) -> None:
    """Whatever the numbers are."""
    assert judge("none", order, order).is_clean


@given(orders, st.integers(0, 11))
def test_who_is_never_called_is_lost(order: list[int], lost: int) -> None:
    """One, and nobody is out of order for it."""
    verdict = judge("some", order, [number for number in order if number != lost])

    assert (1, 0, 0) == (verdict.lost, verdict.duplicated, verdict.out_of_order)
    assert not verdict.is_clean


@given(orders, st.integers(0, 11), st.integers(0, 12))
def test_who_is_called_twice_is_counted(order: list[int], twice: int, at: int) -> None:
    """Wherever the second call comes."""
    called = [*order[:at], twice, *order[at:]]

    assert 1 == judge("some", order, called).duplicated


@given(orders, st.integers(0, 10))
def test_two_who_changed_places_are_one_out_of_order(order: list[int], at: int) -> None:
    """Taking one of them out would mend it."""
    called = list(order)
    called[at], called[at + 1] = called[at + 1], called[at]

    assert (1, 0) == (judge("some", order, called).out_of_order, judge("some", order, called).lost)


def test_the_last_served_first_puts_all_others_out_of_order() -> None:
    """Backwards, one could stay."""
    assert 4 == judge("some", [1, 2, 3, 4, 5], [5, 4, 3, 2, 1]).out_of_order


def test_the_table_has_a_row_for_each_fault() -> None:
    """Under its headings, in columns."""
    lines = table([judge("a node dies", [1, 2], [1, 2], 0, 3.25)]).splitlines()

    assert [*HEADINGS] == [text.strip() for text in lines[0].split("  ") if text]
    assert ["a node dies", "2", "0", "0", "0", "0", "3.2"] == [
        text.strip() for text in lines[1].split("  ") if text
    ]
    assert 1 == len({len(line) for line in lines})
