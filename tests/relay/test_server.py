"""The relay's sockets: real ones, on loopback, with other people's clients on them."""

import asyncio
import errno
import os
import shlex
import socket
import ssl
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager, suppress

import aioice
import pytest
from aiortc import (
    RTCBundlePolicy,
    RTCConfiguration,
    RTCDataChannel,
    RTCIceServer,
    RTCIceTransportPolicy,
    RTCPeerConnection,
)

from relay import stun
from relay.core import Settings, Source, Transport
from relay.credentials import key_of
from relay.framing import Framer
from relay.probe import Probe, ProbeError
from relay.server import Address, Limits, Server, serving, tls_context
from relay.stun import Attr, Kind, Message, Method
from tests.relay.serving import (
    COUNTED,
    LOOPBACK,
    SECRET,
    Authority,
    authority,
    password,
    relaying,
)
from tests.relay.turn_client import channel_data

RUNS_ON = "uvloop"
UDP = (Attr.REQUESTED_TRANSPORT, b"\x11\0\0\0")
TRANSPORTS: tuple[Transport, ...] = ("udp", "tcp", "tls")

# coturn's own client: every way to carry data, over every transport. `-y` pairs its clients
# through the relay, since there is nobody else whom a closed relay reaches.
TOOL = "turnutils_uclient -y -c -m 2 -n 40 -l 160 -z 2"
WAYS = {
    "": "channels",
    "-s": "Send indications",
    "-s -D": "Send indications, padded",
    "-s -N": "Send indications, with a few wrong requests",
    "-D": "channels, padded",
    "-G": "more requests than needed",
    "-N": "with a few wrong requests",
    "-t": "channels over TCP",
    "-t -s": "indications over TCP",
    "-t -D": "padded over TCP",
    "-t -s -D": "indications over TCP, padded",
    "-t -N": "over TCP, with a few wrong requests",
    "-t -S": "channels over TLS",
    "-t -S -s": "indications over TLS",
    "-t -S -D": "padded over TLS",
    "-t -S -s -D": "indications over TLS, padded",
    "-t -S -N": "over TLS, with a few wrong requests",
}
# The same client, leaving out or not waiting for some of what it should (-R), and all at once
# (-O). It loses packets then by its own doing, or gives up.
ATTACKS = [
    f"{over} {how}" for over in ("", "-t", "-t -S") for how in ("-R", "-O", "-R -s", "-O -s")
]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """A throwaway authority that nobody trusts unless told."""
    return authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
async def server(made: Authority) -> AsyncIterator[Server]:
    async with relaying(made) as running:
        yield running


def port(server: Server, transport: Transport) -> int:
    (address,) = server.addresses(transport)
    return address.port


class Stream:
    """A client of TURN over TCP or TLS, as small as can be."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        self._framer = Framer()
        name = writer.get_extra_info("sockname")
        self.source = Source("tcp", name[0], name[1], 0)

    @classmethod
    @asynccontextmanager
    async def to(cls, server: Server) -> AsyncIterator["Stream"]:
        reader, writer = await asyncio.open_connection(LOOPBACK, port(server, "tcp"))
        try:
            yield cls(reader, writer)
        finally:
            writer.close()

    async def ask(
        self, method: Method, attributes: Iterable[tuple[int, bytes]], key: bytes | None = None
    ) -> Message:
        self.writer.write(stun.serialise(Kind.REQUEST, method, os.urandom(12), attributes, key))
        while True:
            data = await self.reader.read(1000)
            assert data, "the relay hung up"
            if messages := self._framer.feed(data):
                return stun.parse(messages[0])

    async def allocate(self, tag: str) -> None:
        challenge = await self.ask(Method.ALLOCATE, [UDP])
        given = password(tag)
        echoed = [(name, challenge.first(name) or b"") for name in (Attr.REALM, Attr.NONCE)]
        signed = [UDP, (Attr.USERNAME, given.username.encode()), *echoed]
        answer = await self.ask(Method.ALLOCATE, signed, key_of(given))
        assert answer.kind == Kind.SUCCESS


async def is_closed(stream: Stream) -> bool:
    """Wait until the relay hangs up."""
    try:
        return await stream.reader.read(1000) == b""
    except ConnectionError:
        return True


async def started(
    server: Server, made: Authority, flags: str, tag: str = "device-check"
) -> asyncio.subprocess.Process:
    """Start coturn's client."""
    transport: Transport = "tls" if "-S" in flags else "tcp" if "-t" in flags else "udp"
    given = password(tag)
    return await asyncio.create_subprocess_exec(
        *shlex.split(f"{TOOL} {flags} -E {made.root} -u {given.username} -w {given.password}"),
        "-p",
        str(port(server, transport)),
        LOOPBACK,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )


