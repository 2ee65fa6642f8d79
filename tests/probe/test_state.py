"""What the status page is told, and of which words and numbers."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probe.epochs import Epochs
from probe.history import DAY_S, QUARTER_S, SLOT_S, SLOTS_A_DAY, WEEK_S, History
from probe.past import Past, Seen
from probe.readings import TIME_MAX, Epoch, NodeState, read
from probe.rounds import PATHS, STEPS, WHYS, Round
from probe.state import INCIDENTS_MAX, Known, State, as_bytes, state
from tests.probe.expositions import EPOCHS, NOW, WHOLE

EXAMPLE = Path(__file__).parent / "state.example.json"
SINCE = NOW - 2 * DAY_S
MINUTE_S = 60.0


def green(at: float, node: str = "1", certificate_ends: float | None = None) -> Round:
    steps = {step: 10.0 for step in STEPS}
    return Round("udp", node, at, steps, None, None, 0.001, 1.26, certificate_ends)


def red(at: float, node: str = "1") -> Round:
    return Round("udp", node, at, {"page": 10.0}, "socket", "unreached")


def full(at: float) -> Round:
    return Round("udp", "1", at, {"page": 10.0}, "ice", "relay-full")


def history_of(*rounds: Round, since: float = SINCE) -> History:
    history = History(since)
    for round_ in rounds:
        history.add(round_)
    return history


def told(known: Known, now: float = NOW) -> dict[str, Any]:
    """The answer, as the page reads it."""
    said: dict[str, Any] = json.loads(as_bytes(state(known, now)))
    return said


def test_the_example_is_such_an_answer() -> None:
    """Whoever builds on it builds on the form."""
    text = EXAMPLE.read_text(encoding="utf-8")

    assert json.loads(text) == json.loads(as_bytes(State.model_validate_json(text)))


def test_a_fresh_start_claims_nothing() -> None:
    """No round, no node, no figure: everything is there, and empty."""
    said = told(Known(History(NOW)))

    assert ([], [], [], None) == (said["paths"], said["incidents"], said["nodes"], said["doctors"])
    assert {"source": "memory", "since": NOW, "away": False} == said["history"]
    assert None is said["usage"]["since"]
    assert {()} == {tuple(b["t"]) for figure in said["usage"]["figures"] for b in figure["bins"]}


def test_a_green_row_says_how_it_went() -> None:
    """State, uptime, every step, media and a day of ten minutes."""
    said = told(Known(history_of(green(NOW - MINUTE_S), green(NOW))))["paths"]

    (row,) = said
    assert ("udp", "1", "up", None, NOW - 60) == tuple(
        row[name] for name in ("path", "node", "state", "failed", "since")
    )
    assert {"now": 1.0, "day": 1.0, "week": 1.0, "quarter": 1.0} == row["uptime"]
    assert [{"step": step, "ms": 10.0, "usual_ms": 10.0} for step in STEPS] == row["steps"]
    assert {"loss": 0.001, "jitter_ms": 1.3} == row["media"]
    assert SLOTS_A_DAY == len(row["series"]["t"])
    assert (NOW, 1.0, 80.0) == tuple(row["series"][name][-1] for name in ("t", "up", "ms"))
    assert None is row["series"]["up"][0]


def test_a_red_row_says_what_failed() -> None:
    """The step, why, and nothing of the steps behind it."""
    (row,) = told(Known(history_of(green(NOW - MINUTE_S), red(NOW))))["paths"]

    assert ("down", {"step": "socket", "why": "unreached"}) == (row["state"], row["failed"])
    assert {"now": 0.0, "day": 0.5, "week": 0.5, "quarter": 0.5} == row["uptime"]
    assert {"step": "socket", "ms": None, "usual_ms": 10.0} == row["steps"][1]
    assert None is row["media"]


def test_a_row_that_is_measured_no_more_is_not_up() -> None:
    """A probe that hangs turns its rows to unknown."""
    (row,) = told(Known(history_of(green(NOW - 600))))["paths"]

    assert ("unknown", None) == (row["state"], row["uptime"]["now"])
    assert {None} == {step["ms"] for step in row["steps"]}


def test_a_public_page_says_no_minute_at_which_a_relay_was_full() -> None:
    """Neither why, nor when but to ten minutes, of what is over; staff are told all of it."""
    rounds = [green(NOW + 60), full(NOW + 780), full(NOW + 840), green(NOW + 900)]
    known = Known(history_of(*rounds), is_public=True)

    (public,) = told(known, NOW + 1_000)["incidents"]
    (staffs,) = told(replace(known, is_public=False), NOW + 1_000)["incidents"]

    assert (NOW + 780, NOW + 900, "relay-full") == tuple(
        staffs[k] for k in ("from", "until", "why")
    )
    assert (NOW + 600, NOW + 1_000, None) == tuple(public[k] for k in ("from", "until", "why"))
    (later,) = told(known, NOW + 1_260)["incidents"]
    assert (NOW + 600, NOW + 1_200) == (later["from"], later["until"])


def test_a_public_page_says_of_a_relay_that_is_full_that_it_refused() -> None:
    """Whoever looks then sees a red row; since when is to ten minutes, and why is not told."""
    known = Known(history_of(green(NOW), full(NOW + 780)), is_public=True)

    (row,) = told(known, NOW + 800)["paths"]

    assert ("down", {"step": "ice", "why": "refused"}) == (row["state"], row["failed"])
    assert NOW + 600 == row["since"]


any_float = st.floats(allow_nan=False)
any_round = st.builds(
    Round,
    st.sampled_from(PATHS),
    st.sampled_from(["1", "2"]),
    st.floats(0, 2.0**40, exclude_max=True) | st.floats(NOW - 9_000, NOW + 9_000),
    st.dictionaries(st.sampled_from(STEPS), any_float),
    st.none() | st.sampled_from(STEPS),
    st.none() | st.sampled_from(WHYS),
    st.none() | any_float,
    st.none() | any_float,
    st.none() | st.floats(0, 2.0**40, exclude_max=True),
)


@given(st.lists(any_round, max_size=12))
def test_whatever_was_measured_there_is_an_answer(rounds: list[Round]) -> None:
    """A clock that jumped, or packets that came twice, take nobody's page away."""
    text = as_bytes(state(Known(history_of(*rounds)), NOW))

    State.model_validate_json(text)


