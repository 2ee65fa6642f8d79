"""The doctor's page before and around a practice: what no longer holds, and what was not had.

The pages as they are built, a real server, and a device that is enrolled by its own clicks.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from playwright.async_api import Page, async_playwright

from clients.union.credentials import Card, Role
from signaling.server import listening_sockets
from signaling.settings import PAGES
from tests.firefox import FIREFOX, firefox
from tests.serving import SEED, Signaling, serving
from tests.system.ends import CHROMIUM, FLAGS
from tests.unions import CARD

WITHIN_MS = 15_000
RESUMES = "#~r=" + "A" * 22
COUNT_GESTURES = """
globalThis.gestures = 0;
if (navigator.credentials) {
  const own = navigator.credentials.get.bind(navigator.credentials);
  navigator.credentials.get = (...words) => { globalThis.gestures += 1; return own(...words); };
}
"""


@pytest.fixture
async def signaling() -> AsyncIterator[Signaling]:
    async with serving(PAGES) as running:
        yield running


@pytest.fixture
async def page() -> AsyncIterator[Page]:
    """A tab of Chromium; a fault of the program fails the test."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS])
        try:
            tab = await browser.new_page()
            tab.set_default_timeout(WITHIN_MS)
            errors: list[str] = []
            tab.on("pageerror", lambda error: errors.append(str(error)))
            await tab.add_init_script(COUNT_GESTURES)
            yield tab
            assert errors == []
        finally:
            await browser.close()


async def enrols(
    page: Page,
    signaling: Signaling,
    card: Card = CARD,
    queues: tuple[str, ...] | None = None,
    role: Role = "doctor",
) -> None:
    """Enrol this device, by the doctor's own clicks, and see that the union vouches for it."""
    # The union's clock is the test's; the page's own is real.
    await page.clock.install(time=signaling.now)
    await page.goto(f"{signaling.origin}/doctor")
    await page.click("#enrol")
    await page.wait_for_selector("#request")
    # Else the page might find the answer by itself, and the button be gone.
    await page.wait_for_selector("#look:enabled")
    text = await page.input_value("#request")
    queues = signaling.settings.queues if queues is None else queues
    is_doctor = role == "doctor"
    signaling.union.vouch(text, card, queues, is_doctor, signaling.now - 1, role)
    signaling.union.publish(signaling.trust, now=signaling.now)
    await page.click("#look")
    await page.wait_for_selector("#enrolled-go")


async def is_at(page: Page, state: str, enrolment: str | None = None) -> None:
    more = "" if enrolment is None else f"[data-enrolment={enrolment}]"
    await page.wait_for_selector(f"main[data-state={state}]{more}")


async def goes_in(page: Page) -> None:
    """From the screen of devices to the one before duty."""
    await page.click("#devices-ready")
    await is_at(page, "off")


async def test_a_bundle_that_holds_no_more_is_said_and_may_be_forgotten(
    page: Page, signaling: Signaling
) -> None:
    """It is no trouble of the network, for which a page would wait for ever."""
    await enrols(page, signaling)
    await page.route("**/unions.json", lambda route: route.fulfill(json={"v": 1, "unions": []}))

    await page.reload()

    await is_at(page, "device", "failed")
    await page.click("#forget")
    await page.click("#forget-yes")
    await is_at(page, "device", "none")


async def test_a_keyring_whose_bundle_does_not_open_is_no_address(
    page: Page, signaling: Signaling
) -> None:
    url = signaling.doctor_address(SEED)
    for path in signaling.trust.glob("*/bundles/*.bin"):
        path.write_bytes(bytes(b ^ (at % 4096 == 4095) for at, b in enumerate(path.read_bytes())))

    await page.goto(url)

    await is_at(page, "unable")


async def test_keys_of_staff_are_told_where_they_belong(page: Page, signaling: Signaling) -> None:
    """In an address, and on a device, which shows whose it is and may be forgotten."""
    staff = Card("Sacha Martin", "Équipe")
    address = signaling.doctor_address(SEED, staff, (), has_links=False, role="staff")
    await page.clock.install(time=signaling.now)
    await page.goto(address)
    await is_at(page, "not-a-doctor")
    assert "Sacha Martin" in await page.inner_text("main")
    assert await page.locator("main button").count() == 0

    await enrols(page, signaling, staff, (), "staff")
    await page.click("#enrolled-go")
    await is_at(page, "not-a-doctor")
    await page.click("#device")
    await is_at(page, "device", "enrolled")
    await page.click("#forget")
    await page.click("#forget-yes")

    await is_at(page, "device", "none")


async def test_a_forgotten_device_is_no_practice_on_the_way_back(
    page: Page, signaling: Signaling
) -> None:
    await enrols(page, signaling)
    await page.click("#enrolled-go")
    await goes_in(page)
    await page.click("#device")
    await is_at(page, "device", "enrolled")
    await page.click("#back")
    await is_at(page, "off")
    await page.click("#device")
    await page.click("#forget")
    await page.click("#forget-yes")
    await is_at(page, "device", "none")

    await page.click("#back")

    await is_at(page, "device", "none")
    assert await page.locator("#back").count() == 0, "the page began anew, without a practice"


async def test_a_consultation_is_gone_back_to_by_one_tap(page: Page, signaling: Signaling) -> None:
    """No browser asks for a gesture before the doctor has clicked."""
    cdp = await page.context.new_cdp_session(page)
    await cdp.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    made = await cdp.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    await enrols(page, signaling)
    await page.goto("about:blank")

    await page.goto(f"{signaling.origin}/doctor{RESUMES}")
    await is_at(page, "coming-back")
    assert await page.evaluate("gestures") == 0
    who = {"authenticatorId": made["authenticatorId"]}
    await cdp.send("WebAuthn.setUserVerified", {**who, "isUserVerified": False})
    await page.click("#come-back")
    await page.wait_for_selector("main[data-state=coming-back] [role=alert]")
    await cdp.send("WebAuthn.setUserVerified", {**who, "isUserVerified": True})
    await page.click("#come-back")

    await is_at(page, "devices")
    assert await page.evaluate("gestures") == 2


async def test_without_a_passkey_a_page_goes_back_by_itself(
    page: Page, signaling: Signaling
) -> None:
    await page.goto(signaling.doctor_address(SEED) + RESUMES[1:])

    await is_at(page, "devices")


@asynccontextmanager
async def refusing_once(part: str) -> AsyncIterator[tuple[str, list[int]]]:
    """A server of the pages whose first answer to a part of the program is 503."""
    answers: list[int] = []

    async def answer(request: web.Request) -> web.StreamResponse:
        name = request.match_info["name"]
        if part in name:
            answers.append(200 if answers else 503)
            if answers == [503]:
                return web.Response(status=503)
        return web.FileResponse(PAGES / ("doctor.html" if name == "doctor" else name))

    app = web.Application()
    app.router.add_get("/{name:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    (listener,) = listening_sockets("127.0.0.1", 0)
    try:
        await web.SockSite(runner, listener).start()
        yield f"http://localhost:{listener.getsockname()[1]}", answers
    finally:
        await runner.cleanup()


async def test_a_part_that_was_not_had_once_is_had_by_a_page_anew() -> None:
    """Firefox would not ask for it a second time while the page lives."""
    assert FIREFOX is not None, "`make test` installs firefox-esr, or says how"
    async with refusing_once("practice-") as (origin, answers), firefox() as tab:
        await tab.open(f"{origin}/doctor")

        await tab.wait_for_selector("#enrol", timeout=WITHIN_MS)

        assert answers == [503, 200]
