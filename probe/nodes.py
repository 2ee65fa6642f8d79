"""Asks each node what it says of itself, every ten seconds.

A door: it opens connections to the addresses that the operator gave and to nothing else; no
redirect is followed. An answer has a bound in time and in bytes. A node that does not answer, or
says nothing that can be read, is down: that is a row of the page, never a fault.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import replace

import aiohttp

from signaling.journal import Journal

from .epochs import Epochs
from .readings import NodeState, Unreadable, read

EVERY_S = 10.0
ANSWER_S = 3.0
"""An exposition is made beforehand: it takes milliseconds, across a country a tenth of a second."""

ANSWER_MAX_BYTES = 32 * 1024
"""Four times an exposition."""

NODES_MAX = 32
_CHUNK_BYTES = 8 * 1024


class Nodes:
    """What the nodes say.

    Args:
        targets: a node's name -> where its exposition is.
        clock: seconds since 1970.
    """

    def __init__(
        self, targets: Mapping[str, str], clock: Callable[[], float], journal: Journal
    ) -> None:
        if len(targets) > NODES_MAX:
            raise ValueError("more nodes than anybody has")
        self._targets = dict(targets)
        self._clock = clock
        self._journal = journal
        self._states = {node: NodeState(node) for node in targets}
        self.epochs = Epochs()

    @property
    def states(self) -> tuple[NodeState, ...]:
        """Give each node, in the order in which they were named."""
        return tuple(self._states.values())

    async def ask(self, session: aiohttp.ClientSession) -> None:
        """Ask all of them at once."""
        nodes = list(self._targets)
        answers = await asyncio.gather(*(_answer(session, self._targets[node]) for node in nodes))
        now = self._clock()
        for node, text in zip(nodes, answers, strict=True):
            try:
                if text is None:
                    raise Unreadable
                said = await asyncio.to_thread(read, text, now)
            except Unreadable:
                self._states[node] = replace(self._states[node], up=False)
                continue
            self._states[node] = NodeState(node, True, said, now)
            self.epochs.add(said.epochs, now)

    def asking(self, every_s: float = EVERY_S) -> AbstractAsyncContextManager[None]:
        """Ask again and again while the block lasts."""
        return again_and_again(self.ask, ANSWER_S, every_s, self._journal)


@asynccontextmanager
async def again_and_again(
    ask: Callable[[aiohttp.ClientSession], Awaitable[None]],
    answer_s: float,
    every_s: float,
    journal: Journal,
) -> AsyncIterator[None]:
    """Ask every `every_s` while the block lasts; a fault of ours is noted, and ends nothing."""

    async def asks(session: aiohttp.ClientSession) -> None:
        while True:
            try:
                await ask(session)
            except Exception as error:
                journal.fault(error)  # asked again all the same
            await asyncio.sleep(every_s)

    async with client(answer_s) as session:
        task = asyncio.create_task(asks(session))
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


def client(answer_s: float) -> aiohttp.ClientSession:
    """Make what asks: no cookies, no proxy of the environment, `answer_s` for all of an answer."""
    return aiohttp.ClientSession(
        timeout=aiohttp.ClientTimeout(total=answer_s),
        cookie_jar=aiohttp.DummyCookieJar(),
        trust_env=False,
        auto_decompress=False,  # a few bytes could become gigabytes
        headers={"Accept-Encoding": "identity", "User-Agent": "teleconsult"},
    )


async def _answer(session: aiohttp.ClientSession, url: str) -> str | None:
    body = await body_of(session, url, {}, ANSWER_MAX_BYTES)
    return body.decode("utf-8", "replace") if body is not None else None


async def body_of(
    session: aiohttp.ClientSession, url: str, form: Mapping[str, str], most: int
) -> bytes | None:
    """Fetch the body of a 200: by GET, or by POST with a form; None of everything else."""
    method = "POST" if form else "GET"
    body = bytearray()
    try:
        async with session.request(
            method, url, data=dict(form) or None, allow_redirects=False
        ) as answer:
            if answer.status != 200:
                return None
            async for piece in answer.content.iter_chunked(_CHUNK_BYTES):
                body += piece
                if len(body) > most:
                    return None
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError):
        return None
    return bytes(body)
