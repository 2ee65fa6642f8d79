"""What the pages promise around a call: reloads, other windows, other browsers, nothing kept."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Page

from deploy.demo import Addresses, demonstration
from signaling.journal import Journal
from tests.system.ends import (
    KEEP_CONNECTIONS,
    DoctorOnPage,
    HeadlessPatient,
    PatientOnPage,
    chromium,
    until,
    words_of,
)

PATIENT_CODE, DOCTOR_CODE, OTHER_CODE = 0x5A31, 0xC3E6, 0x16B4

STORED = """async () => ({
  local: localStorage.length,
  session: sessionStorage.length,
  cookie: document.cookie,
  databases: (await indexedDB.databases()).length,
  caches: (await caches.keys()).length,
  workers: (await navigator.serviceWorker.getRegistrations()).length,
})"""


@dataclass
class Stage:
    """A demonstration with a patient's browser and a doctor's, each with a window open."""

    addresses: Addresses
    patient: PatientOnPage[Page]
    doctor: DoctorOnPage[Page]

    async def meet(self) -> None:
        """Bring both into a call in which each sees the other."""
        await self.patient.waits()
        await self.doctor.goes_on_duty()
        await self.doctor.calls_next()
        await self.patient.accepts()
        await self.see_each_other()

    async def see_each_other(self) -> None:
        await asyncio.gather(
            self.patient.sees(self.doctor.code), self.doctor.sees(self.patient.code)
        )


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """Two browsers and a service; at the end no page has complained."""
    async with AsyncExitStack() as stack:
        addresses = await stack.enter_async_context(demonstration({"port": "0"}, Journal()))
        _, patient = await stack.enter_async_context(chromium(PATIENT_CODE, tmp_path))
        _, doctor = await stack.enter_async_context(chromium(DOCTOR_CODE, tmp_path))
        made = Stage(
            addresses,
            PatientOnPage(patient, addresses.patient, PATIENT_CODE),
            DoctorOnPage(doctor, addresses.doctor, DOCTOR_CODE),
        )
        yield made
        assert made.patient.complaints + made.doctor.complaints == []


async def place_of(page: Page) -> str | None:
    return await page.get_attribute("main", "data-place")


async def test_a_reload_in_the_queue_keeps_the_place(stage: Stage) -> None:
    """The same page comes back by itself, to the same place, before later patients."""
    await stage.patient.waits()
    async with asyncio.timeout(20):
        other = await stage.patient.page.context.new_page()
        second = PatientOnPage(other, stage.addresses.patient, OTHER_CODE)
        await second.waits()
        await until(lambda: _is(place_of(other), "2"), "the second patient is not second")

        await stage.patient.page.reload()

        await stage.patient.is_at("waiting")
        await until(
            lambda: _is(place_of(stage.patient.page), "1"), "the reloaded page lost its place"
        )
        assert await place_of(other) == "2"


async def test_a_reload_in_the_call_comes_back_to_it(stage: Stage) -> None:
    """The fragment's secrets bring the patient back into the consultation, by itself."""
    await stage.meet()

    await stage.patient.page.reload()

    await stage.patient.is_at("session")
    await stage.see_each_other()


async def test_a_doctor_who_reloads_comes_back_to_the_call(stage: Stage) -> None:
    """The doctor's page knocks, the patient's answers with a fresh M1, the call goes on."""
    await stage.meet()

    await stage.doctor.page.reload()

    await stage.doctor.is_at("session")
    await stage.see_each_other()
    assert await stage.patient.digits() == await stage.doctor.digits()


async def test_a_second_window_takes_over_and_gives_back(stage: Stage) -> None:
    """The newer window wins, the older says so and fights back only when asked to."""
    await stage.patient.waits()
    address = stage.patient.page.url
    window = await stage.patient.page.context.new_page()
    newer = PatientOnPage(window, address, PATIENT_CODE)

    await newer.waits()
    await stage.patient.is_at("replaced")

    await stage.patient.clicks("take-back")
    await stage.patient.is_at("waiting")
    await newer.is_at("replaced")


