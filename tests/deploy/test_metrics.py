"""A real service says how it is on a port of its own."""

import asyncio
import re
import signal
import socket
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from signaling.encoding import encode
from tests.deploy.test_command import ended, fetched, line_with, stopped, typed
from tests.nodes import ORIGIN
from tests.redis_server import free_port
from tests.shipped_redis import shipped_redis
from tests.unions import INSTALLATION, AUnion

SECRET = encode(INSTALLATION)


def read(text: str) -> dict[str, float]:
    """Name each series of an exposition, with its value."""
    return {
        "{}{}".format(sample.name, "".join(f" {value}" for value in sample.labels.values())): (
            sample.value
        )
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


async def scraped(address: str) -> dict[str, float]:
    return read(await asyncio.to_thread(fetched, address))


async def until(address: str, name: str, value: float) -> dict[str, float]:
    """Wait until a node says this; what it says then."""
    async with asyncio.timeout(20):
        while (found := await scraped(address)).get(name) != value:
            pass  # each scrape is a turn of the loop
    return found


async def test_a_node_says_how_it_is(pages: Path, tmp_path: Path) -> None:
    """Its store and relay, its unions and their lists, to this machine and where it said."""
    union = AUnion(audience=ORIGIN)
    union.publish(tmp_path / "trust")
    async with typed(
        *("serve", "--port", "0", "--pages", str(pages), "--origins", ORIGIN),
        *("--relay-port", "0", "--trust", str(tmp_path / "trust")),
        TELECONSULT_INSTALLATION_SECRET=SECRET,
    ) as process:
        line = await line_with(process, "Metrics at")
        assert line.endswith("/metrics, for this machine only.")
        address = re.findall(r"http://127\.0\.0\.1:\d+/metrics", line)[0]

        found = await until(address, "teleconsult_relay_up", 1)

        assert 1 == found["teleconsult_store_info memory"]
        assert 1 == found["teleconsult_store_open"] == found["teleconsult_store_memory_only"]
        assert 1 == found["teleconsult_relay_info own yes"]
        assert 1 == found["teleconsult_unions_trusted"]
        assert 0 == found["teleconsult_union_lists_fresh"]  # the union's day is over
        assert 1_700_000_000 < found["teleconsult_started_timestamp_seconds"]


async def test_a_port_that_is_taken_is_said_in_a_sentence(pages: Path) -> None:
    """Whose port it is, that nothing was started, and what to do."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        code, _, errors = await ended(
            *("serve", "--port", "0", "--pages", str(pages), "--origins", ORIGIN),
            *("--relay", "none", "--metrics-port", str(port)),
            TELECONSULT_INSTALLATION_SECRET=SECRET,
        )

    assert 1 == code
    assert f"Cannot listen for metrics on 127.0.0.1, port {port}" in errors
    assert "Nothing was started" in errors and "Set metrics_port" in errors
    assert "Traceback" not in errors


async def test_each_worker_says_how_it_is_on_a_port_of_its_own(pages: Path) -> None:
    """One after the other, and each is asked as the node that it is."""
    first = free_port()
    with shipped_redis() as store:
        async with typed(
            *("serve", "--port", "0", "--pages", str(pages), "--origins", ORIGIN),
            *("--workers", "2", "--relay", "none", "--metrics-port", str(first)),
            *("--store-gone-s", "0.5"),
            TELECONSULT_INSTALLATION_SECRET=SECRET,
            TELECONSULT_STORE=store.url,
        ) as process:
            await line_with(process, "By 2 processes.")

            for number in range(2):
                address = f"http://127.0.0.1:{first + number}/metrics"
                found = await until(address, "teleconsult_store_open", 1)
                assert 1 == found["teleconsult_store_info redis"]
                assert 1 == found["teleconsult_relay_info none no"]
                assert "teleconsult_relay_up" not in found

            store.kill()
            await until(address, "teleconsult_store_open", 0)
            await stopped(process, signal.SIGTERM)


async def test_more_workers_than_ports_are_refused(pages: Path) -> None:
    """In a sentence, before anything is started."""
    code, _, errors = await ended(
        *("serve", "--port", "0", "--pages", str(pages), "--origins", ORIGIN),
        *("--workers", "2", "--relay", "none", "--metrics-port", "65535"),
        TELECONSULT_INSTALLATION_SECRET=SECRET,
        TELECONSULT_STORE="redis://u:p@127.0.0.1:9",
    )

    assert 1 == code
    assert "There are not 2 ports from metrics_port 65535 on" in errors
