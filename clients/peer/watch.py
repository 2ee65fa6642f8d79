"""Waiting for a state instead of for an event, and the steps of a dialogue with their times.

A door: it waits and reads the monotonic clock. It knows nothing of what is waited for.
"""

import asyncio
import time
from collections.abc import Callable

from .errors import PeerError, TooLate

OnStep = Callable[[str, float], None]
"""A step's name, and milliseconds since the peer began."""


class Watch:
    """Wakes whoever waits whenever something has changed; passes a failure on to all."""

    def __init__(self) -> None:
        self._waiting: set[asyncio.Future[None]] = set()
        self.failure: PeerError | None = None

    def changed(self) -> None:
        """Let everybody who waits look again."""
        for waiter in self._waiting:
            if not waiter.done():
                waiter.set_result(None)

    def fail(self, failure: PeerError) -> None:
        """Let everybody who waits, now or later, fail for this reason; the first one counts."""
        self.failure = self.failure or failure
        self.changed()

    async def until(self, is_so: Callable[[], bool], within_s: float, sentence: str) -> None:
        """Wait until `is_so()`.

        Raises:
            TooLate: not within `within_s`, with this sentence.
            PeerError: what `fail` was told, unless it is so already.
        """
        end = time.monotonic() + within_s
        while not is_so():
            if self.failure is not None:
                raise self.failure
            waiter = asyncio.get_running_loop().create_future()
            self._waiting.add(waiter)
            try:
                # Not `wait_for`: before Python 3.12 it may swallow a cancellation.
                async with asyncio.timeout(end - time.monotonic()):
                    await waiter
            except TimeoutError:
                raise TooLate(sentence) from None
            finally:
                self._waiting.discard(waiter)

    async def comes_true(self, is_so: Callable[[], bool], within_s: float) -> bool:
        """Wait as `until` does; tell whether it is so.

        Raises:
            PeerError: what `fail` was told.
        """
        try:
            await self.until(is_so, within_s, "")
        except TooLate:
            return False
        return True


class Steps:
    """The steps of a dialogue. `at` says when each was last taken, on the monotonic clock."""

    def __init__(self, on_step: OnStep | None = None) -> None:
        self._on_step = on_step
        self._began = time.monotonic()
        self.at: dict[str, float] = {}

    def mark(self, name: str) -> None:
        """Note a step that is taken now."""
        self.mark_at(name, time.monotonic())

    def mark_at(self, name: str, at: float) -> None:
        """Note a step that was taken at a given time."""
        self.at[name] = at
        if self._on_step is not None:
            self._on_step(name, (at - self._began) * 1000)
