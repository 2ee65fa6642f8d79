"""A status server as small as it can be, and a browser in which staff look at its page.

Unrealistic: it measures nothing and says what a test gives it. The files, their headers and the
proof of who enters are the real ones.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import web
from playwright.async_api import Browser, ConsoleMessage, Page

from signaling.admission import NotAdmitted, holder_of
from signaling.pages import headers_of, read_pages, serve_page
from signaling.settings import PAGES
from tests.pages.checks import PHONE, WATCH_REGIONS
from tests.system.ends import chromium

EXAMPLE = Path(__file__).parents[1] / "probe" / "state.example.json"
CHALLENGE = "challenge-of-the-test"
PASS = "pass-of-the-test-000001"
DAY_S = 86_400


def example() -> dict[str, Any]:
    """The answer that server and page agree on."""
    told: dict[str, Any] = json.loads(EXAMPLE.read_text(encoding="utf-8"))
    return told


@dataclass
class Server:
    """What it answers: a test changes it while it runs."""

    told: dict[str, Any] = field(default_factory=example)
    is_public: bool = True
    is_away: bool = False
    text: str | None = None
    """Answered in place of what is told."""
    refused: str | None = None
    """The code with which an entry is refused."""
    files: dict[str, bytes] = field(default_factory=dict)
    """What a union published."""
    asked: asyncio.Queue[str] = field(default_factory=asyncio.Queue)
    """The path of each question, as it comes."""
    origin: str = ""

    async def state(self, request: web.Request) -> web.Response:
        if self.is_away:
            raise web.HTTPServiceUnavailable
        if not self.is_public and request.headers.get("Authorization") != f"Bearer {PASS}":
            return web.json_response({"code": "staff-only"}, status=401)
        return web.Response(
            text=self.text or json.dumps(self.told), content_type="application/json"
        )

    async def challenge(self, _: web.Request) -> web.Response:
        return web.json_response({"challenge": CHALLENGE})

    async def enter(self, request: web.Request) -> web.Response:
        said = await request.json()
        assert said.keys() == {"challenge", "token", "proof"}
        if self.refused is not None:
            return web.json_response({"code": self.refused}, status=401)
        assert said["challenge"] == CHALLENGE
        try:
            holder_of(said["proof"], said["challenge"], request.headers["Origin"], said["token"])
        except NotAdmitted:
            return web.json_response({"code": "unproven"}, status=401)
        return web.json_response({"pass": PASS, "expires_at": self.told["at"] + DAY_S})

    async def leave(self, request: web.Request) -> web.Response:
        assert request.headers["Authorization"] == f"Bearer {PASS}"
        return web.json_response({})

    async def published(self, request: web.Request) -> web.Response:
        body = self.files.get(request.path)
        return web.Response(body=body) if body is not None else web.Response(status=404)

    def app(self) -> web.Application:
        @web.middleware
        async def counts(request: web.Request, handler: Any) -> web.StreamResponse:
            response: web.StreamResponse = await handler(request)
            response.headers.update(headers_of(response.content_type))
            self.asked.put_nowait(request.path)
            return response

        app = web.Application(middlewares=[counts])
        app.add_routes(
            [
                web.get("/status/state", self.state),
                web.get("/status/challenge", self.challenge),
                web.post("/status/enter", self.enter),
                web.post("/status/leave", self.leave),
                web.get("/unions.json", self.published),
                web.get("/unions/{rest:.*}", self.published),
            ]
        )
        for path, page in read_pages(PAGES).items():
            if path != "/":
                app.router.add_get(path, serve_page(page))
        return app


@dataclass
class Staff:
    """A server, and the tabs that were opened."""

    server: Server
    browser: Browser
    size: tuple[int, int] = PHONE
    complaints: list[str] = field(default_factory=list)
    tabs: list[Page] = field(default_factory=list)

    async def tab(self, fragment: str = "", locale: str = "fr-FR", **context: object) -> Page:
        """Open the page in a context of its own, at the moment of what is told."""
        width, height = self.size
        made = await self.browser.new_context(
            locale=locale,
            timezone_id="Europe/Paris",
            viewport={"width": width, "height": height},
            **context,  # type: ignore[arg-type]
        )
        page = await made.new_page()
        page.on("console", self._heeds)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        await page.add_init_script(WATCH_REGIONS)
        await page.clock.set_system_time(self.server.told["at"])
        self.tabs.append(page)
        await page.goto(f"{self.server.origin}/status{fragment}")
        return page

    async def board(self, fragment: str = "", **context: Any) -> Page:
        """The same, once it shows how the service stands and its first chart is drawn."""
        page = await self.tab(fragment, **context)
        await page.wait_for_selector("main[data-state=board]")
        if await page.query_selector("#consultations-chart") is not None:
            await page.wait_for_selector("#consultations-chart canvas")
        return page

    def _heeds(self, line: ConsoleMessage) -> None:
        # A browser says of each answer that is none that it is none.
        if line.type in ("error", "warning") and "Failed to load resource" not in line.text:
            self.complaints.append(f"{line.type}: {line.text}")

    async def closes(self) -> None:
        for page in self.tabs:
            await page.context.close()
        self.tabs.clear()


@asynccontextmanager
async def staff(folder: Path, size: tuple[int, int] = PHONE) -> AsyncIterator[Staff]:
    """Run a status server and a browser."""
    async with AsyncExitStack() as stack:
        server = Server()
        runner = web.AppRunner(server.app())
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        port = runner.addresses[0][1]
        server.origin = f"http://localhost:{port}"
        browser, _ = await stack.enter_async_context(chromium(0x5A31, folder))
        yield Staff(server, browser, size)
