"""Pages and relay behind one port: told apart by the first byte inside TLS."""

import asyncio
import os
import ssl
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from relay import stun
from relay.credentials import key_of
from relay.framing import Framer
from relay.proxy_header import write
from relay.server import Limits, Server
from relay.shared_port import Splices, listening
from relay.stun import Attr, Kind, Message, Method
from signaling.doorstep import Doorstep
from signaling.journal import Journal
from signaling.settings import Settings
from tests.relay.serving import LOOPBACK, Authority, authority, password, relaying

RUNS_ON = "uvloop"
"""The loop that the service and the relay run on."""

UDP = (Attr.REQUESTED_TRANSPORT, b"\x11\0\0\0")
PAGE = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class Page(asyncio.Protocol):
    """Answers any request with a page. Unrealistic: it reads none."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.transport.write(PAGE)  # type: ignore[attr-defined] # of every stream's transport


@dataclass
class Shared:
    """A port with both behind it."""

    port: int
    relay: Server
    splices: Splices
    trusted: ssl.SSLContext


@asynccontextmanager
async def sharing(folder: Path, made: Authority, most: int = 10) -> AsyncIterator[Shared]:
    path = folder / "streams"
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made.certificate, made.key)
    splices = Splices(path, most)
    step = Doorstep(Page, lambda: 0, Settings(), Journal(lambda _: None), splices)
    loop = asyncio.get_running_loop()
    async with relaying(limits=Limits(streams=20)) as relay, listening(relay, path):
        server = await loop.create_server(step, LOOPBACK, 0, ssl=context)
        try:
            port = server.sockets[0].getsockname()[1]
            yield Shared(port, relay, splices, made.trusted())
        finally:
            server.close()
            splices.close()
            await server.wait_closed()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
async def shared(tmp_path: Path, made: Authority) -> AsyncIterator[Shared]:
    async with sharing(tmp_path, made) as one:
        yield one


class Client:
    """A TURN client over the shared port."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        self._framer = Framer()

    @classmethod
    @asynccontextmanager
    async def to(cls, shared: Shared) -> AsyncIterator["Client"]:
        reader, writer = await asyncio.open_connection(LOOPBACK, shared.port, ssl=shared.trusted)
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
            assert data, "hung up"
            if messages := self._framer.feed(data):
                return stun.parse(messages[0])

    async def allocate(self, tag: str) -> Message:
        challenge = await self.ask(Method.ALLOCATE, [UDP])
        given = password(tag)
        echoed = [(name, challenge.first(name) or b"") for name in (Attr.REALM, Attr.NONCE)]
        signed = [UDP, (Attr.USERNAME, given.username.encode()), *echoed]
        return await self.ask(Method.ALLOCATE, signed, key_of(given))


async def fetched(shared: Shared, said: bytes = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n") -> bytes:
    reader, writer = await asyncio.open_connection(LOOPBACK, shared.port, ssl=shared.trusted)
    writer.write(said)
    try:
        return await reader.readline()
    finally:
        writer.close()


async def ended(reader: asyncio.StreamReader) -> bool:
    try:
        return await reader.read() == b""
    except ConnectionError:
        return True


async def test_a_page_and_an_allocation_come_from_one_port(shared: Shared) -> None:
    """Who asks for a page gets one, who asks for an allocation gets that, at the same time."""
    async with Client.to(shared) as client:
        answer = await client.allocate("tag")

        assert Kind.SUCCESS == answer.kind
        assert (await fetched(shared)).startswith(b"HTTP/1.1 200")
        assert 1 == shared.relay.relay.counters().allocations


async def test_the_relay_knows_the_clients_own_address(shared: Shared) -> None:
    """Not that of the process in between: limits by address and XOR-MAPPED-ADDRESS are true."""
    async with Client.to(shared) as client:
        answer = await client.allocate("tag")

        mapped = stun.read_address(answer.first(Attr.XOR_MAPPED_ADDRESS) or b"", answer.transaction)
        assert client.writer.get_extra_info("sockname") == mapped


async def test_a_page_may_begin_with_empty_lines(shared: Shared) -> None:
    """RFC 9112 §2.2 allows them; they are no STUN."""
    assert (await fetched(shared, b"\r\n\r\nGET / HTTP/1.1\r\n\r\n")).startswith(b"HTTP/1.1")


async def test_an_allocation_ends_with_its_client(shared: Shared) -> None:
    """Closing the TLS connection frees what it had at the relay."""
    async with Client.to(shared) as client:
        await client.allocate("tag")
        (source,) = shared.relay.streams

    async with asyncio.timeout(10):
        while source in shared.relay.streams:  # noqa: ASYNC110 (a closed socket tells nobody)
            await asyncio.sleep(0)
    assert 0 == shared.relay.relay.counters().allocations


async def test_a_relay_that_is_away_hangs_up(shared: Shared) -> None:
    """The client is not left waiting, and the pages go on."""
    shared.splices.path = shared.splices.path / "nothing"
    async with Client.to(shared) as client:
        client.writer.write(stun.serialise(Kind.REQUEST, Method.ALLOCATE, bytes(12), [UDP]))

        assert await ended(client.reader)

    assert (await fetched(shared)).startswith(b"HTTP/1.1 200")
    assert not shared.splices.open


async def test_only_so_many_are_joined(tmp_path: Path, made: Authority) -> None:
    """One more than the limit is closed; the first goes on."""
    async with sharing(tmp_path, made, most=1) as shared, Client.to(shared) as first:
        await first.allocate("tag")

        async with Client.to(shared) as second:
            second.writer.write(stun.serialise(Kind.REQUEST, Method.ALLOCATE, bytes(12), [UDP]))
            assert await ended(second.reader)

        assert Kind.SUCCESS == (await first.ask(Method.BINDING, [])).kind


@pytest.mark.parametrize("said", [b"GET / HTTP/1.1\r\n\r\n", b"\0" * 600, write("::1", 1)[:-1]])
async def test_what_brings_no_header_is_no_stream(shared: Shared, said: bytes) -> None:
    """A stream of nobody known is dropped, at once or when the other side ends it."""
    reader, writer = await asyncio.open_unix_connection(shared.splices.path)

    writer.write(said)
    writer.write_eof()

    assert await ended(reader)
    assert not shared.relay.streams
    writer.close()
