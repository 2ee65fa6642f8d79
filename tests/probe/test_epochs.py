"""What was released stays as it was, and only so much of it."""

from hypothesis import given
from hypothesis import strategies as st

from probe.epochs import DAYS_KEPT, HOURS_KEPT, Epochs, joined, kept
from probe.readings import Epoch
from signaling.figures import CONSULTATIONS, FIGURES, WAITS
from tests.probe.expositions import EPOCHS, NOW

HOUR = EPOCHS["consultations"]


def hour(number: int, value: int = 20) -> Epoch:
    """An epoch so many hours before the newest."""
    return Epoch("consultations", HOUR - 3_600 * number, {"": value}, is_partial=False)


def test_the_oldest_comes_first() -> None:
    """However they arrive, they are told in order."""
    epochs = Epochs()

    epochs.add([hour(1), hour(3), hour(0)], NOW)

    assert (hour(3), hour(1), hour(0)) == epochs.of(CONSULTATIONS)
    assert () == epochs.of(WAITS)


def test_what_was_released_once_is_not_changed() -> None:
    """Two nodes, or one node twice: the first word holds, so that nothing moves in an epoch."""
    epochs = Epochs()
    epochs.add([hour(0, 20)], NOW)

    epochs.add([hour(0, 21)], NOW + 10)

    assert (hour(0, 20),) == epochs.of(CONSULTATIONS)


def test_as_many_are_kept_as_the_page_draws() -> None:
    """A week of hours and ninety days."""
    assert [HOURS_KEPT, DAYS_KEPT, DAYS_KEPT] == [kept(figure) for figure in FIGURES]


def test_an_epoch_whose_time_is_over_is_forgotten() -> None:
    """Also when no newer one has come: of a node that has been down for a week."""
    epochs = Epochs()
    epochs.add([hour(0)], NOW)

    epochs.add([], NOW + (HOURS_KEPT + 2) * 3_600)

    assert () == epochs.of(CONSULTATIONS)


@given(st.lists(st.integers(-500, 500)))
def test_the_ring_never_grows_beyond_its_bound(numbers: list[int]) -> None:
    """Whatever a node dates its epochs, so many are held, and none of the future."""
    epochs = Epochs()

    for number in numbers:
        epochs.add([hour(number)], NOW)

    held = epochs.of(CONSULTATIONS)
    assert len(held) <= HOURS_KEPT
    assert all(epoch.start <= NOW for epoch in held)


def test_what_somebody_else_remembers_goes_behind_what_is_held() -> None:
    """Prometheus fills the time before the probe began, and corrects nothing."""
    epochs = Epochs()
    epochs.add([hour(0, 20)], NOW)

    whole = joined(epochs, {"consultations": [hour(0, 99), hour(1, 30)]}, NOW)

    assert (hour(1, 30), hour(0, 20)) == whole.of(CONSULTATIONS)
    assert (hour(0, 20),) == epochs.of(CONSULTATIONS)
