"""A doctor's device in real browsers, with a real server and a union that answers.

What the device shows is read by the union's tool, and what the union writes is used by the
device: nothing stands in for either. The pages' views are driven as a doctor would.
"""

import json
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, async_playwright

from clients.peer.capabilities import WAITED_MAX_S
from clients.union import credentials, keyring, links, requests, tokens
from clients.union.encoding import decode, encode, thumbprint
from clients.union.keys import public_key
from signaling.admission import holder_of
from signaling.capability import parse
from tests.firefox import FIREFOX, firefox
from tests.house.tree import ROOT
from tests.serving import Signaling, serving
from tests.system.ends import CHROMIUM, FLAGS, until
from tests.unions import CARD

CALL = "(text) => globalThis.device(text)"
SEED = bytes(range(32))
DAY_S = credentials.DAY_S
WITHIN_MS = 10_000
TAKE_CURVES_AWAY = """
for (const name of crypto.subtle ? ['generateKey', 'importKey'] : []) {
  const own = crypto.subtle[name].bind(crypto.subtle);
  crypto.subtle[name] = async (...words) => {
    if (words.some((word) => /25519/.test(word?.name ?? word)))
      throw new DOMException('', 'NotSupportedError');
    return own(...words);
  };
}
"""


@dataclass
class Device:
    """The page of a doctor's device."""

    call: Callable[[str], Awaitable[str]]
    open_: Callable[[str], Awaitable[Any]]
    url: str
    tab: Page | None = None

    async def __call__(self, name: str, *words: object) -> Any:
        answer = json.loads(await self.call(json.dumps([name, *words])))
        assert "value" in answer, answer
        return answer["value"]

    async def code(self, name: str, *words: object) -> str | None:
        """What is refused; None where nothing is."""
        answer: dict[str, str] = json.loads(await self.call(json.dumps([name, *words])))
        return answer.get("refused")

    async def is_at(self, name: str, look: str | None = None) -> dict[str, Any]:
        """Wait for a state, and return it."""
        state: dict[str, Any] = {}

        async def holds() -> bool:
            nonlocal state
            state = await self("state")
            return state["name"] == name and look in (None, state.get("look"))

        await until(holds, f"the device to be {name}")
        return state

    async def reload(self) -> None:
        await self.open_("about:blank")
        await self.open_(self.url)

    async def asks(self) -> str:
        """Enrol until the request is shown."""
        await self.is_at("none")
        await self("click", "enrol")
        text: str = (await self.is_at("asked", "not-yet"))["asked"]["request"]
        return text


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The views as Vite builds them, and a page around them, in a folder of their own."""
    folder = tmp_path_factory.mktemp("practice")
    command = ["run", "--silent", "build:test-entry", "--", "--outDir", str(folder)]
    done = subprocess.run(
        ["python3", str(ROOT / "deploy" / "bootstrap.py"), "npm", *command],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


@pytest.fixture
async def signaling(built: Path) -> AsyncIterator[Signaling]:
    async with serving(built) as running:
        yield running


@asynccontextmanager
async def device_in(engine: str, signaling: Signaling) -> AsyncIterator[Device]:
    """The page in this browser; one that broke its policy or its program fails."""
    url = f"{signaling.origin}/practice?now={signaling.now}"
    if engine == "firefox":
        assert FIREFOX is not None, "`make test` installs firefox-esr, or says how"
        async with firefox() as page:
            await page.open(url)
            yield Device(lambda text: page.call(CALL, text), page.open, url)
        return
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS])
        try:
            tab = await browser.new_page(viewport={"width": 360, "height": 740})
            errors: list[str] = []
            tab.on("pageerror", lambda error: errors.append(str(error)))
            await tab.goto(url)
            yield Device(lambda text: tab.evaluate(CALL, text), tab.goto, url, tab)
            assert errors == []
        finally:
            await browser.close()


@pytest.fixture(params=["chromium", "firefox"])
async def device(request: pytest.FixtureRequest, signaling: Signaling) -> AsyncIterator[Device]:
    async with device_in(request.param, signaling) as page:
        yield page
        assert await page("violations") == []


@pytest.fixture
async def chromium(signaling: Signaling) -> AsyncIterator[Device]:
    async with device_in("chromium", signaling) as page:
        yield page


def tab_of(device: Device) -> Page:
    assert device.tab is not None
    return device.tab


async def enrolled(device: Device, signaling: Signaling, has_links: bool = True) -> str:
    """Enrol a device, and return its request."""
    text = await device.asks()
    answer(signaling, text, has_links)
    await device("click", "look")
    await device.is_at("enrolled")
    return text


def answer(signaling: Signaling, text: str, has_links: bool = True) -> None:
    """The union answers a request, and publishes."""
    signaling.union.vouch(
        text, CARD, signaling.settings.queues, has_links=has_links, now=signaling.now - 1
    )
    signaling.union.publish(signaling.trust, now=signaling.now)


async def test_a_device_enrols_and_is_one_after_a_reload(
    device: Device, signaling: Signaling
) -> None:
    """The union's tool reads the request; the page finds the answer and proves the day's key."""
    text = await enrolled(device, signaling)
    request = requests.read(text)
    state = await device.is_at("enrolled")
    assert state["summary"]["device"] == request.device
    assert state["vouched"]["card"] == {"name": CARD.name, "specialty": CARD.specialty}

    await device.reload()

    assert (await device.is_at("enrolled"))["isNew"] is False
    practice = await device("device", signaling.now)
    assert practice["union"] == signaling.union.public.name
    entry = await device("entry", signaling.now, "challenge")
    claims = tokens.unchecked(entry["token"])
    day = signaling.now // DAY_S - request.first_day
    assert claims["cnf"]["jkt"] == entry["key"] == thumbprint(request.day_keys[day])
    assert holder_of(entry["proof"], "challenge", signaling.origin, entry["token"]) == entry["key"]
    papers = await device("papers", signaling.now)
    assert tokens.unchecked(papers["identity"])["handle"] == request.handle


async def test_nothing_that_the_device_keeps_can_be_read(
    device: Device, signaling: Signaling
) -> None:
    """The store holds keys that sign and derive, and that nobody takes out; forgetting wipes."""
    await enrolled(device, signaling)
    assert await device("stores") == ["teleconsult"]
    assert (await device("readable"), await device("seeds")) == ([], 0)

    await device("click", "forget")
    await until(lambda: has(device, "forget-yes"), "the question")
    await device("click", "forget-yes")

    await device.is_at("none")
    assert await device("device", signaling.now) == "not-enrolled"


async def has(device: Device, id_: str) -> bool:
    """Tell whether something with this id is shown: what is not there is not clicked."""
    shown: bool = await device("has", id_)
    return shown


async def test_a_link_made_here_opens_for_its_holder_alone(
    device: Device, signaling: Signaling
) -> None:
    """The server's own reader takes the capability; doctor and patient get the same PSK of it."""
    await enrolled(device, signaling)
    await device("device", signaling.now)

    url = await device("link", signaling.now, signaling.now + 3600, 1)

    assert url.startswith(f"{signaling.origin}/#cap1.")
    prefix, body, secret, root = url.partition("#")[2].split(".")
    token = f"{prefix}.{body}"
    capability = parse(token)
    made = links.secrets_of(decode(secret))
    assert capability.is_signed_by(capability.signer)
    assert (capability.holder, root) == (encode(made.holder), signaling.union.id)
    now = signaling.now
    assert await device("check", token, encode(made.holder), now) == encode(made.psk)
    assert await device.code("check", token, encode(bytes(16)), now) == "token"
    # Whoever came in time may have waited for hours.
    over = now + 3600 + WAITED_MAX_S
    assert await device("check", token, encode(made.holder), over - 1) == encode(made.psk)
    assert await device.code("check", token, encode(made.holder), over) == "token"


