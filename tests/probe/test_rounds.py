"""A round says which step failed, and how long it took until there was a picture."""

from typing import get_args

from probe.rounds import PATHS, STEPS, WHYS, Path, Round, Step, Why

EVERY_STEP = {step: 10.0 for step in STEPS}


def test_the_lists_are_the_types() -> None:
    """What the page goes through, and what a round may hold, are the same words."""
    assert (PATHS, STEPS, WHYS) == (get_args(Path), get_args(Step), get_args(Why))


def test_a_round_without_a_failed_step_is_ok() -> None:
    """And one with a failed step is not, whatever else was measured."""
    assert Round("udp", "1", 0.0, EVERY_STEP).is_ok
    assert not Round("udp", "1", 0.0, EVERY_STEP, "nothing-left", "not-empty").is_ok


def test_the_first_picture_takes_all_steps_up_to_it() -> None:
    """Page, socket, queue, claim, seal, ICE, DTLS, frame: eight steps of 10 ms."""
    assert 80.0 == Round("udp", "1", 0.0, EVERY_STEP).first_frame_ms


def test_without_a_picture_there_is_no_time_for_it() -> None:
    """A round that stopped at DTLS took nobody to a picture."""
    until_ice = {step: 10.0 for step in STEPS[:6]}

    assert Round("udp", "1", 0.0, until_ice, "dtls", "timeout").first_frame_ms is None
