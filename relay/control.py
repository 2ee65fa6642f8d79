"""What the signaling server tells the relay, over a UNIX socket.

A door. One line of JSON each way: what to do, and what came of it. The relay learns tags and
secrets this way and nothing else: no name, no queue, no address. It listens on no network,
and to no other user of the machine.

    {"bind": ["tag", "tag"]}     these, and no others, are one consultation now
    {"unbind": ["tag"]}          of none any more
    {"rebind": [["tag", "tag"]]} exactly these consultations: after a restart
    {"end": ["tag"]}             over: allocations end, passwords are refused
    {"secrets": ["text"]}        what passwords are made of; the current one first
    {"counters": []}             numbers, answered below "counters"

The answer is {"ok": true} or {"refused": "a sentence"}, which quotes nothing.
"""

import asyncio
import json
import os
import socket
import stat
import struct
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from .credentials import is_tag
from .effects import Effect

ANSWERS_WITHIN_S = 5.0  # a relay that is busy answers in milliseconds
LINE_MAX_BYTES = 4 << 20  # every consultation of a large installation, told anew
MEMBERS_MAX = 8
PEER_CREDENTIALS = struct.Struct("3i")  # pid, uid, gid: unix(7), SO_PEERCRED

Numbers = Mapping[str, int]


class ControlError(Exception):
    """What was asked for is refused, or cannot be had. The sentence quotes nothing."""


class RelayGone(ControlError):
    """No relay listens, or it is not there any more."""


class Refused(ControlError):
    """A relay listens and does not do that."""


class Relayed(Protocol):
    """What is told: `core.Relay`."""

    def bind(self, tags: Iterable[str]) -> None: ...
    def unbind(self, tags: Iterable[str]) -> None: ...
    def rebind(self, consultations: Iterable[Iterable[str]]) -> None: ...
    def end(self, tags: Iterable[str], now: float) -> list[Effect]: ...
    def use_secrets(self, secrets: Sequence[bytes]) -> None: ...


@dataclass(frozen=True, slots=True)
class Control:
    """Carries out orders.

    Attributes:
        carry_out: does what the core answers.
        clock: seconds since 1970.
        counters: the numbers that may be told.
    """

    relay: Relayed
    carry_out: Callable[[Iterable[Effect]], None]
    clock: Callable[[], float]
    counters: Callable[[], Numbers]

    def obey(self, line: bytes) -> bytes:
        """Carry out one line and answer it."""
        try:
            return _line(self._obey(*read_order(line)))
        except ControlError as refused:
            return _line({"refused": str(refused)})
        except ValueError:  # the core's own limits
            return _line({"refused": "The relay cannot do that."})

    def _obey(self, order: str, said: list[object]) -> Mapping[str, object]:
        match order:
            case "bind":
                self.relay.bind(_tags(said, MEMBERS_MAX))
            case "unbind":
                self.relay.unbind(_tags(said))
            case "end":
                self.carry_out(self.relay.end(_tags(said), self.clock()))
            case "rebind":
                self.relay.rebind([_tags(one, MEMBERS_MAX) for one in _lists(said)])
            case "secrets":
                self.relay.use_secrets([text.encode() for text in _texts(said)])
            case "counters":
                return {"counters": dict(self.counters())}
            case _:
                raise ControlError("There is no such order.")
        return {"ok": True}


def read_order(line: bytes) -> tuple[str, list[object]]:
    """Read one line: one order and its list.

    Raises:
        ControlError: it is none.
    """
    try:
        said = json.loads(line)
    except (ValueError, RecursionError):
        raise ControlError("This line is no JSON.") from None
    if not isinstance(said, dict) or len(said) != 1:
        raise ControlError("A line holds one order.")
    ((order, what),) = said.items()
    if not isinstance(what, list):
        raise ControlError("An order comes with a list.")
    return order, what


def _texts(said: Iterable[object]) -> list[str]:
    texts = [text for text in said if isinstance(text, str)]
    if texts != list(said):
        raise ControlError("The list holds something else than texts.")
    return texts


def _lists(said: Iterable[object]) -> list[list[object]]:
    lists = [one for one in said if isinstance(one, list)]
    if lists != list(said):
        raise ControlError("The list holds something else than lists.")
    return lists


def _tags(said: Iterable[object], most: int | None = None) -> list[str]:
    tags = _texts(said)
    if not all(map(is_tag, tags)):
        raise ControlError("The list holds something else than tags.")
    if most is not None and len(tags) > most:
        raise ControlError("There are more members than a consultation has.")
    return tags


