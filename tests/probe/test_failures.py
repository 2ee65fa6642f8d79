"""Whatever goes wrong is said in one of our own words, and in no other."""

from typing import get_args

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
from clients.peer.relays import Space
from clients.peer.sealing import Refused
from probe.failures import WHY_NO_SPACE, Failed, why_of
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


def test_every_answer_of_a_relay_that_gives_nothing_has_its_word() -> None:
    """Full is told from away, and away from a certificate of nobody known."""
    assert set(get_args(Space)) - {"given"} == WHY_NO_SPACE.keys()
    assert set(WHY_NO_SPACE.values()) <= set(WHYS)
    assert "relay-full" == WHY_NO_SPACE["full"]
