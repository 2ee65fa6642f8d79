"""The screens of the status page, and how a real page is brought to each; `screens.py` lists them.

They need a service of their own kind beside the scene's: the server of the page.
"""

from collections.abc import AsyncGenerator

from playwright.async_api import Page

from tests.pages.scene import Scene
from tests.pages.staff import (
    board,
    complaints,
    falls_silent,
    opened,
    refuses,
    speaks_nonsense,
    status,
)

Stands = AsyncGenerator[tuple[str, Page], None]
ASKS_S = 15
REFUSED = ("expired", "revoked", "not-admitted")


async def staff_who_watch(scene: Scene) -> Stands:
    """How the service stands: with a path that fails, in detail, well, and from yesterday."""
    async with status() as server:
        page = await board(scene, server)
        yield "status-board", page
        await page.click("[data-path=tls][data-node='2'] > details > summary")
        await page.wait_for_selector(".path .chart canvas")
        yield "status-details", page
        await falls_silent(page)
        await page.clock.fast_forward(ASKS_S * 1000)
        await page.wait_for_selector("main[data-trouble=away]")
        yield "status-old", page
        server.told["paths"] = [
            {**one, "state": "up", "failed": None}
            for one in server.told["paths"]
            if one["node"] == "1"
        ]
        server.told.update(incidents=[], nodes=server.told["nodes"][:1])
        server.told["usage"]["figures"] = [
            {
                **one,
                "bins": [{**bin_, "t": [], "values": [], "partial": []} for bin_ in one["bins"]],
            }
            for one in server.told["usage"]["figures"]
        ]
        server.moves(ASKS_S)
        page = await opened(scene, server)
        await page.wait_for_selector("main[data-state=board]")
        yield "status-young", page
    scene.complaints[:] = complaints(scene)


async def staff_who_enter(scene: Scene) -> Stands:
    """Before the board: nobody answers, a device is enrolled, and each refusal."""
    async with status(is_public=False) as server:
        page = await scene.tab()
        await falls_silent(page)
        await page.goto(f"{server.origin}/status")
        await page.wait_for_selector("main[data-state=unanswered]")
        yield "status-away", page
        page = await scene.tab()
        await speaks_nonsense(page)
        await page.goto(f"{server.origin}/status")
        await page.wait_for_selector("main[data-why=unreadable]")
        yield "status-unreadable", page
        page = await opened(scene, server)
        await page.wait_for_selector("#enrol")
        yield "status-device-none", page
        keys = server.enrols()
        for code in REFUSED:
            page = await scene.tab()
            await refuses(page, code)
            await page.clock.install(time=server.told["at"])
            await page.goto(f"{server.origin}/status{keys}")
            await page.wait_for_selector("main[data-state=refused]")
            yield f"status-refused-{code}", page
        page = await board(scene, server, keys)
        await page.click("#leave")
        await page.wait_for_selector("main[data-state=left]")
        yield "status-left", page
    scene.complaints[:] = complaints(scene)
