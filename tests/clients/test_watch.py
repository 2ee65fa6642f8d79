"""Waiting for a state: it is seen whenever it becomes so, and failing reaches everybody."""

import asyncio

import pytest

from clients.peer.errors import NotReached, TooLate
from clients.peer.watch import Steps, Watch


async def test_a_state_that_is_so_needs_no_waiting() -> None:
    """Even after a failure: what happened, happened."""
    watch = Watch()
    watch.fail(NotReached("gone"))

    await watch.until(lambda: True, 0, "never")


async def test_whoever_waits_wakes_when_it_is_so() -> None:
    """Each waits for his own."""
    watch, said = Watch(), list[str]()
    both = asyncio.gather(
        watch.until(lambda: "a" in said, 5, "no a"), watch.until(lambda: "b" in said, 5, "no b")
    )
    await asyncio.sleep(0)

    said.append("a")
    watch.changed()
    said.append("b")
    watch.changed()

    await both


async def test_what_does_not_come_is_a_sentence() -> None:
    """The caller's own."""
    with pytest.raises(TooLate, match=r"The far end did not come\."):
        await Watch().until(lambda: False, 0.001, "The far end did not come.")
    assert not await Watch().comes_true(lambda: False, 0.001)


async def test_a_failure_reaches_everybody_and_the_first_one_counts() -> None:
    """Now and later."""
    watch = Watch()
    waiting = asyncio.gather(
        *[watch.until(lambda: False, 5, "") for _ in range(2)], return_exceptions=True
    )
    await asyncio.sleep(0)

    watch.fail(NotReached("first"))
    watch.fail(NotReached("second"))

    assert ["first", "first"] == [str(failure) for failure in await waiting]
    with pytest.raises(NotReached, match="first"):
        await watch.until(lambda: False, 5, "")


async def test_a_waiter_who_is_stopped_stops_even_as_something_changes() -> None:
    """A cancellation is never swallowed."""
    watch = Watch()
    waiter = asyncio.create_task(watch.until(lambda: False, 5, ""))
    await asyncio.sleep(0)

    watch.changed()
    waiter.cancel()

    with pytest.raises(asyncio.CancelledError):
        await waiter


def test_steps_are_told_with_their_milliseconds() -> None:
    """And remembered by name."""
    told: list[tuple[str, float]] = []
    steps = Steps(lambda name, ms: told.append((name, ms)))

    steps.mark("one")
    steps.mark("two")

    assert ["one", "two"] == [name for name, _ in told]
    assert 0 <= told[0][1] <= told[1][1]
    assert steps.at["one"] <= steps.at["two"]
