"""What a Prometheus may be asked, and how much of its answers is believed."""

import json
from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probe.history import DAY_S, QUARTER_S, SLOT_S, WEEK_S
from probe.past import (
    NODES_MAX,
    POINTS_MAX,
    SERIES_MAX,
    Line,
    Seen,
    Unanswered,
    lines_of,
    past,
    questions,
)
from probe.readings import Epoch
from tests.probe.expositions import NOW

ROW = {"path": "udp", "node": "1"}
NOTHING: Mapping[str, Sequence[Line]] = {name: () for name in questions(NOW)}
ONE_SAMPLE = {"since": [Line({}, ((NOW - 7_200.0, 1.0),))]}

any_json = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
)


def answers(**said: Sequence[Line]) -> dict[str, Sequence[Line]]:
    """Answers in which something is remembered, and this."""
    return {**NOTHING, **ONE_SAMPLE, **{name.replace("_", "-"): s for name, s in said.items()}}


def at(slot_begins: float, value: float, **labels: str) -> Line:
    """A ten minutes' point, which Prometheus is asked for in its last second."""
    return Line({**ROW, **labels}, ((slot_begins + SLOT_S - 1, value),))


def matrix(*series: object, status: str = "success") -> bytes:
    return json.dumps({"status": status, "data": {"result": series}}).encode()


def test_no_question_asks_for_more_points_than_prometheus_gives() -> None:
    """11,000 of a series, whatever the hour; ninety days are asked in pieces."""
    for now in (NOW, NOW + 1, NOW + 599.5, NOW + 3_599, NOW + 86_399):
        for asked in questions(now).values():
            for question in asked:
                if question.step_s:
                    points = (question.ends - question.begins) / question.step_s + 1
                    assert points <= POINTS_MAX, question


def test_pieces_follow_each_other() -> None:
    """No ten minutes are asked for twice, and none is left out."""
    pieces = questions(NOW)["incidents"]

    ends = [piece.ends + SLOT_S for piece in pieces]
    assert ends[:-1] == [piece.begins for piece in pieces[1:]]
    last = NOW + SLOT_S - 1
    assert (last - QUARTER_S, last) == (pieces[0].begins, pieces[-1].ends)


def test_an_answer_is_read_point_by_point() -> None:
    """Of a range, and of a moment; what is no number has no point."""
    of_range = matrix({"metric": ROW, "values": [[NOW, "0.5"], [NOW + 60, "NaN"]]})
    of_moment = matrix({"metric": {}, "value": [NOW, "1"]})

    assert (Line(ROW, ((float(NOW), 0.5),)),) == lines_of(of_range)
    assert (Line({}, ((float(NOW), 1.0),)),) == lines_of(of_moment)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"<html>",
        matrix(status="error"),
        matrix({"metric": ROW}),
        matrix({"metric": ROW, "values": [[NOW]]}),
        matrix({"metric": [], "value": [NOW, "1"]}),
        matrix({"metric": ROW, "value": [NOW, "one"]}),
        matrix({"metric": ROW, "values": [[n, "1"] for n in range(POINTS_MAX + 2)]}),
        matrix(*[{"metric": {}, "value": [NOW, "1"]}] * (SERIES_MAX + 1)),
        b"[" * 100_000,
        matrix({"metric": ROW, "value": [10**400, "1"]}),
    ],
)
def test_what_is_no_answer_is_none(body: bytes) -> None:
    """An error of Prometheus, another program on its port, more than was asked for."""
    with pytest.raises(Unanswered):
        lines_of(body)


@given(any_json)
def test_any_json_is_an_answer_or_none(said: object) -> None:
    """Nothing else comes out, whatever is in it."""
    body = json.dumps({"status": "success", "data": {"result": said}}).encode()
    try:
        lines_of(body)
    except Unanswered:
        pass


@pytest.mark.parametrize("at", [-5, 2**40, 1e300])
def test_a_sample_of_no_time_is_none(at: float) -> None:
    """What the page could not say is not taken."""
    (line,) = lines_of(matrix({"metric": ROW, "values": [[at, "1"], [NOW, "1"]]}))

    assert ((float(NOW), 1.0),) == line.points


def test_a_path_that_flaps_for_weeks_is_read_at_once() -> None:
    """As many incidents as there are ten minutes, one after the other."""
    slots = range(0, 12_000, 2)
    points = tuple((NOW - 2 * DAY_S - n * SLOT_S + SLOT_S - 1, 1.0) for n in slots)
    line = Line({**ROW, "step": "ice"}, points)

    remembered = past(answers(incidents=[line]), NOW)

    assert remembered is not None
    assert len(slots) == len(remembered.incidents)


