"""The listener on which a node says how it is: `/metrics`, by GET, and nothing else.

A door. What is said is made once a tick, and only where it changed; whoever asks gets the
bytes that are there, so that one who asks every ten milliseconds costs nothing and sees no more.
Each answer ends its connection: nobody holds a place by keeping one open.

What may be said is `exposition.py`'s.
"""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager, suppress

from aiohttp import hdrs, web
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from .exposition import NodeState, exposition
from .journal import Journal
from .pages import headers_of
from .server import running
from .settings import Settings

METRICS_PATH = "/metrics"

CONNECTIONS_MAX = 16
"""A few scrapers and somebody who looks; each is here for milliseconds."""

DOORSTEP_MAX = 8
"""Of these, who has not asked yet."""


class Exposed:
    """What is said at this moment. `look` is to be called on a timer."""

    def __init__(self, state: Callable[[], NodeState]) -> None:
        self._state = state
        self._said = state()
        self.body = exposition(self._said)

    def look(self) -> None:
        """Say it anew if it changed."""
        now = self._state()
        if now != self._said:
            self._said, self.body = now, exposition(now)

    async def metrics(self, _: web.Request) -> web.StreamResponse:
        """Hand out what is there."""
        headers = {hdrs.CONTENT_TYPE: CONTENT_TYPE_PLAIN_0_0_4, hdrs.CACHE_CONTROL: "no-store"}
        return web.Response(body=self.body, headers=headers)


@asynccontextmanager
async def exposing(
    state: Callable[[], NodeState],
    listeners: Iterable[socket.socket],
    settings: Settings,
    journal: Journal,
) -> AsyncIterator[None]:
    """Say how a node is while the block lasts.

    Args:
        state: how it is now; asked each `tick_s`.
        listeners: bound sockets, of their own port.
    """
    exposed = Exposed(state)

    async def again() -> None:
        while True:
            await asyncio.sleep(settings.tick_s)
            try:
                exposed.look()
            except Exception as error:
                # What was said last stays; a scraper sees by the clock of others that it stands.
                journal.fault(error)

    app = web.Application(client_max_size=1)
    app.router.add_get(METRICS_PATH, exposed.metrics, allow_head=False)
    app.on_response_prepare.append(_add_headers)
    few = settings.model_copy(
        update={"connections_max": CONNECTIONS_MAX, "doorstep_max": DOORSTEP_MAX}
    )
    async with running(app, listeners, few, journal):
        task = asyncio.create_task(again())
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


async def _add_headers(_: web.Request, response: web.StreamResponse) -> None:
    response.headers.update(headers_of(response.content_type))
    # A refusal too: sixteen that are kept open would keep the scraper out.
    response.headers[hdrs.CONNECTION] = "close"
    response.force_close()
