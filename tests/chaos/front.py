"""One address before several: each connection goes to one that is up; the way can be cut."""

import asyncio
from collections.abc import Callable, Sequence
from itertools import count


class Front:
    """A balancer of the simplest kind: takes turns, and passes bytes on. For few connections.

    Args:
        ports: where it leads at this moment, on this machine.
    """

    def __init__(self, ports: Callable[[], Sequence[int]]) -> None:
        self._ports = ports
        self.port = 0
        self._is_whole = asyncio.Event()
        self._is_whole.set()
        self._turns = count()
        self._server: asyncio.Server | None = None
        self._ways: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> "Front":
        self._server = await asyncio.start_server(self._carries, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for way in list(self._ways):
            way.cancel()
        await asyncio.gather(*self._ways, return_exceptions=True)

    def cut(self) -> None:
        """Let nothing through, and tell nobody: what a network does."""
        self._is_whole.clear()

    def mend(self) -> None:
        """Let all that waited go on."""
        self._is_whole.set()

    async def _carries(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._ways.add(task)
        try:
            ports = self._ports()
            there, back = await asyncio.open_connection(
                "127.0.0.1", ports[next(self._turns) % len(ports)]
            )
            try:
                await asyncio.gather(self._pours(reader, back), self._pours(there, writer))
            finally:
                back.close()
        except (OSError, asyncio.CancelledError):
            pass  # a node that was killed a moment ago: who asked tries again; or the end
        finally:
            writer.close()
            self._ways.discard(task)

    async def _pours(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65_536):
            await self._is_whole.wait()
            writer.write(data)
            await writer.drain()
        writer.close()
