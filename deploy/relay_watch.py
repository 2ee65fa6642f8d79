"""Our relay in a process of its own: started, watched, started again, and told what to do.

A door. A process of its own because work of the server in the same one would delay packets
(measured: 5 ms twenty times a second move the slowest hundredth from 0.04 ms to 4.7 ms). A
relay that died comes back on the same port and is told anew who is together; browsers find it
again by an ICE restart.
"""

import asyncio
import json
import sys
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path

from relay import control
from relay.consultations import Consultations
from signaling.journal import Journal

from .relay_child import Order

STARTS_WITHIN_S = 15.0
STOPS_WITHIN_S = 5.0
AGAIN_AFTER_S = 0.1
AGAIN_AFTER_MAX_S = 10.0
STEADY_AFTER_S = 60.0
"""Who has served that long begins with the short pause again."""

LOOK_EVERY_S = 1.0
"""A relay that says nothing is asked that often whether it is there: it may be another one."""

HOUSE = Path(__file__).parents[1]
"""Where the rooms lie, for a process that is started from anywhere."""

ENDS_MAX = 10_000
"""Orders kept for a relay that is away or slow; who is together is said anew in any case."""


class RelayError(Exception):
    """The relay cannot be started. The sentence says why."""


class Orders:
    """Tells a relay who is together, in order, and all of it again when it comes back.

    What it takes it takes at once: nobody waits for the relay.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._together = Consultations(control.MEMBERS_MAX, 0, 0)
        self._waiting: deque[tuple[str, frozenset[str]]] = deque()
        self._wake = asyncio.Event()
        self._is_heard = False
        self._is_there = False

    @property
    def is_heard(self) -> bool:
        """Tell whether the relay is there: it answered, at most `LOOK_EVERY_S` ago."""
        return self._is_there

    def bind(self, tags: Sequence[str]) -> None:
        """These, and no others, are one consultation now."""
        self._together.bind(tags)
        if self._is_heard:  # otherwise it is said with all others
            self._say("bind", tags)

    def end(self, tags: Sequence[str]) -> None:
        """These are of no consultation any more, and are refused."""
        self._together.unbind(tags)
        self._say("end", tags)

    async def keep(self) -> None:
        """Say what there is to say, until cancelled."""
        while True:
            with suppress(control.ControlError):
                async with control.connected(self._path) as relay:
                    try:
                        await relay.counters()  # one that hangs takes connections all the same
                        self._is_there = True
                        await self._say_on(relay)
                    finally:
                        self._is_heard = self._is_there = False
            await asyncio.sleep(AGAIN_AFTER_S)

    async def _say_on(self, relay: control.Controller) -> None:
        """Say what ended while nobody listened, then who is together, then what comes."""
        ends = [(order, tags) for order, tags in self._waiting if order == "end"]
        bound = [("bind", group) for group in self._together.groups()]
        self._waiting = deque([*ends, *bound])
        self._is_heard = True
        while True:
            while self._waiting:
                order, tags = self._waiting[0]
                with suppress(control.Refused):  # nothing that saying it again would change
                    await (relay.bind(tags) if order == "bind" else relay.end(tags))
                self._waiting.popleft()
            self._wake.clear()
            try:
                await asyncio.wait_for(self._wake.wait(), LOOK_EVERY_S)
            except TimeoutError:
                await relay.counters()

    def _say(self, order: str, tags: Sequence[str]) -> None:
        if len(self._waiting) >= ENDS_MAX:
            self._waiting.popleft()
        self._waiting.append((order, frozenset(tags)))
        self._wake.set()


@asynccontextmanager
async def running(order: Order, journal: Journal) -> AsyncIterator[int]:
    """Run a relay in a process of its own while the block lasts; yields its port.

    Raises:
        RelayError: it does not start.
    """
    process, port = await _started(order)
    held = [process]  # the one that runs now
    watching = asyncio.create_task(_watch(held, replace(order, port=port), journal))
    try:
        yield port
    finally:
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching
        # Not by the task: one that is cancelled before it began does nothing at all.
        await _stop(held[0])


async def _watch(held: list[asyncio.subprocess.Process], order: Order, journal: Journal) -> None:
    """Start it again whenever it ends, until cancelled."""
    loop = asyncio.get_running_loop()
    pause_s, began_at = AGAIN_AFTER_S, loop.time()
    while True:
        await held[0].wait()
        journal.count("relay", "died")
        if loop.time() - began_at > STEADY_AFTER_S:
            pause_s = AGAIN_AFTER_S
        await asyncio.sleep(pause_s)
        pause_s = min(2 * pause_s, AGAIN_AFTER_MAX_S)
        with suppress(RelayError):
            held[0], _ = await _started(order)
            began_at = loop.time()


async def _started(order: Order) -> tuple[asyncio.subprocess.Process, int]:
    try:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "deploy.relay_child"),
            cwd=HOUSE,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            start_new_session=True,  # Ctrl-C is for us; we stop it
        )
    except OSError as error:  # no process or descriptor is to be had now
        raise RelayError(f"Cannot start a process: {error.strerror}.") from None
    assert process.stdin is not None and process.stdout is not None
    try:
        process.stdin.write(order.line())
        async with asyncio.timeout(STARTS_WITHIN_S):
            said = json.loads(await process.stdout.readline() or b"{}")
    except (OSError, TimeoutError, ValueError):
        said = {}
    except asyncio.CancelledError:
        await _stop(process)
        raise
    if "port" not in said:
        await _stop(process)
        where = f"on {' and '.join(order.ips)}, port {order.port}"
        raise RelayError(f"Cannot relay {where}: {said.get('error', 'it did not start')}.")
    return process, int(said["port"])


async def _stop(process: asyncio.subprocess.Process) -> None:
    if process.stdin is not None:
        process.stdin.close()
    try:
        await asyncio.wait_for(process.wait(), STOPS_WITHIN_S)
    except TimeoutError:
        process.kill()
        await process.wait()
