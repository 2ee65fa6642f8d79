"""Which step is under way is read off what both ends have marked."""

import pytest

from probe.rounds import Step
from probe.steps import Stopwatch, step_of
from tests.clock import Clock

SEALED = ("called", "gathers", "gathered", "sealed")


def marks(*names: str) -> dict[str, float]:
    return {name: float(at) for at, name in enumerate(names)}


@pytest.mark.parametrize(
    ("doctor", "patient", "step"),
    [
        (marks("joined", "on duty"), marks("joined"), "claim"),
        (marks("called"), marks("joined"), "seal"),
        (marks("called", "gathers"), marks("joined"), "ice"),
        (marks("called", "gathers", "gathered"), marks("proposed"), "seal"),
        (marks("called", "gathers", "gathered"), marks("accept", "gathers"), "ice"),
        (marks(*SEALED), marks("gathers", "gathered"), "seal"),
        (marks(*SEALED), marks("gathers", "gathered", "sealed"), "ice"),
        (marks(*SEALED, "ice"), marks("sealed"), "ice"),
        (marks(*SEALED, "ice"), marks("sealed", "ice"), "dtls"),
        (marks(*SEALED, "ice", "dtls", "bound"), marks("sealed", "ice", "dtls"), "dtls"),
        (marks(*SEALED, "ice", "bound"), marks("sealed", "ice", "bound"), "frame"),
        (marks(*SEALED, "ice", "gathers"), marks("sealed", "ice"), "ice"),
    ],
)
def test_the_slower_end_says_how_far_they_are(
    doctor: dict[str, float], patient: dict[str, float], step: Step
) -> None:
    """And whoever looks for addresses is at ICE, whenever he does."""
    assert step == step_of(doctor, patient)


def test_a_step_that_is_gone_back_to_goes_on(clock: Clock) -> None:
    """Its time is that of all its parts; each time it begins it is said."""
    begun: list[Step] = []
    watch = Stopwatch(clock, begun.append)

    for step in ("seal", "ice", "seal", "seal", "ice", "dtls"):
        clock.advance(1)
        watch.turns_to(step)
    clock.advance(1)

    assert {"page": 1e3, "seal": 3e3, "ice": 2e3, "dtls": 1e3} == watch.taken_ms(but=None)
    assert ["seal", "ice", "seal", "ice", "dtls"] == begun


def test_the_step_that_failed_has_no_time(clock: Clock) -> None:
    """How long it was waited for in vain says nothing of the service."""
    watch = Stopwatch(clock, lambda _: None)
    clock.advance(1)
    watch.turns_to("socket")
    clock.advance(6)

    assert {"page": 1e3} == watch.taken_ms(but="socket")
