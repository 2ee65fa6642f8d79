"""Whatever goes wrong is said in one of our own words, and in no other."""

import pytest

from clients.peer.errors import (
    FarEndFailed,
    NotEnrolled,
    NotReached,
    NotVouchedFor,
    Over,
    PeerError,
    Replaced,
    TooLate,
    Turned,
)
from clients.peer.sealing import Refused
from probe.failures import Failed, why_of
from probe.rounds import WHYS, Why


@pytest.mark.parametrize(
    ("failure", "why"),
    [
        (Failed("not-empty"), "not-empty"),
        (TimeoutError(), "timeout"),
        (TooLate("No doctor called in time."), "timeout"),
        (Turned("not-admitted", "Not admitted."), "refused"),
        (Turned("expired", "Too late."), "expired"),
        (NotEnrolled("No union."), "expired"),
        (NotReached("Nobody there."), "unreached"),
        (NotVouchedFor(Refused("identity")), "unsealed"),
        (Over("session", "left"), "closed"),
        (Replaced("Opened elsewhere."), "closed"),
        (FarEndFailed("No path."), "closed"),
        (PeerError("Something else."), "closed"),
        (RuntimeError("a bug"), "internal"),
        (ExceptionGroup("both", [TooLate("one"), RuntimeError("other")]), "timeout"),
    ],
)
def test_each_failure_has_its_word(failure: Exception, why: Why) -> None:
    """And what was said of it stays where it was."""
    assert why == why_of(failure)
    assert why in WHYS
