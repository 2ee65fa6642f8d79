"""A whole signaling server for tests: real sockets on a free port, a clock that obeys.

It trusts one union, whose keys are at hand and whose files it hands out beside the pages.
"""

import asyncio
import socket
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from clients.union import credentials, keyring, links
from signaling.encoding import encode
from signaling.journal import Journal
from signaling.memory_store import MemoryStore
from signaling.published import Publisher
from signaling.server import SOCKET_PATH, USAGE, create_app, listening_sockets, running
from signaling.settings import Settings
from signaling.store import Life, Tally
from signaling.union_admission import UnionAdmission
from signaling.usage import Usage
from tests.actors import LINK_S, Cast, cast
from tests.clock import Clock
from tests.dice import Dice
from tests.unions import CARD, INSTALLATION, NOW, AUnion, admission_by

QUEUE = "medecine-generale"
INSTALLATION_SECRET = encode(INSTALLATION)
SEED = b"doctor's seed".ljust(32)
DAYS = 3


@dataclass
class Signaling:
    """A running server, and what a test may look at."""

    url: str
    origin: str
    settings: Settings
    clock: Clock
    store: MemoryStore
    admission: UnionAdmission
    union: AUnion
    trust: Path
    journal: Journal
    cast: Cast
    written: list[str]
    _stop: Callable[[], Awaitable[None]]
    _doctors: set[bytes] = field(default_factory=set)
    port: int = 0
    usage: Usage | None = None

    async def stop(self) -> None:
        """Stop the server while the test's people are still connected."""
        await self._stop()

    @property
    def now(self) -> int:
        """What time it is here, in whole seconds."""
        return int(self.clock.now)

    async def of_people(self) -> list[object]:
        """Everything that the store holds but the figures, which are always there."""
        return [record for record in await self.store.held() if not isinstance(record, Tally)]

    def counts(self) -> "asyncio.Queue[tuple[str, str]]":
        """Hear what is counted from now on, in the clear and in order; nothing else counts it."""
        heard: asyncio.Queue[tuple[str, str]] = asyncio.Queue()

        async def count(figure: str, bin: str, now: float, times: int = 1) -> None:
            for _ in range(times):
                heard.put_nowait((figure, bin))

        assert self.usage is not None
        self.usage.count = count  # type: ignore[method-assign]  # as the server asks for it
        return heard

    # Addresses, as people open them

    def pool_link(self, queue: str | None = None, lasts_s: int = LINK_S) -> str:
        """A patient's link to any doctor of a queue, for whoever has it."""
        queue = queue or self.settings.queues[0]
        return f"{self.origin}/#{self.union.pool_link(queue, self.now, self.now + lasts_s)}"

    def counted_link(self, queue: str | None = None, uses: int = 1, lasts_s: int = LINK_S) -> str:
        """A patient's link to any doctor of a queue, for one holder, so many times."""
        queue = queue or self.settings.queues[0]
        fragment = self.union.counted_link(queue, self.now, self.now + lasts_s, uses)
        return f"{self.origin}/#{fragment}"

    def personal_link(self, seed: bytes = SEED, uses: int = 1, lasts_s: int = LINK_S) -> str:
        """A patient's link to the doctor of this seed."""
        window = links.Window(self.now, self.now + lasts_s, uses)
        fragment = links.personal(keyring.Keyring(seed).link_master, self.union.dice(8), window)
        return links.url(self.origin, fragment, self.union.id)

    def doctor_address(
        self,
        seed: bytes = SEED,
        card: credentials.Card = CARD,
        queues: Sequence[str] | None = None,
        *,
        has_links: bool = True,
        role: credentials.Role = "doctor",
    ) -> str:
        """The address of a doctor's page with a keyring, enrolled yesterday for some days."""
        if seed not in self._doctors:
            self._doctors.add(seed)
            first_day = self.now // credentials.DAY_S - 1
            request = keyring.Keyring(seed).request(first_day, DAYS)
            queues = self.settings.queues if queues is None else queues
            self.union.vouch(request, card, queues, has_links, self.now - 1, role)
            self.union.publish(self.trust, now=self.now)
        return f"{self.origin}/doctor#{keyring.write(seed)}"


@asynccontextmanager
async def serving(
    pages: Path,
    *,
    queues: tuple[str, ...] = (QUEUE,),
    reached_at: int | None = None,
    trusted_proxies: tuple[str, ...] = (),
    **numbers: float,
) -> AsyncIterator[Signaling]:
    """Run a server whose timers beat fast and whose deadlines follow the test's clock.

    `reached_at`: the port at which people reach it, where that is not its own.
    """
    clock, dice, written = Clock(_morning()), Dice(), []  # type: tuple[Clock, Dice, list[str]]
    listeners = listening_sockets("127.0.0.1", 0)
    port = listeners[0].getsockname()[1]
    origin = f"http://localhost:{reached_at or port}"
    settings = Settings.model_validate(
        {
            "pages": pages,
            "queues": queues,
            "origins": (origin,),
            "installation_secret": INSTALLATION_SECRET,
            "trusted_proxies": trusted_proxies,
            "board_every_s": 0.01,
            "tick_s": 0.01,
            **numbers,
        }
    )
    union, journal = AUnion(audience=origin), Journal(written.append, lambda: clock.now)
    url = f"http://127.0.0.1:{reached_at or port}{SOCKET_PATH}"
    async with AsyncExitStack() as server:
        house = await _opened(server, listeners, settings, union, journal, clock, dice)
        async with cast(url, origin, union, queues, clock) as actors:
            yield Signaling(
                url,
                origin,
                settings,
                clock,
                house.store,
                house.admission,
                union,
                house.trust,
                journal,
                actors,
                written,
                server.aclose,
                port=port,
                usage=house.usage,
            )


@asynccontextmanager
async def restarted(signaling: Signaling) -> AsyncIterator[MemoryStore]:
    """Start a server that has stopped again: same port, same secret, and an empty store."""
    dice = Dice(1)
    listeners = listening_sockets("127.0.0.1", signaling.port)
    async with AsyncExitStack() as server:
        house = await _opened(
            server,
            listeners,
            signaling.settings,
            signaling.union,
            signaling.journal,
            signaling.clock,
            dice,
        )
        yield house.store


@dataclass(frozen=True)
class _House:
    store: MemoryStore
    admission: UnionAdmission
    trust: Path
    usage: Usage


async def _opened(
    server: AsyncExitStack,
    listeners: list[socket.socket],
    settings: Settings,
    union: AUnion,
    journal: Journal,
    clock: Clock,
    dice: Dice,
) -> _House:
    """Run a server with an empty store, until the stack is closed."""
    now = int(clock.now)
    admission = admission_by(union.trusted(now=now))
    store = MemoryStore(Life(encode(dice(8))))
    trust = Path(server.enter_context(tempfile.TemporaryDirectory()))
    union.publish(trust, now=now)
    publisher = Publisher(trust, lambda: admission.unions, settings)
    below = Random(0).randrange
    app = create_app(settings, store, admission, journal, lambda: clock.now, dice, below, publisher)
    await server.enter_async_context(running(app, listeners, settings, journal))
    return _House(store, admission, trust, app[USAGE])


def _morning() -> int:
    """Say when a server's test begins: at eight (UTC), on a day that pages cannot be past.

    A page judges by the later of its own clock and the server's, and its own is real.
    """
    tomorrow = int(time.time()) // credentials.DAY_S + 1
    return max(NOW, tomorrow * credentials.DAY_S + NOW % credentials.DAY_S)
