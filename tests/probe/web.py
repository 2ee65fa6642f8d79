"""Small web servers on free ports, for what the probe asks of others."""

import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from aiohttp import web

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def answering(answer: Answer) -> AsyncIterator[str]:
    """Answer every request in one way while the block lasts, and say where."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    async with served(app) as origin:
        yield origin


@asynccontextmanager
async def served(app: web.Application) -> AsyncIterator[str]:
    """Serve an application while the block lasts, and say where."""
    # Who is not waited for any more is not answered: nothing here outlives its test.
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1, handler_cancellation=True)
    await runner.setup()
    listener = socket.create_server(("127.0.0.1", 0))
    await web.SockSite(runner, listener).start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        await runner.cleanup()


def nobody() -> str:
    """An address at which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    return f"http://127.0.0.1:{port}"
