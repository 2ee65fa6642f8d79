"""A call goes on: through the death of the server, a frozen page, and another network."""

import asyncio
import json
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.async_api import Page, WebSocket

from clients.union import credentials, keyring
from signaling.encoding import encode
from tests.relay.serving import free_port
from tests.system.ends import (
    KEEP_CONNECTIONS,
    DoctorOnPage,
    PatientOnPage,
    chromium,
    until,
)
from tests.system.test_pages import SOCKETS, finds_the_network, loses_the_network
from tests.unions import CARD, AUnion

HOUSE = Path(__file__).parents[2]
PATIENT_CODE, DOCTOR_CODE = 0x5A31, 0xC3E6
DAYS = 3
QUEUE = "medecine-generale"
SEED = b"doctor's seed".ljust(32)
SECRET = encode(bytes(range(32)))

# What a person would have seen of the call since it began: each state of its page and path, once.
KEEP_STATES = """
  window.__seen = [];
  const look = () => {
    const main = document.querySelector('main');
    const call = document.querySelector('.call');
    const line = document.querySelector('[data-banner]');
    const seen = [main?.dataset.state, call?.dataset.flow, line?.dataset.banner ?? ''].join(' ');
    if (window.__seen.at(-1) !== seen) window.__seen.push(seen);
  };
  new MutationObserver(look).observe(document, {
    subtree: true, childList: true, attributes: true,
    attributeFilter: ['data-state', 'data-flow', 'data-banner'],
  });
"""


class Service:
    """`teleconsult serve` as a process that may die: the same union, port and secret each time."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.origin = f"http://localhost:{self.port}"
        self.union = AUnion(audience=self.origin)
        self._folder = folder
        self._process: asyncio.subprocess.Process | None = None
        now = int(time.time())
        request = keyring.Keyring(SEED).request(now // credentials.DAY_S - 1, DAYS)
        self.union.vouch(request, CARD, (QUEUE,), now=now - 1)
        self.union.publish(folder, now=now)
        link = self.union.pool_link(QUEUE, now - 1, now + 3_600)
        self.patient = f"{self.origin}/#{link}"
        self.doctor = f"{self.origin}/doctor#{keyring.write(SEED)}"

    async def starts(self) -> None:
        """Begin with nothing but what is on the disk, and be reachable."""
        words = ["serve", "--port", str(self.port), "--origins", self.origin, "--relay", "none"]
        words += ["--rebuild-s", "1"]  # a first start has nobody to wait for
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", "from deploy.command import main; main()", *words),
            *("--trust", str(self._folder)),
            cwd=HOUSE,
            env=_environment(
                {"TELECONSULT_INSTALLATION_SECRET": SECRET, "TELECONSULT_METRICS_PORT": "0"}
            ),
            stdout=asyncio.subprocess.PIPE,
        )
        assert self._process.stdout is not None
        line = await self._process.stdout.readline()
        assert line, "the service ended before it began"

    async def dies(self) -> None:
        """End without a word, as by a fault or a power cut."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.communicate()


def _environment(more: Mapping[str, str]) -> dict[str, str]:
    bare = {name: value for name, value in os.environ.items() if "TELECONSULT" not in name}
    return {**bare, "PYTHONPATH": str(HOUSE), "PYTHONUNBUFFERED": "1", **more}


def sessions_of(page: Page) -> list[str]:
    """The session of each `accepted` that the page hears, as it happens."""
    heard: list[str] = []

    def hears(frame: str | bytes) -> None:
        message = json.loads(frame)
        if message["type"] == "accepted":
            heard.append(message["session"])

    def opens(socket: WebSocket) -> None:
        socket.on("framereceived", hears)

    page.on("websocket", opens)
    return heard


@dataclass
class Call:
    """Two browsers in a call, over a service that may die."""

    service: Service
    patient: PatientOnPage[Page]
    doctor: DoctorOnPage[Page]
    sessions: dict[str, list[str]] = field(default_factory=dict)

    @property
    def pages(self) -> tuple[Page, Page]:
        return self.patient.page, self.doctor.page

    async def begins(self) -> None:
        await self.patient.waits()
        await self.doctor.goes_on_duty()
        await self.doctor.calls_next()
        await self.patient.accepts()
        await self.see_each_other()
        await asyncio.gather(*(is_calm(page) for page in self.pages))
        for page in self.pages:
            await page.evaluate("() => { window.__seen.splice(0); }")

    async def see_each_other(self) -> None:
        await asyncio.gather(self.patient.sees(DOCTOR_CODE), self.doctor.sees(PATIENT_CODE))

    async def is_found_again(self) -> None:
        """Wait until both are in one session again, as before."""
        first = self.sessions["patient"][0]

        async def is_whole() -> bool:
            return all(heard[-1] == first and len(heard) > 1 for heard in self.sessions.values())

        await until(is_whole, f"the session is another or none: {self.sessions}", within_s=60)
        await asyncio.gather(*(is_online(page) for page in self.pages))


