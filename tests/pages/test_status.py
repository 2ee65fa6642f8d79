"""Staff see how the service stands, whatever happens to what they ask, and nobody else does."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from playwright.async_api import Request, expect

from tests.pages.checks import DESKTOP, runs_axe
from tests.pages.scene import scene
from tests.pages.staff import (
    SEED,
    answers_again,
    board,
    complaints,
    falls_silent,
    opened,
    status,
)
from tests.pages.test_keyboard import faults_of_a_round
from tests.pages.test_storage import KEPT, NOTHING
from tests.probe.town import two_days
from tests.unions import AUnion

ASKS_MS = 15_000
NUMBER = re.compile(r"\d[\d\u202f\u00a0]*")
AROUND = re.compile(
    r"\d+ h( \d\d)?|\d+(er)? janvier|\d+ à \d+ min|(moins|plus) de \d+ min|ε = [\d/]+"
    r"|entre \d+ % et \d+ %.*?\d+ fois sur 100|jusqu’à \d+ %|\d+ fois sur 100".replace(" ", r"\s")
)
"""Hours, days, names of bins, and how sure a range is."""
RANGE = re.compile(r"entre ([\d\u202f\u00a0]+) et ([\d\u202f\u00a0]+)")


async def test_what_fails_is_told_in_words_in_both_languages(tmp_path: Path) -> None:
    """The card, the sentence above and the incident say which path, where, since when and why."""
    async with scene(tmp_path, DESKTOP) as place, status() as server:
        page = await board(place, server)

        card = page.locator("[data-path=tls][data-node='2']")
        incident = page.locator(".incident").first
        await expect(page.locator(".sentence")).to_have_text("1 chemin sur 8 n’aboutit pas")
        await expect(card.locator(".is")).to_have_text("N’aboutit pas")
        await expect(card.locator(".why")).to_contain_text("recherche du chemin")
        await expect(incident).to_contain_text(
            "Le chemin TLS par le nœud 2 n’aboutit pas depuis 15 h 53, à l’étape « recherche du "
            "chemin » : délai dépassé."
        )
        await page.select_option("#language", "en")
        await page.wait_for_selector("html[lang=en]")
        await expect(page.locator(".sentence")).to_have_text("1 path of 8 does not work")
        await expect(incident).to_contain_text(
            "The TLS path through node 2 has not worked since 15:53"
        )
        assert [] == await runs_axe(page)
        assert [] == complaints(place)


async def test_no_figure_of_use_is_told_more_exactly_than_it_is_known(tmp_path: Path) -> None:
    """What is told of people is a range as wide as the noise, or "fewer than"; nothing else."""
    async with scene(tmp_path) as place, status() as server:
        page = await board(place, server)

        for figure in server.told["usage"]["figures"]:
            shown = page.locator(f"[data-figure={figure['figure']}] td")
            texts = [one.replace("incomplet", "") for one in await shown.all_text_contents()]
            whole = 2 * figure["uncertainty"]
            below = f"{figure['threshold'] - 1 + figure['uncertainty']} ou moins"
            assert texts
            for text in texts:
                told = RANGE.match(text)
                assert told or text.startswith(below), text
                low, high = (
                    (int(re.sub(r"\D", "", one)) for one in told.groups()) if told else (0, 0)
                )
                assert not told or whole == high - low or (0 == low and high <= whole), text


async def test_every_number_of_two_days_is_one_that_was_released(tmp_path: Path) -> None:
    """After real people and real counters: what the page says of use is the ranges of what the
    nodes released, their days and hours, and the table's constants. No true count is among it."""
    town, now = await two_days()
    told = json.loads(town.told(now))
    async with scene(tmp_path) as place, status(told=told) as server:
        page = await board(place, server)
        for summary in await page.locator("[aria-labelledby=usage] summary").all():
            await summary.click()

        for figure in told["usage"]["figures"]:
            card = page.locator(f"[data-figure={figure['figure']}]")
            text = AROUND.sub(" ", await card.inner_text())
            values = {value for bin_ in figure["bins"] for value in bin_["values"]}
            told_of = {end for value in values for end in ends(figure, value)}
            constants = {figure["threshold"], figure["uncertainty"]}
            read = {int(re.sub(r"\D", "", one)) for one in NUMBER.findall(text)}

            assert read <= told_of | constants, text
            assert read & told_of
        numbers = page.locator("main :is([aria-labelledby=doctors], [aria-labelledby=usage] > p)")
        others = AROUND.sub(" ", " ".join(await numbers.all_inner_texts()))
        assert set() == set(NUMBER.findall(others)) - {"1", "95", "100"}


def ends(figure: Mapping[str, Any], value: int) -> tuple[int, ...]:
    """Where the range begins and ends in which a released value says the true one is."""
    if value == 0:
        return (figure["threshold"] - 1 + figure["uncertainty"],)
    return max(0, value - figure["uncertainty"]), value + figure["uncertainty"]


