"""One port for pages and relay: streams that another process accepted are brought here.

A door, with two halves. `Splices` is in the process that has the port: it is given a
connection whose first byte, once decrypted, is that of a STUN request (a request for a page
begins with a letter) and joins it to the relay's UNIX socket. `listening` is in the relay.
Neither looks into what passes, and little waits here for a slow reader: the relay drops, as a
network would.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from typing import cast

from .control import is_one_of_us
from .proxy_header import HEADER_MAX_BYTES, BadHeader, read, write
from .server import Server

# Above the number of any listener of the relay's own. Each stream has the next: two clients may
# have one address and port, where this machine has several.
FIRST_LISTENER = 1000
# What may wait for a slow reader here: the relay, which can drop, is to notice soon.
UNSENT_MAX_BYTES = 64 * 1024
SPLICES_MAX = 1000
HEADER_WITHIN_S = 5.0


class Splices:
    """Makes the protocol of each connection that is the relay's.

    Args:
        path: the relay's UNIX socket.
        most: so many at a time; more are closed.
    """

    def __init__(self, path: Path, most: int = SPLICES_MAX) -> None:
        self.path = path
        self.most = most
        self.open: set[_Splice] = set()

    def __call__(self) -> asyncio.Protocol:
        """Return the protocol of one connection."""
        return _Splice(self)

    def close(self) -> None:
        """Close them all: the process stops."""
        for splice in list(self.open):
            splice.end()


class _Side(asyncio.Protocol):
    """One of two joined connections: what it hears goes out by the other."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport | None = None
        self.other: _Side | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are not of asyncio's classes, but have the same methods.
        self.transport = cast(asyncio.Transport, transport)
        self.transport.set_write_buffer_limits(high=UNSENT_MAX_BYTES)

    def data_received(self, data: bytes) -> None:
        if self.other is not None and self.other.transport is not None:
            self.other.transport.write(data)

    def pause_writing(self) -> None:
        if self.other is not None and self.other.transport is not None:
            self.other.transport.pause_reading()

    def resume_writing(self) -> None:
        if self.other is not None and self.other.transport is not None:
            self.other.transport.resume_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        if self.other is not None and self.other.transport is not None:
            self.other.transport.close()


class _Splice(_Side):
    """The client's side; the relay's is made by it."""

    def __init__(self, splices: Splices) -> None:
        super().__init__()
        self._splices = splices
        self._early = b""
        self._joining: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        assert self.transport is not None  # made just now
        peer = transport.get_extra_info("peername")
        if peer is None or len(self._splices.open) >= self._splices.most:
            self.transport.abort()
            return
        self._splices.open.add(self)
        # What it says before the relay hears it waits in the system, not here.
        self.transport.pause_reading()
        self._joining = asyncio.create_task(self._join(write(peer[0], peer[1])))

    def data_received(self, data: bytes) -> None:
        if self.other is None:
            self._early += data
        else:
            super().data_received(data)

    def connection_lost(self, exc: Exception | None) -> None:
        self._splices.open.discard(self)
        if self._joining is not None:
            self._joining.cancel()
        super().connection_lost(exc)

    def end(self) -> None:
        if self.transport is not None:
            self.transport.abort()

    async def _join(self, header: bytes) -> None:
        assert self.transport is not None
        far = _Side()
        far.other = self
        loop = asyncio.get_running_loop()
        try:
            relay, _ = await loop.create_unix_connection(lambda: far, str(self._splices.path))
        except OSError:  # the relay is away: the client tries again, or another way
            self.transport.abort()
            return
        relay.write(header + self._early)
        self._early = b""
        self.other = far
        self.transport.resume_reading()


@asynccontextmanager
async def listening(server: Server, path: Path) -> AsyncIterator[None]:
    """Let the relay take streams on a UNIX socket, in a folder that is its owner's alone.

    Raises:
        OSError: it cannot be had.
    """
    loop = asyncio.get_running_loop()
    waiting: set[_Announced] = set()
    numbers = count(FIRST_LISTENER)
    listener = await loop.create_unix_server(
        lambda: _Announced(server, waiting, next(numbers)), str(path)
    )
    try:
        yield
    finally:
        listener.close()
        for announced in list(waiting):
            announced.end()
        await listener.wait_closed()
        _remove(path)


def _remove(path: Path) -> None:
    path.unlink(missing_ok=True)


class _Announced(asyncio.Protocol):
    """A stream that has not said yet whose it is."""

    def __init__(self, server: Server, waiting: "set[_Announced]", number: int) -> None:
        self._server, self._waiting, self._number = server, waiting, number
        self._head = b""
        self._transport: asyncio.Transport | None = None
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        if not is_one_of_us(transport.get_extra_info("socket")):
            self._transport.abort()
            return
        self._waiting.add(self)
        self._timer = asyncio.get_running_loop().call_later(HEADER_WITHIN_S, self.end)

    def data_received(self, data: bytes) -> None:
        self._head += data
        try:
            found = read(self._head)
        except BadHeader:
            self.end()
            return
        if found is None:
            if len(self._head) > HEADER_MAX_BYTES:
                self.end()
            return
        ip, port, size = found
        self._leave()
        assert self._transport is not None
        stream = self._server.new_stream("tls", self._number)
        self._transport.set_protocol(stream)
        stream.begin(self._transport, (ip, port))
        if len(self._head) > size:
            stream.data_received(self._head[size:])

    def connection_lost(self, exc: Exception | None) -> None:
        self._leave()

    def end(self) -> None:
        self._leave()
        if self._transport is not None:
            self._transport.abort()

    def _leave(self) -> None:
        self._waiting.discard(self)
        if self._timer is not None:
            self._timer.cancel()
