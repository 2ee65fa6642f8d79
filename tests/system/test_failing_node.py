"""A node that dies, seen by a real probe, and whom a real Prometheus wakes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

from aiohttp import web

from clients.peer import probe_keys
from clients.peer.reach import BY_ITS_ADDRESS
from deploy.demo import Addresses, demonstration
from probe.consultation import Limits
from probe.exposition import exposition
from probe.history import History
from probe.watching import Node, Watching
from signaling.exposing import METRICS_PATH
from signaling.journal import Journal
from signaling.server import listening_sockets, running
from signaling.settings import Settings
from tests.prometheus_server import Prometheus, prometheus

# What takes minutes takes seconds here.
FASTER = {"[90s]": "[6s]", "for: 2m": "for: 2s"}
LIMITS = Limits(step_s=10.0, round_s=20.0, media_s=0.3)
FLAGS = {"port": "0", "relay": "none", "relay_only": "false"}
RED, GREEN = "teleconsult:probe_up == 0", "teleconsult:probe_up == 1"


@asynccontextmanager
async def watching(*nodes: Addresses) -> AsyncIterator[str]:
    """A probe of these nodes, named by their number, and where it tells of them."""
    rows = [
        Node(str(number), BY_ITS_ADDRESS, probe_keys.read(node.probe))
        for number, node in enumerate(nodes, 1)
    ]
    history = History(0.0)
    watch = Watching(rows, history.add, forgets=history.forget, limits=LIMITS, every_s=0.5)

    async def newest(_: web.Request) -> web.StreamResponse:
        return web.Response(body=exposition(watch.newest))

    app, listeners = web.Application(), listening_sockets("127.0.0.1", 0)
    app.router.add_get(METRICS_PATH, newest)
    async with running(app, listeners, Settings(), Journal(lambda _: None)):
        task = asyncio.create_task(watch.keeps())
        try:
            yield f"127.0.0.1:{listeners[0].getsockname()[1]}"
        finally:
            task.cancel()
            await asyncio.wait([task])


def rows(server: Prometheus, which: str) -> set[str]:
    """Name the nodes of the rows of a colour."""
    return {row["node"] for row, _ in server.query(which)}


async def test_a_node_that_dies_is_red_alone_and_somebody_is_woken(pages: Path) -> None:
    """Real consultations, a real Prometheus, our rules: its row and no other."""
    flags = {**FLAGS, "pages": str(pages)}
    async with AsyncExitStack() as first, demonstration(flags, Journal()) as other:
        one = await first.enter_async_context(demonstration(flags, Journal()))
        async with watching(one, other) as probe:
            started = prometheus(urlsplit(one.metrics).netloc, probe, FASTER)
            server = await asyncio.to_thread(started.__enter__)
            try:
                await server.shows(lambda: {"1", "2"} == rows(server, GREEN))
                await server.shows(lambda: server.firing() == set())

                await first.aclose()

                woken = {
                    ("TeleconsultPathFailing", "direct", "1"),
                    ("TeleconsultNodeSilent", "", "1"),
                }
                await server.shows(lambda: woken == server.firing())
                await server.shows(lambda: {"1"} == rows(server, RED))
                await server.shows(lambda: {"2"} == rows(server, GREEN))
            finally:
                await asyncio.to_thread(started.__exit__, None, None, None)