async def test_a_union_that_gave_no_handle_gives_no_link(
    chromium: Device, signaling: Signaling
) -> None:
    await enrolled(chromium, signaling, has_links=False)
    await chromium("device", signaling.now)

    assert await chromium("link", signaling.now, signaling.now + 3600, 1) is None


async def test_a_renewal_leaves_no_day_without_a_credential(
    device: Device, signaling: Signaling
) -> None:
    """Same device and link keys, fresh days; until the answer is there the old ones serve."""
    first = requests.read(await enrolled(device, signaling))
    before = await device("device", signaling.now)

    text = await device("renew", signaling.now + 25 * DAY_S)
    assert await device("device", signaling.now) == before
    assert await device("entry", signaling.now, "c") is not None
    renewed = requests.read(text)
    answer(signaling, text)
    await device.reload()
    await device.is_at("enrolled", "none")

    after = await device("device", signaling.now)
    assert after["endsAt"] - before["endsAt"] == (renewed.first_day - first.first_day) * DAY_S
    assert (renewed.device_key, renewed.link_key) == (first.device_key, first.link_key)
    assert not set(renewed.day_keys) & set(first.day_keys)


async def test_a_renewal_that_is_due_is_asked_for_when_the_practice_opens(
    chromium: Device, signaling: Signaling
) -> None:
    """The request lies ready when the doctor comes to hand it on, and is not made twice."""
    await enrolled(chromium, signaling)
    await chromium("device", signaling.now)
    assert await chromium("asked") is None

    await chromium("device", signaling.now + 25 * DAY_S)
    await until(lambda: is_asked(chromium), "the request")
    request = await chromium("asked")
    await chromium("device", signaling.now + 25 * DAY_S)
    await chromium.reload()

    state = await chromium.is_at("enrolled", "not-yet")
    assert state["summary"]["asked"]["request"] == request == await chromium("asked")


