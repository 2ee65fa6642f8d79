"""History from the operator's Prometheus, where there is one.

A door: it asks one address, the operator's, and nothing else; no redirect is followed, and an
answer has a bound in time and bytes. Where Prometheus does not answer, or remembers nothing, there
is no past, and the page says so: the ring in memory is shown instead.
"""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

import aiohttp

from signaling.journal import Journal

from .nodes import again_and_again, body_of
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
        except Exception as error:
            self.past, self.is_away = None, True
            if not isinstance(error, Unanswered | TimeoutError):
                raise  # a fault of ours; nothing old is shown meanwhile

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

    def asking(self, every_s: float = EVERY_S) -> AbstractAsyncContextManager[None]:
        """Ask again and again while the block lasts."""
        return again_and_again(self.ask, ANSWER_S, every_s, self._journal)