def test_almost_all_is_not_all() -> None:
    """A share is rounded down: one red round of a year shows."""
    rounds = [green(NOW - n * MINUTE_S) for n in range(1_000, 0, -1)]
    history = history_of(*rounds, red(NOW))

    (row,) = told(Known(history, past=Past(SINCE, uptime={DAY_S: {("1", "udp"): 0.999999}})))[
        "paths"
    ]

    assert 0.99999 == row["uptime"]["day"]
    assert 0.999 == row["uptime"]["week"]


# Incidents


def test_the_newest_incidents_come_first_and_not_all_of_them() -> None:
    """Fifty are enough to read."""
    rounds = [(red if n % 2 else green)(NOW - 10 * (200 - n)) for n in range(200)]

    said = told(Known(history_of(*rounds)))["incidents"]

    assert INCIDENTS_MAX == len(said)
    assert NOW - 10 == said[0]["from"]
    assert {"path", "node", "from", "until", "step", "why", "rounds"} == said[0].keys()
    assert sorted(said, key=lambda one: -one["from"]) == said


def seen(began: float, ended: float | None, node: str = "1") -> Seen:
    return Seen("udp", node, began, ended, "ice", None, 3)


def test_prometheus_tells_of_incidents_before_the_ring_began() -> None:
    """What both saw is told once, from when it really began."""
    history = history_of(red(SINCE + 5), red(SINCE + 65), green(SINCE + 125))
    past = Past(
        SINCE - WEEK_S,
        incidents=(
            seen(SINCE + 600, SINCE + 1_200),  # of the ring's own time
            seen(SINCE - 1_200, SINCE + 600),  # which the ring goes on with
            seen(SINCE - 1_200, SINCE - 600, node="2"),
            seen(SINCE - DAY_S, SINCE - DAY_S + 600),
        ),
    )

    said = told(Known(history, past=past))["incidents"]

    assert [
        ("1", SINCE - 1_200, SINCE + 125, "ice", 3),
        ("2", SINCE - 1_200, SINCE - 600, "ice", 3),
        ("1", SINCE - DAY_S, SINCE - DAY_S + 600, "ice", 3),
    ] == [tuple(one[n] for n in ("node", "from", "until", "step", "rounds")) for one in said]


def test_an_outage_is_as_long_as_it_was_though_the_probe_was_started_again() -> None:
    """Three days of it in Prometheus, and a ring of nine minutes: it began three days ago."""
    history = history_of(red(NOW - 500), red(NOW - 440), since=NOW - 540)
    told_by = replace(seen(NOW - 3 * DAY_S, None), step="socket", rounds=4_000)

    (one,) = told(Known(history, past=Past(NOW - WEEK_S, incidents=(told_by,))))["incidents"]

    assert (NOW - 3 * DAY_S, None, "socket", "unreached", 4_000) == tuple(
        one[name] for name in ("from", "until", "step", "why", "rounds")
    )


# Prometheus


