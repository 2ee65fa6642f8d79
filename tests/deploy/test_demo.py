"""A demonstration while it runs; `test_command.py` types it, `test_founding.py` is its union."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import pytest

from clients.union import tokens
from deploy import demo, founding
from deploy.demo import CannotStart, demonstration
from signaling import capability
from signaling.journal import Journal


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Six hours pass in no time."""
    monkeypatch.setattr(demo, "FRESH_EVERY_S", 0.01)
    monkeypatch.setattr(founding, "SIGNED_AGAIN_S", 0)
    yield


async def test_lists_are_signed_again_while_it_runs(pages: Path, hasty: None) -> None:
    """And handed out at once, without anybody's doing."""
    async with (
        demonstration({"port": "0", "pages": str(pages)}, Journal()) as addresses,
        aiohttp.ClientSession() as http,
    ):
        place = urlsplit(addresses.own)
        union = place.fragment.rpartition(".")[2]
        seen: set[object] = set()
        async with asyncio.timeout(20):
            while len(seen) < 3:
                url = f"{place.scheme}://{place.netloc}/unions/{union}/list.jwt"
                async with http.get(url) as answer:
                    seen.add(tokens.unchecked((await answer.text()).strip())["seq"])


async def test_a_queue_that_no_union_can_vouch_for_stops_it_in_a_sentence(pages: Path) -> None:
    """Before anything is printed; nothing is left running."""
    flags = {"port": "0", "pages": str(pages), "queues": "A" * 22}

    with pytest.raises(CannotStart, match="looks like a doctor's personal queue"):
        async with demonstration(flags, Journal()):
            raise AssertionError("it started")


async def test_a_directory_is_the_demonstrations_own(pages: Path) -> None:
    """Its union serves every queue, whichever the file names, and every queue may be widened to."""
    example = "deploy/example/directory.toml"
    flags = {"port": "0", "pages": str(pages), "directory": example}

    async with demonstration(flags, Journal()) as addresses, aiohttp.ClientSession() as http:
        place = urlsplit(addresses.patient)
        async with http.get(f"{place.scheme}://{place.netloc}/queues.json") as answer:
            queues = (await answer.json())["queues"]

    assert 63 == len(queues)
    for name, queue in queues.items():
        assert name == capability.parse(queue["link"]).queue


async def test_a_wrong_directory_stops_it_in_a_sentence(pages: Path, tmp_path: Path) -> None:
    """Before anything is printed."""
    flags = {"port": "0", "pages": str(pages), "directory": str(tmp_path / "none")}

    with pytest.raises(CannotStart, match="is no directory, for 1 reason"):
        async with demonstration(flags, Journal()):
            raise AssertionError("it started")