async def is_calm(page: Page) -> None:
    await page.wait_for_selector(".call[data-flow=live]")


async def is_online(page: Page) -> None:
    await page.wait_for_selector("main[data-state=session][data-online=true]", timeout=60_000)


async def seen(page: Page) -> list[str]:
    found: list[str] = await page.evaluate("() => window.__seen")
    return found


async def has_one_connection(page: Page) -> bool:
    """The very connection that the call began with, and no other."""
    made: list[int] = await page.evaluate("() => [connections.length, openConnections().length]")
    return made == [1, 1]


@asynccontextmanager
async def a_call(folder: Path) -> AsyncIterator[Call]:
    async with AsyncExitStack() as stack:
        service = Service(folder / "trust")
        stack.push_async_callback(service.dies)
        await service.starts()
        _, patient = await stack.enter_async_context(chromium(PATIENT_CODE, folder))
        _, doctor = await stack.enter_async_context(chromium(DOCTOR_CODE, folder))
        call = Call(
            service,
            PatientOnPage(patient, service.patient, PATIENT_CODE),
            DoctorOnPage(doctor, service.doctor, DOCTOR_CODE),
        )
        for name, page in (("patient", patient), ("doctor", doctor)):
            call.sessions[name] = sessions_of(page)
            await page.add_init_script(f"({KEEP_CONNECTIONS})()")
            await page.add_init_script(KEEP_STATES)
            await page.add_init_script(SOCKETS)
        await call.begins()
        yield call


@pytest.fixture
async def call(tmp_path: Path) -> AsyncIterator[Call]:
    """A call in which each sees the other."""
    async with a_call(tmp_path) as made:
        yield made


async def test_a_call_outlives_the_death_of_the_server(call: Call) -> None:
    """Killed and begun again with nothing, it has the same session again; no picture stops."""
    await call.service.dies()
    for page in call.pages:
        await page.wait_for_selector("[data-banner=server]")
    await call.see_each_other()

    await call.service.starts()
    await call.is_found_again()

    await call.see_each_other()
    for page in call.pages:
        assert await seen(page) == ["session live server", "session live "]
        assert await has_one_connection(page)
    await call.patient.hangs_up()
    await asyncio.gather(call.patient.is_over(), call.doctor.is_over())


@pytest.mark.parametrize("late", ["patient", "doctor"])
async def test_who_is_back_first_waits_for_the_other(call: Call, late: str) -> None:
    """Alone in the session at first, he asks for nobody's consent and ends nothing."""
    its, other = call.pages if late == "patient" else call.pages[::-1]
    await loses_the_network(its)
    await call.service.dies()
    await other.wait_for_selector("[data-banner=server]")
    await call.service.starts()
    await is_online(other)
    await call.see_each_other()

    await finds_the_network(its)
    await call.is_found_again()

    await call.see_each_other()
    for page in call.pages:
        assert {line.rpartition(" ")[0] for line in await seen(page)} == {"session live"}
        assert await has_one_connection(page)
    await call.doctor.hangs_up()
    await asyncio.gather(call.patient.is_over(), call.doctor.is_over())


async def test_a_frozen_page_finds_its_call_again(call: Call) -> None:
    """A page that the browser froze knows nothing of a server that died meanwhile."""
    asleep = call.patient.page
    developer = await asleep.context.new_cdp_session(asleep)
    await developer.send("Page.setWebLifecycleState", {"state": "frozen"})
    await call.service.dies()
    await call.doctor.page.wait_for_selector("[data-banner=server]")
    await call.service.starts()
    await is_online(call.doctor.page)

    await developer.send("Page.setWebLifecycleState", {"state": "active"})

    await call.is_found_again()
    await call.see_each_other()


async def test_a_machine_that_sleeps_goes_on_where_it_was(call: Call) -> None:
    """Every process of its browser stands still, as when a lid is closed."""
    processes = await _processes_of(call.patient.page)
    await asyncio.to_thread(_signal, processes, signal.SIGSTOP)
    try:
        await call.doctor.page.wait_for_selector(".call[data-flow=interrupted]", timeout=30_000)
        await call.doctor.page.wait_for_selector(".notice", timeout=30_000)
    finally:
        await asyncio.to_thread(_signal, processes, signal.SIGCONT)

    await asyncio.gather(*(is_calm(page) for page in call.pages))
    await call.see_each_other()
    assert call.sessions["patient"][0] == call.sessions["doctor"][-1]


async def _processes_of(page: Page) -> list[int]:
    """The processes of the browser of a page."""
    browser = page.context.browser
    assert browser is not None
    developer = await browser.new_browser_cdp_session()
    told = await developer.send("SystemInfo.getProcessInfo")
    return [int(process["id"]) for process in told["processInfo"]]


def _signal(processes: list[int], number: signal.Signals) -> None:
    for process in processes:
        os.kill(process, number)
