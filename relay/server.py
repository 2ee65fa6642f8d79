"""The relay's sockets: datagrams, streams and TLS in, the core's effects out.

A door. It turns what arrives into values, reads the clock once and passes it, and carries
out effects. It decides nothing about TURN and cannot write an address down: there is no log
here, only counters.

RFC 8656 §3.1 for the transports; RFC 8489 §6.2.2 for streams. The hot path is
`_reader`: one system call in, `Relay.forward`, one out.
"""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any, cast

from .core import HEADROOM, TAILROOM, Close, Effect, Gone, Opened, Relay, Send, Source, Transport
from .framing import BadStream, Framer
from .limits import percent

TICK_S = 1.0
DATAGRAM_MAX_BYTES = 65_535
SOCKET_BUFFER_BYTES = 4 << 20  # a burst of a hundred calls, while another process has the core
# A read that finds nothing costs an exception, so one datagram is read per wake-up, now and
# then it is tried whether more are waiting, and while they are many are read.
DRAIN_MAX = 32
TRY_MORE_EVERY = 64


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of the machine streams may take.

    Attributes:
        streams: TCP and TLS connections at a time, allocated or not.
        stranger_s: how long a stream may be without an allocation.
        unsent_bytes: beyond that media for a slow reader is dropped, as a network would.
        unsent_max_bytes: beyond that the stream is closed.
        linger_s: how long a closed one may take to read what was sent before.
    """

    streams: int = 2000
    stranger_s: float = 30.0
    unsent_bytes: int = 128 * 1024
    unsent_max_bytes: int = 1024 * 1024
    linger_s: float = 5.0


@dataclass(frozen=True, slots=True)
class Address:
    """Where to listen. Port 0 lets the system choose."""

    ip: str
    port: int


@dataclass(slots=True)
class Counters:
    """What the sockets count, of nobody; the core counts the rest.

    Attributes:
        unsent: packets that the system, or a slow reader's stream, did not take.
        streams: open now.
        streams_refused: over the limit.
        streams_silent: closed because they had no allocation for too long.
    """

    unsent: int = 0
    streams: int = 0
    streams_refused: int = 0
    streams_silent: int = 0


class Server:
    """Sockets around one core. Made by `serving`.

    Args:
        clock: seconds since 1970, as the core wants them.
    """

    def __init__(self, relay: Relay, clock: Callable[[], float], limits: Limits) -> None:
        self.relay = relay
        self.clock = clock
        self.limits = limits
        self.counters = Counters()
        self.streams: dict[Source, _Stream] = {}
        self.allocated: dict[Source, _Allocated] = {}
        # One for all: a packet is sent before the next one is read.
        self.view = memoryview(bytearray(HEADROOM + DATAGRAM_MAX_BYTES + TAILROOM))
        self.sends: dict[Source, Callable[[memoryview], object]] = {}
        self._datagrams: list[_Datagrams] = []
        self._listeners: list[asyncio.Server] = []
        self._ticking: asyncio.Task[None] | None = None
        self._at: dict[Transport, list[Address]] = {"udp": [], "tcp": [], "tls": []}

    def addresses(self, transport: Transport) -> list[Address]:
        """Say where it listens."""
        return list(self._at[transport])

    def numbers(self) -> dict[str, int]:
        """Tell what may be told: how much, of nobody."""
        said = asdict(self.relay.counters())
        refused = said.pop("refused")
        return {
            **said,
            **{f"refused_{code}": count for code, count in refused.items()},
            **asdict(self.counters),
            "streams_percent": percent(self.counters.streams, self.limits.streams),
        }

    def carry_out(self, effects: Iterable[Effect]) -> None:
        """Do what the core says, in its order."""
        for effect in effects:
            match effect:
                case Send(to, data):
                    self._send(to, data)
                case Close(stream):
                    if found := self.streams.get(stream):
                        found.close()
                case Opened(source):
                    self._opened(source)
                case Gone(source):
                    self._gone(source)

    def pass_on(self, to: Source, view: memoryview) -> None:
        """Send one packet of the hot path: dropped rather than waited for."""
        if (send := self.sends.get(to)) is None:
            return
        try:
            send(view)
        except OSError:  # a full buffer, or somebody who is not there any more
            self.counters.unsent += 1

    def new_stream(self, transport: Transport, number: int) -> "_Stream":
        """Make the protocol of one more TCP or TLS connection."""
        return _Stream(self, transport, number)

    def reader(self, own: socket.socket, source: Source) -> Callable[[], None]:
        """Make what is called when the socket of a client has something."""
        return _reader(self, own, source)

    def add_stream(self, source: Source, stream: "_Stream") -> None:
        self.streams[source] = stream
        self.counters.streams += 1

    def remove_stream(self, source: Source) -> None:
        if self.streams.pop(source, None):
            self.counters.streams -= 1
            self.carry_out(self.relay.lost(source))

    async def start(
        self,
        udp: Sequence[Address],
        tcp: Sequence[Address],
        tls: Sequence[Address],
        context: ssl.SSLContext | None,
    ) -> None:
        loop = asyncio.get_running_loop()
        for number, address in enumerate(udp):
            datagrams = _Datagrams(self, loop, address, number)
            self._datagrams.append(datagrams)
            self._at["udp"].append(datagrams.address)
        for transport, addresses in (("tcp", tcp), ("tls", tls)):
            for number, address in enumerate(addresses):
                await self._listen("tls" if transport == "tls" else "tcp", address, number, context)
        self._ticking = asyncio.create_task(self._tick())

    async def stop(self) -> None:
        if self._ticking:
            self._ticking.cancel()
            with suppress(asyncio.CancelledError):
                await self._ticking
        for listener in self._listeners:
            listener.close()
        for stream in list(self.streams.values()):
            stream.abort()
        for allocated in self.allocated.values():
            allocated.close()
        for datagrams in self._datagrams:
            datagrams.close()
        for listener in self._listeners:
            await listener.wait_closed()

    async def _listen(
        self, transport: Transport, address: Address, number: int, context: ssl.SSLContext | None
    ) -> None:
        listener = await asyncio.get_running_loop().create_server(
            lambda: self.new_stream(transport, number),
            address.ip,
            address.port,
            ssl=context if transport == "tls" else None,
            ssl_handshake_timeout=self.limits.stranger_s if transport == "tls" else None,
        )
        self._listeners.append(listener)
        for listening in listener.sockets:
            self._at[transport].append(Address(*listening.getsockname()[:2]))

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(TICK_S)
            self.carry_out(self.relay.tick(self.clock()))
            self._close_strangers()

    def _close_strangers(self) -> None:
        oldest = asyncio.get_running_loop().time() - self.limits.stranger_s
        for stream in list(self.streams.values()):
            if stream.stranger_since is not None and stream.stranger_since < oldest:
                self.counters.streams_silent += 1
                stream.close()

    def _send(self, to: Source, data: bytes) -> None:
        if to.transport != "udp":
            if found := self.streams.get(to):
                found.answer(data)
        elif allocated := self.allocated.get(to):
            allocated.answer(data)
        else:
            self._datagrams[to.listener].answer(to, data)

    def _opened(self, source: Source) -> None:
        if source.transport != "udp":
            if found := self.streams.get(source):
                found.stranger_since = None
                self.sends[source] = found.pass_on
            return
        datagrams = self._datagrams[source.listener]
        try:
            allocated = datagrams.allocated(source)
        except OSError:  # no descriptor is left: slower, and it works
            self.sends[source] = partial(datagrams.pass_on, (source.ip, source.port))
            return
        self.allocated[source] = allocated
        self.sends[source] = allocated.send

    def _gone(self, source: Source) -> None:
        self.sends.pop(source, None)
        if allocated := self.allocated.pop(source, None):
            allocated.close()
        elif found := self.streams.get(source):
            found.stranger_since = asyncio.get_running_loop().time()


class _Datagrams:
    """One UDP port: strangers come here, and those whose allocation has no socket of its own."""

    def __init__(
        self, server: Server, loop: asyncio.AbstractEventLoop, address: Address, number: int
    ) -> None:
        self._server, self._loop, self._number = server, loop, number
        self._socket = _bound(address, is_shared=False)
        self.address = Address(*self._socket.getsockname()[:2])
        loop.add_reader(self._socket.fileno(), self._read)

    def answer(self, to: Source, data: bytes) -> None:
        with suppress(OSError):  # an answer may be lost, as any datagram
            self._socket.sendto(data, (to.ip, to.port))

    def pass_on(self, to: tuple[str, int], view: memoryview) -> None:
        self._socket.sendto(view, to)

    def allocated(self, source: Source) -> "_Allocated":
        """Open a socket of this port that hears one client only: the system sorts packets.

        Raises:
            OSError: there is none to be had.
        """
        own = _bound(self.address, is_shared=True)
        try:
            own.connect((source.ip, source.port))
        except OSError:
            own.close()
            raise
        self._hear_early(own)
        return _Allocated(self._server, self._loop, own, source)

    def close(self) -> None:
        self._loop.remove_reader(self._socket.fileno())
        self._socket.close()

    def _hear_early(self, own: socket.socket) -> None:
        """Read what came to a socket before it was connected; it may be anybody's."""
        with suppress(BlockingIOError):
            while True:
                data, address = own.recvfrom(DATAGRAM_MAX_BYTES)
                source = Source("udp", address[0], address[1], self._number)
                # Not now: the effect that opened this socket is being carried out.
                self._loop.call_soon(self._take, source, data)

    def _read(self) -> None:
        for _ in range(DRAIN_MAX):
            try:
                data, address = self._socket.recvfrom(DATAGRAM_MAX_BYTES)
            except OSError:
                return
            self._take(Source("udp", address[0], address[1], self._number), data)

    def _take(self, source: Source, data: bytes) -> None:
        server = self._server
        server.carry_out(server.relay.receive(source, data, server.clock()))


