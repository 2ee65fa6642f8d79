"""The open relay's sockets: real ones, on loopback, with other people's clients and peers.

The relay is 127.0.0.1, which it never reaches; peers are at 127.0.0.2, opened on purpose.
"""

import asyncio
import errno
import os
import shlex
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aioice.turn
import pytest

from relay import open_server
from relay.core import Settings, Transport
from relay.open_core import OpenRelay
from relay.open_server import OpenServer, addresses_of_this_machine
from relay.probe import Probe, ProbeError
from relay.server import Address
from tests.relay.serving import (
    GENEROUS,
    LOOPBACK,
    SECRET,
    Authority,
    authority,
    opening,
    password,
)

RUNS_ON = "uvloop"
OUTSIDE = "127.0.0.2"
TRANSPORTS: tuple[Transport, ...] = ("udp", "tcp", "tls")

# coturn's own client and the peer that goes with it, which answers what it is sent.
TOOL = f"turnutils_uclient -c -m 2 -n 40 -l 160 -z 2 -e {OUTSIDE}"
WAYS = {
    "": "channels",
    "-s": "Send indications",
    "-D": "channels, padded",
    "-G": "more requests than needed",
    "-t": "channels over TCP",
    "-t -s": "indications over TCP",
    "-t -D": "padded over TCP",
    "-t -S": "channels over TLS",
    "-t -S -s": "indications over TLS",
    "-y": "between two of the relay",
}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """A throwaway authority that nobody trusts unless told."""
    return authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
async def server(made: Authority) -> AsyncIterator[OpenServer]:
    async with opening(made, allowed=[OUTSIDE]) as opened:
        yield opened


def port(server: OpenServer, transport: Transport) -> int:
    (address,) = server.addresses(transport)
    return address.port


class Peer(asyncio.DatagramProtocol):
    """Somebody outside: keeps what it is sent, and answers it."""

    def __init__(self) -> None:
        self.heard: asyncio.Queue[tuple[bytes, tuple[str, int]]] = asyncio.Queue()
        self.transport: asyncio.DatagramTransport

    @classmethod
    @asynccontextmanager
    async def at(cls, ip: str) -> AsyncIterator["Peer"]:
        loop = asyncio.get_running_loop()
        transport, peer = await loop.create_datagram_endpoint(cls, local_addr=(ip, 0))
        try:
            yield peer
        finally:
            transport.close()

    @property
    def address(self) -> tuple[str, int]:
        ip, port = self.transport.get_extra_info("sockname")[:2]
        return ip, port

    def connection_made(self, transport: asyncio.DatagramTransport) -> None:  # type: ignore[override] # what a datagram endpoint passes
        self.transport = transport

    def datagram_received(self, data: bytes, address: tuple[str, int]) -> None:
        self.heard.put_nowait((data, address))
        self.transport.sendto(b"answer to " + data, address)


class Client(asyncio.DatagramProtocol):
    """aioice's client of TURN: what it sends and hears goes through the relay."""

    def __init__(self) -> None:
        self.heard: asyncio.Queue[tuple[bytes, tuple[str, int]]] = asyncio.Queue()
        self.transport: asyncio.DatagramTransport

    @classmethod
    @asynccontextmanager
    async def of(
        cls, server: OpenServer, transport: Transport = "udp", tag: str = "tag"
    ) -> AsyncIterator["Client"]:
        given = password(tag)
        relayed, client = await aioice.turn.create_turn_endpoint(
            cls,
            (LOOPBACK, port(server, transport)),
            username=given.username,
            password=given.password,
            ssl=transport == "tls",
            transport="udp" if transport == "udp" else "tcp",
        )
        try:
            yield client
        finally:
            relayed.close()

    @property
    def relayed(self) -> tuple[str, int]:
        ip, port = self.transport.get_extra_info("sockname")[:2]
        return ip, port

    def connection_made(self, transport: asyncio.DatagramTransport) -> None:  # type: ignore[override] # what a datagram endpoint passes
        self.transport = transport

    def datagram_received(self, data: bytes, address: tuple[str, int]) -> None:
        self.heard.put_nowait((data, address))


@asynccontextmanager
async def coturns_peer() -> AsyncIterator[int]:
    """Run coturn's peer while the block lasts; its port."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind((OUTSIDE, 0))
        number = int(free.getsockname()[1])
    process = await asyncio.create_subprocess_exec(
        *shlex.split(f"turnutils_peer -L {OUTSIDE} -p {number}"),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with asyncio.timeout(10):
            await answered(number)
        yield number
    finally:
        process.kill()
        await process.wait()


async def answered(number: int) -> None:
    """Wait until the peer listens: until then the system says that nobody does."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        asking.setblocking(False)
        asking.connect((OUTSIDE, number))
        while True:
            try:
                asking.send(b"anybody?")
                await asyncio.get_running_loop().sock_recv(asking, 100)
                return
            except ConnectionRefusedError:
                await asyncio.sleep(0)