def _line(said: Mapping[str, object]) -> bytes:
    return json.dumps(said, separators=(",", ":")).encode() + b"\n"


@asynccontextmanager
async def listening(control: Control, path: Path) -> AsyncIterator[None]:
    """Listen on a UNIX socket while the block lasts. Its folder is its owner's alone.

    Raises:
        ControlError: the folder is open to others, or somebody listens there already.
    """
    _make_private(path.parent)
    # What a relay left that was killed is removed by the next line but one, unless it lives.
    if await _is_listened_to(path):
        raise ControlError(f"Another relay listens on {path}.")
    serving: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        serving.add(task)
        try:
            await _serve(control, reader, writer)
        except asyncio.CancelledError:
            pass  # we stop
        finally:
            serving.discard(task)
            writer.close()

    try:
        server = await asyncio.start_unix_server(serve, path, limit=LINE_MAX_BYTES)
    except OSError as error:
        raise ControlError(f"Cannot listen on {path}: {error.strerror}.") from None
    try:
        yield
    finally:
        server.close()
        for task in list(serving):
            task.cancel()
        await server.wait_closed()
        if serving:
            await asyncio.wait(serving)
        _remove(path)


async def _serve(
    control: Control, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    if not is_one_of_us(writer.get_extra_info("socket")):
        return
    with suppress(ConnectionError, ValueError):  # ValueError: a line that never ends
        while line := await reader.readline():
            writer.write(control.obey(line))
            await writer.drain()


def is_one_of_us(other: socket.socket) -> bool:
    """Tell whether the other side is our own user, or root."""
    size = PEER_CREDENTIALS.size
    said = other.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, size)
    return PEER_CREDENTIALS.unpack(said)[1] in (0, os.geteuid())


def _make_private(folder: Path) -> None:
    """Make sure that a folder is its owner's alone.

    Raises:
        ControlError: it is not.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    about = folder.stat()
    if about.st_mode & (stat.S_IRWXG | stat.S_IRWXO) or about.st_uid != os.geteuid():
        raise ControlError(f"{folder} must be open to its owner only (chmod 700).")


def _remove(path: Path) -> None:
    path.unlink(missing_ok=True)


async def _is_listened_to(path: Path) -> bool:
    try:
        _, writer = await asyncio.open_unix_connection(path)
    except OSError:
        return False
    writer.close()
    return True


class Controller:
    """The other side: tells a relay what to do. Made by `connected`."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self._turn = asyncio.Lock()

    async def bind(self, tags: Iterable[str]) -> None:
        """Make these, and no others, one consultation."""
        await self._tell({"bind": list(tags)})

    async def unbind(self, tags: Iterable[str]) -> None:
        """Take these out of their consultations."""
        await self._tell({"unbind": list(tags)})

    async def rebind(self, consultations: Iterable[Iterable[str]]) -> None:
        """Say all consultations anew."""
        await self._tell({"rebind": [list(one) for one in consultations]})

    async def end(self, tags: Iterable[str]) -> None:
        """End allocations, and refuse passwords from now on."""
        await self._tell({"end": list(tags)})

    async def use_secrets(self, secrets: Iterable[str]) -> None:
        """Change what passwords are made of; the current one first."""
        await self._tell({"secrets": list(secrets)})

    async def counters(self) -> Numbers:
        """Ask for the numbers."""
        said = (await self._tell({"counters": []})).get("counters")
        return said if isinstance(said, dict) else {}

    async def _tell(self, order: Mapping[str, object]) -> Mapping[str, object]:
        """Send one order and wait for its answer.

        Raises:
            Refused, RelayGone: it was refused, or nobody is there any more.
        """
        async with self._turn:
            try:
                async with asyncio.timeout(ANSWERS_WITHIN_S):
                    self._writer.write(_line(order))
                    await self._writer.drain()
                    said = json.loads(await self._reader.readline())
            except (ConnectionError, TimeoutError, ValueError):
                said = None  # gone, stuck, or died in the middle of a line
        if not isinstance(said, dict):
            self._writer.close()
            raise RelayGone("The relay is gone.")
        if "refused" in said:
            raise Refused(said["refused"])
        return said


@asynccontextmanager
async def connected(path: Path) -> AsyncIterator[Controller]:
    """Talk to a relay of this machine while the block lasts.

    Raises:
        RelayGone: none listens there.
    """
    try:
        reader, writer = await asyncio.open_unix_connection(path, limit=LINE_MAX_BYTES)
    except OSError:
        raise RelayGone(f"No relay listens on {path}.") from None
    try:
        yield Controller(reader, writer)
    finally:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()
