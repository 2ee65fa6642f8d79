"""History from the operator's Prometheus, where there is one.

A door: it asks one address, the operator's, and nothing else; no redirect is followed, and an
answer has a bound in time and bytes. Where Prometheus does not answer, or remembers nothing, there
is no past, and the page says so: the ring in memory is shown instead.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

import aiohttp

from signaling.journal import Journal

from .nodes import body_of, client
from .past import Line, Past, Unanswered, lines_of, past, questions

EVERY_S = 60.0
ANSWER_S = 20.0
"""Ninety days of ten minutes are read from its disk."""

WHOLE_S = 45.0
"""For all questions of a turn: the next turn comes in a minute."""

ANSWER_MAX_BYTES = 8 * 1024 * 1024


class Prometheus:
    """What Prometheus remembers, asked once a minute.

    Args:
        url: its address, as operators give it: `http://127.0.0.1:9090`.
        clock: seconds since 1970.
    """

    def __init__(self, url: str, clock: Callable[[], float], journal: Journal) -> None:
        self._url = url.rstrip("/")
        self._clock = clock
        self._journal = journal
        self.past: Past | None = None
        """None before it was asked, while it is away, and where it remembers nothing."""
        self.is_away = True

    async def ask(self, session: aiohttp.ClientSession) -> None:
        """Ask for everything again, a question at a time: others ask this Prometheus too."""
        try:
            async with asyncio.timeout(WHOLE_S):
                await self._ask(session)
        except (Unanswered, TimeoutError):
            self.past, self.is_away = None, True

    async def _ask(self, session: aiohttp.ClientSession) -> None:
        now = self._clock()
        answers: dict[str, list[Line]] = {}
        for name, asked in questions(now).items():
            answers[name] = []
            for question in asked:
                url = f"{self._url}{question.path}"
                body = await body_of(session, url, question.form, ANSWER_MAX_BYTES)
                if body is None:
                    raise Unanswered
                answers[name] += await asyncio.to_thread(lines_of, body)
        self.past, self.is_away = await asyncio.to_thread(past, answers, now), False

    @asynccontextmanager
    async def asking(self, every_s: float = EVERY_S) -> AsyncIterator[None]:
        """Ask again and again while the block lasts."""
        async with client(ANSWER_S) as session:
            task = asyncio.create_task(self._again(session, every_s))
            try:
                yield
            finally:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task

    async def _again(self, session: aiohttp.ClientSession, every_s: float) -> None:
        while True:
            try:
                await self.ask(session)
            except Exception as error:
                self.past, self.is_away = None, True
                self._journal.fault(error)
            await asyncio.sleep(every_s)
