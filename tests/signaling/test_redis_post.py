"""Post between nodes on a real Redis: it arrives once, in order, or is known not to."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager

import pytest

from signaling import store_address
from signaling.addresses import of_queue, of_seat
from signaling.journal import Journal
from signaling.messages import Board, Ended, Envelope, ServerMessage
from signaling.redis_connection import POST_TAG, Connection
from signaling.redis_post import RedisPost
from signaling.store import StoreAway
from tests.dice import Dice
from tests.shipped_redis import ShippedRedis, cluster_url, shipped_redis, with_cluster

ANSWER_S = 1.0
WITHIN_S = 20.0
SEAT = of_seat("s", "m")
SAID = Ended(what="call", outcome="late")


def letter(number: int) -> Envelope:
    """One of many, to be told from the others."""
    return Envelope(member="m" * 21 + "A", body=f"{number:04d}")


class Hearing:
    """Somebody who listens, and is waited for."""

    def __init__(self) -> None:
        self.heard: list[ServerMessage] = []
        self._came = asyncio.Event()

    def __call__(self, message: ServerMessage) -> None:
        self.heard.append(message)
        self._came.set()

    async def many(self, count: int) -> list[ServerMessage]:
        """All that was heard, once it is so many."""
        async with asyncio.timeout(WITHIN_S):
            while len(self.heard) < count:
                self._came.clear()
                await self._came.wait()
        return list(self.heard)


async def until(is_so: Callable[[], bool]) -> None:
    """Wait for what a node does by itself."""
    async with asyncio.timeout(WITHIN_S):
        while not is_so():  # noqa: ASYNC110 # nobody tells us
            await asyncio.sleep(0.01)


@asynccontextmanager
async def node(url: str, dice: Dice, journal: Journal | None = None) -> AsyncIterator[RedisPost]:
    """The post of one node, well."""
    address = store_address.read(url)
    assert address is not None
    connection = Connection(address, ANSWER_S)
    post = RedisPost(connection, ANSWER_S, dice, journal or Journal())
    try:
        async with post.running():
            await until(lambda: post.is_well)
            yield post
    finally:
        await connection.close()


@contextmanager
def one() -> Iterator[str]:
    with shipped_redis() as server:
        yield server.url


@contextmanager
def cluster() -> Iterator[str]:
    with with_cluster(3) as servers:
        yield cluster_url(servers)


@pytest.fixture(params=[one, cluster], scope="module")
def url(request: pytest.FixtureRequest) -> Iterator[str]:
    """Where the store is: one server, or a Cluster."""
    with request.param() as found:
        yield found


@pytest.fixture
async def nodes(url: str, dice: Dice) -> AsyncIterator[tuple[RedisPost, RedisPost]]:
    """Two nodes of one store."""
    async with node(url, dice) as first, node(url, dice) as second:
        yield first, second


async def test_post_reaches_who_listens_on_another_node(
    nodes: tuple[RedisPost, RedisPost],
) -> None:
    """In order, each once, and the sender knows."""
    here, there = nodes
    hearing = Hearing()
    await there.listen(SEAT, hearing)

    told = [await here.post(SEAT, letter(number)) for number in range(50)]

    assert all(told)
    assert [letter(number) for number in range(50)] == await hearing.many(50)


async def test_post_for_nobody_is_known_to_have_reached_nobody(
    nodes: tuple[RedisPost, RedisPost],
) -> None:
    """Also once somebody has stopped listening, and for a neighbour's address."""
    here, there = nodes
    hearing = Hearing()
    assert not await here.post(SEAT, SAID)

    await there.listen(SEAT, hearing)
    assert not await here.post(of_seat("s", "other"), SAID)
    await there.hush(SEAT, hearing)

    assert not await here.post(SEAT, SAID)
    assert [] == hearing.heard


async def test_post_on_one_node_never_touches_redis(dice: Dice) -> None:
    """It is delivered even while Redis hangs."""
    with shipped_redis() as server:
        async with node(server.url, dice) as post:
            hearing = Hearing()
            await post.listen(SEAT, hearing)
            before = published(server)

            assert await post.post(SEAT, SAID)

            assert published(server) == before
            server.pause()
            assert await post.post(SEAT, SAID)
            assert [SAID, SAID] == hearing.heard
            server.resume()


def published(server: ShippedRedis) -> object:
    """What a server counts of messages passed on."""
    stats = server.says("INFO", "commandstats")
    assert isinstance(stats, dict)
    return stats.get("cmdstat_publish")


async def test_a_stir_reaches_every_node_and_its_own_once(
    nodes: tuple[RedisPost, RedisPost],
) -> None:
    """A queue is watched on several nodes; that it changed concerns them all."""
    here, there = nodes
    own, other = Hearing(), Hearing()
    await here.listen(of_queue("q"), own)
    await there.listen(of_queue("q"), other)

    assert await here.post(of_queue("q"), Board(doctors=0))
    assert await there.post(of_queue("q"), Board(doctors=1))

    assert [Board(doctors=0), Board(doctors=1)] == await own.many(2)
    assert {0, 1} == {board.doctors for board in await other.many(2) if isinstance(board, Board)}


