"""Post between nodes: by Redis publish, which passes a message on and keeps nothing.

A door. Whoever listens on this node is reached without Redis. Otherwise a message goes out on the
channel of its address, and the answer says how many nodes had that channel open: exactly, as all
channels are of one server (in a Cluster too, by sharded channels under one hash tag). A node
that hangs is still counted, until Redis notices that its connection is dead.

A node has one connection for what comes in. When that is lost it is made again, with every
channel, before the node calls itself well. What is posted meanwhile reaches nobody, and is told
so; the far ends send it again, as they do for who has lost the network.
"""

import asyncio
from collections import Counter, deque
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

import redis.asyncio
from redis.exceptions import RedisError

from .addresses import is_queue
from .encoding import encode
from .journal import Journal
from .messages import FRAME_MAX_BYTES, Malformed, ServerMessage, parse_from_server, serialise
from .post import LocalPost
from .redis_connection import AWAY, POST_TAG, Connection, stop
from .store import Deliver, StoreAway
from .store_address import Place

AGAIN_AFTER_S = 0.2
"""A connection that was lost is tried again so soon, and so often: nodes are few."""

STIRS_EVERY_S = 0.05
"""Stirs of one queue within that time go to other nodes as one; boards are slower anyway."""

CHANNELS_AT_ONCE = 500


