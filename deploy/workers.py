"""Several processes that serve one port, each a node of one store.

A door. This process takes the port and runs the relay, and serves nobody itself: workers get
the bound sockets, and the kernel deals out connections among them. One that dies is started again;
its people find another by themselves, and their places with it.
"""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict

from signaling import store_address
from signaling.journal import Journal
from signaling.settings import Settings

from . import demo, relaying
from .node import Serving
from .relay_watch import AGAIN_AFTER_MAX_S, AGAIN_AFTER_S, HOUSE, STEADY_AFTER_S, RelayError
from .worker import Order, written

STARTS_WITHIN_S = 30.0
STOPS_WITHIN_S = 10.0
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
            workers = [_Worker(order, journal) for order in orders]
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
    except RelayError as error:
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


class _Worker:
    """One process, and its next ones."""

    def __init__(self, order: Order, journal: Journal) -> None:
        self._order = order
        self._journal = journal
        self._process: asyncio.subprocess.Process | None = None
        self._watching: asyncio.Task[None] | None = None

    async def start(self) -> list[str]:
        """Start it and return what it says.

        Raises:
            CannotStart: it does not serve.
        """
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "deploy.worker"),
            cwd=HOUSE,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            pass_fds=self._order.listeners,
            start_new_session=True,  # Ctrl-C is for us; we stop it
        )
        self._process = process
        assert process.stdin is not None and process.stdout is not None
        try:
            process.stdin.write(self._order.line())
            async with asyncio.timeout(STARTS_WITHIN_S):
                said = json.loads(await process.stdout.readline() or b"{}")
        except (OSError, TimeoutError, ValueError):
            said = {}
        if "said" not in said:
            await self._end()
            raise demo.CannotStart(said.get("error") or "A worker did not start.")
        return [str(line) for line in said["said"]]

    def watch(self) -> None:
        """Start it again whenever it ends, until `stop`."""
        self._watching = asyncio.create_task(self._watch())

    async def _watch(self) -> None:
        loop = asyncio.get_running_loop()
        pause_s, began_at = AGAIN_AFTER_S, loop.time()
        while self._process is not None:
            await self._process.wait()
            self._journal.count("node", "died")
            self._journal.flush()
            if loop.time() - began_at > STEADY_AFTER_S:
                pause_s = AGAIN_AFTER_S
            await asyncio.sleep(pause_s)
            pause_s = min(2 * pause_s, AGAIN_AFTER_MAX_S)
            try:
                await self.start()
                began_at = loop.time()
            except (demo.CannotStart, OSError):
                continue  # it has ended, and is tried again after a longer pause

    async def stop(self) -> None:
        """Let it say good-bye to its people, and end it."""
        if self._watching is not None:
            self._watching.cancel()
            await asyncio.gather(self._watching, return_exceptions=True)
        await self._end()

    async def _end(self) -> None:
        process = self._process
        if process is None:
            return
        if process.stdin is not None:
            process.stdin.close()
        try:
            await asyncio.wait_for(process.wait(), STOPS_WITHIN_S)
        except TimeoutError:
            process.kill()
            await process.wait()