async def test_open_in_another_browser_takes_the_place_along(stage: Stage, tmp_path: Path) -> None:
    """The address, fragment and all, opened elsewhere is the same patient."""
    await stage.patient.waits()

    async with chromium(OTHER_CODE, tmp_path) as (_, elsewhere):
        there = PatientOnPage(elsewhere, stage.patient.page.url, OTHER_CODE)
        await there.waits()
        await stage.patient.is_at("replaced")

        await stage.doctor.goes_on_duty()
        await stage.doctor.calls_next()
        await there.accepts()
        await stage.doctor.sees(OTHER_CODE)


async def test_the_link_alone_does_not_lead_into_a_running_call(
    stage: Stage, tmp_path: Path
) -> None:
    """Who has read the link enters the queue as another patient, not the consultation."""
    await stage.meet()

    async with chromium(OTHER_CODE, tmp_path) as (_, elsewhere):
        reader = PatientOnPage(elsewhere, stage.addresses.patient, OTHER_CODE)
        await reader.waits()

        assert await place_of(elsewhere) is not None
    await stage.see_each_other()


async def test_without_the_resume_secret_the_doctor_is_asked(stage: Stage, tmp_path: Path) -> None:
    """The holder secret alone brings the page back, but the doctor's stops and asks."""
    await stage.doctor.page.add_init_script(f"({KEEP_CONNECTIONS})()")
    await stage.meet()
    assert await stage.doctor.page.evaluate(IS_SENDING)
    without_resume = "~".join(
        part for part in stage.patient.page.url.split("~") if not part.startswith("r=")
    )

    async with chromium(OTHER_CODE, tmp_path) as (_, elsewhere):
        await PatientOnPage(elsewhere, without_resume, OTHER_CODE).opens()
        await stage.doctor.page.wait_for_selector("#continue")
        assert await stage.doctor.page.query_selector("#end")
        assert not await stage.doctor.page.evaluate(IS_SENDING)

        await stage.doctor.clicks("continue")
        # Nor does that page know whom its patient had accepted.
        await elsewhere.click("#accept-again")
        await stage.doctor.sees(OTHER_CODE)


async def test_a_doctor_who_lost_the_secret_is_asked_and_ends_nothing(stage: Stage) -> None:
    """An address copied before the call leads back into it, after a click."""
    await stage.meet()
    before_the_call = stage.doctor.page.url.split("~r=")[0]
    await stage.doctor.page.goto("about:blank")

    await stage.doctor.page.goto(before_the_call)
    await stage.doctor.clicks("devices-ready")

    await stage.doctor.clicks("continue")
    await stage.see_each_other()


async def test_a_doctor_away_for_long_is_on_duty_again_after_the_call(tmp_path: Path) -> None:
    """The server took him off duty meanwhile; his page tells it that he wants to go on."""
    async with AsyncExitStack() as stack:
        # A page renews every 10 s: below that no doctor would stay on duty.
        settings = {"port": "0", "awake_s": "12"}
        addresses = await stack.enter_async_context(demonstration(settings, Journal()))
        _, page = await stack.enter_async_context(chromium(DOCTOR_CODE, tmp_path))
        await page.add_init_script(SOCKETS)
        doctor = DoctorOnPage(page, addresses.doctor, DOCTOR_CODE)
        patient = HeadlessPatient(addresses.patient, PATIENT_CODE)
        stack.push_async_callback(patient.peer.close)
        await patient.waits()
        await doctor.goes_on_duty()
        await doctor.calls_next()
        await patient.accepts()
        await doctor.is_at("session")

        await loses_the_network(page)
        watcher = HeadlessPatient(addresses.patient, OTHER_CODE)
        stack.push_async_callback(watcher.peer.close)
        await watcher.waits()
        await until(lambda: _is_there(watcher, 0), "the doctor is still on duty", within_s=30)
        await finds_the_network(page)

        await until(lambda: _is_there(watcher, 1), "the doctor is off duty", within_s=30)


async def test_giving_up_without_the_network_is_carried_out_later(stage: Stage) -> None:
    """The page says that it is leaving, tells the server on return, and is over then."""
    await stage.patient.page.add_init_script(SOCKETS)
    await stage.patient.waits()
    await stage.doctor.goes_on_duty()
    await stage.doctor.page.wait_for_selector("main[data-waiting='1']")
    await loses_the_network(stage.patient.page)

    await stage.patient.clicks("give-up")
    await stage.patient.is_at("leaving")
    await finds_the_network(stage.patient.page)

    await stage.patient.is_at("ended")
    await stage.doctor.page.wait_for_selector("main[data-waiting='0']")


