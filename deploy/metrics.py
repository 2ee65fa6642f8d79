"""What a node tells whoever watches it, gathered from its parts, and the port for it.

A door: it takes the port. What is said is `signaling/exposition.py`'s, and how it is handed out
`signaling/exposing.py`'s.
"""

import errno
import socket
from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager, contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from urllib.parse import urlsplit

from signaling.exposing import METRICS_PATH, exposing
from signaling.exposition import NodeState, RelayState, StoreState
from signaling.journal import Journal
from signaling.server import listening_sockets
from signaling.settings import Settings
from signaling.union_admission import UnionAdmission
from signaling.usage import Released

LOOPBACK = ("localhost", "127.0.0.1", "::1")


class PortTaken(Exception):
    """The port of the metrics cannot be had. The sentence says why and what to do."""


@dataclass(frozen=True, slots=True)
class Watched:
    """The parts of a node that say how they are.

    Attributes:
        clock: seconds since 1970, never stepping.
        released: what may be shown of how the service is used.
        relay_is_up: None where this node cannot know.
    """

    settings: Settings
    admission: UnionAdmission
    clock: Callable[[], float]
    store: Callable[[], StoreState]
    released: Callable[[], Released]
    relay_is_up: Callable[[], bool] | None

    def since(self, started: int) -> Callable[[], NodeState]:
        """Return what says how the node is now."""
        release = version("teleconsult")
        kind = self.settings.relay

        def now() -> NodeState:
            return NodeState(
                release,
                started,
                self.store(),
                RelayState(
                    kind,
                    self.settings.relay_only and kind != "none",  # where the two ends meet directly
                    self.relay_is_up() if self.relay_is_up is not None else None,
                ),
                len(self.admission.unions),
                self.admission.lists_fresh(self.clock()),
                self.released(),
            )

        return now


@contextmanager
def port(settings: Settings) -> Iterator[list[socket.socket]]:
    """Hold the port of the metrics while the block lasts.

    Raises:
        PortTaken: somebody has it, or it is no port of this machine.
    """
    try:
        listeners = listening_sockets(settings.metrics_host, settings.metrics_port)
    except OSError as error:
        raise PortTaken(_cannot_listen(settings, error)) from None
    try:
        yield listeners
    finally:
        for listener in listeners:
            listener.close()


def telling(
    watched: Watched, listeners: list[socket.socket], journal: Journal
) -> AbstractAsyncContextManager[None]:
    """Tell whoever asks at these sockets how the node is, while the block lasts."""
    state = watched.since(int(watched.clock()))
    return exposing(state, listeners, watched.settings, journal)


def address(listeners: list[socket.socket]) -> str:
    """Say where a node tells how it is."""
    host, bound = listeners[0].getsockname()[:2]
    return f"http://{f'[{host}]' if ':' in host else host}:{bound}{METRICS_PATH}"


def sentence(where: str) -> str:
    """Say it to an operator, and who may ask."""
    if urlsplit(where).hostname in LOOPBACK:
        return f"Metrics at {where}, for this machine only."
    return f"Metrics at {where}, for whoever reaches it: let your scraper alone do so."


def _cannot_listen(settings: Settings, error: OSError) -> str:
    where = f"Cannot listen for metrics on {settings.metrics_host}, port {settings.metrics_port}"
    if error.errno == errno.EADDRINUSE:
        return (
            f"{where}: another program uses it, perhaps another node. Nothing was started.\n"
            "Set metrics_port to another port, or to 0 for any that is free."
        )
    return f"{where}: {error.strerror or error}. Set metrics_host to an address of this machine."
