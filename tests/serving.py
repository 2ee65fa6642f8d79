"""A whole signaling server for tests: real sockets on a free port, a clock that obeys."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from signaling.admission import Admission
from signaling.demo_admission import DemoAdmission
from signaling.encoding import encode
from signaling.journal import Journal
from signaling.memory_store import MemoryStore
from signaling.server import SOCKET_PATH, create_app, listening_sockets, running
from signaling.settings import Settings
from tests.actors import Cast, cast
from tests.clock import Clock
from tests.dice import Dice

QUEUE = "medecine-generale"
INSTALLATION_SECRET = encode(bytes(range(32)))


@dataclass
class Signaling:
    """A running server, and what a test may look at."""

    url: str
    origin: str
    settings: Settings
    clock: Clock
    store: MemoryStore
    admission: DemoAdmission
    journal: Journal
    cast: Cast
    written: list[str]
    _stop: Callable[[], Awaitable[None]]

    async def stop(self) -> None:
        """Stop the server while the test's people are still connected."""
        await self._stop()


@asynccontextmanager
async def serving(
    pages: Path,
    *,
    queues: tuple[str, ...] = (QUEUE,),
    admitting: Callable[[str], Admission] | None = None,
    **numbers: float,
) -> AsyncIterator[Signaling]:
    """Run a server whose timers beat fast and whose deadlines follow the test's clock.

    `admitting` makes the admission for the server's origin; else the demonstration's admits.
    """
    clock, dice, written = Clock(), Dice(), []  # type: tuple[Clock, Dice, list[str]]
    listeners = listening_sockets("127.0.0.1", 0)
    port = listeners[0].getsockname()[1]
    origin = f"http://localhost:{port}"
    settings = Settings.model_validate(
        {
            "pages": pages,
            "queues": queues,
            "origins": (origin,),
            "installation_secret": INSTALLATION_SECRET,
            "board_every_s": 0.01,
            "tick_s": 0.01,
            **numbers,
        }
    )
    admission = DemoAdmission(dice(32), queues)
    journal = Journal(written.append, lambda: clock.now)
    store = MemoryStore(encode(dice(8)))
    admits = admitting(origin) if admitting else admission
    app = create_app(settings, store, admits, journal, lambda: clock.now, dice)
    url = f"http://127.0.0.1:{port}{SOCKET_PATH}"
    async with AsyncExitStack() as server:
        await server.enter_async_context(running(app, listeners, settings, journal))
        async with cast(url, origin, admission, queues[0], clock.now + 86_400) as actors:
            yield Signaling(
                url,
                origin,
                settings,
                clock,
                store,
                admission,
                journal,
                actors,
                written,
                server.aclose,
            )