async def run_of_the_tool(server: Server, made: Authority, flags: str) -> str:
    """Run coturn's client; what it says of lost packets, or all that it says."""
    process = await started(server, made, flags)
    said = (await process.communicate())[0].decode(errors="replace")
    lost = [line for line in said.splitlines() if "Total lost packets" in line]
    return lost[-1].partition(": : ")[2].partition(",")[0] if lost else said


async def test_coturns_client_loses_nothing(server: Server, made: Authority) -> None:
    """Every way of carrying data, over UDP, TCP and TLS, all at once."""
    said = await asyncio.gather(*(run_of_the_tool(server, made, flags) for flags in WAYS))

    none_lost = "Total lost packets 0 (0.000000%)"
    assert dict.fromkeys(WAYS, none_lost) == dict(zip(WAYS, said, strict=True))
    assert 0 == server.numbers()["unsent"]


@pytest.mark.parametrize("flags", ["-g", "-s -g", "-t -g", "-t -S -g"])
async def test_coturns_client_is_refused_what_no_browser_asks(
    server: Server, made: Authority, flags: str
) -> None:
    """DONT-FRAGMENT must be understood or refused; it is refused (RFC 8489 §6.3.1)."""
    assert "error 420" in await run_of_the_tool(server, made, flags)


async def test_who_keeps_no_rule_disturbs_nobody(server: Server, made: Authority) -> None:
    """Others lose nothing meanwhile, and when its tag is ended nothing of it is left."""
    attacking = [await started(server, made, flags, "attacker") for flags in ATTACKS]
    try:
        ways = ("", "-s", "-t", "-t -S")
        said = await asyncio.gather(*(run_of_the_tool(server, made, flags) for flags in ways))
    finally:
        for process in attacking:
            with suppress(ProcessLookupError):
                process.kill()
        await asyncio.gather(*(process.communicate() for process in attacking))
    server.carry_out(server.relay.end(["attacker", "device-check"], time.time()))
    async with Stream.to(server) as barrier:
        while server.numbers()["streams"] > 1:
            await barrier.ask(Method.BINDING, [])

    assert ["Total lost packets 0 (0.000000%)"] * len(ways) == said
    assert 0 == server.numbers()["allocations"]
    assert ({}, {}) == (server.allocated, server.sends)


def agent(server: Server, transport: Transport, tag: str, *, controls: bool) -> aioice.Connection:
    given = password(tag)
    return aioice.Connection(
        ice_controlling=controls,
        stun_server=None,
        turn_server=(LOOPBACK, port(server, transport)),
        turn_username=given.username,
        turn_password=given.password,
        turn_transport="udp" if transport == "udp" else "tcp",
        turn_ssl=transport == "tls",
        transport_policy=aioice.TransportPolicy.RELAY,
    )


@asynccontextmanager
async def met(
    server: Server, first: Transport, second: Transport, tags: tuple[str, str] = ("one", "two")
) -> AsyncIterator[tuple[aioice.Connection, aioice.Connection]]:
    """Two agents that know nothing but the relay, connected through it."""
    one = agent(server, first, tags[0], controls=True)
    two = agent(server, second, tags[1], controls=False)
    try:
        await asyncio.gather(one.gather_candidates(), two.gather_candidates())
        for here, there in ((one, two), (two, one)):
            assert {"relay"} == {candidate.type for candidate in here.local_candidates}
            for candidate in here.local_candidates:
                await there.add_remote_candidate(candidate)
            await there.add_remote_candidate(None)
            there.remote_username, there.remote_password = (
                here.local_username,
                here.local_password,
            )
        await asyncio.gather(one.connect(), two.connect())
        yield one, two
    finally:
        await asyncio.gather(one.close(), two.close())


