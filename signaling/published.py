"""What the trusted unions publish, handed out beside the pages.

A door: it reads files of the folder of trusted unions, again for each request, so that a
rewritten one is served at once. What a request asks for is looked up in what is trusted
and among the names below; no text from outside ever becomes part of a path, and all else
is not found.

Which files these are is in `clients/README.md`, under *Published files*. Nothing in them
is checked here: whoever reads them checks what the union signed.
"""

import asyncio
import os
import stat
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from io import FileIO
from pathlib import Path
from typing import Any

from aiohttp import hdrs, web

from .credentials import Union
from .encoding import encode
from .settings import Settings

LIST_MAX_BYTES = 16 * 1024
"""What carries a list to a patient's page holds no more."""

BUNDLES_MAX_BYTES = 64 * 1024 * 1024
"""2,000 doctors in each file, six times the first federation in all four."""

BUNDLES = ("0.bin", "1.bin", "2.bin", "3.bin")
_CHUNK_BYTES = 64 * 1024
LAP_BYTES = 300_000
_AGAIN_S = "5"
_HEADERS = {hdrs.CACHE_CONTROL: "no-store"}


@dataclass(frozen=True, slots=True)
class Lap:
    """A stretch of a file, and the time in which it is to be read. Pure.

    Who reads nothing would else hold his place for as long as who reads ten megabytes.
    """

    began: float
    within_s: float
    left: int = LAP_BYTES

    @property
    def ends(self) -> float:
        """Say when it has to be read."""
        return self.began + self.within_s

    def after(self, size: int, now: float) -> "Lap":
        """Go on: with the same, or with the next where this one has been read."""
        is_read = size >= self.left
        return Lap(now, self.within_s) if is_read else replace(self, left=self.left - size)


class Publisher:
    """Hands out the public files of the unions that are trusted at that moment.

    Args:
        folder: as `trust.py` reads it: per union a folder named after its id.
        unions: says which unions are trusted.
        settings: the numbers.
    """

    def __init__(
        self, folder: Path, unions: Callable[[], Iterable[Union]], settings: Settings
    ) -> None:
        self._folder = folder
        self._unions = unions
        self._settings = settings
        self._free = settings.downloads_max

    def add_routes(self, router: web.UrlDispatcher) -> None:
        """Answer GET, and nothing else, for what is published."""
        for path, answer in (
            ("/unions.json", self.unions),
            ("/unions/{id}/list.jwt", self.list),
            ("/unions/{id}/bundles/{name}", self.bundles),
        ):
            router.add_get(path, answer, allow_head=False)

    async def unions(self, _: web.Request) -> web.StreamResponse:
        """Say which unions are trusted, as their own files say it."""
        said = {"v": 1, "unions": [_as_json(union) for union in self._unions()]}
        return web.json_response(said, headers=_HEADERS)

    async def list(self, request: web.Request) -> web.StreamResponse:
        """Hand out a union's revocation list for pages."""
        path = self._place(request) / "list.jwt"
        body = await asyncio.to_thread(_read, path)
        return web.Response(body=body, content_type="application/jwt", headers=_HEADERS)

    async def bundles(self, request: web.Request) -> web.StreamResponse:
        """Hand out one of a union's files of bundles, a piece at a time."""
        names = [name for name in BUNDLES if name == request.match_info["name"]]
        if not names:
            raise _not_found()
        path = self._place(request) / "bundles" / names[0]
        if self._free <= 0:
            raise web.HTTPServiceUnavailable(
                text="Too many people fetch this at once. Try again soon.",
                headers={**_HEADERS, hdrs.RETRY_AFTER: _AGAIN_S},
            )
        self._free -= 1
        try:
            return await self._stream(request, path)
        finally:
            self._free += 1

    async def _stream(self, request: web.Request, path: Path) -> web.StreamResponse:
        file, size = await asyncio.to_thread(_open, path, BUNDLES_MAX_BYTES)
        now = asyncio.get_running_loop().time
        deadline = now() + self._settings.download_within_s
        lap = Lap(now(), self._settings.download_stall_s)
        answer = web.StreamResponse(headers=_HEADERS)
        answer.content_type = "application/octet-stream"
        answer.content_length = size
        with file:
            try:
                await answer.prepare(request)
                while size:
                    piece = await asyncio.to_thread(file.read, min(size, _CHUNK_BYTES))
                    if not piece:
                        raise ConnectionError  # somebody cut the file while it was read
                    size -= len(piece)
                    async with asyncio.timeout_at(min(deadline, lap.ends)):
                        await answer.write(piece)
                    lap = lap.after(len(piece), now())
                await answer.write_eof()
            except (ConnectionError, TimeoutError):
                # He sees by the length that it is not all.
                if request.transport is not None:
                    request.transport.abort()
        return answer

    def _place(self, request: web.Request) -> Path:
        """Find the folder of the trusted union that is asked for."""
        asked = request.match_info["id"]
        for union in self._unions():
            if union.id == asked:
                return self._folder / union.id
        raise _not_found()


def _as_json(union: Union) -> dict[str, Any]:
    said = {"v": 1, "name": union.name, "audience": union.audience, "root": encode(union.root)}
    return said | ({"demo": True} if union.is_demo else {})


def _read(path: Path) -> bytes:
    file, size = _open(path, LIST_MAX_BYTES)
    with file:
        return file.read(size) or b""


def _open(path: Path, most: int) -> tuple[FileIO, int]:
    """Open a file and say its size; what is missing, no file or too large is not found.

    It is the file that was opened which is served, even if another is moved into its place.
    """
    try:
        # A pipe under this name would otherwise wait for its writer.
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        raise _not_found() from None
    found = os.fstat(handle)
    if not stat.S_ISREG(found.st_mode) or found.st_size > most:
        os.close(handle)
        raise _not_found()
    return FileIO(handle, "rb"), found.st_size


def _not_found() -> web.HTTPNotFound:
    return web.HTTPNotFound(headers=_HEADERS)
