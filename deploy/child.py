"""A process of its own that serves something: started, watched, started again.

A door. It is told what to serve by a line on standard input, says on standard output that it
serves, or why not, and ends when standard input does. Bound sockets are handed to it, so that it
comes back where it was.
"""

import asyncio
import json
import sys
from collections.abc import Sequence

from signaling.journal import Event, Journal

from .relay_watch import AGAIN_AFTER_MAX_S, AGAIN_AFTER_S, HOUSE, STEADY_AFTER_S

STARTS_WITHIN_S = 30.0
STOPS_WITHIN_S = 10.0


class DidNotStart(Exception):
    """It does not serve. The sentence is its own, where it had one to say."""


class Child:
    """One process, and its next ones.

    Args:
        module: what it runs, such as `deploy.worker`.
        order: what it is told, with the end of the line.
        listeners: descriptors of the sockets that it is handed.
        event: as what the journal counts it when it dies.
        stops_within_s: how long it may say good-bye.
    """

    def __init__(
        self,
        module: str,
        order: bytes,
        listeners: Sequence[int],
        journal: Journal,
        event: Event = "node",
        stops_within_s: float = STOPS_WITHIN_S,
    ) -> None:
        self._module = module
        self._order = order
        self._listeners = listeners
        self._journal = journal
        self._event = event
        self._stops_within_s = stops_within_s
        self._process: asyncio.subprocess.Process | None = None
        self._watching: asyncio.Task[None] | None = None

    async def start(self) -> list[str]:
        """Start it and return what it says.

        Raises:
            DidNotStart: with a sentence.
        """
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", self._module),
            cwd=HOUSE,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            pass_fds=self._listeners,
            start_new_session=True,  # Ctrl-C is for us; we stop it
        )
        self._process = process
        assert process.stdin is not None and process.stdout is not None
        try:
            process.stdin.write(self._order)
            async with asyncio.timeout(STARTS_WITHIN_S):
                said = json.loads(await process.stdout.readline() or b"{}")
        except (OSError, TimeoutError, ValueError):
            said = {}
        if "said" not in said:
            await self._end()
            raise DidNotStart(said.get("error") or f"{self._module} did not start.")
        return [str(line) for line in said["said"]]

    def watch(self) -> None:
        """Start it again whenever it ends, until `stop`."""
        self._watching = asyncio.create_task(self._watch())

    async def _watch(self) -> None:
        loop = asyncio.get_running_loop()
        pause_s, began_at = AGAIN_AFTER_S, loop.time()
        while self._process is not None:
            await self._process.wait()
            self._journal.count(self._event, "died")
            self._journal.flush()
            if loop.time() - began_at > STEADY_AFTER_S:
                pause_s = AGAIN_AFTER_S
            await asyncio.sleep(pause_s)
            pause_s = min(2 * pause_s, AGAIN_AFTER_MAX_S)
            try:
                await self.start()
                began_at = loop.time()
            except (DidNotStart, OSError):
                continue  # it has ended, and is tried again after a longer pause

    async def stop(self) -> None:
        """Let it say good-bye, and end it."""
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
            await asyncio.wait_for(process.wait(), self._stops_within_s)
        except TimeoutError:
            process.kill()
            await process.wait()
