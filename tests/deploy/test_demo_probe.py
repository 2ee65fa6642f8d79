"""The probe of a demonstration: it is running, it says so, and it comes back where it was."""

import asyncio
import os
import signal
import ssl
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from clients.peer.errors import PeerError
from deploy.demo import Addresses, CannotStart, demonstration
from deploy.demo_probe import Order
from signaling.journal import Journal
from tests.deploy.staff import Somebody

WITHIN_S = 90.0
"""Longer than a first round takes on a machine with much to do."""


@pytest.fixture
def with_status(pages: Path) -> Path:
    """Pages with a status page among them."""
    (pages / "status.html").write_text("<!doctype html><title>status</title>")
    return pages


def flags(pages: Path) -> dict[str, object]:
    return {"port": "0", "pages": str(pages)}


def probes() -> set[int]:
    """The processes of probes that this one has started."""
    found = set()
    for path in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((path / "stat").read_text().rpartition(")")[2].split()[1])
            words = (path / "cmdline").read_bytes()
        except OSError:
            continue
        if parent == os.getpid() and b"deploy.probe_child" in words:
            found.add(int(path.name))
    return found


async def until(look: Callable[[], Awaitable[Any]]) -> Any:
    """Look until there is something to be seen."""
    async with asyncio.timeout(WITHIN_S):
        while True:
            try:
                if seen := await look():
                    return seen
            except (aiohttp.ClientError, PeerError, OSError):
                pass  # it is away: that is what is waited for
            await asyncio.sleep(0.05)  # between two looks at another process


async def test_a_demonstration_is_probed_and_its_staff_read_it(with_status: Path) -> None:
    """A first path is green soon; a probe that dies comes back at the same address, and its ring
    says since when; nothing of it outlives the demonstration."""
    journal = Journal()
    async with (
        demonstration(flags(with_status), journal, is_probed=True) as addresses,
        aiohttp.ClientSession() as http,
    ):
        staff = Somebody(addresses.status, http)
        assert 200 == await staff.enters(time.time())

        async def a_green_path() -> Any:
            said = await staff.reads()
            return said if any(path["state"] == "up" for path in said["paths"]) else None

        said = await until(a_green_path)
        (node,) = said["nodes"]
        assert (True, "memory", "own") == (node["up"], node["store"]["kind"], node["relay"]["kind"])
        assert "1" == said["usage"]["epsilon"]
        assert {"memory"} == {said["history"]["source"]}

        before = probes()
        os.kill(min(before), signal.SIGKILL)

        async def entered_again() -> bool:
            return probes().isdisjoint(before) and 200 == await staff.enters(time.time())

        await until(entered_again)
        again = await staff.reads()
        assert again["history"]["since"] >= said["history"]["since"]
        assert 1 == len(probes())

    assert set() == probes()
    journal.flush(is_last=True)


async def test_over_a_network_the_status_page_speaks_tls(with_status: Path) -> None:
    """With the certificate of the service: a phone can read it, and the probe trusts it."""
    async with (
        demonstration(flags(with_status), Journal(), "127.0.0.1", is_probed=True) as addresses,
        aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=unseen())) as http,
    ):
        assert addresses.status.startswith("https://127.0.0.1:")
        staff = Somebody(addresses.status, http, unseen())
        assert 200 == await staff.enters(time.time())

        async def a_green_path() -> Any:
            said = await staff.reads()
            return said if any(path["state"] == "up" for path in said["paths"]) else None

        said = await until(a_green_path)
        assert said["nodes"][0]["certificate_ends"] > time.time()


def unseen() -> ssl.SSLContext:
    """Whoever clicks a browser's warning away."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


async def test_without_a_status_page_there_is_no_probe(pages: Path) -> None:
    """Pages that were built without one are served as they are."""
    async with demonstration(flags(pages), Journal(), is_probed=True) as addresses:
        assert "" == addresses.status
        assert set() == probes()


async def test_a_probe_that_cannot_start_is_a_sentence(
    with_status: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the demonstration with it; nothing is left running."""
    monkeypatch.setattr(Order, "line", lambda _: b"{}\n")

    with pytest.raises(CannotStart, match="did not start"):
        async with demonstration(flags(with_status), Journal(), is_probed=True):
            raise AssertionError("it started")

    assert set() == probes()


def test_keys_are_in_no_text_of_an_order() -> None:
    """What is shown of it in a traceback holds none of them."""
    order = Order("http://a", "secret keys", "http://b", "t", "p", "h", key="secret key")

    assert "secret" not in repr(order)
    assert "secret" not in repr(Addresses("", "", probe="secret", status="secret"))
