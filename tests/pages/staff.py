"""The real server of the status page, told what to say, and how staff open the page."""

import json
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiohttp import web
from playwright.async_api import Page

from clients.union import credentials, keyring
from probe.server import Serves, create_app
from probe.staff import Staff
from probe.state import State
from signaling.journal import Journal
from signaling.published import Publisher
from signaling.server import listening_sockets
from signaling.settings import PAGES, Settings
from signaling.union_admission import UnionAdmission
from tests.clock import Clock
from tests.dice import Dice
from tests.pages.scene import Scene
from tests.unions import AUnion, admission_by

EXAMPLE = Path(__file__).parents[1] / "probe" / "state.example.json"
SEED = b"staff's seed".ljust(32)
STAFF = credentials.Card("Noé Essai", "Secrétariat")
NOT_FOUND = "Failed to load resource"


def example() -> dict[str, Any]:
    """The answer that server and page agree on."""
    told: dict[str, Any] = json.loads(EXAMPLE.read_text(encoding="utf-8"))
    return told


@dataclass
class Status:
    """A running server of the page: a test changes what it is told."""

    origin: str
    told: dict[str, Any]
    clock: Clock
    union: AUnion
    admission: UnionAdmission
    trust: Path

    def enrols(self, role: credentials.Role = "staff") -> str:
        """Have the union vouch for somebody, and publish it; the fragment with the keys."""
        first_day = self.told["at"] // credentials.DAY_S - 1
        self.vouches(keyring.Keyring(SEED).request(first_day, 3), role)
        return f"#{keyring.write(SEED)}"

    def vouches(self, request: str, role: credentials.Role = "staff") -> None:
        """Have the union answer a device's request."""
        queues = ("garde-35",) if role == "doctor" else ()
        now = int(self.clock.now)
        self.union.vouch(request, STAFF, queues, False, now - 1, role)
        self.union.publish(self.trust, now=now)

    def turns_to(self, union: AUnion) -> None:
        """Trust another union, and this one no more."""
        self.admission.trust({union.id: union.trusted(now=int(self.clock.now))})

    def moves(self, seconds: int) -> None:
        """Let time pass at the server, which measures on."""
        self.clock.advance(seconds)
        self.told["at"] += seconds


@asynccontextmanager
async def status(
    *, is_public: bool = True, told: dict[str, Any] | None = None
) -> AsyncIterator[Status]:
    """Serve the built page until the block is over; what it is told is the example by default."""
    told = told or example()
    clock, union = Clock(told["at"]), AUnion()
    (listener,) = listening_sockets("127.0.0.1", 0)[:1]
    origin = f"http://127.0.0.1:{listener.getsockname()[1]}"
    with tempfile.TemporaryDirectory() as folder:
        trust = Path(folder)
        union.publish(trust, now=told["at"])
        admission = admission_by(union.trusted(now=told["at"]))
        settings = Settings(pages=PAGES, origins=(origin,))
        serves = Serves(
            staff=Staff(lambda *shown: admission.staff(*shown), Dice(1)),
            state=lambda: State.model_validate_json(json.dumps(told)),
            exposition=lambda: b"",
            origins=frozenset({origin}),
            clock=clock,
            new_bytes=Dice(2),
            journal=Journal(),
            is_public=is_public,
            publisher=Publisher(trust, lambda: admission.unions, settings),
        )
        runner = web.AppRunner(create_app(serves, settings), access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        try:
            await web.SockSite(runner, listener).start()
            yield Status(origin, told, clock, union, admission, trust)
        finally:
            await runner.cleanup()


async def opened(place: Scene, status: Status, fragment: str = "", **context: object) -> Page:
    """Open the page in a context of its own, at the moment of what is told."""
    page = await place.tab(timezone_id="Europe/Paris", **context)
    await page.clock.install(time=status.told["at"])
    await page.goto(f"{status.origin}/status{fragment}")
    return page


async def board(place: Scene, status: Status, fragment: str = "", **context: object) -> Page:
    """The same, once it shows how the service stands and its chart is drawn."""
    page = await opened(place, status, fragment, **context)
    await page.wait_for_selector("main[data-state=board]")
    await page.wait_for_selector("#consultations-chart canvas")
    return page


def complaints(place: Scene) -> list[str]:
    """What the pages complained of. A browser says of each 401 that it is one."""
    return [one for one in place.complaints if NOT_FOUND not in one]


# --- what a server that is well does not do ---------------------------------------------


async def falls_silent(page: Page) -> None:
    """Nobody answers the page any more."""
    await page.route("**/status/state", lambda route: route.abort())


async def speaks_nonsense(page: Page) -> None:
    """What answers is no status server."""
    await page.route("**/status/state", lambda route: route.fulfill(body='{"v":2}'))


async def answers_again(page: Page) -> None:
    """All is as before."""
    await page.unroute("**/status/state")


async def refuses(page: Page, code: str, status: int = 403) -> None:
    """Whoever enters is refused with this code."""
    await page.route(
        "**/status/enter",
        lambda route: route.fulfill(status=status, json={"code": code}),
    )
