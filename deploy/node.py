"""One node of a real service: who may enter, what is handed out, and the server.

A door. `teleconsult serve` runs one in its own process, or several in others (`workers.py`).
"""

import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from signaling.brand import remarks as brand_remarks
from signaling.brand_file import read_brand
from signaling.directory_file import following
from signaling.directory_text import remarks
from signaling.journal import Journal
from signaling.passes import read_secrets
from signaling.published import Publisher
from signaling.server import steady_clock
from signaling.settings import Settings
from signaling.trust import trusting
from signaling.union_admission import UnionAdmission

from . import demo, metrics
from .relaying import Shared


@dataclass(frozen=True, slots=True)
class Serving:
    """What an operator reads once it serves, in lines."""

    said: tuple[str, ...]


@asynccontextmanager
async def serving(
    settings: Settings,
    journal: Journal,
    listeners: list[socket.socket] | None = None,
    shared: Shared | None = None,
) -> AsyncIterator[Serving]:
    """Serve while the block lasts.

    Args:
        listeners: the port, where another process has taken it for this one.
        shared: the relay, where another process runs it.

    Raises:
        CannotStart, WrongDirectory: with a sentence.
    """
    admission = UnionAdmission(
        read_secrets(*settings.secrets), settings.link_window_s, settings.queues
    )
    publisher = (
        Publisher(settings.trust, lambda: admission.unions, settings) if settings.trust else None
    )
    async with (
        trusting(admission, settings, journal, steady_clock()),
        following(admission, settings, journal),
        demo.listening(
            settings, admission, journal, publisher, listeners=listeners, shared=shared
        ) as server,
    ):
        said = [*server.relay, metrics.sentence(server.metrics)]
        if settings.directory is not None:
            said += remarks(admission.directory, time.time())
        said += brand_remarks(read_brand(settings.brand))
        said.append(f"Serving on {server.origin}. {_trusts(len(admission.unions))}")
        yield Serving(tuple(said))


def _trusts(unions: int) -> str:
    if unions == 0:
        return "No union is trusted yet: nobody is admitted."
    return f"{unions} union{'s are' if unions > 1 else ' is'} trusted."
