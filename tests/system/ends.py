"""Both roles at all kinds of end, with the same verbs: a page in a browser, a headless peer.

A test says who does what and does not care which end does it. `sees` and `hears` read
what was decoded at that end: the far end's own picture and tone, not a counter.
"""

import asyncio
import base64
import io
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Generic, Literal, Protocol, TypeVar

import av
import numpy as np
from playwright.async_api import Browser, ConsoleMessage, Page, async_playwright

from clients.peer.doctor import Doctor
from clients.peer.media_files import write_wav, write_y4m
from clients.peer.patient import Patient
from clients.peer.pattern import Samples, cells_of, heard_hz, is_tone_of, read, tone_hz
from tests.firefox import FirefoxPage, firefox, trust

Kind = Literal["chromium", "firefox", "aiortc"]

CHROMIUM = "/usr/bin/chromium"
FLAGS = (
    "--no-sandbox",  # tests run as root in places where they must
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
    "--autoplay-policy=document-user-activation-required",
)
WITHIN_S = 20.0

# Of each far end that the page shows, in the order in which it shows them.
GRAB_PICTURES = """() => [...document.querySelectorAll('.tile video')].flatMap((video) => {
  if (!video.videoWidth) return [];
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [video.videoWidth, video.videoHeight];
  const context = canvas.getContext('2d');
  context.drawImage(video, 0, 0);
  const rgba = context.getImageData(0, 0, canvas.width, canvas.height).data;
  const grey = new Uint8Array(canvas.width * canvas.height);
  for (let i = 0; i < grey.length; i++) grey[i] = rgba[4 * i + 1];
  let text = '';
  for (let i = 0; i < grey.length; i += 8192)
    text += String.fromCharCode(...grey.subarray(i, i + 8192));
  return [{ width: canvas.width, height: canvas.height, grey: btoa(text) }];
})"""

# Recorded and not analysed in the page: without a loudspeaker Firefox lets no sound into Web Audio.
GRAB_SOUNDS = """async () =>
  Promise.all([...document.querySelectorAll('.tile video')].map(async (video) => {
  const tracks = video.srcObject?.getAudioTracks() ?? [];
  if (tracks.length === 0) return '';
  const recorder = new MediaRecorder(new MediaStream(tracks));
  const parts = [];
  recorder.ondataavailable = ({ data }) => parts.push(data);
  const stopped = new Promise((resolve) => (recorder.onstop = resolve));
  recorder.start();
  await new Promise((resolve) => setTimeout(resolve, 700));
  recorder.stop();
  await stopped;
  const bytes = new Uint8Array(await new Blob(parts).arrayBuffer());
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
}))"""


# Only looked at: what the page makes is what it would make.
KEEP_CONNECTIONS = """() => {
  const Real = globalThis.RTCPeerConnection;
  if (!Real) return;
  globalThis.connections = [];
  globalThis.openConnections = () =>
    globalThis.connections.filter(({ connectionState }) => connectionState !== 'closed');
  globalThis.RTCPeerConnection = class extends Real {
    constructor(...given) {
      super(...given);
      globalThis.connections.push(this);
    }
  };
}"""

# Of each connection that has one: the candidates between which media pass, and all others found.
PATHS = """async () => {
  const paths = [];
  for (const connection of globalThis.connections ?? []) {
    if (connection.connectionState !== 'connected') continue;
    const all = [...(await connection.getStats()).values()];
    const pair = all.find(({ type, nominated, state, selected }) =>
      type === 'candidate-pair' && state === 'succeeded' && (nominated || selected));
    const named = (id) => all.find((one) => one.id === id);
    paths.push({
      local: named(pair?.localCandidateId)?.candidateType ?? null,
      far: named(pair?.remoteCandidateId)?.candidateType ?? null,
      over: named(pair?.localCandidateId)?.relayProtocol ?? null,
      found: [...new Set(all.filter(({ type }) => type === 'local-candidate')
        .map(({ candidateType }) => candidateType))],
      told: [...new Set(all.filter(({ type }) => type === 'remote-candidate')
        .map(({ candidateType }) => candidateType))],
    });
  }
  return paths;
}"""

