"""The process of the probe: its rounds, and the status page that tells of them.

A door. It runs apart from the service, so that it is there to say so when the service is not. Who
may read the page is asked of the unions in the folder of trust, as the service does; a page that
everybody may read needs none.
"""

import asyncio
import secrets
import socket
import ssl
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

from probe.exposition import exposition
from probe.history import History
from probe.nodes import Nodes
from probe.prometheus import Prometheus
from probe.server import Serves, create_app
from probe.staff import Staff
from probe.state import Known, State, state
from probe.watching import EVERY_S, Node, Watching
from signaling.journal import Journal
from signaling.pages import NoPages
from signaling.published import Publisher
from signaling.server import listening_sockets, running
from signaling.settings import PAGES, Settings
from signaling.trust import trusting
from signaling.union_admission import UnionAdmission

from .demo import CannotStart, origin_of

HOST, PORT = "127.0.0.1", 9475  # 9464 and up are the workers' own

CONNECTIONS_MAX = 512
"""Staff, and in public a crowd that reads and goes: an answer takes a millisecond."""

DOORSTEP_MAX = 128
DOWNLOADS_MAX = 8

KEEP_ALIVE_S = 2.0
"""For what a page loads at once: nobody holds a place by asking now and then."""


@dataclass(frozen=True, slots=True)
class Options:
    """What the status page is to be.

    Attributes:
        service: the origin of the service's pages, for which unions sign.
        host, port: where it listens; port 0 takes a free one.
        origins: how browsers reach it, where that is not where it listens.
        metrics: a node's name -> where its exposition is.
        trust: the folder of the trusted unions.
        prometheus: address of the operator's Prometheus, if there is one.
        is_public: everybody may read it.
        is_demo: it trusts a demonstration's union.
        every_s: how often each path is tried.
    """

    service: str
    host: str = HOST
    port: int = PORT
    origins: tuple[str, ...] = ()
    metrics: Mapping[str, str] = field(default_factory=dict)
    trust: Path | None = None
    prometheus: str = ""
    pages: Path = PAGES
    is_public: bool = False
    is_demo: bool = False
    every_s: float = EVERY_S


@asynccontextmanager
async def probing(
    nodes: Sequence[Node],
    options: Options,
    journal: Journal,
    *,
    listeners: list[socket.socket] | None = None,
    context: ssl.SSLContext | None = None,
) -> AsyncIterator[str]:
    """Probe, and tell of it, while the block lasts; yields the origin of the status page.

    Args:
        listeners: the port, where another process has taken it for this one.
        context: serve the page by TLS.

    Raises:
        CannotStart: the port is taken, or the pages are not built.
    """
    history = History(time.time(), options.every_s)
    watching = Watching(
        nodes,
        history.add,
        forgets=history.forget,
        journal=journal,
        every_s=options.every_s,
    )

    def said() -> bytes:
        """Leave out what is old: who hangs says nothing, and not that all is well."""
        now = time.time()
        newest = watching.newest
        return exposition([r for r in newest if history.latest(r.node, r.path, now) is r])

    serving_ = serving(options, history, said, journal, listeners=listeners, context=context)
    # A probe that ends by a fault of its own ends the process: its page would know nothing more.
    async with serving_ as origin, asyncio.TaskGroup() as both:
        task = both.create_task(watching.keeps())
        try:
            yield origin
        finally:
            task.cancel()


@asynccontextmanager
async def serving(
    options: Options,
    history: History,
    said: Callable[[], bytes],
    journal: Journal,
    *,
    listeners: list[socket.socket] | None = None,
    context: ssl.SSLContext | None = None,
) -> AsyncIterator[str]:
    """Serve the status page while the block lasts; yields its origin. As `probing`.

    Args:
        said: gives the probe's exposition.
    """
    settings = settings_of(options)
    listeners = listeners or bound(options)
    origin = origin_of(settings, options.host if context else None, listeners[0].getsockname()[1])
    admission = UnionAdmission([], settings.link_window_s)
    nodes = Nodes(options.metrics, time.time, journal)
    prometheus = Prometheus(options.prometheus, time.time, journal) if options.prometheus else None
    release = version("teleconsult")

    def now() -> State:
        known = Known(
            history,
            nodes.states,
            nodes.epochs,
            prometheus.past if prometheus else None,
            is_away=prometheus is not None and prometheus.is_away,
            version=release,
            is_public=options.is_public,
        )
        return state(known, time.time())

    serves = Serves(
        staff=Staff(admission.staff, secrets.token_bytes),
        state=now,
        exposition=said,
        origins=frozenset(options.origins or (origin, _by_its_other_name(origin))),
        clock=time.time,
        new_bytes=secrets.token_bytes,
        journal=journal,
        is_public=options.is_public,
        publisher=Publisher(options.trust, lambda: admission.unions, settings)
        if options.trust
        else None,
    )
    async with AsyncExitStack() as stack:
        for listener in listeners:
            stack.callback(listener.close)
        try:
            app = create_app(serves, settings)
        except NoPages as missing:
            raise CannotStart(str(missing)) from None
        await stack.enter_async_context(
            trusting(admission, settings, journal, time.time, is_demo=options.is_demo)
        )
        await stack.enter_async_context(nodes.asking())
        if prometheus is not None:
            await stack.enter_async_context(prometheus.asking())
        await stack.enter_async_context(running(app, listeners, settings, journal, context))
        yield origin


def _by_its_other_name(origin: str) -> str:
    """Name this machine as people do: a browser that was told localhost says localhost."""
    return origin.replace("//127.0.0.1", "//localhost", 1)


def settings_of(options: Options) -> Settings:
    """Write what of a server's settings is of use here."""
    return Settings(
        host=options.host,
        port=options.port,
        origins=(options.service,),
        trust=options.trust,
        pages=options.pages,
        connections_max=CONNECTIONS_MAX,
        doorstep_max=DOORSTEP_MAX,
        downloads_max=DOWNLOADS_MAX,
        keep_alive_s=KEEP_ALIVE_S,
    )


def bound(options: Options) -> list[socket.socket]:
    """Take the port of the status page.

    Raises:
        CannotStart: somebody has it.
    """
    try:
        return listening_sockets(options.host, options.port)
    except OSError as error:
        raise CannotStart(
            f"Cannot serve the status page on {options.host}, port {options.port}: "
            f"{error.strerror or error}. Choose another with --listen."
        ) from None
