"""Letters that found the far end away go once more, in order."""

from clients.peer.post import KEPT_MAX, Post


def test_nothing_goes_twice_that_was_not_refused() -> None:
    """The usual case."""
    post = Post()
    post.sent("a")

    assert () == post.due()


def test_n_refusals_mean_the_last_n_letters() -> None:
    """The server answers in order and names none."""
    post = Post()
    for body in ("a", "b", "c"):
        post.sent(body)
    post.away()
    post.away()

    assert ("b", "c") == post.due()
    assert () == post.due()


def test_a_far_end_long_away_costs_a_bounded_memory() -> None:
    """Beyond the bound the oldest is worth nothing."""
    post = Post()
    for n in range(2 * KEPT_MAX):
        post.sent(str(n))
        post.away()

    due = post.due()

    assert KEPT_MAX == len(due)
    assert str(2 * KEPT_MAX - 1) == due[-1]


def test_another_session_begins_anew() -> None:
    """What was meant for one far end never goes to the next."""
    post = Post()
    post.sent("a")
    post.away()

    post.forget()
    post.away()

    assert () == post.due()
