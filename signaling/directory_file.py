"""The directory's file, read at start and again on a timer, and handed out to the pages.

A door: it reads one file, and writes nothing. A wrong file stops the start; later it is
counted in the journal, and the directory that was there before goes on.

`/queues.json` is the same for everybody and says nothing of anybody: no cookie, no question
in its address. A page that loads all of it asks for no queue in particular.
"""

import asyncio
import gzip
import hashlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from aiohttp import ETag, hdrs, web

from .directory import Directory, as_json
from .directory_text import FILE_MAX_BYTES, WrongDirectory, read
from .journal import Journal
from .settings import Settings
from .union_admission import UnionAdmission

PATH = "/queues.json"


def read_directory(path: Path) -> Directory:
    """Read a directory's file.

    Raises:
        WrongDirectory: with every mistake that was found, or why it cannot be read.
    """
    return _parsed(_content(path))


@asynccontextmanager
async def following(
    admission: UnionAdmission,
    settings: Settings,
    journal: Journal,
    adapt: Callable[[Directory], Directory] = lambda directory: directory,
) -> AsyncIterator[None]:
    """Keep an admission's directory as the file says, while the block lasts.

    Args:
        adapt: changes what was read, for a demonstration.

    Raises:
        WrongDirectory: the file is wrong at the start.
    """
    path = settings.directory
    if path is None:
        yield
        return
    content = _content(path)
    admission.follow(adapt(_parsed(content)))

    async def again(before: bytes) -> None:
        while True:
            await asyncio.sleep(settings.reload_s)
            try:
                now = await asyncio.to_thread(_content, path)
                if now != before:
                    admission.follow(adapt(await asyncio.to_thread(_parsed, now)))
                    before = now
            except WrongDirectory:
                journal.count("directory", "unreadable")
            except Exception as error:
                journal.fault(error)

    task = asyncio.create_task(again(content))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


class Handout:
    """Hands the directory out, as it is at that moment.

    Args:
        directory: says which one is in force.
        settings: the numbers.
    """

    def __init__(self, directory: Callable[[], Directory], settings: Settings) -> None:
        self._in_force = directory
        self._settings = settings
        self._of: Directory | None = None
        self._body = self._gzipped = b""

    def add_routes(self, router: web.UrlDispatcher) -> None:
        """Answer GET, and nothing else."""
        router.add_get(PATH, self.queues, allow_head=False)

    async def queues(self, request: web.Request) -> web.StreamResponse:
        """Say which queues there are."""
        directory = self._in_force()
        if directory is not self._of:
            self._of, self._body = directory, as_json(directory)
            self._gzipped = gzip.compress(self._body, mtime=0)
        tag = ETag(hashlib.sha256(self._body).hexdigest()[:16])
        headers = {
            hdrs.CACHE_CONTROL: f"public, max-age={self._settings.reload_s:.0f}",
            hdrs.ETAG: f'"{tag.value}"',
            hdrs.VARY: hdrs.ACCEPT_ENCODING,
        }
        if any(known.value in (tag.value, "*") for known in request.if_none_match or ()):
            return web.Response(status=304, headers=headers)
        is_gzip = "gzip" in request.headers.get(hdrs.ACCEPT_ENCODING, "")
        if is_gzip:
            headers[hdrs.CONTENT_ENCODING] = "gzip"
        return web.Response(
            body=self._gzipped if is_gzip else self._body,
            content_type="application/json",
            headers=headers,
        )


def _parsed(content: bytes) -> Directory:
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        raise WrongDirectory(["The file is no text in UTF-8."]) from None
    return read(text)


def _content(path: Path) -> bytes:
    """Read what there is, and at most one byte more than there may be."""
    try:
        if not path.is_file():
            raise WrongDirectory([f"There is no file {path}."])
        with path.open("rb") as file:
            return file.read(FILE_MAX_BYTES + 1)
    except OSError as error:
        raise WrongDirectory([f"Cannot read {path}: {error.strerror}."]) from None