class _Allocated:
    """The socket of one allocation's client. Here passes what a consultation is made of."""

    def __init__(
        self, server: Server, loop: asyncio.AbstractEventLoop, own: socket.socket, source: Source
    ) -> None:
        self._loop, self._socket = loop, own
        self.send = own.send
        loop.add_reader(own.fileno(), server.reader(own, source))

    def answer(self, data: bytes) -> None:
        with suppress(OSError):
            self._socket.send(data)

    def close(self) -> None:
        self._loop.remove_reader(self._socket.fileno())
        self._socket.close()


def _reader(server: Server, own: socket.socket, source: Source) -> Callable[[], None]:
    """Make what is called when a client's socket has something. Names are local: it is hot."""
    view, forward, receive = server.view, server.relay.forward, server.relay.receive
    recv_into, into = own.recv_into, view[HEADROOM:-TAILROOM]
    send_to, counters = server.sends.get, server.counters
    reads, until_more = 1, TRY_MORE_EVERY

    def read() -> None:
        nonlocal reads, until_more
        done = 0
        try:
            while done < reads:
                size = recv_into(into)
                done += 1
                passed = forward(source, view, size)
                if passed is None:
                    server.carry_out(receive(source, bytes(into[:size]), server.clock()))
                elif (send := send_to(passed[0])) is not None:
                    try:
                        send(passed[1])
                    except OSError:  # a full buffer, or somebody who is not there any more
                        counters.unsent += 1
        except OSError:  # nothing more, or closed by what was just received
            pass
        if done > 1:
            reads = DRAIN_MAX
        elif reads > 1:
            reads, until_more = 1, TRY_MORE_EVERY
        else:
            until_more -= 1
            if not until_more:
                reads = 2

    return read