async def run_of_the_tool(server: OpenServer, made: Authority, flags: str, number: int) -> str:
    """Run coturn's client; what it says of lost packets, or all that it says."""
    transport: Transport = "tls" if "-S" in flags else "tcp" if "-t" in flags else "udp"
    given = password("somebody")
    process = await asyncio.create_subprocess_exec(
        *shlex.split(f"{TOOL} -r {number} {flags} -E {made.root}"),
        *("-u", given.username, "-w", given.password),
        *("-p", str(port(server, transport)), LOOPBACK),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said = (await process.communicate())[0].decode(errors="replace")
    lost = [line for line in said.splitlines() if "Total lost packets" in line]
    return lost[-1].partition(": : ")[2].partition(",")[0] if lost else said


async def test_coturns_client_loses_nothing_on_the_way_to_a_peer(
    server: OpenServer, made: Authority
) -> None:
    """Every way of carrying data, over UDP, TCP and TLS, all at once."""
    async with coturns_peer() as number:
        said = await asyncio.gather(*(run_of_the_tool(server, made, w, number) for w in WAYS))

    none_lost = "Total lost packets 0 (0.000000%)"
    assert dict.fromkeys(WAYS, none_lost) == dict(zip(WAYS, said, strict=True))
    assert 0 == server.numbers()["unsent"]
    there_and_back = [way for way in WAYS if way != "-y"]
    assert server.numbers()["packets"] >= len(there_and_back) * 2 * 2 * 40


@pytest.mark.parametrize(
    ("flags", "code"),
    [("-g", 420), ("-N", 400)],
    ids=["DONT-FRAGMENT", "two numbers for one peer"],
)
async def test_coturns_client_is_refused_what_the_rfc_refuses(
    server: OpenServer, made: Authority, flags: str, code: int
) -> None:
    """RFC 8489 §6.3.1, RFC 8656 §12.2: it stops there, as it does before coturn."""
    async with coturns_peer() as number:
        assert f"error {code}" in await run_of_the_tool(server, made, flags, number)


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_aioices_client_talks_to_a_peer(
    server: OpenServer, made: Authority, monkeypatch: pytest.MonkeyPatch, transport: Transport
) -> None:
    """The peer sees the relayed address and no other; its answer comes back from it."""
    monkeypatch.setenv("SSL_CERT_FILE", str(made.root))

    async with Peer.at(OUTSIDE) as peer, Client.of(server, transport) as client:
        for size in (1, 2, 3, 1000, 1200):
            client.transport.sendto(b"a" * size, peer.address)
            assert (b"a" * size, client.relayed) == await peer.heard.get()
            assert (b"answer to " + b"a" * size, peer.address) == await client.heard.get()
        assert client.relayed[0] == LOOPBACK != client.transport.get_extra_info("peername")


async def test_a_peer_that_nobody_opened_is_not_reached(made: Authority) -> None:
    """The other side of the tests above: loopback is reached because it is opened."""
    async with opening(made) as closed_by_default, Peer.at(OUTSIDE) as peer:
        async with Probe.to(LOOPBACK, port(closed_by_default, "udp")) as probe:
            await probe.allocate(SECRET, "one")

            assert 403 == await probe.permission(OUTSIDE)
            assert peer.heard.empty()


@pytest.mark.parametrize("ip", ["127.0.0.1", "127.0.0.3", "10.0.0.1", "169.254.169.254", "0.0.0.0"])
async def test_what_is_opened_opens_nothing_else(server: OpenServer, ip: str) -> None:
    """Nor does the relay's own address, but for those who meet inside, reach anything."""
    async with Probe.to(LOOPBACK, port(server, "udp")) as probe:
        await probe.allocate(SECRET, "one")

        assert (None if ip == LOOPBACK else 403) == await probe.permission(ip)


async def test_a_service_on_the_relays_own_address_is_not_reached(server: OpenServer) -> None:
    """A permission for it is granted, and no packet leaves."""
    async with Peer.at(LOOPBACK) as service, Peer.at(OUTSIDE) as peer:
        async with Client.of(server) as client:
            client.transport.sendto(b"to the service", service.address)
            client.transport.sendto(b"to the peer", peer.address)

            assert (b"to the peer", client.relayed) == await peer.heard.get()
            assert service.heard.empty()


async def test_the_uninvited_are_not_heard(server: OpenServer) -> None:
    """Who has no permission may knock; the client hears the other one only."""
    async with Peer.at(OUTSIDE) as peer, Peer.at("127.0.0.3") as uninvited:
        async with Client.of(server) as client:
            client.transport.sendto(b"hello", peer.address)
            await client.heard.get()

            uninvited.transport.sendto(b"knock", client.relayed)
            peer.transport.sendto(b"after it", client.relayed)

            assert (b"after it", peer.address) == await client.heard.get()
        assert 1 == server.numbers()["discarded"]


async def test_members_of_one_relay_meet_inside(server: OpenServer) -> None:
    """The server has bound them; no packet touches their ports."""
    server.relay.bind(["one", "two"])

    async with Client.of(server, tag="one") as one, Client.of(server, tag="two") as two:
        two.transport.sendto(b"so that it is permitted", one.relayed)
        one.transport.sendto(b"bonjour", two.relayed)

        while (said := await two.heard.get()) != (b"bonjour", one.relayed):
            pass
        assert (b"bonjour", one.relayed) == said
        assert 0 == server.numbers()["discarded"]


async def test_an_ended_tags_port_closes_at_once(server: OpenServer) -> None:
    """The system says to a peer that nobody is there."""
    async with (
        Peer.at(OUTSIDE) as peer,
        Client.of(server) as client,
        Client.of(server, tag="another") as another,
    ):
        client.transport.sendto(b"hello", peer.address)
        await peer.heard.get()

        server.carry_out(server.relay.end(["tag"], time.time()))

        assert [another.relayed[1]] == [each.getsockname()[1] for each in server.ports.values()]
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as knocking:
            knocking.connect(client.relayed)
            knocking.send(b"x")
            with pytest.raises(ConnectionRefusedError):
                knocking.send(b"x")


async def test_a_thousand_allocations_leave_nothing_behind(server: OpenServer) -> None:
    """Neither sockets nor descriptors, though each had two."""
    before = len(os.listdir("/proc/self/fd"))

    for _ in range(1000):
        async with Probe.to(LOOPBACK, port(server, "udp")) as probe:
            await probe.allocate(SECRET, "one")
            assert 1 == len(server.ports) == len(server.allocated)
            await probe.release()

    assert {} == server.ports
    assert {} == server.allocated
    assert {} == server.sends
    # The last ones may still be closing.
    assert before + 5 > len(os.listdir("/proc/self/fd"))


async def test_ports_close_when_the_relay_stops(made: Authority) -> None:
    """Also those of clients who are still there."""
    async with opening(made) as server:
        async with Probe.to(LOOPBACK, port(server, "udp")) as probe:
            await probe.allocate(SECRET, "one")
            (opened,) = server.ports.values()

    assert -1 == opened.fileno()


async def test_a_port_that_another_process_has_is_passed_over(made: Authority) -> None:
    """The next one is taken; if all are, there is no allocation, and then there is."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind((LOOPBACK, 0))
        number = taken.getsockname()[1]
        settings = Settings(port_first=number, port_last=number)
        async with opening(made, settings) as server:
            async with Probe.to(LOOPBACK, port(server, "udp")) as probe:
                with pytest.raises(ProbeError, match="508"):
                    await probe.allocate(SECRET, "one")
                taken.close()
            async with Probe.to(LOOPBACK, port(server, "udp")) as probe:
                await probe.allocate(SECRET, "one")
                assert [number] == [each.getsockname()[1] for each in server.ports.values()]


async def test_without_a_descriptor_to_spare_there_is_no_allocation(
    server: OpenServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """508, and the relay goes on."""

    def none_left(ip: str, port: int) -> socket.socket:
        raise OSError(errno.EMFILE, "none left")

    async with Probe.to(LOOPBACK, port(server, "udp")) as probe:
        with monkeypatch.context() as without:
            without.setattr(open_server, "_bound", none_left)
            with pytest.raises(ProbeError, match="508"):
                await probe.allocate(SECRET, "one")

        assert {} == server.ports
        assert {} == server.sends
    async with Probe.to(LOOPBACK, port(server, "udp")) as probe:
        await probe.allocate(SECRET, "one")


async def test_a_client_without_a_socket_of_its_own_is_carried_all_the_same(
    server: OpenServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Slower, through the port that strangers use."""

    def none_left(address: Address, *, is_shared: bool) -> socket.socket:
        raise OSError(errno.EMFILE, "none left")

    monkeypatch.setattr("relay.server._bound", none_left)

    async with Peer.at(OUTSIDE) as peer, Client.of(server) as client:
        client.transport.sendto(b"hello", peer.address)

        assert (b"answer to hello", peer.address) == await client.heard.get()
        assert {} == server.allocated


async def test_behind_a_router_ports_open_where_the_relay_is(made: Authority) -> None:
    """Clients are told the address that the router has."""
    relay = OpenRelay(["198.51.100.1"], [SECRET], os.urandom, GENEROUS, time.time())
    at = {"198.51.100.1": LOOPBACK}
    async with open_server.serving(relay, time.time, udp=[Address(LOOPBACK, 0)], at=at) as server:
        async with Client.of(server) as client:
            (opened,) = server.ports.values()

            assert ("198.51.100.1", opened.getsockname()[1]) == client.relayed
            assert LOOPBACK == opened.getsockname()[0]


async def test_a_port_of_ipv6_is_opened_where_that_is_all_there_is() -> None:
    """For IPv6 only: what comes over IPv4 is not let in through it."""
    async with opening(ip="::1") as server:
        async with Probe.to("::1", port(server, "udp")) as probe:
            with pytest.raises(ProbeError, match="440"):
                await probe.allocate(SECRET, "one")


def test_the_addresses_of_this_machine_are_found() -> None:
    """None of them is a peer."""
    assert LOOPBACK in addresses_of_this_machine()
    assert OUTSIDE not in addresses_of_this_machine()


def test_the_open_door_has_no_way_to_write_an_address() -> None:
    """No log, no print."""
    text = Path("relay", "open_server.py").read_text(encoding="utf-8")
    assert "logging" not in text and "print(" not in text
