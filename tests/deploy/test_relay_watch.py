"""The relay's own process: started, told, started again, told anew, gone with its master."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from deploy.relay_child import Order
from deploy.relay_watch import ENDS_MAX, Orders, RelayError, running
from relay.control import ControlError, Numbers, connected
from relay.probe import Probe, ProbeError
from signaling.journal import Journal
from tests.children import child

LOOPBACK = "127.0.0.1"
SECRET = "s3cret" * 6


def an_order(folder: Path, port: int = 0) -> Order:
    return Order(
        ips=[LOOPBACK],
        port=port,
        transports=["udp", "tcp"],
        public_ips=[LOOPBACK],
        secrets=[SECRET],
        control=str(folder / "relay" / "control"),
        streams=str(folder / "relay" / "streams"),
    )


@asynccontextmanager
async def telling(order: Order) -> AsyncIterator[Orders]:
    orders = Orders(Path(order.control))
    keeping = asyncio.create_task(orders.keep())
    try:
        yield orders
    finally:
        keeping.cancel()
        with suppress(asyncio.CancelledError):
            await keeping


async def numbers(order: Order) -> Numbers:
    async with connected(Path(order.control)) as relay:
        return await relay.counters()


async def told(order: Order, consultations: int, pid: int = 0) -> None:
    """Wait until the relay (another one than `pid`) knows so many consultations."""
    async with asyncio.timeout(20):
        while True:
            with suppress(ControlError):
                if (await numbers(order))["consultations"] == consultations:
                    if not pid or child("deploy.relay_child") != pid:
                        return
            await asyncio.sleep(0.02)


def left(*places: str) -> list[str]:
    """List those of some places in the file system that are there."""
    return [place for place in places if os.path.exists(place)]


async def test_it_relays_in_a_process_of_its_own(tmp_path: Path) -> None:
    """Passwords hold, orders are obeyed, and nothing is left of it."""
    order = an_order(tmp_path)
    async with running(order, Journal(lambda _: None)) as port, telling(order) as orders:
        orders.bind(["one", "two"])
        await told(order, 1)
        async with Probe.to(LOOPBACK, port) as probe:
            await probe.allocate(SECRET.encode(), "one")
            assert 1 == (await numbers(order))["allocations"]

            orders.end(["one", "two"])
            await told(order, 0)

            assert 0 == (await numbers(order))["allocations"]
        pid = child("deploy.relay_child")
        assert pid

    assert [] == left(f"/proc/{pid}", order.control, order.streams)


async def test_a_relay_that_dies_comes_back_and_is_told_anew(tmp_path: Path) -> None:
    """On the same port, with those together who were, and its death is counted."""
    written: list[str] = []
    journal = Journal(written.append)
    order = an_order(tmp_path)
    async with running(order, journal) as port, telling(order) as orders:
        orders.bind(["one", "two"])
        orders.bind(["three", "four"])
        await told(order, 2)
        killed = child("deploy.relay_child")

        os.kill(killed, signal.SIGKILL)
        orders.end(["three", "four"])

        await told(order, 1, killed)
        async with Probe.to(LOOPBACK, port) as probe:
            await probe.allocate(SECRET.encode(), "one")
        async with Probe.to(LOOPBACK, port) as probe:
            with pytest.raises(ProbeError, match="403"):
                await probe.allocate(SECRET.encode(), "three")
    journal.flush(is_last=True)
    assert any("relay died 1" in line for line in written)


async def test_what_a_relay_refuses_does_not_hold_up_the_rest(tmp_path: Path) -> None:
    """An order that is none is passed over."""
    order = an_order(tmp_path)
    async with running(order, Journal(lambda _: None)), telling(order) as orders:
        orders.end(["no tag!"])
        orders.bind(["one", "two"])

        await told(order, 1)


async def test_a_start_that_fails_at_once_leaves_no_process(tmp_path: Path) -> None:
    """Whatever fails behind it, before anything else could happen."""
    with pytest.raises(ValueError, match="no"):
        async with running(an_order(tmp_path), Journal(lambda _: None)):
            raise ValueError("no")

    assert 0 == child("deploy.relay_child")


async def test_a_port_that_is_taken_is_said(tmp_path: Path) -> None:
    """In one sentence, and nothing stays running."""
    async with running(an_order(tmp_path / "first"), Journal(lambda _: None)) as port:
        with pytest.raises(RelayError, match=f"port {port}: Address already in use"):
            async with running(an_order(tmp_path / "second", port), Journal(lambda _: None)):
                pass


async def test_while_nobody_listens_only_so_much_is_kept(tmp_path: Path) -> None:
    """Ended tags are bounded; who is together is said anew without being kept twice."""
    orders = Orders(tmp_path / "nobody")
    for number in range(ENDS_MAX + 10):
        orders.bind([f"a{number}", f"b{number}"])
        orders.end([f"a{number}", f"b{number}"])

    order = an_order(tmp_path)
    assert len(orders._waiting) == ENDS_MAX
    assert not orders._together.groups()
    assert order.port == 0


async def test_a_relay_that_hangs_is_left_and_found_again(tmp_path: Path) -> None:
    """Stopped in its tracks it answers nothing; what was said meanwhile is said when it goes on."""
    order = an_order(tmp_path)
    async with running(order, Journal(lambda _: None)), telling(order) as orders:
        orders.bind(["one", "two"])
        await told(order, 1)
        os.kill(child("deploy.relay_child"), signal.SIGSTOP)
        orders.bind(["three", "four"])
        async with asyncio.timeout(20):
            while orders.is_heard:  # noqa: ASYNC110 (it tells nobody)
                await asyncio.sleep(0.05)

        os.kill(child("deploy.relay_child"), signal.SIGCONT)

        await told(order, 2)
