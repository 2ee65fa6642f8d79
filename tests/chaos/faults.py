"""What is done to a service with everybody in it, and what it then has to show.

`run` sets a scene over the store that a fault needs, lets the fault happen, and judges. A fault
begins and ends within its call.
"""

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from tests.chaos.front import Front
from tests.chaos.scene import Scene, node_of, scene
from tests.chaos.verdict import Verdict, judge
from tests.shipped_redis import (
    ShippedRedis,
    cluster_url,
    sentinel_url,
    shipped_redis,
    with_cluster,
    with_replicas,
    with_sentinels,
)

NODES = 3
PAUSE_S = 10.0
# Longer than a node waits for its store before it sends its people to another.
CUT_S = 25.0
APART_S = 30.0


@dataclass
class Stores:
    """What the nodes keep everything in.

    Attributes:
        addresses: for each node.
        main: the server, or the master that Sentinel watches.
        wires: one for each node where they can be cut.
    """

    addresses: Sequence[str]
    main: ShippedRedis | None = None
    wires: Sequence[Front] = ()

    @property
    def server(self) -> ShippedRedis:
        assert self.main is not None
        return self.main


_Stores = AbstractAsyncContextManager[Stores]


@asynccontextmanager
async def memory() -> AsyncIterator[Stores]:
    """One node alone, its store in its own memory."""
    yield Stores(["memory"])


@asynccontextmanager
async def one_redis() -> AsyncIterator[Stores]:
    """All nodes over one server."""
    with shipped_redis() as server:
        yield Stores([server.url] * NODES, server)


@asynccontextmanager
async def wired_redis() -> AsyncIterator[Stores]:
    """All nodes over one server, each by a wire of its own."""
    with shipped_redis() as server:
        async with AsyncExitStack() as running:
            wires = [
                await running.enter_async_context(Front(lambda: [server.port]))
                for _ in range(NODES)
            ]
            addresses = [server.url.replace(f":{server.port}", f":{w.port}") for w in wires]
            yield Stores(addresses, server, wires)


@asynccontextmanager
async def watched_redis() -> AsyncIterator[Stores]:
    """A master, its replica, and three sentinels that put the one in the other's place."""
    with with_replicas(1) as servers, with_sentinels(servers[0]) as sentinels:
        yield Stores([sentinel_url(sentinels)] * NODES, servers[0])


@asynccontextmanager
async def clustered_redis() -> AsyncIterator[Stores]:
    """Three masters that share the slots."""
    with with_cluster(3) as servers:
        yield Stores([cluster_url(servers)] * NODES, servers[0])


Happens = Callable[[Scene, Stores], Awaitable[None]]


async def the_only_node_dies(scene: Scene, _: Stores) -> None:
    """kill -9 of the one process that there is, and its store with it; it is started again."""
    (node,) = scene.nodes.nodes
    await node.kill()
    await scene.nodes.again(node)


async def a_node_dies(scene: Scene, _: Stores) -> None:
    """kill -9 of one of three nodes; it is not started again."""
    await scene.nodes.nodes[0].kill()


async def redis_dies(_: Scene, stores: Stores) -> None:
    """kill -9 of Redis, and an empty one in its place."""
    await asyncio.to_thread(stores.server.restart)


async def redis_is_flushed(_: Scene, stores: Stores) -> None:
    """FLUSHALL: everything is gone in a moment, and it goes on."""
    await asyncio.to_thread(stores.server.says, "FLUSHALL")


async def redis_hangs(_: Scene, stores: Stores) -> None:
    """Redis answers nobody for ten seconds."""
    stores.server.pause()
    await asyncio.sleep(PAUSE_S)
    stores.server.resume()


async def a_node_is_cut_off(_: Scene, stores: Stores) -> None:
    """One node reaches Redis no more, for longer than a node waits; then it does."""
    stores.wires[0].cut()
    await asyncio.sleep(CUT_S)
    stores.wires[0].mend()


async def redis_fails_over(_: Scene, stores: Stores) -> None:
    """kill -9 of the master; Sentinel puts its replica in the place."""
    stores.server.kill()


async def everybody_reconnects(scene: Scene, _: Stores) -> None:
    """Every socket is lost in one moment."""
    for somebody in (*scene.waiters, scene.doctor):
        somebody.loses_the_network()


async def a_doctors_node_dies_in_a_claim(scene: Scene, _: Stores) -> None:
    """kill -9 of the doctor's node, a patient being called and not yet asked."""
    doctor = scene.doctor
    doctor.proposes = False
    await doctor.serves()
    await asyncio.wait_for(doctor.was_called.wait(), 60)
    assert doctor.port is not None
    doctor.is_serving = False
    await node_of(scene, doctor.port).kill()
    doctor.proposes = True


@dataclass(frozen=True)
class Fault:
    """A row of the table.

    Attributes:
        stores: what it needs to happen to.
        ahead_s: by how much each node's clock is ahead.
        loses_sockets: everybody's: each has to come in again before it is over.
    """

    name: str
    happens: Happens
    stores: Callable[[], _Stores]
    ahead_s: Sequence[float] = ()
    loses_sockets: bool = False


FAULTS = (
    Fault("kill -9 the only node, store in memory", the_only_node_dies, memory, (), True),
    Fault("kill -9 a node", a_node_dies, one_redis),
    Fault("kill -9 Redis, an empty one in its place", redis_dies, one_redis, (), True),
    Fault("FLUSHALL", redis_is_flushed, one_redis, (), True),
    Fault("Redis paused for 10 s", redis_hangs, one_redis),
    Fault("a node cut from Redis", a_node_is_cut_off, wired_redis),
    Fault("Sentinel failover", redis_fails_over, watched_redis, (), True),
    Fault("all clients reconnect at once", everybody_reconnects, one_redis, (), True),
    Fault("clocks 30 s apart", everybody_reconnects, one_redis, (0.0, APART_S, -APART_S), True),
    Fault("kill -9 a node, over a Redis Cluster", a_node_dies, clustered_redis),
    Fault("the doctor's node dies in a claim", a_doctors_node_dies_in_a_claim, one_redis),
)


async def run(fault: Fault, patients: int, talks: int, settings: Sequence[str] = ()) -> Verdict:
    """Let a fault happen to so many who wait and so many consultations, and judge.

    The doctor begins to call once everybody is back.

    Args:
        settings: further flags of the nodes.
    """
    async with (
        fault.stores() as stores,
        scene(stores.addresses, ahead_s=fault.ahead_s, settings=settings) as (made, address),
    ):
        await made.fills(patients, talks, address)
        order = made.order()
        entries = {waiter.number: waiter.entries for waiter in made.waiters}
        began = time.monotonic()
        await fault.happens(made, stores)
        if fault.loses_sockets:
            await made.until(
                lambda: all(one.entries > entries[one.number] for one in made.waiters),
                "not everybody came in again",
            )
        await made.recovers()
        seconds = time.monotonic() - began
        await made.drains()
        interrupted = sum(not talk.is_undisturbed for talk in made.talks)
        verdict = judge(fault.name, order, made.doctor.called, interrupted, seconds)
        if not verdict.is_clean:
            print(f"{fault.name}: {made.states()}\n{made.harmed()}", file=sys.stderr)
        return verdict
