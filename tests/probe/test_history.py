"""The ring of rounds: what was measured counts, what was not is unknown, and it ends."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probe.history import (
    DAY_S,
    INCIDENTS_MAX,
    NODES_MAX,
    QUARTER_S,
    ROUNDS_A_DAY_MAX,
    SLOT_S,
    SLOTS_A_DAY,
    SLOTS_MAX,
    WEEK_S,
    History,
    Incident,
)
from probe.rounds import STEPS, Path, Round

NOW = 1_800_000_000.0
MINUTE_S = 60.0
EVERY_STEP = {step: 10.0 for step in STEPS}


def green(at: float, path: Path = "udp", node: str = "1", ms: float = 10.0) -> Round:
    return Round(path, node, at, {step: ms for step in STEPS}, loss=0.0, jitter_ms=1.0)


def red(at: float, path: Path = "udp", node: str = "1") -> Round:
    return Round(path, node, at, {"page": 10.0}, "socket", "unreached")


def history_of(*rounds: Round, since: float = NOW - DAY_S) -> History:
    history = History(since)
    for round_ in rounds:
        history.add(round_)
    return history


any_round = st.builds(
    lambda is_green, at: green(at) if is_green else red(at),
    st.booleans(),
    st.floats(NOW - 200 * DAY_S, NOW + 200 * DAY_S),
)


@pytest.mark.parametrize("window_s", [SLOT_S, DAY_S, WEEK_S, QUARTER_S])
def test_before_the_first_round_nothing_is_known(window_s: float) -> None:
    """Neither up nor down: a fresh start claims no ninety days."""
    history = History(NOW)

    assert history.uptime("1", "udp", NOW, window_s) is None
    assert ("unknown", NOW) == history.state("1", "udp", NOW)
    assert history.latest("1", "udp", NOW) is None
    assert ((), ()) == (history.rows(), history.incidents(NOW))
    assert {} == history.usual_ms("1", "udp", NOW)


def test_uptime_is_the_share_of_rounds_that_went_well() -> None:
    """Three of four, however far apart they were."""
    history = history_of(green(NOW - 180), red(NOW - 120), green(NOW - 60), green(NOW))

    assert 0.75 == history.uptime("1", "udp", NOW, DAY_S)


def test_a_window_leaves_out_what_was_before_it() -> None:
    """A bad week is not a bad day."""
    history = history_of(red(NOW - 2 * DAY_S), green(NOW - 60))

    assert 1.0 == history.uptime("1", "udp", NOW, DAY_S)
    assert 0.5 == history.uptime("1", "udp", NOW, WEEK_S)


def test_a_row_that_was_not_measured_lately_is_unknown() -> None:
    """A probe that hangs leaves no row green behind it, and no time that counts as up."""
    history = history_of(green(NOW))

    assert ("up", NOW) == history.state("1", "udp", NOW + MINUTE_S)
    assert ("unknown", NOW) == history.state("1", "udp", NOW + 10 * MINUTE_S)
    assert history.uptime("1", "udp", NOW + DAY_S + SLOT_S, DAY_S) is None


def test_a_row_says_since_when_it_is_so() -> None:
    """From the first round that was like the last."""
    history = history_of(green(NOW - 180), red(NOW - 120), red(NOW - 60), red(NOW))

    assert ("down", NOW - 120) == history.state("1", "udp", NOW)


def test_each_row_stands_for_itself() -> None:
    """One path of one node that fails turns no other red."""
    history = history_of(red(NOW), green(NOW, "tcp"), green(NOW, "udp", "2"))

    assert (("1", "udp"), ("1", "tcp"), ("2", "udp")) == history.rows()
    assert ["down", "up", "up"] == [history.state(*row, NOW)[0] for row in history.rows()]


def test_an_incident_lasts_until_the_next_good_round() -> None:
    """It names what failed first, and counts the red rounds."""
    history = history_of(red(NOW - 180), red(NOW - 120), green(NOW - 60))

    incident = Incident("udp", "1", NOW - 180, NOW - 60, "socket", "unreached", 2)
    assert (incident,) == history.incidents(NOW)


def test_an_incident_that_goes_on_has_no_end() -> None:
    """And stands before those that are over."""
    history = history_of(red(NOW - 180), green(NOW - 120), red(NOW - 60))

    assert [None, NOW - 120] == [one.ended for one in history.incidents(NOW)]


def test_incidents_are_forgotten_after_ninety_days() -> None:
    """And the oldest before that, where there were very many."""
    history = history_of(red(NOW), green(NOW + 60))

    assert 1 == len(history.incidents(NOW + QUARTER_S - DAY_S))
    assert () == history.incidents(NOW + QUARTER_S + DAY_S)
    for minute in range(3 * INCIDENTS_MAX):
        history.add((red, green)[minute % 2](NOW + minute * MINUTE_S))
    assert INCIDENTS_MAX >= len(history.incidents(NOW))


def test_a_row_that_flaps_displaces_nobody_elses_incidents() -> None:
    """However often it turns red and green within an hour."""
    history = history_of(red(NOW, "tcp"), green(NOW + 60, "tcp"))
    for second in range(4 * INCIDENTS_MAX):
        history.add((red, green)[second % 2](NOW + 100 + second))

    found = history.incidents(NOW + 1_000)

    assert ["tcp"] == [one.path for one in found if one.path != "udp"]
    assert INCIDENTS_MAX + 1 == len(found)


def test_a_path_that_is_none_is_forgotten_with_its_incidents() -> None:
    """While nothing answered nobody could say which paths there are."""
    history = history_of(red(NOW), red(NOW, "direct"), green(NOW + 60), green(NOW + 60, "direct"))
    history.add(red(NOW + 120, "direct"))

    history.forget("1", "direct")

    assert (("1", "udp"),) == history.rows()
    assert ["udp"] == [one.path for one in history.incidents(NOW + 120)]


def test_a_day_is_drawn_in_ten_minutes() -> None:
    """The present ones last; None where nothing was measured."""
    history = history_of(green(NOW - SLOT_S, ms=5.0), green(NOW, ms=10.0), red(NOW))

    series = history.series("1", "udp", NOW)

    assert SLOTS_A_DAY == len(series.at) == len(series.up) == len(series.first_frame_ms)
    assert (NOW // SLOT_S) * SLOT_S == series.at[-1]
    assert (None, 1.0, 0.5) == series.up[-3:]
    assert (None, 40.0, 80.0) == series.first_frame_ms[-3:]


def test_what_is_usual_is_the_middle_of_the_good_rounds() -> None:
    """One slow round does not make slowness usual, and a bad one says nothing."""
    rounds = [green(NOW - 180, ms=9.0), green(NOW - 120, ms=11.0), green(NOW - 60, ms=900.0)]
    history = history_of(*rounds, red(NOW))

    assert {step: 11.0 for step in STEPS} == history.usual_ms("1", "udp", NOW)


def test_the_clock_may_jump_ahead_and_back() -> None:
    """What was measured under a wrong date counts for nothing today, and displaces nothing."""
    day = [green(NOW - n * MINUTE_S) for n in range(60, 0, -1)]
    history = history_of(*day, *(red(NOW + 400 * DAY_S + n * MINUTE_S) for n in range(3)))

    history.add(green(NOW))

    assert ("up", NOW) == history.state("1", "udp", NOW)
    assert 1.0 == history.uptime("1", "udp", NOW, DAY_S)


@given(st.lists(any_round, max_size=60))
def test_however_the_clock_jumps_shares_are_shares(rounds: Sequence[Round]) -> None:
    """Between none and all; all good if all were, none good if none was."""
    history = history_of(*rounds)

    for window_s in (DAY_S, WEEK_S, QUARTER_S):
        share = history.uptime("1", "udp", NOW, window_s)
        assert share is None or 0.0 <= share <= 1.0
        if all(round_.is_ok for round_ in rounds):
            assert share in (None, 1.0)
        if not any(round_.is_ok for round_ in rounds):
            assert share in (None, 0.0)
    for incident in history.incidents(NOW):
        assert incident.ended is None or incident.ended >= incident.began
    assert sum(i.ended is None for i in history.incidents(NOW)) <= 1


@given(st.lists(st.booleans(), min_size=1, max_size=100))
def test_every_red_round_is_in_one_incident(colours: Sequence[bool]) -> None:
    """And no green one is: incidents are as many as the runs of red."""
    rounds = [(green if ok else red)(NOW + n * MINUTE_S) for n, ok in enumerate(colours)]
    history = history_of(*rounds)

    incidents = history.incidents(NOW + len(colours) * MINUTE_S)

    runs = sum(not ok and (n == 0 or colours[n - 1]) for n, ok in enumerate(colours))
    assert (runs, colours.count(False)) == (len(incidents), sum(i.rounds for i in incidents))


def test_the_ring_ends_in_every_direction() -> None:
    """However long it runs, and however many nodes are named, it holds no more than it says."""
    history = History(NOW)
    for n in range(SLOTS_MAX + 50):
        history.add(green(NOW + n * SLOT_S))
    for n in range(2 * NODES_MAX):
        history.add(green(NOW, node=f"node {n:03}"))

    row = history._rows["1", "udp"]

    assert ROUNDS_A_DAY_MAX == len(row.rounds)
    assert SLOTS_MAX == len(row.slots)
    assert NODES_MAX == len(history.rows())
    assert min(row.slots) * SLOT_S > NOW


@pytest.mark.parametrize("more", [0, 1_000])
def test_no_clock_makes_a_ten_minutes_endless(more: int) -> None:
    """A clock that stands still fills a slot and no more."""
    history = history_of(*[green(NOW)] * (1_000 + more), red(NOW))

    assert 1.0 == history.uptime("1", "udp", NOW, DAY_S)
