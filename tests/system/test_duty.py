"""A doctor's duty and a patient's phone, in real browsers: pause, bell, picking, tabs, sleep."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.async_api import Page

from deploy.demo import Addresses, demonstration
from signaling.journal import Journal
from tests.system.ends import (
    DoctorOnPage,
    HeadlessPatient,
    PatientOnPage,
    chromium,
    until,
    words_of,
)
from tests.system.phone import Phone

PATIENT_CODE, DOCTOR_CODE, OTHER_CODE, THIRD_CODE = 0x5A31, 0xC3E6, 0x16B4, 0x2B71

# What the page does to be heard and seen, counted; it goes on doing it.
COUNT = """
  window.heard = { notes: 0, badge: null, said: [], lit: 0, renewed: 0 };
  const send = WebSocket.prototype.send;
  WebSocket.prototype.send = function (text) {
    if (text.includes('"type":"renew"')) window.heard.renewed += 1;
    return send.call(this, text);
  };
  const start = OscillatorNode.prototype.start;
  OscillatorNode.prototype.start = function (...when) {
    window.heard.notes += 1;
    return start.apply(this, when);
  };
  navigator.setAppBadge = async (count) => { window.heard.badge = count; };
  navigator.clearAppBadge = async () => { window.heard.badge = 0; };
  window.Notification = class {
    static permission = "default";
    static async requestPermission() { return (this.permission = "granted"); }
    constructor(text) { window.heard.said.push(text); }
    close() {}
  };
  Object.defineProperty(navigator, "wakeLock", {
    value: {
      request: async () => {
        window.heard.lit += 1;
        return (window.heard.lock = { release: async () => { window.heard.lit -= 1; } });
      },
    },
  });
"""


NO_WAKE_LOCK = "Object.defineProperty(navigator, 'wakeLock', { value: undefined })"


@dataclass
class Place:
    """A service with a doctor's browser, and as many patients as are asked for."""

    addresses: Addresses
    doctor: DoctorOnPage[Page]
    _stack: AsyncExitStack
    _folder: Path
    _codes: int = 0x3000

    async def waits(self, url: str | None = None) -> HeadlessPatient:
        """Let a headless patient wait."""
        self._codes += 1
        patient = HeadlessPatient(url or self.addresses.patient, self._codes)
        self._stack.push_async_callback(patient.peer.close)
        await patient.waits()
        return patient

    async def opens(
        self, url: str | None = None, code: int = PATIENT_CODE, first: str = COUNT
    ) -> PatientOnPage[Page]:
        """Let a patient wait with a browser of his own."""
        _, page = await self._stack.enter_async_context(chromium(code, self._folder))
        await page.add_init_script(first)
        patient = PatientOnPage(page, url or self.addresses.patient, code)
        await patient.waits()
        return patient

    async def lies_by(self, url: str | None = None) -> PatientOnPage[Phone]:
        """Let a patient wait with a phone, which can be put aside."""
        browser, _ = await self._stack.enter_async_context(chromium(THIRD_CODE, self._folder))
        patient = PatientOnPage(
            await Phone.of(browser, COUNT), url or self.addresses.patient, THIRD_CODE
        )
        await patient.waits()
        return patient

    async def sees_waiting(self, count: int) -> None:
        await self.doctor.page.wait_for_selector(f"main[data-waiting='{count}']")


@asynccontextmanager
async def a_place(folder: Path, **settings: str) -> AsyncIterator[Place]:
    """At the end the doctor's page has complained of nothing."""
    async with AsyncExitStack() as stack:
        chosen = {"port": "0", "queues": "medecine-generale,pediatrie", **settings}
        addresses = await stack.enter_async_context(demonstration(chosen, Journal()))
        _, page = await stack.enter_async_context(chromium(DOCTOR_CODE, folder))
        doctor = DoctorOnPage(page, addresses.doctor, DOCTOR_CODE)
        yield Place(addresses, doctor, stack, folder)
        assert doctor.complaints == []


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    async with a_place(tmp_path) as made:
        yield made


@pytest.fixture
async def hasty(tmp_path: Path) -> AsyncIterator[Place]:
    """A service that soon takes somebody for asleep. A page renews every 10 s: not below that."""
    async with a_place(tmp_path, awake_s="12", heartbeat_s="3") as made:
        yield made


STOP_TIMERS = """() => {
  const last = setInterval(() => {}, 1e6);
  for (let id = 1; id <= last; id += 1) clearInterval(id);
}"""


async def told(page: Page, doctors: int) -> str:
    """What a waiting patient reads once so many doctors are on duty."""
    await page.wait_for_selector(f"main[data-state=waiting][data-doctors='{doctors}']")
    return await words_of(page)


