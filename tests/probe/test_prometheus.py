"""History from a real Prometheus, and what happens where there is none."""

import asyncio
from collections.abc import Iterator

import pytest
from aiohttp import web

from probe.history import DAY_S, QUARTER_S, SLOT_S, WEEK_S, History
from probe.nodes import client
from probe.past import Past, Row, Seen
from probe.prometheus import ANSWER_MAX_BYTES, Prometheus
from probe.readings import Epoch
from probe.rounds import STEPS, Round
from probe.state import Known, state
from signaling.journal import Journal
from tests.clock import Clock
from tests.probe.expositions import NOW
from tests.probe.prometheus_server import Recording, prometheus_with
from tests.probe.web import Answer, answering, nobody

BEGAN = int(NOW - 2 * DAY_S)
EVERY_S = 60
RED = range(NOW - 7_200, NOW - 5_400, EVERY_S)
"""Half an hour, ten minutes by ten minutes."""

HUNG = range(NOW - 39_600, NOW - 36_000, EVERY_S)
"""An hour in which the probe said nothing."""

PROBED = 'path="udp",node="1",instance="127.0.0.1:9475",job="probe"'
PATIENCE_S = 30.0


def recording() -> Recording:
    """Two days of one path and of two nodes' figures, minute by minute."""
    said = Recording()
    minutes = [at for at in range(BEGAN, NOW + 1, EVERY_S) if at not in HUNG]
    good = [at for at in minutes if at not in RED]
    said.says(f"teleconsult_probe_success{{{PROBED}}}", minutes, lambda at: at not in RED)
    said.says(f"teleconsult_probe_round_timestamp_seconds{{{PROBED}}}", minutes, lambda at: at - 7)
    for step in STEPS:
        label = f'{PROBED},step="{step}"'
        is_red = step == "ice"
        said.says(
            f"teleconsult_probe_failed{{{label}}}",
            minutes,
            lambda at, is_red=is_red: is_red and at in RED,  # type: ignore[misc] # a loop's own
        )
        until = good if STEPS.index(step) >= STEPS.index("ice") else minutes
        said.says(f"teleconsult_probe_step_seconds{{{label}}}", until, lambda _: 0.01)
    hours = range(NOW - 6 * 3_600, NOW + 1, EVERY_S)
    for node in ("9464", "9474"):
        label = f'figure="consultations",instance="127.0.0.1:{node}"'
        said.says(
            f'teleconsult_usage{{{label},bin=""}}', hours, lambda at: 20 + shown(at) // 3_600 % 7
        )
        said.says(f"teleconsult_usage_partial{{{label}}}", hours, lambda at: shown(at) == FIRST)
        said.says(
            f"teleconsult_usage_epoch_start_timestamp_seconds{{{label}}}",
            hours,
            lambda at: shown(at),
        )
    # A node that lost the others' store says its last epoch for ever.
    behind = 'figure="consultations",instance="127.0.0.1:9484"'
    said.says(f'teleconsult_usage{{{behind},bin=""}}', hours, lambda _: 99)
    said.says(f"teleconsult_usage_partial{{{behind}}}", hours, lambda _: 1)
    said.says(
        f"teleconsult_usage_epoch_start_timestamp_seconds{{{behind}}}",
        hours,
        lambda _: FIRST - 3_600,
    )
    return said


def shown(at: int) -> int:
    """Say which hour stands in an exposition: the one that ended half a minute ago, or before."""
    return (at - 30) // 3_600 * 3_600 - 3_600


FIRST = shown(NOW - 6 * 3_600)


@pytest.fixture(scope="module")
def prometheus() -> Iterator[str]:
    """A real Prometheus that remembers all of it."""
    with prometheus_with(recording()) as url:
        yield url


async def asked(url: str, clock: Clock) -> Prometheus:
    made = Prometheus(url, clock, Journal())
    async with client(PATIENCE_S) as session:
        await made.ask(session)
    return made


async def past_of(url: str, clock: Clock) -> Past:
    past = (await asked(url, clock)).past
    assert past is not None
    return past


async def test_it_says_since_when_it_remembers(prometheus: str, clock: Clock) -> None:
    """To the hour: the page promises no ninety days that nobody measured."""
    past = await past_of(prometheus, clock)

    assert BEGAN <= past.since < BEGAN + 3_600


async def test_windows_count_what_was_measured(prometheus: str, clock: Clock) -> None:
    """An hour in which the probe hung is neither up nor down."""
    past = await past_of(prometheus, clock)

    a_day = DAY_S / EVERY_S - len(HUNG)
    all_ = 2 * DAY_S / EVERY_S + 1 - len(HUNG)
    row: Row = ("1", "udp")
    assert past.uptime[DAY_S][row] == pytest.approx(1 - len(RED) / a_day, abs=0.002)
    for window_s in (WEEK_S, QUARTER_S):
        assert past.uptime[window_s][row] == pytest.approx(1 - len(RED) / all_, abs=0.001)


