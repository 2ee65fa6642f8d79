"""A browser's own passkeys: what Chromium makes, the headless peer and the page both check."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.async_api import CDPSession, Page, async_playwright

from clients.peer.passkeys import Assertion, Passkey, check
from signaling.encoding import decode, encode
from tests.clients.seal_cast import DAY_S, NOW, code_of, key, public
from tests.clients.test_sealed_browser import CALL, Sealer, built, served
from tests.system.ends import CHROMIUM, FLAGS

__all__ = ["built"]

DEVICE = public(key("doctor"))
NAMES: dict[int, Literal["ES256", "EdDSA"]] = {1: "ES256", 2: "EdDSA"}
# As the page asks, but content with nobody verified.
CARELESS = """async ([id, challenge]) => {
    const bytes = (text) => Uint8Array.fromBase64(text, { alphabet: "base64url" });
    const { response } = await navigator.credentials.get({ publicKey: {
        challenge: bytes(challenge), rpId: location.hostname, userVerification: "discouraged",
        allowCredentials: [{ type: "public-key", id: bytes(id) }],
    } });
    const text = (part) => new Uint8Array(part).toBase64(
        { alphabet: "base64url", omitPadding: true });
    return { data: text(response.authenticatorData), client: text(response.clientDataJSON),
        signature: text(response.signature) };
}"""


class Device:
    """A tab with a platform authenticator that its owner touches at once."""

    def __init__(self, tab: Page, cdp: CDPSession) -> None:
        self.tab, self._cdp, self._id = tab, cdp, ""
        self.page = Sealer(lambda text: tab.evaluate(CALL, text))

    async def attach(self, is_verified: bool = True) -> None:
        options = {
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": is_verified,
            "automaticPresenceSimulation": True,
        }
        made = await self._cdp.send("WebAuthn.addVirtualAuthenticator", {"options": options})
        self._id = made["authenticatorId"]

    async def detach(self) -> None:
        await self._cdp.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": self._id})

    async def verifies(self, is_verified: bool) -> None:
        words = {"authenticatorId": self._id, "isUserVerified": is_verified}
        await self._cdp.send("WebAuthn.setUserVerified", words)


@asynccontextmanager
async def device(url: str) -> AsyncIterator[Device]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS])
        try:
            tab = await browser.new_page()
            cdp = await tab.context.new_cdp_session(tab)
            await cdp.send("WebAuthn.enable")
            await tab.goto(url)
            yield Device(tab, cdp)
        finally:
            await browser.close()


def assertion(said: dict[str, str]) -> Assertion:
    return Assertion(**{name: decode(part) for name, part in said.items()})


async def codes(
    page: Sealer,
    made: dict[str, Any],
    gesture: dict[str, str],
    origin: str,
    now: float = NOW,
    device_key: bytes = DEVICE,
) -> tuple[str | None, str | None]:
    """How the headless peer and the page judge a gesture."""
    passkey = Passkey(NAMES[made["alg"]], decode(made["key"]))
    return (
        code_of(check, assertion(gesture), passkey, device_key, origin, now),
        await page.code("checkPasskey", gesture, encode(device_key), origin, now),
    )


GOOD, BAD = (None, None), ("passkey", "passkey")


@pytest.mark.parametrize("alg", NAMES, ids=NAMES.get)
async def test_both_ends_take_a_browsers_own_gesture(alg: int, built: Path) -> None:
    """Made, asserted, and checked; for another day, device or origin by neither."""
    async with served(built) as url, device(url) as owner:
        origin, page = url.removesuffix("/"), owner.page
        await owner.attach()
        assert await page("isOffered")
        made = await page("createPasskey", alg)
        assert (alg, {1: 64, 2: 32}[alg]) == (made["alg"], len(decode(made["key"])))
        gesture = await page("assertPasskey", encode(DEVICE), NOW)

        assert GOOD == await codes(page, made, gesture, origin)
        assert GOOD == await codes(page, made, gesture, origin, NOW + DAY_S)
        assert BAD == await codes(page, made, gesture, origin, NOW + 2 * DAY_S)
        assert BAD == await codes(page, made, gesture, origin, NOW - DAY_S)
        assert BAD == await codes(page, made, gesture, "https://exemple.fr")
        assert BAD == await codes(page, made, gesture, origin, NOW, public(key("another")))


async def test_a_gesture_on_other_pages_is_none(built: Path) -> None:
    """The same machine, another origin: the browser signs which one it was."""
    async with served(built) as url, served(built) as elsewhere, device(elsewhere) as owner:
        await owner.attach()
        made = await owner.page("createPasskey", 1)
        gesture = await owner.page("assertPasskey", encode(DEVICE), NOW)

        ours, theirs = url.removesuffix("/"), elsewhere.removesuffix("/")
        assert BAD == await codes(owner.page, made, gesture, ours)
        assert GOOD == await codes(owner.page, made, gesture, theirs)


async def test_nobody_verified_makes_no_gesture(built: Path) -> None:
    """The page insists on it; what a careless page got is refused by both ends."""
    async with served(built) as url, device(url) as owner:
        await owner.attach()
        made = await owner.page("createPasskey", 1)
        gesture = await owner.page("assertPasskey", encode(DEVICE), NOW)
        challenge = json.loads(decode(gesture["client"]))["challenge"]
        await owner.verifies(False)

        assert "dismissed" == await owner.page.code("assertPasskey", encode(DEVICE), NOW)
        careless = await owner.tab.evaluate(CARELESS, [made["id"], challenge])
        assert BAD == await codes(owner.page, made, careless, url.removesuffix("/"))
        await owner.verifies(True)
        careful = await owner.tab.evaluate(CARELESS, [made["id"], challenge])
        assert (await codes(owner.page, made, gesture, url.removesuffix("/"))) == GOOD
        # But for a key that Chromium adds now and then, so that nobody compares with a template.
        asked, anew = (json.loads(decode(one["client"])) for one in (careless, careful))
        assert all(anew[name] == asked[name] for name in ("type", "challenge", "origin"))


async def test_a_gesture_of_another_passkey_is_told_at_once(built: Path) -> None:
    """The doctor hears it before a patient would refuse it."""
    async with served(built) as url, device(url) as owner:
        await owner.attach()
        first, second = [await owner.page("createPasskey", 1) for _ in range(2)]

        await owner.page("usePasskey", {**first, "key": second["key"]})
        assert "gone" == await owner.page.code("assertPasskey", encode(DEVICE), NOW)
        await owner.page("usePasskey", first)
        assert await owner.page.code("assertPasskey", encode(DEVICE), NOW) is None


async def test_where_there_is_none_the_page_is_told_so(built: Path) -> None:
    """No authenticator, one that was taken away, and an address in numbers."""
    async with served(built) as url, device(url) as owner:
        assert not await owner.page("isOffered")
        await owner.attach()
        await owner.page("createPasskey", 1)
        await owner.detach()
        await owner.attach()
        assert "dismissed" == await owner.page.code("assertPasskey", encode(DEVICE), NOW)

        await owner.tab.goto(url.replace("localhost", "127.0.0.1"))
        assert not await owner.page("isOffered")
        assert "unavailable" == await owner.page.code("createPasskey", 1)