# What a page says to the server.
KEEP_WORDS = """() => {
  globalThis.said = [];
  const send = WebSocket.prototype.send;
  WebSocket.prototype.send = function (text) {
    globalThis.said.push(text);
    send.call(this, text);
  };
}"""
PATH_SAID = """() => globalThis.said.map((text) => JSON.parse(text))
  .filter(({ type, what }) => type === 'leave' && what === 'session')
  .map(({ path }) => path ?? null)"""


async def listens_to_good_byes(end: object) -> None:
    """Note what the page that is opened next says to the server."""
    assert isinstance(end, PatientOnPage | DoctorOnPage)
    if isinstance(end.page, FirefoxPage):
        await end.page.runs_first(KEEP_WORDS)
    else:
        await end.page.add_init_script(f"({KEEP_WORDS})()")


async def paths_said(end: object) -> object:
    """What a page said of its media in its good-byes."""
    assert isinstance(end, PatientOnPage | DoctorOnPage)
    return await end.page.evaluate(PATH_SAID)


def shown(grabbed: dict[str, Any]) -> int | None:
    """Read the code in a picture that a page grabbed; None where there is none."""
    grey = np.frombuffer(base64.b64decode(grabbed["grey"]), dtype=np.uint8)
    return read(grey.reshape(grabbed["height"], grabbed["width"]))


def sounds(recorded: bytes) -> Iterator[tuple[Samples, int]]:
    """Cut what a page recorded into pieces of a tenth of a second, each with its rate."""
    with av.open(io.BytesIO(recorded), "r") as container:
        resampler = av.AudioResampler(format="flt", layout="mono", rate=48_000)
        parts = [
            piece.to_ndarray().reshape(-1)
            for frame in container.decode(audio=0)
            for piece in resampler.resample(frame)
        ]
    samples = np.concatenate(parts).astype(np.float64) if parts else np.zeros(0)
    for at in range(0, len(samples) - 4800, 2400):
        yield samples[at : at + 4800], 48_000


class End(Protocol):
    """What every end can do in a call."""

    code: int

    async def sees(self, code: int) -> None: ...
    async def hears(self, code: int) -> None: ...
    async def hangs_up(self) -> None: ...
    async def is_over(self) -> None: ...
    async def digits(self) -> str: ...


class PatientEnd(End, Protocol):
    async def waits(self) -> None: ...
    async def accepts(self) -> None: ...


class DoctorEnd(End, Protocol):
    async def goes_on_duty(self) -> None: ...
    async def calls_next(self) -> None: ...


async def until(
    holds: Callable[[], Awaitable[bool]],
    what: str,
    within_s: float = WITHIN_S,
) -> None:
    """Ask again and again whether something has come about, for a while.

    Raises:
        AssertionError: it has not.
    """
    loop = asyncio.get_running_loop()
    deadline = loop.time() + within_s
    while not await holds():
        assert loop.time() < deadline, what
        await asyncio.sleep(0.05)


class Tab(Protocol):
    """What is asked of a browser's tab: Playwright's `Page` and `FirefoxPage` have it."""

    async def goto(self, url: str) -> Any: ...
    async def click(self, selector: str, *, timeout: float) -> Any: ...  # noqa: ASYNC109
    async def wait_for_selector(
        self,
        selector: str,
        *,
        timeout: float,  # noqa: ASYNC109
    ) -> Any: ...
    async def evaluate(self, expression: str) -> Any: ...


# Two frames, and what is done after them.
SETTLED = """() => new Promise((done) =>
  requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done))))"""


async def words_of(page: Page, selector: str = "main") -> str:
    """What a page says; its status regions are filled a moment after they are there."""
    await page.evaluate(SETTLED)
    return await page.inner_text(selector)


def complaints_of(page: Page) -> list[str]:
    """What goes wrong in a tab of Chromium, as it happens."""
    complaints: list[str] = []

    def heeds(line: ConsoleMessage) -> None:
        if line.type == "error":
            complaints.append(line.text)

    page.on("console", heeds)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    return complaints


