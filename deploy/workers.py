"""Several processes that serve one port, each a node of one store.

A door. This process takes the port and runs the relay, and serves nobody itself: workers get
the bound sockets, and the kernel deals out connections among them. One that dies is started again;
its people find another by themselves, and their places with it.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict

from signaling import store_address
from signaling.journal import Journal
from signaling.settings import Settings

from . import demo, relaying
from .child import Child, DidNotStart
from .node import Serving
from .relay_watch import RelayError
from .worker import Order, written

PORT_MAX = 65_535


@asynccontextmanager
async def serving(settings: Settings, journal: Journal) -> AsyncIterator[Serving]:
    """Serve by `settings.workers` processes while the block lasts.

    Raises:
        CannotStart: with a sentence: the workers' own, or that they have no store to share.
    """
    if store_address.read(settings.store.get_secret_value()) is None:
        raise demo.CannotStart(
            "Several workers need a store that they share: set store to the address of a Redis, "
            "or workers to 1."
        )
    listeners = demo.bound(settings)
    try:
        origin = demo.origin_of(settings, None, listeners[0].getsockname()[1])
        async with relaying.chosen(settings, origin, journal) as chosen:
            orders = [
                Order(
                    written(own),
                    [listener.fileno() for listener in listeners],
                    asdict(chosen.shared) if chosen.shared is not None else None,
                )
                for own in _each(settings)
            ]
            # The first says what is wrong, if anything; then the others need not.
            workers = [
                Child("deploy.worker", order.line(), order.listeners, journal) for order in orders
            ]
            try:
                said = await workers[0].start()
                await asyncio.gather(*(worker.start() for worker in workers[1:]))
                for worker in workers:
                    worker.watch()
                last = f"{said[-1]} By {settings.workers} processes."
                yield Serving((*chosen.said, *said[:-1], last))
            finally:
                await asyncio.gather(*(worker.stop() for worker in workers))
                journal.flush(is_last=True)
    except (RelayError, DidNotStart) as error:
        raise demo.CannotStart(str(error)) from None
    finally:
        for listener in listeners:
            listener.close()


def _each(settings: Settings) -> list[Settings]:
    """Give each worker a port for its metrics: it is asked as the node that it is.

    Raises:
        CannotStart: there are not so many ports.
    """
    first = settings.metrics_port
    if first and first + settings.workers - 1 > PORT_MAX:
        raise demo.CannotStart(
            f"There are not {settings.workers} ports from metrics_port {first} on: set a lower one."
        )
    ports = [first and first + number for number in range(settings.workers)]
    return [settings.model_copy(update={"metrics_port": port}) for port in ports]
