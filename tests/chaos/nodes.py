"""Nodes of one service as processes of their own, as an operator runs them.

`Nodes` are real `teleconsult serve` processes over one store.
"""

import asyncio
import contextlib
import os
import re
import signal
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from clients.union import credentials, keyring
from signaling.admission import thumbprint
from signaling.encoding import encode
from tests.unions import CARD, INSTALLATION, AUnion

STARTED_WITHIN_S = 60.0
LINK_S = 80_000
# The clock of such a node is ahead or behind: only this process believes it.
_SKEWED = """
import sys, time
ahead, real = float(sys.argv.pop(1)), time.time
time.time = lambda: real() + ahead
from deploy.command import main
main()
"""


class DidNotStart(Exception):
    """A node ended before it served. The sentence is its own."""


@dataclass
class Node:
    """One process of the service. `store` is the address by which it reaches that."""

    process: asyncio.subprocess.Process
    port: int
    store: str
    ahead_s: float

    @property
    def is_up(self) -> bool:
        return self.process.returncode is None

    async def kill(self) -> None:
        """End it at once, as a power cut would."""
        self.process.send_signal(signal.SIGKILL)
        await self.process.wait()


class Nodes:
    """So many nodes that trust one union.

    Args:
        union: whose doctors and links they admit; `publish` has written its files into `trust`.
        origin: of the pages that all serve.
        settings: further flags, the same for all.
    """

    def __init__(self, union: AUnion, origin: str, trust: Path, settings: Sequence[str]) -> None:
        self.union = union
        self.origin = origin
        self._trust = trust
        self._settings = settings
        self.nodes: list[Node] = []

    def ports(self) -> list[int]:
        """Where nodes listen that have not ended."""
        return [node.port for node in self.nodes if node.is_up] or [self.nodes[0].port]

    async def start(self, store: str = "memory", ahead_s: float = 0.0, port: int = 0) -> Node:
        """Start one more node, and wait until it serves.

        Raises:
            DidNotStart: it says why.
        """
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", _SKEWED, str(ahead_s), "serve"),
            *("--host", "127.0.0.1", "--port", str(port), "--origins", self.origin),
            *("--trust", str(self._trust), *self._settings),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env={
                **os.environ,
                "TELECONSULT_INSTALLATION_SECRET": encode(INSTALLATION),
                "TELECONSULT_STORE": store,
                "TELECONSULT_METRICS_PORT": "0",
            },
        )
        node = Node(process, await _listens(process), store, ahead_s)
        self.nodes = [one for one in self.nodes if one.port != node.port] + [node]
        return node

    async def again(self, node: Node) -> Node:
        """Start a node that has ended, where it was."""
        return await self.start(node.store, node.ahead_s, node.port)

    async def stop(self) -> None:
        """End them all."""
        for node in self.nodes:
            if node.is_up:
                await node.kill()

    # Who may enter

    def link(self, queue: str) -> str:
        """The capability of a queue, for anybody."""
        now = int(time.time())
        return self.union.pool_link(queue, now - 60, now + LINK_S)

    def doctor(self, *queues: str) -> tuple[str, Ed25519PrivateKey]:
        """A credential of today, and the key that it is for."""
        key = Ed25519PrivateKey.generate()
        name = thumbprint(key.public_key().public_bytes_raw())
        day = int(time.time()) // credentials.DAY_S
        return self.union.access_of(name, queues, day=day).token, key

    def doctors_page(self, seed: bytes, address: str, *queues: str) -> str:
        """The address of a doctor's page, with keys for today; known to nodes that start later."""
        now = int(time.time())
        request = keyring.Keyring(seed).request(now // credentials.DAY_S - 1, 3)
        self.union.vouch(request, CARD, queues, True, now - 60)
        self.union.publish(self._trust, now=now)
        return f"{address}/doctor#{keyring.write(seed)}"


@contextlib.asynccontextmanager
async def nodes_of(origin: str, settings: Sequence[str]) -> AsyncIterator[Nodes]:
    """Nodes that end with the block; none is started yet."""
    union = AUnion(audience=origin)
    with tempfile.TemporaryDirectory(prefix="trust-") as folder:
        union.publish(Path(folder), now=int(time.time()))
        nodes = Nodes(union, origin, Path(folder), settings)
        try:
            yield nodes
        finally:
            await nodes.stop()


async def _listens(process: asyncio.subprocess.Process) -> int:
    """Wait until it says where it serves."""
    assert process.stdout is not None
    said = ""
    async with asyncio.timeout(STARTED_WITHIN_S):
        while line := await process.stdout.readline():
            said += line.decode()
            if found := re.search(r"Serving on \S+:(\d+)\.", line.decode()):
                # Nobody reads the rest: it must not fill the pipe.
                _DRAINS.add(task := asyncio.create_task(process.stdout.read()))
                task.add_done_callback(_DRAINS.discard)
                return int(found[1])
    raise DidNotStart(said or "It ended without a word.")


_DRAINS: set[asyncio.Task[bytes]] = set()
