"""Nodes are asked; one that does not answer, or badly, is down and nothing else."""

import asyncio
import gzip

import pytest
from aiohttp import web

from probe.nodes import ANSWER_MAX_BYTES, NODES_MAX, Nodes, client
from signaling.figures import CONSULTATIONS
from signaling.journal import Journal
from tests.clock import Clock
from tests.probe.expositions import EPOCHS, NOW, WHOLE
from tests.probe.web import Answer, answering, nobody

PATIENCE_S = 30.0
"""Longer than any answer that comes takes on a machine with much to do."""

COMPRESSED = gzip.compress(b"# \n" * 1_000_000)
"""A few bytes that would become very many."""


def nodes_at(clock: Clock, **targets: str) -> Nodes:
    return Nodes({name: f"{url}/metrics" for name, url in targets.items()}, clock, Journal())


async def whole(_: web.Request) -> web.StreamResponse:
    return web.Response(text=WHOLE)


async def hangs(_: web.Request) -> web.StreamResponse:
    await asyncio.Event().wait()
    raise AssertionError("nobody sets it")


async def drips(request: web.Request) -> web.StreamResponse:
    """Begins an answer, and never ends it."""
    answer = web.StreamResponse()
    await answer.prepare(request)
    await answer.write(b"teleconsult_store_open 1\n")
    return await hangs(request)


async def is_away(_: web.Request) -> web.StreamResponse:
    return web.Response(status=503, text=WHOLE)


async def says_too_much(_: web.Request) -> web.StreamResponse:
    return web.Response(text="# " + "x" * ANSWER_MAX_BYTES + "\n")


async def says_something_else(_: web.Request) -> web.StreamResponse:
    return web.Response(body=b"\xff\xfe<html>{")


async def sends_elsewhere(request: web.Request) -> web.StreamResponse:
    if request.path == "/metrics":
        raise web.HTTPFound("/elsewhere")
    return web.Response(text=WHOLE)


async def compresses(_: web.Request) -> web.StreamResponse:
    return web.Response(body=COMPRESSED, headers={"Content-Encoding": "gzip"})


async def test_a_node_that_answers_is_up(clock: Clock) -> None:
    """What it says is held, and what it has released."""
    async with answering(whole) as url, client(PATIENCE_S) as session:
        nodes = nodes_at(clock, one=url)
        await nodes.ask(session)

    (state,) = nodes.states
    assert ("one", True, "0.1.0", NOW) == (state.node, state.up, state.said.version, state.at)
    assert [EPOCHS["consultations"]] == [e.start for e in nodes.epochs.of(CONSULTATIONS)]


def test_before_it_is_asked_nobody_knows(clock: Clock) -> None:
    """Neither up nor down."""
    (state,) = nodes_at(clock, one=nobody()).states

    assert state.up is None


@pytest.mark.parametrize("answer", [hangs, drips])
async def test_a_node_that_does_not_end_its_answer_is_down(clock: Clock, answer: Answer) -> None:
    """It is waited for so long, and no longer."""
    async with answering(answer) as url, client(answer_s=0.05) as session:
        nodes = nodes_at(clock, one=url)
        await nodes.ask(session)

    assert [False] == [state.up for state in nodes.states]


@pytest.mark.parametrize(
    "answer", [is_away, says_too_much, says_something_else, sends_elsewhere, compresses]
)
async def test_a_node_that_answers_badly_is_down(clock: Clock, answer: Answer) -> None:
    """In bounded bytes, and the others are heard all the same."""
    async with (
        answering(answer) as bad,
        answering(whole) as good,
        client(PATIENCE_S) as session,
    ):
        nodes = nodes_at(clock, bad=bad, good=good)
        await nodes.ask(session)

    assert {"bad": False, "good": True} == {state.node: state.up for state in nodes.states}


@pytest.mark.parametrize("url", ["", "http://", "nonsense", "file:///etc/passwd"])
async def test_an_address_where_nobody_is_is_down(clock: Clock, url: str) -> None:
    """Whatever the operator wrote, the page has a row for it; "" is a port where nobody is."""
    async with client(PATIENCE_S) as session:
        nodes = nodes_at(clock, one=url or nobody())
        await nodes.ask(session)

    assert [False] == [state.up for state in nodes.states]


async def test_a_node_that_goes_down_keeps_what_it_said_last(clock: Clock) -> None:
    """Its row shows which version it had, and its released figures stay."""
    async with client(PATIENCE_S) as session:
        async with answering(whole) as url:
            nodes = nodes_at(clock, one=url)
            await nodes.ask(session)
        clock.advance(10)
        await nodes.ask(session)

    (state,) = nodes.states
    assert (False, "0.1.0", NOW) == (state.up, state.said.version, state.at)
    assert 1 == len(nodes.epochs.of(CONSULTATIONS))


async def test_a_node_is_asked_again_and_again(clock: Clock) -> None:
    """Until the block ends."""
    asked = asyncio.Semaphore(0)

    async def counted(request: web.Request) -> web.StreamResponse:
        asked.release()
        return await whole(request)

    async with answering(counted) as url, nodes_at(clock, one=url).asking(every_s=0.001):
        for _ in range(3):
            await asked.acquire()


def test_more_nodes_than_anybody_has_are_refused(clock: Clock) -> None:
    """What is asked is bounded too."""
    with pytest.raises(ValueError, match="more nodes"):
        nodes_at(clock, **{f"n{n}": nobody() for n in range(NODES_MAX + 1)})