async def unfolds(page: Tab, id_: str) -> None:
    """Open what is behind « Plus », where that is where a button is."""
    folded = f"details.more:not([open]):has(#{id_})"
    await page.wait_for_selector(f"#{id_}, {folded} > summary", timeout=WITHIN_S * 1000)
    await page.evaluate(f"() => document.querySelector('{folded}')?.setAttribute('open', '')")


T = TypeVar("T", bound=Tab)


class _OnPage(Generic[T]):
    """What a patient's and a doctor's page have in common."""

    def __init__(self, page: T, url: str, code: int, complaints: list[str] | None = None) -> None:
        self.page = page
        self.url = url
        self.code = code
        self.complaints = complaints_of(page) if isinstance(page, Page) else complaints or []

    async def paths(self) -> list[dict[str, Any]]:
        """Over what its connections go, and which candidates each end told the other of."""
        found: list[dict[str, Any]] = []

        async def names_each() -> bool:
            # A browser's statistics name the pair a moment after its packets flow.
            found[:] = await self.page.evaluate(PATHS)
            return all(path["local"] and path["far"] for path in found)

        await until(names_each, "the statistics name no pair of candidates")
        return found

    async def is_at(self, *states: str) -> None:
        """Wait until the page is in one of these states."""
        wanted = ",".join(f"main[data-state={state}]" for state in states)
        await self.page.wait_for_selector(wanted, timeout=WITHIN_S * 1000)

    async def clicks(self, id_: str) -> None:
        await unfolds(self.page, id_)
        await self.page.click(f"#{id_}", timeout=WITHIN_S * 1000)

    async def sees(self, code: int) -> None:
        async def holds() -> bool:
            return any(code == shown(one) for one in await self.page.evaluate(GRAB_PICTURES))

        await until(holds, f"the page does not show {code:04x}")

    async def hears(self, code: int) -> None:
        async def holds() -> bool:
            return any(
                is_tone_of(code, heard_hz(*piece))
                for recorded in await self.page.evaluate(GRAB_SOUNDS)
                if recorded
                for piece in sounds(base64.b64decode(recorded))
            )

        await until(holds, f"the page does not play the tone of {code:04x}")

    async def hangs_up(self) -> None:
        await self.clicks("hang-up")

    async def digits(self) -> str:
        """The six digits beside the closed lock."""
        await self.page.wait_for_selector("[data-locked=true]", timeout=WITHIN_S * 1000)
        shown = await self.page.evaluate(
            "() => document.querySelector('[data-locked=true]').dataset.digits"
        )
        return str(shown)


class PatientOnPage(_OnPage[T]):
    """A patient with a phone's browser."""

    async def waits(self) -> None:
        await self.opens()
        await self.is_at("waiting")

    async def opens(self) -> None:
        """Open the address on a page that was never in: it asks first, whatever that says."""
        await self.page.goto(self.url)
        await self.clicks("consent")
        await self.clicks("about-ready")

    async def accepts(self) -> None:
        await self.is_at("proposed")
        await self.clicks("accept")
        await self.is_at("session")

    async def is_over(self) -> None:
        await self.is_at("ended")


class DoctorOnPage(_OnPage[T]):
    """A doctor with a browser."""

    async def goes_on_duty(self) -> None:
        await self.page.goto(self.url)
        await self.clicks("devices-ready")
        await self.clicks("go-on-duty")
        await self.is_at("on")

    async def calls_next(self) -> None:
        await self.clicks("call-next")
        await self.is_at("calling", "session")

    async def is_over(self) -> None:
        await self.is_at("on")


class GuestOnPage(_OnPage[T]):
    """Somebody whom one of the two asked to join, with a browser."""

    async def opens(self) -> None:
        await self.page.goto(self.url)
        await self.clicks("consent")
        await self.clicks("devices-ready")

    async def joins(self) -> None:
        await self.opens()
        await self.is_at("session")

    async def is_over(self) -> None:
        await self.is_at("ended")