async def test_a_pause_is_told_to_those_who_wait_and_ends_by_one_tap(place: Place) -> None:
    """The doctor is off the count at once, keeps his queues, and is back on it."""
    patient = await place.opens()
    await place.doctor.goes_on_duty()
    await place.doctor.page.uncheck("[data-queue=pediatrie]")
    await told(patient.page, 1)

    await place.doctor.clicks("duty-pause")
    await place.doctor.is_at("paused")
    assert "Aucun médecin" in await told(patient.page, 0)

    await place.doctor.clicks("resume")
    await place.doctor.is_at("on")
    await told(patient.page, 1)
    assert not await place.doctor.page.is_checked("[data-queue=pediatrie]")


async def test_the_last_patient_is_seen_and_the_others_are_told(place: Place) -> None:
    """Both on the pool and on the doctor's own link; they keep their places."""
    last = await place.waits()
    pool = await place.opens()
    own = await place.opens(place.addresses.own, OTHER_CODE)
    await place.doctor.goes_on_duty()
    await told(own.page, 1)

    await place.doctor.clicks("duty-draining")
    await told(pool.page, 1)
    await place.doctor.calls_next()
    await last.accepts()
    await place.doctor.is_at("session")

    assert "Votre médecin n’est pas de garde" in await told(own.page, 0)
    assert "Aucun médecin" in await told(pool.page, 0)
    for page in (pool.page, own.page):
        assert await page.get_attribute("main", "data-place") == "1"
    await place.doctor.hangs_up()
    await place.doctor.is_at("off")
    assert "Dernier patient vu" in await words_of(place.doctor.page)


async def test_a_pause_asked_for_in_the_call_comes_after_it(place: Place) -> None:
    """Whoever waits is told in the call already; the doctor is paused when he hangs up."""
    seen = await place.waits()
    other = await place.opens()
    await place.doctor.goes_on_duty()
    await place.doctor.calls_next()
    await seen.accepts()
    await place.doctor.is_at("session")

    await place.doctor.clicks("duty-pause")
    await told(other.page, 0)
    await place.doctor.hangs_up()

    await place.doctor.is_at("paused")
    await place.doctor.clicks("resume")
    await told(other.page, 1)


async def test_a_reload_changes_nothing_of_the_duty(place: Place) -> None:
    """Wish and queues are in the page's own entry of the history, and nowhere else."""
    await place.doctor.goes_on_duty()
    await place.doctor.page.uncheck("[data-queue=pediatrie]")
    await place.doctor.clicks("duty-pause")
    await place.doctor.is_at("paused")

    await place.doctor.page.reload()
    await place.doctor.clicks("devices-ready")

    await place.doctor.is_at("paused")
    assert not await place.doctor.page.is_checked("[data-queue=pediatrie]")


async def test_who_came_by_the_own_link_is_picked_and_nobody_else(place: Place) -> None:
    """There is one button for it, in that row; the pool has only its next."""
    first = await place.waits()
    own = await place.waits(place.addresses.own)
    await place.doctor.goes_on_duty()
    await place.sees_waiting(2)

    picks = await place.doctor.page.query_selector_all("td button")
    assert len(picks) == 1
    await picks[0].click()
    await own.accepts()

    await place.doctor.sees(own.code)
    assert first.peer.place == 1


async def test_a_first_patient_is_heard_and_seen_once(place: Place) -> None:
    """Sound, banner, title and badge; a note of the system's only to whoever asked, when hidden."""
    browser = place.doctor.page.context.browser
    assert browser is not None
    page = await Phone.of(browser, COUNT)
    await DoctorOnPage(page, place.addresses.doctor, DOCTOR_CODE).goes_on_duty()
    await page.click("#notes", timeout=20_000)
    await until(lambda: _is(page, "heard.said.length === 1"), "the page does not show it can")
    await page.lies_aside(is_stopped=False)
    # It may have looked for another socket: it has a board again once it answers one.
    answered = await page.evaluate("heard.renewed")
    await until(lambda: _is(page, f"heard.renewed > {answered}"), "the page is gone", 40)

    await place.waits()
    await page.wait_for_selector("[data-arrival=first]", timeout=20_000)
    await until(lambda: _is(page, "heard.badge === 1"), "the badge counts nobody")
    assert await page.evaluate("heard.notes") == 3
    assert await page.evaluate("heard.said.at(-1)") == "Un patient attend"
    assert await page.evaluate("document.title") == "(1) Un patient attend"

    await place.waits()
    await until(lambda: _is(page, "heard.badge === 2"), "the badge does not count two")
    assert await page.evaluate("heard.notes") == 3
    await place.waits(place.addresses.own)
    await until(lambda: _is(page, "heard.said.length === 3"), "the own link is not announced")
    assert await page.evaluate("heard.notes") == 6


async def test_a_doctor_who_wants_no_sound_has_none(place: Place) -> None:
    """The banner is there all the same."""
    await place.doctor.page.add_init_script(COUNT)
    await place.doctor.goes_on_duty()
    await place.doctor.page.uncheck("#loud")

    await place.waits()

    await place.doctor.page.wait_for_selector("[data-arrival=first]")
    assert await place.doctor.page.evaluate("heard.notes") == 0


