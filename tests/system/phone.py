"""A tab of Chromium that can be hidden and stopped, as the browser of a phone does.

Playwright keeps its own tabs visible whatever happens. This one is in the browser's default
context, which it leaves alone, and is spoken to by the DevTools protocol (`Page`, `Runtime`,
`Target`; https://chromedevtools.github.io/devtools-protocol/).
"""

import asyncio
import json
from itertools import count
from typing import Any, Self

from playwright.async_api import Browser, CDPSession

from tests.system.ends import WITHIN_S, until


class Phone:
    """One tab, with the verbs of `ends.Tab`, and two of a phone: it lies aside, and is taken up."""

    def __init__(self, browser: CDPSession, target: str, session: str) -> None:
        self._browser = browser
        self._target = target
        self._session = session
        self._numbers = count(1)
        self._asked: dict[int, asyncio.Future[dict[str, Any]]] = {}
        browser.on("Target.receivedMessageFromTarget", self._hears)

    @classmethod
    async def of(cls, browser: Browser, first: str = "") -> Self:
        """Open a tab that runs a script before each page's own."""
        session = await browser.new_browser_cdp_session()
        made = await session.send("Target.createTarget", {"url": "about:blank"})
        target = made["targetId"]
        held = await session.send("Target.attachToTarget", {"targetId": target})
        phone = cls(session, target, held["sessionId"])
        await phone.sends("Page.enable")
        # The default context speaks the machine's language; the pages follow it.
        french = "Object.defineProperty(navigator, 'languages', { get: () => ['fr-FR'] });"
        await phone.sends("Page.addScriptToEvaluateOnNewDocument", source=french + first)
        return phone

    async def sends(self, method: str, **params: object) -> dict[str, Any]:
        """Say one thing to the tab, and return its answer."""
        number = next(self._numbers)
        answer = self._asked[number] = asyncio.get_running_loop().create_future()
        message = json.dumps({"id": number, "method": method, "params": params})
        await self._browser.send(
            "Target.sendMessageToTarget", {"sessionId": self._session, "message": message}
        )
        return await asyncio.wait_for(answer, WITHIN_S)

    def _hears(self, event: dict[str, Any]) -> None:
        message = json.loads(event["message"])
        answer = self._asked.pop(message.get("id", 0), None)
        if answer is not None and not answer.done():
            answer.set_result(message.get("result", {}))

    # As Playwright's page has it

    async def goto(self, url: str) -> None:
        await self.sends("Page.navigate", url=url)

    async def evaluate(self, expression: str) -> Any:
        called = f"({expression})()" if "=>" in expression else expression
        answer = await self.sends(
            "Runtime.evaluate",
            expression=called,
            awaitPromise=True,
            returnByValue=True,
            userGesture=True,
        )
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    async def wait_for_selector(self, selector: str, *, timeout: float) -> None:  # noqa: ASYNC109
        wanted = json.dumps(selector)

        async def is_there() -> bool:
            return bool(await self.evaluate(f"document.querySelector({wanted}) !== null"))

        await until(is_there, f"{selector} is not there", timeout / 1000)

    async def click(self, selector: str, *, timeout: float) -> None:  # noqa: ASYNC109
        await self.wait_for_selector(f"{selector}:enabled", timeout=timeout)
        await self.evaluate(f"document.querySelector({json.dumps(selector)}).click()")

    # As a pocket has it

    async def lies_aside(self, *, is_stopped: bool) -> None:
        """Be hidden; and stopped altogether, as the system does with what it needs no more."""
        await self.sends("Emulation.setFocusEmulationEnabled", enabled=False)
        await self.sends("Page.setWebLifecycleState", state="frozen")
        if not is_stopped:
            await self.sends("Page.setWebLifecycleState", state="active")

    async def is_taken_up(self) -> None:
        """Go on, and be seen."""
        await self.sends("Page.setWebLifecycleState", state="active")
        await self.sends("Emulation.setFocusEmulationEnabled", enabled=True)