async def is_asked(device: Device) -> bool:
    return await device("asked") is not None


async def test_a_device_that_the_union_took_back_hears_it(
    chromium: Device, signaling: Signaling
) -> None:
    """Before any patient does: with the list that patients would see."""
    await enrolled(chromium, signaling)
    await chromium("device", signaling.now)
    papers = await chromium("papers", signaling.now)
    jti = tokens.unchecked(papers["identity"])["jti"]

    signaling.union.publish(signaling.trust, [jti], now=signaling.now)

    assert await chromium.code("papers", signaling.now) is None, "a list is kept for an hour"
    assert await chromium.code("papers", signaling.now + 3600) == "revoked"


async def test_trouble_of_the_network_is_told_from_no_answer(
    chromium: Device, signaling: Signaling
) -> None:
    await chromium.asks()

    await tab_of(chromium).context.set_offline(True)
    await chromium("click", "look")
    await chromium.is_at("asked", "offline")
    await tab_of(chromium).context.set_offline(False)
    await chromium("click", "look")

    await chromium.is_at("asked", "not-yet")


async def test_the_answer_to_another_device_is_none(chromium: Device, signaling: Signaling) -> None:
    """A bundle in the file that is not ours is not even tried."""
    text = await chromium.asks()
    answer(signaling, keyring.Keyring(SEED).request(signaling.now // DAY_S, 3))

    await chromium("click", "look")

    assert (await chromium.is_at("asked", "not-yet"))["asked"]["request"] == text


async def test_a_keyring_in_an_address_is_a_practice_too(
    device: Device, signaling: Signaling
) -> None:
    assert await device("seed", encode(SEED), signaling.now) == "no-bundle"

    signaling.doctor_address(SEED)

    practice = await device("seed", encode(SEED), signaling.now)
    assert practice["card"] == {"name": CARD.name, "specialty": CARD.specialty}
    entry = await device("entry", signaling.now, "challenge")
    day = signaling.now // DAY_S
    assert entry["key"] == thumbprint(public_key(keyring.Keyring(SEED).day_seed(day)))
    assert await device("entry", signaling.now + 40 * DAY_S, "challenge") is None


async def test_a_passkey_is_asked_for_at_enrolment_and_each_day(
    chromium: Device, signaling: Signaling
) -> None:
    """Where the device has one: the request names it, and the papers carry the gesture."""
    cdp = await tab_of(chromium).context.new_cdp_session(tab_of(chromium))
    await cdp.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    await cdp.send("WebAuthn.addVirtualAuthenticator", {"options": options})

    text = await enrolled(chromium, signaling)
    await chromium("device", signaling.now)
    papers = await chromium("papers", signaling.now)

    assert requests.read(text).passkey is not None
    assert "passkey" in tokens.unchecked(papers["identity"])
    assert papers["gesture"] is not None

    # A server that says it is another day changes nothing; the device's own clock does.
    days = [signaling.now, signaling.now + 3 * DAY_S]
    signaling.union.publish(signaling.trust, now=days[1])
    made = [(await chromium("papers", days[1], own))["gesture"] for own in days]

    assert made[0] == papers["gesture"] != made[1]


async def test_a_browser_without_the_curves_enrols_too(
    chromium: Device, signaling: Signaling
) -> None:
    """The library's keys are kept as seeds, and go the same way to the same proof."""
    await tab_of(chromium).add_init_script(TAKE_CURVES_AWAY)
    await chromium.reload()

    request = requests.read(await enrolled(chromium, signaling))
    await chromium.reload()
    await chromium("device", signaling.now)

    entry = await chromium("entry", signaling.now, "c")
    assert holder_of(entry["proof"], "c", signaling.origin, entry["token"]) == entry["key"]
    assert entry["key"] in {thumbprint(key) for key in request.day_keys}
    assert await chromium("seeds") > 2, "else the browser had the curves after all"


async def test_a_link_is_printed_alone(chromium: Device, signaling: Signaling) -> None:
    """On paper: code, address, when it is open, whom to call. Not the rest of the page."""
    await enrolled(chromium, signaling)
    await chromium("device", signaling.now)
    tab = tab_of(chromium)
    await chromium("showLinks", signaling.now)
    await tab.click("#link-make")
    await tab.wait_for_selector("svg.qr", timeout=WITHIN_MS)
    assert await tab.locator(".sheet").is_hidden()

    await tab.emulate_media(media="print")

    shown = await tab.evaluate("document.body.innerText")
    url = await tab.input_value("#link")
    assert await tab.locator(".sheet svg.qr").is_visible()
    assert url in shown.replace("\n", "")
    assert all(number in shown for number in ("15", "112", "114"))
    assert not await tab.locator("#link-copy").is_visible()
    assert CARD.name not in shown


async def test_the_screens_fit_a_telephone_in_every_language(
    chromium: Device, signaling: Signaling
) -> None:
    """360 px without scrolling sideways, each field with its label, each code with its name."""
    tab = tab_of(chromium)
    for arrive in (chromium.asks, lambda: enrolled_by_now(chromium, signaling)):
        await arrive()
        for language in ("fr", "en", "ar"):
            assert await chromium("speak", language) == language
            await fits(tab)
    await chromium("device", signaling.now)
    await chromium("showLinks", signaling.now)
    await tab.click("#link-later")
    await fits(tab)


async def enrolled_by_now(device: Device, signaling: Signaling) -> str:
    """Have the request answered that is shown."""
    text: str = (await device("state"))["asked"]["request"]
    answer(signaling, text)
    await device("click", "look")
    await device.is_at("enrolled")
    return text


async def fits(tab: Page) -> None:
    assert await tab.evaluate("document.documentElement.scrollWidth") <= 360
    unnamed = await tab.evaluate(
        """() => [...document.querySelectorAll('input, select, textarea')]
          .filter((field) => field.labels.length === 0).map((field) => field.id)"""
    )
    assert unnamed == []
