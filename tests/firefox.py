"""Firefox as Debian has it, driven by WebDriver BiDi and nothing in between.

Only what the tests need: open a page, click and look in it. Nothing but loopback is reached:
whatever else Firefox would ask for goes to a proxy that is not there.

The microphone is Firefox's own fake, which plays a tone; the camera is a canvas that a script puts
in its place before the page loads: stock Firefox plays no film. What goes over the wire is real.

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
    # The far end may be on this machine, and there may be no other network.
    "media.peerconnection.ice.loopback": True,
    "media.peerconnection.ice.obfuscate_host_addresses": False,
    "media.autoplay.default": 0,
    "media.navigator.streams.fake": True,
    "media.navigator.permission.disabled": True,
    # No plug-in is fetched for a codec that nobody here needs.
    "media.gmp-manager.updateEnabled": False,
    "intl.accept_languages": "fr-FR, fr",
}

CAMERA = """() => {
  const cells = %s;
  const devices = navigator.mediaDevices;
  const real = devices?.getUserMedia.bind(devices);
  if (real) devices.getUserMedia = async ({ audio, video }) => {
    const stream = audio ? await real({ audio }) : new MediaStream();
    if (video) {
      const canvas = document.createElement('canvas');
      [canvas.width, canvas.height] = [640, 480];
      const context = canvas.getContext('2d', { alpha: false });
      const grey = (value) => `rgb(${value}, ${value}, ${value})`;
      let n = 0;
      const draw = () => {
        context.fillStyle = grey(24);
        context.fillRect(0, 0, 640, 480);
        cells.forEach((row, y) => row.forEach((value, x) => {
          context.fillStyle = grey(value);
          context.fillRect(164 + 39 * x, 84 + 39 * y, 39, 39);
        }));
        context.fillStyle = grey(72);
        context.fillRect((16 * n++) %% 624, 464, 16, 16);
      };
      draw();
      setInterval(draw, 66);
      canvas.captureStream(15).getTracks().forEach((track) => stream.addTrack(track));
    }
    return stream;
  };
}"""


class FirefoxPage:
    """One tab."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._ids = count(1)
        self._context = ""
        self.complaints: list[str] = []

    async def open(self, url: str) -> None:
        """Go there and wait until it is loaded."""
        if not self._context:
            await self._command("session.new", capabilities={})
            await self._command("session.subscribe", events=["log.entryAdded"])
            tree = await self._command("browsingContext.getTree")
            self._context = tree["contexts"][0]["context"]
        await self._command(
            "browsingContext.navigate", context=self._context, url=url, wait="complete"
        )

    goto = open

    async def shows_as_camera(self, cells: list[list[int]]) -> None:
        """Show these cells as the camera's picture, eight rows of eight."""
        await self.runs_first(CAMERA % json.dumps(cells))

    async def is_as_large_as(self, width: int, height: int) -> None:
        """Give the tab a size of its own, in CSS pixels."""
        size = {"width": width, "height": height}
        await self._command("browsingContext.setViewport", context=self._context, viewport=size)

    async def click(self, selector: str, timeout: float) -> None:  # noqa: ASYNC109 (Playwright's)
        """Click, as soon as it is there and may be clicked; `timeout` is in milliseconds."""
        await self._until(selector, "found && !found.disabled", timeout, "found.click()")

    async def wait_for_selector(self, selector: str, timeout: float) -> None:  # noqa: ASYNC109
        """Wait until something is there; `timeout` is in milliseconds."""
        await self._until(selector, "found", timeout)

    async def evaluate(self, function: str) -> Any:
        """Call a function in the page; what it gives is JSON."""
        wrapped = f"async () => JSON.stringify((await ({function})()) ?? null)"
        answer = await self._command(
            "script.callFunction",
            functionDeclaration=wrapped,
            target={"context": self._context},
            awaitPromise=True,
            userActivation=True,
        )
        assert answer["type"] == "success", answer
        return json.loads(answer["result"]["value"])

    async def reload(self) -> None:
        """Load the page anew, as a person would."""
        await self._command("browsingContext.reload", context=self._context, wait="complete")

    async def _until(self, selector: str, holds: str, within_ms: float, then: str = "") -> None:
        found = f"const found = document.querySelector({json.dumps(selector)});"
        looks = f"() => {{ {found} if (!({holds})) return false; {then}; return true; }}"
        async with asyncio.timeout(within_ms / 1000):
            while not await self.evaluate(looks):  # noqa: ASYNC110 (a page tells nobody)
                await asyncio.sleep(0.05)

    async def runs_first(self, function: str) -> None:
        """Call a function in every page before its own scripts."""
        if not self._context:
            await self.open("about:blank")
        await self._command("script.addPreloadScript", functionDeclaration=function)

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
                if said.get("method") == "log.entryAdded":
                    self._heeds(said["params"])
                if said.get("id") == number:
                    assert said["type"] == "success", said
                    return said["result"]

    def _heeds(self, entry: dict[str, Any]) -> None:
        if entry["level"] == "error":
            self.complaints.append(str(entry["text"]))


@asynccontextmanager
async def firefox(
    tone_hz: float = 1000.0, authority: Path | None = None
) -> AsyncIterator[FirefoxPage]:
    """A Firefox with a profile of its own, gone at the end; its microphone hears a tone.

    `authority` is one more that its profile trusts, as PEM.
    """
    assert FIREFOX is not None
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        _write_preferences(Path(folder), tone_hz)
        if authority is not None:
            await trust(Path(folder), authority)
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


async def trust(database: Path, authority: Path) -> None:
    """Have one browser profile trust an authority (PEM): both browsers keep theirs as NSS does."""
    for words in (("-N", "--empty-password"), ("-A", "-n", "tests", "-t", "C,,", "-i", authority)):
        process = await asyncio.create_subprocess_exec(
            "certutil", *words[:1], "-d", f"sql:{database}", *words[1:]
        )
        assert await process.wait() == 0


def _write_preferences(profile: Path, tone_hz: float) -> None:
    wanted = {**_PREFERENCES, "media.navigator.audio.fake_frequency": int(tone_hz)}
    lines = [f"user_pref({json.dumps(n)}, {json.dumps(v)});" for n, v in wanted.items()]
    (profile / "user.js").write_text("\n".join(lines))


async def _address(said: asyncio.StreamReader) -> str:
    while line := await said.readline():
        if found := _LISTENS.search(line):
            return found[1].decode()
    raise AssertionError("Firefox ended before it listened")