async def test_a_wake_lock_that_comes_late_delays_nothing_and_is_given_back(stage: Stage) -> None:
    """The call does not wait for the screen, nor does the screen stay lit for no call."""
    for end in (stage.patient, stage.doctor):
        await end.page.add_init_script(LATE_WAKE_LOCK)

    await stage.meet()
    await stage.patient.hangs_up()
    await stage.patient.is_over()

    await stage.patient.page.evaluate("() => window.__light()")
    await stage.patient.page.wait_for_function("() => window.__released === 1")


async def test_an_ice_restart_renews_the_path_and_keeps_the_picture(stage: Stage) -> None:
    """Browser to browser: new ICE credentials on both sides, the same connection."""
    for end in (stage.patient, stage.doctor):
        await end.page.add_init_script(f"({KEEP_CONNECTIONS})()")
    await stage.meet()
    before = await asyncio.gather(*(ufrag(end.page) for end in (stage.patient, stage.doctor)))

    await stage.patient.page.evaluate("() => openConnections().at(-1).restartIce()")

    async def is_renewed() -> bool:
        now = await asyncio.gather(*(ufrag(end.page) for end in (stage.patient, stage.doctor)))
        return all(a != b for a, b in zip(before, now, strict=True))

    await until(is_renewed, "the ICE credentials are the old ones")
    await stage.see_each_other()
    for end in (stage.patient, stage.doctor):
        assert await end.page.evaluate("() => openConnections().length") == 1


async def test_nobody_on_the_way_reads_who_speaks(stage: Stage) -> None:
    """Browsers would say beside the encrypted sound how loud it is (RFC 6464)."""
    for end in (stage.patient, stage.doctor):
        await end.page.add_init_script(f"({KEEP_CONNECTIONS})()")
    await stage.meet()

    for end in (stage.patient, stage.doctor):
        told = await end.page.evaluate(EXTENSIONS)
        assert told != []
        assert not [name for name in told if "audio-level" in name]


async def test_a_lost_socket_in_the_call_leaves_the_picture_alone(stage: Stage) -> None:
    """Media does not need the server; the page comes back to its session by the pass."""
    await stage.patient.page.add_init_script(SOCKETS)
    await stage.meet()

    await loses_the_network(stage.patient.page)
    await stage.see_each_other()
    await finds_the_network(stage.patient.page)

    await stage.patient.page.wait_for_selector("main[data-state=session][data-online=true]")
    await stage.patient.hangs_up()
    await stage.doctor.is_over()


async def test_nothing_is_left_after_good_bye(stage: Stage) -> None:
    """The fragment is cleared, every storage is empty, camera and microphone are off."""
    await stage.meet()
    assert "~h=" in stage.patient.page.url and "~r=" in stage.patient.page.url

    await stage.doctor.hangs_up()
    await stage.patient.is_over()

    assert urlsplit(stage.patient.page.url).fragment == ""
    for end in (stage.patient, stage.doctor):
        assert await end.page.evaluate(STORED) == {
            "local": 0,
            "session": 0,
            "cookie": "",
            "databases": 0,
            "caches": 0,
            "workers": 0,
        }
    live = "() => [...document.querySelectorAll('video')].some(v => v.srcObject?.active)"
    assert not await stage.patient.page.evaluate(live)


async def test_pages_ask_nobody_but_their_own_server(stage: Stage) -> None:
    """Every request of a whole consultation goes to the one origin, without a referrer."""
    asked: list[tuple[str, str | None]] = []
    for end in (stage.patient, stage.doctor):
        end.page.on("request", lambda r: asked.append((r.url, r.headers.get("referer"))))
        end.page.on("websocket", lambda w: asked.append((w.url, None)))

    await stage.meet()
    await stage.patient.hangs_up()
    await stage.patient.is_over()

    own = urlsplit(stage.addresses.patient).netloc
    assert asked
    assert {urlsplit(url).netloc for url, _ in asked if not url.startswith("data:")} == {own}
    assert not any(referrer for _, referrer in asked)
    assert not any(urlsplit(url).query for url, _ in asked)