def test_prometheus_remembers_more_and_the_ring_is_newer() -> None:
    """Windows are Prometheus's; ten minutes that the ring saw are told by the ring."""
    row, slot = ("1", "udp"), int(NOW // SLOT_S)
    past = Past(
        NOW - 30 * DAY_S,
        uptime={DAY_S: {row: 0.5}, WEEK_S: {row: 0.75}},  # type: ignore[dict-item]
        up={row: {slot: 0.1, slot - 5: 0.2}},  # type: ignore[dict-item]
        ms={row: {slot: 999.0, slot - 5: 123.0}},  # type: ignore[dict-item]
    )

    said = told(Known(history_of(green(NOW)), past=past))

    (path,) = said["paths"]
    assert {"source": "prometheus", "since": NOW - 30 * DAY_S, "away": False} == said["history"]
    assert {"now": 1.0, "day": 0.5, "week": 0.75, "quarter": 1.0} == path["uptime"]
    assert [0.2, None, None, None, None, 1.0] == path["series"]["up"][-6:]
    assert [123.0, None, None, None, None, 80.0] == path["series"]["ms"][-6:]


def test_a_young_prometheus_makes_nothing_good() -> None:
    """One that was started after the ring has seen less: its hundred per cent is of less."""
    history = history_of(red(NOW - 60), red(NOW - 30), green(NOW))
    good = {window: {("1", "udp"): 1.0} for window in (DAY_S, WEEK_S)}

    said = told(Known(history, past=Past(NOW - 10, uptime=good)))  # type: ignore[arg-type]

    assert {"now": 1.0, "day": 0.33333, "week": 0.33333, "quarter": 0.33333} == said["paths"][0][
        "uptime"
    ]
    assert {"source": "memory", "since": SINCE, "away": False} == said["history"]


def test_a_prometheus_that_is_away_is_said_to_be() -> None:
    """The ring's word is given instead, and since when."""
    said = told(Known(history_of(green(NOW)), is_away=True))

    assert {"source": "memory", "since": SINCE, "away": True} == said["history"]


# Use


def test_what_was_released_is_told_as_it_was() -> None:
    """Each epoch by its start, with what its noise is and how far it may be off."""
    epochs = Epochs()
    epochs.add(read(WHOLE, NOW).epochs, NOW)
    start = EPOCHS["consultations"]
    older = {"consultations": (Epoch("consultations", start - 3_600, {"": 12}, is_partial=True),)}

    usage = told(Known(History(SINCE), epochs=epochs, past=Past(SINCE, epochs=older)))["usage"]

    assert (
        "1",
        {
            "figure": "consultations",
            "epoch_s": 3_600,
            "epsilon": "1/2",
            "threshold": 10,
            "uncertainty": 6,
            "bins": [
                {
                    "bin": "",
                    "t": [start - 3_600, start],
                    "values": [12, 23],
                    "partial": [True, False],
                }
            ],
        },
    ) == (usage["epsilon"], usage["figures"][0])
    assert ["consultations", "waits", "endings"] == [f["figure"] for f in usage["figures"]]


# Nodes


def test_a_node_says_what_it_is() -> None:
    """Version, store, relay, lists; the probe adds until when its certificate is good."""
    node = NodeState("1", True, read(WHOLE, NOW), NOW + 61.0)
    history = history_of(green(NOW, certificate_ends=NOW + 9_000))

    said = told(Known(history, nodes=[node]))

    assert [
        {
            "node": "1",
            "up": True,
            "version": "0.1.0",
            "started": NOW - 5_000,
            "store": {"kind": "redis", "memory_only": True, "open": True},
            "relay": {"kind": "own", "only": False, "up": True},
            "certificate_ends": NOW + 9_000,
            "lists_fresh": True,
        }
    ] == said["nodes"]
    assert {"band": "few", "at": NOW} == said["doctors"]
    assert NOW - 86_400 == said["usage"]["since"]


def test_a_band_of_doctors_is_dated_by_when_its_ten_minutes_began() -> None:
    """Then every node looked, and at no other time."""
    node = NodeState("1", True, read(WHOLE, NOW), NOW + 500.0)

    assert {"band": "few", "at": NOW} == told(Known(History(SINCE), nodes=[node]))["doctors"]


def test_a_certificate_without_an_end_is_told_as_the_page_takes_it() -> None:
    """The year 9999 (RFC 5280 §4.1.2.5) is above what the page reads."""
    history = history_of(green(NOW, certificate_ends=253_402_300_799.0))

    (node,) = told(Known(history))["nodes"]

    assert TIME_MAX - 1 == node["certificate_ends"]


def test_a_node_that_is_down_tells_of_no_doctors() -> None:
    """What it said last is old: its version is shown, and how it was is not."""
    node = NodeState("1", False, read(WHOLE, NOW), NOW - 60.0)

    said = told(Known(History(SINCE), nodes=[node]))

    assert (False, "0.1.0") == (said["nodes"][0]["up"], said["nodes"][0]["version"])
    assert {None} == {said["nodes"][0][name] for name in ("store", "relay", "lists_fresh")}
    assert None is said["doctors"]


@pytest.mark.parametrize(("round_", "is_up"), [(green, True), (red, False)])
def test_a_node_that_is_only_probed_is_up_if_a_path_is(round_: Any, is_up: bool) -> None:
    """Who gives no address of its figures has a row all the same."""
    (node,) = told(Known(history_of(round_(NOW))))["nodes"]

    assert {"node": "1", "up": is_up} == {name: node[name] for name in ("node", "up")}
    assert {None} == {node[name] for name in node.keys() - {"node", "up"}}


def test_a_quarter_of_rounds_is_told_in_bounded_bytes() -> None:
    """However long the probe has run."""
    history = History(NOW - QUARTER_S)
    for n in range(3_000, 0, -1):
        history.add((red if n % 7 == 0 else green)(NOW - n * MINUTE_S))

    assert len(as_bytes(state(Known(history), NOW))) < 20_000
