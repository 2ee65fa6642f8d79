"""Fixtures named after things, and the guards that every test passes."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from pathlib import Path

import pytest
import uvloop
from hypothesis import settings

from tests.actors import Doctor, Patient
from tests.clock import Clock
from tests.dice import Dice
from tests.redis_server import RedisServer, redis_cluster, redis_servers
from tests.serving import Signaling, serving

# How long an example takes says how busy the machine is: no promise is about time.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


def pytest_asyncio_loop_factories(item: pytest.Item) -> Mapping[str, Callable[[], object]]:
    """Run a module on the loop that it asks for by `RUNS_ON`, on asyncio's otherwise."""
    wanted = getattr(item.getparent(pytest.Module), "obj", None)
    if getattr(wanted, "RUNS_ON", None) == "uvloop":
        return {"uvloop": uvloop.new_event_loop}
    return {"asyncio": asyncio.new_event_loop}


@pytest.fixture
def clock() -> Clock:
    """A clock that moves when told."""
    return Clock()


@pytest.fixture
def dice() -> Dice:
    """Dice that never fall the same way twice, and always the same in every run."""
    return Dice()


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    """A folder with the smallest pages, for servers whose pages do not matter."""
    for name in ("index.html", "doctor.html"):
        (tmp_path / name).write_text("<!doctype html><title>teleconsult</title>")
    return tmp_path


@pytest.fixture
async def signaling(pages: Path) -> AsyncIterator[Signaling]:
    """A running server with its store in memory."""
    async with serving(pages) as running:
        yield running


@pytest.fixture(scope="session")
def a_redis_server() -> Iterator[RedisServer]:
    """One redis-server for all tests of a process; `redis_server` empties it for each."""
    with redis_servers(1) as (server,):
        yield server


@pytest.fixture(scope="session")
def a_redis_cluster() -> Iterator[Sequence[RedisServer]]:
    """Three masters of one Redis Cluster for all tests of a process."""
    with redis_cluster() as servers:
        yield servers


@pytest.fixture
def cluster(a_redis_cluster: Sequence[RedisServer]) -> Sequence[RedisServer]:
    """A real Redis Cluster, empty."""
    for server in a_redis_cluster:
        server.says("FLUSHALL")
    return a_redis_cluster


@pytest.fixture
def redis_server(a_redis_server: RedisServer) -> RedisServer:
    """A real redis-server, empty. Who kills or pauses one starts his own."""
    a_redis_server.says("FLUSHALL")
    return a_redis_server


@pytest.fixture
def patient(signaling: Signaling) -> Patient:
    return signaling.cast.patient()


@pytest.fixture
def doctor(signaling: Signaling) -> Doctor:
    return signaling.cast.doctor()


@pytest.fixture(autouse=True)
def nothing_is_logged_as_an_error(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """An error in a log is a failed test, whoever wrote it."""
    yield
    errors = [r for r in caplog.get_records("call") if r.levelno >= logging.ERROR]
    assert not errors, [record.getMessage() for record in errors]


@pytest.fixture(autouse=True)
async def no_task_is_left() -> AsyncIterator[None]:
    """A test ends with the tasks that it began with."""
    before = asyncio.all_tasks()
    yield
    left = asyncio.all_tasks() - before - {asyncio.current_task()}
    if left:
        await asyncio.wait(left, timeout=1)
    assert not (still := {task for task in left if not task.done()}), still