class _OnPeer:
    """What a headless patient and a headless doctor have in common."""

    def __init__(self, peer: Patient | Doctor) -> None:
        self.code = peer.code
        self._peer = peer

    async def sees(self, code: int) -> None:
        await self._peer.sink.saw(code)

    async def hears(self, code: int) -> None:
        await self._peer.sink.heard(code)

    async def hangs_up(self) -> None:
        await self._peer.hang_up()

    async def is_over(self) -> None:
        await self._peer.waits_for_the_end(WITHIN_S)

    async def digits(self) -> str:
        return self._peer.digits or ""


class HeadlessPatient(_OnPeer):
    """A patient on aiortc."""

    def __init__(self, url: str, code: int) -> None:
        self.peer = Patient(url, code=code)
        super().__init__(self.peer)

    async def waits(self) -> None:
        await self.peer.enter()

    async def accepts(self) -> None:
        await self.peer.waits_for_call()
        await self.peer.accepts()


class HeadlessDoctor(_OnPeer):
    """A doctor on aiortc."""

    def __init__(self, url: str, code: int) -> None:
        self.peer = Doctor(url, code=code)
        super().__init__(self.peer)

    async def goes_on_duty(self) -> None:
        await self.peer.enter()
        await self.peer.goes_on_duty()

    async def calls_next(self) -> None:
        await self.peer.calls_next()


@asynccontextmanager
async def chromium(
    code: int,
    folder: Path,
    *flags: str,
    authority: Path | None = None,
    program: str = CHROMIUM,
    **context: object,
) -> AsyncIterator[tuple[Browser, Page]]:
    """A Chromium whose camera shows a code and whose microphone hears its tone.

    `authority` is one more that it trusts, as PEM.
    """
    home = folder / f"home-{code:04x}"
    if authority is not None:
        database = home / ".pki" / "nssdb"
        await asyncio.to_thread(database.mkdir, parents=True)
        await trust(database, authority)
    film, tone = folder / f"{code:04x}.y4m", folder / f"{code:04x}.wav"
    write_y4m(film, code)
    write_wav(tone, code)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=program,
            args=[
                *FLAGS,
                f"--use-file-for-fake-video-capture={film}",
                f"--use-file-for-fake-audio-capture={tone}",
                *flags,
            ],
            env={**os.environ, "HOME": str(home)} if authority else None,
        )
        try:
            pages = await browser.new_context(locale="fr-FR", **context)  # type: ignore[arg-type]
            yield browser, await pages.new_page()
        finally:
            await browser.close()


@asynccontextmanager
async def a_tab(
    kind: Kind, code: int, folder: Path, authority: Path | None = None
) -> AsyncIterator[tuple[Tab, list[str]]]:
    """A tab of a browser whose camera shows a code, and what it will complain about."""
    if kind == "chromium":
        async with chromium(code, folder, authority=authority) as (_, page):
            await page.add_init_script(f"({KEEP_CONNECTIONS})()")
            yield page, complaints_of(page)
    else:
        async with firefox(tone_hz(code), authority) as page:
            await page.shows_as_camera(cells_of(code).tolist())
            await page.runs_first(KEEP_CONNECTIONS)
            yield page, page.complaints


@asynccontextmanager
async def patient_end(
    kind: Kind, url: str, code: int, folder: Path, authority: Path | None = None
) -> AsyncIterator[PatientEnd]:
    """A patient of any kind, gone at the end."""
    if kind == "aiortc":
        headless = HeadlessPatient(url, code)
        try:
            yield headless
        finally:
            await headless.peer.close()
        return
    async with a_tab(kind, code, folder, authority) as (page, complaints):
        yield PatientOnPage(page, url, code, complaints)
        assert complaints == []


@asynccontextmanager
async def doctor_end(
    kind: Kind, url: str, code: int, folder: Path, authority: Path | None = None
) -> AsyncIterator[DoctorEnd]:
    """A doctor of any kind, gone at the end."""
    if kind == "aiortc":
        headless = HeadlessDoctor(url, code)
        try:
            yield headless
        finally:
            await headless.peer.close()
        return
    async with a_tab(kind, code, folder, authority) as (page, complaints):
        yield DoctorOnPage(page, url, code, complaints)
        assert complaints == []
