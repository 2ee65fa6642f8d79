"""The process of the probe: its server, its nodes, and who is let in, all real."""

import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from clients.union import keyring
from clients.union.credentials import DAY_S
from deploy.demo import CannotStart
from deploy.status import Options, bound, serving
from probe.history import History
from probe.rounds import STEPS, Round
from signaling.journal import Journal
from tests.deploy.staff import Somebody
from tests.deploy.test_demo_probe import until
from tests.probe.expositions import HEALTH, exposition
from tests.probe.web import answering, nobody
from tests.unions import ORIGIN, AUnion

SEED = b"somebody of the staff".ljust(32)
SAID = b"teleconsult_probe_success 1\n"


@pytest.fixture
def options(pages: Path, tmp_path_factory: pytest.TempPathFactory) -> Options:
    """A page over one union, which has enrolled somebody of its staff."""
    (pages / "status.html").write_text("<!doctype html><title>status</title>")
    union, now = AUnion(), int(time.time())
    request = keyring.Keyring(SEED).request(now // DAY_S - 1, 3)
    union.vouch(request, queues=(), has_links=False, now=now, role="staff")
    trust = tmp_path_factory.mktemp("trust")
    union.publish(trust, now=now)
    return Options(ORIGIN, port=0, trust=trust, pages=pages)


@asynccontextmanager
async def reading(options: Options, history: History) -> AsyncIterator[Somebody]:
    """Serve the page, and have somebody of the staff beside it."""
    async with (
        serving(options, history, lambda: SAID, Journal()) as origin,
        aiohttp.ClientSession() as http,
    ):
        yield Somebody(f"{origin}/status#{keyring.write(SEED)}", http)


def history_of(since: float) -> History:
    history = History(since)
    history.add(Round("udp", "1", time.time() - 1, {step: 10.0 for step in STEPS}))
    return history


async def test_staff_of_a_trusted_union_read_what_the_nodes_say(options: Options) -> None:
    """By their own keys, from the union's own files; a node that is gone is down."""

    async def healthy(_: web.Request) -> web.StreamResponse:
        return web.Response(text=exposition(HEALTH))

    async with answering(healthy) as url:
        asked = replace(options, metrics={"1": f"{url}/metrics", "2": f"{nobody()}/metrics"})
        async with reading(asked, history_of(time.time() - 60)) as staff:
            assert 200 == await staff.enters(time.time())

            async def asked_both() -> Any:
                nodes = (await staff.reads())["nodes"]
                return nodes if nodes[0]["version"] else None

            nodes = await until(asked_both)

    assert [("1", True), ("2", False)] == [(node["node"], node["up"]) for node in nodes]
    assert "0.1.0" == nodes[0]["version"]


async def test_a_process_that_was_started_again_says_since_when(options: Options) -> None:
    """Its ring is empty, its passes are gone, and nobody is told of ninety days."""
    began = int(time.time())
    async with reading(options, history_of(began - 9_000)) as staff:
        await staff.enters(time.time())
        before = await staff.reads()
        old = staff.pass_

    async with reading(options, History(began)) as staff:
        staff.pass_ = old
        assert None is await staff.reads()
        await staff.enters(time.time())
        after = await staff.reads()

    assert (began - 9_000, began) == (before["history"]["since"], after["history"]["since"])
    assert 1 == len(before["paths"])
    assert [] == after["paths"]


async def test_a_page_for_everybody_needs_no_union(options: Options) -> None:
    """And names the Prometheus that is away."""
    public = replace(options, trust=None, is_public=True, prometheus=nobody())
    async with reading(public, history_of(time.time())) as somebody:
        said = await somebody.reads()

    assert (True, "memory", True) == (
        said["is_public"],
        said["history"]["source"],
        said["history"]["away"],
    )


async def test_this_machine_has_two_names(options: Options) -> None:
    """Staff who type localhost enter as those who open what was printed; others do not."""
    async with reading(options, history_of(time.time())) as staff:
        printed = staff.origin
        staff.address = staff.address.replace("127.0.0.1", "localhost")
        by_name = await staff.enters(time.time())

    behind = replace(options, origins=("https://etat.example.fr",))
    async with reading(behind, history_of(time.time())) as staff:
        elsewhere = await staff.enters(time.time())

    assert printed.startswith("http://127.0.0.1:")
    assert (200, 403) == (by_name, elsewhere)


async def test_a_union_of_a_demonstration_lets_nobody_in_for_real(options: Options) -> None:
    """Anybody may have its keys."""
    assert options.trust is not None
    for file in options.trust.glob("*/union.json"):
        file.write_text(file.read_text().replace('"v"', '"demo": true, "v"', 1))

    async with (
        serving(options, History(0), lambda: SAID, Journal()) as origin,
        aiohttp.ClientSession() as http,
        http.get(f"{origin}/unions.json") as answer,
    ):
        assert [] == (await answer.json())["unions"]


async def test_a_busy_port_is_a_sentence(options: Options) -> None:
    """Which says what to do."""
    with socket.create_server(("127.0.0.1", 0)) as busy:
        taken = replace(options, port=busy.getsockname()[1])

        with pytest.raises(CannotStart, match=r"Cannot serve the status page .* --listen"):
            bound(taken)


async def test_a_page_that_is_not_built_is_a_sentence(options: Options) -> None:
    """Which says what to type; the port is free again."""
    (options.pages / "status.html").unlink()

    with pytest.raises(CannotStart, match="make web"):
        async with serving(options, History(0), lambda: SAID, Journal()):
            raise AssertionError("it started")