@pytest.mark.parametrize("step", ["waiting", "proposed"])
async def test_a_patient_may_leave_or_decline_at_every_step(stage: Stage, step: str) -> None:
    """Giving up and asking for another doctor work, and the doctor's page says so."""
    await stage.patient.waits()
    await stage.doctor.goes_on_duty()
    if step == "waiting":
        await stage.patient.clicks("give-up")
        await stage.patient.is_at("ended")
        await stage.doctor.page.wait_for_selector("#call-next:disabled")
        return

    await stage.doctor.calls_next()
    await stage.patient.is_at("proposed")
    await stage.patient.clicks("decline")

    await stage.patient.is_at("waiting")
    await stage.doctor.is_at("on")


async def test_a_doctor_without_keys_is_shown_how_to_enrol(stage: Stage) -> None:
    """The page opened without a keyring makes this device's keys; a damaged one is said."""
    page = stage.doctor.page
    await page.goto(stage.addresses.doctor.split("#")[0])
    await stage.doctor.is_at("device")
    await page.wait_for_selector("#enrol")

    await page.goto("about:blank")
    await page.goto(stage.addresses.doctor[:-4] + "AAAA")
    await stage.doctor.is_at("unable")


async def test_a_doctors_own_link_is_made_in_the_page_and_leads_there(stage: Stage) -> None:
    """From the form to the call: the link opens once, and its secret is in both ends' keys."""
    await stage.doctor.goes_on_duty()
    await stage.doctor.clicks("links")
    await stage.doctor.page.click("main .primary")
    stage.patient.url = await stage.doctor.page.input_value("textarea")
    await stage.doctor.clicks("back")
    assert len(stage.patient.url) <= 260 and stage.patient.url.count(".") == 3

    await stage.patient.waits()
    await stage.doctor.calls_next()
    await stage.patient.accepts()
    await stage.see_each_other()
    assert await stage.patient.digits() == await stage.doctor.digits()

    await stage.patient.hangs_up()
    await stage.patient.is_over()
    await stage.patient.page.goto("about:blank")
    await stage.patient.page.goto(stage.patient.url)
    await stage.patient.clicks("consent")
    await stage.patient.clicks("about-ready")
    await stage.patient.is_at("refused")
    assert "déjà servi" in await words_of(stage.patient.page)


# A browser that is told to be offline keeps the sockets it has: these can be lost, and no
# other be had until the network is found again.
SOCKETS = """
  const Native = window.WebSocket;
  const live = new Set();
  let isAway = false;
  window.WebSocket = class extends Native {
    constructor(...args) {
      if (isAway) {
        const never = { readyState: Native.CONNECTING, close() {} };
        live.add(never);
        return never;
      }
      super(...args);
      live.add(this);
    }
  };
  const lose = () => {
    for (const socket of live) { socket.close(); socket.onclose?.({ code: 1006 }); }
    live.clear();
  };
  window.__lose = () => { isAway = true; lose(); };
  window.__find = () => { isAway = false; lose(); };
"""

LATE_WAKE_LOCK = """
  window.__released = 0;
  const lock = { release: async () => { window.__released += 1; } };
  const late = new Promise((resolve) => { window.__light = () => resolve(lock); });
  Object.defineProperty(navigator, "wakeLock", { value: { request: () => late } });
"""


EXTENSIONS = """() => openConnections().at(-1).getSenders()
  .flatMap((sender) => sender.getParameters().headerExtensions.map(({ uri }) => uri))"""


IS_SENDING = """() => openConnections().at(-1).getSenders().some(
  (sender) => sender.track && sender.track.enabled && sender.track.readyState === 'live'
)"""


async def loses_the_network(page: Page) -> None:
    """Lose the socket for as long as the network is not found again."""
    await page.evaluate("() => window.__lose()")
    await page.wait_for_selector("main[data-online=false]")


async def finds_the_network(page: Page) -> None:
    """Let the page connect again, which it does by itself."""
    await page.evaluate("() => window.__find()")


async def ufrag(page: Page) -> str:
    """Return the ICE user fragment that the live connection uses."""
    found: str = await page.evaluate(
        "() => openConnections().at(-1).currentLocalDescription.sdp"
        ".match(/a=ice-ufrag:(.+)/)[1].trim()"
    )
    return found


async def _is_there(watcher: HeadlessPatient, doctors: int) -> bool:
    return watcher.peer.doctors == doctors


async def _is(asked: Awaitable[str | None], wanted: str) -> bool:
    return await asked == wanted
