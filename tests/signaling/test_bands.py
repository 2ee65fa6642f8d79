"""The expected wait: coarse, from place and doctors alone, and never better further behind."""

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signaling.bands import Band, band_of, strength_of
from signaling.encoding import encode
from signaling.messages import DutyState
from signaling.store import Doctor

ORDER = ("under-10", "10-to-30", "over-30")
HANDLE = encode(bytes(16))
places = st.integers(1, 20_000)
strengths = st.integers(1, 2_600).map(lambda halves: halves / 2)


def doctor(*queues: str, state: DutyState = "on") -> Doctor:
    return Doctor(encode(bytes(16)), frozenset(queues), state, 0.0)


@pytest.mark.parametrize(
    ("place", "strength", "band"),
    [
        (1, 1, "under-10"),
        (2, 1, "10-to-30"),
        (3, 1, "over-30"),
        (2, 2, "under-10"),
        (5, 2, "10-to-30"),
        (6, 2, "over-30"),
        (1, 0.5, "10-to-30"),
        (40, 20, "10-to-30"),
    ],
)
def test_a_consultation_takes_twelve_minutes(place: int, strength: float, band: str) -> None:
    """And is half over when one comes: what the page's help says."""
    assert band == band_of(place, strength)


@given(places)
def test_without_a_doctor_nobody_knows(place: int) -> None:
    """However near the head."""
    assert "unknown" == band_of(place, 0)


@given(places, places, strengths)
def test_nobody_behind_is_told_a_shorter_wait(one: int, other: int, strength: float) -> None:
    """The bands follow the one order of the queue."""
    before, behind = sorted((one, other))

    assert ORDER.index(band_of(before, strength)) <= ORDER.index(band_of(behind, strength))


@given(places, strengths, strengths)
def test_a_further_doctor_makes_no_wait_longer(place: int, one: float, other: float) -> None:
    """The other way round neither."""
    fewer, more = sorted((one, other))

    assert ORDER.index(band_of(place, more)) <= ORDER.index(band_of(place, fewer))


@given(places, strengths)
def test_a_band_is_a_word_and_never_a_number(place: int, strength: float) -> None:
    """One of four, so that it tells nothing more exact than it knows."""
    assert {*ORDER, "unknown"} == set(get_args(Band))
    assert band_of(place, strength) in ORDER


def test_a_doctor_of_several_queues_counts_half() -> None:
    """His own links are no further queue, and who is about to stop counts nothing."""
    assert 0 == strength_of([])
    assert 1 == strength_of([doctor("a")]) == strength_of([doctor("a", HANDLE)])
    assert 1 == strength_of([doctor(HANDLE)])
    assert 0.5 == strength_of([doctor("a", "b")])
    assert 2.5 == strength_of([doctor("a"), doctor("a"), doctor("a", "b", HANDLE)])
    assert 0 == strength_of([doctor("a", state="draining")])
