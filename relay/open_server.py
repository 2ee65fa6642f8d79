"""The sockets of an open relay: one UDP port more for each allocation.

A door, beside `server`, whose streams, ports and tick it shares. What passes between a client
and a peer outside is read and written here; there is no log here either.
"""

import asyncio
import errno
import ipaddress
import re
import socket
import ssl
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from . import allocation
from .core import HEADROOM, TAILROOM, Effect, Source
from .effects import OpenPort, ToPeer
from .open_core import OpenRelay
from .server import DRAIN_MAX, TRY_MORE_EVERY, Address, Limits, Server

PORT_BUFFER_BYTES = 1 << 20  # half a second of one far end, while another process has the core

_LOCAL_IPV4 = re.compile(r"\|-- (\S+)\n\s+/32 host LOCAL")


class OpenServer(Server):
    """Sockets around an open core. Made by `serving`.

    Args:
        at: where ports are opened, by the address that is told to clients; the same where
            nothing is said. Behind a router they differ.
    """

    def __init__(
        self,
        relay: OpenRelay,
        clock: Callable[[], float],
        limits: Limits,
        at: Mapping[str, str],
    ) -> None:
        super().__init__(relay, clock, limits)
        self.open_relay = relay
        self.ports: dict[Source, socket.socket] = {}
        self._opened_at = dict(at)

    def carry_out(self, effects: Iterable[Effect]) -> None:
        """Do what the core says, in its order."""
        for effect in effects:
            match effect:
                case ToPeer(source, peer, data):
                    self._to_peer(source, peer, data)
                case OpenPort(source, ip, ports):
                    port = self._open_port(source, ip, ports)
                    self.carry_out(self.open_relay.port_opened(source, port, self.clock()))
                case _:
                    super().carry_out((effect,))

    def reader(self, own: socket.socket, source: Source) -> Callable[[], None]:
        """Make what is called when the socket of a client has something. It is hot."""
        view, into = self.view, self.view[HEADROOM:-TAILROOM]
        recv_into, send_to = own.recv_into, self.ports[source].sendto
        relay, counters = self.open_relay, self.counters
        forward_out, forward, receive = relay.forward_out, relay.forward, relay.receive

        def take() -> None:
            size = recv_into(into)
            out = forward_out(source, view, size)
            if out is not None:
                try:
                    send_to(out[1], out[0])
                except OSError:  # a full buffer, or a way that does not exist
                    counters.unsent += 1
            elif (passed := forward(source, view, size)) is not None:
                self.pass_on(*passed)
            else:
                self.carry_out(receive(source, bytes(into[:size]), self.clock()))

        return _adaptive(take)

    async def stop(self) -> None:
        await super().stop()
        for source in list(self.ports):
            self._close_port(source)

    def _to_peer(self, source: Source, peer: tuple[str, int], data: bytes) -> None:
        if port := self.ports.get(source):
            try:
                port.sendto(data, peer)
            except OSError:
                self.counters.unsent += 1

    def _open_port(self, source: Source, ip: str, ports: Iterable[int]) -> int | None:
        """Open the first port that the system gives, and hear it; None if it gives none."""
        for port in ports:
            try:
                opened = _bound(self._opened_at.get(ip, ip), port)
            except OSError as error:
                if error.errno == errno.EADDRINUSE:
                    continue
                return None  # no descriptor is left, or no such address
            self.ports[source] = opened
            reader = self._peer_reader(opened, source)
            asyncio.get_running_loop().add_reader(opened.fileno(), reader)
            return port
        return None

    def _peer_reader(self, opened: socket.socket, source: Source) -> Callable[[], None]:
        """Make what is called when peers have sent something to a client's port. It is hot."""
        view, into = self.view, self.view[HEADROOM:-TAILROOM]
        recvfrom_into, send_to, counters = opened.recvfrom_into, self.sends.get, self.counters
        forward_in, hear = self.open_relay.forward_in, self.open_relay.hear

        def take() -> None:
            size, address = recvfrom_into(into)
            # IPv6 has two numbers more, of which none is a peer's.
            peer = address[:2]
            passed = forward_in(source, peer, view, size)
            if passed is None:
                data = bytes(into[:size])
                self.carry_out(hear(source, allocation.Address(*peer), data, self.clock()))
            elif (send := send_to(source)) is not None:
                try:
                    send(passed[1])
                except OSError:  # a full buffer, or somebody who is not there any more
                    counters.unsent += 1

        return _adaptive(take)

    def _gone(self, source: Source) -> None:
        super()._gone(source)
        self._close_port(source)

    def _close_port(self, source: Source) -> None:
        if opened := self.ports.pop(source, None):
            asyncio.get_running_loop().remove_reader(opened.fileno())
            opened.close()


@asynccontextmanager
async def serving(
    relay: OpenRelay,
    clock: Callable[[], float],
    *,
    udp: Sequence[Address] = (),
    tcp: Sequence[Address] = (),
    tls: Sequence[Address] = (),
    context: ssl.SSLContext | None = None,
    limits: Limits | None = None,
    at: Mapping[str, str] | None = None,
) -> AsyncIterator[OpenServer]:
    """Listen while the block lasts, as `server.serving` does.

    Raises:
        OSError: an address cannot be had.
    """
    server = OpenServer(relay, clock, limits or Limits(), at or {})
    try:
        await server.start(udp, tcp, tls, context)
        yield server
    finally:
        await server.stop()


def addresses_of_this_machine() -> list[str]:
    """List the addresses of its interfaces, as far as the system tells (proc(5)).

    A packet to any of them would come from this machine itself, behind its firewall.
    """
    found: list[str] = []
    with suppress(OSError):
        found += _LOCAL_IPV4.findall(Path("/proc/net/fib_trie").read_text(encoding="ascii"))
    with suppress(OSError):
        for line in Path("/proc/net/if_inet6").read_text(encoding="ascii").splitlines():
            found.append(str(ipaddress.IPv6Address(int(line.split()[0], 16))))
    return sorted(set(found))


def _adaptive(take: Callable[[], None]) -> Callable[[], None]:
    """Take one datagram per wake-up, and many while many are waiting.

    `server` says why. `take` raises OSError when there is nothing more.
    """
    reads, until_more = 1, TRY_MORE_EVERY

    def read() -> None:
        nonlocal reads, until_more
        done = 0
        try:
            while done < reads:
                take()
                done += 1
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


def _bound(ip: str, port: int) -> socket.socket:
    """Open a UDP port that is nobody else's."""
    family = socket.AF_INET6 if ":" in ip else socket.AF_INET
    opened = socket.socket(family, socket.SOCK_DGRAM)
    try:
        opened.setblocking(False)
        for buffer in (socket.SO_RCVBUF, socket.SO_SNDBUF):
            opened.setsockopt(socket.SOL_SOCKET, buffer, PORT_BUFFER_BYTES)
        if family == socket.AF_INET6:
            opened.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        opened.bind((ip, port))
    except OSError:
        opened.close()
        raise
    return opened