async def test_who_listens_anew_is_the_one_who_hears(nodes: tuple[RedisPost, RedisPost]) -> None:
    """The older one cannot hush the newer."""
    here, there = nodes
    older, newer = Hearing(), Hearing()
    await there.listen(SEAT, older)
    await there.listen(SEAT, newer)
    await there.hush(SEAT, older)

    assert await here.post(SEAT, SAID)

    assert [SAID] == await newer.many(1)
    assert [] == older.heard


async def test_after_a_loss_everybody_is_heard_again(dice: Dice) -> None:
    """A node is not well before; what is posted meanwhile is known to reach nobody."""
    with shipped_redis() as server:
        async with AsyncExitStack() as running:
            here = await running.enter_async_context(node(server.url, dice))
            there = await running.enter_async_context(node(server.url, dice))
            hearing = Hearing()
            for number in range(100):
                await there.listen(of_seat("s", str(number)), hearing)

            server.kill()
            await until(lambda: not here.is_well and not there.is_well)
            with pytest.raises(StoreAway):
                await here.post(SEAT, SAID)
            await there.listen(SEAT, hearing)  # during the loss
            server.restart()
            await until(lambda: here.is_well and there.is_well)

            assert await here.post(SEAT, SAID)
            assert await here.post(of_seat("s", "99"), SAID)
            assert [SAID, SAID] == await hearing.many(2)


async def test_a_redis_that_hangs_is_noticed_and_holds_nobody_up(dice: Dice) -> None:
    """Nobody waits longer than `store_answer_s`."""
    with shipped_redis() as server:
        async with node(server.url, dice) as post:
            server.pause()
            began = asyncio.get_running_loop().time()

            with pytest.raises(StoreAway):
                await post.post(SEAT, SAID)
            await post.listen(SEAT, Hearing())
            took_s = asyncio.get_running_loop().time() - began
            await until(lambda: not post.is_well)
            server.resume()
            await until(lambda: post.is_well)

    assert took_s < 4 * ANSWER_S


@pytest.mark.parametrize(
    "text", ["", "x", "x ", 'x {"type":"hello"}', "x " + "y" * 100_000, 'x {"type":"join"}']
)
async def test_what_is_no_message_is_dropped_and_counted(dice: Dice, text: str) -> None:
    """Whoever else may publish there; nothing of it is written down."""
    lines: list[str] = []
    journal = Journal(lines.append)
    with shipped_redis() as server:
        async with node(server.url, dice, journal) as post:
            hearing = Hearing()
            await post.listen(SEAT, hearing)

            server.says("PUBLISH", POST_TAG + SEAT, text)
            server.says("PUBLISH", POST_TAG + SEAT, 'x {"type":"board","doctors":1}')

            assert [Board(doctors=1)] == await hearing.many(1)
    journal.flush(is_last=True)
    assert [True] == [line.endswith("store malformed 1") for line in lines]


async def test_nothing_of_what_passes_is_kept(nodes: tuple[RedisPost, RedisPost], url: str) -> None:
    """Not a key appears for an envelope on its way."""
    here, there = nodes
    await there.listen(SEAT, Hearing())
    await here.post(SEAT, letter(1))
    address = store_address.read(url)
    assert address is not None

    connection = Connection(address, ANSWER_S)
    for place in await connection.masters():
        server = connection.to(place)
        keyspace = await server.info("keyspace")
        await server.aclose()
        assert {} == keyspace
    await connection.close()


class Hasty(RedisPost):
    """A post whose first words to Redis are cut short, as those of a busy moment are.

    Unrealistic: they are lost for certain, not by a clock.
    """

    cuts: set[str]

    async def _says(
        self, verb: str, *addresses: str, acks: Sequence[asyncio.Future[None]] = ()
    ) -> None:
        if verb in self.cuts:
            self.cuts.discard(verb)
            raise TimeoutError
        await super()._says(verb, *addresses, acks=acks)


async def test_nobody_stays_deaf_or_counted_for_one_lost_word(dice: Dice) -> None:
    """An opening or a closing that was cut short is made good soon, with nobody's help."""
    with one() as url:
        address = store_address.read(url)
        assert address is not None
        connection = Connection(address, ANSWER_S)
        hasty = Hasty(connection, ANSWER_S, dice, Journal())
        hasty.cuts = set()
        async with node(url, dice) as far, hasty.running():
            await until(lambda: hasty.is_well)
            hearing = Hearing()
            hasty.cuts = {"SUBSCRIBE"}
            await hasty.listen(SEAT, hearing)
            assert not await far.post(SEAT, SAID)

            await until(lambda: not hasty.cuts and SEAT in hasty._open)
            assert await far.post(SEAT, SAID) and [SAID] == await hearing.many(1)

            hasty.cuts = {"UNSUBSCRIBE"}
            await hasty.hush(SEAT, hearing)
            await until(lambda: SEAT not in hasty._open)
            assert not await far.post(SEAT, SAID)
        await connection.close()
