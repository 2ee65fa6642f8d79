"""Peers that lost the server come back soon, and not all at once."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from clients.peer.pauses import PAUSE_MAX_S, Loss, loss_of, obeyed_s, pause_s
from signaling.settings import Settings

dice = st.floats(0, 1, exclude_max=True)
attempts = st.integers(0, 10_000)
losses: st.SearchStrategy[Loss] = st.sampled_from(("lost", "closing", "slow"))
MARGIN_S = 10.0
"""For two openings and two joins."""


@given(attempts, losses, dice)
def test_no_pause_is_longer_than_the_longest(attempt: int, loss: Loss, die: float) -> None:
    """Nor below nothing, however long a peer has been trying."""
    assert 0 <= pause_s(attempt, loss, die) <= PAUSE_MAX_S


@given(attempts, losses, dice, dice)
def test_pauses_grow(attempt: int, loss: Loss, one: float, other: float) -> None:
    """With the attempts, and with the die."""
    assert pause_s(attempt, loss, one) <= pause_s(attempt + 1, loss, one)
    assert pause_s(attempt, loss, min(one, other)) <= pause_s(attempt, loss, max(one, other))


def test_a_crowd_is_spread_over_some_seconds() -> None:
    """Of those whom a stopping server sent away no second sees more than its share."""
    times = sorted(pause_s(0, "closing", n / 1000) for n in range(1000))

    most = max(len(list(group)) for _, group in itertools.groupby(times, int))
    assert times[-1] > 5
    assert most < 200


@given(attempts, dice)
def test_whoever_was_too_much_comes_back_slower(attempt: int, die: float) -> None:
    """From the first time."""
    assert pause_s(attempt, "slow", die) >= max(PAUSE_MAX_S / 2, pause_s(attempt, "lost", die))


@given(st.floats(0, 3600), dice)
def test_the_servers_word_is_kept(retry_s: float, die: float) -> None:
    """Never sooner, and not twice as late."""
    assert retry_s <= obeyed_s(retry_s, die) <= 2 * retry_s


def test_those_who_heard_the_same_do_not_come_together() -> None:
    """A crowd that was refused at once is spread as well."""
    assert obeyed_s(20, 0.9) > obeyed_s(20, 0.1) + 5


def test_what_a_close_code_says() -> None:
    """1001 and 1008 have a meaning for the pause; the others, and none, are a lost network."""
    said = [loss_of(code) for code in (1001, 1008, 1006, 1011, None)]

    assert ["closing", "slow", "lost", "lost", "lost"] == said


def test_everybody_has_tried_twice_before_a_lost_store_goes_on() -> None:
    """The server waits longer than two of the longest pauses."""
    assert 2 * PAUSE_MAX_S + MARGIN_S <= Settings().rebuild_s
