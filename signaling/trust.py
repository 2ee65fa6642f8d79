"""The folder of trusted unions, read at start and again on a timer.

A door: it reads files, `<union's id>/union.json` and `<union's id>/access-list.jwt`, and hands
values to `union_admission.py`. It writes nothing and fetches nothing: whoever runs the
service copies fresh lists into the folder.

A file that does not hold is counted and passed over; the others are trusted all the same.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from .admission import NotAdmitted
from .credentials import RevocationList, Union, read_list, read_union
from .journal import Journal
from .settings import Settings
from .union_admission import Trusted, UnionAdmission

FILE_MAX_BYTES = 8 * 1024 * 1024
"""A list of some 300,000 credentials, ten times those of the first federation."""


def read_trust(
    folder: Path,
    origins: tuple[str, ...],
    now: float,
    journal: Journal,
    *,
    is_demo: bool = False,
) -> dict[str, Trusted]:
    """Read which unions are trusted, by their id.

    Args:
        origins: of our own pages; a union that vouches for other pages is passed over.
        is_demo: this is a demonstration, which trusts a demonstration's union.
    """
    found = {}
    for path in sorted(folder.glob("*/union.json")):
        union = _union(path)
        if (
            union is None
            or union.audience not in origins
            or path.parent.name != union.id
            or (union.is_demo and not is_demo)
        ):
            journal.count("trust", "unreadable")
            continue
        listed = _list(path.with_name("access-list.jwt"), union, now)
        if listed is None:
            journal.count("trust", "stale")
        found[union.id] = Trusted(union, listed)
    return found


def holds_demonstration(folder: Path) -> bool:
    """Tell whether a union of a demonstration is in the folder: anybody may have its keys."""
    return any(
        union is not None and union.is_demo
        for union in map(_union, sorted(folder.glob("*/union.json")))
    )


@asynccontextmanager
async def trusting(
    admission: UnionAdmission,
    settings: Settings,
    journal: Journal,
    clock: Callable[[], float],
    *,
    is_demo: bool = False,
) -> AsyncIterator[None]:
    """Keep an admission's trust as the folder says, while the block lasts."""
    folder = settings.trust
    if folder is None:
        yield
        return

    def read() -> None:
        admission.trust(read_trust(folder, settings.origins, clock(), journal, is_demo=is_demo))

    async def again() -> None:
        while True:
            await asyncio.sleep(settings.reload_s)
            try:
                read()
            except Exception as error:
                # What was trusted stays so; its lists end by themselves.
                journal.fault(error)

    read()
    task = asyncio.create_task(again())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def _union(path: Path) -> Union | None:
    try:
        return read_union(_text(path))
    except (OSError, ValueError, NotAdmitted):
        return None


def _list(path: Path, union: Union, now: float) -> RevocationList | None:
    try:
        return read_list(_text(path).strip(), union, now)
    except (OSError, ValueError, NotAdmitted):
        return None


def _text(path: Path) -> str:
    if not path.is_file():
        raise ValueError("not a file; a pipe would never end")
    with path.open("rb") as file:
        content = file.read(FILE_MAX_BYTES + 1)
    if len(content) > FILE_MAX_BYTES:
        raise ValueError("larger than any file of a union")
    return content.decode("utf-8")
