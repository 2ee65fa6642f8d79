"""The probe of a demonstration, and the port of its status page.

A door. The probe is a process of its own, so that it says what is wrong when the service does not
answer, and so that its pictures delay nobody's messages. This process holds the port, so that a
probe that died comes back where it was.
"""

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict, dataclass, field

from signaling.journal import Journal
from signaling.server import listening_sockets

from .child import Child

NODE = "1"
"""The only node of a demonstration."""


STOPS_WITHIN_S = 2.0
"""The service goes with it: nobody is left to whom a probe would have to say good-bye."""


@dataclass(frozen=True, slots=True)
class Order:
    """What the process is to do.

    Attributes:
        service: origin of the service.
        keys: of the probe, as it reads them.
        metrics: where the node says how it is.
        trust: the folder of the trusted union.
        pages: the folder of the built pages.
        host: where it listens.
        certificate, key: of the service and of this page too, as PEM, where it speaks TLS.
        listeners: descriptors of bound sockets, which it has from whoever started it.
    """

    service: str
    keys: str = field(repr=False)
    metrics: str
    trust: str
    pages: str
    host: str
    node: str = NODE
    certificate: str = ""
    key: str = field(default="", repr=False)
    listeners: tuple[int, ...] = ()

    def line(self) -> bytes:
        """Write it as the process reads it."""
        return json.dumps(asdict(self)).encode() + b"\n"


@dataclass(frozen=True, slots=True)
class Port:
    """A port that was taken for the status page."""

    number: int
    descriptors: tuple[int, ...]


@asynccontextmanager
async def port_of(host: str) -> AsyncIterator[Port]:
    """Take a free port for the status page while the block lasts."""
    async with AsyncExitStack() as stack:
        listeners = listening_sockets(host, 0)
        for listener in listeners:
            stack.callback(listener.close)
        number = listeners[0].getsockname()[1]
        yield Port(number, tuple(listener.fileno() for listener in listeners))


@asynccontextmanager
async def probed(order: Order, journal: Journal) -> AsyncIterator[None]:
    """Have a probe and its status page while the block lasts.

    Raises:
        DidNotStart: with a sentence.
    """
    child = Child(
        "deploy.probe_child", order.line(), order.listeners, journal, "probe", STOPS_WITHIN_S
    )
    try:
        await child.start()
        child.watch()
        yield
    finally:
        await child.stop()
