"""Letters that found the far end away go once more, in order."""

from collections import deque

from hypothesis import given
from hypothesis import strategies as st

from clients.peer.post import KEPT_MAX, Post


class FarEnd:
    """A post, and a server that answers later and in order, as over a socket.

    Unlike a real far end, it comes back only when all refusals have been heard.
    """

    def __init__(self) -> None:
        self.is_away = False
        self.got: list[str] = []
        self._post = Post()
        self._refusals: deque[None] = deque()

    def is_written(self, body: str) -> None:
        if self._post.takes(body):
            self._arrives(body)

    def one_refusal_is_heard(self) -> None:
        if self._refusals:
            self._refusals.popleft()
            self._post.away()

    def comes_back(self) -> None:
        while self._refusals:
            self.one_refusal_is_heard()
        self.is_away = False
        for body in self._post.due():
            self.is_written(body)

    def _arrives(self, body: str) -> None:
        if self.is_away:
            self._refusals.append(None)
        else:
            self.got.append(body)


@given(st.lists(st.sampled_from(["write", "write", "lose", "hear", "return"]), max_size=40))
def test_every_letter_arrives_once_and_in_order(events: list[str]) -> None:
    """Whenever the far end goes and comes, and however late a refusal is heard."""
    far, written = FarEnd(), 0
    for event in events:
        if event == "write" and written < KEPT_MAX:
            far.is_written(str(written))
            written += 1
        elif event == "lose":
            far.is_away = True
        elif event == "hear":
            far.one_refusal_is_heard()
        elif event == "return":
            far.comes_back()

    far.comes_back()

    assert [str(n) for n in range(written)] == far.got


def test_nothing_goes_twice_that_was_not_refused() -> None:
    """The usual case."""
    post = Post()

    assert post.takes("a")
    assert () == post.due()


def test_n_refusals_mean_the_last_n_letters() -> None:
    """The server answers in order and names none."""
    post = Post()
    for body in ("a", "b", "c"):
        assert post.takes(body)
    post.away()
    post.away()

    assert ("b", "c") == post.due()
    assert () == post.due()


def test_a_letter_written_after_a_refusal_waits_behind_the_refused_one() -> None:
    """Else it would be taken for the refused one, or overtake it."""
    post = Post()
    post.takes("a")
    post.away()

    assert not post.takes("b")
    assert ("a", "b") == post.due()
    assert post.takes("c")


def test_a_far_end_long_away_costs_a_bounded_memory() -> None:
    """Beyond the bound the oldest is worth nothing."""
    post = Post()
    for n in range(3 * KEPT_MAX):
        post.takes(str(n))
        if n == KEPT_MAX:
            post.away()

    due = post.due()

    assert 1 + KEPT_MAX == len(due)
    assert str(3 * KEPT_MAX - 1) == due[-1]


def test_another_session_begins_anew() -> None:
    """What was meant for one far end never goes to the next."""
    post = Post()
    post.takes("a")
    post.away()
    post.takes("b")

    post.forget()
    post.away()

    assert () == post.due()
