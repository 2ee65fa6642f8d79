"""A port in front of another one, which can be cut and comes back: a node's, or a relay's."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress


class Front:
    """Hands every byte on. Made by `a_front`."""

    def __init__(self) -> None:
        self.target = 0
        self.port = 0
        self._server: asyncio.Server | None = None
        self._going: set[asyncio.Task[None]] = set()

    async def opens(self) -> None:
        """Take connections, at the same port as before."""
        self._server = await asyncio.start_server(self._hands_on, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def cut(self) -> None:
        """Refuse connections, and drop those that there are."""
        server, self._server = self._server, None
        if server is not None:
            server.close()
        for task in self._going:
            task.cancel()
        if self._going:
            await asyncio.wait(self._going)

    async def _hands_on(self, one: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._going.add(task)
        try:
            other, forth = await asyncio.open_connection("127.0.0.1", self.target)
            try:
                async with asyncio.TaskGroup() as both:
                    both.create_task(_pours(one, forth))
                    both.create_task(_pours(other, back))
            finally:
                forth.close()
        except (OSError, asyncio.CancelledError):
            pass  # what it was in front of is gone, or it was cut
        finally:
            self._going.discard(task)
            back.close()


async def _pours(source: asyncio.StreamReader, into: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while data := await source.read(65_536):
            into.write(data)
            await into.drain()
        into.close()


@asynccontextmanager
async def a_front() -> AsyncIterator[Front]:
    """Open a port that leads to `target`, once that is said."""
    front = Front()
    await front.opens()
    try:
        yield front
    finally:
        await front.cut()
