"""Several nodes of one service, in one process: real sockets, a real Redis, real time."""

import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from signaling import redis_node, store_address
from signaling.encoding import encode
from signaling.journal import Journal
from signaling.server import SOCKET_PATH, create_app, listening_sockets, running
from signaling.settings import Settings
from tests.actors import Cast, cast
from tests.clock import Clock
from tests.unions import INSTALLATION, AUnion, admission_by

ORIGIN = "http://localhost:8080"
QUEUE = "medecine-generale"
# A credential of a day holds from four in the morning until ten on the next.
EARLIER_S = 6 * 3_600


@dataclass
class Node:
    """One node, and people who come to it."""

    cast: Cast
    url: str
    http: str
    store: redis_node.RedisNode
    written: list[str]
    journal: Journal
    stop: Callable[[], Awaitable[None]]


@asynccontextmanager
async def a_node(
    store: str, pages: Path, union: AUnion, *, wrong_by_s: float = 0.0, **numbers: float
) -> AsyncIterator[Node]:
    """Run a node whose own clock is wrong by so many seconds."""
    settings = Settings.model_validate(
        {
            "pages": pages,
            "queues": (QUEUE,),
            "origins": (ORIGIN,),
            "installation_secret": encode(INSTALLATION),
            "board_every_s": 0.1,
            "tick_s": 0.5,
            "rebuild_s": 0.01,
            "store_answer_s": 2.0,
            **numbers,
        }
    )
    address = store_address.read(store)
    assert address is not None
    now = int(time.time())
    written: list[str] = []
    journal = Journal(written.append)
    admission = admission_by(union.trusted(now=now))
    listeners = listening_sockets("127.0.0.1", 0)
    http = f"http://127.0.0.1:{listeners[0].getsockname()[1]}"
    async with AsyncExitStack() as stack:
        joined = redis_node.joined(
            address, settings, journal, lambda: time.monotonic() + wrong_by_s, secrets.token_bytes
        )
        node = await stack.enter_async_context(joined)
        app = create_app(
            settings,
            node.store,
            admission,
            journal,
            node.clock,
            secrets.token_bytes,
            secrets.randbelow,
            is_open=node.is_open,
        )
        await stack.enter_async_context(running(app, listeners, settings, journal))
        people = cast(http + SOCKET_PATH, ORIGIN, union, (QUEUE,), Clock(now - EARLIER_S))
        async with people as actors:
            yield Node(actors, http + SOCKET_PATH, http, node, written, journal, stack.aclose)


@asynccontextmanager
async def nodes(count: int, store: str, pages: Path, **numbers: float) -> AsyncIterator[list[Node]]:
    """Run so many nodes, whose own clocks are thirty seconds apart, under one union."""
    union = AUnion(audience=ORIGIN)
    async with AsyncExitStack() as running_all:
        yield [
            await running_all.enter_async_context(
                a_node(store, pages, union, wrong_by_s=30.0 * number, **numbers)
            )
            for number in range(count)
        ]