class RedisPost:
    """`post.Post` for several nodes.

    Args:
        answer_s: nobody waits longer for Redis.
        new_bytes: dice: that many random bytes.
    """

    def __init__(
        self,
        connection: Connection,
        answer_s: float,
        new_bytes: Callable[[int], bytes],
        journal: Journal,
    ) -> None:
        self._connection = connection
        self._answer_s = answer_s
        self._journal = journal
        self._name = encode(new_bytes(9))
        self._local = LocalPost()
        self._socket: redis.asyncio.Connection | None = None
        self._writing = asyncio.Lock()
        self._open: set[str] = set()
        self._closing: Counter[str] = Counter()
        self._awaited: dict[str, deque[asyncio.Future[None]]] = {}
        self._stirred: dict[str, ServerMessage] = {}
        self._is_stirred = asyncio.Event()
        self.is_well = False
        """Every listener of this node can be reached from others."""

    # The contract

    async def post(self, address: str, message: ServerMessage) -> bool:
        is_here = await self._local.post(address, message)
        if is_queue(address):
            self._stirred[address] = message
            self._is_stirred.set()
            return True
        return is_here or await self._publish(address, message) > 0

    async def listen(self, address: str, deliver: Deliver) -> None:
        """As the contract says. Without Redis, or where it is slow, other nodes are heard later."""
        is_new = address not in self._local.addresses
        await self._local.listen(address, deliver)
        if is_new and self._socket is not None:
            with suppress(*AWAY, RedisError):
                async with asyncio.timeout(self._answer_s):
                    await self._opened(address)

    async def hush(self, address: str, deliver: Deliver) -> None:
        await self._local.hush(address, deliver)
        if address not in self._local.addresses and self._socket is not None:
            with suppress(*AWAY, RedisError):
                async with asyncio.timeout(self._answer_s):
                    await self._says("UNSUBSCRIBE", address)

    # Going out

    async def _publish(self, address: str, message: ServerMessage) -> int:
        """Say how many nodes listen at an address, having told them.

        Raises:
            StoreAway: it is not known.
        """
        text = f"{self._name} {serialise(message)}"
        try:
            async with asyncio.timeout(self._answer_s):
                # One server has all channels: its count is the count.
                client: Any = self._connection.client
                return int(await client.execute_command(self._verb("PUBLISH"), _of(address), text))
        except (*AWAY, RedisError) as error:
            raise StoreAway(type(error).__name__) from None

    async def _stir(self) -> None:
        """Tell other nodes which queues changed, until cancelled."""
        while True:
            await self._is_stirred.wait()
            self._is_stirred.clear()
            stirred, self._stirred = self._stirred, {}
            for address, stir in stirred.items():
                # A stir that is lost is made good by the next heartbeat.
                with suppress(StoreAway):
                    await self._publish(address, stir)
            await asyncio.sleep(STIRS_EVERY_S)

    # Coming in

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Hear from other nodes while the block lasts."""
        tasks = [asyncio.create_task(self._keep_hearing()), asyncio.create_task(self._stir())]
        try:
            yield
        finally:
            await stop(tasks)

    async def _keep_hearing(self) -> None:
        while True:
            try:
                await self._hear()
            except (*AWAY, RedisError):
                pass  # as `is_well` says; whoever needs the store is told by the store
            except Exception as error:
                self._journal.fault(error)
            await asyncio.sleep(AGAIN_AFTER_S)

    async def _hear(self) -> None:
        """Open every channel of this node, and take what comes, until that is lost."""
        async with asyncio.timeout(2 * self._answer_s):
            office = await self._connection.post_office(is_fresh=True)
        client = self._connection.to(office)
        socket = client.connection_pool.make_connection()  # type: ignore[no-untyped-call] # the library's
        tasks: list[asyncio.Task[None]] = []
        try:
            await socket.connect()
            self._socket = socket
            reading = asyncio.create_task(self._read(socket))
            tasks += [reading, asyncio.create_task(self._open_all())]
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            await tasks[1]
            while not reading.done():
                # An opening that was cut short would leave somebody deaf: it is made good here.
                await self._open_all()
                self.is_well = True
                await asyncio.wait({reading}, timeout=self._answer_s)
                if await self._office() not in (None, office):
                    return  # another server has the channels now
            await reading
        finally:
            self.is_well = False
            self._socket = None
            await stop(tasks)
            await socket.disconnect(nowait=True)
            await client.aclose()
            for ack in [ack for waiting in self._awaited.values() for ack in waiting]:
                ack.cancel()
            self._awaited.clear()
            self._open.clear()
            self._closing.clear()

    async def _office(self) -> Place | None:
        """Say who has the post, if that can be had; who is well stays well without."""
        with suppress(*AWAY, RedisError):
            async with asyncio.timeout(2 * self._answer_s):
                return await self._connection.post_office()
        return None

    async def _open_all(self) -> None:
        """Open the channels that somebody here listens to, where they are not, and no others."""
        left = [address for address in self._local.addresses if address not in self._open]
        while left:
            some, left = left[:CHANNELS_AT_ONCE], left[CHANNELS_AT_ONCE:]
            async with asyncio.timeout(2 * self._answer_s):
                await self._opened(*some)
        hushed = sorted(self._open.difference(self._local.addresses))
        if hushed:
            await self._says("UNSUBSCRIBE", *hushed)

    async def _opened(self, *addresses: str) -> None:
        """Open channels and wait until Redis says that they are."""
        loop = asyncio.get_running_loop()
        acks: list[asyncio.Future[None]] = [loop.create_future() for _ in addresses]
        await self._says("SUBSCRIBE", *addresses, acks=acks)
        await asyncio.wait(acks)

    async def _says(
        self, verb: str, *addresses: str, acks: Sequence[asyncio.Future[None]] = ()
    ) -> None:
        async with self._writing:
            if self._socket is None:
                raise ConnectionError("the connection was lost")
            for address, ack in zip(addresses, acks, strict=False):
                self._awaited.setdefault(address, deque()).append(ack)
            if verb == "UNSUBSCRIBE":
                self._closing.update(addresses)
            channels = (_of(address) for address in addresses)
            await self._socket.send_command(self._verb(verb), *channels)

    async def _read(self, socket: redis.asyncio.Connection) -> None:
        """Take what comes until the connection is lost; one that is silent is asked."""
        is_asked = False
        while True:
            said = await socket.read_response(timeout=self._answer_s)
            if said is not None:
                is_asked = False
                self._take(said)
            elif is_asked:
                raise ConnectionError("the store has fallen silent")
            else:
                is_asked = True
                async with self._writing:
                    await socket.send_command("PING")

    def _take(self, said: object) -> None:
        if not isinstance(said, list) or len(said) != 3:
            return  # the answer to a PING
        kind, channel, what = said
        address = str(channel).removeprefix(POST_TAG)
        if kind in ("subscribe", "ssubscribe"):
            self._open.add(address)
            self._is_open(address)
        elif kind in ("message", "smessage"):
            self._deliver(address, str(what))
        elif kind in ("unsubscribe", "sunsubscribe"):
            self._open.discard(address)
            if self._closing[address] > 1:
                self._closing[address] -= 1
            elif self._closing[address]:
                del self._closing[address]
            elif kind == "sunsubscribe":
                # Nobody asked for that: the slot has moved to another server.
                raise ConnectionError("the post is elsewhere now")

    def _is_open(self, address: str) -> None:
        waiting = self._awaited.get(address)
        if waiting:
            ack = waiting.popleft()
            if not ack.done():
                ack.set_result(None)
            if not waiting:
                del self._awaited[address]

    def _deliver(self, address: str, text: str) -> None:
        name, _, said = text.partition(" ")
        if name == self._name:
            return  # a stir of our own
        try:
            if len(said) > FRAME_MAX_BYTES:
                raise Malformed
            message = parse_from_server(said)
        except Malformed:
            self._journal.count("store", "malformed")
            return
        self._local.hand(address, message)

    def _verb(self, verb: str) -> str:
        return f"S{verb}" if self._connection.is_cluster else verb


def _of(address: str) -> str:
    return f"{POST_TAG}{address}"
