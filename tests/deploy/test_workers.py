"""`teleconsult serve` with several workers: one port, one queue, and none of them is needed."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import aiohttp

from signaling.encoding import encode
from signaling.messages import Accepted, Envelope
from signaling.server import SOCKET_PATH
from tests.actors import Actor, Cast, cast
from tests.clock import Clock
from tests.deploy.test_command import ended, line_with, stopped, typed
from tests.nodes import EARLIER_S, ORIGIN, QUEUE
from tests.redis_server import wait_until
from tests.shipped_redis import shipped_redis
from tests.unions import INSTALLATION, AUnion

WORKERS = 2


@asynccontextmanager
async def serving(
    pages: Path, folder: Path
) -> AsyncIterator[tuple[asyncio.subprocess.Process, Cast]]:
    """Two workers on a store of their own, and people who come to them."""
    union, now = AUnion(audience=ORIGIN), int(time.time())
    trust = folder / "trust"
    trust.mkdir()
    union.publish(trust, now=now)
    with shipped_redis() as store:
        async with typed(
            *("serve", "--port", "0", "--pages", str(pages), "--origins", ORIGIN),
            *("--workers", str(WORKERS), "--relay", "none", "--trust", str(trust)),
            *("--rebuild-s", "0.01"),
            TELECONSULT_INSTALLATION_SECRET=encode(INSTALLATION),
            TELECONSULT_STORE=store.url,
        ) as process:
            line = await line_with(process, "Serving on http://localhost:")
            assert f"1 union is trusted. By {WORKERS} processes." in line
            own = (
                line.removeprefix("Serving on ")
                .partition(". ")[0]
                .replace("localhost", "127.0.0.1")
            )
            clock = Clock(now - EARLIER_S)
            async with cast(own + SOCKET_PATH, ORIGIN, union, (QUEUE,), clock) as people:
                yield process, people


def children(pid: int) -> set[int]:
    """The workers of a process, by their numbers."""
    found = set()
    for path in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            state, parent = (path / "stat").read_text().rpartition(")")[2].split()[:2]
            is_worker = b"deploy.worker" in (path / "cmdline").read_bytes()
            if is_worker and int(parent) == pid and state != "Z":
                found.add(int(path.name))
    return found


async def consults(patient: Actor, doctor: Actor, waiting: int) -> None:
    """Hold one consultation, from the queue to an envelope each way."""
    await doctor.goes_on_duty()  # type: ignore[attr-defined] # a doctor
    await doctor.hears_board(waiting=waiting)
    await doctor.calls_and_proposes(QUEUE)  # type: ignore[attr-defined] # as above
    accepted = await patient.accepts()  # type: ignore[attr-defined] # a patient
    told = await doctor.hears(Accepted)
    await patient.says(Envelope(member=told.member, body="AAAA"))
    await doctor.says(Envelope(member=accepted.member, body="BBBB"))
    assert "AAAA" == (await doctor.hears(Envelope)).body
    assert "BBBB" == (await patient.hears(Envelope)).body


async def test_two_workers_serve_one_queue_and_one_may_die(pages: Path, tmp_path: Path) -> None:
    """Whoever was with it comes back by another, at his place; a new one is started."""
    async with serving(pages, tmp_path) as (process, people):
        first = people.patient()
        await first.joins()
        others = [people.patient() for _ in range(9)]
        for patient in others:
            await patient.joins()
        await consults(first, people.doctor(), waiting=10)
        before = children(process.pid)
        assert WORKERS == len(before)

        os.kill(min(before), signal.SIGKILL)

        places = []
        for patient in others:
            places.append(await place_after(patient))
        assert list(range(1, 10)) == places
        await asyncio.to_thread(
            wait_until, lambda: len(children(process.pid) - {min(before)}) == WORKERS
        )
        code, _, errors = await stopped(process, signal.SIGTERM)
        assert 0 == code
        assert "node died 1" in errors and "Traceback" not in errors
        assert set() == children(process.pid)


async def place_after(patient: Actor) -> int | None:
    """His place, once he has come back."""
    async with asyncio.timeout(20):
        while True:
            with suppress(aiohttp.ClientError, AssertionError):
                await patient.comes_back()  # type: ignore[attr-defined] # a patient
                return (await patient.hears_board()).place


async def test_workers_without_a_store_to_share_are_refused(pages: Path) -> None:
    """In a sentence that says what to do."""
    code, _, errors = await ended(
        *("serve", "--port", "0", "--pages", str(pages), "--origins", ORIGIN, "--workers", "2"),
        TELECONSULT_INSTALLATION_SECRET=encode(INSTALLATION),
    )

    assert 1 == code
    assert "Several workers need a store that they share" in errors


async def test_what_is_wrong_is_said_by_the_first_worker(pages: Path) -> None:
    """As if there was only one; the password is in none of it."""
    code, _, errors = await ended(
        *("serve", "--port", "0", "--pages", str(pages), "--origins", ORIGIN, "--workers", "2"),
        *("--relay", "none"),
        TELECONSULT_INSTALLATION_SECRET=encode(INSTALLATION),
        TELECONSULT_STORE="redis://u:Lenoir@127.0.0.1:9",
    )

    assert 1 == code
    assert "The store could keep what it is given" in errors and "does not answer" in errors
    assert "Lenoir" not in errors and "Traceback" not in errors
