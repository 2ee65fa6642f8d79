"""One service with everybody in it: nodes, a store, who waits, who talks, and the doctor."""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

import aiohttp

from signaling.passes import Passbook
from tests.chaos.crowd import Server, Town, Waiter
from tests.chaos.front import Front
from tests.chaos.nodes import Node, Nodes, nodes_of
from tests.chaos.talks import Talk
from tests.unions import INSTALLATION

QUEUE, TALKS = "medecine-generale", "consultations"
# Everybody here is one network and one doctor serves as fast as it goes: not what limits are for.
UNLIMITED = (
    *("--queues", f"{QUEUE},{TALKS}", "--relay", "none"),
    *("--messages-per-s", "2000", "--burst", "2000"),
    *("--network-joins", "100000", "--network-joins-per-s", "10000"),
    *("--network-tickets-max", "100000", "--network-queue-tickets-max", "100000"),
    *("--network-failures", "100000", "--network-failures-per-s", "10000"),
)
LOOK_EVERY_S = 0.1
SOON_S = 1.0
BACK_WITHIN_S = 90.0
# Longer than a call whose patient does not answer.
STALLED_S = 90.0


@dataclass
class Scene:
    """Everybody, and what can be done to them."""

    town: Town
    nodes: Nodes
    waiters: list[Waiter] = field(default_factory=list)
    talks: list[Talk] = field(default_factory=list)
    server: Server | None = None

    # Setting it

    async def fills(self, patients: int, talks: int, address: str) -> None:
        """Let patients come, hold consultations, and put a doctor on duty."""
        link = self.nodes.link(QUEUE)
        self.waiters = [Waiter(self.town, link, number) for number in range(patients)]
        for waiter in self.waiters:
            waiter.start()
        await self.until(self.is_everybody_inside, "not everybody came in")
        await self.until(lambda: all(one.pass_ for one in self.waiters), "somebody has no pass")
        for number in range(talks):
            page = self.nodes.doctors_page(bytes([number + 1]) * 32, address, TALKS)
            patient = f"{address}/#{self.nodes.link(TALKS)}"
            self.talks.append(Talk(patient, page, number))
        for talk in self.talks:
            await talk.begin()
        token, key = self.nodes.doctor(QUEUE)
        self.server = Server(self.town, token, key, QUEUE)
        self.server.start()
        await self.until(lambda: self.doctor.waiting == patients, "the doctor sees not all")

    @property
    def doctor(self) -> Server:
        assert self.server is not None
        return self.server

    def order(self) -> list[int]:
        """The patients' numbers by arrival, as their passes say it."""
        book = Passbook([INSTALLATION])

        def arrival(waiter: Waiter) -> int:
            assert waiter.pass_ is not None
            return book.read(waiter.pass_, 0.0).arrival

        return [waiter.number for waiter in sorted(self.waiters, key=arrival)]

    # What is waited for

    def is_everybody_inside(self) -> bool:
        return all(waiter.is_inside for waiter in self.waiters if not waiter.is_over)

    async def until(
        self, is_so: Callable[[], bool], sentence: str, within_s: float = BACK_WITHIN_S
    ) -> None:
        """Wait for something that nobody tells: what the crowd knows.

        Raises:
            TimeoutError: with this sentence.
        """
        ends = time.monotonic() + within_s
        while not is_so():
            if time.monotonic() > ends:
                raise TimeoutError(f"{sentence}: {self.states()}")
            await asyncio.sleep(LOOK_EVERY_S)

    def states(self) -> str:
        """Say in short how it stands."""
        inside = sum(waiter.is_inside for waiter in self.waiters)
        gone = [waiter.refusals for waiter in self.waiters if waiter.refusals]
        doctor = self.doctor.waiting if self.server else None
        return (
            f"{inside} of {len(self.waiters)} inside, {len(gone)} turned away {gone[:3]}, "
            f"the doctor sees {doctor}, {len(self.doctor.called) if self.server else 0} called"
        )

    def harmed(self) -> str:
        """Say what is known of those who were not called, and of consultations that stood."""
        lost = [one for one in self.waiters if one.number not in self.doctor.called]
        lines = [
            f"  patient {one.number}: inside {one.is_inside}, over {one.is_over}, "
            f"place {one.place}, entered {one.entries} times, accepted {one.served}, "
            f"refused {one.refusals}, heard {[*one.heard]}"
            for one in lost[:10]
        ]
        lines += [
            f"  consultation: {talk.patient.state}, {talk.doctor.state}, "
            f"stood {talk.longest_s:.1f} s"
            for talk in self.talks
            if not talk.is_undisturbed
        ]
        doctor = self.doctor
        lines.append(
            f"  the doctor: inside {doctor.is_inside}, {doctor.state}, "
            f"refused {doctor.calls_refused[-5:]}, heard {[*doctor.heard]}"
        )
        return "\n".join(lines)

    async def recovers(self) -> None:
        """Wait until everybody is back, and the doctor may call and has called one."""
        await asyncio.sleep(SOON_S)  # whoever lost his socket has noticed by then
        await self.until(self.is_everybody_inside, "not everybody came back")
        await self.until(lambda: self.doctor.is_inside, "the doctor did not come back")
        await self.doctor.serves()
        await self.until(lambda: bool(self.doctor.called), "nobody could be called")

    async def drains(self) -> None:
        """Let the doctor serve everybody, or until nobody is served any more."""
        await self.doctor.serves()
        before, since = -1, time.monotonic()
        while not all(waiter.is_over for waiter in self.waiters):
            if len(self.doctor.called) != before:
                before, since = len(self.doctor.called), time.monotonic()
            elif time.monotonic() - since > STALLED_S:
                return
            await asyncio.sleep(LOOK_EVERY_S)

    async def leaves(self) -> None:
        """Everybody goes."""
        await asyncio.gather(*(talk.end() for talk in self.talks))
        people = [*self.waiters, *([self.server] if self.server else [])]
        await asyncio.gather(*(one.stop() for one in people))


@asynccontextmanager
async def scene(
    stores: Sequence[str],
    *,
    ahead_s: Sequence[float] = (),
    settings: Sequence[str] = (),
    seed: int = 0,
) -> AsyncIterator[tuple[Scene, str]]:
    """Start nodes behind one address, and yield an empty scene and that address.

    Args:
        stores: for each node the address of its store.
        ahead_s: by how much each node's clock is ahead.
    """
    async with AsyncExitStack() as running:
        started: list[Nodes] = []
        front = Front(lambda: [port for nodes in started for port in nodes.ports()])
        await running.enter_async_context(front)
        address = f"http://localhost:{front.port}"
        nodes = await running.enter_async_context(nodes_of(address, (*UNLIMITED, *settings)))
        await asyncio.gather(
            *(
                nodes.start(store, ahead_s[number] if ahead_s else 0.0)
                for number, store in enumerate(stores)
            )
        )
        started.append(nodes)
        connector = aiohttp.TCPConnector(limit=0, force_close=True)
        http = await running.enter_async_context(aiohttp.ClientSession(connector=connector))
        made = Scene(Town(http, address, nodes.ports, random.Random(seed)), nodes)
        running.push_async_callback(made.leaves)
        yield made, address


def node_of(scene: Scene, port: int) -> Node:
    """Find the node behind a port."""
    return next(node for node in scene.nodes.nodes if node.port == port)
