"""What the pages do at the relay, in real browsers and with a real relay.

Both ends of what is tried are in one page: the relay lets a tag reach itself.
"""

import json
import re
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import async_playwright

from relay.effects import Transport
from relay.server import Server
from tests.firefox import firefox
from tests.house.tree import ROOT
from tests.relay.serving import LOOPBACK, free_port, password, relaying
from tests.serving import serving
from tests.system.ends import CHROMIUM, FLAGS, until

CALL = "(text) => globalThis.answer(text)"
# Nobody else's address, and nobody's behind the relay.
TOLD = re.compile(
    rf"^candidate:\S+ 1 udp \d+ {re.escape(LOOPBACK)} \d+ typ relay raddr 0\.0\.0\.0 rport 9\b",
    re.IGNORECASE,
)


@dataclass
class Tab:
    """A page that holds what the pages use, and the browser it is in."""

    engine: str
    call: Callable[[str], Awaitable[str]]

    async def __call__(self, name: str, relay: object = None) -> Any:
        return json.loads(await self.call(json.dumps([name, relay])))


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What touches the relay as Vite builds it, and a page around it."""
    folder = tmp_path_factory.mktemp("standby")
    command = ["run", "--silent", "build:test-entry", "--", "--outDir", str(folder)]
    done = subprocess.run(
        ["python3", str(ROOT / "deploy" / "bootstrap.py"), "npm", *command],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


@asynccontextmanager
async def a_tab(engine: str, url: str) -> AsyncIterator[Tab]:
    if engine == "firefox":
        async with firefox() as page:
            await page.open(url)
            yield Tab(engine, lambda text: page.call(CALL, text))
            assert page.complaints == []
        return
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS])
        try:
            tab = await browser.new_page()
            errors: list[str] = []
            tab.on("pageerror", lambda error: errors.append(str(error)))
            await tab.goto(url)
            yield Tab(engine, lambda text: tab.evaluate(CALL, text))
            assert errors == []
        finally:
            await browser.close()


@pytest.fixture(params=["chromium", "firefox"])
async def tab(request: pytest.FixtureRequest, built: Path) -> AsyncIterator[Tab]:
    async with serving(built) as signaling, a_tab(request.param, f"{signaling.origin}/relay") as it:
        yield it


@pytest.fixture
async def relay() -> AsyncIterator[Server]:
    async with relaying() as running:
        yield running


def url(server: Server, transport: Transport) -> str:
    return f"turn:{LOOPBACK}:{server.addresses(transport)[0].port}?transport={transport}"


def handed_out(*urls: str, only: bool = True, secret: str | None = None) -> dict[str, object]:
    """What the server hands out to a page."""
    made = password("dGFn")
    return {
        "urls": urls,
        "username": made.username,
        "password": secret or made.password,
        "expires_at": 0,
        "only": only,
    }


async def holds_nothing(server: Server) -> None:
    async def holds() -> bool:
        return server.numbers()["allocations"] == 0

    await until(holds, "allocations are left behind")


@pytest.mark.parametrize("transport", ["udp", "tcp"])
async def test_a_trial_brings_a_message_through_the_relay(
    tab: Tab, relay: Server, transport: Transport
) -> None:
    """It names the transport by which a message came back, and leaves no allocation."""
    found = await tab("try", handed_out(url(relay, transport)))

    assert found == transport
    assert relay.numbers()["packets"] > 0
    await holds_nothing(relay)


async def test_a_trial_goes_on_to_the_next_transport(tab: Tab, relay: Server) -> None:
    """Where no datagram comes through, the stream is found."""
    deaf = f"turn:{LOOPBACK}:{free_port()}?transport=udp"

    found = await tab("try", handed_out(deaf, url(relay, "tcp")))

    assert found == "tcp"


async def test_a_relay_that_refuses_is_not_reached(tab: Tab, relay: Server) -> None:
    """A password that the relay does not take finds no way, on either transport."""
    wrong = handed_out(url(relay, "udp"), url(relay, "tcp"), secret="wrong")

    assert await tab("try", wrong) is None


async def test_a_path_is_ready_before_the_call_where_the_browser_can(
    tab: Tab, relay: Server
) -> None:
    """Chromium allocates at once, Firefox when the call comes; what is not used is given back."""
    await tab("keep", handed_out(url(relay, "udp")))

    async def is_ready() -> bool:
        return relay.numbers()["allocations"] == 1

    if tab.engine == "chromium":
        await until(is_ready, "nothing is allocated ahead")

    await tab("keep", None)

    await holds_nothing(relay)


async def test_a_call_is_answered_by_what_was_ready(tab: Tab, relay: Server) -> None:
    """Chromium asks the relay for nothing more; Firefox, which had nothing, asks now."""
    given = handed_out(url(relay, "udp"))
    await tab("keep", given)

    async def is_ready() -> bool:
        return relay.numbers()["allocations"] == (1 if tab.engine == "chromium" else 0)

    await until(is_ready, "nothing is allocated ahead")
    asked = relay.numbers().get("refused_401", 0)

    told = await tab("use", given)

    assert [TOLD.match(one["candidate"]) is not None for one in told["candidates"]] == [True]
    # Each allocation is asked for once without a password, to be told the nonce.
    more = relay.numbers().get("refused_401", 0) - asked
    assert more == (0 if tab.engine == "chromium" else 1)
    await holds_nothing(relay)


async def test_no_address_leaves_a_page_that_may_use_the_relay_alone(
    tab: Tab, relay: Server
) -> None:
    """Descriptions hold no candidate, and letters the relay's alone, without who asked for it."""
    met = await tab("meet", handed_out(url(relay, "udp"), url(relay, "tcp")))

    told = [
        one["candidate"]
        for letter in met["letters"]
        if letter["t"] == "candidates"
        for one in letter["candidates"]
    ]
    assert len(told) >= 2
    assert [one for one in told if not TOLD.match(one)] == []
    assert [one for one in met["descriptions"] if "candidate" in one] == []
    assert relay.numbers()["packets"] > 0


async def test_other_paths_are_told_where_they_are_allowed(tab: Tab, relay: Server) -> None:
    """The other side of the test above: a page that may use its own address tells one."""
    met = await tab("meet", handed_out(url(relay, "udp"), only=False))

    kinds = {
        one["candidate"].split(" typ ")[1].split()[0]
        for letter in met["letters"]
        if letter["t"] == "candidates"
        for one in letter["candidates"]
    }
    assert "host" in kinds