class _Stream(asyncio.Protocol):
    """One TCP or TLS connection."""

    def __init__(self, server: Server, transport: Transport, number: int) -> None:
        self._server, self._kind, self._number = server, transport, number
        self._framer = Framer()
        self._transport: asyncio.Transport | None = None
        self.source: Source | None = None
        self.stranger_since: float | None = asyncio.get_running_loop().time()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's is one in all but name.
        self.begin(cast(asyncio.Transport, transport), transport.get_extra_info("peername"))

    def begin(self, transport: asyncio.Transport, peer: Sequence[Any] | None) -> None:
        """Take a connection whose client is at this address and port."""
        self._transport = transport
        if peer is None or len(self._server.streams) >= self._server.limits.streams:
            self._server.counters.streams_refused += 1
            self._transport.abort()
            return
        self.source = Source(self._kind, peer[0], peer[1], self._number)
        self._server.add_stream(self.source, self)

    def data_received(self, data: bytes) -> None:
        if self.source is None or self._transport is None or self._transport.is_closing():
            return
        try:
            messages = self._framer.feed(data)
        except BadStream:
            self.abort()
            return
        server = self._server
        for message in messages:
            size = len(message)
            server.view[HEADROOM : HEADROOM + size] = message
            passed = server.relay.forward(self.source, server.view, size)
            if passed is not None:
                server.pass_on(*passed)
            else:
                now = server.clock()
                server.carry_out(server.relay.receive(self.source, message, now))

    def connection_lost(self, error: Exception | None) -> None:
        if self.source is not None:
            self._server.remove_stream(self.source)

    def pass_on(self, view: bytes | memoryview) -> None:
        """Send media, unless the reader is slow: then it is lost, as on a network.

        Raises:
            BlockingIOError: it was not sent.
        """
        if self._transport is None or self._unsent > self._server.limits.unsent_bytes:
            raise BlockingIOError
        self._transport.write(bytes(view))

    def answer(self, data: bytes) -> None:
        """Send what must not be lost; who reads none of it is cut off."""
        if self._transport is None or self._unsent > self._server.limits.unsent_max_bytes:
            self.abort()
            return
        self._transport.write(data)

    def close(self) -> None:
        """Close after what was sent before, if it is read soon."""
        if self._transport is None:
            return
        self._transport.close()
        if self._unsent:
            loop = asyncio.get_running_loop()
            loop.call_later(self._server.limits.linger_s, self._transport.abort)

    def abort(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    @property
    def _unsent(self) -> int:
        return self._transport.get_write_buffer_size() if self._transport else 0


@asynccontextmanager
async def serving(
    relay: Relay,
    clock: Callable[[], float],
    *,
    udp: Sequence[Address] = (),
    tcp: Sequence[Address] = (),
    tls: Sequence[Address] = (),
    context: ssl.SSLContext | None = None,
    limits: Limits | None = None,
) -> AsyncIterator[Server]:
    """Listen while the block lasts.

    Raises:
        OSError: an address cannot be had.
    """
    server = Server(relay, clock, limits or Limits())
    try:
        await server.start(udp, tcp, tls, context)
        yield server
    finally:
        await server.stop()


def tls_context(certificate: str, key: str) -> ssl.SSLContext:
    """Make what TLS needs of two PEM files.

    Raises:
        OSError: they cannot be read, or are not a pair (ssl.SSLError is one).
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(certificate, key)
    return context


def _bound(address: Address, *, is_shared: bool) -> socket.socket:
    """Open a UDP socket; `is_shared` if one of ours has the port already.

    The first one takes the port from everybody, and lets only this user's sockets beside it
    afterwards (socket(7), SO_REUSEPORT).
    """
    family = socket.AF_INET6 if ":" in address.ip else socket.AF_INET
    opened = socket.socket(family, socket.SOCK_DGRAM)
    try:
        opened.setblocking(False)
        for buffer in (socket.SO_RCVBUF, socket.SO_SNDBUF):
            opened.setsockopt(socket.SOL_SOCKET, buffer, SOCKET_BUFFER_BYTES)
        if family == socket.AF_INET6:
            opened.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, is_shared)
        opened.bind((address.ip, address.port))
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    except OSError:
        opened.close()
        raise
    return opened
