"""A day of people, through the real counters: what the page is told of them, number by number."""

import json
from collections.abc import Iterator, Mapping
from random import Random
from typing import Any

from signaling.figures import FIGURES
from signaling.store import Doctor
from signaling.usage import Usage
from tests.probe.town import DAYS, MIDNIGHT, QUEUE, Town, two_days

Number = tuple[tuple[str, ...], float]


def numbers(said: Any, where: tuple[str, ...] = ()) -> Iterator[Number]:
    """Every number of an answer, and by which names it is reached."""
    if isinstance(said, bool) or said is None or isinstance(said, str):
        return
    if isinstance(said, Mapping):
        for name, inner in said.items():
            yield from numbers(inner, (*where, name))
    elif isinstance(said, list):
        for inner in said:
            yield from numbers(inner, where)
    else:
        yield where, said


ABOUT_NOBODY = {
    ("v",), ("at",), ("history", "since"), ("doctors", "at"), ("nodes", "started"),
    ("usage", "since"), ("usage", "figures", "epoch_s"), ("usage", "figures", "threshold"),
    ("usage", "figures", "uncertainty"), ("usage", "figures", "bins", "t"),
    ("paths", "since"), ("paths", "uptime", "now"), ("paths", "uptime", "day"),
    ("paths", "uptime", "week"), ("paths", "uptime", "quarter"), ("paths", "steps", "ms"),
    ("paths", "steps", "usual_ms"), ("paths", "media", "loss"), ("paths", "media", "jitter_ms"),
    ("paths", "series", "t"), ("paths", "series", "up"), ("paths", "series", "ms"),
}  # fmt: skip
"""Of the probe, of the service, or the same whoever comes."""

RELEASED = ("usage", "figures", "bins", "values")


async def test_every_number_is_of_the_probe_or_was_released() -> None:
    """None stands anywhere else, and of those released none is below its threshold but 0."""
    town, now = await two_days()
    said = json.loads(town.told(now))

    assert {where for where, _ in numbers(said)} <= ABOUT_NOBODY | {RELEASED}
    for figure in said["usage"]["figures"]:
        values = [value for bin_ in figure["bins"] for value in bin_["values"]]
        assert values
        assert all(value == 0 or value >= figure["threshold"] for value in values)
        assert all(t % figure["epoch_s"] == 0 for bin_ in figure["bins"] for t in bin_["t"])


async def test_what_was_released_is_noise_and_not_what_happened() -> None:
    """The page says near what was: no hour of it exactly, but by chance; and all say the same."""
    town, now = await two_days()
    said = json.loads(town.told(now))

    (bin_,) = said["usage"]["figures"][0]["bins"]
    true = [town.true.get(("consultations", "", t), 0) for t in bin_["t"]]
    busy = [(t, v) for t, v in zip(true, bin_["values"], strict=True) if t >= 30]
    assert 24 * DAYS == len(true)
    assert all(abs(t - v) < 30 for t, v in busy)
    assert any(t != v for t, v in busy)
    assert {0} == {v for t, v in zip(true, bin_["values"], strict=True) if t == 0}


async def test_nothing_on_the_page_moves_while_an_epoch_runs() -> None:
    """Fifty consultations later the answer is the same, byte by byte; only its time is not."""
    town, now = await two_days()
    before = town.told(now)

    for _ in range(50):
        await town.consults(now)
        await town.is_read(now)

    assert before == town.told(now)


async def test_an_epoch_is_told_once_for_ever() -> None:
    """A node that was started again, with other dice, changes nothing that was told."""
    town, now = await two_days()
    before = json.loads(town.told(now))["usage"]["figures"]

    town.nodes = [Usage(town.store, Random(99).randrange, lambda: [QUEUE])]
    await town.is_read(now + 60)

    assert before == json.loads(town.told(now + 60))["usage"]["figures"]


async def test_doctors_on_duty_are_a_band() -> None:
    """How many there are is not told."""
    town = Town()
    for number in range(7):
        doctor = Doctor(f"doctor-{number}", frozenset({QUEUE}), "on", MIDNIGHT + 600.0)
        await town.store.go_on_duty(doctor)

    for now in (MIDNIGHT - 1, MIDNIGHT + 1):
        await town.is_read(now)

    assert {"band": "some", "at": MIDNIGHT} == json.loads(town.told(MIDNIGHT + 1))["doctors"]


def test_the_list_of_figures_is_the_one_that_is_promised() -> None:
    """A new figure is looked at here first."""
    assert ["consultations", "waits", "endings"] == [figure.name for figure in FIGURES]
