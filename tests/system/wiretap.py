"""What a server receives, byte by byte, and what its store holds; and how to search it.

A proxy between the people and the server reads along: it takes the mask off WebSocket frames
(RFC 6455 §5.3) and changes nothing. It knows nothing of the server's code.
"""

import asyncio
import base64
import functools
import pickle
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

from signaling.memory_store import MemoryStore

_PIECE = 64 * 1024


class Tap:
    """Everything that was sent to the server through one proxy."""

    def __init__(self) -> None:
        self.heard: list[bytes] = []
        self.port = 0
        self.server_port = 0

    @property
    def everything(self) -> bytes:
        return b"\n".join(self.heard)


@asynccontextmanager
async def tapped() -> AsyncIterator[Tap]:
    """Listen on a port of one's own, and pass everything on to `server_port`."""
    tap, connections = Tap(), set[asyncio.Task[None]]()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        connections.add(task)
        sent = bytearray()
        tap_at = len(tap.heard)
        tap.heard.append(b"")
        try:
            inner, outer = await asyncio.open_connection("127.0.0.1", tap.server_port)

            async def there() -> None:
                while piece := await reader.read(_PIECE):
                    sent.extend(piece)
                    outer.write(piece)
                    await outer.drain()
                outer.close()

            async def back() -> None:
                while piece := await inner.read(_PIECE):
                    writer.write(piece)
                    await writer.drain()
                writer.close()

            await asyncio.gather(there(), back(), return_exceptions=True)
        finally:
            tap.heard[tap_at] = unmasked(bytes(sent))
            writer.close()
            connections.discard(task)

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    tap.port = server.sockets[0].getsockname()[1]
    try:
        yield tap
    finally:
        server.close()
        for task in connections:
            task.cancel()
        await asyncio.gather(*connections, return_exceptions=True)


def unmasked(sent: bytes) -> bytes:
    """Requests as they are, and what was in the frames after an upgrade."""
    head, end, frames = sent.partition(b"\r\n\r\n")
    if b"upgrade: websocket" not in head.lower():
        return sent
    return head + end + b"\n".join(_payloads(frames))


def _payloads(frames: bytes) -> Iterator[bytes]:
    at = 0
    while at + 2 <= len(frames):
        assert not frames[at] & 0x70, "a compressed frame hides what is in it"
        size, at = frames[at + 1] & 0x7F, at + 2
        if size >= 126:
            width = 2 if size == 126 else 8
            size, at = int.from_bytes(frames[at : at + width], "big"), at + width
        mask, at = frames[at : at + 4], at + 4
        payload, at = frames[at : at + size], at + size
        yield bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload))


def watch(store: MemoryStore) -> list[bytes]:
    """From now on, note all that a store holds after each thing that it is asked to do."""
    held: list[bytes] = []

    def noting(ask: Any) -> Any:
        @functools.wraps(ask)
        async def asked(*arguments: Any, **named: Any) -> Any:
            answer = await ask(*arguments, **named)
            held.append(content_of(store))
            return answer

        return asked

    for name in dir(type(store)):
        ask = getattr(store, name)
        if not name.startswith("_") and asyncio.iscoroutinefunction(ask):
            setattr(store, name, noting(ask))
    return held


def content_of(store: MemoryStore) -> bytes:
    """All values that a store holds, in one piece of bytes."""
    values = {
        name: value
        for name, value in vars(store).items()
        # Whom to tell is no value: functions of open sockets.
        if name != "_listeners" and not callable(value)
    }
    # Protocol 4 writes text and bytes as they are.
    return pickle.dumps(values, protocol=4)


def forms(secret: str | bytes) -> Iterator[bytes]:
    """Every form in which it could lie about: plain, UTF-16, hex, base64 at each offset."""
    if isinstance(secret, str):
        plain = [secret.encode(), secret.encode("utf-16-le"), secret.encode("utf-16-be")]
    else:
        plain = [secret]
    for data in plain:
        yield data
        yield data.hex().encode()
        yield data.hex().upper().encode()
        for offset in range(3):
            text = base64.b64encode(bytes(offset) + data)
            # What neighbours change is left out: the first characters and the last.
            inner = text[[0, 2, 3][offset] : len(text) - 4]
            if len(inner) >= 8:
                yield inner
                yield inner.replace(b"+", b"-").replace(b"/", b"_")


def found(secrets: dict[str, list[str | bytes]], where: bytes) -> set[str]:
    """The kinds of secrets of which at least one is in there, in whatever form."""
    return {
        kind
        for kind, values in secrets.items()
        if any(form in where for value in values for form in forms(value))
    }