def test_where_nothing_is_remembered_there_is_no_past() -> None:
    """A Prometheus that does not scrape the probe is of no use."""
    assert None is past(NOTHING, NOW)


def test_the_past_begins_with_the_first_sample() -> None:
    """It says since when."""
    remembered = past(answers(), NOW)

    assert remembered is not None
    assert NOW - 7_200 == remembered.since


def test_windows_and_ten_minutes_are_of_rows() -> None:
    """Shares are between 0 and 1, and times within an hour; what is not is left out."""
    slot = NOW - SLOT_S
    remembered = past(
        answers(
            **{
                f"uptime_{window:.0f}": [Line(ROW, ((NOW, value),)) for value in (0.25, 1.5)]
                for window in (DAY_S, WEEK_S, QUARTER_S)
            },
            up=[at(slot, 0.5), at(slot, 0.5, path="pigeon"), at(slot, 0.5, node="")],
            ms=[Line(ROW, ((slot, 0.25), (slot + SLOT_S, 1e9)))],
        ),
        NOW,
    )

    assert remembered is not None
    row, number = ("1", "udp"), int(slot // SLOT_S)
    assert {window: {row: 0.25} for window in (DAY_S, WEEK_S, QUARTER_S)} == remembered.uptime
    assert {row: {number: 0.5}} == remembered.up
    assert {row: {number: 250.0}} == remembered.ms


def test_ten_minutes_that_follow_each_other_are_one_incident() -> None:
    """Its step is the first one's; what touches the present goes on."""
    day_ago = NOW - DAY_S
    remembered = past(
        answers(
            incidents=[
                at(day_ago, 2.4, step="ice"),
                at(day_ago + SLOT_S, 7.0, step="socket"),
                at(day_ago + 3 * SLOT_S, 1.0, step="socket"),
                at(NOW, 0.1, step="page"),
                at(NOW, 4.0, step="dance"),
            ]
        ),
        NOW + 60.0,
    )

    assert remembered is not None
    assert (
        Seen("udp", "1", NOW, None, "page", None, 1),
        Seen("udp", "1", day_ago + 3 * SLOT_S, day_ago + 4 * SLOT_S, "socket", None, 1),
        Seen("udp", "1", day_ago, day_ago + 2 * SLOT_S, "ice", None, 9),
    ) == remembered.incidents


def test_more_nodes_than_anybody_has_are_passed_over() -> None:
    """Somebody else's labels do not fill the page."""
    lines = [at(NOW, 1.0, node=f"n{n}") for n in range(NODES_MAX + 5)]

    remembered = past(answers(up=lines), NOW)

    assert remembered is not None
    assert NODES_MAX == len(remembered.up)


def usage_lines(*epochs: tuple[float, int, float, float]) -> dict[str, Sequence[Line]]:
    """Answers about consultations: when asked, which epoch stood there, its value, partial."""
    figure = {"figure": "consultations"}
    return {
        "starts_consultations": [Line(figure, tuple((at, start) for at, start, _, _ in epochs))],
        "values_consultations": [
            Line({**figure, "bin": ""}, tuple((at, value) for at, _, value, _ in epochs)),
            Line({**figure, "bin": "cardiology"}, tuple((at, 30.0) for at, *_ in epochs)),
        ],
        "partial_consultations": [Line(figure, tuple((at, is_) for at, _, _, is_ in epochs))],
    }


def test_use_is_remembered_by_the_epoch_that_it_was_released_for() -> None:
    """Not by when it was scraped: the last word of an epoch holds."""
    first, second = NOW - 7_200, NOW - 3_600
    remembered = past(
        answers(
            **usage_lines(
                (second + 900.0, first, 99.0, 1.0),
                (second + 1_800.0, first, 12.0, 1.0),
                (NOW + 0.0, second, 25.0, 0.0),
            )
        ),
        NOW,
    )

    assert remembered is not None
    assert (
        Epoch("consultations", first, {"": 12}, is_partial=True),
        Epoch("consultations", second, {"": 25}, is_partial=False),
    ) == remembered.epochs["consultations"]


@pytest.mark.parametrize(
    ("start", "value"), [(NOW, 20.0), (NOW - 3_601, 20.0), (NOW - 3_600, 0.5), (NOW - 3_600, -1.0)]
)
def test_what_was_not_released_is_not_remembered(start: int, value: float) -> None:
    """An epoch that runs, or none, or half a consultation."""
    remembered = past(answers(**usage_lines((float(NOW), start, value, 0.0))), NOW)

    assert remembered is not None
    assert () == remembered.epochs["consultations"]