@pytest.mark.parametrize("second", TRANSPORTS)
@pytest.mark.parametrize("first", TRANSPORTS)
async def test_two_agents_meet_over_any_two_transports(
    server: Server,
    made: Authority,
    monkeypatch: pytest.MonkeyPatch,
    first: Transport,
    second: Transport,
) -> None:
    """One may be behind a wall that lets TLS out only, and the other not."""
    monkeypatch.setenv("SSL_CERT_FILE", str(made.root))
    server.relay.bind(["one", "two"])

    async with met(server, first, second) as (one, two):
        for size in (1, 2, 3, 1000, 1200):
            await one.send(b"a" * size)
            assert b"a" * size == await two.recv()
            await two.send(b"b" * size)
            assert b"b" * size == await one.recv()


async def test_two_of_different_consultations_do_not_meet(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same as above, but for the server's word."""
    monkeypatch.setattr("aioice.stun.RETRY_MAX", 2)  # they would try for a minute
    monkeypatch.setattr("aioice.stun.RETRY_RTO", 0.05)
    server.relay.bind(["one", "three"])
    server.relay.bind(["two", "four"])

    with pytest.raises(ConnectionError):
        async with met(server, "udp", "udp"):
            pass


async def test_a_certificate_that_nobody_vouches_for_is_not_believed(server: Server) -> None:
    """The other side of the tests above: they pass because the authority is trusted."""
    with pytest.raises(ssl.SSLError, match="CERTIFICATE_VERIFY_FAILED"):
        await asyncio.open_connection(LOOPBACK, port(server, "tls"), ssl=True)


def test_old_tls_is_not_spoken(made: Authority) -> None:
    """TLS 1.2 is the oldest."""
    context = tls_context(str(made.certificate), str(made.key))

    assert ssl.TLSVersion.TLSv1_2 == context.minimum_version


async def test_the_end_of_a_consultation_ends_its_allocations_at_once(server: Server) -> None:
    """Its sockets are closed, and its passwords good for nothing."""
    server.relay.bind(["one", "two"])

    async with met(server, "udp", "tcp"):
        assert 2 == server.numbers()["allocations"]
        assert 1 == len(server.allocated)

        server.carry_out(server.relay.end(["one", "two"], time.time()))

        assert 0 == server.numbers()["allocations"]
        assert {} == server.allocated
        assert {} == server.sends
    async with Probe.to(LOOPBACK, port(server, "udp")) as probe:
        with pytest.raises(ProbeError, match="403"):
            await probe.allocate(SECRET, "one")


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_aiortc_talks_through_the_relay(
    server: Server, made: Authority, monkeypatch: pytest.MonkeyPatch, transport: Transport
) -> None:
    """Two peer connections that may use nothing else."""
    monkeypatch.setenv("SSL_CERT_FILE", str(made.root))
    server.relay.bind(["patient", "doctor"])
    patient, doctor = (peer(server, transport, tag) for tag in ("patient", "doctor"))
    heard: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    @doctor.on("datachannel")
    def on_channel(channel: RTCDataChannel) -> None:
        channel.on("message", heard.set_result)

    channel = patient.createDataChannel("chat")
    channel.on("open", lambda: channel.send("bonjour"))
    try:
        await patient.setLocalDescription(await patient.createOffer())
        await doctor.setRemoteDescription(patient.localDescription)
        await doctor.setLocalDescription(await doctor.createAnswer())
        await patient.setRemoteDescription(doctor.localDescription)

        assert "bonjour" == await heard
        candidates = [
            line for line in patient.localDescription.sdp.splitlines() if "a=candidate" in line
        ]
        assert candidates and all("typ relay" in line for line in candidates)
    finally:
        await asyncio.gather(patient.close(), doctor.close())


def peer(server: Server, transport: Transport, tag: str) -> RTCPeerConnection:
    given = password(tag)
    scheme = "turns" if transport == "tls" else "turn"
    over = "udp" if transport == "udp" else "tcp"
    url = f"{scheme}:{LOOPBACK}:{port(server, transport)}?transport={over}"
    return RTCPeerConnection(
        RTCConfiguration(
            [RTCIceServer(url, username=given.username, credential=given.password)],
            bundlePolicy=RTCBundlePolicy.MAX_BUNDLE,
            iceTransportPolicy=RTCIceTransportPolicy.RELAY,
        )
    )


async def test_a_browser_that_asks_for_a_page_is_hung_up_on(server: Server) -> None:
    """What begins with a letter is no STUN."""
    async with Stream.to(server) as stream:
        stream.writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")

        assert await is_closed(stream)


async def test_a_stream_that_comes_byte_by_byte_is_understood(server: Server) -> None:
    """TCP cuts where it likes: after every byte of a request, a channel's data and the next."""
    server.relay.bind(["one", "two"])
    async with Stream.to(server) as stream:
        await stream.allocate("one")
        before = server.numbers()["discarded"]
        asked = stun.serialise(Kind.REQUEST, Method.BINDING, b"byte by byte")
        stream.writer.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

        for byte in asked + channel_data(0x4000, b"hello") + bytes(3) + asked:
            stream.writer.write(bytes((byte,)))
            await stream.writer.drain()

        answers: list[bytes] = []
        framer = Framer()
        while len(answers) < 2:
            answers += framer.feed(await stream.reader.read(1000))
        assert [b"byte by byte"] * 2 == [stun.parse(answer).transaction for answer in answers]
        assert before == server.numbers()["discarded"]


async def test_a_stream_that_says_nothing_is_closed(made: Authority) -> None:
    """So that nobody holds descriptors by holding still."""
    async with relaying(made, limits=Limits(stranger_s=0.05)) as server:
        async with Stream.to(server) as silent:
            assert await is_closed(silent)

        assert 1 == server.numbers()["streams_silent"]


async def test_a_stream_with_an_allocation_is_no_stranger(made: Authority) -> None:
    """The clock that runs against strangers stops."""
    async with relaying(made, limits=Limits(stranger_s=0.2)) as server:
        async with Stream.to(server) as stream, Stream.to(server) as silent:
            await stream.allocate("one")

            assert await is_closed(silent)
            assert (await stream.ask(Method.BINDING, [])).kind == Kind.SUCCESS


async def test_there_are_only_so_many_streams(made: Authority) -> None:
    """One more is closed at once; those who are there stay."""
    async with relaying(made, limits=Limits(streams=1)) as server:
        async with Stream.to(server) as first:
            assert (await first.ask(Method.BINDING, [])).kind == Kind.SUCCESS
            async with Stream.to(server) as second:
                assert await is_closed(second)

            assert (await first.ask(Method.BINDING, [])).kind == Kind.SUCCESS
        assert 1 == server.numbers()["streams_refused"]


async def test_a_lost_stream_loses_its_allocation(server: Server) -> None:
    """RFC 8656 §3.1: a TCP connection that closes ends its allocation."""
    async with Stream.to(server) as stream:
        await stream.allocate("one")
        assert 1 == server.numbers()["allocations"]
    async with Stream.to(server) as barrier:
        while server.numbers()["streams"] > 1:
            await barrier.ask(Method.BINDING, [])

    assert 0 == server.numbers()["allocations"]
    assert {} == server.sends


async def test_media_for_who_does_not_read_is_dropped(made: Authority) -> None:
    """A network loses packets; memory that fills with them would be everybody's loss."""
    limits = Limits(unsent_bytes=10_000)
    async with relaying(made, limits=limits) as server, Stream.to(server) as slow:
        await slow.allocate("slow")
        slow.writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        packet = memoryview(bytes(1200))

        for _ in range(20_000):
            server.pass_on(slow.source, packet)
            if server.numbers()["unsent"]:
                break
            await asyncio.sleep(0)

        assert 1 == server.numbers()["unsent"]
        assert 1 == server.numbers()["allocations"]


async def test_allocations_leave_nothing_behind(server: Server) -> None:
    """Neither descriptors nor memory of anybody, however often they come."""
    before = len(os.listdir("/proc/self/fd"))

    for _ in range(200):
        async with Probe.to(LOOPBACK, port(server, "udp")) as probe:
            await probe.allocate(SECRET, "one")
            assert 1 == len(server.allocated)
            await probe.release()

    assert {} == server.allocated
    assert {} == server.sends
    # The last ones may still be closing.
    assert before + 5 > len(os.listdir("/proc/self/fd"))


async def test_a_flood_of_strangers_opens_nothing(made: Authority) -> None:
    """Nothing is remembered before a signature holds, and few answers are given."""
    few = Settings(stranger_answers_per_s=1.0, stranger_burst=5.0)
    async with relaying(made, few) as server:
        before = len(os.listdir("/proc/self/fd"))
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as flood:
            flood.connect((LOOPBACK, port(server, "udp")))
            for number in range(2000):
                asked = number.to_bytes(12, "big")
                flood.send(stun.serialise(Kind.REQUEST, Method.ALLOCATE, asked, [UDP]))
                if not number % 50:
                    await asyncio.sleep(0)
            async with Stream.to(server) as barrier:
                await barrier.ask(Method.BINDING, [])

        numbers = server.numbers()
        assert numbers["unanswered"] > 1000
        assert 0 == numbers["allocations"]
        assert {} == server.allocated
        assert before + 5 > len(os.listdir("/proc/self/fd"))


async def test_two_relays_do_not_share_a_port(server: Server) -> None:
    """Packets would go to either."""
    with pytest.raises(OSError, match="in use"):
        async with serving(server.relay, time.time, udp=server.addresses("udp")):
            pass


async def test_each_client_has_a_socket_that_hears_nobody_else(server: Server) -> None:
    """A hundred at once, on one port: each is answered, and what it sends is taken as its own."""
    here = port(server, "udp")
    async with AsyncExitStack() as stack:
        probes = [await stack.enter_async_context(Probe.to(LOOPBACK, here)) for _ in range(100)]
        await asyncio.gather(*(probe.allocate(SECRET, f"t{n}") for n, probe in enumerate(probes)))

        assert 100 == len(server.allocated)
        assert {None} == set(await asyncio.gather(*(p.permission(LOOPBACK) for p in probes)))
        for probe in probes[:50]:
            await probe.release()
        assert 50 == len(server.allocated)
        codes = await asyncio.gather(*(probe.permission(LOOPBACK) for probe in probes))
        assert [437] * 50 + [None] * 50 == codes


async def test_without_a_descriptor_to_spare_it_still_relays(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Slower, through the port that strangers use."""

    def none_left(address: Address, *, is_shared: bool) -> socket.socket:
        raise OSError(errno.EMFILE, "none left")

    monkeypatch.setattr("relay.server._bound", none_left)
    server.relay.bind(["one", "two"])

    async with met(server, "udp", "udp") as (one, two):
        await one.send(b"bonjour")
        assert b"bonjour" == await two.recv()
        assert {} == server.allocated


async def test_it_listens_on_ipv6(made: Authority) -> None:
    """A patient whose phone has nothing else reaches it all the same."""
    async with relaying(ip="::1") as server:
        async with Probe.to("::1", port(server, "udp")) as probe:
            await probe.binding()


async def test_what_is_counted_can_carry_no_address(server: Server) -> None:
    """Names from a closed list, and a whole number each: also where something was refused."""
    async with Probe.to(LOOPBACK, port(server, "udp")) as probe, Stream.to(server) as stream:
        await probe.allocate(SECRET, "one")
        assert 403 == await probe.permission("198.51.100.7")
        await stream.ask(Method.BINDING, [])

        numbers = server.numbers()

    assert COUNTED | {"refused_401", "refused_403"} == numbers.keys()
    assert {int} == set(map(type, numbers.values()))
    assert (1, 1) == (numbers["streams"], numbers["allocations"])


async def test_how_many_of_the_streams_are_open_is_told(made: Authority) -> None:
    """In percent of the most."""
    async with relaying(made, limits=Limits(streams=4)) as server:
        async with Stream.to(server) as first, Stream.to(server) as second:
            for stream in (first, second):
                await stream.ask(Method.BINDING, [])

            assert 50 == server.numbers()["streams_percent"]