async def test_the_page_refreshes_by_itself_and_leaves_the_focus(tmp_path: Path) -> None:
    """Every fifteen seconds, unless it is told to pause; what is open stays open."""
    async with scene(tmp_path) as place, status() as server:
        page = await board(place, server)
        summary = page.locator("[data-path=tcp][data-node='1'] > details > summary")
        await summary.click()
        server.told["paths"][0]["state"] = "down"
        server.moves(15)

        await page.clock.fast_forward(ASKS_MS)

        await expect(page.locator(".sentence")).to_have_text("2 chemins sur 8 n’aboutissent pas")
        await expect(summary).to_be_focused()
        await expect(page.locator("[data-path=tcp][data-node='1'] > details")).to_have_attribute(
            "open", ""
        )
        await page.click("#pause")
        asked: list[Request] = []
        page.on("request", lambda one: asked.append(one))
        await page.clock.fast_forward(4 * ASKS_MS)
        await page.evaluate("() => fetch('/status/challenge')")
        assert [f"{server.origin}/status/challenge"] == [one.url for one in asked]
        async with page.expect_request("**/status/state"):
            await page.click("#pause")


async def test_what_is_old_stays_and_says_so(tmp_path: Path) -> None:
    """Without an answer, and with one that never changes; the next good one ends it."""
    async with scene(tmp_path) as place, status() as server:
        page = await board(place, server)
        await falls_silent(page)

        await page.clock.fast_forward(ASKS_MS)

        await expect(page.locator("#trouble")).to_contain_text("ne répond pas")
        await expect(page.locator(".path")).to_have_count(8)
        await answers_again(page)
        await page.clock.fast_forward(200_000)
        await expect(page.locator("#trouble")).to_contain_text("ne changent plus")
        server.moves(200)
        await page.clock.fast_forward(ASKS_MS)
        await expect(page.locator("#trouble")).to_have_count(0)
        assert [] == complaints(place)


async def test_staff_enter_by_what_their_union_signed_and_nothing_is_left(tmp_path: Path) -> None:
    """The pass is in memory alone: in no store, cookie, address or referrer. Leaving ends it."""
    async with scene(tmp_path) as place, status(is_public=False) as server:
        keys, asked = server.enrols(), []  # type: tuple[str, list[Request]]
        page = await place.tab(timezone_id="Europe/Paris")
        page.on("request", lambda one: asked.append(one))
        await page.clock.install(time=server.told["at"])
        await page.goto(f"{server.origin}/status{keys}")

        await page.wait_for_selector("main[data-state=board]")
        await page.wait_for_load_state("networkidle")

        kept = await page.evaluate(KEPT)
        assert NOTHING | {"fragment": keys} == kept
        assert [] == await page.context.cookies()
        assert {server.origin} == {"/".join(one.url.split("/")[:3]) for one in asked}
        for request in asked:
            sent = await request.all_headers()
            assert not sent.get("referer") and "cookie" not in sent
            assert SEED.decode().strip() not in (request.post_data or "")
        shown = [one for one in asked if "authorization" in one.headers]
        assert shown and all(one.url.endswith("/status/state") for one in shown)
        await page.click("#leave")
        await page.wait_for_selector("main[data-state=left]")
        pass_ = shown[-1].headers["authorization"]
        answer = await page.request.get(
            f"{server.origin}/status/state", headers={"authorization": pass_}
        )
        assert 401 == answer.status
        assert [] == complaints(place)


async def test_a_device_is_enrolled_here_and_enters(tmp_path: Path) -> None:
    """By the screens that doctors have: a request, the union's answer, and the board."""
    async with scene(tmp_path) as place, status(is_public=False) as server:
        page = await opened(place, server)
        await page.click("#enrol")
        request = await page.locator("#request").input_value()
        await page.wait_for_selector("#look:enabled")  # it has looked by itself, and found nothing
        server.vouches(request)
        await page.click("#look")
        await page.click("#enrolled-go")

        await page.wait_for_selector("main[data-state=board]")

        assert "" == await page.evaluate("location.hash + location.search")
        assert [] == complaints(place)


async def test_who_may_not_see_it_is_told_why(tmp_path: Path) -> None:
    """A link that was cut, a doctor, and whoever's union is trusted no more while he looks."""
    async with scene(tmp_path) as place, status(is_public=False) as server:
        keys = server.enrols("doctor")
        for fragment, why in ((keys[:-1], "no-key"), (keys, "other-union")):
            page = await opened(place, server, fragment)
            await page.wait_for_selector(f"main[data-state=refused][data-why={why}]")
        server.enrols()
        page = await board(place, server, keys)

        server.turns_to(AUnion(9))
        await page.clock.fast_forward(ASKS_MS)

        await page.wait_for_selector("main[data-state=refused]")
        assert "Fréquentation" not in await page.inner_text("main")
        assert "Vos clés sont gardées" in await page.inner_text("main [role=alert]")


async def test_the_board_is_walked_by_keys_alone(tmp_path: Path) -> None:
    """Each control in its order, in sight and with a mark."""
    async with scene(tmp_path, DESKTOP) as place, status() as server:
        page = await board(place, server)
        await page.focus("[data-path=udp][data-node='1'] > details > summary")
        await page.keyboard.press("Enter")
        await page.wait_for_selector(".path .chart canvas")
        await page.evaluate("document.activeElement.blur()")

        assert [] == await faults_of_a_round(page)
