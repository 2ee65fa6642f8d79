"""The bucket: so many at once, so many a second."""

from hypothesis import given
from hypothesis import strategies as st

from signaling.pace import Bucket


def test_a_burst_is_let_through_and_no_more() -> None:
    """Full at the start."""
    bucket = Bucket(burst=3, per_s=1, now=0.0)

    assert [True, True, True, False] == [bucket.take(0.0) for _ in range(4)]


def test_the_bucket_refills_by_the_second() -> None:
    """One more after a second, none after half of it."""
    bucket = Bucket(burst=1, per_s=1, now=0.0)
    bucket.take(0.0)

    assert [False, True, False] == [bucket.take(0.5), bucket.take(1.0), bucket.take(1.0)]


def test_a_refused_one_costs_nothing() -> None:
    """Whoever keeps trying is served no later than whoever waited."""
    bucket = Bucket(burst=1, per_s=1, now=0.0)
    bucket.take(0.0)

    assert [False] * 3 + [True] == [bucket.take(second / 4) for second in range(1, 5)]


def test_a_long_silence_saves_up_no_more_than_a_burst() -> None:
    """An hour of silence is no licence to flood."""
    bucket = Bucket(burst=2, per_s=10, now=0.0)

    assert [True, True, False] == [bucket.take(3_600.0) for _ in range(3)]


@given(st.lists(st.floats(0, 2), max_size=60), st.integers(1, 20), st.integers(1, 20))
def test_no_schedule_beats_the_pace(waits: list[float], burst: int, per_s: int) -> None:
    """However it is timed: never more than a burst and what the time refilled."""
    bucket, now, taken = Bucket(burst, per_s, 0.0), 0.0, 0

    for wait in waits:
        now += wait
        taken += bucket.take(now)

    assert taken <= burst + now * per_s + 1e-6
