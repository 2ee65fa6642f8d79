"""Ten thousand sockets at once, on the real command, beside a consultation in progress."""

import asyncio
import base64
import re
import secrets
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import pytest

from clients.peer.doctor import Doctor
from clients.peer.patient import Patient
from deploy.demo import Addresses

SOCKETS = 10_000
AT_ONCE = 100
CODES = 0x5A31, 0xC3E6


@asynccontextmanager
async def demo_command(*flags: str) -> AsyncIterator[tuple[Addresses, asyncio.subprocess.Process]]:
    """`teleconsult demo` in a process of its own, as a newcomer runs it."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        "from deploy.command import main; main()",
        *("demo", "--port", "0", *flags),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    text = ""
    while not (found := re.findall(r"https?://\S+", text)) or len(found) < 2:
        line = await process.stdout.readline()
        assert line, "the demonstration ended before it began"
        text += line.decode()
    try:
        yield Addresses(patient=found[0], doctor=found[1]), process
    finally:
        if process.returncode is None:
            process.terminate()
        await process.communicate()


async def open_socket(origin: str) -> asyncio.StreamWriter:
    """Open a WebSocket by hand: the cheapest client there is, and it says nothing."""
    place = urlsplit(origin)
    reader, writer = await asyncio.open_connection("127.0.0.1", place.port)
    writer.write(
        (
            f"GET /v1 HTTP/1.1\r\nHost: {place.netloc}\r\nOrigin: {origin}\r\n"
            "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            f"Sec-WebSocket-Key: {base64.b64encode(secrets.token_bytes(16)).decode()}\r\n\r\n"
        ).encode()
    )
    head = await reader.readuntil(b"\r\n\r\n")
    assert b" 101 " in head.partition(b"\r\n")[0]
    return writer


@pytest.mark.timeout(180)
async def test_ten_thousand_sockets_disturb_nobody() -> None:
    """A consultation held before, during and after the crowd keeps picture and server."""
    async with demo_command("--join-within-s", "170") as (addresses, process):
        origin = "{0.scheme}://{0.netloc}".format(urlsplit(addresses.patient))
        patient = Patient(addresses.patient, code=CODES[0])
        doctor = Doctor(addresses.doctor, code=CODES[1])
        crowd: list[asyncio.StreamWriter] = []
        try:
            await doctor.enter()
            await doctor.goes_on_duty()
            await patient.enter()
            while len(crowd) < SOCKETS:
                crowd += await asyncio.gather(*(open_socket(origin) for _ in range(AT_ONCE)))

            await doctor.calls_next()
            await patient.waits_for_call()
            await asyncio.gather(patient.accepts(), doctor.is_accepted())
            await asyncio.gather(patient.sink.saw(CODES[1]), doctor.sink.saw(CODES[0]))
            for writer in crowd:
                writer.transport.abort()
            await patient.hang_up()
            await doctor.waits_for_the_end(20)
            assert process.returncode is None
        finally:
            for writer in crowd:
                writer.transport.abort()
            await patient.close()
            await doctor.close()
