"""The listener of the metrics: one page, by GET, from memory."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

import aiohttp
import pytest

from signaling import figures
from signaling.directory import Directory
from signaling.exposing import CONNECTIONS_MAX, DOORSTEP_MAX, METRICS_PATH, exposing
from signaling.exposition import NodeState, RelayState, exposition
from signaling.figures import DUTY_EVERY_S, HOUR_S, uncertainty
from signaling.journal import Journal
from signaling.messages import Accepted, Ended, Joined, Leave, Renew
from signaling.server import listening_sockets
from signaling.settings import Settings
from signaling.usage import SETTLE_S
from tests.actors import Doctor
from tests.serving import QUEUE, Signaling

STATE = NodeState("0.1.0", 1_795_000_000, relay=RelayState("own", is_up=True))


@dataclass
class Told:
    """A listener, how its node is, and how often that was asked."""

    port: int
    state: NodeState = STATE
    asked: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}{METRICS_PATH}"

    def says(self) -> NodeState:
        self.asked += 1
        return self.state


@asynccontextmanager
async def telling(**numbers: float) -> AsyncIterator[Told]:
    """A node that says how it is."""
    listeners = listening_sockets("127.0.0.1", 0)
    told = Told(listeners[0].getsockname()[1])
    settings = Settings.model_validate({"tick_s": 0.01, **numbers})
    async with exposing(told.says, listeners, settings, Journal(lambda _: None)):
        yield told


async def scraped(session: aiohttp.ClientSession, told: Told) -> bytes:
    async with session.get(told.url) as answer:
        assert 200 == answer.status
        return await answer.read()


async def test_a_scraper_gets_the_state_as_text() -> None:
    """By the type that Prometheus asks for, never kept, and with the headers of the house."""
    async with telling() as told, aiohttp.ClientSession() as session:
        async with session.get(told.url) as answer:
            assert exposition(STATE) == await answer.read()

    assert "text/plain; version=0.0.4; charset=utf-8" == answer.headers["Content-Type"]
    assert "no-store" == answer.headers["Cache-Control"]
    assert "nosniff" == answer.headers["X-Content-Type-Options"]
    assert "close" == answer.headers["Connection"]


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH"])
async def test_it_can_be_read_and_nothing_else(method: str) -> None:
    """Whoever sends something is refused."""
    async with telling() as told, aiohttp.ClientSession() as session:
        async with session.request(method, told.url, data=b"") as answer:
            assert 405 == answer.status


@pytest.mark.parametrize("path", ["/", "/v1", "/metrics/", "/queues.json", "/metrics/../v1"])
async def test_nothing_else_is_there(path: str) -> None:
    """No page, no socket."""
    async with telling() as told, aiohttp.ClientSession() as session:
        async with session.get(f"http://127.0.0.1:{told.port}{path}") as answer:
            assert 404 == answer.status


async def test_a_change_is_said_at_the_next_tick() -> None:
    """A relay that went away is seen."""
    async with telling() as told, aiohttp.ClientSession() as session:
        changed = replace(STATE, relay=RelayState("own", is_up=False))

        told.state = changed

        async with asyncio.timeout(10):
            while await scraped(session, told) != exposition(changed):
                pass  # each scrape is a turn of the loop


async def test_a_scraper_that_asks_without_end_makes_no_work() -> None:
    """What is said is made by the clock, not by who asks: the same bytes, a hundred times."""
    async with telling(tick_s=3_600) as told, aiohttp.ClientSession() as session:
        found = {await scraped(session, told) for _ in range(100)}

    assert {exposition(STATE)} == found
    assert 1 == told.asked


async def test_connections_that_say_nothing_keep_no_scraper_out() -> None:
    """So many stand at the door and no more; who speaks gets in."""
    async with telling() as told, aiohttp.ClientSession() as session:
        silent = [
            await asyncio.open_connection("127.0.0.1", told.port)
            for _ in range(2 * CONNECTIONS_MAX)
        ]

        assert exposition(STATE) == await scraped(session, told)

        for reader, _ in silent[:-DOORSTEP_MAX]:
            assert b"" == await read_to_the_end(reader)
        for _, writer in silent:
            writer.close()


async def read_to_the_end(reader: asyncio.StreamReader) -> bytes:
    """What is read until the other side has closed, however it did."""
    try:
        return await reader.read()
    except ConnectionError:
        return b""


@pytest.mark.parametrize(
    ("asked", "status"), [("GET /metrics", 200), ("GET /x", 404), ("POST /metrics", 405)]
)
async def test_a_connection_ends_with_its_answer(asked: str, status: int) -> None:
    """Two questions on one connection get one answer, refused or not: nobody holds a place."""
    async with telling() as told:
        reader, writer = await asyncio.open_connection("127.0.0.1", told.port)
        question = f"{asked} HTTP/1.1\r\nHost: a\r\nConnection: keep-alive\r\n\r\n"

        writer.write(question.encode() * 2)

        said = await reader.read()
        assert 1 == said.count(b"HTTP/1.1") == said.count(f"HTTP/1.1 {status}".encode())
        assert b"Connection: close" in said
        writer.close()


async def test_a_question_with_a_body_is_answered_without_it() -> None:
    """Nobody waits for the rest of what nobody reads."""
    async with telling() as told:
        reader, writer = await asyncio.open_connection("127.0.0.1", told.port)

        writer.write(b"GET /metrics HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nabc")

        assert b"HTTP/1.1 200 OK\r\n" == await reader.readuntil(b"\r\n")
        writer.write(b"d")
        await read_to_the_end(reader)
        writer.close()


# Consultations, and what of them is seen here


CONSULTATIONS = 25
LOOKS_EVERY_S = 13.0
"""The 47th is the first after ten minutes, and falls within a consultation."""


@asynccontextmanager
async def watched(signaling: Signaling) -> AsyncIterator[Told]:
    """A running server that says how it is, with an hour of use already released."""
    usage = signaling.usage
    assert usage is not None
    signaling.clock.now = signaling.clock.now // HOUR_S * HOUR_S + HOUR_S + SETTLE_S
    await until(lambda: "consultations" in usage.released().epochs)

    def says() -> NodeState:
        return NodeState("0.1.0", 0, usage=usage.released())

    listeners = listening_sockets("127.0.0.1", 0)
    async with exposing(says, listeners, signaling.settings, signaling.journal):
        yield Told(listeners[0].getsockname()[1])


async def until(is_so: Callable[[], bool]) -> None:
    """Wait for something that a server does by itself, at its next tick."""
    async with asyncio.timeout(10):
        while not is_so():  # noqa: ASYNC110 (it tells nobody)
            await asyncio.sleep(0.01)


def looked(signaling: Signaling) -> int:
    """When it was looked who is on duty; nobody is told."""
    assert signaling.usage is not None
    on_duty = signaling.usage.released().on_duty
    assert on_duty is not None
    return on_duty.at


async def said_with(words: bytes, session: aiohttp.ClientSession, told: Told) -> bytes:
    """Wait until this is told; what is told then."""
    async with asyncio.timeout(10):
        while words not in (body := await scraped(session, told)):
            pass  # each scrape is a turn of the loop
    return body


async def consult(
    signaling: Signaling, doctor: Doctor, meanwhile: Callable[[], Awaitable[None]]
) -> None:
    """Come, wait, be called, talk while something else happens, and hang up."""
    patient = signaling.cast.patient()
    await patient.joins()
    await doctor.hears_board(waiting=1)
    await doctor.calls_and_proposes(QUEUE)
    await patient.accepts()
    await doctor.hears(Accepted)
    await meanwhile()
    await patient.says(Leave(what="session"))
    await patient.hears(Ended)
    await doctor.hears(Ended)


def counted(said: bytes) -> float:
    """How many consultations of the last hour are told."""
    (line,) = re.findall(rb'^teleconsult_usage{.*figure="consultations".*} (\S+)$', said, re.M)
    return float(line)


async def test_nothing_moves_because_a_consultation_takes_place(signaling: Signaling) -> None:
    """Fifty scrapes, within a consultation and after it: byte for byte the same.

    Ten minutes go by, and who is on duty is looked at while somebody talks. When the hour is
    over, and no sooner, they are counted.
    """
    async with watched(signaling) as told, aiohttp.ClientSession() as session:
        doctor = signaling.cast.doctor()
        signaling.admission.follow(Directory.of_names((QUEUE,)))
        signaling.clock.now = (signaling.clock.now // DUTY_EVERY_S + 1) * DUTY_EVERY_S - 1
        await doctor.goes_on_duty()
        await doctor.settled()
        signaling.clock.advance(1)
        before = await said_with(b'band="few"} 1.0', session, told)

        found, looked_at = set(), looked(signaling)

        async def look() -> None:
            signaling.clock.advance(LOOKS_EVERY_S)
            await doctor.says(Renew())
            await doctor.hears(Joined)
            found.add(await scraped(session, told))

        for _ in range(CONSULTATIONS):
            await consult(signaling, doctor, look)
            await look()

        assert {before} == found
        assert looked_at < looked(signaling)
        assert 0 == counted(before)
        signaling.clock.now = signaling.clock.now // HOUR_S * HOUR_S + HOUR_S + SETTLE_S
        async with asyncio.timeout(10):
            while (after := await scraped(session, told)) == before:
                pass  # each scrape is a turn of the loop
        assert abs(counted(after) - CONSULTATIONS) <= uncertainty(figures.CONSULTATIONS)
