"""The doorstep: who says nothing, too little or too much does not come in."""

import asyncio
from pathlib import Path

import pytest

from signaling.doorstep import HEAD_MAX_BYTES
from tests.serving import Signaling, serving

HEAD = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"


RUNS_ON = "uvloop"
"""The loop that the service runs on."""


async def opened(signaling: Signaling) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    return await asyncio.open_connection("127.0.0.1", int(signaling.origin.rpartition(":")[2]))


async def is_dropped(reader: asyncio.StreamReader) -> bool:
    """Wait for the end of a connection on which nothing was answered."""
    try:
        async with asyncio.timeout(10):
            return await reader.read() == b""
    except ConnectionError:
        return True


async def test_a_head_may_come_byte_by_byte(signaling: Signaling) -> None:
    """What arrives in pieces is one request all the same."""
    reader, writer = await opened(signaling)

    for byte in HEAD:
        writer.write(bytes((byte,)))
        await writer.drain()

    assert (await reader.readline()).startswith(b"HTTP/1.1 200")
    writer.close()


@pytest.mark.parametrize("said", [b"", b"GET / HTTP/1.1\r\nHost: lo"])
async def test_a_connection_without_a_head_is_dropped(pages: Path, said: bytes) -> None:
    """After `greet_within_s`, whether silent or dribbling; counted as silent."""
    async with serving(pages, greet_within_s=0.1) as signaling:
        reader, writer = await opened(signaling)
        writer.write(said)

        assert await is_dropped(reader)
        writer.close()

    assert any(line.endswith("turned-away silent 1") for line in signaling.written)


async def test_a_head_without_end_is_dropped(signaling: Signaling) -> None:
    """Above `HEAD_MAX_BYTES` nothing more is read."""
    reader, writer = await opened(signaling)

    writer.write(b"GET / HTTP/1.1\r\nX: " + b"A" * HEAD_MAX_BYTES)

    assert await is_dropped(reader)
    writer.close()


async def test_empty_lines_are_no_head(pages: Path) -> None:
    """A bare line end, or many, does not lead past the step."""
    async with serving(pages, greet_within_s=0.1) as signaling:
        reader, writer = await opened(signaling)
        writer.write(b"\r\n\r\n\r\n\r\n")

        assert await is_dropped(reader)
        writer.close()


async def test_a_full_step_makes_room_for_the_next(pages: Path) -> None:
    """Who has said nothing for longest goes; who wants in is served at once."""
    async with serving(pages, doorstep_max=2, greet_within_s=60) as signaling:
        silent = [await opened(signaling) for _ in range(2)]

        reader, writer = await opened(signaling)
        writer.write(HEAD)

        assert (await reader.readline()).startswith(b"HTTP/1.1 200")
        assert await is_dropped(silent[0][0])
        for _, each in (*silent, (reader, writer)):
            each.close()


async def test_a_connection_that_asked_once_does_not_stay_for_ever(pages: Path) -> None:
    """After its page a connection has `keep_alive_s` for the next request."""
    async with serving(pages, keep_alive_s=0.1) as signaling:
        reader, writer = await opened(signaling)
        writer.write(HEAD)
        assert (await reader.readline()).startswith(b"HTTP/1.1 200")

        async with asyncio.timeout(10):
            await reader.read()

        assert reader.at_eof()
        writer.close()


async def test_connections_are_bounded_inside_too(pages: Path) -> None:
    """Pages kept open count: above `connections_max` the next is dropped, unanswered."""
    async with serving(pages, connections_max=1, keep_alive_s=60) as signaling:
        inside, writer = await opened(signaling)
        writer.write(HEAD)
        assert (await inside.readline()).startswith(b"HTTP/1.1 200")

        reader, late = await opened(signaling)

        assert await is_dropped(reader)
        for each in (writer, late):
            each.close()

    assert any(line.endswith("turned-away crowd 1") for line in signaling.written)