async def test_ctrl_enter_calls_the_next(place: Place) -> None:
    """One key, for whoever looks at something else of the page."""
    await place.waits()
    await place.doctor.goes_on_duty()
    await place.sees_waiting(1)

    await place.doctor.page.keyboard.press("Control+Enter")

    await place.doctor.is_at("calling")


async def test_two_tabs_of_one_doctor_do_not_fight(place: Place) -> None:
    """The newer one works, the older says so and stays quiet until it is asked to take over."""
    await place.doctor.goes_on_duty()
    other = await place.doctor.page.context.new_page()
    newer = DoctorOnPage(other, place.addresses.doctor, DOCTOR_CODE)
    await newer.goes_on_duty()
    await place.doctor.is_at("replaced")
    assert "autre fenêtre" in await words_of(place.doctor.page)
    watcher = await place.opens()
    await told(watcher.page, 1)

    # Each loss of a socket would be a chance to fight.
    await place.doctor.page.evaluate("dispatchEvent(new Event('online'))")
    await newer.page.evaluate("dispatchEvent(new Event('online'))")
    await place.doctor.clicks("take-back")

    await place.doctor.is_at("on")
    await newer.is_at("replaced")
    await told(watcher.page, 1)
    assert newer.complaints == []


async def test_a_call_follows_to_the_newer_tab_and_back(place: Place) -> None:
    """A page that does not know the patient asks before it shows or sends anything."""
    patient = await place.opens()
    await place.doctor.goes_on_duty()
    await place.doctor.calls_next()
    await patient.accepts()
    await place.doctor.sees(patient.code)
    other = await place.doctor.page.context.new_page()
    newer = DoctorOnPage(other, place.addresses.doctor, DOCTOR_CODE)

    await other.goto(newer.url)
    await newer.clicks("devices-ready")
    await place.doctor.is_at("replaced")
    await newer.clicks("continue")
    await newer.sees(patient.code)

    await place.doctor.clicks("take-back")
    await newer.is_at("replaced")
    await place.doctor.clicks("continue")
    await asyncio.gather(place.doctor.sees(patient.code), patient.sees(DOCTOR_CODE))


async def test_a_page_that_was_stopped_comes_back_to_its_place_at_once(hasty: Place) -> None:
    """Longer than the server waits for a sign of life: asleep, and before later patients still."""
    sleeper = await hasty.lies_by()
    await hasty.waits()
    await hasty.doctor.goes_on_duty()
    await hasty.sees_waiting(2)

    await sleeper.page.lies_aside(is_stopped=True)
    await hasty.doctor.page.wait_for_selector("tr.asleep", timeout=40_000)
    await sleeper.page.is_taken_up()

    await hasty.doctor.page.wait_for_selector("tr.asleep", state="detached")
    assert await sleeper.page.evaluate("document.querySelector('main').dataset.place") == "1"
    await hasty.doctor.calls_next()
    await sleeper.accepts()
    await hasty.doctor.sees(sleeper.code)


async def test_a_hidden_page_stays_awake_by_the_servers_heartbeat(hasty: Place) -> None:
    """Timers of a hidden page are slowed, its socket is not: it answers, and rings when called."""
    patient = await hasty.lies_by()
    # What is left is the server's heartbeat.
    await patient.page.evaluate(STOP_TIMERS)
    await patient.page.lies_aside(is_stopped=False)
    before = await patient.page.evaluate("heard.renewed")

    await until(
        lambda: _is(patient.page, f"heard.renewed > {before}"),
        "the hidden page does not answer the server",
        within_s=40,
    )
    await hasty.doctor.goes_on_duty()
    await hasty.doctor.calls_next()

    await until(
        lambda: _is(patient.page, "document.title.includes('vous appelle')"),
        "the title does not say that a doctor calls",
    )
    assert await patient.page.evaluate("heard.notes") > 2
    said = "document.querySelector('[data-testid=called]').textContent"
    assert await patient.page.evaluate(said) == "Un médecin vous appelle"


async def test_the_screen_is_kept_lit_from_the_waiting_room_to_good_bye(place: Place) -> None:
    """And asked for again when the page is seen again, for a browser takes it back meanwhile."""
    patient = await place.lies_by()
    await until(lambda: _is(patient.page, "heard.lit === 1"), "the screen is not kept lit")

    await patient.page.lies_aside(is_stopped=False)
    await patient.page.evaluate("heard.lock.onrelease()")
    await patient.page.is_taken_up()
    await until(lambda: _is(patient.page, "heard.lit === 2"), "it is not asked for again")

    await patient.clicks("give-up")
    await patient.is_over()
    await until(lambda: _is(patient.page, "heard.lit === 1"), "the screen is lit for nothing")


async def test_a_browser_that_keeps_no_screen_lit_says_so(place: Place) -> None:
    """Then the patient touches it from time to time."""
    patient = await place.opens(first=NO_WAKE_LOCK)

    await patient.page.wait_for_selector("[data-testid=unlit]")


async def _is(page: Page | Phone, expression: str) -> bool:
    return bool(await page.evaluate(expression))
