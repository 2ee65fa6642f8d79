"""Firefox as Debian has it, driven by WebDriver BiDi and nothing in between.

Only what the tests need: open a page, call a function in it. Nothing but loopback is reached:
whatever else Firefox would ask for goes to a proxy that is not there.

WebDriver BiDi, https://www.w3.org/TR/webdriver-bidi/.
"""

import asyncio
import json
import re
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Any

import aiohttp

FIREFOX = shutil.which("firefox-esr")
STARTS_WITHIN_S = 30.0
ANSWERS_WITHIN_S = 50.0
_LISTENS = re.compile(rb"WebDriver BiDi listening on (ws://127\.0\.0\.1:\d+)")

_PREFERENCES = {
    # Port 9 discards: nothing listens there. Loopback itself is reached directly.
    "network.proxy.type": 1,
    "network.proxy.http": "127.0.0.1",
    "network.proxy.http_port": 9,
    "network.proxy.ssl": "127.0.0.1",
    "network.proxy.ssl_port": 9,
    "network.proxy.no_proxies_on": "localhost, 127.0.0.1",
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "network.dns.disablePrefetch": True,
    "app.update.disabledForTesting": True,
    "datareporting.policy.dataSubmissionEnabled": False,
    "extensions.systemAddon.update.enabled": False,
    "services.settings.server": "data:,",
    "toolkit.telemetry.server": "data:,",
    "browser.shell.checkDefaultBrowser": False,
}


class FirefoxPage:
    """One tab."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._ids = count(1)
        self._context = ""

    async def open(self, url: str) -> None:
        """Go there and wait until it is loaded."""
        await self._command("session.new", capabilities={})
        tree = await self._command("browsingContext.getTree")
        self._context = tree["contexts"][0]["context"]
        await self._command(
            "browsingContext.navigate", context=self._context, url=url, wait="complete"
        )

    async def call(self, function: str, text: str) -> str:
        """Call a function of a text in the page, and wait for the text that it gives."""
        answer = await self._command(
            "script.callFunction",
            functionDeclaration=function,
            arguments=[{"type": "string", "value": text}],
            target={"context": self._context},
            awaitPromise=True,
        )
        value: str = answer["result"]["value"]
        return value

    async def _command(self, method: str, **parameters: Any) -> Any:
        number = next(self._ids)
        await self._socket.send_json({"id": number, "method": method, "params": parameters})
        async with asyncio.timeout(ANSWERS_WITHIN_S):
            while True:
                said = json.loads(await self._socket.receive_str())
                if said.get("id") == number:
                    assert said["type"] == "success", said
                    return said["result"]


@asynccontextmanager
async def firefox() -> AsyncIterator[FirefoxPage]:
    """A Firefox with a profile of its own, gone at the end."""
    assert FIREFOX is not None
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        _write_preferences(Path(folder))
        process = await asyncio.create_subprocess_exec(
            FIREFOX,
            *("--headless", "--no-remote", "--profile", folder, "--remote-debugging-port", "0"),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
            env={"HOME": folder, "PATH": "/usr/bin:/bin", "MOZ_CRASHREPORTER_DISABLE": "1"},
        )
        assert process.stderr is not None
        draining: asyncio.Task[bytes] | None = None
        try:
            async with asyncio.timeout(STARTS_WITHIN_S):
                url = await _address(process.stderr)
            draining = asyncio.create_task(process.stderr.read())
            async with (
                aiohttp.ClientSession() as session,
                session.ws_connect(f"{url}/session", max_msg_size=0) as socket,
            ):
                yield FirefoxPage(socket)
        finally:
            if process.returncode is None:
                process.terminate()
            await process.wait()
            if draining is not None:
                await draining


def _write_preferences(profile: Path) -> None:
    lines = [f"user_pref({json.dumps(n)}, {json.dumps(v)});" for n, v in _PREFERENCES.items()]
    (profile / "user.js").write_text("\n".join(lines))


async def _address(said: asyncio.StreamReader) -> str:
    while line := await said.readline():
        if found := _LISTENS.search(line):
            return found[1].decode()
    raise AssertionError("Firefox ended before it listened")