async def test_a_day_is_drawn_in_ten_minutes(prometheus: str, clock: Clock) -> None:
    """Red where it was red, nothing where nothing was measured, and the time to a picture."""
    past = await past_of(prometheus, clock)

    row: Row = ("1", "udp")
    up, ms = past.up[row], past.ms[row]
    red = int(RED.start // SLOT_S) + 1
    hung = int(HUNG.start // SLOT_S) + 1
    good = int((NOW - 3 * SLOT_S) // SLOT_S)
    assert (0.0, None) == (up[red], ms.get(red))
    assert (None, None) == (up.get(hung), ms.get(hung))
    assert 1.0 == up[good]
    assert ms[good] == pytest.approx(80.0)


async def test_an_incident_is_found_again(prometheus: str, clock: Clock) -> None:
    """Its ten minutes, its step, and about how many rounds were red."""
    past = await past_of(prometheus, clock)

    (seen,) = past.incidents
    assert Seen("udp", "1", RED.start, RED.stop, "ice", None, seen.rounds) == seen
    assert len(RED) - 4 <= seen.rounds <= len(RED) + 1


async def test_use_is_remembered_hour_by_hour(prometheus: str, clock: Clock) -> None:
    """As it was released, once, though two nodes said it, and not what one left behind says."""
    past = await past_of(prometheus, clock)

    epochs = past.epochs["consultations"]
    hours = range(FIRST, NOW - 3_600, 3_600)
    assert [
        Epoch("consultations", at, {"": 20 + at // 3_600 % 7}, at == FIRST) for at in hours
    ] == list(epochs)[: len(hours)]
    assert {"waits": (), "endings": ()} == {
        name: held for name, held in past.epochs.items() if name != "consultations"
    }


async def test_a_probe_that_was_started_again_shows_what_was_before(
    prometheus: str, clock: Clock
) -> None:
    """A fresh ring and an old Prometheus make one page."""
    history = History(clock.now)
    history.add(Round("udp", "1", clock.now, {step: 10.0 for step in STEPS}))

    past = await past_of(prometheus, clock)
    said = state(Known(history, past=past), clock.now)

    (path,) = said.paths
    assert ("prometheus", "up") == (said.history.source, path.state)
    assert path.uptime.week is not None and path.uptime.week < 1
    assert [RED.start] == [one.began for one in said.incidents]
    assert len(said.usage.figures[0].bins[0].t) >= 5


# Away


async def hangs(_: web.Request) -> web.StreamResponse:
    await asyncio.Event().wait()
    raise AssertionError("nobody sets it")


async def is_another_program(_: web.Request) -> web.StreamResponse:
    return web.Response(text="<h1>It works!</h1>")


async def refuses(_: web.Request) -> web.StreamResponse:
    return web.json_response({"status": "error", "error": "no"}, status=422)


async def says_too_much(_: web.Request) -> web.StreamResponse:
    return web.Response(body=b" " * (ANSWER_MAX_BYTES + 1))


async def remembers_nothing(_: web.Request) -> web.StreamResponse:
    return web.json_response({"status": "success", "data": {"resultType": "matrix", "result": []}})


@pytest.mark.parametrize("answer", [is_another_program, refuses, says_too_much])
async def test_a_prometheus_that_gives_no_answer_is_away(clock: Clock, answer: Answer) -> None:
    """The ring in memory is shown instead, and the page says so."""
    async with answering(answer) as url:
        prometheus = await asked(url, clock)

    assert (None, True) == (prometheus.past, prometheus.is_away)


async def test_a_prometheus_that_hangs_is_away(clock: Clock) -> None:
    """It is waited for so long, and no longer."""
    prometheus = Prometheus("", clock, Journal())
    async with answering(hangs) as url, client(answer_s=0.05) as session:
        prometheus = Prometheus(url, clock, Journal())
        await prometheus.ask(session)

    assert prometheus.is_away


async def test_a_prometheus_that_is_gone_takes_its_past_with_it(
    prometheus: str, clock: Clock
) -> None:
    """Nothing old is shown for new."""
    there = await asked(prometheus, clock)
    before = there.past
    gone = Prometheus(nobody(), clock, Journal())
    gone.past, gone.is_away = before, False

    async with client(PATIENCE_S) as session:
        await gone.ask(session)

    assert before is not None
    assert (None, True) == (gone.past, gone.is_away)


async def test_a_prometheus_that_remembers_nothing_is_there(clock: Clock) -> None:
    """It was started today: the ring speaks, and nothing is wrong."""
    async with answering(remembers_nothing) as url:
        prometheus = await asked(url, clock)

    assert (None, False) == (prometheus.past, prometheus.is_away)


async def test_it_is_asked_again_and_again(clock: Clock) -> None:
    """Until the block ends."""
    heard = asyncio.Semaphore(0)

    async def counted(request: web.Request) -> web.StreamResponse:
        heard.release()
        return await remembers_nothing(request)

    async with answering(counted) as url, Prometheus(url, clock, Journal()).asking(every_s=0.001):
        for _ in range(40):
            await heard.acquire()
